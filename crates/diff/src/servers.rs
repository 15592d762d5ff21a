//! Where an operation is called: the servers of the operation, else of its path, else of the document.

use crate::findings::{Cause, Findings, Owner, What};
use crate::rules::Rule;
use crate::sides::{self, Path, Sides};
use crate::view::{Side, Spot};
use serde_json::Value;

/// Judges the servers of the document.
pub(crate) fn judge(base: &Side<'_>, revision: &Side<'_>, findings: &mut Findings<'_>) {
    let owner = Owner::default();
    // Without servers it is `/`.
    let of = |side: &Side<'_>| -> Vec<String> {
        let list = side.spot().get("servers").map(|it| it.elements()).unwrap_or_default();
        let urls: Vec<_> = list.iter().flat_map(addresses).collect();
        if urls == [""] { Vec::new() } else { urls }
    };
    let (old, new) = (of(base), of(revision));
    if old == new || sides::moved_into_servers(base, revision) || each_has_its_own(revision) {
        return;
    }
    let cause = || Cause::both("/servers", "/servers");
    for url in new.iter().filter(|it| !old.contains(it)) {
        findings.add(
            Rule::ApiServerAdded,
            &owner,
            cause(),
            "",
            What::gained(format!("the server {url} was added"), url.as_str()),
        );
    }
    if !old.is_empty() && !new.is_empty() && !old.iter().any(|it| new.contains(it)) {
        let what = format!("no server of {} is left", old.join(", "));
        return findings.add(
            Rule::ApiServersReplaced,
            &owner,
            cause(),
            "",
            What::turned(what, old, new),
        );
    }
    for url in old.iter().filter(|it| !new.contains(it)) {
        let what = format!("the server {url} was removed");
        let what = What::lost(what, url.as_str());
        findings.add(Rule::ApiServerRemoved, &owner, cause(), "", what);
    }
    if let (Some(first), Some(now)) = (old.first(), new.first())
        && first != now
    {
        let what = format!("the first server is {now} instead of {first}");
        let what = What::turned(what, first.as_str(), now.as_str());
        findings.add(Rule::ApiServerOrderChanged, &owner, cause(), "", what);
    }
}

/// Whether no operation is called at the servers of the document.
fn each_has_its_own(side: &Side<'_>) -> bool {
    let paths = sides::paths(side, "paths");
    let mut all =
        paths.iter().flat_map(|path| path.operations().into_iter().map(move |it| (it.1, path)));
    !paths.is_empty() && all.all(|(operation, path)| own(&operation, path).is_some())
}

/// Judges the servers that an operation or its path names itself.
pub(crate) fn operation(
    base: &Side<'_>,
    revision: &Side<'_>,
    sides: &Sides<'_>,
    owner: &Owner,
    findings: &mut Findings<'_>,
) {
    let (old, new) = (own(&sides.base, &sides.old), own(&sides.revision, &sides.new));
    if old.is_none() && new.is_none() {
        return;
    }
    let at = |it: &Option<Spot<'_>>, operation: &Spot<'_>| {
        it.as_ref().map_or_else(|| operation.pointer.clone(), |it| it.pointer.clone())
    };
    let cause = || Cause::both(at(&old, &sides.base), at(&new, &sides.revision));
    let all = |it: &Option<Spot<'_>>, side: &Side<'_>, path: &Path<'_>| -> Vec<String> {
        // Where the document is called is not where events go.
        if sides.event {
            return it.iter().flat_map(Spot::elements).flat_map(|it| addresses(&it)).collect();
        }
        let servers = it.clone().or_else(|| side.spot().get("servers"));
        let servers = servers.map(|it| it.elements()).unwrap_or_default();
        let mut urls: Vec<_> = servers.iter().flat_map(addresses).collect();
        if urls.is_empty() {
            urls.push(String::new());
        }
        urls.into_iter().map(|it| format!("{it}{}", path.shape())).collect()
    };
    let (before, after) = (all(&old, base, &sides.old), all(&new, revision, &sides.new));
    for url in after.iter().filter(|it| !before.contains(it)) {
        findings.add(
            Rule::ApiServerAdded,
            owner,
            cause(),
            "",
            What::gained(format!("{url} was added"), url.as_str()),
        );
    }
    let gone: Vec<_> = before.iter().filter(|it| !after.contains(it)).cloned().collect();
    if !gone.is_empty() && gone.len() == before.len() {
        let what = format!("is no longer called at {}", gone.join(" or "));
        findings.add(
            Rule::ApiServersReplaced,
            owner,
            cause(),
            "",
            What::turned(what, before, after),
        );
    } else {
        for url in gone {
            let what = format!("is no longer called at {url}");
            findings.add(Rule::ApiServerRemoved, owner, cause(), "", What::lost(what, url));
        }
    }
}

/// The servers that an operation or its path names.
fn own<'a>(operation: &Spot<'a>, path: &Path<'a>) -> Option<Spot<'a>> {
    let named = [operation, &path.item].into_iter().filter_map(|it| it.get("servers"));
    named.into_iter().find(|it| !it.elements().is_empty())
}

/// How many addresses of a server are compared.
const MAX_ADDRESSES: usize = 64;

/// The addresses of a server, one for each choice of the values that its variables list, the defaults first.
fn addresses(server: &Spot<'_>) -> Vec<String> {
    let mut urls = vec![server.text("url").unwrap_or_default().to_owned()];
    for (name, variable) in server.get("variables").map(|it| it.members()).unwrap_or_default() {
        let default = variable.value.get("default").unwrap_or(&Value::Null);
        let listed = variable.value.get("enum").and_then(Value::as_array);
        let others = listed.into_iter().flatten().filter(|it| *it != default);
        let values: Vec<_> = std::iter::once(default)
            .chain(others)
            .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
            .collect();
        let place = format!("{{{name}}}");
        let filled =
            |value: &String| urls.iter().map(|it| it.replace(&place, value)).collect::<Vec<_>>();
        urls = values.iter().flat_map(filled).take(MAX_ADDRESSES).collect();
    }
    urls.iter().map(|it| canonical(it)).collect()
}

/// An address without a slash at its end and without the port that its scheme has anyway. The scheme and the host are
/// the same in any case.
fn canonical(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let cut = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(cut);
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    format!("{scheme}://{}{path}", host.strip_suffix(port).unwrap_or(&host))
}
