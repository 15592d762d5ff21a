//! A copy of the parts of the workspace that the commands read and write.

use conversations_codegen::generate;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use xtask::{Outcome, update};

pub(crate) struct Workspace {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Result<Outcome, String>,
    pub(crate) out: String,
}

impl Workspace {
    /// The real workspace without what takes long to copy and nobody reads.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("workspace");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for part in [
            "specs",
            "src",
            "tests/it/snapshots",
            "tests/generated/Cargo.toml",
            "examples/Cargo.toml",
            "examples/axum-bot/Cargo.toml",
            "crates",
            "xtask/Cargo.toml",
            "build.rs",
            "Cargo.toml",
            "README.md",
            "docs/rules.md",
        ] {
            copy(&from.join(part), &root.join(part));
        }
        Self { _folder: folder, root }
    }

    /// A workspace of two providers that no vendor changes, `acme` and its twin `emca`, as `check --fix` leaves it.
    pub(crate) fn small() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("workspace");
        let workspace = Self { _folder: folder, root };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acme");
        fs::create_dir_all(workspace.root.join("tests/it/snapshots")).unwrap();
        for name in ["acme", "emca"] {
            copy(&from, &workspace.root.join("specs").join(name));
            if name != "acme" {
                workspace.edit("specs/emca/provider.yaml", "provider: acme", "provider: emca");
            }
            workspace.accept(name);
        }
        workspace
    }

    /// Writes what follows from a provider's folder.
    fn accept(&self, name: &str) {
        let sources = xtask::root::sources(&self.root, name).unwrap();
        let origin = update::Origin {
            origin: "the tests".to_owned(),
            revision: "1.0".to_owned(),
            sha256: update::hash(&sources.openapi.text),
            date: "2026-01-01".to_owned(),
            etag: None,
        };
        let made = generate(&sources);
        let made = made.unwrap_or_else(|faults| panic!("{faults}"));
        self.write(&format!("specs/{name}/source.yaml"), &update::source_yaml(&origin).unwrap());
        self.write(&format!("specs/{name}/CHANGELOG.md"), &update::first_entry(name, &origin));
        for (file, page) in update::pages(name, &made) {
            self.write(&file, &update::snapshot(None, &page));
        }
    }

    pub(crate) fn workspace(&self) -> xtask::Workspace {
        xtask::Workspace { root: self.root.clone(), cwd: self.root.parent().unwrap().to_owned() }
    }

    /// A file beside the workspace.
    pub(crate) fn beside(&self, name: &str, text: &str) -> String {
        let path = self.root.parent().unwrap().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        name.to_owned()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap_or_else(|it| panic!("{file}: {it}"))
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.root.join(file), text).unwrap();
    }

    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, &text.replace(from, to));
    }

    /// Every file and what is in it.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, String> {
        let mut out = BTreeMap::new();
        let mut todo = vec![self.root.clone()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                } else {
                    out.insert(path.clone(), fs::read_to_string(&path).unwrap());
                }
            }
        }
        out
    }

    pub(crate) fn update(&self, providers: &[&str], request: &update::Request) -> Answer {
        let providers: Vec<String> = providers.iter().map(|it| (*it).to_owned()).collect();
        let mut request = request.clone();
        request.today = "2026-01-31".to_owned();
        self.run(|workspace, out, err| {
            update::update_spec(workspace, &providers, &request, out, err)
        })
    }

    pub(crate) fn run(
        &self,
        command: impl FnOnce(&xtask::Workspace, &mut Vec<u8>, &mut Vec<u8>) -> anyhow::Result<Outcome>,
    ) -> Answer {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let outcome =
            command(&self.workspace(), &mut out, &mut err).map_err(|it| format!("{it:#}"));
        let out = String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap();
        Answer { outcome, out }
    }
}

impl Answer {
    pub(crate) fn fine(self) -> String {
        assert_eq!(self.outcome, Ok(Outcome::Fine), "{}", self.out);
        self.out
    }

    pub(crate) fn error(self) -> String {
        self.outcome.unwrap_err()
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            // Snapshots that wait are the maintainer's, not the test's.
            if !entry.file_name().to_string_lossy().ends_with(".snap.new") {
                copy(&entry.path(), &to.join(entry.file_name()));
            }
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}
