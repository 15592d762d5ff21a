//! Checks every `x-conversations` against the operation or schema that it stands on.

use super::{
    Accept, Behaviour, Cursor, Follow, IdempotencyKey, KEY, KeepAlive, KeyPlace, KnownError, Next,
    Paging, PagingStyle, SchemaExtension, SuccessFlag, read,
};
use crate::{names, provider::CLIENT_ERROR};
use conversations_document::{
    Document, Fault, Pointer,
    fault::Code,
    grammar::{Kind, Position},
    load::each_reference,
    lookup::{self, Property},
    reference::local,
    suggest,
};
use serde_json::Value;

const FROM_OR_HEADER: &str = "`from`, a JSON Pointer into the answer, and `header`";

/// Every fault of every `x-conversations` in the tree, wherever it stands.
pub fn validate(document: &Document) -> Vec<Fault> {
    let mut found = Vec::new();
    walk(document, &document.root, &Pointer::ROOT, Position::root(&document.root), &mut found);
    found
}

fn walk(
    document: &Document,
    node: &Value,
    pointer: &Pointer,
    position: Position,
    found: &mut Vec<Fault>,
) {
    match node {
        Value::Object(map) => {
            for (key, value) in map {
                let at = pointer.child(key);
                if key == KEY {
                    one(document, pointer, position, found);
                } else if key.starts_with(KEY) && !matches!(position, Position::Nodes(_)) {
                    let help = format!("all our extensions go below the one key `{KEY}`");
                    let code = Code::Unknown { what: "key", name: key.clone() };
                    found.push(document.fault(&at, code, help));
                } else {
                    walk(document, value, &at, position.child(key), found);
                }
            }
        }
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                let key = i.to_string();
                walk(document, value, &pointer.child(&key), position.child(&key), found);
            }
        }
        _ => {}
    }
}

fn one(document: &Document, holder: &Pointer, position: Position, found: &mut Vec<Fault>) {
    let mut check = Check { document, holder, found };
    match position {
        Position::Node(Kind::Operation | Kind::Operation2) => match read(document, holder) {
            Ok(behaviour) => check.operation(&behaviour),
            Err(fault) => check.found.push(fault),
        },
        // Swagger 2.0 declares a parameter's type in the parameter.
        Position::Node(
            Kind::Schema | Kind::Parameter | Kind::Parameter2 | Kind::Header | Kind::Header2,
        ) => match read(document, holder) {
            Ok(schema) => check.schema(&schema),
            Err(fault) => check.found.push(fault),
        },
        _ => check.fault("", Code::NoHolder, "those two can have it"),
    }
}

/// The checks of one extension.
struct Check<'a> {
    document: &'a Document,
    /// The operation or schema.
    holder: &'a Pointer,
    found: &'a mut Vec<Fault>,
}

