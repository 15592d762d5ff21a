//! What is read, with which lines, and what is refused.

use conversations_document::{Document, load};

/// The document, or its faults as a reader sees them.
fn read(text: &str) -> Result<Document, String> {
    load::document("d.yaml", text).map_err(|it| it.to_string())
}

fn refused(text: &str) -> String {
    match load::openapi("d.yaml", text) {
        Ok(document) => panic!("{}", document.root),
        Err(faults) => {
            for fault in &faults.0 {
                assert!(
                    fault.line.is_some() || fault.code.to_string().ends_with("empty"),
                    "{fault}"
                );
            }
            faults.to_string()
        }
    }
}

#[test]
fn nodes_know_their_lines() {
    let text = "a:\n  b:\n  - 1\n  - c: 2\n    ~d/: x\ne: |\n  text\n  text\nf: &x {g: 1}\nh: *x\n";
    let document = read(text).unwrap();
    let lines: Vec<(&str, u32)> =
        document.origins.iter().map(|(at, it)| (&**at, it.line)).collect();
    insta::assert_debug_snapshot!(lines, @r#"
    [
        (
            "",
            1,
        ),
        (
            "/a",
            1,
        ),
        (
            "/a/b",
            2,
        ),
        (
            "/a/b/0",
            3,
        ),
        (
            "/a/b/1",
            4,
        ),
        (
            "/a/b/1/c",
            4,
        ),
        (
            "/a/b/1/~0d~1",
            5,
        ),
        (
            "/e",
            6,
        ),
        (
            "/f",
            9,
        ),
        (
            "/f/g",
            9,
        ),
        (
            "/h",
            10,
        ),
        (
            "/h/g",
            9,
        ),
    ]
    "#);
}

#[test]
fn json_knows_its_lines_too() {
    let text = "{\n  \"a\": [1,\n   {\"b\\u002f\": \"x\\\"}\\n\"}],\n \"c\": {}, \"d\": []\n}\n";
    let document = read(text).unwrap();
    let lines: Vec<String> =
        document.origins.iter().map(|(at, it)| format!("{at} {}", it.line)).collect();
    assert_eq!(lines, [" 1", "/a 2", "/a/0 2", "/a/1 3", "/a/1/b~1 3", "/c 4", "/d 4"]);
    assert_eq!(document.root["a"][1]["b/"], "x\"}\n");
}

#[test]
fn values_are_what_yaml_says() {
    let cases = [
        ("200: a\n1.10: b\ntrue: c\n0x10: d", r#"{"200":"a","1.10":"b","true":"c","0x10":"d"}"#),
        (
            "a: yes\nb: 012\nc: 1e3\nd: ~\ne:",
            r#"{"a":"yes","b":"012","c":1000.0,"d":null,"e":null}"#,
        ),
        ("a: !local x\nb: !!str 1\nc: !map {d: 1}", r#"{"a":"x","b":"1","c":{"d":1}}"#),
        ("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}", r#"{"x":{"a":1,"b":2},"y":{"b":3,"a":1}}"#),
        (
            "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}",
            r#"{"x":{"a":1},"y":{"a":2,"b":2},"z":{"a":1,"b":2}}"#,
        ),
        ("'<<': 1", r#"{"<<":1}"#),
        ("&k a: 1\nb: {*k : 2}", r#"{"a":1,"b":{"a":2}}"#),
        // Badly indented by the letter of YAML, and everywhere.
        ("a: {\n  \"b\": [\n  1\n  ]\n}\nc: \"x\ny\"", r#"{"a":{"b":[1]},"c":"x y"}"#),
        ("\u{feff}a: 1\n", r#"{"a":1}"#),
        ("---\na: |", r#"{"a":""}"#),
        ("{a: 1, b: [x, y]}", r#"{"a":1,"b":["x","y"]}"#),
        // Numbers beyond what Rust has.
        (
            "a: 18446744073709551616\nb: -99999999999999999999999999\nc: 1e400\nd: '1e400'",
            r#"{"a":1.8446744073709552e+19,"b":-1e+26,"c":1.7976931348623157e+308,"d":"1e400"}"#,
        ),
        ("a: &x 1e999\nb: *x\n", r#"{"a":1.7976931348623157e+308,"b":1.7976931348623157e+308}"#),
        ("a: -.inf\nb: .nan", r#"{"a":-1.7976931348623157e+308,"b":null}"#),
        (
            r#"{"a": 1e400, "b": "1e400", "c": -1e400}"#,
            r#"{"a":1.7976931348623157e+308,"b":"1e400","c":-1.7976931348623157e+308}"#,
        ),
        // What YAML 1.1 took for a line break is text.
        (
            "a: |\n  x\u{2028}y\u{85}z\nb\u{2029}: 1",
            "{\"a\":\"x\u{2028}y\u{85}z\\n\",\"b\u{2029}\":1}",
        ),
        // A tab where a block scalar's line is not indented enough.
        ("a: |\n  x\n\ty\n  z\nb: 1\n", r#"{"a":"x\n\ty\nz\n","b":1}"#),
    ];
    for (text, expected) in cases {
        let document = read(text).unwrap_or_else(|it| panic!("{text}: {it}"));
        assert_eq!(document.root.to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let cases = [
        "",
        "  \n",
        "# only words\n",
        "just words",
        "- a\n- b\n",
        "[1]",
        "a: 1\n",
        "openapi: 4.0.0\n",
        "swagger: 1.2\n",
        "openapi: [3]\n",
        "a: b: c\n",
        "a: \"\n",
        "{\"a\": 1,\n \"b\": }\n",
        "a: 1\nb:\n  c: 1\n  c: 2\n",
        "200: 1\n'200': 2\n",
        "{\"a\": {\"b\": 1,\n\"b\": 2}}",
        "? [a]\n: 1\n",
        "? {a: 1}\n: 1\n",
        ": 1\n",
        "a: 1\n---\nb: 1\n",
        "a: *gone\n",
        "a: &a [*a]\n",
        "<<: 1\n",
        "a: 1\n<<: [1]\n",
        "a: \u{0}\n",
        "a: 1\n\tb: 2\n",
    ];
    let all: Vec<String> = cases.iter().map(|it| format!("{it:?}\n{}", refused(it))).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_json_file_holds_json() {
    let text = "{\"openapi\": \"3.1.0\",\n \"b\": }";
    let faults = load::openapi("d.json", text).unwrap_err().to_string();
    assert!(faults.starts_with("d.json:2:7: this is not JSON"), "{faults}");
    assert!(faults.ends_with("\n  |  \"b\": }\n  |       ^"), "{faults}");
    // By another name it may be YAML, where a value may be missing.
    load::openapi("d.yaml", text).unwrap();
}

#[test]
fn what_the_parser_gives_up_on_is_refused() {
    // Its assertion prints before it is caught.
    assert!(read("a: [!x, y]\n").unwrap_err().contains("gave up"));
}

#[test]
fn what_would_not_end_is_refused() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..30 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(", ");
        laughs.push_str(&format!("a{i}: &a{i} [{aliases}]\n"));
    }
    let text = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 1000].join(", "));
    let tower: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let mut ladder = String::from("a0: &a0 {x: 1}\n");
    for i in 1..150 {
        ladder.push_str(&format!("a{i}: &a{i} {{x: *a{}}}\n", i - 1));
    }
    let cases = [
        ("a laugh", laughs),
        ("a long text, often", text),
        ("lists in lists", "[".repeat(1 << 20)),
        ("lists in lists, closed", format!("{}{}", "[".repeat(5000), "]".repeat(5000))),
        ("mappings in mappings", "{\"a\":".repeat(1 << 18)),
        ("flow mappings", "{a: ".repeat(1 << 18)),
        ("dashes", "- ".repeat(1 << 18)),
        ("question marks", "? ".repeat(1 << 18)),
        ("a tower", tower),
        ("a ladder of aliases", ladder),
        ("many nodes", format!("[{}1]", "1,".repeat(2_100_000))),
        ("many nodes in YAML", format!("a: [{}1]", "1,".repeat(2_100_000))),
        ("many bytes", format!("a: \"{}\"", "x".repeat(65 << 20))),
        (
            "long pointers",
            format!("{{\"{}\": [{}1]}}", "k".repeat(1 << 10), "1,".repeat(1_000_000)),
        ),
    ];
    let mut all = Vec::new();
    for (name, text) in cases {
        match load::document("d.yaml", &text) {
            Ok(_) => panic!("{name} was read"),
            Err(faults) => all.push(format!("{name}: {faults}")),
        }
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn references_stay_in_the_folder() {
    let targets = [
        "#/components/schemas/A",
        "other.yaml#/A",
        "./sub/other.yaml",
        "sub/../other.yaml",
        "..#/A",
        "../other.yaml",
        "sub/../../other.yaml",
        "%2e%2e/other.yaml",
        "%252e%252e/other.yaml",
        "..\\other.yaml",
        "/etc/passwd",
        "\\\\host\\share",
        "//host/x.yaml",
        "file:///etc/passwd",
        "FILE:x",
        "C:\\x.yaml",
        "http://example.test/x.yaml",
        "HTTPS://example.test/x.yaml",
    ];
    let schemas: String = targets
        .iter()
        .enumerate()
        .map(|(i, it)| format!("    S{i}:\n      $ref: '{it}'\n"))
        .collect();
    let text = format!("openapi: 3.1.0\ncomponents:\n  schemas:\n{schemas}");
    insta::assert_snapshot!(refused(&text));
}

#[test]
fn versions_may_be_numbers() {
    for version in ["swagger: 2", "swagger: 2.0", "swagger: '2.0'", "openapi: 3.1", "openapi: 3.0"]
    {
        load::openapi("d.yaml", &format!("{version}\npaths: {{}}\n")).unwrap();
    }
}

#[test]
fn ids_are_bases_of_references() {
    let schemas = [
        ("A: { $id: 'https://example.test/s/a', type: string }", "/A/$id"),
        ("B: { $ref: 'https://example.test/s/a' }", "#/components/schemas/A"),
        (
            "C: { $id: 'https://example.test/s/c', properties: { a: { $ref: a } } }",
            "#/components/schemas/A",
        ),
        (
            "D: { $id: 'https://example.test/t/d', properties: { a: { $ref: ../s/a } } }",
            "#/components/schemas/A",
        ),
        (
            "E: { $id: e, $defs: { x: { $anchor: there } }, properties: { a: { $ref: '#there' } } }",
            "#/components/schemas/E/$defs/x",
        ),
        (
            "F: { $id: f, $defs: { x: {} }, properties: { a: { $ref: '#/$defs/x' } } }",
            "#/components/schemas/F/$defs/x",
        ),
        ("G: { $id: g, properties: { a: { $ref: '#' } } }", "#/components/schemas/G"),
        (
            "H: { $id: h, properties: { a: { $ref: '#/components/schemas/A' } } }",
            "#/components/schemas/A",
        ),
        ("I: { properties: { a: { $ref: 'f#/$defs/x' } } }", "#/components/schemas/F/$defs/x"),
    ];
    let list: String = schemas.iter().map(|(it, _)| format!("    {it}\n")).collect();
    let text = format!("openapi: 3.1.0\npaths: {{}}\ncomponents:\n  schemas:\n{list}");
    let document = load::openapi("d.yaml", &text).unwrap_or_else(|it| panic!("{it}"));
    for (schema, want) in &schemas[1..] {
        let at = format!("/components/schemas/{}", &schema[..1]);
        let node = document.root.pointer(&at).unwrap();
        let node = node.pointer("/properties/a").unwrap_or(node);
        assert_eq!(node["$ref"], *want, "{schema}");
    }
    // What no schema here is called is elsewhere.
    let elsewhere = text.replace("$ref: ../s/a", "$ref: 'https://example.test/s/z'");
    assert!(load::openapi("d.yaml", &elsewhere).is_err());
}

#[test]
fn one_cause_is_said_once() {
    let schemas: String =
        (0..5).map(|i| format!("    S{i}: {{ $ref: '/etc/types.yaml#/{i}' }}\n")).collect();
    let text = format!("openapi: 3.1.0\ncomponents:\n  schemas:\n{schemas}");
    let said = refused(&text);
    assert_eq!(said.matches("types.yaml").count(), 1, "{said}");
    assert!(said.contains("also in d.yaml:5") && said.contains(", and in 1 more"), "{said}");
}

#[test]
fn what_only_looks_like_a_reference_is_none() {
    let text = "
openapi: 3.1.0
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              example: { $ref: 'http://example.test/' }
              examples: { one: { value: { $ref: ../x } } }
              schema:
                properties: { $ref: { type: string }, example: { $ref: '#/components/schemas/A' } }
                default: { $ref: ../x }
      x-theirs: { $ref: ../x }
";
    load::openapi("d.yaml", text).unwrap();
    let named = text.replace("#/components/schemas/A", "../a.yaml");
    assert!(load::openapi("d.yaml", &named).is_err(), "a property called `example` is a schema");
}

#[test]
fn a_file_further_down_may_climb() {
    let document = load::document("x/y.yaml", "a: { $ref: ../z.yaml }").unwrap();
    assert!(load::check_refs(&document).is_err());
    assert!(load::check_refs_at(&document, "y.yaml").is_err());
    assert!(load::check_refs_at(&document, "x/y.yaml").is_ok());
}
