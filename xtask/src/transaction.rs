//! Several files written together or not at all.
//!
//! Everything is first written beside the tree, then noted in a journal with a copy of what it replaces,
//! then moved into place. Whoever finds a journal at the next start puts the old files back, so that a
//! kill at any point leaves the tree as it was.

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// The folder, below the root and hence on the same file system, that holds what is under way.
const FOLDER: &str = ".xtask";
const JOURNAL: &str = "journal.json";

/// What is to be written.
#[derive(Debug, Default)]
pub struct Transaction {
    changes: Vec<(String, Option<String>)>,
}

/// One file of the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// The file, below the root.
    file: String,
    /// Whether it existed, so that a copy of it is kept.
    existed: bool,
    /// Whether it exists afterwards.
    remains: bool,
}

impl Transaction {
    /// Writes `text` to `file`, a path below the root.
    pub fn write(&mut self, file: impl Into<String>, text: impl Into<String>) {
        self.changes.push((file.into(), Some(text.into())));
    }

    /// Removes `file` if it is there.
    pub fn remove(&mut self, file: impl Into<String>) {
        self.changes.push((file.into(), None));
    }

    /// The files that are written or removed.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().map(|(file, _)| file.as_str())
    }

    /// Writes everything beside the tree.
    pub fn stage(self, root: &Path) -> anyhow::Result<Staged> {
        let parent = root.join(FOLDER);
        fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let folder = tempfile::Builder::new()
            .prefix("update-")
            .tempdir_in(&parent)
            .with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        let mut entries = Vec::new();
        for (i, (file, text)) in self.changes.into_iter().enumerate() {
            let target = root.join(&file);
            let existed = target.exists();
            if existed {
                fs::copy(&target, folder.path().join(format!("{i}.old")))
                    .with_context(|| format!("cannot copy {file}"))?;
            }
            if let Some(text) = &text {
                write(&folder.path().join(format!("{i}.new")), text)
                    .with_context(|| format!("cannot write {file}"))?;
            }
            entries.push(Entry { file, existed, remains: text.is_some() });
        }
        Ok(Staged { root: root.to_owned(), folder, entries })
    }
}

/// Files that are written, but not where they belong.
#[derive(Debug)]
pub struct Staged {
    root: PathBuf,
    folder: tempfile::TempDir,
    entries: Vec<Entry>,
}

impl Staged {
    /// Moves everything into place.
    pub fn commit(self) -> anyhow::Result<()> {
        self.commit_until(usize::MAX)
    }

    /// As [`commit`](Self::commit), but as if killed after `steps` files.
    fn commit_until(self, steps: usize) -> anyhow::Result<()> {
        let Self { root, folder, entries } = self;
        // From here on the folder must outlive us: it is the way back.
        let folder = folder.keep();
        let journal = serde_json::to_string(&entries)?;
        write(&folder.join("journal.tmp"), &journal).context("cannot write the journal")?;
        fs::rename(folder.join("journal.tmp"), folder.join(JOURNAL))
            .context("cannot write the journal")?;
        for (i, Entry { file, existed: _, remains }) in entries.iter().enumerate() {
            if i >= steps {
                bail!("stopped after {steps} files");
            }
            let moved = put(&root, &folder, i, file, *remains);
            if let Err(error) = moved {
                back(&root, &folder, &entries)?;
                return Err(error.context(format!("cannot write {file}; everything is as it was")));
            }
        }
        // Without its journal the folder is only rubbish, even if we are killed before it is gone.
        fs::remove_file(folder.join(JOURNAL)).context("cannot remove the journal")?;
        clear(&root, &folder);
        Ok(())
    }
}

fn put(root: &Path, folder: &Path, i: usize, file: &str, remains: bool) -> anyhow::Result<()> {
    let target = root.join(file);
    if !remains {
        return match target.exists() {
            true => Ok(fs::remove_file(&target)?),
            false => Ok(()),
        };
    }
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::rename(folder.join(format!("{i}.new")), &target)?)
}

