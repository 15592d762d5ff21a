//! Deprecation and stability of properties.

use super::{Findings, Place, Visit};
use crate::lifecycle::{MISSING, Sunset};
use crate::rules::{Kind, Rule};
use crate::types::Stability;
use serde_json::Value;

/// Judges what the schema says about its own future.
pub(super) fn judge(visit: &Visit<'_, '_>, findings: &mut Findings<'_>) {
    if visit.root || !matches!(visit.place, Place::Request { .. } | Place::Response { .. }) {
        return;
    }
    let (base, revision) = (&visit.pair.base, &visit.pair.revision);
    match (base.flag("deprecated"), revision.flag("deprecated")) {
        (true, false) => {
            visit.add(findings, Kind::Reactivated, "deprecated", "is no longer deprecated");
        }
        (false, true) => {
            let (kind, what) = match Sunset::of(revision.any("x-sunset")) {
                Sunset::Absent if findings.notice > 0 => {
                    (Kind::DeprecatedSunsetMissing, MISSING.to_owned())
                }
                Sunset::Absent => (Kind::Deprecated, "is deprecated".to_owned()),
                Sunset::Unreadable(why) => {
                    let what = format!("is deprecated with an unreadable sunset: {why}");
                    (Kind::DeprecatedSunsetInvalid, what)
                }
                Sunset::On(date) if findings.is_too_soon(date) => (
                    Kind::SunsetDateTooSmall,
                    format!("is deprecated and ends too soon, on {date}"),
                ),
                Sunset::On(date) => {
                    (Kind::DeprecatedWithSunset, format!("is deprecated and ends on {date}"))
                }
            };
            visit.add(findings, kind, "deprecated", &what);
        }
        _ => {}
    }
    let key = "x-stability-level";
    let (old, new): (&Value, &Value) = (base.any(key), revision.any(key));
    if old == new {
        return;
    }
    match (Stability::of(old), Stability::of(new)) {
        (Err(why), _) | (_, Err(why)) => {
            visit.add_as(findings, Rule::ApiInvalidStabilityLevel, key, &why);
        }
        (Ok(old), Ok(new)) if old != new && findings.policy.promises(old) => {
            let what = format!("went from {} to {}", old.name(), new.name());
            let kind = if new < old { Kind::StabilityDecreased } else { Kind::StabilityIncreased };
            visit.add(findings, kind, key, &what);
        }
        _ => {}
    }
}
