//! Two schemas that apply together, written as one.

use super::{Canon, keywords, node::Node};
use crate::view::{is_annotation, same, says_nothing};
use conversations_document::Pointer;
use serde_json::{Value, json};

/// What became of a keyword of the part.
enum Joined {
    /// It is in the whole now.
    Done,
    /// The two cannot be said in one.
    Apart,
}

impl Canon<'_> {
    /// Lays `part` into `node`. Gives back what cannot be said in one schema with what is there.
    pub(super) fn merge(&mut self, node: &mut Node, mut part: Node) -> Option<Node> {
        if says_nothing(&part.value) {
            return None;
        }
        if !part.value.is_object() || !node.value.is_object() {
            return Some(part);
        }
        let conditions = node.get("if").is_some() && part.get("if").is_some();
        if !closed_alike(node, &part) || conditions || !null_and_types(node, &mut part) {
            return Some(part);
        }
        let keys: Vec<String> =
            part.value.as_object().into_iter().flatten().map(|it| it.0.clone()).collect();
        let mut rest = Node::new(json!({}), &part.at);
        for key in keys {
            if let Joined::Apart = self.keyword(node, &part, &key) {
                rest.take(&key, &part);
                // The order of the parts says nothing.
                let told = node.get("discriminator").or(part.get("discriminator")).is_some();
                let text = |it: &Node| it.get(&key).map(Value::to_string);
                if matches!(key.as_str(), "pattern" | "oneOf" | "anyOf")
                    && !told
                    && text(&part) < text(node)
                {
                    rest.take(&key, node);
                    node.take(&key, &part);
                }
            }
        }
        (!says_nothing(&rest.value)).then_some(rest)
    }

    fn keyword(&mut self, node: &mut Node, part: &Node, key: &str) -> Joined {
        let Some(new) = part.get(key) else { return Joined::Done };
        // A constant is a list of one.
        let listed = |it: &Node, key: &str| {
            matches!(key, "const" | "enum")
                && (it.get("const").is_some() || it.get("enum").is_some())
        };
        if listed(node, key) && node.get(key).is_none() {
            return values(node, part);
        }
        let Some(old) = node.get(key) else {
            node.take(key, part);
            return Joined::Done;
        };
        if same(old, new) {
            return Joined::Done;
        }
        let number = |larger: bool| match (old.as_f64(), new.as_f64()) {
            (Some(l), Some(r)) => Some((r > l) == larger),
            _ => None,
        };
        let replaces = match key {
            "type" | "nullable" => Some(false),
            "required" => {
                let mut all = old.as_array().cloned().unwrap_or_default();
                all.extend(new.as_array().cloned().unwrap_or_default());
                node.insert(key, Value::Array(all));
                return Joined::Done;
            }
            "const" | "enum" => return values(node, part),
            "properties" | "patternProperties" => {
                self.properties(node, part, key);
                return Joined::Done;
            }
            "items" | "propertyNames" | "contentSchema" => {
                let relative = Pointer::ROOT.child(key);
                if let (Some(l), Some(r)) = (node.part(&relative), part.part(&relative)) {
                    let joined = self.join(l, r);
                    node.put(&relative, joined);
                }
                return Joined::Done;
            }
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                number(true)
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                number(false)
            }
            "multipleOf" => match (old.as_f64(), new.as_f64()) {
                (Some(l), Some(r)) if r % l == 0.0 => Some(true),
                (Some(l), Some(r)) if l % r == 0.0 => Some(false),
                _ => match common_multiple(old, new) {
                    Some(both) => {
                        node.insert(key, json!(both));
                        return Joined::Done;
                    }
                    None => None,
                },
            },
            "not" => {
                let relative = Pointer::ROOT.child(key);
                if let (Some(l), Some(r)) = (node.part(&relative), part.part(&relative)) {
                    let mut either = Node::new(json!({}), &l.at);
                    either.insert_list("anyOf", vec![l, r]);
                    let either = self.union(either, "anyOf");
                    node.put(&relative, either);
                }
                return Joined::Done;
            }
            // A format of numbers holds less than another one.
            "format" => match (old.as_str(), new.as_str()) {
                (Some(l), Some(r)) if narrows(l, r) => Some(false),
                (Some(l), Some(r)) if narrows(r, l) => Some(true),
                _ => None,
            },
            "oneOf" | "anyOf" if same_members(old, new) => Some(false),
            "uniqueItems" | "readOnly" | "writeOnly" => Some(new == &Value::Bool(true)),
            "default" | "deprecated" | "discriminator" => Some(false),
            key if is_annotation(key) => Some(false),
            _ => None,
        };
        match replaces {
            Some(true) => node.take(key, part),
            Some(false) => {}
            None => return Joined::Apart,
        }
        Joined::Done
    }

    fn properties(&mut self, node: &mut Node, part: &Node, key: &str) {
        let names: Vec<String> = part
            .get(key)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|it| it.0.clone())
            .collect();
        for name in names {
            let relative = Pointer::ROOT.child(key).child(&name);
            let Some(new) = part.part(&relative) else { continue };
            let joined = match node.part(&relative) {
                Some(old) => self.join(old, new),
                None => new,
            };
            node.put(&relative, joined);
        }
    }

    /// The schema of what both allow.
    pub(super) fn join(&mut self, left: Node, right: Node) -> Node {
        if left.value == right.value || says_nothing(&right.value) {
            return left;
        }
        if says_nothing(&left.value) {
            return right;
        }
        let (Some(mut whole), Some(part)) = (self.expand(&left), self.expand(&right)) else {
            let mut both = Node::new(json!({}), &left.at);
            both.insert_list("allOf", vec![left, right]);
            return both;
        };
        let rest = self.merge(&mut whole, part);
        let mut apart = whole.remove_list("allOf");
        apart.extend(rest);
        self.finish(whole, apart)
    }
}

