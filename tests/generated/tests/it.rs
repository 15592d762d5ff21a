//! What generated clients put on the wire and read from it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

// The server that the library's own tests play against.
#[allow(dead_code)]
#[path = "../../it/server.rs"]
mod server;

use conversations_runtime::FilePart;
use futures_util::StreamExt;
use generated_clients::{
    ledger,
    shop::{self, types},
};
use serde_json::json;
use server::{Reply, Request, Server};

async fn shop() -> (Server, shop::Client) {
    let server = Server::obedient().await;
    let client = shop::Client::builder().base_url(server.origin()).build().unwrap();
    (server, client)
}

fn one(server: &Server) -> Request {
    let mut seen = server.take();
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

fn text(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

fn size() -> types::Size {
    types::Size::builder().a("x").b(2).try_into().unwrap()
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|it| (*it).to_owned()).collect()
}

#[tokio::test]
async fn parameters_are_written_in_their_style() {
    let (server, client) = shop().await;
    let list = || list(&["p q", "r"]);
    client.simple().list(list()).map(size()).one("v").send().await.unwrap();
    assert_eq!(one(&server).target, "/simple/p%20q,r/a=x,b=2/v");
    client.label().list(list()).map(size()).one("v").send().await.unwrap();
    assert_eq!(one(&server).target, "/label/.p%20q,r/.a=x.b=2/.v");
    client.matrix().list(list()).map(size()).one("v").send().await.unwrap();
    assert_eq!(one(&server).target, "/matrix/;list=p%20q;list=r/;map=a,x,b,2/;one=v");
    let error = client.matrix().list(list()).map(size()).one("").send().await.unwrap_err();
    assert!(error.is_invalid_request() && server.take().is_empty(), "{error}");

    let cases = [
        (client.query().exploded(list()), "exploded=p%20q&exploded=r"),
        (client.query().joined(list()), "joined=p%20q,r"),
        (client.query().piped(list()), "piped=p%20q%7Cr"),
        (client.query().spaced(list()), "spaced=p%20q%20r"),
        (client.query().deep(size()), "deep%5Ba%5D=x&deep%5Bb%5D=2"),
        (client.query().apart(size()), "a=x&b=2"),
        (client.query().together(size()), "together=a,x,b,2"),
        (client.query().address("https://a.example/?b=c#d"), "address=https://a.example/?b=c%23d"),
        (client.query().json(size()), "json=%7B%22a%22%3A%22x%22%2C%22b%22%3A2%7D"),
    ];
    for (call, expected) in cases {
        call.send().await.unwrap();
        assert_eq!(one(&server).target, format!("/query?{expected}"));
    }
    let call = client.query().x_list(list()).x_size(size()).crumbs(list()).size(size());
    call.send().await.unwrap();
    let request = one(&server);
    assert_eq!(request.header("x-list"), Some("p q,r"));
    assert_eq!(request.header("x-size"), Some("a=x,b=2"));
    assert_eq!(request.header("cookie"), Some("crumbs=p%20q; crumbs=r; size=a,x,b,2"));
}

#[tokio::test]
async fn collection_formats_are_written_in_every_place() {
    let server = Server::obedient().await;
    let client = ledger::Client::builder().base_url(server.origin()).build().unwrap();
    let list = || list(&["p", "q"]);
    let call = client.lists().csv(list()).ssv(list()).tsv(list()).pipes(list());
    let call = call.q_csv(list()).q_ssv(list()).q_tsv(list()).q_pipes(list()).q_multi(list());
    let call = call.x_csv(list()).x_ssv(list()).x_tsv(list()).x_pipes(list());
    call.send().await.unwrap();
    let request = one(&server);
    assert_eq!(
        request.target,
        "/lists/p,q/p%20q/p%09q/p%7Cq?q-csv=p,q&q-ssv=p%20q&q-tsv=p%09q&q-pipes=p%7Cq&q-multi=p&q-multi=q"
    );
    let headers = ["x-csv", "x-ssv", "x-tsv", "x-pipes"].map(|it| request.header(it));
    assert_eq!(headers, [Some("p,q"), Some("p q"), Some("p\tq"), Some("p|q")]);

    let form = || {
        let form = ledger::types::FieldsBody::builder().must("m").csv(list()).ssv(list());
        form.tsv(list()).pipes(list()).multi(list())
    };
    client.fields().body(form()).send().await.unwrap();
    let mut fields: Vec<String> = text(&one(&server)).split('&').map(str::to_owned).collect();
    fields.sort();
    let expected =
        ["csv=p,q", "multi=p", "multi=q", "must=m", "pipes=p%7Cq", "ssv=p%20q", "tsv=p%09q"];
    assert_eq!(fields, expected);
    // A body whose field is required is required.
    assert!(client.fields().send().await.unwrap_err().is_invalid_request());

    client.fields().body_as_multipart(form()).send().await.unwrap();
    let request = one(&server);
    assert!(request.header("content-type").unwrap().starts_with("multipart/form-data;"));
    assert!(text(&request).contains("name=\"pipes\"\r\n\r\np|q\r\n"), "{}", text(&request));
}

#[tokio::test]
async fn lists_inside_lists_have_separators_of_their_own() {
    let server = Server::obedient().await;
    let client = ledger::Client::builder().base_url(server.origin()).build().unwrap();
    let lines = || vec![list(&["a b", "c"]), list(&["d,e"])];
    let call = client.nested().lines(lines()).rows(vec![vec![1, 2], vec![3]]);
    let call = call.x_deep(vec![lines(), vec![list(&["f"])]]);
    let form = ledger::types::NestedBody::builder().cells(lines());
    call.body(form).send().await.unwrap();
    let request = one(&server);
    assert_eq!(request.target, "/nested/a%20b,c%7Cd%2Ce?rows=1,2&rows=3");
    assert_eq!(request.header("x-deep"), Some("a b,c d,e|f"));
    assert_eq!(text(&request), "cells=a%20b,c%09d%2Ce");
}

#[tokio::test]
async fn forms_are_encoded_as_the_document_says() {
    let (server, client) = shop().await;
    let list = || list(&["p", "q"]);
    let form = types::FormBody::builder().name("n").plain(list()).piped(list()).deep(size());
    client.form().body(form.whole(size()).address("a/b")).send().await.unwrap();
    let mut fields: Vec<String> = text(&one(&server)).split('&').map(str::to_owned).collect();
    fields.sort();
    let expected = [
        "address=a/b",
        "deep%5Ba%5D=x",
        "deep%5Bb%5D=2",
        "name=n",
        "piped=p%7Cq",
        "plain=p",
        "plain=q",
        "whole=%7B%22a%22%3A%22x%22%2C%22b%22%3A2%7D",
    ];
    assert_eq!(fields, expected);

    let parts = types::PartsBody::builder().page("<p>").size(size()).numbers(vec![1, 2]);
    let parts = parts.picture(FilePart::new("a.png", "image/png", "bytes"));
    client.parts().body(parts).picture_x_taken_by("Ann").send().await.unwrap();
    let body = text(&one(&server));
    for part in [
        "name=\"page\"\r\nContent-Type: text/html\r\n\r\n<p>\r\n",
        "name=\"size\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\"x\",\"b\":2}\r\n",
        "name=\"numbers\"\r\n\r\n1,2\r\n",
        "Content-Type: image/png\r\n",
        "x-taken-by: Ann\r\n",
    ] {
        assert!(body.contains(part), "`{part}` in {body}");
    }
    // A header that a part must have is asked for.
    let error = client.parts().body(types::PartsBody::builder()).send().await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("X-Taken-By"), "{error}");
}

