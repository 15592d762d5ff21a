//! Overlay actions and decisions that the next document leaves behind, each with the edit to make.

use super::{
    behaviours,
    correspondence::{self, Correspondence, json_path},
    edits::{self, Change, Edit},
    files,
    reading::references,
    reasons,
};
use conversations_codegen::{
    reconcile::{Findings, faults},
    sdk::SdkFile,
};
use conversations_document::{
    Document, Fault, PathTemplate, Pointer,
    fault::{Code, Repair},
    load::Text,
    overlay::{Action, Change as What, OverlayFile, apply_one},
    path::Part,
    reference::named_schema,
};
use serde_json::Value;
use serde_json_path::JsonPath;
use std::collections::{BTreeMap, BTreeSet};

/// The next document with every action applied that still can be, and an edit for each that cannot.
pub(super) fn overlay(
    present: &Document,
    next: &Document,
    text: &Text,
    overlay: &OverlayFile,
    pairs: &Correspondence,
) -> (Document, Vec<Edit>) {
    let (mut before, mut after) = (present.clone(), next.clone());
    let mut found = Vec::new();
    let vanished = correspondence::vanished(&before.root, pairs.operations());
    let vanished: Vec<Pointer> = vanished.into_iter().map(|it| it.pointer).collect();
    for (i, action) in overlay.actions.iter().enumerate() {
        let left = left_out(&before, &after, action, action, text, overlay, i, pairs);
        match apply_one(&mut after, action, overlay) {
            Ok(()) => found.extend(left),
            Err(fault) if is_said_by_another(&before, next, action, overlay, pairs) => {
                found.push(superfluous(&fault, text, overlay, i));
            }
            Err(fault) => {
                let moved = retarget(&before, &after, action, pairs);
                // What the action says is so by itself now.
                let itself =
                    |it: &Action| matches!(&it.change, What::Copy(from) if *from == it.target);
                let mut idle = moved.as_ref().is_some_and(itself);
                let mut applied = None;
                if let Some(moved) = moved.filter(|_| !idle) {
                    let left = left_out(&before, &after, action, &moved, text, overlay, i, pairs);
                    let seen = nodes(&after.root, &moved.target);
                    if apply_one(&mut after, &moved, overlay).is_ok() {
                        idle = nodes(&after.root, &moved.target) == seen;
                        found.extend(left.filter(|_| !idle));
                        applied = Some(moved).filter(|_| !idle);
                    }
                }
                let met = located(&before.root, &action.target);
                let withdrawn = !met.is_empty()
                    && met.iter().all(|it| vanished.iter().any(|above| it.is_within(above)));
                found.push(edit(&fault, text, overlay, i, applied.as_ref(), idle || withdrawn));
            }
        }
        // What the action met in the present document, for the actions behind it.
        let _ = apply_one(&mut before, action, overlay);
    }
    (after, found)
}

/// Whether another action says the same of all that this one meant, such as the one that this was split from, once what was
/// apart is together again.
fn is_said_by_another(
    before: &Document,
    next: &Document,
    action: &Action,
    overlay: &OverlayFile,
    pairs: &Correspondence,
) -> bool {
    let meant: Vec<Option<Pointer>> =
        located(&before.root, &action.target).iter().map(|it| pairs.counterpart(it)).collect();
    let says_it = |it: &&Action| {
        it.pointer != action.pointer
            && (&it.description, &it.change) == (&action.description, &action.change)
    };
    let said: BTreeSet<Pointer> = overlay
        .actions
        .iter()
        .filter(says_it)
        .flat_map(|it| located(&next.root, &it.target))
        .collect();
    !meant.is_empty() && meant.iter().all(|it| it.as_ref().is_some_and(|it| said.contains(it)))
}

/// The edit that takes out an action of which nothing is lost.
fn superfluous(fault: &Fault, text: &Text, overlay: &OverlayFile, i: usize) -> Edit {
    let entry = edits::entry(&overlay.document, &text.text, "/actions", i);
    let change = entry.map(|(from, to)| Change { from, to, text: String::new() });
    let advice = "delete the action: another one says the same of what it spoke of".to_owned();
    Edit { advice, ..Edit::of(fault, change) }
}

