//! Which operation of the base stands against which of the revision: by verb and the shape of the
//! path, in which the names of parameters do not count.

use crate::findings::{Cause, Findings, Owner};
use crate::graph::Graph;
use crate::lifecycle::Sunset;
use crate::operation;
use crate::rules::Rule;
use crate::sides::{self, Path, Sides, paths};
use crate::types::Stability;
use crate::view::{Side, Spot};
use std::collections::BTreeMap;

/// Judges all paths and webhooks.
pub(crate) fn judge(graph: &mut Graph<'_>, findings: &mut Findings<'_>) {
    let (base, revision) = (paths(&graph.base, "paths"), paths(&graph.revision, "paths"));
    let prefixes = (prefix(&graph.base), prefix(&graph.revision));
    let (pairs, removed, added) = line_up(base, revision, &prefixes);
    let mut all = Operations::default();
    for (old, new) in &pairs {
        all.add(old, new);
    }
    all.gone.extend(removed.iter().flat_map(operations).map(|it| (it, true)));
    all.come.extend(added.iter().flat_map(operations));
    all.match_shapes();
    all.judge(graph, None, findings);
    webhooks(graph, findings);
}

/// Webhooks are matched by name; what a server sends is judged as what it receives.
fn webhooks(graph: &mut Graph<'_>, findings: &mut Findings<'_>) {
    let (base, revision) = (hooks(&graph.base), hooks(&graph.revision));
    let none = Owner::default();
    for hook in &revision {
        if !base.iter().any(|it| it.name == hook.name) {
            let cause = Cause::revision(hook.item.pointer.clone());
            let what = format!("the webhook `{}` was added", hook.name);
            findings.add(Rule::WebhookAdded, &none, cause, "", &what);
        }
    }
    for hook in base {
        let Some(other) = revision.iter().find(|it| it.name == hook.name) else {
            let cause = Cause::base(hook.item.pointer);
            let what = format!("the webhook `{}` was removed", hook.name);
            findings.add(Rule::WebhookRemoved, &none, cause, "", &what);
            continue;
        };
        let name = format!("webhook:{}", hook.name);
        let old = Path { name: name.clone(), item: hook.item };
        let new = Path { name, item: other.item.clone() };
        event(graph, &old, &new, &none, findings);
    }
}

/// Callbacks are matched by name and address. What the vendor sends there is judged as what a client
/// receives.
fn callbacks<'a>(
    graph: &mut Graph<'a>,
    sides: &Sides<'a>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let key = "callbacks";
    let of = |side: &Side<'a>, spot: &Spot<'a>| -> Vec<(&'a str, Vec<Path<'a>>)> {
        let all = spot.get(key).map(|it| it.members()).unwrap_or_default();
        let all = all.into_iter().filter(|it| !it.0.starts_with("x-"));
        all.map(|(name, it)| (name, sides::items(side, &side.resolve(it)))).collect()
    };
    let (base, revision) = (of(&graph.base, &sides.base), of(&graph.revision, &sides.revision));
    for (name, _) in revision.iter().filter(|it| !base.iter().any(|other| other.0 == it.0)) {
        let what = format!("gained the callback `{name}`");
        findings.add(Rule::ApiCallbackAdded, owner, sides.cause(key), "", &what);
    }
    for (name, old) in base {
        let Some((_, new)) = revision.iter().find(|it| it.0 == name) else {
            let what = format!("lost the callback `{name}`");
            findings.add(Rule::ApiCallbackRemoved, owner, sides.cause(key), "", &what);
            continue;
        };
        let lone = old.len() == 1 && new.len() == 1;
        for path in old {
            let found = new.iter().find(|it| it.name == path.name);
            let Some(other) = found.or_else(|| new.first().filter(|_| lone)) else {
                let what = format!("the callback `{name}` no longer goes to `{}`", path.name);
                findings.add(Rule::ApiCallbackAddressRemoved, owner, sides.cause(key), "", &what);
                continue;
            };
            if found.is_none() {
                let what =
                    format!("the callback `{name}` goes to `{}`, not `{}`", other.name, path.name);
                findings.add(Rule::ApiCallbackAddressChanged, owner, sides.cause(key), "", &what);
            }
            callback(graph, (name, &path, other), owner, findings);
        }
    }
}

