//! Everything that can be done to a document: one table, a block for each code with its sentences and their arguments.

use super::{Cost, Meant, Names, Source};
use std::{cmp::Ordering, fmt};

const ONLY_3_0: &str = "the generator reads OpenAPI 3.0 only";
const NO_WORD: &str = "OpenAPI 3.0 has no word for it";
const NO_CODE: &str = "the generator has no code for it";
const ONLY_SCHEMA_REFS: &str = "the generator follows references to named schemas only";
const MUST_RESOLVE: &str = "the generator stops at a reference that leads nowhere";
const PATH_AGREES: &str = "the generator stops where a path and its parameters disagree";
const NEEDS_ID: &str = "the generator needs a distinct operationId for each operation";
const WELL_FORMED: &str = "the generator reads well-formed OpenAPI 3.0 only";

/// Defines [`Code`] and [`Done`] from blocks `Code "name" [cost] [limit] { Done { argument: Type } "sentence"; … }`.
macro_rules! codes {
    (@or) => { None };
    (@or $value:expr) => { Some($value) };
    ($($code:ident $name:literal [$($cost:expr)?] [$($limit:expr)?] {
        $($done:ident $({ $($argument:ident: $type:ty),* })? $sentence:literal;)*
    })*) => {
        /// What kind of thing was done to a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $name] $code,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// As reports write it.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            /// What is lost with it; nothing where the result says as much as the document.
            pub const fn cost(self) -> Option<Cost> {
                match self { $(Code::$code => codes!(@or $($cost)?),)* }
            }

            /// The limit of the generator that it avoids, where there is one.
            pub const fn limit(self) -> Option<&'static str> {
                match self { $(Code::$code => codes!(@or $($limit)?),)* }
            }
        }

        /// What was done to a document, as data. [`Display`](fmt::Display) makes the sentence.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Done {
            $($(
                #[doc = $sentence]
                $done $({ $(#[doc = concat!("`", stringify!($argument), "` of the sentence.")] $argument: $type),* })?,
            )*)*
        }

        impl Done {
            /// The kind of thing.
            pub const fn code(&self) -> Code {
                match self { $($(Done::$done { .. } => Code::$code,)*)* }
            }
        }

        impl fmt::Display for Done {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($(Done::$done $({ $($argument),* })? => write!(out, $sentence),)*)*
                }
            }
        }
    };
}