/// The nodes that a query finds.
fn nodes(root: &Value, query: &str) -> Vec<Value> {
    let Ok(path) = JsonPath::parse(query) else { return Vec::new() };
    path.query(root).all().into_iter().cloned().collect()
}

/// The edit for nodes that an action meant and no longer finds, since they are elsewhere now, and that its query
/// passes over in silence because it still finds others.
#[allow(
    clippy::too_many_arguments,
    reason = "two documents, two editions of an action and its place"
)]
fn left_out(
    before: &Document,
    after: &Document,
    action: &Action,
    applied: &Action,
    text: &Text,
    overlay: &OverlayFile,
    i: usize,
    pairs: &Correspondence,
) -> Option<Edit> {
    const MOST: usize = 20;
    if matches!(action.change, What::Copy(_)) {
        return None;
    }
    let met = located(&after.root, &applied.target);
    let ours = |target: &str| overlay.actions.iter().any(|it| it.target == target);
    let mut left: Vec<Pointer> = Vec::new();
    for node in located(&before.root, &action.target) {
        // An entry of a list is known by what it says and not by its number, and a named schema that nobody
        // needs any more is not what is written out in some place.
        let named = named_schema(&node).is_some();
        let removed = action.change == What::Remove && (is_numbered(&node) || named);
        if after.root.pointer(&node).is_some() || removed {
            continue;
        }
        for to in pairs.counterparts(&node) {
            let open = after.root.pointer(&to).is_some() && !met.contains(&to);
            if open && !ours(&json_path(&to)) && !left.contains(&to) {
                left.push(to);
            }
        }
    }
    if left.is_empty() || left.len() > MOST {
        return None;
    }
    let document = &overlay.document;
    let (_, to) = edits::entry(document, &text.text, "/actions", i)?;
    let indent = edits::indent(document, &text.text, "/actions");
    let whole = document.root.pointer(&action.pointer)?;
    let mut entries = String::new();
    for node in &left {
        let mut copy = whole.clone();
        copy["target"] = Value::from(json_path(node));
        entries.push_str(&edits::list_entry(&copy, indent).ok()?);
    }
    let shown: Vec<String> = left.iter().map(|it| format!("`{}`", json_path(it))).collect();
    let fault = document.fault(
        &action.pointer,
        Code::MovedTargets { target: action.target.clone() },
        format!("the same action for {}", shown.join(", ")),
    );
    Some(Edit::of(&fault, Some(Change { from: to, to, text: entries })))
}

/// The action with its queries turned to where their nodes are now.
fn retarget(
    before: &Document,
    after: &Document,
    action: &Action,
    pairs: &Correspondence,
) -> Option<Action> {
    let turned = |query: &str| -> Option<String> {
        if !located(&after.root, query).is_empty() {
            return Some(query.to_owned());
        }
        let renamed = pairs.renamed(query);
        if renamed != query && !located(&after.root, &renamed).is_empty() {
            return Some(renamed);
        }
        let [one] = &located(&before.root, query)[..] else { return None };
        let to = pairs.counterpart(one)?;
        let word = before.root.pointer(one).and_then(Value::as_str);
        match word.filter(|_| is_numbered(one)) {
            // A word of a list is known by what it says and not by its number.
            Some(word) => {
                let word = word.replace('\'', "\\'");
                let query = format!("{}[?@ == '{word}']", json_path(&to.parent()));
                (!located(&after.root, &query).is_empty()).then_some(query)
            }
            None => after.root.pointer(&to).map(|_| json_path(&to)),
        }
    };
    let target = match leftovers(before, after, action, pairs) {
        Some(left) => left?,
        None => turned(&action.target)?,
    };
    let change = match &action.change {
        What::Copy(source) => What::Copy(turned(source)?),
        other => other.clone(),
    };
    (target != action.target || change != action.change).then(|| Action {
        target,
        change,
        ..action.clone()
    })
}

