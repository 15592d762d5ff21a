//! Several files written together or not at all.
//!
//! Everything is first written beside the tree, then noted in a journal with a copy of what it replaces and the hashes
//! of both, then moved into place. Whoever finds a journal at the next start puts the old files back, so that a kill at
//! any point leaves the tree as it was. A file that is neither what it was nor what was being written has been edited
//! since, and is left alone. All of this happens under a lock, so that nobody undoes a run that is alive.

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The folder, below the root and hence on the same file system, that holds what is under way.
const FOLDER: &str = ".xtask";
const JOURNAL: &str = "journal.json";
const LOCK: &str = "lock";
/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write in a workspace, given to one process at a time and back when it is dropped, or when the process
/// ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    root: PathBuf,
    file: File,
}

impl Lock {
    /// Waits a few seconds for another process to end.
    pub fn take(root: &Path) -> anyhow::Result<Self> {
        Self::take_within(root, PATIENCE)
    }

    fn take_within(root: &Path, patience: Duration) -> anyhow::Result<Self> {
        let end = Instant::now() + patience;
        let folder = root.join(FOLDER);
        let path = folder.join(LOCK);
        loop {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            match held(&path, true) {
                Ok(Some(mut file)) => {
                    // For the message that others print.
                    let _ = file.set_len(0);
                    let _ = write!(file, "{}", std::process::id());
                    return Ok(Self { root: root.to_owned(), file });
                }
                Ok(None) => {}
                // Whoever had it has just taken the folder away.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
            if Instant::now() >= end {
                bail!("{}", busy(&path));
            }
            thread::sleep(PAUSE);
        }
    }

    /// Undoes what a killed run left half done.
    pub fn recover(&self) -> anyhow::Result<Undone> {
        let mut out = Undone::default();
        for folder in folders(&self.root) {
            match journal(&folder)? {
                Some(entries) => back(&self.root, &folder, entries, &mut out)?,
                None => clear(&self.root, &folder),
            }
        }
        Ok(out)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still ours; who has opened it by now notices that it is gone.
        let folder = self.root.join(FOLDER);
        let _ = fs::remove_file(folder.join(LOCK));
        let _ = unlock(&self.file);
        let _ = fs::remove_dir(folder);
    }
}

fn busy(path: &Path) -> String {
    let mut who = String::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(20).read_to_string(&mut who);
    }
    let who = match who.parse::<u32>() {
        Ok(id) => format!("process {id}"),
        Err(_) => path.display().to_string(),
    };
    format!("another cargo xtask is at work in this workspace ({who}); wait for it")
}

/// The lock file, if nobody else holds it.
#[cfg(unix)]
fn held(path: &Path, create: bool) -> std::io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    use std::os::unix::fs::MetadataExt as _;
    let file =
        OpenOptions::new().read(true).write(true).create(create).truncate(false).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Who had it before took the name away with it, so this may be a file that nobody else can find.
    let (ours, named) = (file.metadata()?, fs::metadata(path)?);
    Ok(((ours.dev(), ours.ino()) == (named.dev(), named.ino())).then_some(file))
}

#[cfg(unix)]
fn unlock(file: &File) -> std::io::Result<()> {
    Ok(rustix::fs::flock(file, rustix::fs::FlockOperation::Unlock)?)
}

/// The lock file, if nobody else holds it: here an open file can be kept from others.
#[cfg(windows)]
fn held(path: &Path, create: bool) -> std::io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const SHARING_VIOLATION: i32 = 32;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).truncate(false).share_mode(0);
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(windows)]
fn unlock(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// What was undone of a killed run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The files that are as they were again.
    pub restored: Vec<String>,
    /// The files that were left as they are, since somebody has edited them since.
    pub left: Vec<String>,
}

impl Undone {
    /// What to tell about it.
    pub fn notes(&self) -> Vec<String> {
        let Self { restored, left } = self;
        let mut out = Vec::new();
        if !restored.is_empty() {
            let files = restored.join(", ");
            out.push(format!("a command that was killed has been undone: {files}"));
        }
        let left = left.iter().map(|file| {
            format!("a command that was killed was writing {file}, which has been edited since; left as it is")
        });
        out.extend(left);
        out
    }
}

