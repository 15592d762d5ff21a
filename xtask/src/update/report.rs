//! What an update says, as text and as Markdown.

use super::{Edit, Request, Update, Verdict, edits::list_entry, files::step};
use crate::{
    impact::Break,
    report::{Aside, Format, Report, Semver, counted, display, overview},
};
use conversations_diff::{Comparison, Level};
use std::{collections::BTreeMap, fmt::Display, io::Write};

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
    comparison(name, update, out)?;
    for operation in &update.vanished {
        writeln!(out, "gone: {operation}")?;
    }
    blockers(update, out)?;
    keeps(update, Form::Text, out)?;
    count_of_edits_made(update, request, out)?;
    for_a_person(update, Form::Text, out)?;
    refused(update, request, Form::Text, out)?;
    stale(update, out)?;
    pending_snapshot(update, request, out)?;
    how_to_accept(update, request, out)
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
    comparison_in_markdown(name, update, out)?;
    blockers(update, out)?;
    if !update.vanished.is_empty() {
        writeln!(out, "\n### Operations that are gone\n")?;
        for operation in &update.vanished {
            writeln!(out, "- `{operation}`")?;
        }
    }
    keeps(update, Form::Markdown, out)?;
    for_a_person(update, Form::Markdown, out)?;
    refused(update, request, Form::Markdown, out)?;
    stale_in_markdown(update, out)?;
    edits_made_in_markdown(update, out)?;
    writeln!(out)?;
    Ok(())
}

/// The two forms of the parts that both have.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Markdown,
}

impl Form {
    /// The sentence above a list; Markdown has a heading too.
    fn introduce(self, heading: &str, sentence: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        if let Self::Markdown = self {
            writeln!(out, "\n### {heading}")?;
        }
        writeln!(out, "\n{sentence}\n")?;
        Ok(())
    }

    /// A list below its sentence, or nothing.
    fn list(
        self,
        heading: &str,
        sentence: &str,
        list: &[impl Display],
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        if list.is_empty() {
            return Ok(());
        }
        self.introduce(heading, sentence, out)?;
        for it in list {
            writeln!(out, "- {it}")?;
        }
        Ok(())
    }
}

/// From which document to which, and what differs.
fn comparison(name: &str, update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    let Update { origin, before, report, overruled, words, outside, .. } = update;
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
    Ok(())
}

fn comparison_in_markdown(name: &str, update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    let Update { origin, before, report, overruled, outside, .. } = update;
    writeln!(out, "## `{name}`: {before} to {}\n", origin.revision)?;
    writeln!(out, "From {}, taken on {}. {}\n", origin.origin, origin.date, step(report.semver))?;
    display(report, Format::Markdown, out)?;
    if !overruled.is_empty() {
        writeln!(out, "\n### Nothing new under our overlay\n")?;
        display(&Report::from(Comparison::of(overruled.clone())), Format::Markdown, out)?;
    }
    if *outside > 0 {
        writeln!(out, "\n{outside} operations of the document are outside of `select`.")?;
    }
    Ok(())
}

fn blockers(update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    for blocker in &update.blockers {
        writeln!(out, "\n{blocker}")?;
    }
    Ok(())
}

/// The public items that stay as they are; in Markdown with the actions that keep them.
fn keeps(update: &Update, form: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    if update.keeps.is_empty() {
        return Ok(());
    }
    let outcome = match update.edits.is_empty() {
        true => "they are added to overlay.yaml; take out those whose change is wanted",
        false => "they will be added to overlay.yaml once none of our files is stale",
    };
    let end = match form {
        Form::Text => ":",
        Form::Markdown => ".",
    };
    let sentence = format!(
        "Public items would change though only the document's words did. These actions keep them; {outcome}{end}"
    );
    form.introduce("What stays", &sentence, out)?;
    let bullet = match form {
        Form::Text => "  ",
        Form::Markdown => "- ",
    };
    for keep in &update.keeps {
        writeln!(out, "{bullet}{}: {}", keep.name, keep.because)?;
    }
    if let Form::Markdown = form {
        writeln!(out, "\n<details><summary>The actions</summary>\n\n```yaml")?;
        for action in update.keeps.iter().flat_map(|it| &it.actions) {
            write!(out, "{}", list_entry(action, 0)?)?;
        }
        writeln!(out, "```\n\n</details>")?;
    }
    Ok(())
}

fn count_of_edits_made(
    update: &Update,
    request: &Request,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let made = made(&update.mended);
    if made.is_empty() {
        return Ok(());
    }
    let done = update.edits.is_empty() && !request.dry_run;
    let verbs = if done { ["edit is", "edits are"] } else { ["edit would be", "edits would be"] };
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    made.iter().for_each(|it| *files.entry(&it.file).or_default() += 1);
    let files = files.into_iter().map(|(file, count)| format!("{count} in {file}"));
    let files = files.collect::<Vec<_>>().join(", ");
    writeln!(
        out,
        "\n{} made by machine in our own files: {files}; --summary FILE lists them.",
        counted(made.len(), verbs)
    )?;
    Ok(())
}