/// For an action that removes named schemas: the query for those that are still of no use under the names that
/// they have now, if there are any.
fn leftovers(
    before: &Document,
    after: &Document,
    action: &Action,
    pairs: &Correspondence,
) -> Option<Option<String>> {
    let named = |it: &Pointer| named_schema(it).is_some();
    let found = located(&before.root, &action.target);
    if action.change != What::Remove || found.is_empty() || !found.iter().all(named) {
        return None;
    }
    let mut used = Vec::new();
    references(&after.root, &mut used);
    let mut left: Vec<Pointer> = found
        .iter()
        .filter_map(|it| pairs.counterpart(it))
        .filter(|it| named(it) && after.root.pointer(it).is_some() && !used.contains(it))
        .collect();
    left.sort();
    left.dedup();
    Some(match &left[..] {
        [] => None,
        [one] => Some(json_path(one)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|it| format!("'{}'", it.last().replace('\\', "\\\\").replace('\'', "\\'")))
                .collect();
            Some(format!("$.components.schemas[{}]", names.join(", ")))
        }
    })
}

/// The pointers that a query finds.
fn located(root: &Value, query: &str) -> Vec<Pointer> {
    let Ok(path) = JsonPath::parse(query) else { return Vec::new() };
    path.query_located(root).locations().map(|it| it.to_json_pointer().into()).collect()
}

/// Whether a pointer leads to an entry of a list.
fn is_numbered(pointer: &Pointer) -> bool {
    let last = pointer.last();
    !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit())
}

fn edit(
    fault: &Fault,
    text: &Text,
    overlay: &OverlayFile,
    i: usize,
    moved: Option<&Action>,
    ended: bool,
) -> Edit {
    let mut out = Edit::of(fault, None);
    let document = &overlay.document;
    let gone =
        matches!(*fault.code, Code::MatchesNothing { .. } | Code::NotOneSource { found: 0, .. });
    match moved {
        Some(moved) => {
            let mut advice =
                format!("the same part is elsewhere now: write `target: {}`", moved.target);
            let mut lines = replace(document, &text.text, i, "target", &moved.target);
            if let What::Copy(source) = &moved.change {
                advice.push_str(&format!(" and `copy: {source}`"));
                // Two keys of one action: the whole entry is replaced, line by line.
                let both = replace(document, &text.text, i, "copy", source);
                lines = match (lines, both) {
                    (Some(a), Some(b)) => join(&text.text, a, b),
                    (a, b) => a.or(b),
                };
            }
            out.advice = advice;
            out.change = lines;
        }
        None => {
            if let Some(said) = &overlay.actions[i].description {
                out.what = format!("{}. What was said: {}", out.what, said.trim());
            }
            let declared = behaviours::declared(&overlay.actions[i]);
            if gone && !declared.is_empty() && !ended {
                out.advice = format!(
                    "find where that is now, or delete the action if it is no more; it declares {}, which a machine does not take back. {}",
                    declared.join(", "),
                    fault.help
                );
            } else if gone {
                let (from, to) =
                    edits::entry(document, &text.text, "/actions", i).unwrap_or_default();
                out.advice = format!(
                    "decide: delete the action (lines {from} to {}) if what it spoke of is no more, or find where that is now. {}",
                    to.saturating_sub(1),
                    fault.help
                );
                out.change = (from > 0).then(|| Change { from, to, text: String::new() });
                let action = &overlay.actions[i];
                // What an update kept is a machine's, and is found again where it still has to be kept.
                let by_person = !action.source.as_ref().is_some_and(|it| it.contains(files::KEPT));
                let whole = document.root.pointer(&action.pointer).filter(|_| by_person);
                out.set_aside = whole.map(|it| (it.clone(), fault.code.to_string()));
            }
        }
    }
    out
}

/// The change that gives a key of an action another value.
fn replace(document: &Document, text: &str, i: usize, key: &str, value: &str) -> Option<Change> {
    let (_, end) = edits::entry(document, text, "/actions", i)?;
    let line = |pointer: &str| document.origins.get(pointer).map(|it| it.line as usize);
    let own = format!("/actions/{i}/{key}");
    let lines: Vec<&str> = text.lines().collect();
    let at = line(&own)?;
    // The value may stand below its key.
    let from = (1..=at).rev().find(|it| lines[it - 1].contains(&format!("{key}:")))?;
    let to = document
        .root
        .pointer(&format!("/actions/{i}"))?
        .as_object()?
        .keys()
        .filter_map(|it| line(&format!("/actions/{i}/{it}")))
        .filter(|it| *it > from)
        .min()
        .unwrap_or(end);
    let (head, _) = lines[from - 1].split_once(&format!("{key}:"))?;
    let value = match value.contains(": ") || value.contains(" #") {
        true => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
        false => value.to_owned(),
    };
    Some(Change { from, to: to.max(from + 1), text: format!("{head}{key}: {value}\n") })
}

