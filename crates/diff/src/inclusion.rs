//! Whether a schema allows every value that another one allows, as far as that can be shown.
//!
//! The rules look at one keyword each; where a value is limited by another keyword than before, only the
//! whole schemas say whether something is refused that was accepted. A property that a schema does not
//! describe counts as absent: nobody sends what no document names.

mod values;

use crate::disjoint::{are_disjoint, of_other_types};
use crate::equal::{Fuel, equivalent};
use crate::view::{Key, Schema, Side, Spot, is_annotation};
use crate::vocabulary::{format_bounds, format_widens, type_of, within};
use serde_json::Value;
use std::collections::BTreeMap;
use values::{allows, values};

/// Below this depth nothing is shown any more.
const MAX_DEPTH: usize = 32;

/// What is known of pairs of schemas: whether the second allows all that the first one allows.
pub(crate) type Shown = BTreeMap<(Key, Key), bool>;

/// Whether `outer` allows every value that `inner` allows. Of an answer, `inner` is what is sent now.
pub(crate) fn is_included<'a>(
    answer: bool,
    sides: (Side<'a>, Side<'a>),
    (inner, outer): (&Schema<'a>, &Schema<'a>),
    fuel: &Fuel,
    shown: &mut Shown,
) -> bool {
    let mut search = Search::new(answer, sides, fuel, shown);
    let is_included = search.schemas(inner, outer, 0);
    // What was assumed on the way holds together with what was asked.
    let assumed = search.assumed;
    if is_included {
        shown.extend(assumed.into_iter().map(|it| (it, true)));
    }
    is_included
}

