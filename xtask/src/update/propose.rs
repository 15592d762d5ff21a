//! What our files would be with every edit that a machine can make, and with what keeps public items.

use super::{
    behaviours,
    correspondence::{self, Correspondence},
    edits::{self, Change, Edit},
    files,
    names::{self, Retained},
    reasons,
    repair::{self, NextSelection},
    retain,
};
use conversations_codegen::{
    Surveyed,
    load::{Sources, load as load_folder},
    overlay::{Overlaid, overlay as overlay_of},
    provider,
    reconcile::findings,
    sdk,
};
use conversations_document::{
    Document,
    load::{self, Text},
    overlay,
};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Rounds of edits until nothing is left to mend by machine.
const ROUNDS: usize = 40;

/// The two documents, and the selection that the next one calls for.
pub(super) struct Side<'a> {
    /// The document that we have.
    pub(super) present: &'a Document,
    /// The one that is to come.
    pub(super) next: &'a Document,
    /// Where each part of the first is in the second.
    pub(super) pairs: Correspondence,
    /// Where ours matches nothing there, the one that does.
    pub(super) selection: Option<&'a NextSelection>,
}

/// What our files would be, and how they came to that.
pub(super) struct Proposal {
    /// The files.
    pub(super) sources: Sources,
    /// What is stale in them as they stand.
    pub(super) stale: Vec<Edit>,
    /// The edits that were made.
    pub(super) mended: Vec<Edit>,
    /// The public items that actions keep.
    pub(super) keeps: Vec<Retained>,
    /// What people wrote and the next document makes untrue.
    pub(super) undecided: Vec<Undecided>,
    /// The next document under what people wrote, mended.
    pub(super) written: Document,
    /// The next document under the proposed overlay, and the edits that no machine can make.
    pub(super) round: Round,
    /// Behaviours that the next document does not bear out.
    pub(super) unfounded: Vec<Edit>,
}

/// Makes every edit that a machine can make, and adds what keeps public items: that is what the change does to
/// users, whoever makes the edits. `base` is the present client.
pub(super) fn propose(
    name: &str,
    mut sources: Sources,
    base: &Surveyed,
    side: &Side<'_>,
    today: &str,
) -> anyhow::Result<Proposal> {
    let why = format!("specs/{name}/{}{today}", files::KEPT);
    let source = reasons::source(reasons::UPDATE, today);
    // What an earlier update kept is found again where it still has to be kept; whatever became of those
    // actions is nobody's business.
    let ours = sources.overlay.as_ref().map(|it| files::kept_lines(it, &format!("specs/{name}/")));
    let ours = ours.transpose()?.unwrap_or_default();
    let within = |line: u32| ours.iter().any(|(from, to)| (*from..*to).contains(&(line as usize)));
    let overlay = sources.overlay.as_ref().map(|it| it.file.clone()).unwrap_or_default();
    let as_it_stands = overlaid(&sources, side, &source)?;
    let mut stale = as_it_stands.edits.clone();
    stale.retain(|it| it.file != overlay || !it.line.is_some_and(within));
    sources.overlay = sources.overlay.map(|it| files::without_lines(&it, &ours));
    // Where nothing was kept so far, that is what mending begins with.
    let first = match ours.is_empty() {
        true => as_it_stands,
        false => overlaid(&sources, side, &source)?,
    };
    let decided = sources.sdk.clone();
    let types = base.surface.schemas();
    let mut mended: Vec<Edit> = Vec::new();
    let mut keeps: Vec<Retained> = Vec::new();
    let mut round = mend_all(first, &mut sources, &mut mended, side, &source)?;
    let overlay = sources.overlay.as_ref();
    let resumed = overlay.map(|text| resume(name, text, &round.document)).transpose()?.flatten();
    if let Some((text, edits)) = resumed {
        sources.overlay = Some(text);
        mended.extend(edits);
        let first = overlaid(&sources, side, &source)?;
        round = mend_all(first, &mut sources, &mut mended, side, &source)?;
    }
    let written = round.document.clone();
    // Before anything is kept for looks: a parameter that stays although the server no longer reads it, say, is
    // none to ask for pages by.
    let unfounded = sources
        .overlay
        .as_ref()
        .map_or_else(Vec::new, |text| behaviours::unfounded(&round.document, text, &side.pairs));
    for _ in 0..ROUNDS {
        let mut found = kept(&base.document, &round.document.root, &why);
        found.extend(names::renumbered(
            &base.document,
            &round.document,
            &types,
            &provider::provider(&sources.provider)?,
            &why,
        ));
        let new: Vec<Retained> = found.into_iter().filter(|it| !keeps.contains(it)).collect();
        if new.is_empty() {
            break;
        }
        let actions: Vec<_> = new.iter().flat_map(|it| it.actions.clone()).collect();
        sources.overlay = Some(files::with_actions(name, sources.overlay.take(), &actions)?);
        keeps.extend(new);
        let first = overlaid(&sources, side, &source)?;
        round = mend_all(first, &mut sources, &mut mended, side, &source)?;
    }
    let mut undecided = match &mut sources.sdk {
        Some(text) => undecided(decided.as_ref(), text, today)?,
        None => Vec::new(),
    };
    if let Some(text) = &mut sources.overlay {
        undecided.extend(set_aside(&mended, text, today)?);
    }
    Ok(Proposal { sources, stale, mended, keeps, undecided, written, round, unfounded })
}

