//! The rules of a document on what may be sent, checked before sending.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use check::{Check, Stop};
use serde::Serialize;

mod check;

/// The rules on a value: lengths, bounds, pattern, and what is required. Types are not among them: Rust checks those.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Constraints {
    min_length: Option<u64>,
    max_length: Option<u64>,
    pattern: Option<&'static str>,
    minimum: Option<(f64, bool)>,
    maximum: Option<(f64, bool)>,
    multiple_of: Option<f64>,
    min_items: Option<u64>,
    max_items: Option<u64>,
    unique_items: bool,
    min_properties: Option<u64>,
    max_properties: Option<u64>,
    required: &'static [&'static str],
    alternatives: &'static [&'static [&'static str]],
    properties: &'static [(&'static str, &'static Constraints)],
    items: Option<&'static Constraints>,
    values: Option<&'static Constraints>,
    all_of: &'static [&'static Constraints],
    any_of: &'static [&'static Constraints],
}

impl Constraints {
    /// No rule at all.
    pub const ANY: Self = Self {
        min_length: None,
        max_length: None,
        pattern: None,
        minimum: None,
        maximum: None,
        multiple_of: None,
        min_items: None,
        max_items: None,
        unique_items: false,
        min_properties: None,
        max_properties: None,
        required: &[],
        alternatives: &[],
        properties: &[],
        items: None,
        values: None,
        all_of: &[],
        any_of: &[],
    };

    /// At least this many characters.
    #[must_use]
    pub const fn with_min_length(mut self, characters: u64) -> Self {
        self.min_length = Some(characters);
        self
    }

    /// At most this many characters.
    #[must_use]
    pub const fn with_max_length(mut self, characters: u64) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// The ECMA-262 regular expression that a text must contain a match of.
    #[must_use]
    pub const fn with_pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// The smallest number; `exclusive` leaves the bound itself out.
    #[must_use]
    pub const fn with_minimum(mut self, bound: f64, exclusive: bool) -> Self {
        self.minimum = Some((bound, exclusive));
        self
    }

    /// The largest number; `exclusive` leaves the bound itself out.
    #[must_use]
    pub const fn with_maximum(mut self, bound: f64, exclusive: bool) -> Self {
        self.maximum = Some((bound, exclusive));
        self
    }

    /// The number whose multiples are allowed.
    #[must_use]
    pub const fn with_multiple_of(mut self, step: f64) -> Self {
        self.multiple_of = Some(step);
        self
    }

    /// At least this many items.
    #[must_use]
    pub const fn with_min_items(mut self, items: u64) -> Self {
        self.min_items = Some(items);
        self
    }

    /// At most this many items.
    #[must_use]
    pub const fn with_max_items(mut self, items: u64) -> Self {
        self.max_items = Some(items);
        self
    }

    /// No two items alike.
    #[must_use]
    pub const fn with_unique_items(mut self) -> Self {
        self.unique_items = true;
        self
    }

    /// At least this many properties.
    #[must_use]
    pub const fn with_min_properties(mut self, properties: u64) -> Self {
        self.min_properties = Some(properties);
        self
    }

    /// At most this many properties.
    #[must_use]
    pub const fn with_max_properties(mut self, properties: u64) -> Self {
        self.max_properties = Some(properties);
        self
    }

