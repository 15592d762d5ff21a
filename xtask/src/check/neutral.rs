//! No provider is named where all of them are meant.

use super::Problem;
use crate::Workspace;
use anyhow::Context as _;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a provider is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The file and the line.
    pub(crate) at: String,
    /// The provider.
    pub(crate) name: String,
}

pub(super) fn neutral(
    workspace: &Workspace,
    names: &[String],
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    for Named { at, name } in named(workspace, names, names)? {
        let what = format!(
            "it names `{name}`, but what a vendor does differently is data in specs/{name}/"
        );
        let repair = "declare it in the provider's YAML, and say here what the declaration means";
        problems.push(Problem::new(at, what, repair));
    }
    Ok(())
}

/// Where the code that is all providers' names one of `names`, with `doors` the providers that there are.
pub(crate) fn named(
    workspace: &Workspace,
    doors: &[String],
    names: &[String],
) -> anyhow::Result<Vec<Named>> {
    let mut files: Vec<PathBuf> = Vec::new();
    rust_files(&workspace.root.join("crates"), &mut files);
    for entry in
        fs::read_dir(workspace.root.join("src")).context("cannot read src/")?.filter_map(Result::ok)
    {
        let path = entry.path();
        let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        // The doors are the providers' own, and the crate's page and its modules list them.
        if path.extension().is_some_and(|it| it == "rs") && stem != "lib" && !doors.contains(&stem)
        {
            files.push(path);
        }
    }
    files.extend(Some(workspace.root.join("build.rs")).filter(|it| it.is_file()));
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = path.strip_prefix(&workspace.root).unwrap_or(&path).display().to_string();
        if file.ends_with("tests.rs") {
            continue;
        }
        // Tests may name whom they like.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_lowercase();
        // Most files hold none of them anywhere.
        let held: Vec<_> = names.iter().filter(|it| code.contains(it.as_str())).collect();
        if held.is_empty() {
            continue;
        }
        for (i, line) in code.lines().enumerate() {
            if let Some(name) = held.iter().find(|it| says(line, it)) {
                out.push(Named { at: format!("{file}:{}", i + 1), name: name.to_string() });
            }
        }
    }
    Ok(out)
}

/// Whether the line decides something by the name: in a text or as a path's step. A word of a comment, or a variable
/// that happens to be called so, is none of that, or no provider could be called `fresh`.
fn says(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with("//") {
        return false;
    }
    let word = |it: &str| {
        it.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').any(|it| it == name)
            || it.split(|it: char| !it.is_ascii_alphanumeric()).any(|it| it == name)
    };
    let step = |it: &str| {
        let end = it.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(it.len());
        &it[..end] == name
    };
    line.split('"').skip(1).step_by(2).any(word) || line.split("::").skip(1).any(step)
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|it| it.path()) {
        if path.is_dir() {
            if path.file_name().is_some_and(|it| it != "tests") {
                rust_files(&path, out);
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            out.push(path);
        }
    }
}
