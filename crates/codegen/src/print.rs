//! From Rust syntax to text. The only user of prettyplease.

use syn::{Item, ItemMod, parse_quote};

/// The text of a module's items. Each is printed as soon as it is made: all of them as syntax would be most of what
/// generation takes in memory.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    text: String,
    /// In how many modules the items stand.
    depth: usize,
}

impl Printed {
    /// A module's items that stand in one more module than these.
    pub(crate) fn inside(&self) -> Self {
        Self { text: String::new(), depth: self.depth + 1 }
    }

    /// Prints items behind those that are here.
    pub(crate) fn items(&mut self, items: impl IntoIterator<Item = Item>) {
        let mut items: Vec<Item> = items.into_iter().collect();
        if items.is_empty() {
            return;
        }
        // Modules around them indent them as they are indented in the end; each is a line before and one after.
        for _ in 0..self.depth {
            let mut around: ItemMod = parse_quote!(
                mod around {}
            );
            around.content = Some((Default::default(), items));
            items = vec![Item::Mod(around)];
        }
        let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
        let text = prettyplease::unparse(&file);
        let text = text.splitn(self.depth + 1, '\n').last().unwrap_or_default();
        self.text += text.rsplitn(self.depth + 2, '\n').last().unwrap_or_default();
        self.text.push('\n');
    }

    /// Prints a module that has these items.
    pub(crate) fn module(&mut self, module: ItemMod, items: &Self) {
        self.items([Item::Mod(ItemMod { content: Some(Default::default()), ..module })]);
        if !items.text.is_empty() && self.text.ends_with("}\n") {
            self.text.truncate(self.text.len() - "}\n".len());
            self.text += &format!("\n{}{}}}\n", items.text, "    ".repeat(self.depth));
        }
    }

    /// Puts the items of the same module behind these.
    pub(crate) fn append(&mut self, items: &Self) {
        self.text += &items.text;
    }
}

/// The source text of a file, ready to be included from a module.
pub fn print(items: &Printed, origin: &str) -> String {
    format!(
        "// Generated from {origin}. Do not edit: change the YAML beside it and build again.\n\n{}",
        items.text
    )
}

#[cfg(test)]
mod tests {
    use super::{Printed, print};
    use syn::{File, Item, parse_quote};

    /// Part by part, the text is what all of the syntax at once would be printed as.
    #[test]
    fn parts_are_printed_as_the_whole_is() {
        let whole: File = parse_quote! {
            /// One.
            pub struct One { pub text: &'static str }
            pub mod outer {
                /// Lines
                /// of text.
                pub fn two() -> &'static str { "a\nb" }
                mod inner {
                    impl One { fn long(argument: &'static str, other: &'static str, another: &'static str) {} }
                    const LAST: () = {};
                }
                mod empty {}
                use super::One;
            }
        };
        let mut parts = Printed::default();
        add(&mut parts, whole.items.clone());
        let expected = format!("\n\n{}", prettyplease::unparse(&whole));
        assert!(print(&parts, "a test").ends_with(&expected), "{}", parts.text);
    }

    fn add(out: &mut Printed, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Mod(mut module) => {
                    let mut inner = out.inside();
                    add(&mut inner, module.content.take().unwrap().1);
                    out.module(module, &inner);
                }
                item => out.items([item]),
            }
        }
    }
}