    /// Properties that must be there.
    #[must_use]
    pub const fn with_required(mut self, names: &'static [&'static str]) -> Self {
        self.required = names;
        self
    }

    /// Groups of properties of which at least one must be there whole.
    #[must_use]
    pub const fn with_alternatives(mut self, groups: &'static [&'static [&'static str]]) -> Self {
        self.alternatives = groups;
        self
    }

    /// Rules on properties, where they are there.
    #[must_use]
    pub const fn with_properties(
        mut self,
        properties: &'static [(&'static str, &'static Constraints)],
    ) -> Self {
        self.properties = properties;
        self
    }

    /// The rule on each item.
    #[must_use]
    pub const fn with_items(mut self, constraints: &'static Constraints) -> Self {
        self.items = Some(constraints);
        self
    }

    /// The rule on each property that no other rule names.
    #[must_use]
    pub const fn with_values(mut self, constraints: &'static Constraints) -> Self {
        self.values = Some(constraints);
        self
    }

    /// Rules that all hold.
    #[must_use]
    pub const fn with_all_of(mut self, constraints: &'static [&'static Constraints]) -> Self {
        self.all_of = constraints;
        self
    }

    /// Rules of which at least one holds.
    #[must_use]
    pub const fn with_any_of(mut self, constraints: &'static [&'static Constraints]) -> Self {
        self.any_of = constraints;
        self
    }

    /// Checks a value as it is serialized, also for numbers that JSON cannot write: serde_json writes NaN and infinity as
    /// `null`, which a server would read as absence. Returns whether an object of it may have two members of one name.
    /// `Err` names the place as a JSON pointer and the rule, but never the value.
    pub(crate) fn check<T: Serialize + ?Sized>(&self, value: &T) -> Result<bool, Violation> {
        let open = Cell::new(false);
        match (Check { rules: self, open: &open }).all(value) {
            Err(Stop(Some(violation))) => Err(violation),
            // What cannot be serialized at all is said by the serializer that writes it.
            Err(Stop(None)) | Ok(_) => Ok(open.get()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Violation> {
        if self.min_length.is_some() || self.max_length.is_some() {
            let length = text.chars().count() as u64;
            if let Some(min) = self.min_length.filter(|min| length < *min) {
                return Err(too_few(length, min, "character"));
            }
            if let Some(max) = self.max_length.filter(|max| length > *max) {
                return Err(too_many(length, max, "character"));
            }
        }
        match self.pattern {
            Some(pattern) if !matches(pattern, text) => {
                Err(Violation::here(format!("does not match the pattern `{pattern}`")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_number(&self, number: f64) -> Result<(), Violation> {
        if let Some((bound, exclusive)) = self.minimum
            && (number < bound || (exclusive && number == bound))
        {
            let than = if exclusive { "greater than" } else { "at least" };
            return Err(Violation::here(format!("must be {than} {bound}")));
        }
        if let Some((bound, exclusive)) = self.maximum
            && (number > bound || (exclusive && number == bound))
        {
            let than = if exclusive { "less than" } else { "at most" };
            return Err(Violation::here(format!("must be {than} {bound}")));
        }
        if let Some(step) = self.multiple_of.filter(|step| *step > 0.0) {
            let times = number / step;
            // Decimal fractions have no exact double: 0.3 / 0.1 is not 3.
            if (times - times.round()).abs() > 1e-9 * times.abs().max(1.0) {
                return Err(Violation::here(format!("must be a multiple of {step}")));
            }
        }
        Ok(())
    }

    fn check_count(&self, items: u64) -> Result<(), Violation> {
        if let Some(min) = self.min_items.filter(|min| items < *min) {
            return Err(too_few(items, min, "item"));
        }
        match self.max_items.filter(|max| items > *max) {
            Some(max) => Err(too_many(items, max, "item")),
            None => Ok(()),
        }
    }

    /// Checks which properties are there; of `present` ones the value is not null.
    fn check_names(&self, present: &[&str], count: u64) -> Result<(), Violation> {
        if let Some(missing) = self.required.iter().find(|name| !present.contains(name)) {
            return Err(Violation::here("is required and missing".to_owned()).below(missing));
        }
        let whole = |group: &&[&str]| group.iter().all(|name| present.contains(name));
        if !self.alternatives.is_empty() && !self.alternatives.iter().any(whole) {
            let groups: Vec<_> =
                self.alternatives.iter().map(|group| group.join("` and `")).collect();
            return Err(Violation::here(format!("needs `{}`", groups.join("`, or `"))));
        }
        if let Some(min) = self.min_properties.filter(|min| count < *min) {
            return Err(too_few(count, min, "property"));
        }
        match self.max_properties.filter(|max| count > *max) {
            Some(max) => Err(too_many(count, max, "property")),
            None => Ok(()),
        }
    }
}

/// A broken rule: the place inside the value as a JSON pointer, and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) pointer: String,
    pub(crate) rule: String,
}

impl Violation {
    fn here(rule: String) -> Self {
        Self { pointer: String::new(), rule }
    }

    fn below(mut self, segment: &str) -> Self {
        let segment = segment.replace('~', "~0").replace('/', "~1");
        self.pointer = format!("/{segment}{}", self.pointer);
        self
    }
}

fn too_few(count: u64, min: u64, thing: &str) -> Violation {
    Violation::here(match count {
        0 => format!("is empty, at least {} {} required", counted(min, thing), verb(min)),
        _ => format!("has {}, at least {min} {} required", counted(count, thing), verb(min)),
    })
}

fn too_many(count: u64, max: u64, thing: &str) -> Violation {
    let count = counted(count, thing);
    Violation::here(format!("has {count}, at most {max} {} allowed", verb(max)))
}

fn verb(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// "1 item", "2 properties".
fn counted(count: u64, thing: &str) -> String {
    match (count, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {thing}s"),
    }
}

/// Whether a text contains a match. A pattern that does not compile forbids nothing: the generator has reported it, and
/// the vendor has the last word.
fn matches(pattern: &'static str, text: &str) -> bool {
    compiled(pattern).is_none_or(|regex| regex.find(text).is_some())
}

fn compiled(pattern: &'static str) -> Option<Arc<regress::Regex>> {
    type Cache = Mutex<HashMap<&'static str, Option<Arc<regress::Regex>>>>;
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let mut cache =
        CACHE.get_or_init(Cache::default).lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let unicode = regress::Regex::with_flags(pattern, "u");
        unicode.or_else(|_| regress::Regex::new(pattern)).ok().map(Arc::new)
    };
    cache.entry(pattern).or_insert_with(compile).clone()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::Constraints;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        amount: Option<f64>,
        list: Vec<f32>,
        map: BTreeMap<&'static str, (u8, f64)>,
    }

    #[test]
    fn every_number_is_looked_at() {
        let thing = |amount, list: &[f32], entry: f64| Thing {
            name: "n",
            amount,
            list: list.to_vec(),
            map: BTreeMap::from([("k", (1, entry))]),
        };
        let cases = [
            (thing(None, &[], 0.0), None),
            (thing(Some(-1.5e300), &[1.0], f64::MIN), None),
            (thing(Some(f64::NAN), &[], 0.0), Some("/amount")),
            (thing(None, &[0.0, f32::INFINITY], 0.0), Some("/list/1")),
            (thing(None, &[], f64::NEG_INFINITY), Some("/map/k/1")),
        ];
        for (thing, expected) in cases {
            let broken = Constraints::ANY.check(&thing).err().map(|it| it.pointer);
            assert_eq!(broken.as_deref(), expected, "{}", thing.name);
        }
        assert_eq!(
            Constraints::ANY.check(&f64::NAN).err().map(|it| it.pointer).as_deref(),
            Some("")
        );
    }

    #[test]
    fn rules_hold_at_every_place() {
        const SHORT: Constraints = Constraints::ANY.with_max_length(2);
        const RULES: Constraints = Constraints::ANY
            .with_required(&["id"])
            .with_alternatives(&[&["a"], &["b", "c"]])
            .with_max_properties(5)
            .with_properties(&[
                ("id", &SHORT),
                (
                    "list",
                    &Constraints::ANY.with_items(&SHORT).with_max_items(2).with_unique_items(),
                ),
                (
                    "either",
                    &Constraints::ANY.with_any_of(&[&SHORT, &Constraints::ANY.with_pattern("^x")]),
                ),
                (
                    "both",
                    &Constraints::ANY.with_all_of(&[&SHORT, &Constraints::ANY.with_pattern("^x")]),
                ),
            ])
            .with_values(&Constraints::ANY.with_maximum(9.0, false));
        let cases = [
            (r#"{"id":"1","a":1}"#, None),
            (r#"{"id":"1","b":1,"c":2}"#, None),
            (r#"{"a":1}"#, Some("/id")),
            (r#"{"id":null,"a":1}"#, Some("/id")),
            (r#"{"id":"123","a":1}"#, Some("/id")),
            (r#"{"id":"1","a":null,"b":1}"#, Some("")),
            (r#"{"id":"1","a":1,"x":10}"#, Some("/x")),
            (r#"{"id":"1","a":1,"x":[{"y":10}]}"#, None),
            (r#"{"id":"1","a":1,"list":["1","2"]}"#, None),
            (r#"{"id":"1","a":1,"list":["1","234"]}"#, Some("/list/1")),
            (r#"{"id":"1","a":1,"list":["1","1"]}"#, Some("/list")),
            (r#"{"id":"1","a":1,"list":["1","2","3"]}"#, Some("/list")),
            (r#"{"id":"1","a":1,"either":"12"}"#, None),
            (r#"{"id":"1","a":1,"either":"xyz"}"#, None),
            (r#"{"id":"1","a":1,"either":"123"}"#, Some("/either")),
            (r#"{"id":"1","a":1,"both":"x"}"#, None),
            (r#"{"id":"1","a":1,"both":"1"}"#, Some("/both")),
            (r#"{"id":"1","a":1,"both":"xyz"}"#, Some("/both")),
            (r#"{"id":"1","a":1,"x":1,"y":1,"z":1,"w":1}"#, Some("")),
            ("[1]", None),
            ("null", None),
        ];
        for (text, expected) in cases {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let broken = RULES.check(&value).err().map(|it| it.pointer);
            assert_eq!(broken.as_deref(), expected, "{text}");
        }
    }
}