/// Puts every file back as the journal remembers it.
fn back(root: &Path, folder: &Path, entries: &[Entry]) -> anyhow::Result<()> {
    for (i, Entry { file, existed, remains: _ }) in entries.iter().enumerate() {
        let target = root.join(file);
        let kept = folder.join(format!("{i}.old"));
        if *existed {
            // A copy, and then a move, so that being killed here is no loss either.
            let beside = folder.join(format!("{i}.back"));
            fs::copy(&kept, &beside).with_context(|| format!("cannot restore {file}"))?;
            fs::rename(&beside, &target).with_context(|| format!("cannot restore {file}"))?;
        } else if target.exists() {
            fs::remove_file(&target).with_context(|| format!("cannot remove {file}"))?;
            remove_empty(root, target.parent());
        }
    }
    fs::remove_file(folder.join(JOURNAL)).context("cannot remove the journal")?;
    clear(root, folder);
    Ok(())
}

/// Undoes what a killed run left half done. Returns the files that were put back.
pub fn recover(root: &Path) -> anyhow::Result<Vec<String>> {
    let Ok(folders) = fs::read_dir(root.join(FOLDER)) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for folder in folders.filter_map(Result::ok).map(|it| it.path()) {
        match fs::read_to_string(folder.join(JOURNAL)) {
            Ok(journal) => {
                let entries: Vec<Entry> = serde_json::from_str(&journal)
                    .with_context(|| format!("cannot read {}", folder.join(JOURNAL).display()))?;
                back(root, &folder, &entries)?;
                out.extend(entries.into_iter().map(|it| it.file));
            }
            Err(_) => clear(root, &folder),
        }
    }
    let _ = fs::remove_dir(root.join(FOLDER));
    Ok(out)
}

fn clear(root: &Path, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    let _ = fs::remove_dir(root.join(FOLDER));
}

fn remove_empty(root: &Path, folder: Option<&Path>) {
    for folder in folder.into_iter().flat_map(Path::ancestors).take_while(|it| *it != root) {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;

    fn tree() -> (tempfile::TempDir, Transaction) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("specs")).unwrap();
        fs::write(root.path().join("specs/a"), "a").unwrap();
        fs::write(root.path().join("specs/b"), "b").unwrap();
        let mut transaction = Transaction::default();
        transaction.write("specs/a", "new a");
        transaction.remove("specs/b");
        transaction.write("specs/deep/c", "c");
        (root, transaction)
    }

    fn seen(root: &Path) -> Vec<String> {
        let mut out = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    out.push(path.strip_prefix(root).unwrap().display().to_string());
                    folders.push(path);
                } else {
                    let text = fs::read_to_string(&path).unwrap();
                    out.push(format!("{}={text}", path.strip_prefix(root).unwrap().display()));
                }
            }
        }
        out.sort();
        out
    }

    #[test]
    fn commit_changes_everything_and_leaves_nothing_else() {
        let (root, transaction) = tree();
        transaction.stage(root.path()).unwrap().commit().unwrap();
        assert_eq!(seen(root.path()), ["specs", "specs/a=new a", "specs/deep", "specs/deep/c=c"]);
    }

    #[test]
    fn killed_at_any_point_the_tree_is_as_before() {
        let before = seen(tree().0.path());
        for steps in 0..=3 {
            let (root, transaction) = tree();
            let staged = transaction.stage(root.path()).unwrap();
            if steps < 3 {
                staged.commit_until(steps).unwrap_err();
            } else {
                // Killed before the journal: the staged files are all there is.
                std::mem::forget(staged);
            }
            recover(root.path()).unwrap();
            assert_eq!(seen(root.path()), before, "{steps}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_undoes_the_others() {
        let (root, mut transaction) = tree();
        transaction.write("specs/a/below-a-file", "x");
        let before = seen(root.path());
        let error = transaction.stage(root.path()).unwrap().commit().unwrap_err();
        assert!(error.to_string().contains("everything is as it was"), "{error}");
        assert_eq!(seen(root.path()), before);
    }
}
