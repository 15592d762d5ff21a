//! The table of what can happen to a schema, wherever it stands. The id of a rule is its place and this.

use super::{Effect, Scope, Subject};

/// Each place that a schema can have.
const ANY: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// These, and a property that clients never send.
const UNSENT: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestReadOnlyProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// These, and a property that is never received.
const UNRECEIVED: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseWriteOnlyProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// What may be missing.
const MEMBER: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
    Scope::ResponseProperty,
    Scope::ResponseWriteOnlyProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// The places of a request.
const SENT: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
];
/// The places of an answer.
const RECEIVED: &[Scope] = &[
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// Where a value of a list is reported as gone: that of an answer's body has a rule of its own.
const VALUE: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::RequestReadOnlyProperty,
    Scope::RequestParameter,
    Scope::RequestParameterProperty,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
];
/// Where a number and its text may be written alike. Those of a parameter are other rules.
const LOOSE: &[Scope] = &[
    Scope::RequestBody,
    Scope::RequestProperty,
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// Where it is known that a type became a part of what it was.
const SPECIALIZED: &[Scope] = &[
    Scope::RequestParameterProperty,
    Scope::ResponseBody,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
    Scope::ResponseHeaderProperty,
];
/// The schemas that are not part of another one.
const ROOT: &[Scope] =
    &[Scope::RequestBody, Scope::RequestParameter, Scope::ResponseBody, Scope::ResponseHeader];
const BODY: &[Scope] = &[Scope::RequestBody, Scope::ResponseBody];
const PROPERTY: &[Scope] = &[Scope::RequestProperty, Scope::ResponseProperty];
const REQUEST_PROPERTY: &[Scope] = &[Scope::RequestProperty];
/// What can be deprecated by itself.
const ENDS: &[Scope] = &[Scope::RequestProperty, Scope::RequestParameter, Scope::ResponseProperty];
/// These, and a header, which says nothing of when it ends.
const ANNOUNCED: &[Scope] = &[
    Scope::RequestProperty,
    Scope::RequestParameter,
    Scope::ResponseProperty,
    Scope::ResponseHeader,
];

macro_rules! kinds {
    ($($variant:ident $id:literal $scopes:ident $effect:ident $subject:ident;)*) => {
        /// What can happen to a schema, a parameter or a body.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $id] $variant,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The end of the ids.
            pub const fn id(self) -> &'static str {
                match self { $(Kind::$variant => $id,)* }
            }

            /// Where it is looked for.
            pub const fn scopes(self) -> &'static [Scope] {
                match self { $(Kind::$variant => $scopes,)* }
            }

            /// What it does to the values that are allowed.
            pub const fn effect(self) -> Effect {
                match self { $(Kind::$variant => Effect::$effect,)* }
            }

            /// What it is about.
            pub const fn subject(self) -> Subject {
                match self { $(Kind::$variant => Subject::$subject,)* }
            }
        }
    };
}

