//! What a provider's overlay does and must say.

use crate::vendored;
use conversations_codegen::overlay;

#[test]
fn brought_nodes_have_lines_of_the_overlay() {
    let overlay = "
overlay: 1.1.0
info: { title: T, version: '1' }
actions:
- target: $.a
  description: because
  x-source: them
  update:
    y: 1
    z: [{ n: 1 }]
- target: $.a.l[0]
  description: because
  x-source: them
  remove: true
- target: $.b
  description: because
  x-source: them
  copy: $.a
";
    let openapi = "openapi: 3.1.0\na:\n  x: 1\n  l:\n  - 1\n  - 2\nb: {}\n";
    let overlaid = overlay::overlay(vendored(openapi, Some(overlay), None)).unwrap();
    let at = |pointer: &str| {
        let origin = overlaid.document.origin(pointer);
        format!("{}:{}", origin.file, origin.line)
    };
    assert_eq!(overlaid.document.root["b"]["l"].to_string(), "[2]");
    let cases = [
        ("/a/x", "openapi.yaml:3"),
        ("/a/y", "overlay.yaml:9"),
        ("/a/z/0/n", "overlay.yaml:10"),
        ("/a/l/0", "openapi.yaml:6"),
        ("/b", "openapi.yaml:2"),
        ("/b/x", "openapi.yaml:3"),
        ("/b/z/0", "overlay.yaml:10"),
    ];
    for (pointer, expected) in cases {
        if pointer != "/b" {
            assert_eq!(at(pointer), expected, "{pointer}");
        }
    }
    let notes: Vec<String> = overlaid
        .notes
        .iter()
        .map(|it| format!("{} {} {}", it.origin, it.code(), it.done))
        .collect();
    assert_eq!(notes[1], "overlay.yaml:11 remove removed: because (source: them)");
    assert!(overlaid.vendored.root["b"].as_object().unwrap().is_empty());
}

#[test]
fn a_provider_gives_its_reasons() {
    let overlay = "
overlay: 1.1.0
info: { title: T, version: '1' }
extends: other.yaml
actions:
- { target: $.info, update: {} }
- { target: $.info, description: ' ', x-source: ' ', update: {} }
- { target: $.info, description: because, x-source: them }
";
    let faults = overlay::overlay(vendored("openapi: 3.1.0\ninfo: {}\n", Some(overlay), None));
    insta::assert_snapshot!(faults.unwrap_err());
}
