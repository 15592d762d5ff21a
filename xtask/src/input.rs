//! Where a document is read from: a file, an address, or a revision in git.

use crate::fetch::{self, Fetched, Session};
use anyhow::{Context as _, bail};
use std::{
    fmt, fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
    process::Command,
};
use url::Url;

/// Folders above a document that may hold its other files where neither a repository nor another given file says so.
const LEVELS: usize = 3;
/// The largest file that is read.
const MAX_BYTES: u64 = fetch::MAX_BYTES;

/// A document's main file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file on this machine.
    File {
        /// The name as it was given.
        shown: String,
        /// Where it is.
        path: PathBuf,
        /// The files that were given with it.
        with: Vec<PathBuf>,
    },
    /// What is piped in, as if it stood in this folder.
    Stdin {
        /// The folder.
        folder: PathBuf,
    },
    /// A file on a server.
    Url(Url),
    /// A file of a revision, as `git show` names it.
    Git {
        /// The folder in which git runs.
        folder: PathBuf,
        /// The revision.
        revision: String,
        /// The path, from the root of the repository.
        path: String,
    },
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Read {
    /// The text.
    pub text: String,
    /// The server's name for this revision of it.
    pub etag: Option<String>,
    /// Where the server had it in the end, redirects followed.
    pub url: Option<Url>,
}

/// Another file of a document.
#[derive(Debug, Clone)]
pub struct Part {
    /// The text.
    pub text: String,
    /// The folder that a redirect led to, where it is another one.
    pub moved: Option<Url>,
}

impl Input {
    /// Understands an argument: an address, an existing file, `REV:path`, or `-` for standard input.
    pub fn parse(text: &str, cwd: &Path) -> anyhow::Result<Self> {
        if text == "-" {
            return Ok(Input::Stdin { folder: cwd.to_owned() });
        }
        if fetch::is_url(text) {
            return fetch::check(text).map(Input::Url);
        }
        if let Some(scheme) = fetch::foreign_scheme(text) {
            bail!("{scheme} addresses are not read, only https (http to loopback) or a path");
        }
        let path = cwd.join(text);
        if let Ok(metadata) = fs::metadata(&path) {
            if !metadata.is_file() {
                bail!("`{text}` is {}; give a file", kind(&metadata));
            }
            return Ok(Input::File { shown: text.to_owned(), path, with: Vec::new() });
        }
        if let Some((revision, file)) = text.split_once(':').filter(|(it, _)| is_revision(it)) {
            let prefix = git(cwd, &["rev-parse", "--show-prefix"]).with_context(|| {
                format!("there is no file `{text}`, and as REV:path it needs git")
            })?;
            // As git has it: from the root of the repository, unless it starts with a dot.
            let path = match file.starts_with('.') {
                true => normal(&format!("{}{file}", prefix.trim())),
                false => normal(file),
            };
            let path = path.with_context(|| format!("`{file}` is outside the repository"))?;
            let revision = revision.to_owned();
            return Ok(Input::Git { folder: cwd.to_owned(), revision, path });
        }
        bail!("there is no file `{text}`; give a file, an https address, or git's REV:path");
    }

    /// The same input where other files are given with it: they may share a folder.
    pub fn given_with(mut self, files: impl IntoIterator<Item = PathBuf>) -> Self {
        if let Input::File { with, .. } = &mut self {
            with.extend(files);
        }
        self
    }

    /// The main file.
    pub fn read(&self, session: &Session) -> anyhow::Result<Read> {
        match self.read_unless(None, session)? {
            Some(read) => Ok(read),
            None => bail!("{self} was not sent"),
        }
    }

    /// The main file; nothing where the server says that it is the one called `etag`.
    pub fn read_unless(
        &self,
        etag: Option<&str>,
        session: &Session,
    ) -> anyhow::Result<Option<Read>> {
        let here = |text| Ok(Some(Read { text, etag: None, url: None }));
        match self {
            Input::File { shown, path, with: _ } => {
                here(read(path).with_context(|| format!("cannot read {shown}"))?)
            }
            Input::Stdin { .. } => {
                here(text(std::io::stdin()).context("cannot read from standard input")?)
            }
            Input::Url(url) => match fetch::fetch(url, etag, session)? {
                Fetched::NotModified => Ok(None),
                Fetched::Text { text, etag, url } => Ok(Some(Read { text, etag, url: Some(url) })),
            },
            Input::Git { folder, revision, path } => here(show(folder, revision, path)?),
        }
    }

    /// The folder that the document and its other files share, and the main file's path in it.
    pub fn base(&self) -> anyhow::Result<(Base, String)> {
        match self {
            Input::File { shown, path, with } => {
                let path =
                    fs::canonicalize(path).with_context(|| format!("cannot read {shown}"))?;
                let folder = path.parent().unwrap_or(Path::new("/"));
                let base = project(folder, with);
                let name = path.strip_prefix(&base).unwrap_or(&path);
                let name = name.to_string_lossy().replace('\\', "/");
                Ok((Base::Folder(base), name))
            }
            Input::Stdin { folder } => {
                Ok((Base::Folder(fs::canonicalize(folder)?), "-".to_owned()))
            }
            Input::Url(url) => {
                let mut base = url.clone();
                base.set_path("/");
                base.set_query(None);
                base.set_fragment(None);
                Ok((Base::Site(base), url.path().trim_start_matches('/').to_owned()))
            }
            Input::Git { folder, revision, path } => {
                let base = Base::Tree { folder: folder.clone(), revision: revision.clone() };
                Ok((base, path.clone()))
            }
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::File { shown, .. } => f.write_str(shown),
            Input::Stdin { .. } => f.write_str("standard input"),
            Input::Url(url) => url.fmt(f),
            Input::Git { folder: _, revision, path } => write!(f, "{revision}:{path}"),
        }
    }
}

