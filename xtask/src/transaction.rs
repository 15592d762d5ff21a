//! Several files written together or not at all.
//!
//! What a run is about to write, and what was there before, is first noted in a journal; then the files are written one
//! by one, and then the journal is removed. Whoever finds a journal at the next start puts back what it remembers, so
//! that a kill at any point leaves the tree as it was. A file that is neither what it was nor what was being written has
//! been edited since, and is left alone. All of this happens under a lock, so that nobody undoes a run that is alive.

use anyhow::{Context as _, bail};
use fs4::{FileExt, TryLockError};
use same_file::Handle;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read as _, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The folder, below the root and hence on the same file system, that holds what is under way.
const FOLDER: &str = ".xtask";
const JOURNAL: &str = "journal.json";
const LOCK: &str = "lock";
/// A file on its way to its place.
const NEXT: &str = "next";
/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write in a workspace, given to one process at a time and back when it is dropped, or when the process
/// ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    root: PathBuf,
    /// Locked as long as it is open.
    _file: File,
}

impl Lock {
    /// Waits a few seconds for another process to end.
    pub fn take(root: &Path) -> anyhow::Result<Self> {
        Self::take_within(root, PATIENCE)
    }

    /// Takes it for a command that writes, and says what had to be undone first.
    pub fn take_and_recover(root: &Path, err: &mut dyn Write) -> anyhow::Result<Self> {
        let lock = Self::take(root)?;
        for note in lock.recover()?.notes() {
            writeln!(err, "note: {note}")?;
        }
        Ok(lock)
    }

    fn take_within(root: &Path, patience: Duration) -> anyhow::Result<Self> {
        let folder = root.join(FOLDER);
        let mut file = wait(&folder.join(LOCK), patience, || {
            fs::create_dir_all(&folder)?;
            locked(&folder.join(LOCK), true)
        })?;
        // For the message that others print.
        let _ = file.set_len(0);
        let _ = write!(file, "{}", std::process::id());
        Ok(Self { root: root.to_owned(), _file: file })
    }

    /// Undoes what a killed run left half done.
    pub fn recover(&self) -> anyhow::Result<Undone> {
        let _ = fs::remove_file(self.root.join(FOLDER).join(NEXT));
        match journal(&self.root)? {
            Some(journal) => back(&self.root, journal),
            None => Ok(Undone::default()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked: who has opened it by now notices that it is gone.
        let folder = self.root.join(FOLDER);
        let _ = fs::remove_file(folder.join(LOCK));
        let _ = fs::remove_dir(folder);
    }
}

/// Asks for the lock until nobody else holds it.
fn wait<T>(
    path: &Path,
    patience: Duration,
    lock: impl Fn() -> io::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + patience;
    loop {
        match lock() {
            Ok(Some(it)) => return Ok(it),
            // Held, or just taken away by whoever held it.
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        if Instant::now() >= end {
            let mut who = String::new();
            let read = File::open(path).and_then(|it| it.take(20).read_to_string(&mut who));
            let who = match read.ok().and_then(|_| who.parse::<u32>().ok()) {
                Some(id) => format!("process {id}"),
                None => path.display().to_string(),
            };
            bail!("another cargo xtask is at work in this workspace ({who}); wait for it");
        }
        thread::sleep(PAUSE);
    }
}

/// The lock file, if nobody else holds it.
fn locked(path: &Path, create: bool) -> io::Result<Option<File>> {
    let file =
        OpenOptions::new().read(true).write(true).create(create).truncate(false).open(path)?;
    match FileExt::try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Who had it before took the name away with it, so this may be a file that nobody else can find.
    let is_named = Handle::from_file(file.try_clone()?)? == Handle::from_path(path)?;
    Ok(is_named.then_some(file))
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
    /// What to say about it.
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
    // The journal of a run that is alive is none to be undone.
    wait(&path, PATIENCE, || match locked(&path, false) {
        // Nobody holds what is not there.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(())),
        other => Ok(other?.map(drop)),
    })?;
    Ok(journal(root)?.into_iter().flatten().map(|(file, _)| file).collect())
}

/// What was and what is to be of each file, by its path below the root; nothing where there is no file.
type Journal = BTreeMap<String, Change>;

#[derive(Debug, Serialize, Deserialize)]
struct Change {
    old: Option<Content>,
    new: Option<Content>,
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    /// What is not UTF-8.
    Bytes(Vec<u8>),
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The journal of a run that got as far as writing one.
fn journal(root: &Path) -> anyhow::Result<Option<Journal>> {
    let path = root.join(FOLDER).join(JOURNAL);
    let cannot = || format!("cannot read {}", path.display());
    let Some(text) = present(&path).with_context(cannot)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(text.bytes()).with_context(cannot)?))
}

/// What is to be written: each file with its text, or without one where it is to be removed.
#[derive(Debug, Default)]
pub struct Transaction {
    changes: BTreeMap<String, Option<Content>>,
}

impl Transaction {
    /// Writes `text` to `file`, a path below the root. The last word on a file counts.
    pub fn write(&mut self, file: impl Into<String>, text: impl Into<String>) {
        self.changes.insert(file.into(), Some(Content::Text(text.into())));
    }

    /// Removes `file` if it is there.
    pub fn remove(&mut self, file: impl Into<String>) {
        self.changes.insert(file.into(), None);
    }

    /// The files that are written or removed.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.changes.keys().map(String::as_str)
    }

    /// Writes everything, or nothing where something of it cannot be written.
    pub fn commit(self, lock: &Lock) -> anyhow::Result<()> {
        self.commit_until(lock, usize::MAX)
    }

    /// As [`commit`](Self::commit), but as if killed after `steps` files.
    fn commit_until(self, lock: &Lock, steps: usize) -> anyhow::Result<()> {
        let root = lock.root.as_path();
        let mut journal = Journal::new();
        for (file, new) in self.changes {
            let old = present(&root.join(&file)).with_context(|| format!("cannot read {file}"))?;
            journal.insert(file, Change { old, new });
        }
        let text = Content::Text(serde_json::to_string(&journal)?);
        put(root, &format!("{FOLDER}/{JOURNAL}"), Some(&text))
            .context("cannot write the journal")?;
        for (i, (file, change)) in journal.iter().enumerate() {
            if i >= steps {
                bail!("stopped after {steps} files");
            }
            if let Err(error) = put(root, file, change.new.as_ref()) {
                let why = format!("cannot write {file}; everything is as it was");
                back(root, journal)?;
                return Err(error).context(why);
            }
        }
        close(root)
    }
}

/// Puts every file back as the journal remembers it, unless somebody has changed it since.
fn back(root: &Path, journal: Journal) -> anyhow::Result<Undone> {
    let mut out = Undone::default();
    for (file, Change { old, new }) in journal {
        let cannot = || format!("cannot restore {file}");
        let is = present(&root.join(&file)).with_context(cannot)?;
        if is == old {
            continue;
        }
        if is != new {
            out.left.push(file);
            continue;
        }
        put(root, &file, old.as_ref()).with_context(cannot)?;
        out.restored.push(file);
    }
    close(root)?;
    Ok(out)
}

/// Ends a run: without its journal, nothing is left to be undone.
fn close(root: &Path) -> anyhow::Result<()> {
    fs::remove_file(root.join(FOLDER).join(JOURNAL)).context("cannot remove the journal")
}

/// What a file holds, if it is there.
fn present(path: &Path) -> io::Result<Option<Content>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Bytes(error.into_bytes()),
        })),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Gives a file all of its content at once, or removes it, with folders that it leaves empty.