struct Search<'a, 's> {
    /// Whether it is about an answer, where what is no longer described is missed.
    answer: bool,
    /// Whether a property may be there that a schema does not describe.
    partial: bool,
    /// The documents of the inner and of the outer schemas.
    sides: (Side<'a>, Side<'a>),
    fuel: &'s Fuel,
    known: &'s mut Shown,
    assumed: Vec<(Key, Key)>,
    /// The one value that a property has in the inner schema which is looked at in this depth.
    fixed: Option<(usize, &'a str, Value)>,
    /// What is asked beside the alternative that is looked at as the inner schema in this depth.
    around: Option<(usize, Schema<'a>)>,
}

impl<'a, 's> Search<'a, 's> {
    fn new(
        answer: bool,
        sides: (Side<'a>, Side<'a>),
        fuel: &'s Fuel,
        known: &'s mut Shown,
    ) -> Self {
        let (assumed, fixed, around) = (Vec::new(), None, None);
        Self { answer, partial: false, sides, fuel, known, assumed, fixed, around }
    }

    fn schemas(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        if !self.may_go_on(depth) {
            return false;
        }
        let pair = (inner.key(), outer.key());
        if let Some(known) = self.known.get(&pair) {
            return *known;
        }
        if self.assumed.contains(&pair) {
            return true;
        }
        let before = self.assumed.len();
        self.assumed.push(pair);
        let is_included = self.whole(inner, outer, depth);
        if !is_included {
            // What was shown meanwhile may have been so by this assumption.
            self.assumed.truncate(before);
            self.known.insert(pair, false);
        }
        is_included
    }

    fn may_go_on(&self, depth: usize) -> bool {
        let left = self.fuel.get().saturating_sub(1);
        self.fuel.set(left);
        depth <= MAX_DEPTH && left > 0
    }

    /// Whether `outer` allows what an alternative of `whole` allows, together with what is asked beside it.
    fn alternative(
        &mut self,
        whole: &Schema<'a>,
        inner: &Schema<'a>,
        outer: &Schema<'a>,
        depth: usize,
    ) -> bool {
        // Alone, it would lack the properties that the whole describes.
        if describing(whole).is_none() && self.schemas(inner, outer, depth) {
            return true;
        }
        let before = self.around.replace((depth, whole.clone()));
        let is_included = self.may_go_on(depth) && self.whole(inner, outer, depth);
        self.around = before;
        is_included
    }

    fn spots(&mut self, inner: Spot<'a>, outer: Spot<'a>, depth: usize) -> bool {
        let (inner, outer) = (self.sides.0.schema(inner), self.sides.1.schema(outer));
        self.schemas(&inner, &outer, depth + 1)
    }

    fn whole(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        // What decides who sends a value and how it is read is no matter of more or less.
        let apart = ["readOnly", "writeOnly", "contentEncoding", "contentMediaType"];
        if apart.iter().any(|key| inner.get(key) != outer.get(key)) {
            return false;
        }
        if outer.says_nothing() || inner.refuses_all() {
            return true;
        }
        // A discriminator leads to schemas that nothing here refers to.
        let leads = |it: &Schema<'a>| {
            let lists = |key: &&str| !it.list(key).is_empty();
            it.get("discriminator").is_some() && !["oneOf", "anyOf"].iter().any(lists)
        };
        if leads(inner) || leads(outer) {
            return false;
        }
        if !outer.at.value.is_object() || !inner.at.value.is_object() {
            return inner.at.value == outer.at.value;
        }
        let around = self.around.clone().filter(|it| it.0 == depth).map(|it| it.1);
        let null = |side: &Side<'a>, it: &Schema<'a>| allows(side, it, &Value::Null, depth);
        let mut refusing = std::iter::once(inner).chain(&around);
        let refused = refusing.any(|it| null(&self.sides.0, it) == Some(false));
        if !refused && null(&self.sides.1, outer) != Some(true) {
            return false;
        }
        if inner.is_null() {
            return true;
        }
        // A keyword that says nothing of the types is compared all the same: who writes it means something by it. One
        // that comes does no harm, but `required` beside `properties`: it can only mean an object.
        let keys = outer.keywords();
        let described = outer.get("properties").is_some();
        let meant = |key: &str| key == "required" && described && !speaks(key, outer);
        let idle = |key: &&str| !speaks(key, inner) && (inner.get(key).is_some() || meant(key));
        let idle: Vec<_> = keys.iter().copied().filter(idle).collect();
        let mut parts = vec![inner.clone()];
        parts.extend(inner.members(&self.sides.0, "allOf"));
        parts.extend(around);
        if !idle.into_iter().all(|it| self.shown(it, &parts, outer, depth)) {
            return false;
        }
        if let Some(values) = values(inner) {
            let possible = |it: &&Value| allows(&self.sides.0, inner, it, depth) != Some(false);
            let mut possible = values.iter().filter(possible);
            let fits = possible.all(|it| allows(&self.sides.1, outer, it, depth) == Some(true));
            if fits || inner.listed().is_some() {
                return fits;
            }
        }
        let mut asked = keys.into_iter().filter(|key| speaks(key, inner));
        asked.all(|key| self.shown(key, &parts, outer, depth))
            || ["oneOf", "anyOf"].into_iter().any(|key| {
                let all = inner.members(&self.sides.0, key);
                !all.is_empty()
                    && all.iter().all(|it| self.alternative(inner, it, outer, depth + 1))
            })
    }

    /// Whether these parts together allow no more than `outer` does by `key`.
    fn shown(&mut self, key: &str, parts: &[Schema<'a>], outer: &Schema<'a>, depth: usize) -> bool {
        match key {
            "properties" => self.properties(parts, outer, depth),
            "required" => {
                let holds = |name: &str| parts.iter().any(|it| it.requires(name));
                outer.texts(key).into_iter().all(holds)
            }
            // What one part shows holds for the whole.
            _ => parts.iter().any(|it| self.keyword(key, it, outer, depth)),
        }
    }

    fn keyword(&mut self, key: &str, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        let idle = ["default", "deprecated", "discriminator", "nullable", "readOnly", "writeOnly"];
        if is_annotation(key) || idle.contains(&key) {
            return true;
        }
        let types = inner.types();
        let numbers = |key: &str| (inner.number(key), outer.number(key));
        match key {
            "type" => within(&types, &outer.types()),
            "format" => {
                let (from, to) = (inner.text(key), outer.text(key));
                from == to || format_widens(&outer.types(), from, to)
            }
            "minimum" | "exclusiveMinimum" => bounded(inner, outer, false),
            "maximum" | "exclusiveMaximum" => bounded(inner, outer, true),
            "maxLength" | "maxProperties" => {
                matches!(numbers(key), (Some(l), Some(r)) if l <= r)
            }
            "maxItems" => {
                // After the positions nothing follows.
                let closed = inner.spot("items").map(|it| self.sides.0.schema(it));
                #[allow(clippy::cast_precision_loss)] // no list describes so many positions
                let listed = closed
                    .filter(Schema::refuses_all)
                    .map(|_| inner.list("prefixItems").len() as f64);
                let most = inner.number(key).into_iter().chain(listed);
                outer.number(key).is_some_and(|r| most.into_iter().any(|l| l <= r))
            }
            "minLength" => matches!(numbers(key), (Some(l), Some(r)) if l >= r),
            "minItems" => {
                let counted = inner.get("contains").is_some();
                let found = counted.then(|| inner.number("minContains").unwrap_or(1.0));
                let least = inner.number(key).unwrap_or_default().max(found.unwrap_or_default());
                outer.number(key).is_some_and(|it| least >= it)
            }
            "minProperties" => {
                #[allow(clippy::cast_precision_loss)] // no object has so many properties
                let required = inner.texts("required").len() as f64;
                matches!(numbers(key), (l, Some(r)) if l.unwrap_or_default().max(required) >= r)
            }
            "multipleOf" => {
                let whole = (types == ["integer"]).then_some(1.0);
                let divides = |l: f64, r: f64| (l / r).fract() == 0.0;
                matches!((numbers(key), whole), ((l, Some(r)), whole)
                    if l.is_some_and(|l| divides(l, r)) || whole.is_some_and(|it| divides(it, r)))
            }
            "uniqueItems" => {
                inner.flag(key) || inner.number("maxItems").is_some_and(|it| it <= 1.0)
            }
            "additionalProperties" => self.additional(inner, outer, depth),
            "patternProperties" | "dependentSchemas" => {
                let all = inner.map(key);
                outer.map(key).into_iter().all(|(name, outer)| {
                    let found = all.iter().find(|it| it.0 == name).map(|it| it.1.clone());
                    found.is_some_and(|it| match key {
                        "dependentSchemas" => self.partial(self.sides, it, outer, depth),
                        _ => self.spots(it, outer, depth),
                    })
                })
            }
            "items" => self.items(inner, outer, depth),
            "prefixItems" => {
                let (left, right) = (inner.list(key), outer.list(key));
                let items = inner.spot("items");
                right.into_iter().enumerate().all(|(at, right)| {
                    let left = left.get(at).or(items.as_ref()).cloned();
                    left.is_some_and(|left| self.spots(left, right, depth))
                })
            }
            "dependentRequired" => self.dependent(inner, outer),
            "allOf" => {
                let parts: Vec<_> =
                    outer.list(key).into_iter().map(|it| self.sides.1.schema(it)).collect();
                let alike = |this: &Self, part: &Schema<'a>| {
                    inner
                        .list(key)
                        .into_iter()
                        .any(|it| equivalent(this.sides, &this.sides.0.schema(it), part, this.fuel))
                };
                parts.iter().all(|it| alike(self, it) || self.schemas(inner, it, depth + 1))
            }
            "anyOf" => self.alternatives(key, inner, outer, depth),
            "oneOf" => {
                // An alternative of other types takes part in nothing.
                let mut near = outer.list(key);
                near.retain(|it| {
                    let outer = (&self.sides.1, &self.sides.1.schema(it.clone()));
                    !of_other_types((&self.sides.0, inner), outer)
                });
                are_disjoint(&self.sides.1, &near) && self.alternatives(key, inner, outer, depth)
                    || self.alike(key, inner, outer)
                    || self.each_alike(key, inner, outer, depth)
            }
            "not" => self.refused(inner, outer, depth),
            "if" => self.condition(inner, outer, depth),
            "contains" => self.below(key, inner, outer, depth) && self.counted(inner, outer),
            // They are asked with their condition, or with what is counted.
            "then" | "else" | "minContains" | "maxContains" => true,
            "propertyNames" | "contentSchema" => self.below(key, inner, outer, depth),
            "unevaluatedProperties" => {
                self.alike(key, inner, outer) || self.additional(inner, outer, depth)
            }
            "unevaluatedItems" => self.alike(key, inner, outer),
            // What this does not know must be said alike.
            _ => inner.get(key) == outer.get(key),
        }
    }

    /// Whether what both hold under `key` is included.
    fn below(&mut self, key: &str, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        let (left, right) = (inner.spot(key), outer.spot(key));
        right.is_none_or(|right| left.is_some_and(|left| self.spots(left, right, depth)))
    }

    /// Whether as many items match `contains` as must. A largest number can only be compared for the same items.
    fn counted(&self, inner: &Schema<'a>, outer: &Schema<'a>) -> bool {
        let least = |it: &Schema<'a>| it.number("minContains").unwrap_or(1.0);
        let no_more = match (inner.number("maxContains"), outer.number("maxContains")) {
            (_, None) => true,
            (Some(l), Some(r)) => l <= r && self.alike("contains", inner, outer),
            (None, Some(_)) => false,
        };
        least(inner) >= least(outer) && no_more
    }

    /// Whether `outer` asks for no more than `inner` where its condition holds, and where it does not.
    fn condition(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        ["then", "else"].into_iter().all(|key| {
            let Some(asked) = outer.spot(key).map(|it| self.sides.1.schema(it)) else {
                return true;
            };
            self.schemas(inner, &asked, depth + 1)
                || self.sooner(key, inner, outer, depth)
                    && inner
                        .spot(key)
                        .zip(outer.spot(key))
                        .is_some_and(|(left, right)| self.partial(self.sides, left, right, depth))
        })
    }

    /// Whether what `inner` asks for by `key` is asked for wherever `outer` asks.
    fn sooner(&mut self, key: &str, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        match (inner.spot("if"), outer.spot("if")) {
            (Some(left), Some(right)) if key == "then" => self.reversed(right, left, depth),
            (Some(left), Some(right)) => self.partial(self.sides, left, right, depth),
            _ => false,
        }
    }

    /// Whether what a schema of `outer` allows is allowed by one of `inner`. Both are conditions or what is refused.
    fn reversed(&self, outer: Spot<'a>, inner: Spot<'a>, depth: usize) -> bool {
        self.partial((self.sides.1, self.sides.0), outer, inner, depth)
    }

    /// Whether `outer` allows all that `inner` allows where neither describes the whole: what they do not name may be
    /// there.
    fn partial(
        &self,
        sides: (Side<'a>, Side<'a>),
        inner: Spot<'a>,
        outer: Spot<'a>,
        depth: usize,
    ) -> bool {
        let mut shown = Shown::new();
        let mut search = Search::new(self.answer, sides, self.fuel, &mut shown);
        search.partial = true;
        search.spots(inner, outer, depth)
    }

    /// Whether both say the same under `key`.
    fn alike(&self, key: &str, inner: &Schema<'a>, outer: &Schema<'a>) -> bool {
        let spots = |it: &Schema<'a>| match it.spot(key) {
            Some(spot) if spot.value.is_array() => spot.elements(),
            spot => spot.into_iter().collect(),
        };
        let (left, right) = (spots(inner), spots(outer));
        let equal = |l: &Spot<'a>, r: &Spot<'a>| {
            let (l, r) = (self.sides.0.schema(l.clone()), self.sides.1.schema(r.clone()));
            equivalent(self.sides, &l, &r, self.fuel)
        };
        left.len() == right.len()
            && left.iter().all(|l| right.iter().any(|r| equal(l, r)))
            && right.iter().all(|r| left.iter().any(|l| equal(l, r)))
    }