/// Two changes of one entry as one.
fn join(text: &str, a: Change, b: Change) -> Option<Change> {
    let (first, second) = if a.from <= b.from { (a, b) } else { (b, a) };
    if first.to > second.from {
        return None;
    }
    let between: String = text
        .lines()
        .skip(first.to - 1)
        .take(second.from - first.to)
        .map(|it| format!("{it}\n"))
        .collect();
    let text = format!("{}{between}{}", first.text, second.text);
    Some(Change { from: first.from, to: second.to, text })
}

/// A selection that the next document calls for.
#[derive(Debug, Clone)]
pub(super) struct NextSelection {
    /// The paths of our operations there.
    pub(super) paths: Vec<String>,
    /// The edit that writes them into `provider.yaml`.
    pub(super) edit: Edit,
}

/// The edit for a selection that no longer finds our operations, as `what` says.
pub(super) fn selection(what: &str, paths: Vec<String>, text: &Text) -> NextSelection {
    let list: Vec<String> = paths.iter().map(|it| format!("\"{it}\"")).collect();
    let list = format!("[{}]", list.join(", "));
    let document = conversations_document::load::document(&text.file, &text.text).ok();
    let line = document.as_ref().map(|it| it.origin("/select/paths").line).filter(|it| *it > 0);
    // Only a list on the line of its key is replaced by machine.
    let change = line.and_then(|line| {
        let line = line as usize;
        let old = text.text.lines().nth(line - 1)?;
        let (head, tail) = old.split_once("paths:")?;
        let (_, tail) = tail.trim_start().strip_prefix('[')?.split_once(']')?;
        Some(Change { from: line, to: line + 1, text: format!("{head}paths: {list}{tail}\n") })
    });
    let edit = Edit {
        set_aside: None,
        file: text.file.clone(),
        line,
        what: format!("{what}, and our operations are there under other paths"),
        advice: format!("write `paths: {list}`"),
        change,
    };
    NextSelection { paths, edit }
}

/// An edit for each credential of `provider.yaml` whose security scheme goes by another name.
pub(super) fn schemes(present: &Value, next: &Value, text: &Text) -> Vec<Edit> {
    let Ok(provider) = conversations_codegen::provider::provider(text) else { return Vec::new() };
    let Ok(document) = conversations_document::load::document(&text.file, &text.text) else {
        return Vec::new();
    };
    let all = |root: &Value| -> BTreeMap<String, Value> {
        let schemes = root.pointer("/components/securitySchemes").and_then(Value::as_object);
        schemes.into_iter().flatten().map(|(name, it)| (name.clone(), it.clone())).collect()
    };
    let (before, after) = (all(present), all(next));
    let mut found = Vec::new();
    for (i, auth) in provider.auth.iter().enumerate() {
        if after.contains_key(&auth.scheme) {
            continue;
        }
        let names: Vec<&str> = after.keys().map(String::as_str).collect();
        let fault = document.fault(
            &format!("/auth/{i}/scheme"),
            Code::NoScheme { file: "the document".to_owned(), scheme: auth.scheme.clone() },
            format!("name one that it has ({}), or add yours in overlay.yaml", names.join(", ")),
        );
        let mut edit = Edit::of(&fault, None);
        let free: Vec<(&String, &Value)> = after
            .iter()
            .filter(|(name, _)| provider.auth.iter().all(|auth| auth.scheme != **name))
            .collect();
        // The one that asks for the same thing, or the only one that there is.
        let old = before.get(&auth.scheme);
        let alike: Vec<&String> = free
            .iter()
            .filter(|(_, it)| old.is_some_and(|old| asks_alike(old, it)))
            .map(|(name, _)| *name)
            .collect();
        let name = match (&alike[..], &free[..]) {
            ([one], _) => Some(*one),
            (_, [(one, _)]) => Some(*one),
            _ => None,
        };
        if let Some(name) = name {
            let pointer = format!("/auth/{i}/scheme");
            edit.change = edits::value_in_line(&document, &text.text, &pointer, &auth.scheme, name);
            if edit.change.is_some() {
                edit.advice = format!("write `scheme: {name}`");
            }
        }
        found.push(edit);
    }
    found
}

