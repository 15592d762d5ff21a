//! What an update says, as text and as Markdown.

use super::{Edit, Request, Update, Verdict, files::step};
use crate::{
    impact::Break,
    report::{Aside, Format, Report, Semver, counted, display, overview},
};
use conversations_diff::{Comparison, Level};
use std::{collections::BTreeMap, io::Write};

/// The verdict for a person at a terminal.
pub(super) fn text(
    name: &str,
    verdict: &Verdict,
    request: &Request,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let update = match verdict {
        Verdict::Unchanged(why) => {
            writeln!(out, "{name}: nothing changed; {why}")?;
            return Ok(());
        }
        Verdict::Changed(update) => update,
    };
    let Update {
        origin,
        before,
        report,
        overruled,
        words,
        outside,
        breaks: _,
        failures: _,
        undecided,
        unplayed,
        made: _,
        keeps,
        vanished,
        edits,
        mended,
        blockers,
        surface_changed,
        files: _,
    } = &**update;
    writeln!(out, "# {name}: {before} to {}, from {}\n", origin.revision, origin.origin)?;
    let aside = Aside { words: *words, outside: *outside, overruled };
    overview(report, Level::Info, aside, true, out)?;
    writeln!(out)?;
    display(report, Format::Text, out)?;
    writeln!(
        out,
        "\nLines are those of specs/{name}/openapi.yaml: of what is gone as the file is, of all else as this update writes it."
    )?;
    writeln!(out, "{}", step(report.semver))?;
    for operation in vanished {
        writeln!(out, "gone: {operation}")?;
    }
    for blocker in blockers {
        writeln!(out, "\n{blocker}")?;
    }
    if !keeps.is_empty() {
        writeln!(
            out,
            "\nPublic items would change though only the document's words did. These actions keep them; {}:\n",
            whither(edits)
        )?;
        for keep in keeps {
            writeln!(out, "  {}: {}", keep.name, keep.because)?;
        }
    }
    let made = made(mended);
    if !made.is_empty() {
        let done = edits.is_empty() && !request.dry_run;
        let verbs =
            if done { ["edit is", "edits are"] } else { ["edit would be", "edits would be"] };
        let mut files: BTreeMap<&str, usize> = BTreeMap::new();
        made.iter().for_each(|it| *files.entry(&it.file).or_default() += 1);
        let files = files.into_iter().map(|(file, count)| format!("{count} in {file}"));
        let files = files.collect::<Vec<_>>().join(", ");
        writeln!(
            out,
            "\n{} made by machine in our own files: {files}; --summary FILE lists them.",
            counted(made.len(), verbs)
        )?;
    }
    if !undecided.is_empty() {
        writeln!(out, "\n{}\n", UNDECIDED)?;
        for it in undecided {
            writeln!(out, "- {it}")?;
        }
    }
    if !unplayed.is_empty() {
        writeln!(out, "\n{UNPLAYED}\n")?;
        for it in unplayed {
            writeln!(out, "- {it}")?;
        }
    }
    let refused = update.refused(request);
    if !refused.is_empty() {
        writeln!(out, "\n{REFUSED}\n")?;
        for (cause, all) in by_cause(&refused) {
            writeln!(out, "  --allow-breaking {cause}")?;
            for it in all {
                writeln!(out, "      {}", it.what)?;
            }
        }
    }
    if !edits.is_empty() {
        let able = edits.iter().any(|it| it.change.is_some());
        let stale =
            counted(edits.len(), ["place in our own files is", "places in our own files are"]);
        let rest = match able {
            true => "stale; --apply-edits makes those that a machine can make",
            false => "stale and for a person to mend",
        };
        writeln!(out, "\n{stale} {rest}:\n")?;
        list(edits, out)?;
    }
    if edits.is_empty() && *surface_changed && !request.accept && !request.dry_run {
        writeln!(
            out,
            "\nThe listing of the surface changes ({}): look at the pending snapshot, and take it with --accept or `cargo insta accept`.",
            match report.semver {
                Semver::None | Semver::Patch => "routes, statuses or divergences, no public item",
                Semver::Minor | Semver::Major => "the public items named above",
            }
        )?;
    }
    // What stands last is what to do next.
    if edits.is_empty() && !request.accept {
        let accepting = Request { accept: true, ..request.clone() };
        let refused = update.refused(&accepting);
        if !refused.is_empty() {
            let causes: Vec<String> =
                by_cause(&refused).keys().map(|it| format!(" --allow-breaking {it}")).collect();
            writeln!(
                out,
                "\nIt breaks programs. To take it all the same, add: --accept{}",
                causes.concat()
            )?;
        }
    }
    Ok(())
}

const UNDECIDED: &str = "People wrote these, and the next document says otherwise. They are kept below `undecided` in sdk.yaml and `x-undecided` in overlay.yaml, and `cargo xtask check` fails until somebody has decided again:";
const UNPLAYED: &str = "The rules of the sandbox do not fit the next document. They are yours to change, and `cargo xtask check` fails until they fit:";
const REFUSED: &str = "Programs that work today would not any more. What may break must be named:";

