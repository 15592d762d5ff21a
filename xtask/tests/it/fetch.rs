//! What comes over the wire or from other files: whole, in time, from the right place, or not at all.

use crate::{
    server::{serve, whole},
    workspace::Workspace,
};
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};
use xtask::{
    fetch::{Session, check, fetch},
    new_provider::{self, new_provider},
    update::Request,
};

const OPENAPI: &str = "specs/acme/openapi.yaml";

fn from(file: &str) -> Request {
    Request { from: Some(file.to_owned()), ..Request::default() }
}

/// The document of `acme` with another type for what a message says.
fn with_text(workspace: &Workspace, schema: &str) -> String {
    let text = workspace.read(OPENAPI);
    let from = "text: { type: string, description: What it says. }";
    assert!(text.contains(from));
    text.replace(from, &format!("text: {schema}"))
}

#[test]
fn a_reference_that_cannot_be_followed_is_refused() {
    let workspace = Workspace::small();
    let out = workspace.root.parent().unwrap().join("out.yaml");
    workspace.beside("out.yaml", "Text: {type: string}");
    workspace.beside("parts/other.yaml", "Other: {type: string}");
    #[cfg(unix)]
    {
        // Of a repository of its own, so that the link leads out of it.
        workspace.beside("parts/.git/HEAD", "");
        std::os::unix::fs::symlink(&out, out.with_file_name("parts/link.yaml")).unwrap();
    }
    let _ = out;
    let before = workspace.tree();
    let whole = Workspace::new();
    for (reference, says) in [
        ("missing.yaml#/Text", "cannot read missing.yaml"),
        ("./missing.yaml", "cannot read missing.yaml"),
        ("other.yaml#/Text", "leads nowhere"),
        #[cfg(unix)]
        ("link.yaml#/Text", "by a link"),
        ("../out.yaml#/Text", "out.yaml"),
        ("#/components/schemas/Nobody", "leads nowhere"),
        ("#/components/schemas/Mesage", "did you mean `#/components/schemas/Message`?"),
    ] {
        let text = with_text(&workspace, &format!("{{ $ref: '{reference}' }}"));
        let file = workspace.beside("parts/next.yaml", &text);
        let error = workspace.update(&["acme"], &from(&file)).error();
        assert!(error.contains(says), "{reference}: {error}");
        assert!(error.contains("parts/next.yaml:"), "{reference}: {error}");
        assert!(error.contains("/components/schemas/"), "{reference}: {error}");
        let request = new_provider::Request {
            name: "fresh".to_owned(),
            from: workspace.root.parent().unwrap().join(file).display().to_string(),
            today: "2026-01-31".to_owned(),
            ..new_provider::Request::default()
        };
        let error = whole.run(|place, out, err| new_provider(place, &request, out, err)).error();
        assert!(error.contains(says), "{reference}: {error}");
    }
    // What is not ours may lead where it likes.
    let text = workspace.read(OPENAPI);
    let other = "paths:\n  /other: { get: { responses: { '200': { description: x, content: { application/json: { schema: { $ref: 'missing.yaml' } } } } } } }\n";
    let file = workspace.beside("parts/next.yaml", &text.replace("paths:\n", other));
    let out = workspace.update(&["acme"], &from(&file)).fine();
    assert!(out.contains("nothing changed"), "{out}");
    assert_eq!(workspace.tree(), before);
}

#[test]
fn a_part_that_the_server_does_not_send_is_named() {
    let workspace = Workspace::small();
    let broken = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
    let text = with_text(&workspace, "{ $ref: 'part.yaml#/Text' }");
    let server = serve(vec![("/next.yaml", whole(&text)), ("/part.yaml", broken)]);
    let error = workspace.update(&["acme"], &from(&format!("{server}/next.yaml"))).error();
    for says in ["next.yaml:", "at /components/schemas/", "part.yaml", "500", "try again later"] {
        assert!(error.contains(says), "{error}");
    }
}

/// A server that never ends its answer, and is never silent either.
fn drip() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let mut text = "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n".to_owned();
            while stream.write_all(text.as_bytes()).is_ok() {
                text = " ".to_owned();
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    address
}

#[test]
fn a_document_that_never_ends_is_given_up() {
    let session = Session::within(Duration::from_millis(100));
    let url = check(&drip()).unwrap();
    let error = format!("{:#}", fetch(&url, None, &session).unwrap_err());
    assert!(error.contains("took longer than 100ms"), "{error}");
    // Its other files have no time of their own.
    let error = format!("{:#}", fetch(&url, None, &session).unwrap_err());
    assert!(error.contains("took longer than 100ms"), "{error}");
}