/// Where the other files of a document may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Below a folder.
    Folder(PathBuf),
    /// On the same server.
    Site(Url),
    /// In the same revision.
    Tree {
        /// The folder in which git runs.
        folder: PathBuf,
        /// The revision.
        revision: String,
    },
}

impl Base {
    /// A file by its path below the base.
    pub fn read(&self, name: &str, session: &Session) -> anyhow::Result<Part> {
        let name = normal(name).with_context(|| format!("`{name}` is outside {self}"))?;
        let here = |text| Ok(Part { text, moved: None });
        match self {
            Base::Folder(folder) => {
                let path = folder.join(&name);
                let path =
                    fs::canonicalize(&path).with_context(|| format!("cannot read {name}"))?;
                if !path.starts_with(folder) {
                    bail!("`{name}` leads out of {self} by a link");
                }
                here(read(&path).with_context(|| format!("cannot read {name}"))?)
            }
            Base::Site(site) => {
                let url = site.join(&name).with_context(|| format!("`{name}` is not a path"))?;
                let url = fetch::check(url.as_str())?;
                if url.origin() != site.origin() {
                    bail!("`{name}` leads to another server than {self}");
                }
                match fetch::fetch(&url, None, session)? {
                    Fetched::Text { text, etag: _, url: end } => {
                        let moved = url.join(".").ok() != end.join(".").ok();
                        Ok(Part { text, moved: moved.then_some(end) })
                    }
                    Fetched::NotModified => bail!("{url} was not sent"),
                }
            }
            Base::Tree { folder, revision } => here(show(folder, revision, &name)?),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Folder(folder) => folder.display().fmt(f),
            Base::Site(site) => site.fmt(f),
            Base::Tree { folder: _, revision } => f.write_str(revision),
        }
    }
}

/// The folder that a document's files may share: its repository, else the folder that it has in common with the files
/// given `with` it, else a few levels up; never the whole machine or a whole home.
fn project(folder: &Path, with: &[PathBuf]) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let fits = |it: &Path| it.parent().is_some() && home.as_deref() != Some(it);
    let above: Vec<&Path> = folder.ancestors().take_while(|it| fits(it)).collect();
    let repository = above.iter().find(|it| it.join(".git").exists());
    let with: Vec<PathBuf> = with.iter().filter_map(|it| fs::canonicalize(it).ok()).collect();
    let common = || above.iter().find(|it| with.iter().all(|file| file.starts_with(it)));
    let common = || common().filter(|_| !with.is_empty());
    let near = || above.get(LEVELS.min(above.len().saturating_sub(1)));
    repository.or_else(common).or_else(near).map_or(folder, |it| it).to_owned()
}

/// A relative path without `.` and `..`; nothing where it leads out.
pub fn normal(path: &str) -> Option<String> {
    let mut out: Vec<&str> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(it) => out.push(it.to_str()?),
            Component::ParentDir => {
                out.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!out.is_empty()).then(|| out.join("/"))
}

/// What kind of thing a name is, where it is not a file.
fn kind(metadata: &fs::Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a named pipe (FIFO)";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if metadata.is_dir() { "a folder" } else { "no regular file" }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        // Opening one of the others may wait for ever.
        bail!("it is {}; a file is wanted", kind(&metadata));
    }
    text(fs::File::open(path)?)
}

fn text(from: impl std::io::Read) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    // Some files grow while they are read, and some say that they are empty.
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("it has more than {MAX_BYTES} bytes");
    }
    String::from_utf8(bytes).ok().context("it is not UTF-8 text; save it as UTF-8")
}

/// Whether git could read this as a revision; never as an option.
fn is_revision(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace)
}

fn show(folder: &Path, revision: &str, path: &str) -> anyhow::Result<String> {
    git(folder, &["show", "--no-textconv", "--end-of-options", &format!("{revision}:{path}")])
        .with_context(|| format!("cannot read {revision}:{path} from git"))
}

/// What git prints.
pub fn git(folder: &Path, args: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new("git").arg("-C").arg(folder).args(args).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("git says: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).ok().context("git's output is not UTF-8 text")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that panics is a test that fails.
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let cases = [
            ("a/../b.yaml", Some("b.yaml")),
            ("./a/./b.yaml", Some("a/b.yaml")),
            ("../b.yaml", None),
            ("a/../../b.yaml", None),
            ("/etc/passwd", None),
            (".", None),
        ];
        for (path, want) in cases {
            assert_eq!(normal(path).as_deref(), want, "{path}");
        }
    }

    #[test]
    fn arguments_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), "openapi: 3.0.0").unwrap();
        assert!(matches!(Input::parse("a.yaml", folder.path()), Ok(Input::File { .. })));
        assert!(matches!(Input::parse("https://example.com/a", folder.path()), Ok(Input::Url(_))));
        for refused in
            ["b.yaml", "http://example.com/a", "https://u:p@example.com/", "-x:a.yaml", "ftp://a/b"]
        {
            assert!(Input::parse(refused, folder.path()).is_err(), "{refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.yaml");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::create_dir(folder.path().join("folder")).unwrap();
        for (name, says) in [("pipe.yaml", "named pipe"), ("folder", "a folder")] {
            let error = Input::parse(name, folder.path()).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("there is no file"), "{error}");
            let base = Base::Folder(fs::canonicalize(folder.path()).unwrap());
            let error = base.read(name, &Session::default()).unwrap_err();
            assert!(format!("{error:#}").contains(says), "{error:#}");
        }
        let error = Input::parse("ftp://a/b", folder.path()).unwrap_err().to_string();
        assert!(error.contains("only https (http to loopback) or a path"), "{error}");
    }
}
