//! Which alternatives, or parts of a composition, stand against each other.

use super::{Crossed, Graph, Members, Step, Wrapping};
use crate::discriminator;
use crate::disjoint::{constants, overlap};
use crate::equal::{Fuel, equivalent};
use crate::view::{Schema, Side, Spot, is_annotation, names_types};
use crate::vocabulary::is_covered;

impl<'a> Graph<'a> {
    /// Where only one side lists alternatives, the other may be one of them. Says whether it is.
    pub(super) fn alternatives(
        &mut self,
        id: usize,
        base: &Schema<'a>,
        revision: &Schema<'a>,
    ) -> bool {
        let listed = |side: &Side<'a>, it: &Schema<'a>| {
            let key = ["oneOf", "anyOf"].into_iter().find(|key| !it.list(key).is_empty())?;
            let bare = it.keywords().into_iter().all(|it| {
                it == key || matches!(it, "nullable" | "discriminator") || is_annotation(it)
            });
            bare.then(|| (key, it.members(side, key)))
        };
        let plain = |it: &Schema<'a>| ["oneOf", "anyOf"].iter().all(|key| it.get(key).is_none());
        // A list of types stands for alternatives, one for each. Null is said beside the others.
        let parted = |it: &Schema<'a>| match it.by_type() {
            all if all.is_empty() => vec![it.clone()],
            all => all,
        };
        let (key, left, right) = match (listed(&self.base, base), listed(&self.revision, revision))
        {
            (None, Some((key, list))) if plain(base) => (key, parted(base), list),
            (Some((key, list)), None) if plain(revision) => (key, list, parted(revision)),
            _ => return false,
        };
        let sides = (self.base, self.revision);
        let among = |l: &Schema<'a>| right.iter().any(|r| equivalent(sides, l, r, &self.fuel));
        if (left.len() == 1 || right.len() == 1) && !left.iter().any(among) {
            return false;
        }
        let mut below = Vec::new();
        let members = self.group(key, (base, revision), left, right, &mut below);
        if below.is_empty() {
            return false;
        }
        let pair = &mut self.pairs[id];
        pair.differs = !members.added.is_empty()
            || !members.removed.is_empty()
            || base.nullable() != revision.nullable();
        pair.members.insert(key, members);
        pair.below = below;
        pair.alternatives_only = true;
        true
    }

    /// Finds which members of a composition stand against each other: by the name of a reference,
    /// by saying the same, by title, by being the only ones of a type, and at last by being the only ones
    /// left. Gives the members that stand alone.
    pub(super) fn group(
        &mut self,
        key: &'static str,
        holders: (&Schema<'a>, &Schema<'a>),
        left: Vec<Schema<'a>>,
        right: Vec<Schema<'a>>,
        below: &mut Vec<(Step, usize)>,
    ) -> Members<'a> {
        type Fits<'f, 'a> = &'f dyn Fn(&Schema<'a>, &Schema<'a>) -> bool;
        let sides = (self.base, self.revision);
        let canonical = self.form.is_canonical();
        let open = [open_types(&left), open_types(&right)];
        let all = (left.clone(), right.clone());
        let mut left: Vec<_> = left.into_iter().enumerate().collect();
        let mut right = right;
        let mut pairs = Vec::new();
        let mut take = |left: &mut Vec<(usize, Schema<'a>)>,
                        right: &mut Vec<Schema<'a>>,
                        fits: Fits<'_, 'a>| {
            let mut at = 0;
            while at < left.len() {
                match right.iter().position(|it| fits(&left[at].1, it)) {
                    Some(other) => pairs.push((left.remove(at), right.remove(other))),
                    None => at += 1,
                }
            }
        };
        let named = |it: &Schema<'a>| it.reference.is_some();
        let title = |it: &Schema<'a>| it.text("title");
        let alike = |l: &Schema<'a>, r: &Schema<'a>| {
            // An alternative that is referred to by another name is another alternative, even if
            // both describe the same for now. For parts of `allOf` only what they say counts, and in the canonical form the
            // name only where it is a value.
            let in_place = key == "allOf" || !named(l) || !named(r);
            let value = |side: &Side<'a>, holder, it| discriminator::name(side, holder, it);
            (in_place
                || canonical && value(&sides.0, holders.0, l) == value(&sides.1, holders.1, r))
                && equivalent(sides, l, r, &self.fuel)
        };
        take(&mut left, &mut right, &|l, r| named(l) && l.reference == r.reference);
        take(&mut left, &mut right, &|l, r| title(l) == title(r) && alike(l, r));
        take(&mut left, &mut right, &|l, r| {
            !named(l) && !named(r) && !title(l).is_empty() && title(l) == title(r)
        });
        take(&mut left, &mut right, &alike);
        if canonical && key != "allOf" {
            let only = |all: &[&Schema<'a>], it: &Schema<'a>| {
                it.types().len() == 1 && all.iter().filter(|o| o.types() == it.types()).count() == 1
            };
            let (l, r) = (left.clone(), right.clone());
            let (l, r): (Vec<_>, Vec<_>) = (l.iter().map(|it| &it.1).collect(), r.iter().collect());
            take(&mut left, &mut right, &|one, other| {
                let unnamed = !named(one) || !named(other);
                unnamed && one.types() == other.types() && (only(&l, one) || only(&r, other))
            });
        }
        if canonical && key != "allOf" {
            let (l, r): (Vec<_>, _) = (left.iter().map(|it| it.1.clone()).collect(), right.clone());
            if let Some(name) = told_apart_by((&sides.0, &l), (&sides.1, &r)) {
                take(&mut left, &mut right, &|l, r| {
                    overlap(constants(&sides.0, l, name), constants(&sides.1, r, name))
                });
            }
        }
        let plain = |it: &Schema<'a>| !named(it) && title(it).is_empty();
        if let ([(_, l)], [r]) = (left.as_slice(), right.as_slice())
            && plain(l)
            && plain(r)
        {
            take(&mut left, &mut right, &|_, _| true);
        }
        // What a type alone allows on the other side neither comes nor goes.
        if canonical && key == "anyOf" {
            left.retain(|it| !is_covered(&it.1.types(), &open[1]));
            right.retain(|it| !is_covered(&it.types(), &open[0]));
            // Nor does what stands there once for several names.
            let same = |l: &Schema<'a>, r: &Schema<'a>| named(l) != named(r) && alike(l, r);
            left.retain(|(_, l)| !all.1.iter().any(|r| same(l, r)));
            right.retain(|r| !all.0.iter().any(|l| same(l, r)));
        }
        for ((at, old), new) in pairs {
            below.push((Step::to_member(key, at), self.intern_schemas(old, new)));
        }
        Members { added: right, removed: left.into_iter().map(|it| it.1).collect() }
    }
}