#[test]
fn other_files_are_beside_the_address_that_a_redirect_led_to() {
    let workspace = Workspace::small();
    let here = "HTTP/1.1 302 Found\r\nlocation: /v2/next.yaml\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let text = with_text(&workspace, "{ $ref: 'part.yaml#/Text' }");
    let server = serve(vec![
        ("/latest", here.to_owned()),
        ("/v2/next.yaml", whole(&text)),
        ("/v2/part.yaml", whole("Text: {type: string, maxLength: 7}")),
        ("/part.yaml", whole("Text: {type: integer}")),
    ]);
    let request = from(&format!("{server}/latest"));
    workspace.update(&["acme"], &request).fine();
    assert!(workspace.read(OPENAPI).contains("maxLength: 7"));
    // A server that says that the main file is the same knows nothing of the others.
    let source = workspace.read("specs/acme/source.yaml");
    assert!(!source.contains("etag") && source.contains("/latest"), "{source}");
}

#[test]
fn a_part_that_moved_to_another_folder_is_not_read_in_the_old_one() {
    let workspace = Workspace::small();
    let text = with_text(&workspace, "{ $ref: 'part.yaml#/Text' }");
    let away = "HTTP/1.1 302 Found\r\nlocation: /v2/part.yaml\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let server = serve(vec![
        ("/next.yaml", whole(&text)),
        ("/part.yaml", away.to_owned()),
        ("/v2/part.yaml", whole("Text: {$ref: 'deep.yaml#/Text'}")),
        ("/deep.yaml", whole("Text: {type: integer}")),
    ]);
    let error = workspace.update(&["acme"], &from(&format!("{server}/next.yaml"))).error();
    assert!(error.contains("it redirects to") && error.contains("/v2/part.yaml"), "{error}");
}

#[test]
fn what_cannot_be_selected_from_is_refused() {
    let workspace = Workspace::small();
    let provider = "specs/acme/provider.yaml";
    workspace.edit(provider, "tags: []", "tags: [more]");
    let text = workspace.read(OPENAPI);
    let file = workspace
        .beside("next.yaml", &text.replace("paths:\n", "paths:\n  /more: { $ref: more.yaml }\n"));
    // Nobody knows which tags are in a file that is not there.
    let error = workspace.update(&["acme"], &from(&file)).error();
    assert!(error.contains("/paths/~1more") && error.contains("more.yaml"), "{error}");
    workspace.edit(provider, "tags: [more]", "tags: []");
    workspace.update(&["acme"], &from(&file)).fine();
}

#[test]
fn a_server_is_not_asked_whether_what_we_cut_is_the_same() {
    let workspace = Workspace::small();
    let server = serve(vec![("/next.yaml", whole(&with_text(&workspace, "{ type: string }")))]);
    let request = from(&format!("{server}/next.yaml"));
    workspace.update(&["acme"], &request).fine();
    assert!(workspace.read("specs/acme/source.yaml").contains("etag"));
    // The selection is another one by now, so that the same document means another one to us.
    let provider = "specs/acme/provider.yaml";
    workspace.edit(provider, "/chats/**", "/chats/messages/**");
    let answer = workspace.update(&["acme"], &request);
    assert!(!answer.out.contains("the server says"), "{}", answer.out);
}

#[test]
fn secrets_of_an_address_are_neither_written_nor_shown() {
    let workspace = Workspace::small();
    let before = workspace.tree();
    for address in [
        "https://example.com/a?token=hush",
        "https://example.com/a?v=1&Api-Key=hush",
        "https://example.com/a?X-Amz-Signature=hush",
        "https://example.com/a#access_token=hush",
        "https://example.com:port/a?token=hush",
        "http://example.com/a?client_secret=hush",
    ] {
        let error = workspace.update(&["acme"], &from(address)).error();
        assert!(!error.contains("hush"), "{error}");
    }
    let error = workspace.update(&["acme"], &from("https://example.com/a?token=hush")).error();
    assert!(error.contains("`token`") && error.contains("name the file"), "{error}");
    assert!(check("https://example.com/a?version=2&tokens_of_style=1").is_ok());
    assert_eq!(workspace.tree(), before);
}

#[test]
fn refusals_say_what_to_do() {
    let gzip = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\nxx";
    let answer = |status: &str| {
        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    };
    let server = serve(vec![
        ("/gzip", gzip.to_owned()),
        ("/401", answer("401 Unauthorized")),
        ("/503", answer("503 Busy")),
    ]);
    for (path, says) in [
        ("/gzip", "unpack it"),
        ("/401", "wants a login"),
        ("/404", "may have moved"),
        ("/503", "try again later"),
    ] {
        let url = check(&format!("{server}{path}")).unwrap();
        let error = format!("{:#}", fetch(&url, None, &Session::default()).unwrap_err());
        assert!(error.contains(says), "{path}: {error}");
    }
}