/// Judges what a callback sends. Its findings are those of the operation that asks for it.
pub(crate) fn callback<'a>(
    graph: &mut Graph<'a>,
    (name, old, new): (&str, &Path<'a>, &Path<'a>),
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let named = |it: &Path<'a>| Path { name: format!("callback:{name}"), item: it.item.clone() };
    event(graph, &named(old), &named(new), owner, findings);
}

fn hooks<'a>(side: &Side<'a>) -> Vec<Path<'a>> {
    let all = paths(side, "webhooks");
    if all.is_empty() { paths(side, "x-webhooks") } else { all }
}

/// What stands against each other, what only the first has, what only the second has.
type LinedUp<'a> = (Vec<(Path<'a>, Path<'a>)>, Vec<Path<'a>>, Vec<Path<'a>>);

/// Lines up by the exact path first, since `/a/{id}` and `/a/{name}` may stand side by side; then by
/// shape; then by shape with the path of the servers in front, where that moved into or out of the
/// paths.
fn line_up<'a>(
    base: Vec<Path<'a>>,
    revision: Vec<Path<'a>>,
    prefixes: &(String, String),
) -> LinedUp<'a> {
    let mut pairs = Vec::new();
    let (mut left, mut right) = (base, revision);
    for round in 0..3 {
        let key = |path: &Path<'_>, prefix: &str| match round {
            0 => path.name.clone(),
            1 => path.shape(),
            _ => format!("{prefix}{}", path.shape()),
        };
        let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, path) in right.iter().enumerate().rev() {
            by_key.entry(key(path, &prefixes.1)).or_default().push(at);
        }
        let mut taken = BTreeMap::new();
        let mut rest = Vec::new();
        for path in left {
            match by_key.get_mut(&key(&path, &prefixes.0)).and_then(Vec::pop) {
                Some(at) => drop(taken.insert(at, path)),
                None => rest.push(path),
            }
        }
        left = rest;
        let mut others = Vec::new();
        for (at, path) in right.into_iter().enumerate() {
            match taken.remove(&at) {
                Some(old) => pairs.push((old, path)),
                None => others.push(path),
            }
        }
        right = others;
    }
    (pairs, left, right)
}

/// The path of the first server's address, without a slash at its end.
fn prefix(side: &Side<'_>) -> String {
    let servers = side.spot().get("servers").map(|it| it.elements()).unwrap_or_default();
    let url = servers.first().and_then(|it| it.text("url")).unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |it| it.1);
    let path = if url.contains("://") { rest.find('/').map_or("", |at| &rest[at..]) } else { url };
    path.trim_end_matches('/').to_owned()
}

fn owner(verb: &str, path: &str, spot: &Spot<'_>) -> Owner {
    Owner {
        operation: format!("{verb} {path}"),
        operation_id: spot.text("operationId").map(str::to_owned),
        ..Owner::default()
    }
}

/// An operation of a path.
#[derive(Debug)]
struct Operation<'a> {
    /// In capitals.
    verb: String,
    path: Path<'a>,
    spot: Spot<'a>,
}

fn operations<'a>(path: &Path<'a>) -> Vec<Operation<'a>> {
    let all = path.operations().into_iter();
    all.map(|(verb, spot)| Operation { verb, path: path.clone(), spot }).collect()
}

/// The operations of paths that are lined up.
#[derive(Debug, Default)]
struct Operations<'a> {
    both: Vec<(Operation<'a>, Operation<'a>)>,
    /// What the revision does not have, and whether it does not have the path either.
    gone: Vec<(Operation<'a>, bool)>,
    come: Vec<Operation<'a>>,
}

impl<'a> Operations<'a> {
    fn add(&mut self, old: &Path<'a>, new: &Path<'a>) {
        let mut come = operations(new);
        for old in operations(old) {
            match come.iter().position(|it| it.verb == old.verb) {
                Some(at) => self.both.push((old, come.remove(at))),
                None => self.gone.push((old, false)),
            }
        }
        self.come.extend(come);
    }