kinds! {
    // Variant                       End of the id                         Where            Effect    Subject
    TypeChanged                      "type-changed"                        UNSENT           Breaks    Type;
    TypeCompatible                   "type-compatible"                     LOOSE            Nothing   Type;
    TypeGeneralized                  "type-generalized"                    ANY              Widens    Type;
    TypeSpecialized                  "type-specialized"                    SPECIALIZED      Narrows   Type;
    ListOfTypesNarrowed              "list-of-types-narrowed"              ANY              Narrows   TypeList;
    ListOfTypesWidened               "list-of-types-widened"               ANY              Widens    TypeList;
    WrappedInOneOf                   "wrapped-in-one-of"                   ROOT             Breaks    Type;
    WrappedInAnyOf                   "wrapped-in-any-of"                   ANY              Widens    Alternatives;

    AllowsAllOfBefore                "allows-all-of-before"                SENT             Widens    Type;
    AllowedAllBefore                 "allowed-before"                      RECEIVED         Narrows   Type;

    BecameNullable                   "became-nullable"                     ANY              Widens    Presence;
    BecameNotNullable                "became-not-nullable"                 ANY              Narrows   Presence;
    BecameOptional                   "became-optional"                     MEMBER           Widens    Presence;
    BecameRequired                   "became-required"                     MEMBER           Narrows   Presence;
    BecameRequiredWithDefault        "became-required-with-default"        REQUEST_PROPERTY Narrows   Presence;

    OneOfAdded                       "one-of-added"                        ANY              Widens    Alternatives;
    OneOfRemoved                     "one-of-removed"                      ANY              Narrows   Alternatives;
    AlternativesSet                  "alternatives-set"                    SENT             Narrows   Alternatives;
    AlternativesUnset                "alternatives-unset"                  RECEIVED         Widens    Alternatives;
    OneOfBecameAnyOf                 "one-of-became-any-of"                ANY              MayWiden  Alternatives;
    AnyOfAdded                       "any-of-added"                        ANY              Widens    Alternatives;
    AnyOfRemoved                     "any-of-removed"                      ANY              Narrows   Alternatives;
    AnyOfBecameOneOf                 "any-of-became-one-of"                ANY              Narrows   Alternatives;
    DiscriminatedChildAdded          "discriminated-child-added"           ANY              MayWiden  Children;
    DiscriminatedChildRemoved        "discriminated-child-removed"         ANY              Narrows   Children;
    AllOfAdded                       "all-of-added"                        ANY              Narrows   AllOf;
    AllOfAddedAnnotationOnly         "all-of-added-annotation-only"        ANY              Nothing   Annotation;
    AllOfRemoved                     "all-of-removed"                      ANY              Widens    AllOf;
    AllOfRemovedAnnotationOnly       "all-of-removed-annotation-only"      ANY              Nothing   Annotation;

    ConstAdded                       "const-added"                         ANY              Narrows   Constant;
    ConstRemoved                     "const-removed"                       ANY              Widens    Constant;
    ConstChanged                     "const-changed"                       ANY              Breaks    Constant;
    BecameEnum                       "became-enum"                         ANY              Narrows   Values;
    BecameNotEnum                    "became-not-enum"                     ANY              MayWiden  Values;
    EnumValueAdded                   "enum-value-added"                    UNRECEIVED       MayWiden  Value;
    EnumValueRemoved                 "enum-value-removed"                  VALUE            Narrows   Value;
    XExtensibleEnumValueRemoved      "x-extensible-enum-value-removed"     SENT             Narrows   Value;

    DefaultValueAdded                "default-value-added"                 ANY              Nothing   Default;
    DefaultValueRemoved              "default-value-removed"               ANY              Nothing   Default;
    DefaultValueChanged              "default-value-changed"               ANY              Nothing   Default;

    PatternAdded                     "pattern-added"                       ANY              Narrows   Limit;
    PatternRemoved                   "pattern-removed"                     ANY              Widens    Limit;
    PatternChanged                   "pattern-changed"                     ANY              MayNarrow Limit;
    PatternGeneralized               "pattern-generalized"                 SENT             Widens    Limit;
    ContentEncodingChanged           "content-encoding-changed"            ANY              Breaks    Content;
    ContentMediaTypeChanged          "content-media-type-changed"          ANY              Breaks    Content;

    NewlyLimited                     "newly-limited"                       SENT             Narrows   Limit;
    MaxSet                           "max-set"                             UNSENT           MayNarrow Limit;
    MaxUnset                         "max-unset"                           ANY              MayWiden  Limit;
    MaxIncreased                     "max-increased"                       ANY              Widens    Limit;
    MaxDecreased                     "max-decreased"                       UNSENT           Narrows   Limit;
    MinSet                           "min-set"                             UNSENT           MayNarrow Limit;
    MinUnset                         "min-unset"                           ANY              MayWiden  Limit;
    MinIncreased                     "min-increased"                       UNSENT           Narrows   Limit;
    MinDecreased                     "min-decreased"                       ANY              Widens    Limit;
    ExclusiveMaxSet                  "exclusive-max-set"                   UNSENT           MayNarrow Limit;
    ExclusiveMaxUnset                "exclusive-max-unset"                 ANY              MayWiden  Limit;
    ExclusiveMaxIncreased            "exclusive-max-increased"             ANY              Widens    Limit;
    ExclusiveMaxDecreased            "exclusive-max-decreased"             UNSENT           Narrows   Limit;
    ExclusiveMinSet                  "exclusive-min-set"                   UNSENT           MayNarrow Limit;
    ExclusiveMinUnset                "exclusive-min-unset"                 ANY              MayWiden  Limit;
    ExclusiveMinIncreased            "exclusive-min-increased"             UNSENT           Narrows   Limit;
    ExclusiveMinDecreased            "exclusive-min-decreased"             ANY              Widens    Limit;
    MaxLengthSet                     "max-length-set"                      UNSENT           MayNarrow Limit;
    MaxLengthUnset                   "max-length-unset"                    ANY              Widens    Limit;
    MaxLengthIncreased               "max-length-increased"                ANY              Widens    Limit;
    MaxLengthDecreased               "max-length-decreased"                UNSENT           Narrows   Limit;
    MinLengthIncreased               "min-length-increased"                UNSENT           Narrows   Limit;
    MinLengthDecreased               "min-length-decreased"                ANY              Widens    Limit;
    MaxItemsSet                      "max-items-set"                       UNSENT           Narrows   Limit;
    MaxItemsUnset                    "max-items-unset"                     ANY              Widens    Limit;
    MaxItemsIncreased                "max-items-increased"                 ANY              Widens    Limit;
    MaxItemsDecreased                "max-items-decreased"                 UNSENT           Narrows   Limit;
    MinItemsSet                      "min-items-set"                       UNSENT           MayNarrow Limit;
    MinItemsUnset                    "min-items-unset"                     ANY              Widens    Limit;
    MinItemsIncreased                "min-items-increased"                 UNSENT           Narrows   Limit;
    MinItemsDecreased                "min-items-decreased"                 ANY              Widens    Limit;
    MaxPropertiesSet                 "max-properties-set"                  UNSENT           Narrows   Limit;
    MaxPropertiesUnset               "max-properties-unset"                ANY              Widens    Limit;
    MaxPropertiesIncreased           "max-properties-increased"            ANY              Widens    Limit;
    MaxPropertiesDecreased           "max-properties-decreased"            UNSENT           Narrows   Limit;
    MinPropertiesSet                 "min-properties-set"                  UNSENT           Narrows   Limit;
    MinPropertiesUnset               "min-properties-unset"                ANY              Widens    Limit;
    MinPropertiesIncreased           "min-properties-increased"            UNSENT           Narrows   Limit;
    MinPropertiesDecreased           "min-properties-decreased"            ANY              Widens    Limit;
    MaxContainsSet                   "max-contains-set"                    UNSENT           MayNarrow Limit;
    MaxContainsUnset                 "max-contains-unset"                  ANY              MayWiden  Limit;
    MaxContainsIncreased             "max-contains-increased"              ANY              Widens    Limit;
    MaxContainsDecreased             "max-contains-decreased"              UNSENT           Narrows   Limit;
    MinContainsIncreased             "min-contains-increased"              UNSENT           Narrows   Limit;
    MinContainsDecreased             "min-contains-decreased"              ANY              Widens    Limit;
    MultipleOfSet                    "multiple-of-set"                     UNSENT           Narrows   Limit;
    MultipleOfUnset                  "multiple-of-unset"                   UNSENT           Widens    Limit;
    MultipleOfNarrowed               "multiple-of-narrowed"                UNSENT           Narrows   Limit;
    MultipleOfWidened                "multiple-of-widened"                 UNSENT           Widens    Limit;
    UniqueItemsSet                   "unique-items-set"                    UNSENT           Narrows   Limit;
    UniqueItemsUnset                 "unique-items-unset"                  ANY              Widens    Limit;

    AdditionalPropertiesNarrowed     "additional-properties-narrowed"      UNSENT           Narrows   Additional;
    AdditionalPropertiesWidened      "additional-properties-widened"       ANY              MayWiden  Additional;
    AdditionalPropertiesNotDescribed "additional-properties-not-described" ANY              Widens    Additional;
    PatternPropertyAdded             "pattern-property-added"              ANY              Narrows   Additional;
    PatternPropertyRemoved           "pattern-property-removed"            ANY              Widens    Additional;
    ItemsAdded                       "items-added"                         ANY              Narrows   Additional;
    ItemsRemoved                     "items-removed"                       ANY              Widens    Additional;
    PrefixItemsAdded                 "prefix-items-added"                  ANY              Widens    Additional;
    PrefixItemsRemoved               "prefix-items-removed"                ANY              Narrows   Additional;
    PositionDescribed                "position-described"                  ANY              Narrows   Additional;
    PositionNotDescribed             "position-not-described"              ANY              Widens    Additional;
    UnevaluatedPropertiesAdded       "unevaluated-properties-added"        ANY              Narrows   Condition;
    UnevaluatedPropertiesRemoved     "unevaluated-properties-removed"      ANY              Widens    Condition;
    UnevaluatedItemsAdded            "unevaluated-items-added"             ANY              Narrows   Condition;
    UnevaluatedItemsRemoved          "unevaluated-items-removed"           ANY              Widens    Condition;
    PropertyNamesAdded               "property-names-added"                ANY              Narrows   Condition;
    PropertyNamesRemoved             "property-names-removed"              ANY              Widens    Condition;
    ContainsAdded                    "contains-added"                      ANY              Narrows   Condition;
    ContainsRemoved                  "contains-removed"                    ANY              Widens    Condition;
    NotAdded                         "not-added"                           ANY              Narrows   Condition;
    NotRemoved                       "not-removed"                         ANY              Widens    Condition;
    NotWidened                       "not-widened"                         ANY              Narrows   Condition;
    NotNarrowed                      "not-narrowed"                        ANY              Widens    Condition;
    NotChanged                       "not-changed"                         ANY              MayBreak  Condition;
    IfAdded                          "if-added"                            ANY              Narrows   Condition;
    IfRemoved                        "if-removed"                          ANY              Widens    Condition;
    IfChanged                        "if-changed"                          ANY              Breaks    Condition;
    ThenAdded                        "then-added"                          ANY              Narrows   Condition;
    ThenRemoved                      "then-removed"                        ANY              Widens    Condition;
    ElseAdded                        "else-added"                          ANY              Narrows   Condition;
    ElseRemoved                      "else-removed"                        ANY              Widens    Condition;
    ContentSchemaAdded               "content-schema-added"                ANY              Narrows   Content;
    ContentSchemaRemoved             "content-schema-removed"              ANY              Widens    Content;
    DependentSchemaAdded             "dependent-schema-added"              ANY              Narrows   Condition;
    DependentSchemaRemoved           "dependent-schema-removed"            ANY              Widens    Condition;
    DependentRequiredAdded           "dependent-required-added"            ANY              Narrows   Condition;
    DependentRequiredRemoved         "dependent-required-removed"          ANY              Widens    Condition;
    DependentRequiredChanged         "dependent-required-changed"          ANY              Breaks    Condition;

    DiscriminatorAdded               "discriminator-added"                 ANY              Nothing   Discriminator;
    DiscriminatorRemoved             "discriminator-removed"               ANY              Nothing   Discriminator;
    DiscriminatorPropertyNameChanged "discriminator-property-name-changed" ANY              Nothing   Discriminator;
    DiscriminatorMappingAdded        "discriminator-mapping-added"         ANY              Nothing   Discriminator;
    DiscriminatorMappingChanged      "discriminator-mapping-changed"       ANY              Nothing   Discriminator;
    DiscriminatorMappingDeleted      "discriminator-mapping-deleted"       ANY              Nothing   Discriminator;

    MediaTypeSchemaAdded             "media-type-schema-added"             BODY             Narrows   Media;
    MediaTypeSchemaRemoved           "media-type-schema-removed"           BODY             MayWiden  Media;

    Deprecated                       "deprecated"                          ANNOUNCED        Nothing   Lifecycle;
    DeprecatedWithSunset             "deprecated-with-sunset"              PROPERTY         Nothing   Lifecycle;
    DeprecatedSunsetMissing          "deprecated-sunset-missing"           ENDS             Breaks    Lifecycle;
    DeprecatedSunsetInvalid          "deprecated-sunset-invalid"           PROPERTY         Breaks    Lifecycle;
    Reactivated                      "reactivated"                         ANNOUNCED        Nothing   Lifecycle;
    SunsetDateTooSmall               "sunset-date-too-small"               ENDS             Breaks    Lifecycle;
    StabilityDecreased               "stability-decreased"                 PROPERTY         Breaks    Lifecycle;
    StabilityIncreased               "stability-increased"                 PROPERTY         Nothing   Lifecycle;
}
