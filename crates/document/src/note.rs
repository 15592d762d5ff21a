//! What a stage changed and why: the raw material of `cargo xtask explain`.

use crate::{origin::Origin, pointer::Pointer};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

/// One lowering or normalisation that was applied to a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The stage that did it.
    pub stage: Stage,
    /// What it did, as one of a known list.
    pub code: Code,
    /// The JSON Pointer of the node in the document.
    pub pointer: Pointer,
    /// The file and line the node came from.
    pub origin: Origin,
    /// The reference, type or scheme that does not exist, where that is what the note is about.
    pub reference: Option<String>,
    /// What was done, in one sentence.
    pub what: String,
}

/// A stage that changes documents, in the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// An action of an overlay was applied.
    Overlay,
    /// OpenAPI 3.1 and Swagger 2.0 became 3.0.
    Lower,
    /// The document became a plan of a client.
    Normalize,
    /// What no provider's folder says was read from the document.
    Derive,
}

impl Stage {
    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Overlay => "overlay",
            Stage::Lower => "lower",
            Stage::Normalize => "normalize",
            Stage::Derive => "derive",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What a loss costs, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// A call cannot be made as the document means it, or not at all.
    Calls,
    /// Something of a request or an answer is out of reach.
    Data,
    /// A rule of the document is not checked, or a word of it is not shown.
    Rules,
}

const ONLY_3_0: &str = "the generator reads OpenAPI 3.0 only";
const NO_WORD: &str = "OpenAPI 3.0 has no word for it";
const NO_CODE: &str = "the generator has no code for it";
const ONLY_SCHEMA_REFS: &str = "the generator follows references to named schemas only";
const MUST_RESOLVE: &str = "the generator stops at a reference that leads nowhere";
const PATH_AGREES: &str = "the generator stops where a path and its parameters disagree";
const NEEDS_ID: &str = "the generator needs a distinct operationId for each operation";
const WELL_FORMED: &str = "the generator reads well-formed OpenAPI 3.0 only";

macro_rules! codes {
    (@or) => { None };
    (@or $value:expr) => { Some($value) };
    ($($variant:ident $name:literal [$($cost:expr)?] [$($limit:expr)?];)*) => {
        /// What can be done to a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $name] $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// As reports write it.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// What is lost with it; nothing where the result says as much as the document.
            pub const fn cost(self) -> Option<Cost> {
                match self { $(Code::$variant => codes!(@or $($cost)?),)* }
            }

            /// The limit of the generator that it avoids, where there is one.
            pub const fn limit(self) -> Option<&'static str> {
                match self { $(Code::$variant => codes!(@or $($limit)?),)* }
            }
        }
    };
}

