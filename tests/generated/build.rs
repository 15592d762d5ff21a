//! Generates the clients of `specs/`, as the library's build script does those of the providers.

use conversations_codegen::{Target, generate, load::Sources};
use conversations_document::load::Text;
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
    let read = |part: &str| {
        let file = format!("specs/{name}/{part}");
        match fs::read_to_string(root.join(&file)) {
            Ok(text) => Ok(Text { file, text }),
            Err(error) => Err(format!("{file}: {error}")),
        }
    };
    let sources = Sources {
        provider: read("provider.yaml")?,
        openapi: read("openapi.yaml")?,
        overlay: None,
        sdk: None,
    };
    let target = Target { module: format!("crate::{name}") };
    let client = generate(&sources, &target).map_err(|faults| faults.to_string())?;
    fs::write(out.join(format!("{name}.rs")), client.source).map_err(|it| it.to_string())
}