fn edits_made_in_markdown(update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    let made = made(&update.mended);
    if !made.is_empty() {
        writeln!(out, "\n### Edits made\n")?;
        for Edit { file, what, advice, .. } in made {
            writeln!(out, "- `{file}`: {what}; {}", advice.lines().next().unwrap_or_default())?;
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

/// What `cargo xtask check` refuses until somebody has decided or changed it.
fn for_a_person(update: &Update, form: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    form.list(
        "To be decided again",
        "People wrote these, and the next document says otherwise. They are kept below `undecided` in sdk.yaml and `x-undecided` in overlay.yaml, and `cargo xtask check` fails until somebody has decided again:",
        &update.undecided,
        out,
    )?;
    form.list(
        "The sandbox",
        "The rules of the sandbox do not fit the next document. They are yours to change, and `cargo xtask check` fails until they fit:",
        &update.unplayed,
        out,
    )
}

/// What breaks, below what must be named to let it.
fn refused(
    update: &Update,
    request: &Request,
    form: Form,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let refused = update.refused(request);
    if refused.is_empty() {
        return Ok(());
    }
    let sentence = "Programs that work today would not any more. What may break must be named:";
    form.introduce("What breaks", sentence, out)?;
    let (open, close, indent) = match form {
        Form::Text => ("  ", "", "      "),
        Form::Markdown => ("- `", "`", "  - "),
    };
    for (cause, all) in by_cause(&refused) {
        writeln!(out, "{open}--allow-breaking {cause}{close}")?;
        for it in all {
            writeln!(out, "{indent}{}", it.what)?;
        }
    }
    Ok(())
}

/// What breaks, by what must be named to let it.
fn by_cause(breaks: &[Break]) -> BTreeMap<&str, Vec<&Break>> {
    let mut out: BTreeMap<&str, Vec<&Break>> = BTreeMap::new();
    for it in breaks {
        out.entry(&it.cause).or_default().push(it);
    }
    out
}

fn stale(update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    let edits = &update.edits;
    if edits.is_empty() {
        return Ok(());
    }
    let places = counted(edits.len(), ["place in our own files is", "places in our own files are"]);
    let rest = match edits.iter().any(|it| it.change.is_some()) {
        true => "stale; --apply-edits makes those that a machine can make",
        false => "stale and for a person to mend",
    };
    writeln!(out, "\n{places} {rest}:\n")?;
    for edit in edits {
        writeln!(out, "{}: {}", place(edit), edit.what)?;
        for (i, advice) in edit.advice.lines().enumerate() {
            writeln!(out, "  {}{advice}", if i == 0 { "edit: " } else { "  " })?;
        }
    }
    Ok(())
}

fn stale_in_markdown(update: &Update, out: &mut dyn Write) -> anyhow::Result<()> {
    if update.edits.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Stale\n")?;
    for edit in &update.edits {
        writeln!(out, "- `{}`: {}", place(edit), edit.what)?;
        if !edit.advice.is_empty() {
            writeln!(out, "\n  ```text")?;
            for advice in edit.advice.lines() {
                writeln!(out, "  {advice}")?;
            }
            writeln!(out, "  ```\n")?;
        }
    }
    Ok(())
}

/// File and, where it is known, line.
fn place(edit: &Edit) -> String {
    match edit.line {
        Some(line) => format!("{}:{line}", edit.file),
        None => edit.file.clone(),
    }
}

fn pending_snapshot(update: &Update, request: &Request, out: &mut dyn Write) -> anyhow::Result<()> {
    if update.edits.is_empty() && update.surface_changed && !request.accept && !request.dry_run {
        writeln!(
            out,
            "\nThe listing of the surface changes ({}): look at the pending snapshot, and take it with --accept or `cargo insta accept`.",
            match update.report.semver {
                Semver::None | Semver::Patch => "routes, statuses or divergences, no public item",
                Semver::Minor | Semver::Major => "the public items named above",
            }
        )?;
    }
    Ok(())
}

/// The command that takes an update that breaks programs. It stands last, being what to do next.
fn how_to_accept(update: &Update, request: &Request, out: &mut dyn Write) -> anyhow::Result<()> {
    if !update.edits.is_empty() || request.accept {
        return Ok(());
    }
    let refused = update.refused(&Request { accept: true, ..request.clone() });
    if !refused.is_empty() {
        let causes: Vec<String> =
            by_cause(&refused).keys().map(|it| format!(" --allow-breaking {it}")).collect();
        writeln!(
            out,
            "\nIt breaks programs. To take it all the same, add: --accept{}",
            causes.concat()
        )?;
    }
    Ok(())
}
