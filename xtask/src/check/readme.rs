//! The README says of the providers what is generated.

use super::{Change, FIX, Problem, read};
use crate::{
    Workspace,
    readme::{FILE, Written, markers, written},
};
use conversations_codegen::Generated;

pub(super) fn readme(
    workspace: &Workspace,
    names: &[String],
    made: &[(String, Generated)],
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let present = match read(workspace, FILE) {
        Ok(Some(text)) => text,
        other => {
            let what = other.err().unwrap_or_else(|| "it is missing".to_owned());
            problems.push(Problem::new(FILE, what, format!("git checkout HEAD -- {FILE}")));
            return Ok(());
        }
    };
    let Written { text, wrong, missing } = written(workspace, &present, names, made)?;
    for part in missing {
        let (open, close) = markers(part);
        let repair =
            format!("write the lines {open} and {close} where the {part} belong, and run {FIX}");
        problems.push(Problem::new(
            FILE,
            format!("the comments around the {part} are missing"),
            repair,
        ));
    }
    if !wrong.is_empty() {
        problems.push(Problem::new(FILE, wrong.join("; "), FIX).with(Change::Write(text)));
    }
    Ok(())
}
