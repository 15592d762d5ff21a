//! Documents of many vendors.

use conversations_document::load;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "json" || it == "yml") {
            found.push(path);
        }
    }
}

#[test]
#[ignore = "needs documents from elsewhere: CONVERSATIONS_REFERENCE=<folder> cargo test -p conversations-document -- --ignored"]
fn every_document_is_read_or_refused_with_a_line() {
    let folder = crate::reference("corpus");
    let mut paths = Vec::new();
    documents(&folder, &mut paths);
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        match load::document(&name, &text) {
            Ok(document) => {
                assert!(document.origins.values().all(|it| it.line > 0), "{name}");
                if let Err(faults) = load::check_refs_at(&document, "a/b/c") {
                    println!("{name}: {}", faults.0[0]);
                }
            }
            Err(faults) => {
                println!("{faults}");
                assert!(faults.0.iter().all(|it| it.line.is_some()), "{faults}");
            }
        }
    }
}
