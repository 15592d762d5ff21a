//! Alternatives: those that can be said in one schema are, `null` among them becomes a flag.

use super::{Canon, keywords, node::Node};
use crate::disjoint::are_disjoint;
use crate::view::{Spot, is_annotation, names_types, same, says_nothing};
use crate::vocabulary::{LISTED, is_covered, type_of, within};
use conversations_document::{Pointer, grammar::subschemas};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Canon<'_> {
    /// Brings the alternatives under `key` (`anyOf` or `oneOf`) into their form.
    pub(super) fn union(&mut self, mut node: Node, key: &str) -> Node {
        if !node.get(key).is_some_and(Value::is_array) {
            return node;
        }
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        for member in node.remove_list(key) {
            let plain = node.get("discriminator").is_none();
            members.extend(self.flat(member, key, plain, &mut seen));
        }
        let allows_some = |it: &Node| !keywords::refuses_all(&it.value);
        if members.iter().any(allows_some) {
            members.retain(allows_some);
        }
        if key == "anyOf" {
            if members.iter().any(|it| says_nothing(self.named(it).unwrap_or(&it.value))) {
                return node;
            }
            let mut once: Vec<Node> = Vec::new();
            for member in members {
                if !once.iter().any(|it| it.value == member.value) {
                    once.push(member);
                }
            }
            members = once;
        }
        let is_null = |it: Node| it.get("type") == Some(&json!("null"));
        let (null, rest): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|it| self.plain(it).is_some_and(is_null));
        let mut nullable = !null.is_empty() && !rest.is_empty();
        members = if rest.is_empty() { null } else { rest };
        let flags = members.iter().filter(|it| it.get("nullable").is_some() || self.names_null(it));
        let flags = flags.count();
        if key == "anyOf" && flags > 0 || flags == 1 {
            // What a reference names keeps its own flag.
            nullable |= true;
            members.iter_mut().for_each(|it| drop(it.remove("nullable")));
        }
        // What stands beside them may refuse null all the same.
        let types = keywords::types(&node.value);
        let takes_null = types.is_empty() || types.iter().any(|it| it == "null");
        nullable &= takes_null || node.get("nullable") == Some(&Value::Bool(true));
        if key == "anyOf" {
            self.drop_covered(&mut members);
        }
        let views: Option<Vec<Node>> = members.iter().map(|it| self.expand(it)).collect();
        let views = views.as_deref();
        let one = views.and_then(|it| constants(it, key).or_else(|| by_type(it, key)));
        let single = match (one, members.as_slice()) {
            (Some(one), _) => Some(one),
            (None, [only]) => Some(only.clone()),
            _ => None,
        };
        let Some(single) = single else {
            share_types(&mut node, &mut members, views.unwrap_or_default(), nullable);
            node.insert_list(key, members);
            if nullable {
                node.insert("nullable", Value::Bool(true));
            }
            return node;
        };
        let bare = node
            .value
            .as_object()
            .is_some_and(|it| it.keys().all(|it| is_annotation(it) && !it.starts_with("x-")));
        if bare && !nullable {
            return single;
        }
        let Some(mut part) = self.expand(&single) else {
            node.insert_list("allOf", vec![single]);
            if nullable {
                node.insert("nullable", Value::Bool(true));
            }
            return node;
        };
        if nullable && part.value.is_object() {
            part.insert("nullable", Value::Bool(true));
        }
        let rest = self.merge(&mut node, part);
        let mut apart = node.remove_list("allOf");
        apart.extend(rest.filter(|it| !says_nothing(&it.value)));
        if !apart.is_empty() {
            node.insert_list("allOf", apart);
        }
        node
    }

    /// The alternatives of an alternative that is nothing but alternatives, or a name for these. What is among `seen`
    /// already has nothing to add. Where one of several must hold, they are as many only if one at most can (`plain`:
    /// and no discriminator names them).
    fn flat(
        &mut self,
        member: Node,
        key: &str,
        plain: bool,
        seen: &mut BTreeSet<String>,
    ) -> Vec<Node> {
        let has = |it: &Value, key: &str| it.get(key).is_some_and(Value::is_array);
        let lists = |it: &Value| ["anyOf", "oneOf"].into_iter().find(|key| has(it, key));
        let Some(inner) = lists(self.named(&member).unwrap_or(&member.value)) else {
            return vec![member];
        };
        let any = key == "anyOf" && inner == "anyOf";
        let name = member.get("$ref").and_then(Value::as_str).map(str::to_owned);
        if name.as_ref().is_some_and(|it| seen.contains(it)) {
            return if any { Vec::new() } else { vec![member] };
        }
        let says = |it: &String| it == inner || is_annotation(it) && !it.starts_with("x-");
        let only = |it: &Node| {
            has(&it.value, inner) && it.value.as_object().is_some_and(|it| it.keys().all(says))
        };
        let Some(mut whole) = self.expand(&member).filter(only) else { return vec![member] };
        let apart = |it: &Node| {
            let spot = Spot { value: &it.value, pointer: Pointer::ROOT };
            are_disjoint(&self.side, &spot.get(inner).map(|it| it.elements()).unwrap_or_default())
        };
        if !(any || plain && apart(&whole)) {
            return vec![member];
        }
        seen.extend(name);
        let members = whole.remove_list(inner).into_iter();
        members.flat_map(|it| self.flat(it, key, plain, seen)).collect()
    }

    /// What the reference of a member leads to, as it is written.
    fn named(&self, member: &Node) -> Option<&Value> {
        let target = self.side.target(member.get("$ref")?.as_str()?)?;
        Some(self.side.resolve(target).value)
    }

    /// Whether the schema that a member refers to allows null by name: itself, in an alternative, or in its only part.
    fn names_null(&self, member: &Node) -> bool {
        let mut seen = BTreeSet::new();
        let target = member.get("$ref").and_then(Value::as_str);
        let mut work: Vec<_> = target.and_then(|it| self.side.target(it)).into_iter().collect();
        while let Some(schema) = work.pop().map(|it| self.side.schema(it)) {
            let untyped = schema.get("type").is_none();
            let listed = schema.listed().map(|it| it.iter().any(Value::is_null));
            // Values that are listed without null refuse it, whatever stands beside them.
            if listed == Some(false) {
                continue;
            }
            if schema.nullable() || untyped && listed == Some(true) {
                return true;
            }
            if seen.insert(schema.key()) && untyped {
                let whole = Some(schema.list("allOf")).filter(|it| it.len() == 1);
                work.extend(whole.into_iter().flatten());
                work.extend(["oneOf", "anyOf"].into_iter().flat_map(|key| schema.list(key)));
            }
        }
        false
    }

    /// The canonical form of a member that holds no other schemas, which costs little.
    fn plain(&mut self, member: &Node) -> Option<Node> {
        let whole = self.named(member).unwrap_or(&member.value);
        let holds = whole.as_object().is_none_or(|it| it.keys().any(|it| subschemas(it).is_some()));
        (!holds).then(|| self.expand(member)).flatten()
    }

    /// Removes alternatives of which another one allows every value because it names their type and asks for nothing
    /// else. Lists and objects stay, for what they describe.
    fn drop_covered(&mut self, members: &mut Vec<Node>) {
        let views: Vec<_> = members.iter().map(|it| self.plain(it)).collect();
        let plain = |it: &Node| is_bare(it).then(|| keywords::types(&it.value));
        let covered = |at: usize| {
            let Some(Some(view)) = views.get(at) else { return false };
            let own = keywords::types(&view.value);
            let own: Vec<_> = own.iter().map(String::as_str).collect();
            views.iter().enumerate().any(|(by, other)| {
                let Some(types) = other.as_ref().and_then(plain) else { return false };
                let types: Vec<_> = types.iter().map(String::as_str).collect();
                by != at && is_covered(&own, &types) && !(is_bare(view) && by > at)
            })
        };
        let kept: Vec<_> = (0..members.len()).map(|at| !covered(at)).collect();
        let mut kept = kept.into_iter();
        members.retain(|_| kept.next().unwrap_or(true));
    }
}

