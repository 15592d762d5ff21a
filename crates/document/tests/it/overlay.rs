//! What overlays do, by the specification, and what of them is refused.

use conversations_document::{
    load::{self, Text},
    overlay,
};

fn text(file: &str, text: &str) -> Text {
    Text { file: file.to_owned(), text: text.to_owned() }
}

/// Applies `actions` of version 1.`minor` to `document`: the result, or the faults.
fn apply(document: &str, minor: u8, actions: &str) -> Result<String, String> {
    let overlay =
        format!("overlay: 1.{minor}.0\ninfo: {{ title: T, version: '1' }}\nactions:\n{actions}");
    let overlay = overlay::parse(&text("overlay.yaml", &overlay)).map_err(|it| it.to_string())?;
    let document = load::document("d.yaml", document).unwrap();
    let document = overlay::apply(document, &overlay).map_err(|it| it.to_string())?;
    for (pointer, origin) in &document.origins {
        assert!(document.root.pointer(pointer).is_some(), "{pointer} is left of {origin:?}");
    }
    Ok(document.root.to_string())
}

#[test]
fn actions_do_what_the_specification_says() {
    let cases = [
        // Objects merge recursively: insert, replace, keep.
        (
            "{a: {b: 1, c: 2}}",
            0,
            "- {target: $.a, update: {c: 3, d: 4}}",
            r#"{"a":{"b":1,"c":3,"d":4}}"#,
        ),
        (
            "{a: {b: {c: 1}}}",
            1,
            "- {target: $, update: {a: {b: {d: [1]}}}}",
            r#"{"a":{"b":{"c":1,"d":[1]}}}"#,
        ),
        ("{a: 1}", 1, "- {target: $, update: {a: null}}", r#"{"a":null}"#),
        // Arrays inside the value are concatenated.
        ("{a: {b: [1]}}", 1, "- {target: $.a, update: {b: [1, 2]}}", r#"{"a":{"b":[1,1,2]}}"#),
        // A selected array: 1.1 concatenates an array and appends anything else, 1.0 appends the entry.
        ("{a: [1]}", 1, "- {target: $.a, update: [2, 3]}", r#"{"a":[1,2,3]}"#),
        ("{a: [1]}", 1, "- {target: $.a, update: {b: 2}}", r#"{"a":[1,{"b":2}]}"#),
        ("{a: [1]}", 1, "- {target: $.a, update: 2}", r#"{"a":[1,2]}"#),
        ("{a: [1]}", 0, "- {target: $.a, update: [2]}", r#"{"a":[1,[2]]}"#),
        // 1.1 replaces selected primitives.
        (
            "{a: 1, b: x}",
            1,
            "- {target: '$[\"a\", \"b\"]', update: true}",
            r#"{"a":true,"b":true}"#,
        ),
        ("{a: [x, y]}", 1, "- {target: '$.a[?@ == \"x\"]', update: z}", r#"{"a":["z","y"]}"#),
        // Removal, from mappings and lists, also of several and of one inside another.
        (
            "{a: 1, b: 2}",
            0,
            "- {target: $, update: {c: 1}}\n- {target: $.c, update: {}, remove: true}",
            "overlay.yaml:5",
        ),
        ("{a: 1, b: 2}", 1, "- {target: $.a, remove: true}", r#"{"b":2}"#),
        (
            "{a: [1, {b: 2}, 3, {b: 2}, 5]}",
            0,
            "- {target: '$.a[?@.b]', remove: true}",
            r#"{"a":[1,3,5]}"#,
        ),
        ("{a: {a: {a: 1}}, b: 1}", 1, "- {target: $..a, remove: true}", r#"{"b":1}"#),
        ("{a: {x: 1}, b: {x: 2}}", 1, "- {target: $.*.x, remove: true}", r#"{"a":{},"b":{}}"#),
        ("{a: 1}", 1, "- {target: $.a, remove: true, update: 5}", "{}"),
        ("{a: 1}", 1, "- {target: $.a, remove: false, update: 5}", r#"{"a":5}"#),
        ("{a: 1}", 1, "- {target: $.a, x-note: nothing}", r#"{"a":1}"#),
        // Copies, and a move in three steps.
        (
            "{a: {x: 1}, b: {y: 2}}",
            1,
            "- {target: $.b, copy: $.a}",
            r#"{"a":{"x":1},"b":{"y":2,"x":1}}"#,
        ),
        ("{a: [1], b: [2]}", 1, "- {target: $.b, copy: $.a}", r#"{"a":[1],"b":[2,1]}"#),
        ("{a: 1, b: [2]}", 1, "- {target: $.b, copy: $.a}", r#"{"a":1,"b":[2,1]}"#),
        (
            "{p: {/a: {g: 1}}}",
            1,
            "- {target: $.p, update: {/b: {}}}\n- {target: \"$.p['/b']\", copy: \"$.p['/a']\"}\n\
             - {target: \"$.p['/a']\", remove: true}",
            r#"{"p":{"/b":{"g":1}}}"#,
        ),
        // Later actions see what earlier ones made.
        (
            "{a: {}}",
            1,
            "- {target: $.a, update: {b: {}}}\n- {target: $.a.b, update: {c: 1}}",
            r#"{"a":{"b":{"c":1}}}"#,
        ),
        (
            "{a: 1}",
            1,
            "- {target: $.a, remove: true}\n- {target: $, update: {a: {b: 1}}}",
            r#"{"a":{"b":1}}"#,
        ),
    ];
    for (document, minor, actions, expected) in cases {
        match apply(document, minor, actions) {
            Ok(result) => assert_eq!(result, expected, "{actions}"),
            Err(faults) => assert!(faults.starts_with(expected), "{actions}: {faults}"),
        }
    }
}

#[test]
fn what_cannot_be_applied_is_refused() {
    let document = "
paths:
  /a:
    get: { operationId: a, tags: [x] }
  /b: { get: { operationId: b, parameters: [{ name: n }] } }
";
    let cases = [
        (1, "- {target: \"$.paths['/c'].get\", update: {}}"),
        (1, "- {target: \"$.paths['/a'].post.responses\", update: {}}"),
        (1, "- {target: \"$.paths['/b'].get.parameters[?@.name == 'm']\", remove: true}"),
        (1, "- {target: \"$..[?@.operationId == 'c']\", remove: true}"),
        (1, "- {target: \"$.paths['/a'].get.tags.x\", remove: true}"),
        (1, "- {target: \"$.paths[/a]\", remove: true}"),
        (1, "- {target: paths, remove: true}"),
        (1, "- {target: $, remove: true}"),
        (1, "- {target: $.paths.*.get, update: x}"),
        (1, "- {target: $.paths, update: [x]}"),
        (1, "- {target: \"$.paths['/a'].get['operationId', 'tags']\", update: x}"),
        (1, "- target: $.paths\n  update:\n    /a:\n      get:\n        tags: y"),
        (1, "- {target: \"$.paths['/a'].get.operationId\", update: [x]}"),
        (0, "- {target: $.paths.*.get.operationId, update: x}"),
        (0, "- {target: $.paths, copy: $.paths}"),
        (1, "- {target: $.paths, copy: $.path}"),
        (1, "- {target: $.paths, copy: $.paths.*}"),
        (1, "- {target: $.paths, copy: $.paths, update: {}}"),
        (1, "- {target: $.paths, updates: {}}"),
        (1, "- {target: $.paths, update: {}, remove: 'yes'}"),
        (1, "- {update: {}}"),
        (1, "- $.paths"),
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|(minor, actions)| match apply(document, *minor, actions) {
            Ok(result) => panic!("{actions}: {result}"),
            Err(faults) => format!("{actions}\n{faults}"),
        })
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn what_is_no_overlay_is_refused() {
    let cases = [
        "a: 1",
        "overlay: 1.1\ninfo: {title: T, version: '1'}\nactions: [{target: $, update: {}}]",
        "overlay: 2.0.0\ninfo: {title: T, version: '1'}\nactions: [{target: $, update: {}}]",
        "overlay: 1.0.0\ninfo: {title: T, version: 1, description: new}\nactions: []",
        "overlay: 1.1.0\ninfo: {title: T}\nactions: {}\nextend: x",
        "overlay: 1.1.0\nactions: [{target: $, update: {}}]",
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|it| match overlay::parse(&text("overlay.yaml", it)) {
            Ok(_) => panic!("{it}"),
            Err(faults) => format!("{it}\n{faults}"),
        })
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn all_that_is_stale_comes_together() {
    let actions =
        "- {target: $.x, remove: true}\n- {target: $.a, update: 2}\n- {target: $.y, update: 1}";
    let faults = apply("{a: 1}", 1, actions).unwrap_err();
    assert_eq!(faults.matches("matches nothing").count(), 2, "{faults}");
}

#[test]
fn copies_of_copies_come_to_an_end() {
    let wide: String = (0..18)
        .map(|i| {
            format!("- {{target: $, update: {{c{i}: {{}}}}}}\n- {{target: $.c{i}, copy: $}}\n")
        })
        .collect();
    let faults = apply("{a: 1}", 1, &wide).unwrap_err();
    assert!(faults.contains("would"), "{faults}");
    let long = format!("- {{target: '${}', remove: true}}", "[?(".repeat(500));
    assert!(apply("{a: 1}", 1, &long).unwrap_err().contains("longer than"));
}