impl Check<'_> {
    fn operation(&mut self, behaviour: &Behaviour) {
        let Behaviour {
            idempotent: _,
            billable: _,
            changes_state: _,
            idempotency_key,
            paging,
            keep_alive,
            follow,
            success_flag,
            empty_answer,
        } = behaviour;
        if let Some(IdempotencyKey { place, name, format: _, verified: _ }) = idempotency_key {
            match place {
                KeyPlace::Header => self.parameter("idempotency_key/name", name, &["header"]),
                KeyPlace::Query => self.parameter("idempotency_key/name", name, &["query"]),
                KeyPlace::Body => self.body_property("idempotency_key/name", name),
            }
        }
        if let Some(Paging { items, absent: _, style }) = paging {
            self.items("paging", items);
            self.paging(style, items);
        }
        if let Some(KeepAlive { period_seconds, lapses_seconds }) = keep_alive {
            self.positive("keep_alive/period_seconds", Some(*period_seconds));
            if lapses_seconds <= period_seconds {
                let code = Code::LapsesFirst { lapses: *lapses_seconds, period: *period_seconds };
                self.fault("keep_alive", code, "repeat it more often than it lapses");
            }
        }
        if let Some(Follow { items, id, cursor, poll_seconds, absent: _, not_yet }) = follow {
            self.items("follow", items);
            self.in_item("follow/id", items, id);
            if let Some(Cursor { parameter, from, of: _, inclusive: _ }) = cursor {
                self.parameter("follow/cursor/parameter", parameter, &["query", "path"]);
                self.in_item("follow/cursor/from", items, from);
            }
            self.positive("follow/poll_seconds", Some(*poll_seconds));
            for (i, KnownError { status, code }) in not_yet.iter().enumerate() {
                if !(400..500).contains(status) {
                    let code = Code::NotAStatus { status: *status, of: CLIENT_ERROR };
                    let help = "what does not exist yet is answered by 404 or another one of them";
                    self.fault(&format!("follow/not_yet/{i}/status"), code, help);
                }
                if code.is_empty() {
                    let help = "a status alone does not say what is missing";
                    let code = Code::Empty { key: "code".to_owned() };
                    self.fault(&format!("follow/not_yet/{i}/code"), code, help);
                }
            }
        }
        if let Some(SuccessFlag { pointer, failed_when: _ }) = success_flag {
            self.in_answer("success_flag/pointer", pointer);
        }
        if *empty_answer && lookup::success_schemas(&self.document.root, self.holder).is_empty() {
            self.fault("empty_answer", Code::NoAnswerBody, "remove it");
        }
    }

    fn paging(&mut self, style: &PagingStyle, items: &str) {
        match style {
            PagingStyle::Offset { offset, limit, max } => {
                self.parameter("paging/offset", offset, &["query"]);
                self.parameter("paging/limit", limit, &["query"]);
                self.positive("paging/max", max.map(u64::from));
            }
            PagingStyle::Cursor { next, more, exclusive_with } => {
                let Next { parameter, from, of: _, overlap: _ } = next;
                self.parameter("paging/next/parameter", parameter, &["query"]);
                self.in_item("paging/next/from", items, from);
                if let Some(more) = more {
                    self.in_answer("paging/more", more);
                }
                for (i, name) in exclusive_with.iter().enumerate() {
                    self.parameter(&format!("paging/exclusive_with/{i}"), name, &["query"]);
                }
            }
            PagingStyle::Page { page, first: _ } => {
                self.parameter("paging/page", page, &["query"]);
            }
            PagingStyle::Token { parameter, from, header } => {
                self.parameter("paging/parameter", parameter, &["query"]);
                if from.is_none() && header.is_none() {
                    let help = "say where the answer has the value";
                    self.fault("paging", Code::NotOneOf { keys: FROM_OR_HEADER }, help);
                }
                self.place_in_answer(from.as_deref(), header.as_deref());
            }
            PagingStyle::Link { from, header } => {
                self.place_in_answer(from.as_deref(), header.as_deref());
            }
        }
    }

    /// Where an answer says how to go on.
    fn place_in_answer(&mut self, from: Option<&str>, header: Option<&str>) {
        if let Some(from) = from {
            self.in_answer("paging/from", from);
            if header.is_some() {
                let help = "keep the one that the vendor sends";
                self.fault("paging", Code::NotTogether { keys: FROM_OR_HEADER }, help);
            }
        }
    }

    fn schema(&mut self, schema: &SchemaExtension) {
        let SchemaExtension { timestamp, aliases, accept, secret, name } = schema;
        if *secret && !self.is_part_of_structures(self.holder, &mut Vec::new()) {
            let help = "a property, all of what it holds, or an object with properties can be secret; a parameter, and an \
                        answer or a body that is no object, cannot";
            self.fault("secret", Code::PrintedSecret, help);
        }
        if *timestamp && !self.may_be(&["string", "integer", "number"]) {
            self.fault("timestamp", Code::NotATimestamp, "");
        }
        if accept.contains(&Accept::EmptyObject) && !self.may_be(&["array"]) {
            self.fault("accept", Code::NotAList, "");
        }
        let own = &self.holder.last();
        for (i, alias) in aliases.iter().enumerate() {
            if alias.is_empty() || alias == own || aliases[..i].contains(alias) {
                let code = Code::UselessAlias { alias: alias.clone() };
                self.fault(&format!("aliases/{i}"), code, "");
            }
        }
        // A schema below `components` names its type, every other its field or setter.
        let names_type =
            matches!(&self.holder.tokens()[..], [a, b, _] if a == "components" && b == "schemas");
        type Naming = (fn(&str) -> bool, fn(&str) -> String, &'static str);
        let (fits, proper, case): Naming = match names_type {
            true => (is_pascal, names::pascal, "PascalCase"),
            false => (is_snake, names::snake, "snake_case"),
        };
        if let Some(name) = name
            && !fits(name)
        {
            let help = format!("write `{}`", proper(name));
            self.fault("name", Code::NotAName { name: name.clone(), case }, &help);
        }
    }

    /// Whether a schema prints as a part of structures only: it is one, stands in a property, or all that refers to the
    /// component in which it stands does. `seen` has the components that were looked at.
    fn is_part_of_structures(&self, holder: &Pointer, seen: &mut Vec<String>) -> bool {
        let properties = self.document.root.pointer(holder).and_then(|it| it.get("properties"));
        if properties.and_then(Value::as_object).is_some_and(|it| !it.is_empty()) {
            return true;
        }
        let keys = holder.tokens();
        let component = match keys.as_slice() {
            [a, b, name, ..] if a == "components" && b == "schemas" => (3, name),
            [a, name, ..] if a == "definitions" => (2, name),
            // Below an operation or a shared part of one.
            _ => return keys.iter().any(|it| it == "properties"),
        };
        let (depth, name) = component;
        if keys.iter().skip(depth).any(|it| it == "properties") {
            return true;
        }
        if seen.contains(name) {
            return true;
        }
        seen.push(name.clone());
        let root: Pointer = keys.iter().take(depth).collect();
        let mut holders = Vec::new();
        each_reference(&self.document.root, &mut |at, target| {
            if local(target).as_ref() == Some(&root) {
                holders.push(at.parent());
            }
        });
        holders.iter().all(|holder| self.is_part_of_structures(holder, seen))
    }

    /// Whether the schema's declared type, if it declares one, is among these.
    fn may_be(&self, types: &[&str]) -> bool {
        let at = lookup::resolve(&self.document.root, self.holder);
        match self.document.root.pointer(&at).and_then(|it| it.get("type")) {
            Some(Value::String(it)) => types.contains(&it.as_str()),
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).any(|it| types.contains(&it))
            }
            _ => true,
        }
    }

    fn parameter(&mut self, at: &str, name: &str, places: &[&str]) {
        let all = lookup::parameters(&self.document.root, self.holder);
        let fitting: Vec<&str> = all
            .iter()
            .filter(|it| places.contains(&it.location.as_str()))
            .map(|it| it.name.as_str())
            .collect();
        if !fitting.contains(&name) {
            let places = places.join(" or ");
            let code = Code::NoParameter { name: name.to_owned(), places };
            let help = match &fitting[..] {
                [] => "it has none at all".to_owned(),
                names => format!("it has {}", suggest::quoted(names.iter().copied())),
            };
            self.fault(at, code, &help);
        }
    }

    fn body_property(&mut self, at: &str, name: &str) {
        let schemas = lookup::body_schemas(&self.document.root, self.holder);
        if schemas.is_empty() {
            return self.fault(at, Code::NoBody, "");
        }
        let misses: Option<Vec<Vec<String>>> = schemas
            .iter()
            .map(|it| match lookup::property(&self.document.root, it, name) {
                Property::Missing(names) => Some(names),
                Property::Here(_) | Property::Unknown => None,
            })
            .collect();
        if let Some(names) = misses.and_then(|it| it.into_iter().next()) {
            let code = Code::NoProperty { whose: "the body", name: name.to_owned() };
            let names = suggest::quoted(names.iter().map(String::as_str));
            self.fault(at, code, &format!("it has {names}"));
        }
    }

    fn items(&mut self, behaviour: &'static str, pointer: &str) {
        let at = &format!("{behaviour}/items");
        if lookup::success_schemas(&self.document.root, self.holder).is_empty() {
            let code = Code::NoItems { behaviour, items: pointer.to_owned() };
            return self.fault(
                at,
                code,
                "no success of the operation has content; say which, or remove it",
            );
        }
        for schema in self.in_answer(at, pointer) {
            let is_list = match self.document.root.pointer(&schema).and_then(|it| it.get("type")) {
                Some(Value::String(it)) => it == "array",
                Some(Value::Array(list)) => list.contains(&Value::from("array")),
                _ => true,
            };
            if !is_list {
                let code = Code::ItemsNotAList { pointer: pointer.to_owned() };
                self.fault(at, code, "`items` points at the list, not at one item");
            }
        }
    }

    /// A pointer into the answer; the schemas where it leads, as far as they are known.
    fn in_answer(&mut self, at: &str, pointer: &str) -> Vec<Pointer> {
        let schemas = lookup::success_schemas(&self.document.root, self.holder);
        self.follow(at, pointer, schemas, "the answer")
    }

    /// A pointer into one item of the list at `items`.
    fn in_item(&mut self, at: &str, items: &str, pointer: &str) {
        let schemas = lookup::success_schemas(&self.document.root, self.holder);
        let lists = lookup::leads(&self.document.root, items, schemas).unwrap_or_default();
        let document = self.document;
        let inside = lists
            .iter()
            .map(|it| lookup::resolve(&document.root, it).child("items"))
            .filter(|it| document.root.pointer(it).is_some())
            .collect();
        self.follow(at, pointer, inside, "an item");
    }

    fn follow(
        &mut self,
        at: &str,
        pointer: &str,
        from: Vec<Pointer>,
        whose: &'static str,
    ) -> Vec<Pointer> {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let help = format!("write `/{pointer}`");
            self.fault(at, Code::NotAPointer { text: pointer.to_owned() }, &help);
            return Vec::new();
        }
        match lookup::leads(&self.document.root, pointer, from) {
            Ok(schemas) => schemas,
            Err((name, names)) => {
                let code = Code::PointsNowhere { whose, name, pointer: pointer.to_owned() };
                let names = suggest::quoted(names.iter().map(String::as_str));
                self.fault(at, code, &format!("there is {names}"));
                Vec::new()
            }
        }
    }

    fn positive(&mut self, at: &str, value: Option<u64>) {
        if value == Some(0) {
            self.fault(at, Code::Zero, "write 1 or more");
        }
    }

    fn fault(&mut self, at: &str, code: Code, help: &str) {
        let mut pointer = self.holder.child(KEY);
        for key in at.split('/').filter(|it| !it.is_empty()) {
            pointer = pointer.child(key);
        }
        while self.document.root.pointer(&pointer).is_none() && !pointer.is_empty() {
            pointer = pointer.parent();
        }
        let fault = self.document.fault(&pointer, code, help);
        if !self.found.contains(&fault) {
            self.found.push(fault);
        }
    }
}

fn is_snake(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.chars().all(|it| it.is_ascii_alphanumeric())
}