/// Says of which types the alternatives are where they stand, and beside them no more than must be said there.
fn share_types(node: &mut Node, members: &mut [Node], views: &[Node], nullable: bool) {
    let not_null = |it: &Node| -> Vec<String> {
        keywords::types(&it.value).into_iter().filter(|it| it != "null").collect()
    };
    let own = not_null(node);
    let plain = own.len() == keywords::types(&node.value).len();
    let outer: Vec<_> = own.iter().map(String::as_str).collect();
    let mut said = !own.is_empty() && views.len() == members.len();
    for (member, view) in members.iter_mut().zip(views).filter(|_| !own.is_empty()) {
        let inner = not_null(view);
        if inner.is_empty() && member.value.is_object() && member.get("$ref").is_none() {
            match plain {
                true => member.take("type", node),
                false => keywords::set_types(member, own.clone()),
            }
        } else {
            said &= within(&inner.iter().map(String::as_str).collect::<Vec<_>>(), &outer);
        }
    }
    let beside = |it: &String| {
        matches!(it.as_str(), "type" | "nullable" | "discriminator")
            || is_annotation(it) && !it.starts_with("x-")
    };
    let bare = node.value.as_object().is_some_and(|it| it.keys().all(beside));
    let null = !plain || node.get("nullable") == Some(&Value::Bool(true));
    if said && bare && null == nullable {
        node.remove("type");
    }
}