/// The types of which some alternative allows every value.
fn open_types<'a>(all: &[Schema<'a>]) -> Vec<&'a str> {
    all.iter().filter(|it| names_types(it.keywords())).flat_map(Schema::types).collect()
}

/// Whether the alternatives stand under another keyword than before.
pub(super) fn crossed(base: &Schema<'_>, revision: &Schema<'_>) -> Option<Crossed> {
    let has = |it: &Schema<'_>| (!it.list("oneOf").is_empty(), !it.list("anyOf").is_empty());
    match (has(base), has(revision)) {
        ((true, false), (false, true)) => Some(Crossed::ToAny),
        ((false, true), (true, false)) => Some(Crossed::ToOne),
        _ => None,
    }
}

/// The property whose values distinguish the alternatives of either side from each other.
fn told_apart_by<'a>(
    left: (&Side<'a>, &[Schema<'a>]),
    right: (&Side<'a>, &[Schema<'a>]),
) -> Option<&'a str> {
    let apart = |(side, all): (&Side<'a>, &[Schema<'a>]), name: &str| {
        let values: Vec<_> = all.iter().map(|it| constants(side, it, name)).collect();
        values.iter().enumerate().all(|(at, one)| {
            !one.is_empty() && values.iter().skip(at + 1).all(|other| !overlap(one, other))
        })
    };
    let names = left.1.first()?.texts("required");
    names.into_iter().find(|name| apart(left, name) && apart(right, name))
}

/// Whether the revision is the base made nullable by `oneOf: [{type: null}, base]`, or the reverse.
pub(super) fn wrapping<'a>(
    sides: (Side<'a>, Side<'a>),
    base: &Schema<'a>,
    revision: &Schema<'a>,
    fuel: &Fuel,
) -> Option<Wrapping> {
    if base.nullable() || revision.nullable() {
        return None;
    }
    if let Some(inner) = beside_null(&sides.1, revision) {
        let inner = sides.1.schema(inner);
        return (beside_null(&sides.0, base).is_none() && equivalent(sides, base, &inner, fuel))
            .then_some(Wrapping::BecameNullable);
    }
    let inner = sides.0.schema(beside_null(&sides.0, base)?);
    equivalent(sides, &inner, revision, fuel).then_some(Wrapping::BecameNotNullable)
}

/// The alternative beside `null` of a two-way `oneOf` or `anyOf` that says nothing else.
pub(crate) fn beside_null<'a>(side: &Side<'a>, schema: &Schema<'a>) -> Option<Spot<'a>> {
    let key = ["oneOf", "anyOf"].into_iter().find(|key| schema.list(key).len() == 2)?;
    let bare = schema.keywords().into_iter().all(|it| it == key || is_annotation(it));
    let is_null = |spot: &Spot<'a>| {
        let schema = side.schema(spot.clone());
        schema.written_types() == ["null"]
    };
    let (null, other): (Vec<_>, Vec<_>) = schema.list(key).into_iter().partition(is_null);
    (bare && null.len() == 1).then(|| other.into_iter().next()).flatten()
}
