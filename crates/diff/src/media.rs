//! Media types by name: which of the base stands against which of the revision.

/// A media type taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Media {
    kind: String,
    subtype: String,
    suffix: String,
    /// Their names and values, without quotation marks.
    parameters: Vec<(String, String)>,
}

fn parse(name: &str) -> Media {
    let mut parts = name.split(';').map(|it| it.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let (kind, rest) = essence.split_once('/').unwrap_or((&essence, ""));
    let (subtype, suffix) = rest.rsplit_once('+').unwrap_or((rest, ""));
    let pair = |it: String| {
        let (name, value) = it.split_once('=').unwrap_or((&it, ""));
        (name.trim().to_owned(), value.trim().trim_matches('"').to_owned())
    };
    let mut parameters: Vec<_> = parts.filter(|it| !it.is_empty()).map(pair).collect();
    parameters.sort();
    Media {
        kind: kind.to_owned(),
        subtype: subtype.to_owned(),
        suffix: suffix.to_owned(),
        parameters,
    }
}

/// Whether everything of the type `inner` is also of the type `outer`, parameters apart.
fn contains(outer: &Media, inner: &Media) -> bool {
    if outer.kind == "*" {
        return true;
    }
    if outer.kind != inner.kind {
        return false;
    }
    outer.subtype == "*"
        || (outer.suffix.is_empty() && !inner.suffix.is_empty() && inner.suffix == outer.subtype)
        || (outer.subtype == inner.subtype && outer.suffix == inner.suffix)
}

/// Whether both give a parameter, and not the same value: `version=1` is not read as `version=2`.
fn differ(left: &Media, right: &Media) -> bool {
    let other = |(name, value): &(String, String)| {
        right.parameters.iter().any(|it| it.0 == *name && it.1 != *value)
    };
    left.parameters.iter().any(other)
}

/// How the name of a media type changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renaming {
    /// Only letter case, spaces or quotation marks differ, if anything.
    Same,
    /// The parameters differ.
    Parameters,
    /// The new name stands for less.
    Specialized,
    /// The new name stands for more.
    Generalized,
}

/// How `from` became `to`.
pub(crate) fn renaming(from: &str, to: &str) -> Renaming {
    let (from, to) = (parse(from), parse(to));
    if from == to {
        Renaming::Same
    } else if from.parameters != to.parameters {
        Renaming::Parameters
    } else if contains(&from, &to) {
        Renaming::Specialized
    } else {
        Renaming::Generalized
    }
}

/// Whether a client that sends `from` sends what `to` asks for.
pub(crate) fn accepts(to: &str, from: &str) -> bool {
    let (from, to) = (parse(from), parse(to));
    to.kind == "*"
        || to.kind == from.kind
            && (to.subtype == "*" || (to.subtype == from.subtype && to.suffix == from.suffix))
}

/// Two lists of names, lined up.
#[derive(Debug, Default)]
pub(crate) struct LinedUp<'n> {
    /// What stands against each other: exact matches first, then related names.
    pub(crate) pairs: Vec<(&'n str, &'n str)>,
    /// What only one side names, and the range of the other side that describes it.
    pub(crate) held: Vec<(&'n str, &'n str)>,
    /// What only the base has, and no range of the revision holds.
    pub(crate) removed: Vec<&'n str>,
    /// What only the revision has.
    pub(crate) added: Vec<&'n str>,
}

/// Lines up two lists of names.
pub(crate) fn pair<'n>(base: &[&'n str], revision: &[&'n str]) -> LinedUp<'n> {
    let mut removed = base.to_vec();
    let mut added = revision.to_vec();
    let mut pairs = Vec::new();
    let related = |l: &str, r: &str| {
        let (l, r) = (parse(l), parse(r));
        (contains(&l, &r) || contains(&r, &l)) && !differ(&l, &r)
    };
    let exact = |l: &str, r: &str| l == r;
    let spelt = |l: &str, r: &str| parse(l) == parse(r);
    for fit in [&exact as &dyn Fn(&str, &str) -> bool, &spelt, &related] {
        removed.retain(|l| match added.iter().position(|r| fit(l, r)) {
            Some(at) => {
                pairs.push((*l, added.remove(at)));
                false
            }
            None => true,
        });
    }
    let mut held = Vec::new();
    removed.retain(|name| match range_of(name, revision) {
        Some(range) => {
            held.push((*name, range));
            false
        }
        None => true,
    });
    held.extend(added.iter().filter_map(|name| Some((range_of(name, base)?, *name))));
    LinedUp { pairs, held, removed, added }
}

/// The narrowest range among `names` that holds the media type `name`.
pub(crate) fn range_of<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let inner = parse(name);
    let holds = |range: &Media| {
        range.subtype == "*" && (range.kind == "*" || range.kind == inner.kind) && *range != inner
    };
    let ranges = names.iter().map(|it| (parse(it), *it)).filter(|it| holds(&it.0));
    ranges.max_by_key(|it| it.0.kind != "*").map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_related_through_their_suffix() {
        assert_eq!(renaming("application/json", "Application/JSON"), Renaming::Same);
        assert_eq!(
            renaming("text/csv; charset=\"utf-8\"", "text/csv;charset=UTF-8"),
            Renaming::Same
        );
        assert_eq!(renaming("text/csv", "text/csv; header=present"), Renaming::Parameters);
        assert_eq!(renaming("application/json", "application/problem+json"), Renaming::Specialized);
        assert_eq!(renaming("application/problem+json", "application/json"), Renaming::Generalized);
        assert!(accepts("*/*", "text/plain") && !accepts("application/json", "application/a+json"));
    }

    #[test]
    fn exact_names_win_over_related_ones() {
        let all =
            pair(&["application/a+json", "application/json"], &["application/json", "text/plain"]);
        assert_eq!(all.pairs, [("application/json", "application/json")]);
        assert_eq!((all.removed, all.added), (vec!["application/a+json"], vec!["text/plain"]));
    }

    #[test]
    fn names_of_other_parameters_are_not_related() {
        let all = pair(
            &["application/json; v=1", "application/json; v=2; charset=utf-8", "text/csv"],
            &["application/json; v=\"2\"", "application/json; v=3", "text/csv; header=present"],
        );
        let same = ("application/json; v=2; charset=utf-8", "application/json; v=\"2\"");
        assert_eq!(all.pairs, [same, ("text/csv", "text/csv; header=present")]);
        assert_eq!(
            (all.removed, all.added),
            (vec!["application/json; v=1"], vec!["application/json; v=3"])
        );
    }
}