/// Whether a schema names types and nothing else.
fn is_bare(node: &Node) -> bool {
    node.value.as_object().is_some_and(|it| names_types(it.keys().map(String::as_str)))
}

/// Several lists of constants are one list. In `oneOf` a value of two of them would be refused.
fn constants(views: &[Node], key: &str) -> Option<Node> {
    let mut values: Vec<Value> = Vec::new();
    let mut types = Vec::new();
    for view in views {
        let map = view.value.as_object()?;
        if views.len() < 2
            || !map.keys().all(|it| {
                matches!(it.as_str(), "enum" | "const" | "type")
                    || is_annotation(it) && !it.starts_with("x-")
            })
        {
            return None;
        }
        // Both values of a boolean are a list as well.
        let both = json!([true, false]);
        let constant = map.get("const").map(|it| vec![it.clone()]);
        let own = match constant.as_ref().or_else(|| map.get("enum").and_then(Value::as_array)) {
            Some(list) => list,
            None if map.get("type") == Some(&json!("boolean")) => both.as_array()?,
            None => return None,
        };
        for value in own {
            match values.iter().any(|it| same(it, value)) {
                true if key == "oneOf" => return None,
                true => {}
                false => values.push(value.clone()),
            }
        }
        types.extend(keywords::types(&view.value));
    }
    let first = views.first()?;
    let mut node = Node::new(json!({ "enum": values }), &first.at);
    if !types.is_empty() {
        keywords::set_types(&mut node, types);
    }
    keywords::tidy(&mut node);
    Some(node)
}

/// Alternatives of different types whose keywords speak of their own type only are one schema with a
/// list of types.
fn by_type(views: &[Node], key: &str) -> Option<Node> {
    let first = views.first().filter(|_| views.len() > 1)?;
    let mut node = Node::new(json!({}), &first.at);
    let mut all: Vec<String> = Vec::new();
    for view in views {
        let types = keywords::types(&view.value);
        let overlaps = |it: &String| {
            all.contains(it)
                || it == "integer" && all.iter().any(|it| it == "number")
                || it == "number" && all.iter().any(|it| it == "integer")
        };
        // What one alternative asks of the values of a type, another one of that type does not.
        let plain = key == "anyOf" && is_bare(view) && is_bare(&node);
        if types.is_empty() || types.iter().any(overlaps) && !plain {
            return None;
        }
        for (keyword, _) in view.value.as_object()? {
            let words = is_annotation(keyword) && (keyword == LISTED || !keyword.starts_with("x-"));
            if keyword == "type" || words {
                continue;
            }
            // What says nothing of these types would say something of the others.
            let kind = type_of(keyword)?;
            if types.iter().any(|it| it == kind || kind == "number" && it == "integer") {
                node.take(keyword, view);
            }
        }
        all.extend(types);
    }
    keywords::set_types(&mut node, all);
    node.insert(LISTED, Value::Bool(true));
    Some(node)
}