fn put(root: &Path, file: &str, content: Option<&Content>) -> io::Result<()> {
    let target = root.join(file);
    let folder = target.parent().unwrap_or(root);
    let Some(content) = content else {
        match fs::remove_file(&target) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let above = folder.ancestors().take_while(|it| *it != root);
        above.map(fs::remove_dir).take_while(Result::is_ok).for_each(drop);
        return Ok(());
    };
    fs::create_dir_all(folder)?;
    let next = root.join(FOLDER).join(NEXT);
    let mut file = File::create(&next)?;
    file.write_all(content.bytes())?;
    file.sync_all()?;
    fs::rename(&next, &target)
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
        transaction.commit(&Lock::take(root.path()).unwrap()).unwrap();
        assert_eq!(seen(root.path()), ["specs", "specs/a=new a", "specs/deep", "specs/deep/c=c"]);
    }

    #[test]
    fn killed_at_any_point_the_tree_is_as_before() {
        let before = seen(tree().0.path());
        for steps in 0..=3 {
            let (root, transaction) = tree();
            let lock = Lock::take(root.path()).unwrap();
            if steps < 3 {
                transaction.commit_until(&lock, steps).unwrap_err();
            } else {
                // Killed before the journal: a file that was to become it is all there is.
                fs::write(root.path().join(FOLDER).join(NEXT), "{").unwrap();
            }
            drop(lock);
            Lock::take(root.path()).unwrap().recover().unwrap();
            assert_eq!(seen(root.path()), before, "{steps}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_undoes_the_others() {
        let (root, mut transaction) = tree();
        transaction.write("specs/a/below-a-file", "x");
        let before = seen(root.path());
        let error = transaction.commit(&Lock::take(root.path()).unwrap()).unwrap_err();
        assert!(error.to_string().contains("everything is as it was"), "{error}");
        assert_eq!(seen(root.path()), before);
    }

    #[test]
    fn a_file_that_was_edited_after_the_kill_is_left_alone() {
        let (root, mut transaction) = tree();
        transaction.write("specs/z", "never written");
        let lock = Lock::take(root.path()).unwrap();
        transaction.commit_until(&lock, 3).unwrap_err();
        drop(lock);
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
        transaction.commit(&lock).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::take(root.path()).map(drop));
            drop(lock);
            waiting.join().unwrap().unwrap();
        });
        assert!(!root.path().join(FOLDER).exists());
    }
}