    /// Whether each alternative has one on the other side that allows the same, with what is asked beside both.
    fn each_alike(
        &mut self,
        key: &str,
        inner: &Schema<'a>,
        outer: &Schema<'a>,
        depth: usize,
    ) -> bool {
        let left = inner.members(&self.sides.0, key);
        let mut right = outer.members(&self.sides.1, key);
        let sides = (self.sides.1, self.sides.0);
        // The names of alternatives may be values.
        let named = [inner, outer].into_iter().any(|it| it.get("discriminator").is_some());
        // What only one of them describes would count as absent.
        let alike = |l: &Schema<'a>, r: &Schema<'a>| {
            let with = |it: &Schema<'a>, whole: &Schema<'a>| -> Vec<_> {
                describing(whole).into_iter().chain([it.clone()]).collect()
            };
            describes_all(&sides.1, l, &with(r, outer))
                && describes_all(&sides.0, r, &with(l, inner))
        };
        !named
            && !left.is_empty()
            && left.len() == right.len()
            && left.into_iter().all(|l| {
                let found = right.iter().position(|r| {
                    let mut known = Shown::new();
                    let mut back = Search::new(self.answer, sides, self.fuel, &mut known);
                    alike(&l, r)
                        && self.alternative(inner, &l, r, depth + 1)
                        && back.alternative(outer, r, &l, depth + 1)
                });
                found.map(|at| right.remove(at)).is_some()
            })
    }

