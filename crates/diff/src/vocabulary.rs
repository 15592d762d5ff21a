//! The keywords of JSON Schema by the type of the values that they speak of, and which types and formats hold others.

/// Marks a list of types that was written as alternatives.
pub(crate) const LISTED: &str = "x-canonical-listed";

/// The keywords that speak of values of one type only.
const OF_TYPE: [(&str, &[&str]); 4] = [
    (
        "string",
        &[
            "minLength",
            "maxLength",
            "pattern",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
        ],
    ),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    (
        "array",
        &[
            "items",
            "prefixItems",
            "minItems",
            "maxItems",
            "uniqueItems",
            "contains",
            "minContains",
            "maxContains",
            "unevaluatedItems",
        ],
    ),
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "dependentRequired",
            "dependentSchemas",
            "unevaluatedProperties",
        ],
    ),
];

/// The type whose values the keyword speaks of.
pub(crate) fn type_of(key: &str) -> Option<&'static str> {
    OF_TYPE.iter().find(|(_, keys)| keys.contains(&key)).map(|it| it.0)
}

/// Whether a keyword beside a list of types speaks of values of the type `kind`.
pub(crate) fn speaks_of(key: &str, kind: &str) -> bool {
    match key {
        // Whether null is allowed does not depend on the other types.
        "nullable" | LISTED => false,
        "format" => kind == "string",
        _ => type_of(key).is_none_or(|it| it == kind || it == "number" && kind == "integer"),
    }
}

/// Whether the second format is known to hold what the first one does.
pub(crate) fn format_widens(types: &[&str], from: &str, to: &str) -> bool {
    match types {
        ["number"] => matches!((from, to), ("float", "double")),
        ["integer"] => matches!((from, to), ("int32", "int64" | "bigint") | ("int64", "bigint")),
        ["string"] => matches!((from, to), ("date" | "time", "date-time")),
        _ => false,
    }
}

/// The least and the largest number that a format of whole numbers has.
pub(crate) fn format_bounds(types: &[&str], format: &str) -> Option<(f64, f64)> {
    let (least, bits) = match (types, format) {
        (["integer"], "int8" | "int16" | "int32" | "int64") => (-1.0, 1),
        (["integer"], "uint8" | "uint16" | "uint32" | "uint64") => (0.0, 0),
        _ => return None,
    };
    let width: i32 = format.trim_start_matches(|it: char| it.is_ascii_alphabetic()).parse().ok()?;
    let power = 2_f64.powi(width - bits);
    Some((least * power, power - 1.0))
}

/// Whether every type of `inner` is one of `outer`, an integer being a number. Without types there
/// is nothing to compare.
pub(crate) fn within(inner: &[&str], outer: &[&str]) -> bool {
    let covered = |it: &&str| outer.contains(it) || (*it == "integer" && outer.contains(&"number"));
    !inner.is_empty() && !outer.is_empty() && inner.iter().all(covered)
}

/// Whether values of the types `inner`, none of them a list or an object, are all of the types `outer`.
pub(crate) fn is_covered(inner: &[&str], outer: &[&str]) -> bool {
    within(inner, outer) && !inner.iter().any(|it| matches!(*it, "array" | "object"))
}