    /// `/a/{id}` and `/a/{name}` are one address, so an operation may move from one to the other.
    fn match_shapes(&mut self) {
        let mut by_address: BTreeMap<(String, String), Vec<Operation<'a>>> = BTreeMap::new();
        for it in std::mem::take(&mut self.come).into_iter().rev() {
            by_address.entry((it.verb.clone(), it.path.shape())).or_default().push(it);
        }
        for (old, path) in std::mem::take(&mut self.gone) {
            let address = (old.verb.clone(), old.path.shape());
            match by_address.get_mut(&address).and_then(Vec::pop) {
                Some(new) => self.both.push((old, new)),
                None => self.gone.push((old, path)),
            }
        }
        self.come = by_address.into_values().flatten().collect();
    }

    /// Judges the operations; with an asker, those of an event.
    fn judge(self, graph: &mut Graph<'a>, event: Option<&Owner>, findings: &mut Findings<'_>) {
        let owner = |it: &Operation<'a>| {
            let own = owner(&it.verb, &it.path.name, &it.spot);
            match event.filter(|it| !it.operation.is_empty()) {
                Some(asker) => {
                    let operation = format!("{} of {}", own.operation, asker.operation);
                    Owner { operation, ..own }
                }
                None => own,
            }
        };
        for (old, new) in self.both {
            let owner = owner(&old);
            let sides = Sides {
                base: old.spot,
                revision: new.spot,
                old: old.path,
                new: new.path,
                event: event.is_some(),
            };
            if operation::judge(graph, &sides, &owner, findings) && !sides.event {
                callbacks(graph, &sides, &owner, findings);
            }
        }
        for (old, path) in &self.gone {
            gone(&owner(old), &old.spot, *path, findings);
        }
        for new in &self.come {
            let cause = Cause::revision(new.spot.pointer.clone());
            findings.add(Rule::EndpointAdded, &owner(new), cause, "", "was added");
        }
    }
}

/// Judges the operations of an event.
fn event<'a>(
    graph: &mut Graph<'a>,
    old: &Path<'a>,
    new: &Path<'a>,
    asker: &Owner,
    findings: &mut Findings<'_>,
) {
    let mut all = Operations::default();
    all.add(old, new);
    all.judge(graph, Some(asker), findings);
}

/// Judges an operation that the revision does not have.
fn gone(owner: &Owner, spot: &Spot<'_>, path: bool, findings: &mut Findings<'_>) {
    let cause = Cause::base(spot.pointer.clone());
    let stability = spot.get("x-stability-level").map(|it| Stability::of(it.value));
    match stability {
        Some(Err(why)) => {
            findings.add(Rule::ApiInvalidStabilityLevel, owner, cause, "", &why);
            return;
        }
        Some(Ok(level)) if !findings.policy.promises(level) => return,
        _ => {}
    }
    let (without, with, before) = match path {
        true => (
            Rule::ApiPathRemovedWithoutDeprecation,
            Rule::ApiPathRemovedWithDeprecation,
            Rule::ApiPathRemovedBeforeSunset,
        ),
        false => (
            Rule::ApiRemovedWithoutDeprecation,
            Rule::ApiRemovedWithDeprecation,
            Rule::ApiRemovedBeforeSunset,
        ),
    };
    if !spot.flag("deprecated") {
        return findings.add(
            without,
            owner,
            cause,
            "",
            "was removed without having been deprecated",
        );
    }
    let sunset = spot.get("x-sunset").map_or(Sunset::Absent, |it| Sunset::of(it.value));
    match sunset {
        Sunset::Absent => {
            findings.add(with, owner, cause, "", "was removed after having been deprecated");
        }
        Sunset::Unreadable(why) => {
            findings.add(Rule::ApiPathSunsetParse, owner, cause, "", &why);
        }
        Sunset::On(date) if findings.policy.today < date => {
            let what = format!("was removed before its sunset on {date}");
            findings.add(before, owner, cause, "", &what);
        }
        Sunset::On(date) => {
            // The end was announced and has come.
            let what = format!("was removed after its sunset on {date}");
            findings.add(with, owner, cause, "", &what);
        }
    }
}