#[tokio::test]
async fn a_part_is_a_file_however_the_document_says_it() {
    let (server, client) = shop().await;
    let file = |name: &str| FilePart::new(name, "image/png", "bits");
    let parts = types::UploadBody::builder().file(file("a")).either(vec![file("b"), file("c")]);
    let parts = parts.icon("aGk=").any(file("d")).extra([("more".to_owned(), file("e"))]);
    client.upload().body(parts).send().await.unwrap();
    let body = text(&one(&server));
    for part in [
        "name=\"file\"; filename=\"a\"",
        "name=\"either\"; filename=\"b\"",
        "name=\"either\"; filename=\"c\"",
        "name=\"any\"; filename=\"d\"",
        "name=\"more\"; filename=\"e\"",
        "name=\"icon\"\r\nContent-Type: image/png\r\n\r\naGk=\r\n",
    ] {
        assert!(body.contains(part), "`{part}` in {body}");
    }
}

#[tokio::test]
async fn a_body_may_be_null_and_a_slash_part_of_a_value() {
    let (server, client) = shop().await;
    let note = types::SetNoteBody::builder().text("x");
    client.set_note().ref_("a/b").body(note).send().await.unwrap();
    let request = one(&server);
    assert_eq!(
        (request.target.as_str(), text(&request).as_str()),
        ("/note/a%2Fb", r#"{"text":"x"}"#)
    );
    client.set_note().ref_("a").body_as_json(serde_json::Value::Null).send().await.unwrap();
    let request = one(&server);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(text(&request), "null");
}

#[tokio::test]
async fn a_list_may_be_an_array_of_literals_or_builders() {
    let (server, client) = shop().await;
    let sizes = [types::Size::builder().a("x"), types::Size::builder().b(2)];
    client.sizes().tags(["p", "q"]).body(sizes).send().await.unwrap();
    let request = one(&server);
    assert_eq!(request.target, "/sizes?tags=p&tags=q");
    assert_eq!(text(&request), r#"[{"a":"x"},{"b":2}]"#);
}

#[tokio::test]
async fn the_caller_chooses_among_media_types() {
    let (server, client) = shop().await;
    let cases = [
        (client.any().body(size()), "application/json", "{\"a\":\"x\",\"b\":2}"),
        (client.any().body_as_form(size()), "application/x-www-form-urlencoded", "a=x&b=2"),
        (client.any().body_as_csv("a,b"), "text/csv", "a,b"),
        (client.any().body_as_bytes(vec![b'r', b'w']), "application/octet-stream", "rw"),
        // The last one counts.
        (
            client.any().body_as_csv("a,b").body_as_form(size()),
            "application/x-www-form-urlencoded",
            "a=x&b=2",
        ),
        (client.any().body_as_csv("a,b").body(size()), "application/json", "{\"a\":\"x\",\"b\":2}"),
    ];
    for (call, media, body) in cases {
        call.send().await.unwrap();
        let request = one(&server);
        assert_eq!((request.header("content-type"), text(&request).as_str()), (Some(media), body));
    }
}

#[tokio::test]
async fn media_types_keep_their_parameters_and_wildcards_follow_the_schema() {
    let (server, client) = shop().await;
    server.reply(Reply::status(200).json(&json!({"a": "x"})));
    client.report().body("naïve").send().await.unwrap();
    let request = one(&server);
    assert_eq!(
        request.header("accept"),
        Some("application/vnd.shop+json;version=2, application/json;q=0.5")
    );
    // Texts are UTF-8, and said to be.
    assert_eq!(request.header("content-type"), Some("text/plain;charset=utf-8"));
    assert_eq!(text(&request), "naïve");

    server.reply(Reply::status(200).header("Content-Type", "text/plain").body("x is 2"));
    let answer = client.echo().body(size()).send().await.unwrap();
    assert_eq!(*answer, "x is 2");
    let request = one(&server);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(text(&request), r#"{"a":"x","b":2}"#);
}

#[tokio::test]
async fn credentials_go_along_as_the_document_combines_them() {
    let server = Server::obedient().await;
    let builder = || shop::Client::builder().base_url(server.origin());
    let both = builder().key("k").token("t").build().unwrap();
    both.both().send().await.unwrap();
    let request = one(&server);
    assert_eq!(request.header("x-key"), Some("k"));
    assert_eq!(request.header("authorization"), Some("Bearer t"));
    builder().login("u", "p").build().unwrap().both().send().await.unwrap();
    assert_eq!(one(&server).header("authorization"), Some("Basic dTpw"));
    // One of two is not enough, and nothing is sent.
    for client in [builder().key("k").build().unwrap(), builder().build().unwrap()] {
        let error = client.both().send().await.unwrap_err();
        assert!(server.take().is_empty(), "{error}");
        client.open().send().await.unwrap();
        let request = one(&server);
        assert_eq!((request.header("x-key"), request.header("authorization")), (None, None));
    }
}

#[tokio::test]
async fn operations_go_to_their_servers() {
    let (server, client) = shop().await;
    // The base URL moves all of them, unless a group is set apart.
    client.files().send().await.unwrap();
    assert_eq!(one(&server).target, "/files");
    let apart = Server::obedient().await;
    let builder = shop::Client::builder().base_url(server.origin());
    let client = builder.files_url(apart.origin()).build().unwrap();
    client.files().send().await.unwrap();
    client.open().send().await.unwrap();
    assert_eq!(one(&apart).target, "/files");
    assert_eq!(one(&server).target, "/open");
    // A variable of the address has the values that the document lists.
    use shop::servers::Region;
    assert_eq!(Region::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["eu", "us"]);
    assert!(shop::Client::builder().region(Region::Us).build().is_ok());
}

#[tokio::test]
async fn a_union_keeps_kinds_that_it_does_not_know() {
    let (server, client) = shop().await;
    let cases = [
        json!({"kind": "cat", "name": "Tom", "lives": 9}),
        json!({"kind": "dog", "tricks": ["sit"]}),
        json!({"kind": "fish", "name": "Nemo"}),
    ];
    for pet in cases {
        server.reply(Reply::status(200).json(&pet));
        let read: types::Pet = serde_json::from_value(pet.clone()).unwrap();
        let answer = client.keep_pet().body(read.clone()).send().await.unwrap();
        assert_eq!(answer.into_inner(), read);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&one(&server).body).unwrap(), pet);
    }
}

#[test]
fn a_member_of_a_union_knows_its_word() {
    let cat: types::Cat = types::Cat::builder().lives(9).try_into().unwrap();
    assert_eq!(serde_json::to_value(cat).unwrap(), json!({"kind": "cat", "lives": 9}));
    let cat: types::Cat = types::Cat::builder().kind("lynx").try_into().unwrap();
    assert_eq!(cat.kind, "lynx");
}

#[tokio::test]
async fn null_differs_from_absent_and_an_empty_answer_from_both() {
    let (server, client) = shop().await;
    let cases = [
        (types::Owner::builder().name("Ann"), json!({"name": "Ann"})),
        (
            types::Owner::builder().nickname(conversations_runtime::null()),
            json!({"nickname": null}),
        ),
        (types::Owner::builder().nickname("A"), json!({"nickname": "A"})),
    ];
    for (owner, expected) in cases {
        server.reply(Reply::status(201));
        let answer = client.change_owner().body(owner).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!((answer.name.as_deref(), answer.skipped().len()), (None, 1));
        let sent: serde_json::Value = serde_json::from_slice(&one(&server).body).unwrap();
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn an_answer_that_may_be_empty_is_optional() {
    let (server, client) = shop().await;
    for (reply, id) in [
        (Reply::status(201).json(&json!({"id": 7})), Some(7)),
        (Reply::status(201), None),
        (Reply::status(201).body(" \n"), None),
    ] {
        server.reply(reply);
        let answer = client.place_order().send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.into_inner().map(|it| it.id)), (201, id));
    }
    // Undeclared, a value that cannot be made of nothing is an error which says that the call was carried out.
    server.reply(Reply::status(201));
    let error = client.drop_order().send().await.unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("carried out"), "{error}");
}

#[tokio::test]
async fn streams_yield_items() {
    let (server, client) = shop().await;
    let lines = "{\"a\":\"x\"}\n{\"b\":2}\n";
    server.reply(Reply::status(200).header("Content-Type", "application/x-ndjson").body(lines));
    let items = client.lines().send().await.unwrap().into_inner();
    let items: Vec<types::Size> = items.map(Result::unwrap).collect().await;
    assert_eq!((items[0].a.as_deref(), items[1].b), (Some("x"), Some(2)));
    let events = "event: made\ndata: {\"b\":3}\n\n";
    server.reply(Reply::status(200).header("Content-Type", "text/event-stream").body(events));
    let mut events = client.events().send().await.unwrap().into_inner();
    let event = events.next().await.unwrap().unwrap();
    assert_eq!(event.data.b, Some(3));
}
