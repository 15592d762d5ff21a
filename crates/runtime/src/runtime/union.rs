//! Which member of a union a JSON value is, where the document names no discriminator or the value does not keep to it.

use serde_json::Value;

/// What is known of one member of a union.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    required: &'static [&'static str],
    known: &'static [&'static str],
    constants: &'static [(&'static str, &'static str)],
    kind: JsonKind,
}

/// The JSON type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonKind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Anything.
    Any,
}

impl Candidate {
    /// A member of this type.
    #[must_use]
    pub const fn new(kind: JsonKind) -> Self {
        Self { required: &[], known: &[], constants: &[], kind }
    }

    /// Properties that the member requires.
    #[must_use]
    pub const fn with_required(mut self, names: &'static [&'static str]) -> Self {
        self.required = names;
        self
    }

    /// All properties that the member knows.
    #[must_use]
    pub const fn with_known(mut self, names: &'static [&'static str]) -> Self {
        self.known = names;
        self
    }

    /// Properties whose value tells the member from others, such as `("type", "image")`.
    #[must_use]
    pub const fn with_constants(
        mut self,
        constants: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.constants = constants;
        self
    }

    /// How well a value fits, greater is better: constants that agree, required properties that are there, few that are
    /// not known. `None` where the JSON type rules it out.
    fn fit(&self, value: &Value) -> Option<(i64, i64, i64)> {
        let same = match self.kind {
            JsonKind::Any => true,
            JsonKind::Object => value.is_object(),
            JsonKind::Array => value.is_array(),
            JsonKind::String => value.is_string(),
            JsonKind::Integer => value.is_i64() || value.is_u64(),
            JsonKind::Number => value.is_number(),
            JsonKind::Boolean => value.is_boolean(),
        };
        if !same {
            return None;
        }
        let Value::Object(fields) = value else {
            // A whole number is an integer before it is a number, and anything in particular before it is anything.
            let exact = match self.kind {
                JsonKind::Any => 0,
                JsonKind::Number => 1,
                JsonKind::Integer
                | JsonKind::Object
                | JsonKind::Array
                | JsonKind::String
                | JsonKind::Boolean => 2,
            };
            return Some((0, exact, 0));
        };
        let present = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
        let constants: i64 = self
            .constants
            .iter()
            .map(|(name, expected)| match fields.get(*name) {
                Some(Value::String(actual)) if actual == expected => 1,
                None | Some(Value::Null) => -1,
                Some(_) => -1000,
            })
            .sum();
        let missing = self.required.iter().filter(|name| !present(name)).count() as i64;
        let known = fields.keys().filter(|key| self.known.contains(&key.as_str())).count() as i64;
        let unknown = fields.len() as i64 - known;
        Some((constants - 10 * missing, known + i64::from(self.kind != JsonKind::Any), -unknown))
    }
}

/// The indices of the candidates that a value may be, the best fit first. Candidates of another JSON type are left out.
/// Of two that fit alike the earlier comes first.
pub fn pick(value: &Value, candidates: &[Candidate]) -> impl Iterator<Item = usize> + use<> {
    let mut fits: Vec<_> = candidates
        .iter()
        .enumerate()
        .filter_map(|(index, candidate)| candidate.fit(value).map(|fit| (fit, index)))
        .collect();
    fits.sort_by(|(left, i), (right, j)| right.cmp(left).then(i.cmp(j)));
    fits.into_iter().map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Candidate, JsonKind, pick};

    #[test]
    fn the_best_fit_comes_first() {
        static MEMBERS: &[Candidate] = &[
            Candidate::new(JsonKind::Object)
                .with_required(&["type", "text"])
                .with_known(&["type", "text"])
                .with_constants(&[("type", "text")]),
            Candidate::new(JsonKind::Object)
                .with_required(&["type", "mediaUrl"])
                .with_known(&["type", "text", "mediaUrl"])
                .with_constants(&[("type", "image")]),
            Candidate::new(JsonKind::String),
            Candidate::new(JsonKind::Number),
            Candidate::new(JsonKind::Integer),
        ];
        let first = |value: Value| pick(&value, MEMBERS).next();
        assert_eq!(first(json!({"type": "text", "text": "x"})), Some(0));
        assert_eq!(first(json!({"type": "image", "text": "x", "mediaUrl": "u"})), Some(1));
        assert_eq!(first(json!({"mediaUrl": "u"})), Some(1), "the constant may be missing");
        assert_eq!(first(json!("x")), Some(2));
        assert_eq!(first(json!(1)), Some(4));
        assert_eq!(first(json!(1.5)), Some(3));
        assert_eq!(first(json!([])), None);
    }
}