/// What a person wrote and the next document makes untrue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Undecided {
    /// What was written, as it was.
    #[serde(flatten)]
    said: Said,
    /// What the next document says.
    now: String,
    /// The day on which it said so.
    since: String,
}

/// What a person can write.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    /// A decision of `sdk.yaml`.
    Decision(Value),
    /// An action of `overlay.yaml`.
    Action(Value),
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |of: &Value, key: &str| match &of[key] {
            Value::String(text) => text.trim().to_owned(),
            Value::Array(all) => {
                let names = all.iter().map(|it| it.as_str().unwrap_or_default());
                names.collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        let now = &self.now;
        match &self.said {
            Said::Decision(it) => {
                let (about, operations) = (text(it, "about"), text(it, "operations"));
                let (take, reason) = (text(it, "take"), text(it, "reason"));
                write!(f, "{about} of {operations}: {now}. Said so far: take {take}. {reason}")
            }
            Said::Action(it) => write!(f, "{now}. Said so far: {}", text(it, "description")),
        }
    }
}

/// The key of overlay.yaml below which actions wait for a person.
pub const UNDECIDED_ACTIONS: &str = "x-undecided";

/// Writes the list `key` of what is to be decided behind what is in it already.
fn keep(text: &mut Text, key: &str, undecided: &[Undecided]) -> anyhow::Result<()> {
    if undecided.is_empty() {
        return Ok(());
    }
    let document = load::document(&text.file, &text.text)?;
    let mut entries = String::new();
    for it in undecided {
        entries.push_str(&edits::list_entry(&serde_json::to_value(it)?, 2)?);
    }
    text.text = edits::append(&document, &text.text, key, &entries);
    Ok(())
}

