//! Everything that can be wrong with an input: one table, a line for each code with its arguments and its sentence.

use crate::{origin::Origin, pointer::Pointer, suggest::quoted};
use std::fmt;

/// Defines [`Code`] from lines `Variant { argument: Type } "sentence with {argument}";`.
macro_rules! codes {
    ($($variant:ident $({ $($argument:ident: $type:ty),* })? $sentence:literal;)*) => {
        /// What is wrong, as data. [`Display`](fmt::Display) makes the sentence.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(
                #[doc = $sentence]
                $variant $({ $(#[doc = concat!("`", stringify!($argument), "` of the sentence.")] $argument: $type),* })?,
            )*
        }

        impl fmt::Display for Code {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Code::$variant $({ $($argument),* })? => write!(out, $sentence),)*
                }
            }
        }
    };
}

codes! {
    // What a library that reads a format or runs for the generator says, in its own words.
    Syntax { format: &'static str, error: String } "this is not {format}: {error}";
    Unreadable { format: &'static str, error: String } "this {format} cannot be read: {error}";
    BadValue { error: String } "{error}";
    BadQuery { query: String, error: String } "`{query}` is not an RFC 9535 JSONPath: {error}";
    BadGlob { glob: String, error: String } "`{glob}` of the selection is not a glob: {error}";
    Progenitor { error: String } "progenitor refused the normalised document: {error}";
    NotOpenApi { error: String } "the normalised document is not OpenAPI 3.0: {error}";
    NoThread { error: String } "no thread could be started: {error}";

    // Any file.
    TooLong { bytes: usize, most: usize } "the file has {bytes} bytes, more than {most}";
    TooDeep { most: usize } "the nesting is deeper than {most} levels here";
    TooMuch { nodes: usize, mebibytes: usize }
        "the file stands for more than {nodes} nodes or {mebibytes} MiB of text once its aliases are followed";
    NoFile "there is no such file";
    UnreadFile { error: String } "the file cannot be read: {error}";
    EmptyFile "the file is empty";
    NotAMapping { found: &'static str } "the file holds {found}, not a mapping";
    NothingHere "there is nothing here";
    UnknownAlias { alias: String } "`*{alias}` names no node above, or one that it is part of";
    SecondDocument "a second YAML document starts here, and only one is read";
    NotAKey "a list or mapping cannot be a key";
    NoKey "a key is missing here";
    MergeOfNoMapping "`<<` merges mappings, and this is not one";
    TwoReadings "two readers of YAML understand this differently";

    // Any form.
    Unknown { what: &'static str, name: String } "the {what} `{name}` is unknown here";
    Missing { key: String } "`{key}` is missing";
    Empty { key: String } "`{key}` is empty";
    Duplicate { key: String, first: u32 } "the key `{key}` occurs twice, first in line {first}";
    WrongKind { key: String, found: &'static str, wanted: &'static str } "`{key}` is {found}, not {wanted}";
    WrongNode { found: &'static str, wanted: &'static str } "{found} stands here, not a mapping ({wanted})";
    Zero "0 makes no sense here";
    Taken { name: String, by: &'static str } "`{name}` is taken by {by}";
    NotOneOf { keys: &'static str } "there must be exactly one of {keys}";
    NotTogether { keys: &'static str } "{keys} exclude each other";
    OnlyWith { key: &'static str, with: &'static str } "`{key}` goes with {with}";
    NotAPointer { text: String } "`{text}` is not a JSON Pointer";
    OtherName { name: String, folder: String } "the provider is called `{name}` and its folder `{folder}`";
    NotAName { name: String, case: &'static str } "`{name}` is not a Rust name in {case}";
    NotAStatus { status: u16, of: &'static str } "{status} is not an HTTP status of {of}";

    // Versions and references.
    NoVersion "this is not an OpenAPI document: it has neither `openapi` nor `swagger`";
    UnknownVersion { of: &'static str, version: String } "version {version} of {of} is unknown here";
    LeavingReference { reference: String, why: &'static str } "`$ref: {reference}` {why}, so it is not followed";
    DanglingReference { reference: String } "`$ref: {reference}` leads nowhere";
    UnreadReference { reference: String, why: String } "`$ref: {reference}` leads nowhere: {why}";
    CircularPart { kind: &'static str } "the {kind} refers to one that contains it, or through too many others";
    GrowingDocument { parts: &'static str }
        "the document grows beyond all bounds where its {parts}";

    // Overlays.
    NewerKey { key: &'static str, version: &'static str } "`{key}` came with version {version} of the specification";
    LongQuery { most: usize } "the query is longer than {most} bytes";
    MatchesNothing { query: String, file: String } "`{query}` matches nothing in {file}";
    SelectsValue { query: String, found: &'static str, pointer: Pointer } "`{query}` selects {found} at {pointer}";
    NotOneSource { query: String, found: usize, file: String }
        "`{query}` selects {found} nodes in {file}, and a copy has one source";
    MixedTargets { query: String, one: &'static str, at: Pointer, other: &'static str, other_at: Pointer }
        "`{query}` selects {one} at {at} and {other} at {other_at}, and one value cannot be merged into both";
    Clash { ours: &'static str, theirs: &'static str, pointer: Pointer, origin: Origin }
        "{ours} does not fit what is at {pointer} ({origin}): {theirs}";
    LargeAction { most: usize } "the action would bring more than {most} nodes into the document";
    LargeResult { most: usize } "the document would grow beyond {most} nodes";
    DeepResult { most: usize } "the document would be nested deeper than {most} levels";
    RemovedRoot "the document itself cannot be removed";
    OtherDocument { extends: String, file: String } "the overlay is written for `{extends}`, not for `{file}`";
    BareAction { target: String, lacks: &'static str } "the action on `{target}` has no {lacks}";
    MovedTargets { target: String } "`{target}` leaves out what is elsewhere now";

    // Paths and operations.
    NothingSelected "the selection matches no operation of this document";
    SelectsNothing { text: String, file: String } "`{text}` of the selection matches no operation of {file}";
    UnpairedBraces { path: String } "the braces in the path `{path}` do not pair or hold no name";
    SecondOperation { method: String, path: String }
        "this is a second `{method}` of the path `{path}`, and nothing in a request distinguishes it from the first";
    NotOpenApi3 "only documents of OpenAPI 3 can be laid together";
    DescribedTwice { name: String, of: String }
        "another document describes `{name}` of `{of}`, too, and not in the same way";
    TangledSchemas "the schemas refer to each other in so many ways that they cannot all be followed";

    // `provider.yaml`.
    NoServer "there is no server, so the client would have no default base URL";
    UndeclaredVariable { name: String } "nothing says what `{{{name}}}` of the address stands for";
    NotHttps "a server is reached by https, so that nobody on the way reads the key";
    NoSource "the source has neither an address nor a note that says why";
    CodesNowhere "nothing says where the codes are found, so no error would have one";
    UndeclaredCode { code: String } "no declared code is `{code}`";
    NoScheme { file: String, scheme: String } "{file} has no security scheme `{scheme}`";
    SchemeMismatch { scheme: String, origin: Origin } "the credential does not fit the scheme, `{scheme}` ({origin})";
    NoSchema { file: String, schema: String } "{file} has no schema `{schema}`";
    NotAHeader { name: String } "`{name}` is not the name of a header";
    AlikeEvents "all events of a kind would be the same";
    NoTokenUrl { origin: Origin } "neither this nor the scheme ({origin}) says where tokens come from";

    // `x-conversations`.
    NoHolder "nothing here is an operation or a schema";
    LapsesFirst { lapses: u64, period: u64 } "it lapses after {lapses} s and is repeated every {period} s";
    PrintedSecret
        "nothing can keep this value from printing: it does not stand in a property of an object";
    NotATimestamp "a timestamp is a text or a number, and this schema is neither";
    NotAList "`{{}}` can stand for an empty list, and this is not a list";
    UselessAlias { alias: String } "the alias `{alias}` is empty, the name itself or there twice";
    NoParameter { name: String, places: String } "the operation has no {places} parameter `{name}`";
    NoBody "the operation has no body with a schema";
    NoAnswerBody "its successes have no JSON body that could be missing";
    NoProperty { whose: &'static str, name: String } "{whose} has no property `{name}`";
    PointsNowhere { whose: &'static str, name: String, pointer: String }
        "{whose} has no `{name}`, so `{pointer}` leads nowhere";
    ItemsNotAList { pointer: String } "`{pointer}` is not a list in the answer";
    NoItems { behaviour: &'static str, items: String }
        "`x-conversations.{behaviour}` looks for items at {items}, where the answer has no list";

    // `sdk.yaml`.
    ListedTwice { name: String } "`{name}` is listed twice";
    NoOperation { name: String, method: String, path: String, file: String }
        "the SDK's `{name}` is `{method} {path}`, and {file} has no such operation";
    UnknownOperation { name: String } "no operation is called `{name}`";
    UnknownKind { about: String } "`{about}` is not a kind of divergence";
    SettledTwice { kind: &'static str, operation: String, line: u32 }
        "{kind} of `{operation}` is settled twice, here and in line {line}";
    SettlesNothing { kind: &'static str } "no operation diverges in {kind} as this decision says";
    SettlesNothingOf { name: String, kind: &'static str } "`{name}` does not diverge in {kind} as this decision says";
    KeptOperation { about: Subject }
        "{about}: the decision takes the SDK, which has no such operation, yet the overlay leaves it in";
    RemovedOperation { about: Subject, take: &'static str }
        "{about}: the decision takes the {take}, yet the overlay removes the operation";
    TakesSdk { about: Subject, sdk: String, is: String }
        "{about}: the decision takes the SDK's `{sdk}`, yet the overlaid document says `{is}`";
    TakesDocument { about: Subject, document: String, is: String }
        "{about}: the decision takes the document's `{document}`, yet the overlay makes it `{is}`";
    AgreesWithSdk { about: Subject, sdk: String }
        "{about}: the decision leaves it to the overlay, which says what the SDK says, `{sdk}`";
    SilentOverlay { about: Subject }
        "{about}: the decision leaves it to the overlay, which says nothing about the operation";
    Unlisted { operation: String, origin: Origin, likewise: Likewise }
        "`{operation}` ({origin}) is not in the SDK's list{likewise}, and no decision settles it";
    Unsettled { subject: String, kind: &'static str, sdk: String, document: String, origin: Origin, likewise: Likewise }
        "{subject} differs in {kind}: the SDK says `{sdk}`, {origin} says `{document}`{likewise}, and no decision settles it";

    // The generator.
    UnexpectedOutput { what: String } "progenitor wrote {what}";
    Panicked "it stopped at a fault of its own";
}

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The kind of divergence.
    pub kind: &'static str,
    /// The SDK's name of the operation.
    pub operation: String,
    /// Where the document says its part.
    pub origin: Origin,
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, operation, origin } = self;
        write!(out, "{kind} of `{operation}` ({origin})")
    }
}

/// The other operations for which the same holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likewise(pub Vec<String>);

impl fmt::Display for Likewise {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0[..] {
            [] => Ok(()),
            names => write!(out, " (likewise {})", quoted(names.iter().map(String::as_str))),
        }
    }
}
