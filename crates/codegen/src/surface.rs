//! What users see of a client, short enough to review.
//!
//! A surface is the public items of a client, each with its kind, its type, and the place in the document that it was
//! made of. Printed, it stands in snapshots, so that a reviewer of a new document reads a page and not ten thousand
//! generated lines; two of them compared say which public item a change of the document adds, removes or changes.

mod display;
mod of_plan;

pub use of_plan::surface;

use conversations_document::Pointer;
use std::collections::BTreeMap;

/// The public items of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The provider's name.
    pub provider: String,
    /// One entry per operation, by method name.
    pub operations: BTreeMap<String, OperationSurface>,
    /// Every public item by its path.
    pub items: BTreeMap<String, Item>,
    /// What `new` of a type takes, in order, by the type: the fields that a request must have.
    pub constructors: BTreeMap<String, Vec<(String, Type)>>,
}

/// A public item. [`Display`](std::fmt::Display) prints its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// What it was made of: its place in the document as it was normalised, by JSON Pointer. Empty where the document
    /// does not have it.
    pub place: Pointer,
    /// Of a structure: whether it can be made without saying anything, and is `Default`.
    pub is_default: bool,
    /// Of a field: whether a request must have it. Without it, a call fails before it is sent.
    pub is_demanded: bool,
}

/// What an item is, what it belongs to, and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A method of the client's builder: a credential, or a part of an address.
    Setting {
        /// Its name.
        name: String,
        /// What it takes, in words.
        takes: String,
    },
    /// A value of a variable in server addresses.
    ServerValue {
        /// The enum.
        owner: String,
        /// Its name.
        name: String,
        /// The value as it stands in the address.
        word: String,
    },
    /// A method of the client.
    Method {
        /// Its name.
        name: String,
        /// The builder that it makes.
        builder: String,
    },
    /// A setter of an operation's builder.
    Setter {
        /// The builder.
        builder: String,
        /// Its name.
        name: String,
        /// What it takes.
        argument: Argument,
    },
    /// A method that ends an operation's builder.
    Call {
        /// The builder.
        builder: String,
        /// Its name.
        name: String,
        /// What it returns.
        returns: Type,
    },
    /// The enum of an operation's answers by status.
    Answer {
        /// The operation's builder.
        builder: String,
    },
    /// One of these answers.
    AnswerCase {
        /// The operation's builder.
        builder: String,
        /// The variant.
        name: String,
        /// What it holds.
        ty: Type,
    },
    /// A constant for a code of the vendor's errors.
    ErrorCode {
        /// Its name.
        name: String,
        /// The code, as Rust writes it.
        code: String,
    },
    /// A header of answers.
    Header {
        /// Its name.
        name: String,
        /// Its type.
        ty: Type,
        /// Its name on the wire.
        wire: String,
    },
    /// A kind of event.
    Event {
        /// Its variant.
        name: String,
        /// What it holds.
        ty: Type,
        /// The word of the body that names it.
        word: String,
    },
    /// A function that reads events.
    Receiver {
        /// Its name.
        name: &'static str,
        /// What it takes, in words.
        takes: &'static str,
        /// What it returns.
        returns: Type,
    },
    /// A type.
    Type {
        /// Its name.
        name: String,
        /// Its form.
        form: Form,
    },
    /// A field of a structure.
    Field {
        /// The structure.
        owner: String,
        /// Its name.
        name: String,
        /// Its type.
        ty: Type,
        /// Its name on the wire, where that is another one.
        wire: Option<String>,
    },
    /// A variant of an enum.
    Word {
        /// The enum.
        owner: String,
        /// Its name.
        name: String,
        /// Its word on the wire.
        word: String,
    },
    /// A variant of a union.
    Alternative {
        /// The union.
        owner: String,
        /// Its name.
        name: String,
        /// What it holds.
        ty: Type,
    },
}

/// The form of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A structure.
    Struct,
    /// An enum of words, open.
    Enum,
    /// A union, open.
    Union,
}

