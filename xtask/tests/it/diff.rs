//! The options of `diff`, one by one, as they are given on the command line.

use clap::Parser as _;
use serde_json::Value;
use std::{fs, path::PathBuf};
use xtask::{Outcome, cli};

/// Two documents: `/a` takes an integer where it took a string and answers with more, `/b/{id}` is gone, `/c` is
/// new, and some words differ.
const BASE: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1', description: About pets.}
paths:
  /a:
    get:
      operationId: getA
      tags: [old]
      parameters: [{name: q, in: query, schema: {type: string}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /b/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: gone}}
components:
  schemas:
    Pet: {type: object, required: [a, b, c], properties: {a: {type: string}, b: {type: string}, c: {type: string}}}
    Unused: {type: string}
";
const REVISION: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '2', description: All about pets.}
paths:
  /a:
    get:
      operationId: listA
      tags: [new]
      deprecated: true
      parameters: [{name: q, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /c:
    get:
      x-stability-level: alpha
      responses: {'200': {description: '<b>ok</b>'}}
components:
  schemas:
    Pet: {type: object, required: [a, b, c], properties: {a: {type: string, maxLength: 9}, b: {type: string, maxLength: 9}, c: {type: string, maxLength: 9}}}
";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("base.yaml", BASE);
        folder.write("revision.yaml", REVISION);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path: PathBuf = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What `cargo xtask diff` with these words does and prints, on both streams.
    fn run(&self, words: &[&str]) -> (Result<Outcome, String>, String, String) {
        let cli = cli::Cli::try_parse_from(["xtask", "diff"].iter().chain(words)).unwrap();
        let workspace =
            xtask::Workspace { root: self.0.path().to_owned(), cwd: self.0.path().to_owned() };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let outcome = cli::dispatch(cli, &workspace, &mut out, &mut err);
        let text =
            |it: Vec<u8>| anstream::adapter::strip_str(&String::from_utf8(it).unwrap()).to_string();
        (outcome.map_err(|it| format!("{it:#}")), text(out), text(err))
    }

    /// What it prints of the two documents, which must work.
    fn printed(&self, words: &[&str]) -> String {
        let words: Vec<&str> =
            ["base.yaml", "revision.yaml"].iter().chain(words).copied().collect();
        let (outcome, out, _) = self.run(&words);
        assert_eq!(outcome, Ok(Outcome::Fine), "{words:?}");
        out
    }

    /// The changes that it finds, as level, rule and operation.
    fn found(&self, words: &[&str]) -> Vec<String> {
        let words: Vec<&str> = ["--format", "json"].iter().chain(words).copied().collect();
        let report: Value = serde_json::from_str(&self.printed(&words)).unwrap();
        let said = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
        let changes = report["changes"].as_array().unwrap().iter();
        changes
            .map(|it| [said(it, "level"), said(it, "id"), said(it, "operation")].join(" "))
            .collect()
    }
}

const REMOVED: &str = "error api-path-removed-without-deprecation DELETE /b/{id}";
const DEPRECATED: &str = "info endpoint-deprecated GET /a";
const TYPE: &str = "error request-parameter-type-changed GET /a";

#[test]
fn options_say_what_is_found() {
    let folder = Folder::new();
    let has = |words: &[&str], with: &[&str], without: &[&str]| {
        let found = folder.found(words);
        let is = |it: &&str| found.iter().any(|other| other == it);
        assert!(with.iter().all(is) && !without.iter().any(is), "{words:?}: {found:#?}");
    };
    has(&[], &[REMOVED, TYPE, DEPRECATED], &[]);
    has(&["--level", "error"], &[REMOVED, TYPE], &[DEPRECATED]);
    has(&["--match-path", "^/a"], &[TYPE, DEPRECATED], &[REMOVED]);
    let unused = "info api-schema-removed ";
    has(&[], &[unused], &[]);
    has(&["--exclude-path", "^/a"], &[REMOVED], &[TYPE, DEPRECATED, unused]);
    folder.write(
        "accepted.md",
        "# Accepted\n- 2026-01-02 we removed DELETE /b/{ID}: api-path-removed-without-deprecation\n\
         GET /a request-parameter-type\ncomponents the schema `Unused` was removed\n",
    );
    has(&["--ignore", "accepted.md"], &[TYPE], &[REMOVED, "info api-schema-removed "]);
    folder.write("levels.txt", "request-parameter-type-changed  warn\n\nendpoint-deprecated ERR\napi-path-removed-without-deprecation none\n");
    let levels =
        ["warning request-parameter-type-changed GET /a", "error endpoint-deprecated GET /a"];
    has(&["--severity", "levels.txt"], &levels, &[REMOVED, TYPE]);
    let missing = "error api-deprecated-sunset-missing GET /a";
    has(&["--deprecation-days-stable", "30"], &[missing], &[DEPRECATED]);
    has(&["--deprecation-days-beta", "30"], &[DEPRECATED], &[missing]);
    let sunset = |date: &str| {
        REVISION.replace("deprecated: true", &format!("deprecated: true\n      x-sunset: '{date}'"))
    };
    folder.write("revision.yaml", &sunset("2026-03-01"));
    let soon = "error api-sunset-date-too-small GET /a";
    let fine = "info endpoint-deprecated-with-sunset GET /a";
    has(&["--today", "2026-02-01"], &[fine], &[soon]);
    has(&["--today", "2026-04-01"], &[soon], &[fine]);
    has(&["--today", "2026-02-01", "--deprecation-days-stable", "30"], &[soon], &[fine]);
    has(&["--today", "2026-01-01", "--deprecation-days-stable", "30"], &[fine], &[soon]);
}

#[test]
fn a_stability_level_decides_what_is_compared() {
    let folder = Folder::new();
    let beta = "get:\n      x-stability-level: beta\n      operationId";
    folder.write("base.yaml", &BASE.replace("get:\n      operationId", beta));
    folder.write("revision.yaml", &REVISION.replace("get:\n      operationId", beta));
    assert!(folder.found(&[]).iter().any(|it| it == TYPE));
    assert!(!folder.found(&["--stability-level", "stable"]).iter().any(|it| it == TYPE));
}

#[test]
fn a_file_holds_options_and_the_command_line_goes_before_it() {
    let folder = Folder::new();
    folder.write("diff.yaml", "level: warning\nmatch-path: ^/a\nformat: json\ntoday: 2026-01-31\n");
    let found = folder.found(&["--config", "diff.yaml"]);
    assert!(found.iter().any(|it| it == TYPE), "{found:?}");
    assert!(!found.iter().any(|it| it == REMOVED || it == DEPRECATED), "{found:?}");
    let found = folder.found(&["--config", "diff.yaml", "--level", "info"]);
    assert!(found.iter().any(|it| it == DEPRECATED), "{found:?}");
    folder.write("diff.yaml", "levels: warning\n");
    let (outcome, ..) = folder.run(&["base.yaml", "revision.yaml", "--config", "diff.yaml"]);
    assert!(outcome.unwrap_err().contains("unknown field `levels`"));
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let folder = Folder::new();
    folder.write("levels.txt", "no-such-rule warn\n");
    for (words, says) in [
        (&["--severity", "levels.txt"][..], "levels.txt:1: there is no rule `no-such-rule`"),
        (&["--ignore", "missing.txt"], "cannot read"),
        (&["--match-path", "("], "--match-path is not a regular expression"),
    ] {
        let words: Vec<&str> =
            ["base.yaml", "revision.yaml"].iter().chain(words).copied().collect();
        let (outcome, ..) = folder.run(&words);
        let error = outcome.unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    let (outcome, ..) = folder.run(&["-", "-"]);
    assert!(outcome.unwrap_err().contains("only one of the two"));
}

#[test]
fn fail_on_counts_what_was_decided() {
    let folder = Folder::new();
    folder.write("accepted.txt", "GET /a request-parameter-type-changed\nDELETE /b/{id} api-path-removed-without-deprecation\n");
    let words = ["base.yaml", "revision.yaml", "--fail-on", "error"];
    assert_eq!(folder.run(&words).0, Ok(Outcome::Fails));
    let (outcome, out, err) = folder.run(&[&words[..], &["--ignore", "accepted.txt"]].concat());
    assert_eq!(outcome, Ok(Outcome::Fine), "{out}");
    assert!(out.starts_with("not breaking on the wire"), "{out}");
    assert!(err.contains("leave out 2 of "), "{err}");
}

#[test]
fn text_fits_one_screen_and_details_follow() {
    let folder = Folder::new();
    let page = folder.printed(&["--today", "2026-01-31"]);
    let lines: Vec<&str> = page.lines().collect();
    assert!(lines[0].starts_with("breaking on the wire: 2 errors"), "{page}");
    for line in [
        "Breaks on the wire (2)",
        "  GET /a: the query parameter `q`: type changed from `string` to `integer`",
        "New operations (1)",
        "  GET /c was added",
        "  GET /a: 3 properties: max length set",
        "Only the document says otherwise: 1 operationId, 2 tags, 1 component, 1 text for people",
        "--details lists every change with its place and the Rust that it changes.",
    ] {
        let found = lines.iter().any(|it| it.ends_with(line));
        assert!(found, "there is no line `{line}` in\n{page}");
    }
    let more = folder.printed(&["--details"]);
    assert!(
        more.contains("[request-parameter-type-changed]") && more.contains("revision.yaml:9"),
        "{more}"
    );
    let errors = folder.printed(&["--level", "error"]);
    assert!(!errors.contains("New operations") && !errors.contains("operationId"), "{errors}");
    // However many changes there are, the page is one screen.
    let many = |kind: &str| {
        let path = |at: usize| {
            format!(
                "  /p{at}:\n    get:\n      parameters: [{{name: q, in: query, schema: {{type: {kind}}}}}]\n      responses: {{'200': {{description: ok}}}}\n"
            )
        };
        format!(
            "openapi: 3.0.3\ninfo: {{title: Many, version: '1'}}\npaths:\n{}",
            (0..200).map(path).collect::<String>()
        )
    };
    folder.write("base.yaml", &many("string"));
    folder.write("revision.yaml", &many("integer"));
    let page = folder.printed(&[]);
    assert!(
        page.lines().count() < 50 && page.contains("  200 parameters: type changed (GET /p0, "),
        "{page}"
    );
}

#[test]
fn each_format_is_what_it_says() {
    let folder = Folder::new();
    let json: Value = serde_json::from_str(&folder.printed(&["--format", "json"])).unwrap();
    let yaml: Value = serde_yaml::from_str(&folder.printed(&["--format", "yaml"])).unwrap();
    assert_eq!(json, yaml);
    let html = folder.printed(&["--format", "html"]);
    for part in
        ["<!DOCTYPE html>", "<table>", "<code>request-parameter-type-changed</code>", "</html>"]
    {
        assert!(html.contains(part), "there is no {part} in {html}");
    }
    let junit = folder.printed(&["--format", "junit"]);
    assert!(junit.contains("<testsuite name=\"API changes\" tests=\""), "{junit}");
    assert_eq!(junit.matches("<failure type=\"error\"").count(), 2, "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), junit.matches("</testcase>").count());
    // A line per change is what --ignore reads.
    let lines = folder.printed(&["--format", "singleline"]);
    assert!(lines.contains("error DELETE /b/{id} "), "{lines}");
    folder.write("all.txt", &lines);
    assert_eq!(folder.found(&["--ignore", "all.txt"]), [""; 0]);
}

#[test]
fn nothing_that_a_document_says_is_html() {
    let folder = Folder::new();
    let evil = "[x](javascript:alert(1))<script>alert(1)</script>";
    folder.write(
        "revision.yaml",
        &REVISION
            .replace("tags: [new]", &format!("tags: ['{evil}']"))
            .replace("/c:", &format!("'/{evil}':")),
    );
    let html = folder.printed(&["--format", "html"]);
    assert!(!html.contains("<script") && !html.contains("href="), "{html}");
    let junit = folder.printed(&["--format", "junit"]);
    assert!(!junit.contains("<script"), "{junit}");
}

#[test]
fn several_documents_are_compared_as_one() {
    let folder = Folder::new();
    let part = |path: &str, kind: &str, server: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{title: Part, version: '1'}}\nservers: [{{url: 'https://{server}.example'}}]\npaths:\n  {path}:\n    get:\n      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/It'}}}}}}}}}}\n\
             components: {{schemas: {{It: {{type: {kind}}}}}}}\n"
        )
    };
    folder.write("old/a.yaml", &part("/a", "string", "one"));
    folder.write("old/b.yaml", &part("/b", "integer", "two"));
    folder.write("new/x.yaml", &part("/b", "boolean", "two"));
    folder.write("new/y.yaml", &part("/a", "string", "one"));
    let (outcome, out, err) =
        folder.run(&["--composed", "old/*.yaml", "new/*.yaml", "--format", "json"]);
    assert_eq!(outcome, Ok(Outcome::Fine), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let found: Vec<_> = report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["operation"], &it["id"]))
        .collect();
    assert_eq!(found, [(&"GET /b".into(), &"response-body-type-changed".into())], "{out}");
    let (outcome, ..) = folder.run(&["--composed", "old/*.json", "new/*.yaml"]);
    assert!(outcome.unwrap_err().contains("no file matches `old/*.json`"));
}