/// Puts the actions that wait for a person back among the others where the next document has again what they speak of.
fn resume(name: &str, text: &Text, next: &Document) -> anyhow::Result<Option<(Text, Vec<Edit>)>> {
    let document = load::document(&text.file, &text.text)?;
    let pointer = format!("/{UNDECIDED_ACTIONS}");
    let waiting = document.root.pointer(&pointer).and_then(Value::as_array);
    let waiting = waiting.map(Vec::as_slice).unwrap_or_default();
    let applies = |action: &Value| {
        let mut alone = document.root.clone();
        alone["actions"] = Value::from(vec![action.clone()]);
        let alone = overlay::parse(&Text { file: text.file.clone(), text: alone.to_string() });
        alone.is_ok_and(|it| overlay::apply(next.clone(), &it).is_ok())
    };
    let (mut actions, mut edits) = (Vec::new(), Vec::new());
    for (i, entry) in waiting.iter().enumerate() {
        let lines = edits::entry(&document, &text.text, &pointer, i);
        let action = entry.get("action").filter(|it| applies(it));
        let (Some(action), Some((from, to))) = (action, lines) else { continue };
        let said = action["description"].as_str().unwrap_or_default().trim();
        edits.push(Edit {
            file: text.file.clone(),
            line: None,
            what: format!("what an action speaks of is there again: {said}"),
            advice: "move it from `x-undecided` to `actions`".to_owned(),
            change: Some(Change { from, to, text: String::new() }),
            set_aside: None,
        });
        actions.push(action.clone());
    }
    if actions.is_empty() {
        return Ok(None);
    }
    let changes: Vec<&Change> = edits.iter().filter_map(|it| it.change.as_ref()).collect();
    let mut rest = edits::apply(&text.text, &changes);
    if actions.len() == waiting.len() {
        let key = format!("{UNDECIDED_ACTIONS}:");
        rest = rest.lines().filter(|it| it.trim_end() != key).map(|it| format!("{it}\n")).collect();
    }
    let rest = Text { file: text.file.clone(), text: rest };
    Ok(Some((files::with_actions(name, Some(rest), &actions)?, edits)))
}

/// Keeps the actions of people that were taken out in a list of their own.
fn set_aside(mended: &[Edit], text: &mut Text, today: &str) -> anyhow::Result<Vec<Undecided>> {
    let taken = mended.iter().filter_map(|it| it.set_aside.clone());
    let out: Vec<Undecided> = taken
        .map(|(action, now)| Undecided { said: Said::Action(action), now, since: today.to_owned() })
        .collect();
    keep(text, UNDECIDED_ACTIONS, &out)?;
    Ok(out)
}

/// Keeps the decisions of people that are not among those of `text` any more in a list of their own.
fn undecided(
    before: Option<&Text>,
    text: &mut Text,
    today: &str,
) -> anyhow::Result<Vec<Undecided>> {
    let decisions = |text: &Text| -> anyhow::Result<Vec<Value>> {
        let document = load::document(&text.file, &text.text)?;
        Ok(document.root["decisions"].as_array().cloned().unwrap_or_default())
    };
    let after = decisions(text)?;
    // What remains of a decision for fewer operations stands as it was.
    let same = |a: &Value, b: &Value| {
        ["about", "sdk", "document", "take", "reason", "source"].iter().all(|it| a[it] == b[it])
    };
    let operations = |it: &Value| -> Vec<Value> {
        match &it["operations"] {
            Value::Array(all) => all.clone(),
            other => vec![other.clone()],
        }
    };
    let mut out = Vec::new();
    for decision in before.map(decisions).transpose()?.unwrap_or_default() {
        if reasons::is_ours(&decision) || after.iter().any(|it| same(it, &decision)) {
            continue;
        }
        let own = operations(&decision);
        let about = |it: &&Value| {
            let other = operations(it);
            let all = Value::from("all");
            let meets = own.contains(&all)
                || other.contains(&all)
                || other.iter().any(|it| own.contains(it));
            it["about"] == decision["about"] && reasons::is_ours(it) && meets
        };
        let now = match after.iter().find(about) {
            Some(it) => reasons::seen(it),
            None => "the SDK's list and the document do not differ in this any more".to_owned(),
        };
        out.push(Undecided { said: Said::Decision(decision), now, since: today.to_owned() });
    }
    keep(text, "undecided", &out)?;
    Ok(out)
}