/// The type of a value, as users write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A type of the client itself.
    Own(String),
    /// Any other, with what it is of.
    Of(String, Vec<Type>),
}

/// What a setter of a builder takes, whatever converts into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The type.
    pub ty: Type,
    /// Whether a call fails without it.
    pub required: bool,
    /// Where it travels.
    pub travels: Travels,
}

/// Where an argument travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Travels {
    /// In a parameter.
    In(&'static str),
    /// In the body, of this media type.
    Body(String),
}

impl Item {
    /// Whether programs that called `default()` no longer compile with the item as it is after.
    pub fn loses_default(&self, after: &Item) -> bool {
        self.is_default && !after.is_default
    }

    /// The steps of its path.
    fn steps(&self) -> Vec<String> {
        let steps = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
        match &self.kind {
            Kind::Setting { name, .. } => steps(&["ClientBuilder", name]),
            Kind::ServerValue { owner, name, .. } => steps(&["servers", owner, name]),
            Kind::Method { name, .. } => steps(&["Client", name]),
            Kind::Setter { builder, name, .. } | Kind::Call { builder, name, .. } => {
                steps(&["builder", builder, name])
            }
            Kind::Answer { builder } => vec![answer_enum(builder)],
            Kind::AnswerCase { builder, name, .. } => vec![answer_enum(builder), name.clone()],
            Kind::ErrorCode { name, .. } => steps(&["error_codes", name]),
            Kind::Header { name, .. } => steps(&["headers", name]),
            Kind::Event { name, .. } => steps(&["events", "Event", name]),
            Kind::Receiver { name, .. } => steps(&["events", name]),
            Kind::Type { name, .. } => steps(&["types", name]),
            Kind::Field { owner, name, .. }
            | Kind::Word { owner, name, .. }
            | Kind::Alternative { owner, name, .. } => steps(&["types", owner, name]),
        }
    }

    /// What it is in: a type, a builder or a module.
    pub fn owner(&self) -> String {
        let mut steps = self.steps();
        steps.pop();
        steps.pop().unwrap_or_default()
    }

    /// Its type, or what it takes or returns, where it has one.
    pub fn ty(&self) -> Option<&Type> {
        match &self.kind {
            Kind::Setter { argument, .. } => Some(&argument.ty),
            Kind::Call { returns: ty, .. }
            | Kind::AnswerCase { ty, .. }
            | Kind::Header { ty, .. }
            | Kind::Event { ty, .. }
            | Kind::Receiver { returns: ty, .. }
            | Kind::Field { ty, .. }
            | Kind::Alternative { ty, .. } => Some(ty),
            _ => None,
        }
    }

    /// The client's own types that it mentions.
    pub fn types(&self) -> Vec<&str> {
        self.ty().map(Type::own).unwrap_or_default()
    }
}

/// The path of a type's item.
pub fn type_path(name: &str) -> String {
    format!("types::{name}")
}

/// The name of the enum of an operation's answers.
fn answer_enum(builder: &str) -> String {
    format!("{builder}Answer")
}

impl Type {
    fn word(name: &str) -> Self {
        Self::Of(name.to_owned(), Vec::new())
    }

    fn of(name: &str, inner: Self) -> Self {
        Self::Of(name.to_owned(), vec![inner])
    }

    fn map(inner: Self) -> Self {
        Self::Of("BTreeMap".to_owned(), vec![Self::word("String"), inner])
    }

    fn option(inner: Self) -> Self {
        Self::of(OPTION, inner)
    }

    /// The client's own types in it, in order.
    pub fn own(&self) -> Vec<&str> {
        match self {
            Self::Own(name) => vec![name],
            Self::Of(_, inner) => inner.iter().flat_map(Self::own).collect(),
        }
    }

    /// How many `Option`s are in it.
    pub fn options(&self) -> usize {
        match self {
            Self::Own(_) => 0,
            Self::Of(name, inner) => {
                usize::from(name == OPTION) + inner.iter().map(Self::options).sum::<usize>()
            }
        }
    }

