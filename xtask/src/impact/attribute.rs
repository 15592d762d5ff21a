//! Gives each line of the surface's comparison its cause.

use super::{
    causes::Evidence,
    direct::direct,
    follow::follow,
    guess::guess,
    lines::{Line, Role, written},
    setting::Setting,
};
use conversations_codegen::surface::{Item, Surface, SurfaceDiff, Type};
use conversations_diff::Change;
use std::collections::{BTreeMap, HashMap};

/// What causes what.
pub(super) struct Attributed {
    /// The lines that each change causes. All changes that a report shows as one carry the same.
    pub(super) lines: Vec<Vec<String>>,
    /// The change that causes what each item undergoes, by the item's path.
    pub(super) causes: BTreeMap<String, usize>,
}

/// Gives each difference of the surfaces its cause.
pub(super) fn attribute(
    changes: &[Change],
    base: &Surface,
    revision: &Surface,
    diff: &SurfaceDiff<'_>,
) -> Attributed {
    let setting = Setting::of(changes, [base, revision], diff);
    let found: Vec<Option<usize>> = setting.lines.iter().map(|it| direct(&setting, it)).collect();
    let mut causes = found.clone();
    follow(&setting, &found, &mut causes);
    // Names speak first for what stays, then for whole types, and last for what is in these, since each
    // brings the next along.
    for turn in 0..3 {
        // Fields come before their types, whose lost `Default` says nothing of any other change.
        lost_defaults(&setting, &mut causes);
        for (line, known) in setting.lines.iter().zip(&mut causes) {
            let now = match line.role {
                Role::Type(_) => 1,
                Role::Part { owner, .. } if setting.came_or_went_type(owner) => 2,
                _ => 0,
            };
            if known.is_none() && now == turn && !loses_default(line) {
                *known = guess(&setting, line);
            }
        }
        follow(&setting, &found, &mut causes);
    }
    lost_defaults(&setting, &mut causes);
    let mut by_cause: HashMap<usize, Vec<String>> = HashMap::new();
    let mut by_path = BTreeMap::new();
    let pieces = &setting.causes.pieces;
    for ((written, line), cause) in written(diff).into_iter().zip(&setting.lines).zip(causes) {
        let Some(cause) = cause else { continue };
        by_cause.entry(cause).or_default().push(written);
        let change = pieces.iter().position(|it| it.cause == cause);
        by_path.extend(change.map(|it| (line.path.to_owned(), it)));
    }
    by_cause.values_mut().for_each(|it| it.sort());
    let of = |evidence: &Evidence<'_>| by_cause.get(&evidence.cause).cloned().unwrap_or_default();
    Attributed { lines: pieces.iter().map(of).collect(), causes: by_path }
}

/// A type is no longer `Default` for what one of its fields needs: rather for a field that must be given now than for one
/// that only changes as well.
fn lost_defaults(setting: &Setting<'_>, causes: &mut [Option<usize>]) {
    for at in 0..causes.len() {
        let line = &setting.lines[at];
        let (None, Role::Type(name)) = (causes[at], line.role) else { continue };
        if !loses_default(line) {
            continue;
        }
        let fields = setting.lines.iter().zip(causes.iter()).filter_map(|(it, cause)| {
            let ours = matches!(it.role, Role::Part { owner, .. } if owner == name);
            cause.filter(|_| ours).map(|cause| (it, cause))
        });
        let found = fields.min_by_key(|(it, _)| !must_be_given(it)).map(|it| it.1);
        causes[at] = found;
    }
}

fn loses_default(line: &Line<'_>) -> bool {
    matches!(line.items, [Some(before), Some(after)] if before.loses_default(after))
}

/// Whether a field has no value by itself that had one before, or was not there.
fn must_be_given(line: &Line<'_>) -> bool {
    let optional = |item: &Item| {
        item.ty().is_some_and(|ty| matches!(ty, Type::Of(name, _) if name == "Option"))
    };
    let [before, after] = line.items;
    after.is_some_and(|it| !optional(it)) && before.is_none_or(optional)
}
