//! The table of the rules that are about more than a schema, or about a schema at one place only.

use super::{Direction, Effect, Kind, Scope, Subject};

macro_rules! named {
    ($($variant:ident $id:literal $direction:ident $effect:ident $subject:ident;)*) => {
        /// A rule: what is looked for, under the id that reports and lists of ignored findings know.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            /// Something that can happen at several places: a rule for each of them.
            At(Scope, Kind),
            $(#[doc = $id] $variant,)*
        }

        impl Rule {
            /// All but those at a place.
            pub(super) const NAMED: &'static [Rule] = &[$(Rule::$variant,)*];

            /// The id in two parts: the place, where there is one, and the rest.
            pub(super) const fn parts(self) -> (Option<Scope>, &'static str) {
                match self {
                    Rule::At(scope, kind) => (Some(scope), kind.id()),
                    $(Rule::$variant => (None, $id),)*
                }
            }

            /// Who sends what the rule is about.
            pub const fn direction(self) -> Direction {
                match self {
                    Rule::At(scope, _) => scope.direction(),
                    $(Rule::$variant => Direction::$direction,)*
                }
            }

            /// What it does to the values that are allowed there.
            pub const fn effect(self) -> Effect {
                match self {
                    Rule::At(_, kind) => kind.effect(),
                    $(Rule::$variant => Effect::$effect,)*
                }
            }

            /// What it is about.
            pub const fn subject(self) -> Subject {
                match self {
                    Rule::At(_, kind) => kind.subject(),
                    $(Rule::$variant => Subject::$subject,)*
                }
            }
        }
    };
}