/// Brings a new folder's decisions into line with its document: proposes one for each divergence, and takes
/// out of the list what the document does not have. Returns what was taken out.
pub fn settle(sources: &mut Sources, today: &str) -> anyhow::Result<Vec<String>> {
    let source = reasons::source(reasons::NEW, today);
    let mut dropped = Vec::new();
    for _ in 0..ROUNDS {
        let Some(text) = &sources.sdk else { break };
        let overlaid = overlay_of(load_folder(sources)?)?;
        let Some(file) = &overlaid.sdk else { break };
        let found = findings(&overlaid);
        if let Some((rest, names)) = repair::without_unknown(&found, text, file) {
            dropped.extend(names);
            sources.sdk = Some(rest);
            continue;
        }
        let edits = repair::decisions(&found, text, file, &Correspondence::default(), &source);
        if !mend(sources, &edits, &mut Vec::new()) {
            break;
        }
    }
    Ok(dropped)
}

/// What would change for no reason from one overlaid document to the other, and the actions that keep it.
pub(super) fn kept(present: &Value, next: &Value, why: &str) -> Vec<Retained> {
    let pairs = correspondence::correspondence(present, next);
    let mut out = retain::retain(present, next, &pairs, why);
    out.extend(names::moved(present, next, pairs.operations(), why));
    out
}

/// The next document under our overlay once every edit that a machine can make is made, of which `round` has the first.
fn mend_all(
    mut round: Round,
    sources: &mut Sources,
    mended: &mut Vec<Edit>,
    side: &Side<'_>,
    source: &str,
) -> anyhow::Result<Round> {
    for _ in 0..ROUNDS {
        if !mend(sources, &round.edits, mended) {
            break;
        }
        round = overlaid(sources, side, source)?;
    }
    Ok(round)
}

/// The next document under our overlay as far as it still applies, and what does not.
pub(super) struct Round {
    /// The document.
    pub(super) document: Document,
    /// What does not apply.
    pub(super) edits: Vec<Edit>,
}

fn overlaid(sources: &Sources, side: &Side<'_>, source: &str) -> anyhow::Result<Round> {
    let Side { present, next, pairs, selection } = side;
    let (document, mut edits) = match &sources.overlay {
        None => (Document::clone(next), Vec::new()),
        Some(text) => {
            let file = overlay::parse(text)?;
            repair::overlay(present, next, text, &file, pairs)
        }
    };
    let provider = provider::provider(&sources.provider)?;
    edits
        .extend(selection.filter(|it| it.paths != provider.select.paths).map(|it| it.edit.clone()));
    if let Some(text) = &sources.overlay {
        edits.extend(behaviours::unfounded(&document, text, pairs));
    }
    edits.extend(repair::schemes(&present.root, &document.root, &sources.provider));
    if let Some(text) = &sources.sdk {
        let sdk = sdk::sdk(text)?;
        let found = findings(&Overlaid {
            document: document.clone(),
            vendored: Document::clone(next),
            provider,
            sdk: Some(sdk.clone()),
            notes: Vec::new(),
        });
        edits.extend(repair::decisions(&found, text, &sdk, pairs, source));
    }
    Ok(Round { document, edits })
}

/// Makes the edits that a machine can make; whether any was.
fn mend(sources: &mut Sources, edits: &[Edit], made: &mut Vec<Edit>) -> bool {
    let mut any = false;
    // The overlay first: what decisions say depends on it.
    let provider = Some(&mut sources.provider);
    for text in [sources.overlay.as_mut(), provider, sources.sdk.as_mut()].into_iter().flatten() {
        let ours: Vec<&Edit> = edits.iter().filter(|it| it.file == text.file).collect();
        let changes: Vec<&Change> = ours.iter().filter_map(|it| it.change.as_ref()).collect();
        if changes.is_empty() {
            continue;
        }
        text.text = edits::with_empty_lists(&edits::apply(&text.text, &changes));
        made.extend(ours.into_iter().filter(|it| it.change.is_some()).cloned());
        any = true;
        break;
    }
    any
}
