//! What the next document no longer says of schemas that are still used, and the overlay actions that keep it.
//!
//! A document that says less is seldom a server that does less, and whoever built on what was said should not
//! have to change their code for an edition of the document. So a type keeps its name, a set of words its
//! words, and a property that is gone stays for a while, marked as deprecated. What the next document says
//! otherwise (another type, a property that must be there) is a change and is not kept back.

use super::{
    correspondence::{self, Correspondence, json_path},
    names::Retained,
    reading::{
        aliases, all_parameters, deprecated, form, in_requests, is_bare_object, is_operation,
        is_plain_text, is_schema, is_union, owner_label, properties, reference, references,
        resolved, says_nothing, text, words,
    },
};
use conversations_codegen::names::{escape, pascal, snake};
use conversations_document::{
    Pointer,
    grammar::gives_type,
    reference::{local, named_schema, reference_to, schema_pointer},
    suggest::quoted,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds of following references, so that a circle of them ends.
const MAX_NESTING: usize = 40;

/// What is kept, in the order in which the actions must stand.
pub(super) fn retain(
    present: &Value,
    next: &Value,
    pairs: &Correspondence,
    why: &str,
) -> Vec<Retained> {
    let mut work = Work {
        present,
        next,
        pairs,
        why,
        requests: in_requests(next),
        missing: BTreeMap::new(),
        types: BTreeMap::new(),
        out: BTreeMap::new(),
        moves: BTreeMap::new(),
        named: BTreeSet::new(),
    };
    for (from, to) in pairs.both() {
        // What a place refers to was met at the place itself.
        let through = named_schema(from).is_some() && named_schema(to).is_none();
        if is_schema(to) && !through {
            work.schema(from, to);
        } else if is_operation(to) {
            work.parameters(from, to);
            work.silence(from, to);
            work.body(from, to);
        }
    }
    work.finish()
}

struct Work<'a> {
    present: &'a Value,
    next: &'a Value,
    pairs: &'a Correspondence,
    why: &'a str,
    requests: BTreeSet<Pointer>,
    /// Named schemas that what is kept refers to and the next document does not have.
    missing: BTreeMap<String, Value>,
    /// Types of properties that the document no longer says, by the place of their schema.
    types: BTreeMap<Pointer, Map<String, Value>>,
    /// What is kept, by the place that it is about and what it is called.
    out: BTreeMap<(Pointer, String), Retained>,
    /// Types that are written out in place now, by that place: these come last and the innermost first.
    moves: BTreeMap<Pointer, Retained>,
    /// Types whose names are taken care of.
    named: BTreeSet<String>,
}