codes! {
    // Variant, name [what is lost] [limit]
    // The document.
    Swagger2 "swagger-2" [] [ONLY_3_0];
    Swagger2Loss "swagger-2-loss" [Cost::Calls] [NO_WORD];
    OpenapiVersion "openapi-version" [] [ONLY_3_0];
    NotSent "not-sent" [Cost::Calls] [NO_CODE];
    NotChecked "not-checked" [Cost::Rules] [NO_CODE];
    UnknownKey "unknown-key" [Cost::Rules] [WELL_FORMED];
    ForeignKey "foreign-key" [] [];
    RootKeyword "root-keyword" [] [ONLY_3_0];
    Webhooks "webhooks" [Cost::Rules] ["a client reads what a webhook carries, where it says which event it is"];
    Callbacks "callbacks" [Cost::Rules] ["a client does not receive"];
    Links "links" [Cost::Rules] ["the generator does not follow links"];
    ComponentsTakenIn "components-taken-in" [] [ONLY_SCHEMA_REFS];
    MissingField "missing-field" [] [WELL_FORMED];
    WrongForm "wrong-form" [] [WELL_FORMED];
    UnusableNode "unusable-node" [Cost::Data] [WELL_FORMED];
    TextReference "text-reference" [Cost::Rules] [WELL_FORMED];
    ResponseStatus "response-status" [Cost::Data] [WELL_FORMED];
    SecuritySchemeType "security-scheme-type" [Cost::Calls] [NO_WORD];
    Method "method" [Cost::Calls] [NO_WORD];
    ItemSchema "item-schema" [Cost::Data] [NO_WORD];
    // References.
    SharedSchemaNamed "shared-schema-named" [] [ONLY_SCHEMA_REFS];
    ComponentName "component-name" [] [WELL_FORMED];
    DeepReference "deep-reference" [] [ONLY_SCHEMA_REFS];
    LocalDefinitions "local-definitions" [] [ONLY_3_0];
    LocalReference "local-reference" [] [ONLY_SCHEMA_REFS];
    DynamicReference "dynamic-reference" [Cost::Data] [NO_WORD];
    ReferenceResolved "reference-resolved" [] [ONLY_SCHEMA_REFS];
    DanglingReference "dangling-reference" [Cost::Data] [MUST_RESOLVE];
    CircularReference "circular-reference" [Cost::Data] [MUST_RESOLVE];
    ReferenceSiblings "reference-siblings" [] ["the generator ignores what stands beside a reference"];
    ReferenceSiblingsLoss "reference-siblings-loss" [Cost::Data] [NO_WORD];
    // Paths, parameters, operations.
    PathSlash "path-slash" [] [WELL_FORMED];
    PathQuery "path-query" [] [PATH_AGREES];
    PathFragment "path-fragment" [] [PATH_AGREES];
    PathLevelParameters "path-level-parameters" [] [];
    UndeclaredPlaceholder "undeclared-placeholder" [] [PATH_AGREES];
    PlaceholderName "placeholder-name" [] [PATH_AGREES];
    ParameterNotInPath "parameter-not-in-path" [Cost::Calls] [PATH_AGREES];
    PathParameterRequired "path-parameter-required" [] [PATH_AGREES];
    UnusableParameter "unusable-parameter" [Cost::Calls] [WELL_FORMED];
    ParameterDeclaredTwice "parameter-declared-twice" [Cost::Data] [WELL_FORMED];
    ParameterWithoutSchema "parameter-without-schema" [] [WELL_FORMED];
    ReservedHeaderParameter "reserved-header-parameter" [] [];
    CredentialParameter "credential-parameter" [] [];
    MissingOperationId "missing-operation-id" [] [NEEDS_ID];
    DuplicateOperationId "duplicate-operation-id" [] [NEEDS_ID];
    // Schemas.
    BooleanSchema "boolean-schema" [] [ONLY_3_0];
    SchemaIdentity "schema-identity" [] [ONLY_3_0];
    TypeArray "type-array" [] [ONLY_3_0];
    TypeNull "type-null" [] [ONLY_3_0];
    TypeOnlyNull "type-only-null" [Cost::Rules] [NO_WORD];
    TypeFile "type-file" [] [ONLY_3_0];
    TypeName "type-name" [] [WELL_FORMED];
    TypeUnknown "type-unknown" [Cost::Data] [WELL_FORMED];
    Const "const" [] [ONLY_3_0];
    EnumNull "enum-null" [] [ONLY_3_0];
    EnumRepeated "enum-repeated" [] ["the generator stops at an enum that repeats a value"];
    NullableUnion "nullable-union" [] [ONLY_3_0];
    XNullable "x-nullable" [] [ONLY_3_0];
    ExclusiveBound "exclusive-bound" [] [ONLY_3_0];
    SchemaExamples "schema-examples" [] [ONLY_3_0];
    Tuple "tuple" [Cost::Data] [NO_WORD];
    ItemsFalse "items-false" [] [ONLY_3_0];
    KeywordLoss "keyword-loss" [Cost::Rules] [NO_WORD];
    PatternProperties "pattern-properties" [Cost::Rules] [NO_WORD];
    ContentEncoding "content-encoding" [] [ONLY_3_0];
    Discriminator "discriminator" [] [ONLY_3_0];
    RequiredFlag "required-flag" [] [WELL_FORMED];
    KeywordForm "keyword-form" [] [WELL_FORMED];
    KeywordUnusable "keyword-unusable" [Cost::Data] [WELL_FORMED];
    // The overlay.
    Update "update" [] [];
    Copy "copy" [] [];
    Remove "remove" [] [];
    Nothing "nothing" [] [];
    // The generator.
    OperationName "operation-name" [] [];
    Parameter "parameter" [Cost::Calls] [];
    ParameterName "parameter-name" [] [];
    RequestMediaTypes "request-media-types" [] [];
    NoContent "no-content" [Cost::Data] [];
    ResponseMediaTypes "response-media-types" [Cost::Data] [];
    RedirectBody "redirect-body" [Cost::Data] [];
    Stream "stream" [Cost::Data] [];
    HeaderObject "header-object" [Cost::Data] [];
    Untyped "untyped" [Cost::Data] [];
    SchemaName "schema-name" [] [];
    VariantName "variant-name" [] [];
    Depth "depth" [Cost::Data] [];
    SynonymOfItself "synonym-of-itself" [Cost::Data] [];
    PropertyName "property-name" [] [];
    Variants "variants" [Cost::Data] [];
    // Documents that belong to no provider.
    UnsaidSecurity "unsaid-security" [] [];
    UnknownServer "unknown-server" [Cost::Calls] [];
    UnknownSecurityScheme "unknown-security-scheme" [Cost::Calls] [];
}

impl Ord for Code {
    /// By name, as reports list them.
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Code {
    /// Whether it is about a name that nothing has, as after a slip of the pen; [`Note::reference`] is that name.
    pub fn is_unknown_name(self) -> bool {
        matches!(self, Code::DanglingReference | Code::TypeUnknown | Code::UnknownSecurityScheme)
    }
}

impl Note {
    /// What the loss costs; nothing where it is none.
    pub fn cost(&self) -> Option<Cost> {
        self.code.cost()
    }

    /// Whether the result says less than the document did.
    pub fn is_loss(&self) -> bool {
        self.cost().is_some()
    }
}

/// Notes that say the same of several places, together, in the order of their first.
pub fn folded<'a>(notes: impl IntoIterator<Item = &'a Note>) -> Vec<Vec<&'a Note>> {
    let mut out: Vec<Vec<&Note>> = Vec::new();
    let mut known: BTreeMap<(Stage, Code, &str), usize> = BTreeMap::new();
    for note in notes {
        match known.entry((note.stage, note.code, note.what.as_str())) {
            Entry::Occupied(at) => {
                if let Some(same) = out.get_mut(*at.get()) {
                    same.push(note);
                }
            }
            Entry::Vacant(free) => {
                free.insert(out.len());
                out.push(vec![note]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_have_distinct_names() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