/// The formats of numbers, each of which holds those before it.
const NUMBERS: [&str; 4] = ["int32", "int64", "float", "double"];

/// Whether the numbers of one format are among those of another one.
fn narrows(inner: &str, outer: &str) -> bool {
    let rank = |it: &str| NUMBERS.iter().position(|other| *other == it);
    rank(inner).zip(rank(outer)).is_some_and(|(inner, outer)| inner < outer)
}

/// Whether two lists hold the same, in any order.
fn same_members(left: &Value, right: &Value) -> bool {
    let within =
        |l: &[Value], r: &[Value]| l.iter().all(|it| r.iter().any(|other| same(it, other)));
    let lists = left.as_array().zip(right.as_array());
    lists.is_some_and(|(l, r)| l.len() == r.len() && within(l, r) && within(r, l))
}

/// The least number that is a multiple of two.
fn common_multiple(left: &Value, right: &Value) -> Option<f64> {
    let (left, right) = (left.as_f64()?, right.as_f64()?);
    let whole = |it: f64| (1.0..1e9).contains(&it) && (it - it.round()).abs() < 1e-9;
    let mut scales = (0..9).map(|it| 10_f64.powi(it));
    let scale = scales.find(|it| whole(left * it) && whole(right * it))?;
    let (mut divisor, mut rest) = ((left * scale).round(), (right * scale).round());
    let product = divisor * rest;
    while rest > 0.0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    Some(product / divisor / scale)
}

/// Leaves in `node` the values that both allow, where one is a constant and the other a list.
fn values(node: &mut Node, part: &Node) -> Joined {
    let of = |it: &Node| -> Option<Vec<Value>> {
        match it.get("const") {
            Some(constant) => Some(vec![constant.clone()]),
            None => it.get("enum")?.as_array().cloned(),
        }
    };
    let (Some(left), Some(right)) = (of(node), of(part)) else { return Joined::Apart };
    let both: Vec<_> = left.into_iter().filter(|l| right.iter().any(|r| same(l, r))).collect();
    node.remove("const");
    node.insert("enum", Value::Array(both));
    Joined::Done
}

/// The keywords that speak of properties by what else is described.
const CLOSING: [&str; 3] = ["additionalProperties", "unevaluatedProperties", "patternProperties"];

/// Whether a schema says something about properties that it does not describe.
pub(super) fn closes(part: &Node) -> bool {
    CLOSING.iter().any(|key| part.get(key).is_some())
}

/// Whether the part does not forbid properties that the rest knows and it does not. What the whole
/// forbids is meant for the properties of all its parts, though strictly it speaks of its own only.
fn closed_alike(node: &Node, part: &Node) -> bool {
    let names = |it: &Node| -> Vec<String> {
        let map = it.get("properties").and_then(Value::as_object);
        map.into_iter().flatten().map(|it| it.0.clone()).collect()
    };
    let own = names(part);
    let alike = CLOSING.iter().all(|key| {
        node.get(key).is_none() || part.get(key).is_none() || node.get(key) == part.get(key)
    });
    !closes(part) || alike && names(node).iter().all(|it| own.contains(it))
}

/// Leaves in `node` the types that both allow, or says that there are none.
fn null_and_types(node: &mut Node, part: &mut Node) -> bool {
    let flag = |it: &Node| it.get("nullable") == Some(&Value::Bool(true));
    let (left, right) = (keywords::types(&node.value), keywords::types(&part.value));
    let covers = |types: &[String], it: &str| {
        types.iter().any(|other| other == it || other == "number" && it == "integer")
    };
    let mut both: Vec<String> = left.iter().filter(|it| covers(&right, it)).cloned().collect();
    both.extend(right.iter().filter(|it| covers(&left, it)).cloned());
    let typed = !left.is_empty() && !right.is_empty();
    if typed && both.is_empty() {
        // Where both stay, each as it is, null is allowed only by both.
        if !(flag(node) && flag(part)) {
            [node, part].into_iter().for_each(|it| drop(it.remove("nullable")));
        }
        return false;
    }
    // What names no type takes `null` as it takes anything.
    let open = |it: &Node, types: &[String]| types.is_empty() && !flag(it);
    let nullable = match (open(node, &left), open(part, &right)) {
        (true, true) => false,
        (true, false) => flag(part),
        (false, true) => flag(node),
        // `nullable` beside `allOf` is how OpenAPI 3.0 says that a reference may be null.
        (false, false) => {
            flag(node) && (left.is_empty() || flag(part)) || flag(part) && right.is_empty()
        }
    };
    node.remove("nullable");
    part.remove("nullable");
    if nullable {
        node.insert("nullable", Value::Bool(true));
    }
    if typed {
        if !(covers(&left, "number") && covers(&right, "number")) {
            both.retain(|it| it != "number");
        }
        keywords::set_types(node, both);
        part.remove("type");
    }
    true
}
