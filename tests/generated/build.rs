//! Generates the clients of `specs/`, as the library's build script does those of the providers.

use conversations_codegen::{generate, load::Sources};
use std::{env, fs, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=specs");
    match ["shop", "ledger"].into_iter().try_for_each(client) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}\n");
            ExitCode::FAILURE
        }
    }
}

fn client(name: &str) -> Result<(), String> {
    let var = |name: &str| env::var(name).map(PathBuf::from).map_err(|it| format!("{name}: {it}"));
    let (root, out) = (var("CARGO_MANIFEST_DIR")?, var("OUT_DIR")?);
    let client = Sources::read(name, |file| fs::read_to_string(root.join(file)))
        .and_then(|it| generate(&it))
        .map_err(|faults| faults.to_string())?;
    fs::write(out.join(format!("{name}.rs")), client.source).map_err(|it| it.to_string())
}