/// Whether two security schemes ask a client for the same thing.
fn asks_alike(a: &Value, b: &Value) -> bool {
    let same = |key: &str| match (a[key].as_str(), b[key].as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    };
    ["type", "in", "name", "scheme"].iter().all(|it| same(it))
}

/// An edit for each decision that is stale and each divergence that nobody has settled.
pub(super) fn decisions(
    findings: &Findings,
    text: &Text,
    sdk: &SdkFile,
    pairs: &Correspondence,
    source: &str,
) -> Vec<Edit> {
    let faults = faults(findings);
    let moved: Vec<Edit> = faults.iter().filter_map(|it| follow(it, text, sdk, pairs)).collect();
    if !moved.is_empty() {
        // Whatever else there is to say of these operations is only known once they are found again.
        return moved;
    }
    faults.iter().map(|it| decision(it, text, sdk, source)).collect()
}

/// The list without operations that the document does not have, and their names; nothing where it has all.
pub(super) fn without_unknown(
    findings: &Findings,
    text: &Text,
    sdk: &SdkFile,
) -> Option<(Text, Vec<String>)> {
    let mut unknown: Vec<usize> = faults(findings)
        .iter()
        .filter_map(|it| match &it.pointer.tokens()[..] {
            [list, i, ..] if list == "operations" => i.parse().ok(),
            _ => None,
        })
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    let changes: Vec<Change> = unknown
        .iter()
        .filter_map(|i| edits::entry(&sdk.document, &text.text, "/operations", *i))
        .map(|(from, to)| Change { from, to, text: String::new() })
        .collect();
    if changes.is_empty() || changes.len() == sdk.operations.len() {
        return None;
    }
    let names = unknown.iter().filter_map(|i| sdk.operations.get(*i)).map(|it| it.name.clone());
    let names = names.collect();
    let changes: Vec<&Change> = changes.iter().collect();
    let text = Text { file: text.file.clone(), text: edits::apply(&text.text, &changes) };
    Some((text, names))
}

/// The edit that follows an operation of the SDK to its new verb and path, or takes it out with the vendor's.
fn follow(fault: &Fault, text: &Text, sdk: &SdkFile, pairs: &Correspondence) -> Option<Edit> {
    let keys = fault.pointer.tokens();
    let [list, i, ..] = &keys[..] else { return None };
    let i = i.parse::<usize>().ok().filter(|_| list == "operations")?;
    let operation = sdk.operations.get(i)?;
    let mut edit = Edit::of(fault, None);
    let Some((verb, path)) = pairs.operation(&operation.method, &operation.path) else {
        if fault.repair.as_deref() != Some(&Repair::Remove) {
            return None;
        }
        let (from, to) = edits::entry(&sdk.document, &text.text, "/operations", i)?;
        edit.advice = format!(
            "if the vendor has withdrawn it, take it out of the list (lines {from} to {}); its method goes with it",
            to.saturating_sub(1)
        );
        edit.change = Some(Change { from, to, text: String::new() });
        return Some(edit);
    };
    let at = |key: &str| format!("/operations/{i}/{key}");
    let value = |key: &str, old: &str, new: &str| {
        edits::value_in_line(&sdk.document, &text.text, &at(key), old, new)
    };
    edit.change = if verb != operation.method {
        value("method", &operation.method, verb)
    } else {
        let line = sdk.document.origins.get(&*at("path"))?.line as usize;
        let old = text.text.lines().nth(line.checked_sub(1)?)?;
        let new = old.replace(&operation.path, &with_names_of(&operation.path, path));
        (new != old).then(|| Change { from: line, to: line + 1, text: new + "\n" })
    };
    edit.advice = format!(
        "the document has it as `{verb} {path}` now; if the vendor serves both, write that into the list"
    );
    edit.change.is_some().then_some(edit)
}