named! {
    // Variant                                   Id                                                         Direction Effect    Subject
    SchemaRespelled                              "schema-respelled"                                         Whole    Nothing   Component;
    ApiSchemaRemoved                             "api-schema-removed"                                       Whole    Nothing   Component;

    EndpointAdded                                "endpoint-added"                                           Whole    Nothing   Operation;
    ApiPathRemovedWithoutDeprecation             "api-path-removed-without-deprecation"                     Whole    Breaks    Operation;
    ApiPathRemovedWithDeprecation                "api-path-removed-with-deprecation"                        Whole    Nothing   Operation;
    ApiPathRemovedBeforeSunset                   "api-path-removed-before-sunset"                           Whole    Breaks    Operation;
    ApiRemovedWithoutDeprecation                 "api-removed-without-deprecation"                          Whole    Breaks    Operation;
    ApiRemovedWithDeprecation                    "api-removed-with-deprecation"                             Whole    Nothing   Operation;
    ApiRemovedBeforeSunset                       "api-removed-before-sunset"                                Whole    Breaks    Operation;
    ApiOperationIdAdded                          "api-operation-id-added"                                   Whole    Nothing   OperationId;
    ApiOperationIdRemoved                        "api-operation-id-removed"                                 Whole    Nothing   OperationId;
    ApiTagAdded                                  "api-tag-added"                                            Whole    Nothing   Tag;
    ApiTagRemoved                                "api-tag-removed"                                          Whole    Nothing   Tag;

    EndpointDeprecated                           "endpoint-deprecated"                                      Whole    Nothing   Lifecycle;
    EndpointDeprecatedWithSunset                 "endpoint-deprecated-with-sunset"                          Whole    Nothing   Lifecycle;
    EndpointReactivated                          "endpoint-reactivated"                                     Whole    Nothing   Lifecycle;
    ApiDeprecatedSunsetMissing                   "api-deprecated-sunset-missing"                            Whole    Breaks    Lifecycle;
    ApiDeprecatedSunsetParse                     "api-deprecated-sunset-parse"                              Whole    Breaks    Lifecycle;
    ApiPathSunsetParse                           "api-path-sunset-parse"                                    Whole    Breaks    Lifecycle;
    ApiSunsetDateTooSmall                        "api-sunset-date-too-small"                                Whole    Breaks    Lifecycle;
    ApiSunsetDateChangedTooSmall                 "api-sunset-date-changed-too-small"                        Whole    Breaks    Lifecycle;
    SunsetDeleted                                "sunset-deleted"                                           Whole    Breaks    Lifecycle;
    ApiInvalidStabilityLevel                     "api-invalid-stability-level"                              Whole    Breaks    Lifecycle;
    ApiStabilityDecreased                        "api-stability-decreased"                                  Whole    Breaks    Lifecycle;
    ApiStabilityIncreased                        "api-stability-increased"                                  Whole    Nothing   Lifecycle;

    ApiServerAdded                               "api-server-added"                                         Whole    Nothing   Server;
    ApiServerRemoved                             "api-server-removed"                                       Whole    Breaks    Server;
    ApiServersReplaced                           "api-servers-replaced"                                     Whole    Breaks    Server;
    ApiServerOrderChanged                        "api-server-order-changed"                                 Whole    MayBreak  Server;

    ApiGlobalSecurityAdded                       "api-global-security-added"                                Whole    Nothing   GlobalSecurity;
    ApiGlobalSecurityRemoved                     "api-global-security-removed"                              Whole    Nothing   GlobalSecurity;
    ApiGlobalSecurityScopeAdded                  "api-global-security-scope-added"                          Whole    Nothing   Security;
    ApiGlobalSecurityScopeRemoved                "api-global-security-scope-removed"                        Whole    Nothing   Security;
    ApiSecurityAdded                             "api-security-added"                                       Whole    Nothing   Security;
    ApiSecurityRemoved                           "api-security-removed"                                     Whole    Nothing   Security;
    ApiSecurityScopeAdded                        "api-security-scope-added"                                 Whole    Nothing   Security;
    ApiSecurityScopeRemoved                      "api-security-scope-removed"                               Whole    Nothing   Security;
    ApiSecurityBecameRequired                    "api-security-became-required"                             Whole    Breaks    Presence;
    ApiSecurityNoLongerOptional                  "api-security-no-longer-optional"                          Whole    Breaks    Security;
    ApiSecurityMadeOptional                      "api-security-made-optional"                               Whole    Nothing   Security;
    ApiSecurityTightened                         "api-security-tightened"                                   Whole    Breaks    Security;
    ApiSecurityComponentAdded                    "api-security-component-added"                             Whole    Nothing   Component;
    ApiSecurityComponentRemoved                  "api-security-component-removed"                           Whole    Nothing   Component;
    ApiSecurityComponentTypeChanged              "api-security-component-type-changed"                      Whole    Nothing   Security;
    ApiSecurityComponentApiKeyChanged            "api-security-component-api-key-changed"                   Whole    Breaks    Security;
    ApiSecurityComponentSchemeChanged            "api-security-component-scheme-changed"                    Whole    Breaks    Security;
    ApiSecurityComponentOpenIdConnectUrlChanged  "api-security-component-open-id-connect-url-changed"       Whole    MayBreak  Security;
    ApiSecurityComponentOauthFlowAdded           "api-security-component-oauth-flow-added"                  Whole    Nothing   Security;
    ApiSecurityComponentOauthFlowRemoved         "api-security-component-oauth-flow-removed"                Whole    Breaks    Security;
    ApiSecurityComponentOauthUrlChanged          "api-security-component-oauth-url-changed"                 Whole    Nothing   Security;
    ApiSecurityComponentOauthTokenUrlChanged     "api-security-component-oauth-token-url-changed"           Whole    Nothing   Security;
    ApiSecurityComponentOauthScopeAdded          "api-security-component-oauth-scope-added"                 Whole    Nothing   Security;
    ApiSecurityComponentOauthScopeChanged        "api-security-component-oauth-scope-changed"               Whole    Nothing   Security;
    ApiSecurityComponentOauthScopeRemoved        "api-security-component-oauth-scope-removed"               Whole    Nothing   Security;

    NewRequestPathParameter                      "new-request-path-parameter"                               Request  Narrows   Parameter;
    NewRequiredRequestParameter                  "new-required-request-parameter"                           Request  Narrows   Parameter;
    NewOptionalRequestParameter                  "new-optional-request-parameter"                           Request  Widens    Parameter;
    NewRequiredRequestDefaultParameterToExistingPath "new-required-request-default-parameter-to-existing-path"  Request  Narrows   Parameter;
    NewOptionalRequestDefaultParameterToExistingPath "new-optional-request-default-parameter-to-existing-path"  Request  Widens    Parameter;
    RequestParameterRemoved                      "request-parameter-removed"                                Request  MayNarrow Parameter;
    RequestParameterRemovedWithDeprecation       "request-parameter-removed-with-deprecation"               Request  Nothing   Parameter;
    RequestParameterRemovedBeforeSunset          "request-parameter-removed-before-sunset"                  Request  Narrows   Parameter;
    RequestParameterSunsetParse                  "request-parameter-sunset-parse"                           Request  Breaks    Lifecycle;
    RequestParameterSunsetDeleted                "request-parameter-sunset-deleted"                         Request  Breaks    Lifecycle;
    RequestParameterSunsetDateChangedTooSmall    "request-parameter-sunset-date-changed-too-small"          Request  Breaks    Lifecycle;
    RequestParameterSchemaAdded                  "request-parameter-schema-added"                           Request  MayNarrow Type;
    RequestParameterSchemaRemoved                "request-parameter-schema-removed"                         Request  Widens    Type;
    RequestParameterSchemaReplacedByContent      "request-parameter-schema-replaced-by-content"             Request  Breaks    Encoding;
    RequestParameterContentReplacedBySchema      "request-parameter-content-replaced-by-schema"             Request  Breaks    Encoding;
    RequestParameterSerializationChanged         "request-parameter-serialization-changed"                  Request  Breaks    Encoding;
    RequestParameterStyleChanged                 "request-parameter-style-changed"                          Request  Breaks    Style;
    RequestParameterExplodeChanged               "request-parameter-explode-changed"                        Request  Breaks    Style;
    RequestParameterAllowReservedAdded           "request-parameter-allow-reserved-added"                   Request  Widens    Style;
    RequestParameterAllowReservedRemoved         "request-parameter-allow-reserved-removed"                 Request  Narrows   Style;

    RequestBodyAddedRequired                     "request-body-added-required"                              Request  Narrows   Body;
    RequestBodyAddedOptional                     "request-body-added-optional"                              Request  Widens    Body;
    RequestBodyRemoved                           "request-body-removed"                                     Request  Narrows   Body;
    RequestBodyMediaTypeAdded                    "request-body-media-type-added"                            Request  Widens    Media;
    RequestBodyMediaTypeRemoved                  "request-body-media-type-removed"                          Request  Narrows   Media;
    RequestBodyMediaTypeNameChanged              "request-body-media-type-name-changed"                     Request  Narrows   Media;
    RequestPropertyEncodingChanged               "request-property-encoding-changed"                        Request  Breaks    Encoding;
    RequestPropertyEncodingWidened               "request-property-encoding-widened"                        Request  Widens    Encoding;

    NewRequiredRequestProperty                   "new-required-request-property"                            Request  Narrows   Property;
    NewRequiredRequestPropertyWithDefault        "new-required-request-property-with-default"               Request  Narrows   Property;
    NewOptionalRequestProperty                   "new-optional-request-property"                            Request  Widens    Property;
    NewRequiredRequestParameterProperty          "new-required-request-parameter-property"                  Request  Narrows   Property;
    NewOptionalRequestParameterProperty          "new-optional-request-parameter-property"                  Request  Widens    Property;
    NewRequiredRequestHeaderProperty             "new-required-request-header-property"                     Request  Narrows   Property;
    RequestPropertyRemoved                       "request-property-removed"                                 Request  MayNarrow Property;
    RequestPropertyRemovedAndRefused             "request-property-removed-and-refused"                     Request  Narrows   Property;
    RequestParameterPropertyRemoved              "request-parameter-property-removed"                       Request  MayNarrow Property;
    RequestParameterPropertyRemovedAndRefused    "request-parameter-property-removed-and-refused"           Request  Narrows   Property;
    RequestHeaderPropertyBecameEnum              "request-header-property-became-enum"                      Request  Narrows   Values;
    RequestHeaderPropertyBecameRequired          "request-header-property-became-required"                  Request  Narrows   Presence;

    RequestOptionalPropertyBecameReadOnly        "request-optional-property-became-read-only"               Request  Nothing   Access;
    RequestOptionalPropertyBecameNotReadOnly     "request-optional-property-became-not-read-only"           Request  Nothing   Access;
    RequestOptionalPropertyBecameWriteOnly       "request-optional-property-became-write-only"              Request  Nothing   Access;
    RequestOptionalPropertyBecameNotWriteOnly    "request-optional-property-became-not-write-only"          Request  Nothing   Access;
    RequestRequiredPropertyBecameReadOnly        "request-required-property-became-read-only"               Request  Nothing   Access;
    RequestRequiredPropertyBecameNotReadOnly     "request-required-property-became-not-read-only"           Request  Nothing   Access;
    RequestRequiredPropertyBecameWriteOnly       "request-required-property-became-write-only"              Request  Nothing   Access;
    RequestRequiredPropertyBecameNotWriteOnly    "request-required-property-became-not-write-only"          Request  Nothing   Access;
    RequestPropertyNoLongerAccepted              "request-property-no-longer-accepted"                      Request  MayNarrow Exchange;
    RequestRequiredPropertyMustBeSent            "request-required-property-must-be-sent"                   Request  Narrows   Exchange;

    ResponseSuccessStatusAdded                   "response-success-status-added"                            Response Nothing   Status;
    ResponseSuccessStatusRemoved                 "response-success-status-removed"                          Response Breaks    Status;
    ResponseNonSuccessStatusAdded                "response-non-success-status-added"                        Response Nothing   ErrorStatus;
    ResponseNonSuccessStatusRemoved              "response-non-success-status-removed"                      Response Nothing   ErrorStatus;
    ResponseDefaultAdded                         "response-default-added"                                   Response Nothing   Status;
    ResponseDefaultRemoved                       "response-default-removed"                                 Response MayBreak  Status;
    ResponseMediaTypeAdded                       "response-media-type-added"                                Response Nothing   Media;
    ResponseMediaTypeRemoved                     "response-media-type-removed"                              Response Breaks    Media;
    ResponseMediaTypeNameChanged                 "response-media-type-name-changed"                         Response Nothing   Media;
    ResponseMediaTypeNameGeneralized             "response-media-type-name-generalized"                     Response Widens    Media;
    ResponseMediaTypeNameSpecialized             "response-media-type-name-specialized"                     Response Narrows   Media;
    ResponseMediatypeEnumValueRemoved            "response-mediatype-enum-value-removed"                    Response Narrows   Value;
    ResponseHeaderAdded                          "response-header-added"                                    Response Narrows   Header;
    RequiredResponseHeaderRemoved                "required-response-header-removed"                         Response Widens    Header;
    OptionalResponseHeaderRemoved                "optional-response-header-removed"                         Response MayWiden  Header;
    ResponseHeaderSerializationChanged           "response-header-serialization-changed"                    Response Breaks    Encoding;

    ResponseRequiredPropertyAdded                "response-required-property-added"                         Response Narrows   Property;
    ResponseOptionalPropertyAdded                "response-optional-property-added"                         Response Narrows   Property;
    ResponseRequiredPropertyRemoved              "response-required-property-removed"                       Response Widens    Property;
    ResponseOptionalPropertyRemoved              "response-optional-property-removed"                       Response MayWiden  Property;
    ResponseRequiredWriteOnlyPropertyAdded       "response-required-write-only-property-added"              Hidden   Narrows   Property;
    ResponseOptionalWriteOnlyPropertyAdded       "response-optional-write-only-property-added"              Hidden   Narrows   Property;
    ResponseRequiredWriteOnlyPropertyRemoved     "response-required-write-only-property-removed"            Hidden   Widens    Property;
    ResponseOptionalWriteOnlyPropertyRemoved     "response-optional-write-only-property-removed"            Hidden   Widens    Property;
    ResponseOptionalPropertyBecameReadOnly       "response-optional-property-became-read-only"              Response Nothing   Access;
    ResponseOptionalPropertyBecameNotReadOnly    "response-optional-property-became-not-read-only"          Response Nothing   Access;
    ResponseOptionalPropertyBecameWriteOnly      "response-optional-property-became-write-only"             Response Nothing   Access;
    ResponseOptionalPropertyBecameNotWriteOnly   "response-optional-property-became-not-write-only"         Response Nothing   Access;
    ResponseRequiredPropertyBecameReadOnly       "response-required-property-became-read-only"              Response Nothing   Access;
    ResponseRequiredPropertyBecameNotReadOnly    "response-required-property-became-not-read-only"          Response Nothing   Access;
    ResponseRequiredPropertyBecameWriteOnly      "response-required-property-became-write-only"             Response Nothing   Access;
    ResponseRequiredPropertyBecameNotWriteOnly   "response-required-property-became-not-write-only"         Response MayBreak  Access;
    ResponseRequiredPropertyNoLongerSent         "response-required-property-no-longer-sent"                Response Widens    Exchange;
    ResponseOptionalPropertyNoLongerSent         "response-optional-property-no-longer-sent"                Response MayWiden  Exchange;

    WebhookAdded                                 "webhook-added"                                            Whole    Nothing   Event;
    WebhookRemoved                               "webhook-removed"                                          Whole    Breaks    Event;
    ApiCallbackAdded                             "api-callback-added"                                       Whole    Nothing   Event;
    ApiCallbackRemoved                           "api-callback-removed"                                     Whole    Breaks    Event;
    ApiCallbackAddressChanged                    "api-callback-address-changed"                             Whole    Breaks    Event;
    ApiCallbackAddressRemoved                    "api-callback-address-removed"                             Whole    Breaks    Event;
    EventPayloadAdded                            "event-payload-added"                                      Response Nothing   Body;
    EventPayloadRemoved                          "event-payload-removed"                                    Response Breaks    Body;
    EventPayloadBecameOptional                   "event-payload-became-optional"                            Response Widens    Presence;
    EventPayloadBecameRequired                   "event-payload-became-required"                            Response Narrows   Presence;
    EventMediaTypeAdded                          "event-media-type-added"                                   Response MayWiden  Media;
    EventMediaTypeRemoved                        "event-media-type-removed"                                 Response Narrows   Media;
    EventMediaTypeReplaced                       "event-media-type-replaced"                                Response Breaks    Media;
    EventParameterAdded                          "event-parameter-added"                                    Response Narrows   Parameter;
    EventRequiredParameterRemoved                "event-required-parameter-removed"                         Response Widens    Parameter;
    EventOptionalParameterRemoved                "event-optional-parameter-removed"                         Response MayWiden  Parameter;
    EventParameterBecameOptional                 "event-parameter-became-optional"                          Response Widens    Presence;
    EventParameterBecameRequired                 "event-parameter-became-required"                          Response Narrows   Presence;
    EventPropertyEncodingChanged                 "event-property-encoding-changed"                          Response Breaks    Encoding;
    EventSecurityChanged                         "event-security-changed"                                   Response Widens    Security;
    EventReplyStatusAdded                        "event-reply-status-added"                                 Request  Widens    Status;
    EventReplyStatusRemoved                      "event-reply-status-removed"                               Request  Narrows   Status;
    EventReplyBodyAdded                          "event-reply-body-added"                                   Request  Narrows   Body;
    EventReplyBodyRemoved                        "event-reply-body-removed"                                 Request  MayNarrow Body;
}
