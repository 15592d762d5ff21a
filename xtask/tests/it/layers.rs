//! Who may use whom: the crates of the workspace, and the modules of a crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use syn::visit::Visit;
use toml_edit::{DocumentMut, Item};

/// The crates that a crate may build upon, each with the section of its manifest; tests may use any.
const ARROWS: &[(&str, &str, &[&str])] = &[
    ("conversations-document", "dependencies", &[]),
    ("conversations-diff", "dependencies", &["conversations-document"]),
    ("conversations-codegen", "dependencies", &["conversations-document"]),
    ("conversations-runtime", "dependencies", &[]),
    ("conversations-sandbox", "dependencies", &["conversations-runtime", "conversations-document"]),
    ("conversations", "dependencies", &["conversations-runtime", "conversations-sandbox"]),
    ("conversations", "build-dependencies", &["conversations-codegen", "conversations-document"]),
    ("conversations-examples", "dependencies", &["conversations"]),
    ("axum-bot", "dependencies", &["conversations"]),
    ("generated-clients", "dependencies", &["conversations-runtime"]),
    ("generated-clients", "build-dependencies", &["conversations-codegen"]),
    (
        "xtask",
        "dependencies",
        &[
            "conversations-codegen",
            "conversations-diff",
            "conversations-document",
            "conversations-sandbox",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn toml(path: &Path) -> DocumentMut {
    let text = fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    text.parse().unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

/// Every package of the workspace: its name, its folder and its manifest.
fn packages() -> Vec<(String, PathBuf, DocumentMut)> {
    let root = root();
    let workspace = toml(&root.join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let members = members.iter().map(|it| root.join(it.as_str().unwrap()));
    let folders = [root.clone()].into_iter().chain(members);
    folders
        .map(|folder| {
            let manifest = toml(&folder.join("Cargo.toml"));
            (manifest["package"]["name"].as_str().unwrap().to_owned(), folder, manifest)
        })
        .collect()
}

/// The packages that a manifest names in the sections called `section`, those for one platform included.
fn named(manifest: &DocumentMut, section: &str) -> BTreeSet<String> {
    let keys = |it: &Item| -> Vec<String> {
        let table = it.as_table_like();
        table.map(|it| it.iter().map(|(key, _)| key.to_owned()).collect()).unwrap_or_default()
    };
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(|it| it.iter()).filter_map(|it| it.1.get(section));
    manifest.get(section).into_iter().chain(targets).flat_map(keys).collect()
}

/// The arrows that packages draw against the table.
fn forbidden(packages: &[(String, BTreeMap<&str, BTreeSet<String>>)]) -> Vec<String> {
    let own: BTreeSet<&str> = packages.iter().map(|it| it.0.as_str()).collect();
    let mut found = Vec::new();
    for (name, sections) in packages {
        for (section, used) in sections {
            let row = ARROWS.iter().find(|it| it.0 == name && it.1 == *section);
            let allowed = row.map(|it| it.2).unwrap_or_default();
            let wrong = used
                .iter()
                .filter(|it| own.contains(it.as_str()) && !allowed.contains(&it.as_str()));
            found.extend(wrong.map(|it| format!("{name} names {it} under [{section}]")));
        }
        if !ARROWS.iter().any(|it| it.0 == name) {
            found.push(format!("{name} has no row in the table of layers"));
        }
    }
    found
}

#[test]
fn crates_use_only_what_stands_below_them() {
    let packages: Vec<_> = packages()
        .into_iter()
        .map(|(name, _, manifest)| {
            let sections = ["dependencies", "build-dependencies"];
            (name, sections.into_iter().map(|it| (it, named(&manifest, it))).collect())
        })
        .collect();
    let found = forbidden(&packages);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // The table refuses what it should.
    for (name, used) in [
        ("conversations-document", "conversations-codegen"),
        ("conversations-diff", "conversations-codegen"),
        ("conversations-diff", "xtask"),
        ("conversations", "conversations-codegen"),
        ("conversations-codegen", "conversations-diff"),
    ] {
        let mut packages = packages.clone();
        let package = packages.iter_mut().find(|it| it.0 == name).unwrap();
        package.1.entry("dependencies").or_default().insert(used.to_owned());
        assert_eq!(forbidden(&packages), [format!("{name} names {used} under [dependencies]")]);
    }
}

/// What `cargo deny` checks is the same, tests included.
#[test]
fn cargo_deny_knows_the_layers() {
    let deny = toml(&root().join("deny.toml"));
    let packages = packages();
    let mut found = Vec::new();
    for (name, _, _) in packages.iter().filter(|it| it.0 != "xtask" && it.0 != "conversations") {
        let users: BTreeSet<&str> = packages
            .iter()
            .filter(|(_, _, manifest)| {
                let all = ["dependencies", "build-dependencies", "dev-dependencies"];
                all.iter().any(|it| named(manifest, it).contains(name))
            })
            .map(|it| it.0.as_str())
            .collect();
        let rules = deny["bans"]["deny"].as_array().unwrap().iter();
        let mut rules = rules.filter_map(|it| it.as_inline_table());
        let rule = rules.find(|it| it.get("crate").and_then(|it| it.as_str()) == Some(name));
        let wrappers = rule.and_then(|it| it.get("wrappers")).and_then(|it| it.as_array());
        let wrappers: BTreeSet<&str> =
            wrappers.into_iter().flatten().filter_map(|it| it.as_str()).collect();
        if wrappers != users {
            found.push(format!("{name}: deny.toml says {wrappers:?}, the manifests {users:?}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A module by the names that lead to it from the crate's root.
type Module = Vec<String>;

/// The modules of a crate, and the paths that each mentions.
#[derive(Default)]
struct Modules {
    /// What a name stands for in a module, where it was imported.
    imports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
    /// The paths as they are written.
    mentions: BTreeMap<Module, Vec<Vec<String>>>,
}

impl Modules {
    /// Reads a source file and those of the modules that it declares; what is compiled for tests alone may
    /// look at everything.
    fn read(folder: &Path, entry: &str) -> Self {
        let mut all = Self::default();
        all.file(&folder.join(entry), folder, Vec::new());
        all
    }

    fn file(&mut self, path: &Path, below: &Path, module: Module) {
        let text = fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        self.items(&file.items, below, module);
    }

    fn items(&mut self, items: &[syn::Item], below: &Path, module: Module) {
        self.imports.entry(module.clone()).or_default();
        let mut reader = Reader { paths: Vec::new(), imports: BTreeMap::new() };
        for item in items {
            match item {
                syn::Item::Mod(it) if is_test(&it.attrs) => {}
                syn::Item::Mod(it) => {
                    let name = it.ident.to_string();
                    let (below, module) =
                        (below.join(&name), [&module[..], std::slice::from_ref(&name)].concat());
                    match &it.content {
                        Some((_, items)) => self.items(items, &below, module),
                        None => {
                            let beside = below.with_extension("rs");
                            let inside = below.join("mod.rs");
                            let path = if beside.is_file() { beside } else { inside };
                            self.file(&path, &below, module);
                        }
                    }
                }
                item => reader.visit_item(item),
            }
        }
        self.imports.insert(module.clone(), reader.imports);
        self.mentions.insert(module, reader.paths);
    }

    /// The module in which the thing that `path` names in `module` is defined; `None` outside of the crate.
    fn resolve(&self, module: &[String], path: &[String], fuel: u8) -> Option<Module> {
        let fuel = fuel.checked_sub(1)?;
        let (mut at, mut rest) = match path[0].as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (module.to_vec(), &path[1..]),
            "super" => (module[..module.len().checked_sub(1)?].to_vec(), &path[1..]),
            _ => (module.to_vec(), path),
        };
        let relative = rest.len() == path.len();
        while let Some((name, others)) = rest.split_first() {
            let below = [&at[..], std::slice::from_ref(name)].concat();
            if name == "super" {
                at.pop()?;
            } else if self.imports.contains_key(&below) {
                at = below;
            } else if let Some(import) = self.imports[&at].get(name)
                && import[..] != path[..]
            {
                return self.resolve(&at, &[&import[..], others].concat(), fuel);
            } else {
                break;
            }
            rest = others;
        }
        (!relative || rest.len() < path.len()).then_some(at)
    }

    /// Sibling modules that use each other in a circle, each circle as the modules in it.
    fn circles(&self) -> Vec<String> {
        let mut uses: BTreeMap<(Module, String), BTreeSet<String>> = BTreeMap::new();
        for (module, paths) in &self.mentions {
            for used in paths.iter().filter_map(|it| self.resolve(module, it, 32)) {
                let shared = module.iter().zip(&used).take_while(|(a, b)| a == b).count();
                // A module may use what is above and below it.
                if let (Some(from), Some(to)) = (module.get(shared), used.get(shared)) {
                    let parent = (module[..shared].to_vec(), from.clone());
                    uses.entry(parent).or_default().insert(to.clone());
                }
            }
        }
        let mut found = BTreeSet::new();
        for (parent, start) in uses.keys() {
            // The shortest way from the module back to itself.
            let mut ways = vec![vec![start.clone()]];
            let mut seen = BTreeSet::new();
            let mut at = 0;
            while let Some(way) = ways.get(at).cloned() {
                at += 1;
                let last = (parent.clone(), way.last().unwrap().clone());
                for next in uses.get(&last).into_iter().flatten() {
                    if next == start {
                        let least = (0..way.len()).min_by_key(|it| &way[*it]).unwrap();
                        let turned = [&way[least..], &way[..=least]].concat();
                        found.insert(format!("{}: {}", parent.join("::"), turned.join(" -> ")));
                        ways.clear();
                        break;
                    }
                    if seen.insert(next.clone()) {
                        ways.push([&way[..], std::slice::from_ref(next)].concat());
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}

/// Collects the paths that a module mentions.
struct Reader {
    paths: Vec<Vec<String>>,
    imports: BTreeMap<String, Vec<String>>,
}

impl Reader {
    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(it) => self.tree(&with(&it.ident), &it.tree),
            syn::UseTree::Group(it) => it.items.iter().for_each(|it| self.tree(before, it)),
            syn::UseTree::Glob(_) => self.paths.push(before.to_vec()),
            syn::UseTree::Name(it) if it.ident == "self" => {
                self.import(before.last(), before.to_vec())
            }
            syn::UseTree::Name(it) => self.import(Some(&it.ident.to_string()), with(&it.ident)),
            syn::UseTree::Rename(it) => self.import(Some(&it.rename.to_string()), with(&it.ident)),
        }
    }

    fn import(&mut self, name: Option<&String>, path: Vec<String>) {
        self.paths.push(path.clone());
        if let Some(name) = name {
            self.imports.insert(name.clone(), path);
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if !is_test(&item.attrs) && item.leading_colon.is_none() {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, _: &'a syn::ItemMod) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(path.segments.iter().map(|it| it.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    // `pub(super)` is no use.
    fn visit_vis_restricted(&mut self, _: &'a syn::VisRestricted) {}
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| {
        let test = |it: &syn::MetaList| it.tokens.to_string() == "test";
        it.path().is_ident("cfg") && it.meta.require_list().is_ok_and(test)
    })
}

#[test]
fn modules_use_each_other_in_no_circle() {
    let mut found = Vec::new();
    // The library's modules stand side by side, and the bot and the examples are one file each.
    let of_one = ["conversations", "axum-bot", "conversations-examples"];
    for (name, folder, _) in packages().into_iter().filter(|it| !of_one.contains(&&*it.0)) {
        let modules = Modules::read(&folder.join("src"), "lib.rs");
        assert!(modules.mentions.len() > 1, "{name} has no modules");
        found.extend(modules.circles().into_iter().map(|it| format!("{name}: {it}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let circles = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Modules::read(folder.path(), "lib.rs").circles()
    };
    let two = "mod a; mod b;";
    /// The files of a crate, and the circles in it.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (&[("lib.rs", two), ("a.rs", "use crate::b::B;"), ("b.rs", "struct B;")], &[]),
        (
            &[
                ("lib.rs", two),
                ("a.rs", "use crate::b::B;"),
                ("b.rs", "use super::a::A; struct B;"),
            ],
            &[": a -> b -> a"],
        ),
        (
            &[("lib.rs", two), ("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { crate::a::f() }")],
            &[": a -> b -> a"],
        ),
        // By way of a name that the parent imports.
        (
            &[
                ("lib.rs", "mod a; mod b; use a::A;"),
                ("a.rs", "use crate::b::B; struct A;"),
                ("b.rs", "use super::A; struct B;"),
            ],
            &[": a -> b -> a"],
        ),
        (
            &[
                ("lib.rs", "mod a { pub mod x; pub mod y; } mod b;"),
                ("a/x.rs", "use super::y::{self, Y}; struct X;"),
                ("a/y.rs", "use crate::{a::x::X as Z, b::B}; struct Y;"),
                ("b.rs", "struct B;"),
            ],
            &["a: x -> y -> x"],
        ),
        // Parents and children may use each other, and tests everything.
        (
            &[
                ("lib.rs", "mod a; mod b; struct T;"),
                ("a/mod.rs", "mod x; use x::X; struct A;"),
                ("a/x.rs", "use super::A; use crate::T; struct X;"),
                ("b.rs", "use crate::a::A; #[cfg(test)] mod tests { use crate::a::A; }"),
            ],
            &[],
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(circles(files), *expected, "{files:?}");
    }
}