    /// Whether some alternative allows all: of the whole, of each alternative, of each type, or of each value of a
    /// property. What describes other properties is another thing, even where it does not refuse those of this one.
    fn alternatives(
        &mut self,
        key: &str,
        inner: &Schema<'a>,
        outer: &Schema<'a>,
        depth: usize,
    ) -> bool {
        let right = outer.members(&self.sides.1, key);
        let mut parted = vec![inner.by_type()];
        for key in ["oneOf", "anyOf"] {
            parted.push(inner.members(&self.sides.0, key));
        }
        let any = key == "anyOf";
        let beside: Vec<_> = describing(outer).into_iter().collect();
        let mut some = |it: &Schema<'a>| {
            let side = self.sides.0;
            let mut known = beside.clone();
            right.iter().any(|outer| {
                let alone = describes_all(
                    &side,
                    it,
                    &[beside.as_slice(), std::slice::from_ref(outer)].concat(),
                );
                if !(alone || any) || !self.alternative(inner, it, outer, depth + 1) {
                    return false;
                }
                // What several alternatives of `anyOf` allow, they describe together.
                known.push(outer.clone());
                alone || describes_all(&side, it, &known)
            })
        };
        some(inner)
            || parted.iter().any(|all| !all.is_empty() && all.iter().all(&mut some))
            || self.by_value(inner, &right, depth)
    }

    /// Whether some alternative allows all, for each value that a property that must be there can have.
    fn by_value(&mut self, inner: &Schema<'a>, right: &[Schema<'a>], depth: usize) -> bool {
        if self.answer
            && !right.iter().all(|it| describes_all(&self.sides.1, it, std::slice::from_ref(inner)))
        {
            return false;
        }
        inner.texts("required").into_iter().any(|name| {
            let property = inner.property(name).map(|it| self.sides.0.schema(it));
            let Some(property) = property.filter(|it| !it.nullable()) else { return false };
            let Some(values) = values(&property) else { return false };
            let mut fits = |value: &Value, outer: &Schema<'a>| {
                let below = depth + 1;
                let before = self.fixed.replace((below, name, value.clone()));
                let is_included = below < MAX_DEPTH && self.whole(inner, outer, below);
                self.fixed = before;
                is_included
            };
            values.iter().all(|value| right.iter().any(|outer| fits(value, outer)))
        })
    }

    /// Whether `outer` allows what properties these parts describe. What none of them describes is absent.
    fn properties(&mut self, parts: &[Schema<'a>], outer: &Schema<'a>, depth: usize) -> bool {
        let patterns = parts.iter().any(|it| !it.map("patternProperties").is_empty());
        let closed =
            parts.iter().any(|it| others(it).is_some_and(|it| it.value == &Value::Bool(false)));
        outer.map("properties").into_iter().all(|(name, right)| {
            if let Some((_, _, value)) =
                self.fixed.as_ref().filter(|it| (it.0, it.1) == (depth, name))
            {
                return allows(&self.sides.1, &self.sides.1.schema(right), value, depth)
                    == Some(true);
            }
            let others =
                |it: &Schema<'a>| it.spot("additionalProperties").filter(|it| it.value.is_object());
            let described: Vec<_> =
                parts.iter().filter_map(|it| it.property(name).or_else(|| others(it))).collect();
            if !described.is_empty() {
                return described.into_iter().any(|left| self.spots(left, right.clone(), depth));
            }
            let alternatives: Vec<_> = parts
                .iter()
                .flat_map(|part| ["oneOf", "anyOf"].map(|key| part.members(&self.sides.0, key)))
                .flatten()
                .filter_map(|it| it.property(name))
                .collect();
            match alternatives.is_empty() {
                false => {
                    alternatives.into_iter().all(|left| self.spots(left, right.clone(), depth))
                }
                true => {
                    let right = self.sides.1.schema(right);
                    // Who refuses a property means that it could be there.
                    let named = !self.answer && right.refuses_all();
                    !(patterns || self.partial || named && !closed) || right.says_nothing()
                }
            }
        })
    }

    fn additional(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        let (Some(left), Some(right)) = (others(inner), others(outer)) else { return false };
        let own = outer.map("properties");
        let mut others: Vec<_> = inner.map("properties");
        others.retain(|(name, _)| own.iter().all(|it| it.0 != *name));
        let patterns = |it: &Schema<'a>| it.map("patternProperties").len();
        if patterns(inner) > 0 || patterns(outer) > 0 {
            return equivalent(self.sides, inner, outer, self.fuel);
        }
        match (left.value, right.value) {
            (Value::Bool(false), Value::Bool(false)) => others.is_empty(),
            (left_value, Value::Object(_)) => {
                (left_value == &Value::Bool(false) || self.spots(left, right.clone(), depth))
                    && others.into_iter().all(|it| self.spots(it.1, right.clone(), depth))
            }
            _ => false,
        }
    }

    fn items(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        let Some(right) = outer.spot("items") else { return true };
        let listed = inner.list("prefixItems");
        #[allow(clippy::cast_precision_loss)] // no list describes so many positions
        let count = listed.len() as f64;
        let further = match inner.spot("items") {
            Some(left) => self.spots(left, right.clone(), depth),
            None => inner.number("maxItems").is_some_and(|it| it <= count),
        };
        let skip = outer.list("prefixItems").len();
        further && listed.into_iter().skip(skip).all(|it| self.spots(it, right.clone(), depth))
    }

    fn dependent(&self, inner: &Schema<'a>, outer: &Schema<'a>) -> bool {
        let key = "dependentRequired";
        let needs = |it: &Schema<'a>, name: &str| -> Vec<&'a str> {
            let list = it.any(key).get(name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let names = outer.any(key).as_object().into_iter().flatten().map(|it| it.0.as_str());
        names.into_iter().all(|name| {
            let own = needs(inner, name);
            needs(outer, name).into_iter().all(|it| own.contains(&it) || inner.requires(it))
        })
    }

    /// Whether what `outer` refuses by `not` is refused by `inner`, or cannot be in it.
    fn refused(&mut self, inner: &Schema<'a>, outer: &Schema<'a>, depth: usize) -> bool {
        let Some(right) = outer.spot("not").map(|it| self.sides.1.schema(it)) else { return true };
        let (l, r) = (inner.types(), right.types());
        let number = |it: &str| matches!(it, "integer" | "number");
        let meet = l.iter().any(|l| r.iter().any(|r| l == r || number(l) && number(r)));
        let null = |side: &Side<'a>, it: &Schema<'a>| allows(side, it, &Value::Null, depth);
        let one_without_null =
            null(&self.sides.0, inner) == Some(false) || null(&self.sides.1, &right) == Some(false);
        if !l.is_empty() && !r.is_empty() && one_without_null && !meet {
            return true;
        }
        let (Some(left), Some(right)) = (inner.spot("not"), outer.spot("not")) else {
            return false;
        };
        self.reversed(right, left, depth)
    }
}

/// A schema that describes properties, and so those of each alternative beside them.
fn describing<'a>(schema: &Schema<'a>) -> Option<Schema<'a>> {
    Some(schema.clone()).filter(|it| !it.map("properties").is_empty())
}