codes! {
    // The document.
    Swagger2 "swagger-2" [] [ONLY_3_0] {
        Converted "the document is converted from Swagger 2.0 to OpenAPI 3.0";
        FormFieldsJoined "the form fields become one body";
    }
    Swagger2Loss "swagger-2-loss" [Cost::Calls] [NO_WORD] {
        OwnSchemes "an operation's own `schemes` are left out; the document's servers hold";
        FieldsBesideBody "form fields beside a body are left out: a request has one body";
        SeparatorOfItems { said: String } "`collectionFormat: {said}` of items says nothing here";
        Separator { separator: String, place: String }
            "`collectionFormat: {separator}` says nothing in `{place}`; commas are sent";
        UnknownFlow { flow: String } "the OAuth flow `{flow}` is not known and left out";
    }
    OpenapiVersion "openapi-version" [] [ONLY_3_0] {
        OpenapiVersion { written: String } "OpenAPI {written} is read as 3.0.3";
    }
    NotSent "not-sent" [Cost::Calls] [NO_CODE] {
        NotSent { key: &'static str, words: &'static str } "`{key}`: {words}";
        SentAs { media: String } "sent as {media}";
        FlatStyle "its style cannot write a list or object inside the value; a call that has one is refused";
        JsonOnly { name: String } "`{name}` is an object, which is written as JSON only";
    }
    NotChecked "not-checked" [Cost::Rules] [NO_CODE] {
        NotChecked { key: &'static str, words: &'static str } "`{key}`: {words}";
    }
    UnknownKey "unknown-key" [Cost::Rules] [WELL_FORMED] {
        Misspelt { noun: &'static str, key: String, meant: String }
            "a {noun} has no `{key}`; did you mean `{meant}`? It is not read";
        KeyOfSwagger2 { key: String, noun: &'static str }
            "`{key}` of a {noun} is a word of Swagger 2.0; it is not read";
    }
    ForeignKey "foreign-key" [] [] {
        ForeignKey { noun: &'static str, key: String } "a {noun} has no `{key}`; it is not read";
    }
    RootKeyword "root-keyword" [] [ONLY_3_0] {
        RootKeyword { key: String } "`{key}` says nothing to a client";
    }
    Webhooks "webhooks" [Cost::Rules] ["a client reads what a webhook carries, where it says which event it is"] {
        WebhookParameters "parameters of a webhook are not read";
        WebhookWithoutBody { name: String } "the webhook `{name}` has no body that could be read";
        WebhookNotJson { name: String } "the body of the webhook `{name}` is not JSON";
        NoListOfEvents { name: String, items: String } "the body of `{name}` has no list at {items}";
        KindUnknown { name: String } "nothing in the body says that the event is `{name}`";
    }
    Callbacks "callbacks" [Cost::Rules] ["a client does not receive"] {
        Callbacks "callbacks are not calls of a client";
    }
    Links "links" [Cost::Rules] ["the generator does not follow links"] {
        Links "links between operations are left to the caller";
    }
    ComponentsTakenIn "components-taken-in" [] [ONLY_SCHEMA_REFS] {
        ComponentsTakenIn { key: String } "the shared {key} are written out where they are used";
    }
    MissingField "missing-field" [] [WELL_FORMED] {
        Missing { key: &'static str, value: String } "`{key}` is missing and read as `{value}`";
        MissingText { key: &'static str } "`{key}` is missing and read as empty";
        VariableDefault { text: String } "the variable's default is read as {text}";
    }
    WrongForm "wrong-form" [] [WELL_FORMED] {
        EmptyNode { noun: &'static str } "an empty {noun} is read as `{{}}`";
        NoValue { key: String } "`{key}` without a value is left out";
        EmptyMapping { key: String } "an empty mapping is read as no {key}";
        NumberedMapping { key: String } "a mapping from numbers is read as the list of what stands under them in `{key}`";
        ReadAsText { written: String } "{written} is read as text";
        ReadAsBoolean { word: String } "the text `{word}` is read as a boolean";
        ReadAsList { text: String } "the text `{text}` is read as a list of one";
        ScopeWithoutDescription { name: String } "the scope `{name}` has no description";
        RequirementAlone "one mapping is read as a list of one requirement";
        ScopesForm "scopes that are not a list of texts are read as none";
        SchemaOfParameter "the parameter's `schema` is taken as in OpenAPI 3.0";
    }
    UnusableNode "unusable-node" [Cost::Data] [WELL_FORMED] {
        BodyWithoutContent "a request body without content is left out";
        EntriesNotText { key: String } "entries of `{key}` that are not texts are left out";
        NotText { key: &'static str } "`{key}` is not text and left out";
        SecurityForm "`security` is not a list and left out";
        RequirementForm "a requirement that is no mapping is left out";
        DocumentationWithoutUrl "`externalDocs` without a `url` is left out";
        NodeWithout { noun: &'static str, key: &'static str } "a {noun} without `{key}` is left out";
        IllFormed { key: &'static str } "`{key}` is not well-formed and left out";
    }
    TextReference "text-reference" [Cost::Rules] [WELL_FORMED] {
        TextReference { target: String } "the reference to `{target}` is only named in the text";
    }
    ResponseStatus "response-status" [Cost::Data] [WELL_FORMED] {
        ResponseStatus { status: String } "`{status}` is not a status; the response is left out";
    }
    SecuritySchemeType "security-scheme-type" [Cost::Calls] [NO_WORD] {
        SchemeType { name: String, kind: String }
            "the security scheme `{name}` is of the type `{kind}`, which 3.0 does not know, and is left out";
        SchemeWithout { name: String, key: &'static str }
            "the security scheme `{name}` has no usable `{key}` and is left out";
        Certificate { name: String }
            "the security scheme `{name}` is a certificate of the client: its connections have one by `configure_http`";
        Flow { flow: String } "the OAuth flow `{flow}` is not known or lacks its URL and is left out";
    }
    Method "method" [Cost::Calls] [NO_WORD] {
        Method { key: String } "`{key}` cannot be said and is left out";
    }
    ItemSchema "item-schema" [Cost::Data] [NO_WORD] {
        ItemSchema "the schema of a sequence's items is left out";
    }
    // References.
    SharedSchemaNamed "shared-schema-named" [] [ONLY_SCHEMA_REFS] {
        SharedSchemaNamed { name: String } "the schema inside this shared part becomes the named schema `{name}`";
    }
    ComponentName "component-name" [] [WELL_FORMED] {
        ComponentName { name: String, new: String }
            "`{name}` is not a name that a reference can spell; it becomes `{new}`";
    }
    DeepReference "deep-reference" [] [ONLY_SCHEMA_REFS] {
        DeepReference { reference: String, new: String } "`{reference}` becomes `{new}`";
        DeepMapping { reference: String, new: String } "the mapping's `{reference}` becomes `{new}`";
    }
    LocalDefinitions "local-definitions" [] [ONLY_3_0] {
        LocalDefinitions { reference: String, new: String } "`{reference}` becomes `{new}`";
    }
    LocalReference "local-reference" [] [ONLY_SCHEMA_REFS] {
        LocalReference { reference: String, to: String }
            "`{reference}` leads nowhere from the root; it is read as `{to}`";
    }
    DynamicReference "dynamic-reference" [Cost::Data] [NO_WORD] {
        DynamicReference { key: &'static str, target: String }
            "`{key}: {target}` is read as a plain reference; what other documents put in its place is not known";
    }
    ReferenceResolved "reference-resolved" [] [ONLY_SCHEMA_REFS] {
        ReferenceResolved { reference: String } "`{reference}` is written out where it is used";
        PartResolved { noun: &'static str, reference: String }
            "the {noun} `{reference}` is written out where it is used";
    }
    DanglingReference "dangling-reference" [Cost::Data] [MUST_RESOLVE] {
        Dangling { reference: String } "`{reference}` leads nowhere";
        DanglingSchema { reference: String } "`{reference}` leads nowhere; anything is accepted here";
        DanglingMapping { reference: String, value: String }
            "`{reference}`, which the discriminator's value `{value}` names, leads nowhere";
        DanglingMap { reference: String } "`{reference}` leads to nothing of the kind";
        DanglingPart { reference: String, instead: &'static str }
            "`{reference}` leads to nothing of the kind; {instead}";
        RefersToNothing "refers to nothing; read as any JSON value";
    }
    CircularReference "circular-reference" [Cost::Data] [MUST_RESOLVE] {
        ContainsItself { reference: String } "`{reference}` contains itself";
        CircularPart { reference: String, instead: &'static str } "`{reference}` contains itself; {instead}";
        CircularName { name: String }
            "`{name}` is nothing but a reference that leads back to itself; anything is accepted";
    }
    ReferenceSiblings "reference-siblings" [] ["the generator ignores what stands beside a reference"] {
        ReferenceSiblings { beside: Names } "the reference moves into `allOf`, so that {beside} beside it holds";
    }
    ReferenceSiblingsLoss "reference-siblings-loss" [Cost::Data] [NO_WORD] {
        SiblingsIgnored { ignored: Names, noun: &'static str }
            "{ignored} beside the reference to a {noun} means nothing";
    }
    // Paths, parameters, operations.
    PathSlash "path-slash" [] [WELL_FORMED] {
        PathSlash { path: String } "`{path}` becomes `/{path}`";
    }
    PathQuery "path-query" [] [PATH_AGREES] {
        QueryAsked { names: Names, query: String } "{names} of `?{query}` become query parameters";
        QueryFixed { names: Names, query: String } "{names} of `?{query}` are sent as written";
        QueryParameter { key: String } "`{key}` of the path's query string is a query parameter";
        ParameterFixed { name: String } "the path fixes the query parameter `{name}`";
    }
    PathFragment "path-fragment" [] [PATH_AGREES] {
        PathFragment { fragment: String } "`#{fragment}` is not part of a request; it only distinguishes operations";
    }
    PathLevelParameters "path-level-parameters" [] [] {
        ParameterOverridden { method: String, name: String } "`{method}` declares `{name}` itself";
        ParameterOfPath { name: String, method: String } "the path's parameter `{name}` is written out in `{method}`";
        ParameterShared { method: &'static str } "the path's parameter is written out in `{method}`";
    }
    UndeclaredPlaceholder "undeclared-placeholder" [] [PATH_AGREES] {
        UndeclaredPlaceholder { name: String } "`{{{name}}}` is not declared; it is a text";
    }
    PlaceholderName "placeholder-name" [] [PATH_AGREES] {
        PlaceholderName { written: String, meant: String }
            "the path parameter `{written}` is what the path calls `{meant}`";
    }
    ParameterNotInPath "parameter-not-in-path" [Cost::Calls] [PATH_AGREES] {
        ParameterNotInPath { name: String } "the path has no place for the parameter `{name}`; it is left out";
    }
    PathParameterRequired "path-parameter-required" [] [PATH_AGREES] {
        PathParameterRequired "a parameter in the path is always required";
    }
    UnusableParameter "unusable-parameter" [Cost::Calls] [WELL_FORMED] {
        ParameterWithoutName "a parameter without a name is left out";
        ParameterLocation { name: String, place: String, meant: Meant }
            "the parameter `{name}` in `{place}` cannot be said and is left out{meant}";
        MediaTypeKept { kept: String } "of several media types `{kept}` is taken";
        ContentBesideSchema "`schema` is taken, `content` beside it is left out";
        FieldWithoutName "a form field without a name is left out";
    }
    ParameterDeclaredTwice "parameter-declared-twice" [Cost::Data] [WELL_FORMED] {
        ParameterDeclaredTwice { name: String, place: &'static str }
            "the parameter `{name}` is declared a second time in `{place}`; the first holds";
        SecondBody "a second body is left out";
    }
    ParameterWithoutSchema "parameter-without-schema" [] [WELL_FORMED] {
        TextParameter "the parameter has no schema; it is a text";
        KeywordsOfParameter "the parameter has no schema; its keywords become one";
        TextHeader "the header has no schema; it is a text";
        BodyWithoutSchema "the body has no schema; anything is accepted";
    }
    ReservedHeaderParameter "reserved-header-parameter" [] [] {
        ReservedHeaderParameter { name: String } "the parameter `{name}` is left out: its header follows from bodies";
    }
    CredentialParameter "credential-parameter" [] [] {
        CredentialParameter { name: String }
            "the parameter `{name}` is the credential: the client's builder takes it, not each call";
    }
    MissingOperationId "missing-operation-id" [] [NEEDS_ID] {
        MissingOperationId { id: String } "the operation has no operationId; it becomes `{id}`";
    }
    DuplicateOperationId "duplicate-operation-id" [] [NEEDS_ID] {
        DuplicateOperationId { id: String, new: String } "the operationId `{id}` is taken; this one becomes `{new}`";
    }
    // Schemas.
    BooleanSchema "boolean-schema" [] [ONLY_3_0] {
        BooleanSchema { any: bool, node: String } "the schema `{any}` becomes `{node}`";
    }
    SchemaIdentity "schema-identity" [] [ONLY_3_0] {
        SchemaIdentity { key: &'static str } "`{key}` has served once references are resolved";
    }
    TypeArray "type-array" [] [ONLY_3_0] {
        OneType { written: String } "`type: {written}` becomes one type";
        OneTypeOrNull { written: String } "`type: {written}` becomes one type and `nullable`";
        NullAmongTypes { written: String } "null in `type: {written}` becomes `nullable`";
        TypesSplit { names: Names } "the types {names} become the branches of a union";
    }
    TypeNull "type-null" [] [ONLY_3_0] {
        TypeNull "the type `null` becomes `nullable`";
    }
    TypeOnlyNull "type-only-null" [Cost::Rules] [NO_WORD] {
        TypeOnlyNull "a value that is only ever null becomes any value or null";
    }
    TypeFile "type-file" [] [ONLY_3_0] {
        FileType { name: &'static str } "the type `file` is read as `{name}`";
        FileBody "the file is a binary body";
    }
    TypeName "type-name" [] [WELL_FORMED] {
        AnyType { spelled: String } "the type `{spelled}` is any type";
        TypeSpelling { written: String, name: String } "the type `{written}` is read as `{name}`";
    }
    TypeUnknown "type-unknown" [Cost::Data] [WELL_FORMED] {
        TypeUnknown { spelled: String, meant: Meant } "no type is called `{spelled}`; any is accepted{meant}";
    }
    Const "const" [] [ONLY_3_0] {
        Const { value: String } "`const: {value}` becomes an enum of one";
    }
    EnumNull "enum-null" [] [ONLY_3_0] {
        EnumNull "null in the enum becomes `nullable`";
    }
    EnumRepeated "enum-repeated" [] ["the generator stops at an enum that repeats a value"] {
        EnumRepeated "values that the enum repeats are left out";
    }
    NullableUnion "nullable-union" [] [ONLY_3_0] {
        NullableUnion { key: &'static str } "null in `{key}` becomes `nullable`";
    }
    XNullable "x-nullable" [] [ONLY_3_0] {
        XNullable "`x-nullable` becomes `nullable`";
    }
    ExclusiveBound "exclusive-bound" [] [ONLY_3_0] {
        ExclusiveBound { key: &'static str, value: String } "`{key}: {value}` becomes a bound and a flag";
    }
    SchemaExamples "schema-examples" [] [ONLY_3_0] {
        SchemaExamples "the first of the examples stays as `example`";
    }
    Tuple "tuple" [Cost::Data] [NO_WORD] {
        ItemsWithoutType "a list of `items` without a type describes no value; any is accepted";
        MembersJoined "which member has which schema is lost; every member may have any of them";
    }
    ItemsFalse "items-false" [] [ONLY_3_0] {
        ItemsFalse "`items: false` becomes `maxItems: 0`";
    }
    KeywordLoss "keyword-loss" [Cost::Rules] [NO_WORD] {
        ContentOfText { of: String } "the content {of} inside the text is not described";
        Unchecked { key: &'static str } "`{key}` is not checked";
        DefaultMapping "`defaultMapping` is left out";
    }
    PatternProperties "pattern-properties" [Cost::Rules] [NO_WORD] {
        PatternUnchecked { pattern: String } "keys are not held to the pattern `{pattern}`";
        PatternForAll { pattern: String } "all keys hold what those of the pattern `{pattern}` do";
        PatternAnyValue { pattern: String } "keys of the pattern `{pattern}` hold any value";
    }
    ContentEncoding "content-encoding" [] [ONLY_3_0] {
        ContentEncoding { format: &'static str } "the encoded content becomes `format: {format}`";
    }
    Discriminator "discriminator" [] [ONLY_3_0] {
        Discriminator { name: String } "the name `{name}` becomes an object";
    }
    RequiredFlag "required-flag" [] [WELL_FORMED] {
        RequiredHere { name: String } "`required: true` makes `{name}` required in the schema around it";
        NotRequired "`required: false` is left out, as it is the default";
        RequiredBoolean "`required` as a boolean means nothing here and is left out";
    }
    KeywordForm "keyword-form" [] [WELL_FORMED] {
        Unsigned "whole numbers from zero up become `format: uint64`";
        KeywordReadAs { key: String, value: String, new: String } "`{key}: {value}` is read as `{new}`";
        KeywordEmpty { key: String, value: String } "`{key}: {value}` says nothing that holds and is left out";
        FlagWithoutBound { key: &'static str, bound: &'static str }
            "`{key}` without `{bound}` bounds nothing and is left out";
        RequiredNames "names that `required` repeats, and what is not a name, are left out";
        NullableForm { value: String } "`nullable: {value}` is read as a boolean";
        EnumEmpty "`enum` without values is left out";
    }
    KeywordUnusable "keyword-unusable" [Cost::Data] [WELL_FORMED] {
        KeywordUnusable { key: String, value: String } "`{key}: {value}` says nothing that holds and is left out";
        BoundForm { key: &'static str, found: &'static str } "`{key}` as {found} bounds nothing and is left out";
        DiscriminatorWithoutProperty "a discriminator without `propertyName` is left out";
        MappingForm "a mapping that is none is left out";
        Style { style: String, place: &'static str } "the style `{style}` is none of `{place}`; the default holds";
        ReferenceForm "a `$ref` that is no text refers to nothing";
        HeaderStyle "headers know the style `simple` only";
        RequiredForm { found: &'static str } "`required` as {found} names nothing and is left out";
        EnumWithoutValues "an enum without values is left out; any value is accepted";
        EnumOfOtherTypes "no value of the enum is of any of the types; any value is accepted";
    }
    // The overlay.
    Update "update" [] [] {
        Update { reason: String, source: Source } "updated: {reason}{source}";
    }
    Copy "copy" [] [] {
        Copy { reason: String, source: Source } "copied into: {reason}{source}";
    }
    Remove "remove" [] [] {
        Remove { reason: String, source: Source } "removed: {reason}{source}";
    }
    Nothing "nothing" [] [] {
        Nothing { reason: String, source: Source } "left as it is: {reason}{source}";
    }
    // The generator.
    OperationName "operation-name" [] [] {
        OperationName "the method's name is taken; numbered";
    }
    Parameter "parameter" [Cost::Calls] [] {
        ParameterPlaceless "has neither name nor place; left out";
        ParameterElsewhere "travels in a place that HTTP does not have; left out";
    }
    ParameterName "parameter-name" [] [] {
        ParameterName "the setter's name is taken; numbered";
    }
    RequestMediaTypes "request-media-types" [] [] {
        RequestMediaTypes { media: String } "sent as {media}, unless the caller sets the body as another";
    }
    NoContent "no-content" [Cost::Data] [] {
        NoContent "has no body in HTTP; read as empty";
    }
    ResponseMediaTypes "response-media-types" [Cost::Data] [] {
        ResponseMediaTypes { media: String, others: String } "read as {media}; {others} left out";
    }
    RedirectBody "redirect-body" [Cost::Data] [] {
        RedirectBody "read for its `Location` alone";
    }
    Stream "stream" [Cost::Data] [] {
        Stream "read as a whole, not item by item";
    }
    HeaderObject "header-object" [Cost::Data] [] {
        HeaderObject "read as text, not as the object";
    }
    Untyped "untyped" [Cost::Data] [] {
        Untyped { media: String } "`{media}` is a text or bytes to the client, not the type of its schema";
    }
    SchemaName "schema-name" [] [] {
        SchemaName "two schemas would share a Rust name; numbered";
    }
    RequiredUndescribed "required-undescribed" [Cost::Data] [] {
        RequiredUndescribed { names: String } "required and nowhere described, so any JSON value that may be missing: {names}";
    }
    VariantName "variant-name" [] [] {
        VariantName "nothing distinguishes an alternative from the others; numbered";
    }
    Depth "depth" [Cost::Data] [] {
        Depth "nested too deep to type; read as any JSON value";
    }
    PatternUnread "pattern-unread" [Cost::Rules] [] {
        PatternUnread "no regular expression of ECMAScript, so that no value is held to it";
    }
    PartsDisagree "parts-disagree" [Cost::Data] [] {
        PartsOfOtherTypes "parts of other types, which no value can be at once; the first one holds";
        SeveralChoices "more than one choice among alternatives; the first one holds";
        PropertyOfOtherTypes { names: String }
            "what several parts say of these properties fits no one type; the first one holds: {names}";
    }
    SynonymOfItself "synonym-of-itself" [Cost::Data] [] {
        SynonymOfItself "means itself; read as any JSON value";
    }
    PropertyName "property-name" [] [] {
        PropertyName "two properties would share a Rust name; numbered";
    }
    Variants "variants" [Cost::Data] [] {
        Variants "has more alternatives than are typed; the last are kept as JSON";
    }
    // Documents that belong to no provider.
    UnsaidSecurity "unsaid-security" [] [] {
        UnsaidSecurity "no operation says which scheme it accepts; each call carries what the client was given";
    }
    UnknownServer "unknown-server" [Cost::Calls] [] {
        ServerOfOperation { written: String } "`{written}` does not say on which host the operation is";
        ServerOfApi { written: String } "`{written}` does not say on which host the API is";
        ServerQuery { written: String } "the query and fragment of `{written}` are no part of a server's address and not sent";
        ServerScheme { written: String } "`{written}` is of another protocol than HTTP, so that no call goes there";
        ServerToSet { written: String }
            "`{written}` does not say on which host the API is; callers must set `base_url`";
        NoServer "the document names no HTTP server; callers must set `base_url`";
    }
    UnknownSecurityScheme "unknown-security-scheme" [Cost::Calls] [] {
        UndeclaredScheme { scheme: String }
            "`{scheme}` is accepted and not declared; `header(name, secret)` takes what a caller makes for it";
        UnspokenScheme { spoken: String, name: String }
            "no setter of the builder speaks `{spoken}`, which `{name}` asks for; `header(name, secret)` takes what a caller makes for it";
        OnePlace { names: Names, place: String }
            "{names} are asked for together and travel in one place, `{place}`, so that only one of them is sent";
    }
}

impl Done {
    /// The reference that leads nowhere, where one was found.
    pub fn dangling(&self) -> Option<&str> {
        match self {
            Done::Dangling { reference }
            | Done::DanglingSchema { reference }
            | Done::DanglingMapping { reference, .. }
            | Done::DanglingMap { reference }
            | Done::DanglingPart { reference, .. } => Some(reference),
            _ => None,
        }
    }
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