    /// The same with every `Option` replaced by what it may hold.
    pub fn without_options(&self) -> Self {
        match self {
            Self::Own(name) => Self::Own(name.clone()),
            Self::Of(name, inner) => match &inner[..] {
                [only] if name == OPTION => only.without_options(),
                _ => Self::Of(name.clone(), inner.iter().map(Self::without_options).collect()),
            },
        }
    }

    /// Whether it is a list or a map, or one that may be left out.
    pub fn is_collection(&self) -> bool {
        let lists = ["Vec", "Map", "BTreeMap"];
        matches!(self.without_options(), Self::Of(name, _) if lists.contains(&name.as_str()))
    }

    /// The same with other names for the client's own types.
    pub fn renamed(&self, to: &impl Fn(&str) -> Option<String>) -> Self {
        match self {
            Self::Own(name) => Self::Own(to(name).unwrap_or_else(|| name.clone())),
            Self::Of(name, inner) => {
                Self::Of(name.clone(), inner.iter().map(|it| it.renamed(to)).collect())
            }
        }
    }
}

const OPTION: &str = "Option";

/// An operation as a reviewer wants to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationSurface {
    /// The operationId.
    pub id: String,
    /// The HTTP method in capitals.
    pub verb: String,
    /// The path template.
    pub path: String,
    /// The name in the vendor's SDK.
    pub sdk_name: Option<String>,
    /// The setters with what they take, required ones first as they stand in the document.
    pub setters: Vec<(String, Argument)>,
    /// What `send` answers.
    pub answer: Type,
    /// Methods beside `send`, with what they return: `stream`, `follow`, `keep_alive`.
    pub more: Vec<(&'static str, Type)>,
    /// The declared behaviours that differ from what the HTTP method says.
    pub behaviours: Vec<String>,
}

impl Surface {
    fn add(&mut self, kind: Kind, place: Pointer) -> &mut Item {
        let item = Item { kind, place, is_default: false, is_demanded: false };
        let path = item.steps().join("::");
        // The last word on a path counts.
        self.items.remove(&path);
        self.items.entry(path).or_insert(item)
    }

    /// The types, by name.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.values().filter_map(|it| match &it.kind {
            Kind::Type { name, .. } => Some((name.as_str(), it)),
            _ => None,
        })
    }

    /// The Rust name of the type that each named schema of the document became, by the schema's name. A schema
    /// that is only another word for something else has none.
    pub fn schemas(&self) -> BTreeMap<String, &str> {
        let of_schema = |(name, item): (_, &Item)| match &item.place.tokens()[..] {
            [components, schemas, schema] if components == "components" && schemas == "schemas" => {
                Some((schema.clone(), name))
            }
            _ => None,
        };
        self.types().filter_map(of_schema).collect()
    }
}

/// What two surfaces differ in, by item.
#[derive(Debug, Clone, Default)]
pub struct SurfaceDiff<'s> {
    /// Items that only the second has.
    pub added: Vec<Difference<'s>>,
    /// Items that only the first has.
    pub removed: Vec<Difference<'s>>,
    /// Items that both have with different signatures.
    pub changed: Vec<Difference<'s>>,
}

/// An item of two surfaces that differs between them. [`Display`](std::fmt::Display) prints `item: before -> after`.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'s> {
    /// Its path.
    pub path: &'s str,
    /// The item before and after.
    pub items: [Option<&'s Item>; 2],
}

/// Compares two surfaces.
pub fn compare<'s>(base: &'s Surface, revision: &'s Surface) -> SurfaceDiff<'s> {
    let mut out = SurfaceDiff::default();
    for (path, before) in &base.items {
        let after = revision.items.get(path);
        let difference = Difference { path, items: [Some(before), after] };
        match after {
            None => out.removed.push(difference),
            Some(after) if after.kind != before.kind || before.loses_default(after) => {
                out.changed.push(difference);
            }
            Some(_) => {}
        }
    }
    for (path, after) in &revision.items {
        if !base.items.contains_key(path) {
            out.added.push(Difference { path, items: [None, Some(after)] });
        }
    }
    out
}