/// What breaks, by what must be named to let it.
fn by_cause(breaks: &[Break]) -> BTreeMap<&str, Vec<&Break>> {
    let mut out: BTreeMap<&str, Vec<&Break>> = BTreeMap::new();
    for it in breaks {
        out.entry(&it.cause).or_default().push(it);
    }
    out
}

/// What becomes of the actions that keep public items.
fn whither(edits: &[Edit]) -> &'static str {
    match edits.is_empty() {
        true => "they are added to overlay.yaml; take out those whose change is wanted",
        false => "they will be added to overlay.yaml once none of our files is stale",
    }
}

fn list(edits: &[Edit], out: &mut dyn Write) -> anyhow::Result<()> {
    for Edit { file, line, what, advice, change: _, set_aside: _ } in edits {
        let line = line.map(|it| format!(":{it}")).unwrap_or_default();
        writeln!(out, "{file}{line}: {what}")?;
        for (i, advice) in advice.lines().enumerate() {
            writeln!(out, "  {}{advice}", if i == 0 { "edit: " } else { "  " })?;
        }
    }
    Ok(())
}

/// The edits that were made, each once: an edit may be made again in a later round, and where it takes out what a
/// person wrote, that is said where the person has to decide. The line is that of a file between two rounds.
fn made(mended: &[Edit]) -> Vec<&Edit> {
    let mut out: Vec<&Edit> = Vec::new();
    for edit in mended.iter().filter(|it| it.set_aside.is_none()) {
        if !out.iter().any(|it| (&it.file, &it.what) == (&edit.file, &edit.what)) {
            out.push(edit);
        }
    }
    out
}

/// The verdict for a pull request.
pub(super) fn markdown(
    name: &str,
    verdict: &Verdict,
    request: &Request,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let update = match verdict {
        Verdict::Unchanged(why) => {
            writeln!(out, "## `{name}`\n\nNothing changed: {why}.\n")?;
            return Ok(());
        }
        Verdict::Changed(update) => update,
    };
    writeln!(out, "## `{name}`: {} to {}\n", update.before, update.origin.revision)?;
    writeln!(
        out,
        "From {}, taken on {}. {}\n",
        update.origin.origin,
        update.origin.date,
        step(update.report.semver)
    )?;
    display(&update.report, Format::Markdown, out)?;
    if !update.overruled.is_empty() {
        writeln!(out, "\n### Nothing new under our overlay\n")?;
        display(&Report::from(Comparison::of(update.overruled.clone())), Format::Markdown, out)?;
    }
    if update.outside > 0 {
        writeln!(out, "\n{} operations of the document are outside of `select`.", update.outside)?;
    }
    for blocker in &update.blockers {
        writeln!(out, "\n{blocker}")?;
    }
    if !update.vanished.is_empty() {
        writeln!(out, "\n### Operations that are gone\n")?;
        for operation in &update.vanished {
            writeln!(out, "- `{operation}`")?;
        }
    }
    if !update.keeps.is_empty() {
        writeln!(
            out,
            "\n### What stays\n\nPublic items would change though only the document's words did. These actions keep them; {}.\n",
            whither(&update.edits)
        )?;
        for keep in &update.keeps {
            writeln!(out, "- {}: {}", keep.name, keep.because)?;
        }
        writeln!(out, "\n<details><summary>The actions</summary>\n\n```yaml")?;
        for keep in &update.keeps {
            for action in &keep.actions {
                write!(out, "{}", super::edits::list_entry(action, 0)?)?;
            }
        }
        writeln!(out, "```\n\n</details>")?;
    }
    if !update.undecided.is_empty() {
        writeln!(out, "\n### To be decided again\n\n{UNDECIDED}\n")?;
        for it in &update.undecided {
            writeln!(out, "- {it}")?;
        }
    }
    if !update.unplayed.is_empty() {
        writeln!(out, "\n### The sandbox\n\n{UNPLAYED}\n")?;
        for it in &update.unplayed {
            writeln!(out, "- {it}")?;
        }
    }
    let refused = update.refused(request);
    if !refused.is_empty() {
        writeln!(out, "\n### What breaks\n\n{REFUSED}\n")?;
        for (cause, all) in by_cause(&refused) {
            writeln!(out, "- `--allow-breaking {cause}`")?;
            for it in all {
                writeln!(out, "  - {}", it.what)?;
            }
        }
    }
    if !update.edits.is_empty() {
        writeln!(out, "\n### Stale\n")?;
        for Edit { file, line, what, advice, change: _, set_aside: _ } in &update.edits {
            let line = line.map(|it| format!(":{it}")).unwrap_or_default();
            writeln!(out, "- `{file}{line}`: {what}")?;
            if !advice.is_empty() {
                writeln!(out, "\n  ```text")?;
                for advice in advice.lines() {
                    writeln!(out, "  {advice}")?;
                }
                writeln!(out, "  ```\n")?;
            }
        }
    }
    let made = made(&update.mended);
    if !made.is_empty() {
        writeln!(out, "\n### Edits made\n")?;
        for Edit { file, what, advice, .. } in made {
            writeln!(out, "- `{file}`: {what}; {}", advice.lines().next().unwrap_or_default())?;
        }
    }
    writeln!(out)?;
    Ok(())
}