impl Work<'_> {
    fn schema(&mut self, from: &Pointer, to: &Pointer) {
        let (Some(old), Some(new)) = (self.present.pointer(from), self.next.pointer(to)) else {
            return;
        };
        if self.keeps_at(to) || self.moves.contains_key(to) {
            return;
        }
        let (old, new) = (old.clone(), new.clone());
        self.name(from, &old, to, &new);
        if correspondence::reference(&new).is_none() {
            self.behaviour(&old, &new, to);
        }
        match (reference(&old), correspondence::reference(&new).is_some()) {
            (Some(name), false) => self.written_out(name, &old, &new, to),
            (Some(_), true) => self.said_beside(&old, &new, to),
            (None, false) => {
                self.form(&old, &new, to);
                self.words(&old, &new, to);
                self.properties(&old, &new, to);
                self.required(&old, &new, to);
            }
            (None, true) => {}
        }
    }

    /// A named schema whose type would go by another name now.
    fn name(&mut self, from: &Pointer, old: &Value, to: &Pointer, new: &Value) {
        let (Some(before), Some(after)) = (named_schema(from), named_schema(to)) else { return };
        let is_type = |it: &Value| properties(it).is_some() || words(it).is_some();
        let rust = |schema: &Value, own: &str| {
            pascal(schema.pointer("/x-conversations/name").and_then(Value::as_str).unwrap_or(own))
        };
        let ty = rust(old, &before);
        let was = schema_pointer(&after);
        let moved = before != after;
        if ty == rust(new, &after)
            || !is_type(old)
            || !is_type(new)
            || new.pointer("/x-conversations/name").is_some()
            || moved && (self.present.pointer(&was).is_some() || self.next.pointer(from).is_some())
            || !self.named.insert(before)
        {
            return;
        }
        let because = format!("the document calls the schema `{after}`");
        let action = self.keeping(
            to,
            &format!("the name of the type `{ty}`"),
            &because,
            json!({"x-conversations": {"name": ty}}),
        );
        self.keep_as(to, ty, &because, vec![action]);
    }

    /// A place that referred to a named schema and has the schema, or less, in place now.
    fn written_out(&mut self, name: &str, old: &Value, new: &Value, to: &Pointer) {
        let Some(target) = self.component(name) else { return };
        let there = self.next.pointer(&schema_pointer(name)).cloned();
        let shown = pascal(name);
        let silent = says_nothing(new) || properties(&target).is_some() && is_bare_object(new);
        if silent || words(&target).is_some() && is_plain_text(new) {
            self.need(old);
            let about = match silent {
                true => {
                    format!("Keeps the type `{shown}`; the document no longer says what this is.")
                }
                false => {
                    format!("Keeps the type `{shown}`; the document says text and lists no words.")
                }
            };
            let actions = self.refer(old, new, to, &about);
            let because = "the document no longer says as much";
            self.keep(to, &format!("{shown} of {}", to.last()), because, actions);
        } else if let (Some(known), Some(said)) = (words(&target), words(new)) {
            self.need(old);
            let about = format!(
                "Keeps the type `{shown}`; the document writes its words out in their place."
            );
            let mut actions = Vec::new();
            let more: Vec<&str> = said.into_iter().filter(|it| !known.contains(it)).collect();
            if !more.is_empty() {
                let home = schema_pointer(name);
                let about = format!("Takes over what the document lists elsewhere for `{shown}`.");
                actions.push(self.update(&home, about, json!({"enum": more})));
            }
            actions.extend(self.refer(old, new, to, &about));
            let because = "the document writes its words out in their place";
            self.keep(to, &format!("{shown} of {}", to.last()), because, actions);
        } else if properties(&target).is_some() && properties(new).is_some() {
            let about = format!(
                "Keeps the name of the type `{shown}`; the document writes it out in its place."
            );
            let because = "the document writes it out in its place".to_owned();
            let home = schema_pointer(name);
            let mut actions = match &there {
                Some(there) => self.cover(there, new, &home, 0),
                // An overlay cannot move: the type is made, filled, its writing taken out and referred to.
                None if self.named.insert(name.to_owned()) => {
                    let empty = json!({"components": {"schemas": {name: {"type": "object"}}}});
                    vec![
                        self.update(&Pointer::ROOT, about.clone(), empty),
                        self.action(&home, about.clone(), "copy", json!(json_path(to))),
                    ]
                }
                None => Vec::new(),
            };
            actions.extend(self.refer(old, new, to, &about));
            let keep = Retained { name: shown, because, actions };
            self.moves.insert(to.clone(), keep);
        }
    }

    /// A place where our overlay refers to one of our schemas and the document now says something itself.
    fn said_beside(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let (Some(name), Some(now)) = (reference(old), reference(new)) else { return };
        let beside = |it: &Value| form(it).into_iter().any(gives_type);
        let home = schema_pointer(now);
        let Some(target) = self.next.pointer(&home).cloned() else { return };
        if name != now || beside(old) || !beside(new) {
            return;
        }
        let shown = pascal(name);
        let about = format!(
            "Keeps the type `{shown}`; the document writes out its own idea of it beside ours."
        );
        let mut actions = self.cover(&target, new, &home, 0);
        actions.extend(self.without_form(to, new, &about));
        let because = "the document writes it out in its place";
        self.keep(to, &format!("{shown} of {}", to.last()), because, actions);
    }

    /// What our overlay declares of a value where it was, and nobody where it is now.
    fn behaviour(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let whole = reference(old).and_then(|it| self.component(it)).unwrap_or_default();
        // A structure has its behaviours where it is written, and its name where it is used.
        let plain = [old, &whole, new].iter().all(|it| properties(it).is_none());
        let mut lost = Map::new();
        for (schema, own) in [(&whole, false), (old, true)] {
            let members = schema.get("x-conversations").and_then(Value::as_object);
            for (key, value) in members.into_iter().flatten() {
                let name = key == "name";
                let there = new["x-conversations"].get(key).is_some()
                    || (name && value.as_str() == self.own_name(to).as_deref());
                if !there && (if name { own && named_schema(to).is_none() } else { plain }) {
                    lost.insert(key.clone(), value.clone());
                }
            }
        }
        if lost.is_empty() {
            return;
        }
        let listed = quoted(lost.keys().map(String::as_str));
        let about =
            format!("Keeps what is known of `{}` beyond the document: {listed}.", to.last());
        let action = self.update(to, about, json!({"x-conversations": lost}));
        let because = "it is written elsewhere now";
        self.keep(to, &format!("{listed} of {}", to.last()), because, vec![action]);
    }

    /// The name in Rust that the next document itself gives to the value of a schema.
    fn own_name(&self, to: &Pointer) -> Option<String> {
        let holder = to.parent();
        let wire = match holder.last().as_str() {
            "properties" => to.last(),
            _ => self.next.pointer(&holder.child("name"))?.as_str()?.to_owned(),
        };
        Some(snake(&wire))
    }

    /// A scalar of which the document no longer says anything.
    fn form(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let Some(ty) = old.get("type") else { return };
        let simple = |it: &str| matches!(it, "string" | "integer" | "number" | "boolean" | "null");
        let all = ty.as_array().map_or(std::slice::from_ref(ty), Vec::as_slice);
        let simple = all.iter().all(|it| it.as_str().is_some_and(simple));
        if !simple || !says_nothing(new) || words(old).is_some() {
            return;
        }
        let mut said = json!({"type": ty});
        for key in ["format", "nullable"] {
            if let Some(value) = old.get(key).filter(|_| new.get(key).is_none()) {
                said[key] = value.clone();
            }
        }
        let (holder, name) = (to.parent(), to.last());
        // Properties of one schema come together.
        if holder.last() == "properties" && named_schema(to).is_none() {
            self.types.entry(holder.parent()).or_default().insert(name, said);
            return;
        }
        let because = "the document no longer says what it is";
        let action = self.keeping(to, &format!("the type of `{name}`"), because, said);
        self.keep(to, &format!("the type of {name}"), because, vec![action]);
    }

    /// Words that are no longer listed. Sets of words are open, so that none of them can do harm.
    fn words(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let Some(before) = words(old) else { return };
        let after = words(new).unwrap_or_default();
        if after.is_empty() && !is_plain_text(new) && !says_nothing(new) {
            return;
        }
        let gone: Vec<&str> = before.into_iter().filter(|it| !after.contains(it)).collect();
        if gone.is_empty() {
            return;
        }
        let name = to.last();
        let listed = quoted(gone.iter().copied());
        let mut said = json!({"enum": gone});
        if new.get("type").is_none() {
            said["type"] = json!("string");
        }
        let because = "the document no longer lists as much";
        let action = self.keeping(to, &format!("{listed} of `{name}`"), because, said);
        self.keep(to, &format!("{listed} of {name}"), because, vec![action]);
    }

    /// Properties that are gone, and such that only go by another name.
    fn properties(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let (Some(before), true) = (properties(old), new.get("allOf").is_none()) else { return };
        let is_object = properties(new).is_some() || text(new, "type") == Some("object");
        if !is_object || ["oneOf", "anyOf"].iter().any(|it| new.get(*it).is_some_and(is_union)) {
            return;
        }
        let none = Map::new();
        let after = properties(new).unwrap_or(&none);
        let mut gone = Map::new();
        for (wire, schema) in before.iter().filter(|(wire, _)| !after.contains_key(*wire)) {
            let setter = text(&schema["x-conversations"], "name").unwrap_or(wire);
            let other = after.iter().find(|(name, it)| {
                aliases(schema).contains(&name.as_str()) || aliases(it).contains(&wire.as_str())
            });
            if let Some((name, other)) = other {
                if other.pointer("/x-conversations/name").is_none() && !before.contains_key(name) {
                    let place = to.child("properties").child(name);
                    let own = snake(setter);
                    let because = format!("the document calls the property `{name}`");
                    let action = self.keeping(
                        &place,
                        &format!("the name of the field `{own}`"),
                        &because,
                        json!({"x-conversations": {"name": own, "aliases": [wire]}}),
                    );
                    self.keep_as(&place, escape(&own), &because, vec![action]);
                }
                continue;
            }
            self.need(schema);
            gone.insert(wire.clone(), deprecated(&self.carried(schema)));
        }
        if gone.is_empty() {
            return;
        }
        let listed = quoted(gone.keys().map(String::as_str));
        self.keep_for_a_release(to, &listed, "", json!({"properties": gone}));
    }

    /// Response properties that became required stay optional, so that decoding stays lenient.
    fn required(&mut self, old: &Value, new: &Value, to: &Pointer) {
        let list = |it: &Value| -> Vec<String> {
            let all = it.get("required").and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let in_request = to.contains("/requestBody/")
            || to.contains("/parameters/")
            || self.requests.iter().any(|it| to.is_within(it));
        let (Some(before), false) = (properties(old), in_request) else { return };
        let was = list(old);
        let now: Vec<String> = list(new)
            .into_iter()
            .filter(|it| before.contains_key(it) && !was.contains(it))
            .collect();
        if now.is_empty() {
            return;
        }
        let any = now.iter().map(|it| format!("@ == '{it}'")).collect::<Vec<_>>().join(" || ");
        let listed = quoted(now.iter().map(String::as_str));
        let target = format!("{}.required[?{any}]", json_path(to));
        let about = format!(
            "Keeps {listed} optional to read; the document says that answers always hold as much, and nothing is gained by failing without it."
        );
        let action =
            json!({"target": target, "description": about, "x-source": self.why, "remove": true});
        let because = "the document says that answers always hold as much";
        self.keep(to, &format!("{listed} optional"), because, vec![action]);
    }

    /// Query parameters and headers that are gone.
    fn parameters(&mut self, from: &Pointer, to: &Pointer) {
        let (old, new) = (all_parameters(self.present, from), all_parameters(self.next, to));
        let optional = |it: &Value| it.get("required") != Some(&json!(true));
        let key =
            |it: &Value| (text(it, "in").map(str::to_owned), text(it, "name").map(str::to_owned));
        let gone: Vec<Value> = old
            .into_iter()
            .filter(|it| matches!(text(it, "in"), Some("query" | "header")) && optional(it))
            .filter(|it| !new.iter().any(|other| key(other) == key(it)))
            .collect();
        if gone.is_empty() || self.keeps_at(to) {
            return;
        }
        gone.iter().for_each(|it| self.need(it));
        let listed = quoted(gone.iter().filter_map(|it| text(it, "name")));
        let gone: Vec<Value> = gone.iter().map(|it| deprecated(&self.carried(it))).collect();
        self.keep_for_a_release(to, &listed, "the setter of ", json!({"parameters": gone}));
    }

    /// A call that was answered with nothing, and for which the document now describes content. A server that goes on
    /// sending nothing must not make each call fail.
    fn silence(&mut self, from: &Pointer, to: &Pointer) {
        let successes = |root: &Value, operation: &Pointer| -> Vec<bool> {
            let all = root.pointer(&operation.child("responses")).and_then(Value::as_object);
            let all = all.into_iter().flatten().filter(|(status, _)| status.starts_with('2'));
            all.map(|(_, it)| resolved(root, it).get("content").is_some_and(|it| it != &json!({})))
                .collect()
        };
        let (old, new) = (successes(self.present, from), successes(self.next, to));
        if old.iter().all(|it| *it) || new.is_empty() || new.iter().any(|it| !it) {
            return;
        }
        let because = "the document describes content where there was none";
        let about = "Lets the answer be empty, as the document said before; it describes content now, and nothing is gained by failing without it.";
        let empty = json!({"204": {"description": "Done, and nothing to say."}});
        let action = self.update(&to.child("responses"), about.to_owned(), empty);
        self.keep(to, "an empty answer", because, vec![action]);
    }

    /// A body that had to be there, and of which the document no longer says whether it may be missing.
    fn body(&mut self, from: &Pointer, to: &Pointer) {
        let (old, place) = (from.child("requestBody"), to.child("requestBody"));
        let (Some(old), Some(new)) = (self.present.pointer(&old), self.next.pointer(&place)) else {
            return;
        };
        let was = resolved(self.present, old).get("required") == Some(&json!(true));
        if !was || new.get("$ref").is_some() || new.get("required").is_some() {
            return;
        }
        let because = "the document no longer says that the body must be there";
        let about =
            "Keeps the body required; the document no longer says so, nor that it may be missing.";
        let action = self.update(&place, about.to_owned(), json!({"required": true}));
        self.keep(to, "the body required", because, vec![action]);
    }

    /// The actions that add to the schema `ours` at `home` what `theirs` knows besides.
    fn cover(&self, ours: &Value, theirs: &Value, home: &Pointer, depth: usize) -> Vec<Value> {
        let (Some(known), Some(said)) = (properties(ours), properties(theirs)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut more = Map::new();
        for (wire, schema) in said {
            let also = known.values().any(|it| aliases(it).contains(&wire.as_str()));
            match known.get(wire) {
                Some(inner) if depth < MAX_NESTING => {
                    let (place, inner) = match reference(inner) {
                        Some(name) => {
                            let place = schema_pointer(name);
                            let found = self.next.pointer(&place).cloned();
                            (place, found.unwrap_or_default())
                        }
                        None => (home.child("properties").child(wire), inner.clone()),
                    };
                    out.extend(self.cover(&inner, schema, &place, depth + 1));
                }
                None if !also => {
                    more.insert(wire.clone(), schema.clone());
                }
                _ => {}
            }
        }
        if !more.is_empty() {
            let listed = quoted(more.keys().map(String::as_str));
            let about = format!("Takes over {listed}, which the document writes out elsewhere.");
            out.push(self.update(home, about, json!({"properties": more})));
        }
        out
    }

    /// The actions that put the reference of `old` in the place of what `new` writes out.
    fn refer(&self, old: &Value, new: &Value, to: &Pointer, about: &str) -> Vec<Value> {
        let mut actions = self.without_form(to, new, about);
        actions.push(self.update(to, about.to_owned(), json!({"$ref": self.target(old)})));
        actions
    }

    /// The actions that take a schema's own form out, so that a reference can stand in its place.
    fn without_form(&self, to: &Pointer, new: &Value, about: &str) -> Vec<Value> {
        let said: Vec<String> = form(new)
            .into_iter()
            .map(|it| format!("'{}'", it.replace('\\', "\\\\").replace('\'', "\\'")))
            .collect();
        if said.is_empty() {
            return Vec::new();
        }
        let target = format!("{}[{}]", json_path(to), said.join(", "));
        vec![json!({"target": target, "description": about, "x-source": self.why, "remove": true})]
    }

    /// A named schema as it was, or as it is.
    fn component(&self, name: &str) -> Option<Value> {
        let pointer = schema_pointer(name);
        self.present.pointer(&pointer).or_else(|| self.next.pointer(&pointer)).cloned()
    }

    /// What a node refers to, by the name that it has now.
    fn target(&self, node: &Value) -> Option<String> {
        let written = correspondence::reference(node)?;
        Some(match local(written) {
            Some(pointer) => reference_to(&self.now(&pointer)),
            None => written.to_owned(),
        })
    }

    /// Where a named schema of the present document is, if not under its own name.
    fn now(&self, pointer: &Pointer) -> Pointer {
        let stays = self.next.pointer(pointer).is_some() || named_schema(pointer).is_none();
        let to = self.pairs.counterpart(pointer).filter(|_| !stays);
        let to = to.filter(|it| named_schema(it).is_some() && self.next.pointer(it).is_some());
        to.unwrap_or_else(|| pointer.clone())
    }

    /// A node of the present document with its references as the next one has them.
    fn carried(&self, node: &Value) -> Value {
        match node {
            Value::Object(members) => {
                let carry = |(key, inner): (&String, &Value)| {
                    let target = inner.as_str().and_then(local);
                    let inner = match target.filter(|_| key == "$ref") {
                        Some(pointer) => json!(reference_to(&self.now(&pointer))),
                        None => self.carried(inner),
                    };
                    (key.clone(), inner)
                };
                Value::Object(members.iter().map(carry).collect())
            }
            Value::Array(items) => items.iter().map(|it| self.carried(it)).collect(),
            other => other.clone(),
        }
    }

    /// Sees to it that what `node` refers to is there.
    fn need(&mut self, node: &Value) {
        let mut todo = Vec::new();
        references(node, &mut todo);
        while let Some(pointer) = todo.pop() {
            let Some(name) = named_schema(&pointer) else { continue };
            let known = self.next.pointer(&self.now(&pointer)).is_some();
            let known = known || self.missing.contains_key(&name);
            let Some(schema) = self.present.pointer(&pointer).filter(|_| !known) else { continue };
            references(schema, &mut todo);
            let schema = self.carried(schema);
            self.missing.insert(name, schema);
        }
    }

    fn update(&self, to: &Pointer, about: String, value: Value) -> Value {
        self.action(to, about, "update", value)
    }

    fn action(&self, to: &Pointer, about: String, key: &str, value: Value) -> Value {
        json!({"target": json_path(to), "description": about, "x-source": self.why, key: value})
    }

    /// An action that gives `to` what it had, with the reason that is said of it.
    fn keeping(&self, to: &Pointer, what: &str, because: &str, value: Value) -> Value {
        self.update(to, format!("Keeps {what}; {because}."), value)
    }

    /// Keeps what is gone from `to`, until the users of it know.
    fn keep_for_a_release(&mut self, to: &Pointer, listed: &str, kind: &str, value: Value) {
        let about = format!(
            "Keeps {kind}{listed}, which the document no longer has, for a release in which compilers warn of it. Take the action out to let it go."
        );
        let action = self.update(to, about, value);
        self.keep(to, listed, "the document no longer has as much", vec![action]);
    }

    /// Notes what the actions keep of the type or operation at `to`.
    fn keep(&mut self, to: &Pointer, what: &str, because: &str, actions: Vec<Value>) {
        self.keep_as(to, format!("{}: {what}", owner_label(to)), because, actions);
    }

    fn keep_as(&mut self, to: &Pointer, name: String, because: &str, actions: Vec<Value>) {
        if actions.is_empty() {
            return;
        }
        let because = because.to_owned();
        let new = Retained { name: name.clone(), because, actions: Vec::new() };
        self.out.entry((to.clone(), name)).or_insert(new).actions.extend(actions);
    }

    /// Whether something of the type or operation at `to` is kept already.
    fn keeps_at(&self, to: &Pointer) -> bool {
        self.out.keys().any(|(at, _)| at == to)
    }

    fn finish(mut self) -> Vec<Retained> {
        let mut out = Vec::new();
        for (owner, said) in std::mem::take(&mut self.types) {
            let listed = quoted(said.keys().map(String::as_str));
            let (what, because) =
                (format!("the types of {listed}"), "the document no longer says them");
            let action = self.keeping(&owner, &what, because, json!({"properties": said}));
            self.keep(&owner, &what, because, vec![action]);
        }
        // What became a type under another name is not missing.
        let missing: Map<String, Value> = std::mem::take(&mut self.missing)
            .into_iter()
            .filter(|(name, _)| !self.named.contains(name))
            .collect();
        if !missing.is_empty() {
            let names: Vec<String> = missing.keys().map(|it| pascal(it)).collect();
            let about = format!(
                "Keeps what the following actions refer to and the document no longer has: {}.",
                quoted(names.iter().map(String::as_str))
            );
            let action =
                self.update(&Pointer::ROOT, about, json!({"components": {"schemas": missing}}));
            out.push(Retained {
                name: names.join(", "),
                because: "the document no longer has as much".to_owned(),
                actions: vec![action],
            });
        }
        out.extend(self.out.into_values());
        let mut moves: Vec<(Pointer, Retained)> = self.moves.into_iter().collect();
        // The innermost first: once its surroundings have moved, its place is another.
        moves.sort_by_key(|(to, _)| std::cmp::Reverse(to.matches('/').count()));
        out.extend(moves.into_iter().map(|(_, it)| it));
        out
    }
}