/// Whether alternatives describe all the properties that a schema or its own alternatives describe, or one of them
/// none at all.
fn describes_all<'a>(side: &Side<'a>, inner: &Schema<'a>, outer: &[Schema<'a>]) -> bool {
    let others = ["additionalProperties", "patternProperties"];
    let open = |it: &Schema<'a>| {
        it.map("properties").is_empty() || others.iter().any(|key| it.get(key).is_some())
    };
    if outer.iter().any(open) {
        return true;
    }
    let known = |it: &Schema<'a>| {
        let mut names = it.map("properties").into_iter().map(|it| it.0);
        names.all(|name| outer.iter().any(|it| it.property(name).is_some()))
    };
    let all = ["oneOf", "anyOf"].into_iter().flat_map(|key| inner.list(key));
    known(inner) && all.into_iter().all(|it| known(&side.schema(it)))
}

/// What a schema says of the properties that it does not describe, if it alone decides what these are.
fn others<'a>(schema: &Schema<'a>) -> Option<Spot<'a>> {
    let describe = ["allOf", "anyOf", "oneOf", "if", "dependentSchemas"];
    let alone = || describe.iter().all(|key| schema.get(key).is_none());
    schema
        .spot("additionalProperties")
        .or_else(|| schema.spot("unevaluatedProperties").filter(|_| alone()))
}

