//! The rules by name: which limit each avoids and whether it loses something.

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its name in notes.
    pub(crate) name: &'static str,
    /// The limit of the generator that it avoids.
    pub(crate) limit: Option<&'static str>,
    /// Whether the result says less than the document.
    pub(crate) loss: bool,
}

const ONLY_3_0: Option<&str> = Some("the generator reads OpenAPI 3.0 only");
const NO_WORD: Option<&str> = Some("OpenAPI 3.0 has no word for it");
const NO_CODE: Option<&str> = Some("the generator has no code for it");
const ONLY_SCHEMA_REFS: Option<&str> =
    Some("the generator follows references to named schemas only");
const MUST_RESOLVE: Option<&str> = Some("the generator stops at a reference that leads nowhere");
const PATH_AGREES: Option<&str> =
    Some("the generator stops where a path and its parameters disagree");
const NEEDS_ID: Option<&str> =
    Some("the generator needs a distinct operationId for each operation");
const WELL_FORMED: Option<&str> = Some("the generator reads well-formed OpenAPI 3.0 only");

macro_rules! rules {
    ($($(#[$doc:meta])* $id:ident $name:literal $limit:expr, $loss:literal;)*) => {
        $($(#[$doc])* pub(crate) const $id: Rule = Rule { name: $name, limit: $limit, loss: $loss };)*
        /// All of them.
        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($id),*];
    };
}

rules! {
    // The document.
    SWAGGER "swagger-2" ONLY_3_0, false;
    SWAGGER_LOSS "swagger-2-loss" NO_WORD, true;
    VERSION "openapi-version" ONLY_3_0, false;
    NOT_SENT "not-sent" NO_CODE, true;
    NOT_CHECKED "not-checked" NO_CODE, true;
    UNKNOWN_KEY "unknown-key" WELL_FORMED, true;
    FOREIGN_KEY "foreign-key" None, false;
    ROOT_KEY "root-keyword" ONLY_3_0, false;
    WEBHOOKS "webhooks" Some("a client does not receive"), true;
    CALLBACKS "callbacks" Some("a client does not receive"), true;
    LINKS "links" Some("the generator does not follow links"), true;
    COMPONENTS_USED "components-taken-in" ONLY_SCHEMA_REFS, false;
    MISSING_FIELD "missing-field" WELL_FORMED, false;
    WRONG_FORM "wrong-form" WELL_FORMED, false;
    DROPPED_NODE "unusable-node" WELL_FORMED, true;
    TEXT_REF "text-reference" WELL_FORMED, true;
    STATUS "response-status" WELL_FORMED, true;
    SECURITY_TYPE "security-scheme-type" NO_WORD, true;
    METHOD "method" NO_WORD, true;
    ITEM_SCHEMA "item-schema" NO_WORD, true;
    // References.
    SHARED_SCHEMA "shared-schema-named" ONLY_SCHEMA_REFS, false;
    COMPONENT_NAME "component-name" WELL_FORMED, false;
    DEEP_REF "deep-reference" ONLY_SCHEMA_REFS, false;
    DEFS "local-definitions" ONLY_3_0, false;
    LOCAL_REF "local-reference" ONLY_SCHEMA_REFS, false;
    DYNAMIC_REF "dynamic-reference" NO_WORD, true;
    INLINED "reference-resolved" ONLY_SCHEMA_REFS, false;
    DANGLING "dangling-reference" MUST_RESOLVE, true;
    CYCLE "circular-reference" MUST_RESOLVE, true;
    REF_SIBLINGS "reference-siblings" Some("the generator ignores what stands beside a reference"), false;
    REF_SIBLINGS_LOSS "reference-siblings-loss" NO_WORD, true;
    // Paths, parameters, operations.
    PATH_SLASH "path-slash" WELL_FORMED, false;
    PATH_QUERY "path-query" PATH_AGREES, false;
    PATH_FRAGMENT "path-fragment" PATH_AGREES, false;
    PATH_PARAMETERS "path-level-parameters" None, false;
    PLACEHOLDER "undeclared-placeholder" PATH_AGREES, false;
    PLACEHOLDER_NAME "placeholder-name" PATH_AGREES, false;
    NOT_IN_PATH "parameter-not-in-path" PATH_AGREES, true;
    PATH_REQUIRED "path-parameter-required" PATH_AGREES, false;
    PARAMETER_LOSS "unusable-parameter" WELL_FORMED, true;
    PARAMETER_TWICE "parameter-declared-twice" WELL_FORMED, true;
    PARAMETER_SCHEMA "parameter-without-schema" WELL_FORMED, false;
    RESERVED_HEADER "reserved-header-parameter" None, false;
    CREDENTIAL "credential-parameter" None, false;
    MISSING_ID "missing-operation-id" NEEDS_ID, false;
    DUPLICATE_ID "duplicate-operation-id" NEEDS_ID, false;
    // Schemas.
    BOOLEAN_SCHEMA "boolean-schema" ONLY_3_0, false;
    IDENTITY "schema-identity" ONLY_3_0, false;
    TYPE_ARRAY "type-array" ONLY_3_0, false;
    TYPE_NULL "type-null" ONLY_3_0, false;
    TYPE_NULL_LOSS "type-only-null" NO_WORD, true;
    TYPE_FILE "type-file" ONLY_3_0, false;
    TYPE_NAME "type-name" WELL_FORMED, false;
    TYPE_UNKNOWN "type-unknown" WELL_FORMED, true;
    CONST "const" ONLY_3_0, false;
    ENUM_NULL "enum-null" ONLY_3_0, false;
    ENUM_REPEATED "enum-repeated" Some("the generator stops at an enum that repeats a value"), false;
    NULLABLE_UNION "nullable-union" ONLY_3_0, false;
    X_NULLABLE "x-nullable" ONLY_3_0, false;
    EXCLUSIVE "exclusive-bound" ONLY_3_0, false;
    EXAMPLES "schema-examples" ONLY_3_0, false;
    TUPLE "tuple" NO_WORD, true;
    ITEMS_FALSE "items-false" ONLY_3_0, false;
    NO_WORD_LOSS "keyword-loss" NO_WORD, true;
    PATTERN_PROPERTIES "pattern-properties" NO_WORD, true;
    CONTENT_ENCODING "content-encoding" ONLY_3_0, false;
    DISCRIMINATOR "discriminator" ONLY_3_0, false;
    REQUIRED_FLAG "required-flag" WELL_FORMED, false;
    KEYWORD_FORM "keyword-form" WELL_FORMED, false;
    KEYWORD_DROPPED "keyword-unusable" WELL_FORMED, true;
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::collections::BTreeSet;

    #[test]
    fn rules_have_distinct_names() {
        let names: BTreeSet<_> = ALL.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