/// The files that [`Lock::recover`] would look at.
pub fn pending(root: &Path) -> anyhow::Result<Vec<String>> {
    let path = root.join(FOLDER).join(LOCK);
    let end = Instant::now() + PATIENCE;
    // The journal of a run that is alive is none to be undone.
    while let Ok(None) = held(&path, false) {
        if Instant::now() >= end {
            bail!("{}", busy(&path));
        }
        thread::sleep(PAUSE);
    }
    let mut out = Vec::new();
    for folder in folders(root) {
        out.extend(journal(&folder)?.into_iter().flatten().map(|it| it.file));
    }
    Ok(out)
}

/// What is under way, or was.
fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root.join(FOLDER)) else { return Vec::new() };
    entries.filter_map(Result::ok).map(|it| it.path()).filter(|it| it.is_dir()).collect()
}

/// The journal of a run that got as far as writing one.
fn journal(folder: &Path) -> anyhow::Result<Option<Vec<Entry>>> {
    let path = folder.join(JOURNAL);
    let cannot = || format!("cannot read {}", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).with_context(cannot)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(cannot),
    }
}

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
    /// The hash of what it held, if it existed; then a copy of it is kept.
    old: Option<String>,
    /// The hash of what it holds afterwards, if it exists then.
    new: Option<String>,
}

impl Transaction {
    /// Writes `text` to `file`, a path below the root.
    pub fn write(&mut self, file: impl Into<String>, text: impl Into<String>) {
        self.push(file.into(), Some(text.into()));
    }

    /// Removes `file` if it is there.
    pub fn remove(&mut self, file: impl Into<String>) {
        self.push(file.into(), None);
    }

    /// The last word on a file counts.
    fn push(&mut self, file: String, text: Option<String>) {
        self.changes.retain(|(it, _)| *it != file);
        self.changes.push((file, text));
    }

    /// The files that are written or removed.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().map(|(file, _)| file.as_str())
    }

    /// Writes everything beside the tree, under a lock of its own.
    pub fn stage(self, root: &Path) -> anyhow::Result<Staged> {
        let lock = Lock::take(root)?;
        let staged = self.stage_under(&lock)?;
        Ok(Staged { lock: Some(lock), ..staged })
    }

    /// Writes everything beside the tree, under a lock that the caller holds until it is committed.
    pub fn stage_under(self, lock: &Lock) -> anyhow::Result<Staged> {
        let root = lock.root.as_path();
        let parent = root.join(FOLDER);
        fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let folder = tempfile::Builder::new()
            .prefix("update-")
            .tempdir_in(&parent)
            .with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        let mut entries = Vec::new();
        for (i, (file, text)) in self.changes.into_iter().enumerate() {
            let target = root.join(&file);
            let old = present(&target).with_context(|| format!("cannot copy {file}"))?;
            if old.is_some() {
                fs::copy(&target, folder.path().join(format!("{i}.old")))
                    .with_context(|| format!("cannot copy {file}"))?;
            }
            if let Some(text) = &text {
                write(&folder.path().join(format!("{i}.new")), text)
                    .with_context(|| format!("cannot write {file}"))?;
            }
            entries.push(Entry { file, old, new: text.as_deref().map(hash) });
        }
        Ok(Staged { root: root.to_owned(), folder, entries, lock: None })
    }
}

/// Files that are written, but not where they belong.
#[derive(Debug)]
pub struct Staged {
    root: PathBuf,
    folder: tempfile::TempDir,
    entries: Vec<Entry>,
    /// The lock, where the caller holds none.
    lock: Option<Lock>,
}

impl Staged {
    /// Moves everything into place.
    pub fn commit(self) -> anyhow::Result<()> {
        self.commit_until(usize::MAX)
    }

