//! `cargo xtask reconcile`: the vendor's SDK list against the vendor's document, difference by difference.

use crate::{Outcome, Workspace, progress::Progress, root, surface::Format};
use conversations_codegen::{
    load::{Sources, load},
    overlay::overlay,
    reconcile::{Divergence, Findings, Settled, faults, findings, to_json},
};
use conversations_document::Origin;
use serde_json::Value;
use std::{collections::BTreeMap, io::Write};

/// Prints what was found for one provider or all. Something unsettled is [`Outcome::Stale`].
pub fn reconcile(
    workspace: &Workspace,
    provider: Option<&str>,
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let progress = Progress::start("reading");
    let mut all = Vec::new();
    for name in root::chosen(&workspace.root, provider)? {
        progress.step(format!("reconciling {name}"));
        let (listed, findings) = of_sources(&root::sources(&workspace.root, &name)?)?;
        all.push((name, listed, findings));
    }
    drop(progress);
    let stale = all.iter().any(|(_, _, findings)| !faults(findings).is_empty());
    match format {
        Format::Json => {
            let value: Vec<Value> = all
                .iter()
                .map(|(name, listed, findings)| {
                    let mut value = to_json(findings);
                    value["provider"] = Value::from(name.as_str());
                    value["listed"] = Value::from(*listed);
                    value
                })
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        }
        Format::Text => {
            for (name, listed, findings) in &all {
                page(name, *listed, findings, out)?;
            }
            let matched: usize = all.iter().map(|(_, _, it)| it.matched.len()).sum();
            let listed: usize = all.iter().map(|(_, listed, _)| listed).sum();
            let divergences: usize = all.iter().map(|(_, _, it)| it.divergences.len()).sum();
            let settled: usize = all
                .iter()
                .flat_map(|(_, _, it)| &it.divergences)
                .filter(|it| it.decision.is_some())
                .count();
            writeln!(
                out,
                "{matched} of {listed} SDK operations matched, {settled} of {divergences} divergences settled"
            )?;
        }
    }
    Ok(if stale { Outcome::Stale } else { Outcome::Fine })
}

/// How many operations the SDK lists, and what was found.
pub fn of_sources(sources: &Sources) -> anyhow::Result<(usize, Findings)> {
    let overlaid = overlay(load(sources)?)?;
    let listed = overlaid.sdk.as_ref().map_or(0, |it| it.operations.len());
    Ok((listed, findings(&overlaid)))
}

fn page(name: &str, listed: usize, found: &Findings, out: &mut dyn Write) -> anyhow::Result<()> {
    let Findings { matched, divergences, faults: _, decisions_file: _ } = found;
    writeln!(out, "# {name}: {} of {listed} SDK operations matched", matched.len())?;
    for it in matched {
        writeln!(out, "  {} = {}", it.sdk_operation, it.document_operation)?;
    }
    // One entry per decision, since it is the decision that a reader judges.
    let mut groups: BTreeMap<Option<(u32, &str)>, Vec<&Divergence>> = BTreeMap::new();
    for it in divergences {
        let key = it.decision.as_ref().map(|it| (it.origin.line, it.reason.as_str()));
        groups.entry(key).or_default().push(it);
    }
    for (_, group) in groups.iter().filter(|(key, _)| key.is_some()) {
        let Some(Settled { take, reason, source, origin }) = group[0].decision.as_ref() else {
            continue;
        };
        writeln!(out, "\n  {}: take {take} ({})", group[0].kind, at(origin))?;
        writeln!(out, "    {}", one_line(reason))?;
        writeln!(out, "    source: {}", one_line(source))?;
        for it in group {
            let parameter = it.parameter.as_ref().map(|it| format!(" `{it}`")).unwrap_or_default();
            writeln!(
                out,
                "    {}{parameter}: sdk `{}`, document `{}` ({})",
                it.operation,
                it.sdk,
                it.document,
                at(&it.document_origin)
            )?;
        }
    }
    for fault in faults(found) {
        writeln!(out, "\n{fault}")?;
    }
    writeln!(out)?;
    Ok(())
}

fn at(origin: &Origin) -> String {
    format!("{}:{}", origin.file, origin.line)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
