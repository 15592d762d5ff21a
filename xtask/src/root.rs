//! Where the workspace is, and what is in it.

use anyhow::{Context as _, bail};
use conversations_codegen::load::{self, Sources};
use conversations_document::load::Text;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The root of the workspace: the package that cargo runs, else upwards from where we are, else upwards
/// from the program itself, since scripts call it by its path.
pub fn find(cwd: &Path) -> anyhow::Result<PathBuf> {
    let starts = [
        env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        Some(cwd.to_owned()),
        env::current_exe().ok(),
        Some(PathBuf::from(env!("CARGO_MANIFEST_DIR"))),
    ];
    starts
        .iter()
        .flatten()
        .flat_map(|it| it.ancestors())
        .find(|it| is_root(it))
        .map(Path::to_owned)
        .context(format!(
            "cannot find the workspace above {}: run this inside a checkout, as `cargo xtask …`",
            cwd.display()
        ))
}

fn is_root(folder: &Path) -> bool {
    folder.join("specs").is_dir() && folder.join("crates/codegen/Cargo.toml").is_file()
}

/// The providers of the workspace, sorted.
pub fn providers(root: &Path) -> anyhow::Result<Vec<String>> {
    let specs = root.join("specs");
    let entries =
        fs::read_dir(&specs).with_context(|| format!("cannot read {}", specs.display()))?;
    Ok(load::providers(entries.flatten().map(|it| it.file_name()), reader(root)))
}

/// The provider asked for, or all of them.
pub fn chosen(root: &Path, name: Option<&str>) -> anyhow::Result<Vec<String>> {
    let all = providers(root)?;
    match name {
        None => Ok(all),
        Some(name) if all.iter().any(|it| it == name) => Ok(vec![name.to_owned()]),
        Some(name) => bail!("there is no provider `{name}`; there are: {}", all.join(", ")),
    }
}

/// The texts of a provider's folder.
pub fn sources(root: &Path, name: &str) -> anyhow::Result<Sources> {
    Ok(Sources::read(name, reader(root))?)
}

/// A file below the root, under the name that messages show; nothing where it does not exist.
pub fn text(root: &Path, file: &str) -> anyhow::Result<Option<Text>> {
    Ok(load::text(file, reader(root))?)
}

fn reader(root: &Path) -> impl Fn(&str) -> io::Result<String> {
    move |file| fs::read_to_string(root.join(file))
}
