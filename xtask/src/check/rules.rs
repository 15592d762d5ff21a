//! The table of the rules of `cargo xtask diff` in `docs/rules.md`, which is printed by `--rules`.

use super::{Change, FIX, Problem, read};
use crate::{
    Workspace,
    readme::{between, markers},
    report,
};

const FILE: &str = "docs/rules.md";

/// The page lists the rules that there are.
pub(super) fn rules(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let text = match read(workspace, FILE) {
        Ok(Some(text)) => text,
        other => {
            let what = other.err().unwrap_or_else(|| "it is missing".to_owned());
            return problems.push(Problem::new(FILE, what, format!("git checkout HEAD -- {FILE}")));
        }
    };
    let (open, close) = markers("rules");
    let Some(range) = between(&text, &open, &close) else {
        let repair = format!("write the lines {open} and {close} at its end, and run {FIX}");
        return problems.push(Problem::new(
            FILE,
            "the comments around the rules are missing",
            repair,
        ));
    };
    let table = format!("\n{}\n", report::rules());
    if text[range.clone()] != table {
        let mut right = text.clone();
        right.replace_range(range, &table);
        let problem = Problem::new(FILE, "the table of the rules is not the present one", FIX);
        problems.push(problem.with(Change::Write(right)));
    }
}