/// A path with the placeholders of the SDK's own, from the last one, since decisions speak of these.
fn with_names_of(own: &str, path: &str) -> String {
    let mut names = PathTemplate(own).names();
    let mut parts: Vec<String> = Vec::new();
    for part in PathTemplate(path).parts().into_iter().rev() {
        parts.push(match part {
            Part::Text(text) => text.to_owned(),
            Part::Name(name) => format!("{{{}}}", names.pop().unwrap_or(name)),
        });
    }
    parts.into_iter().rev().collect()
}

fn decision(fault: &Fault, text: &Text, sdk: &SdkFile, source: &str) -> Edit {
    let mut out = Edit::of(fault, None);
    let keys = fault.pointer.tokens();
    let at = match &keys[..] {
        [list, i, ..] if list == "decisions" => i.parse::<usize>().ok(),
        _ => None,
    };
    let Some(i) = at else {
        if let Some(Repair::Add(proposed)) = fault.repair.as_deref() {
            out.change = settle(proposed.clone(), text, sdk, source);
        }
        return out;
    };
    let Some((from, to)) = edits::entry(&sdk.document, &text.text, "/decisions", i) else {
        return out;
    };
    let whole = sdk.document.root.pointer(&format!("/decisions/{i}"));
    let rewritten = |value: &Value| {
        let indent = edits::indent(&sdk.document, &text.text, "/decisions");
        let text = edits::list_entry(value, indent).ok()?;
        Some(Change { from, to, text })
    };
    let in_line = |key: &str, old: &str, new: &str| {
        edits::value_in_line(&sdk.document, &text.text, &format!("/decisions/{i}/{key}"), old, new)
    };
    match fault.repair.as_deref() {
        Some(Repair::Remove) => out.change = Some(Change { from, to, text: String::new() }),
        Some(Repair::RemoveItem(name)) => {
            let mut value = whole.cloned().unwrap_or_default();
            let rest: Vec<Value> = match value.get("operations") {
                Some(Value::Array(all)) => {
                    all.iter().filter(|it| it.as_str() != Some(name.as_str())).cloned().collect()
                }
                _ => Vec::new(),
            };
            out.change = if rest.is_empty() {
                Some(Change { from, to, text: String::new() })
            } else {
                let list = |it: &Value| {
                    let names = it.as_array().into_iter().flatten().filter_map(Value::as_str);
                    format!("[{}]", names.collect::<Vec<_>>().join(", "))
                };
                let (old, new) = (list(&value["operations"]), list(&Value::Array(rest.clone())));
                value["operations"] = Value::Array(rest);
                in_line("operations", &old, &new).or_else(|| rewritten(&value))
            };
        }
        Some(Repair::Replace(take)) => {
            let mut value = whole.cloned().unwrap_or_default();
            value["take"] = Value::from(take.as_str());
            // The reason was one for the other side.
            reasons::give(&mut value, source);
            out.change = rewritten(&value);
        }
        Some(Repair::Add(_)) | None => {}
    }
    out
}

/// The decision that a fault proposes, with the reason that can stand until somebody knows better.
fn settle(mut value: Value, text: &Text, sdk: &SdkFile, source: &str) -> Option<Change> {
    reasons::give(&mut value, source);
    let indent = edits::indent(&sdk.document, &text.text, "/decisions");
    let entry = edits::list_entry(&value, indent).ok()?;
    match sdk.decisions.len().checked_sub(1) {
        Some(last) => {
            let (_, to) = edits::entry(&sdk.document, &text.text, "/decisions", last)?;
            Some(Change { from: to, to, text: entry })
        }
        None => {
            // `decisions: []` becomes a list; where the key is missing there is no line to tell.
            let line = sdk.document.origins.get("/decisions")?.line as usize;
            let text = format!("decisions:\n{entry}");
            Some(Change { from: line, to: line + 1, text })
        }
    }
}
