//! What a changed file of a provider makes cargo compile again.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::folder::root;

// The build script itself; cargo calls its `main`.
#[allow(dead_code)]
#[path = "../../build.rs"]
mod script;

/// Cargo runs the script again where something in `specs` changed. All that it reads must be there, and what it writes
/// anew must be of the provider that changed.
#[test]
fn a_provider_that_changes_is_written_alone() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build_script");
    drop(fs::remove_dir_all(&folder));
    let out = folder.join("out");
    fs::create_dir_all(&out).unwrap();
    let changed = ["brevo", "smooch"];
    for name in changed {
        let (from, to) = (root().join("specs").join(name), folder.join("specs").join(name));
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let write = || script::write_all(&folder, &out, |_| true).unwrap();
    write();
    for name in changed {
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for file in fs::read_dir(&out).unwrap().map(Result::unwrap) {
            let file = fs::File::options().write(true).open(file.path()).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        let document = folder.join("specs").join(name).join("openapi.yaml");
        let text = fs::read_to_string(&document).unwrap();
        let other = text.replace("description: The ", "description: Another ");
        assert_ne!(text, other, "{name}");
        fs::write(document, other).unwrap();
        write();
        let files = fs::read_dir(&out).unwrap().map(Result::unwrap);
        let written = files.filter(|it| it.metadata().unwrap().modified().unwrap() != long_ago);
        let written: Vec<String> =
            written.map(|it| it.file_name().into_string().unwrap()).collect();
        assert!(written.contains(&format!("{name}.rs")), "{name}: {written:?}");
        assert!(
            written.iter().all(|it| it.starts_with(&format!("{name}."))),
            "{name}: {written:?}"
        );
    }
}