#[test]
fn a_change_of_a_webhook_names_the_rust_that_it_changes() {
    let hook = |name: &str, properties: &str| {
        format!(
            "  {name}: {{post: {{requestBody: {{content: {{application/json: {{schema: {{type: object, required: [kind, id], properties: {{kind: {{const: {name}}}, id: {{type: string}}{properties}}}}}}}}}}}}}}}\n"
        )
    };
    let document = |hooks: &[String]| {
        let head = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\nservers: [{url: 'https://pets.example'}]\npaths: {}\nwebhooks:\n";
        format!("{head}{}", hooks.concat())
    };
    let folder = Folder::new();
    folder.write(
        "base.yaml",
        &document(&[hook("born", ", weight: {type: string}"), hook("sold", "")]),
    );
    folder.write(
        "revision.yaml",
        &document(&[hook("born", ", weight: {type: integer}"), hook("lost", "")]),
    );
    let report: Value = serde_json::from_str(&folder.printed(&["--format", "json"])).unwrap();
    let rust = |rule: &str| -> Vec<String> {
        let changes = report["changes"].as_array().unwrap().iter();
        let lines =
            changes.filter(|it| it["id"] == rule).flat_map(|it| it["rust"].as_array().unwrap());
        lines.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let changed = "changed types::Born::weight: Option<String> -> Option<i64>";
    assert_eq!(rust("response-property-type-changed"), [changed], "{report:#}");
    for (rule, line) in [
        ("webhook-added", "added events::Event::Lost: Lost as \"lost\""),
        ("webhook-removed", "removed events::Event::Sold: Sold as \"sold\""),
    ] {
        assert!(rust(rule).iter().any(|it| it == line), "{rule}: {report:#}");
    }
}
