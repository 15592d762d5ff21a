//! Where a discriminator leads: by its mapping, else by the names of schemas.

use crate::view::{Schema, Side, Spot};
use conversations_document::reference::schema_reference;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The schema that a mapping gives for a value, as a reference or by its name.
pub(crate) fn target<'a>(side: &Side<'a>, written: &Value) -> Option<Spot<'a>> {
    let written = written.as_str()?;
    match written.starts_with('#') {
        true => side.target(written),
        false => side.target(&schema_reference(written)),
    }
}

/// The mapping of a discriminator from values to schemas.
pub(crate) fn mapping(discriminator: &Value) -> Option<&Map<String, Value>> {
    discriminator.get("mapping").and_then(Value::as_object)
}

/// The name of an alternative where it is the value of the discriminator beside it: no mapping and no list of the values of
/// the property says another one.
pub(crate) fn name<'a>(
    side: &Side<'a>,
    holder: &Schema<'a>,
    alternative: &Schema<'a>,
) -> Option<&'a str> {
    let discriminator = holder.get("discriminator")?;
    let property = discriminator.get("propertyName").and_then(Value::as_str)?;
    let name = alternative.reference?.rsplit('/').next()?;
    let leads_here = |written: &Value| {
        let target = target(side, written).map(|it| side.resolve(it));
        target.is_some_and(|it| it.pointer == alternative.at.pointer)
    };
    let mapped = mapping(discriminator).is_some_and(|it| it.values().any(leads_here));
    let property = alternative.property(property).map(|it| side.schema(it));
    let listed = property.is_some_and(|it| it.listed().is_some());
    (!mapped && !listed).then_some(name)
}

/// The names of all alternatives that are values of the discriminator beside them.
pub(crate) fn names<'a>(side: &Side<'a>, holder: &Schema<'a>) -> BTreeSet<&'a str> {
    let all = ["oneOf", "anyOf"].into_iter().flat_map(|key| holder.list(key));
    all.filter_map(|it| name(side, holder, &side.schema(it))).collect()
}