    /// As [`commit`](Self::commit), but as if killed after `steps` files.
    fn commit_until(self, steps: usize) -> anyhow::Result<()> {
        let Self { root, folder, entries, lock: _lock } = self;
        // From here on the folder must outlive us: it is the way back.
        let folder = folder.keep();
        let journal = serde_json::to_string(&entries)?;
        write(&folder.join("journal.tmp"), &journal).context("cannot write the journal")?;
        fs::rename(folder.join("journal.tmp"), folder.join(JOURNAL))
            .context("cannot write the journal")?;
        for (i, Entry { file, old: _, new }) in entries.iter().enumerate() {
            if i >= steps {
                bail!("stopped after {steps} files");
            }
            let moved = put(&root, &folder, i, file, new.is_some());
            if let Err(error) = moved {
                let error = error.context(format!("cannot write {file}; everything is as it was"));
                back(&root, &folder, entries, &mut Undone::default())?;
                return Err(error);
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

/// Puts every file back as the journal remembers it, unless somebody has changed it since.
fn back(root: &Path, folder: &Path, entries: Vec<Entry>, out: &mut Undone) -> anyhow::Result<()> {
    for (i, Entry { file, old, new }) in entries.into_iter().enumerate() {
        let target = root.join(&file);
        let is = present(&target).with_context(|| format!("cannot restore {file}"))?;
        if is == old {
            continue;
        }
        if is != new {
            out.left.push(file);
            continue;
        }
        if old.is_some() {
            // A copy, and then a move, so that being killed here is no loss either.
            let (kept, beside) =
                (folder.join(format!("{i}.old")), folder.join(format!("{i}.back")));
            fs::copy(&kept, &beside).with_context(|| format!("cannot restore {file}"))?;
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).with_context(|| format!("cannot restore {file}"))?;
            }
            fs::rename(&beside, &target).with_context(|| format!("cannot restore {file}"))?;
        } else {
            fs::remove_file(&target).with_context(|| format!("cannot remove {file}"))?;
            remove_empty(root, target.parent());
        }
        out.restored.push(file);
    }
    fs::remove_file(folder.join(JOURNAL)).context("cannot remove the journal")?;
    clear(root, folder);
    Ok(())
}

/// The hash of what a file holds, if it is there.
fn present(path: &Path) -> std::io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(hash(&bytes))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The SHA-256 in hexadecimal digits.
fn hash(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
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
                let Staged { folder, lock, .. } = staged;
                drop(lock);
                let _ = folder.keep();
            }
            Lock::take(root.path()).unwrap().recover().unwrap();
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

    #[test]
    fn a_file_that_was_edited_after_the_kill_is_left_alone() {
        let (root, mut transaction) = tree();
        transaction.write("specs/z", "never written");
        transaction.stage(root.path()).unwrap().commit_until(3).unwrap_err();
        let file = |name: &str| root.path().join("specs").join(name);
        // One by hand, one as before by `git checkout`, one not at all.
        fs::write(file("a"), "later work").unwrap();
        fs::write(file("b"), "b").unwrap();
        assert_eq!(
            pending(root.path()).unwrap(),
            ["specs/a", "specs/b", "specs/deep/c", "specs/z"]
        );
        let undone = Lock::take(root.path()).unwrap().recover().unwrap();
        assert_eq!(undone.restored, ["specs/deep/c"]);
        assert_eq!(undone.left, ["specs/a"]);
        assert!(
            undone.notes().iter().any(|it| it.contains("specs/a, which has been edited since"))
        );
        assert_eq!(seen(root.path()), ["specs", "specs/a=later work", "specs/b=b"]);
    }

    #[test]
    fn one_process_writes_at_a_time() {
        let (root, transaction) = tree();
        let lock = Lock::take(root.path()).unwrap();
        let error = Lock::take_within(root.path(), Duration::ZERO).unwrap_err().to_string();
        let who = format!("(process {}); wait for it", std::process::id());
        assert!(error.contains("another cargo xtask") && error.contains(&who), "{error}");
        transaction.stage_under(&lock).unwrap().commit().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::take(root.path()).map(drop));
            drop(lock);
            waiting.join().unwrap().unwrap();
        });
        assert!(!root.path().join(FOLDER).exists());
    }
}