/// Whether a keyword says something about a value of the types of a schema.
fn speaks(key: &str, schema: &Schema<'_>) -> bool {
    let types = schema.types();
    let of =
        |kind: &str| types.iter().any(|it| *it == kind || *it == "integer" && kind == "number");
    types.is_empty() || type_of(key).is_none_or(of)
}

/// Whether the bound of `inner` is as strict as that of `outer`.
fn bounded(inner: &Schema<'_>, outer: &Schema<'_>, upper: bool) -> bool {
    let (left, right) = match upper {
        true => (strictest(inner, true), strictest(outer, true)),
        false => (strictest(inner, false), strictest(outer, false)),
    };
    match (left, right) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(l), Some(r)) if l.0 == r.0 => l.1 || !r.1,
        (Some(l), Some(r)) => (l.0 < r.0) == upper,
    }
}

/// The strictest bound of a side, and whether it is exclusive. The format of a whole number has bounds of its own.
pub(crate) fn strictest(schema: &Schema<'_>, upper: bool) -> Option<(f64, bool)> {
    let written = written_bound(schema, upper);
    let format = format_bounds(&schema.types(), schema.text("format"));
    let own = format.map(|(least, most)| (if upper { most } else { least }, false));
    match (written, own) {
        (Some(l), Some(r)) if l.0 != r.0 && (l.0 > r.0) == upper => own,
        (None, own) => own,
        (written, _) => written,
    }
}

fn written_bound(schema: &Schema<'_>, upper: bool) -> Option<(f64, bool)> {
    let (inclusive, exclusive) = match upper {
        true => ("maximum", "exclusiveMaximum"),
        false => ("minimum", "exclusiveMinimum"),
    };
    match schema.bounds(inclusive, exclusive) {
        (Some(with), Some(without)) if (with < without) == upper && with != without => {
            Some((with, false))
        }
        (_, Some(without)) => Some((without, true)),
        (with, None) => with.map(|it| (it, false)),
    }
}
