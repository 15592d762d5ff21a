//! Which credentials go along with an operation, and to which server.

use super::server::{Server as Loopback, ok};
use super::{READ, SECRET, TINY, send};
use crate::Operation;
use crate::runtime::{
    Auth, AuthKind, Builder, Core, Provider, Server, ServerGroup, ServerVariable,
};

static BOTH: Operation =
    Operation::new("both", "GET", "/both").with_security(&[&["k", "b"], &["o"]]);
static MAYBE: Operation = Operation::new("maybe", "GET", "/maybe").with_security(&[&[], &["k"]]);
static NONE: Operation = Operation::new("none", "GET", "/none").with_security(&[]);
static DIGEST: Operation = Operation::new("digest", "GET", "/digest").with_security(&[&["d"]]);
static BASIC: Operation = Operation::new("basic", "GET", "/basic").with_security(&[&["b"]]);
static COOKIES: Operation =
    Operation::new("cookies", "GET", "/cookies").with_security(&[&["c", "k"]]);

const AUTH: &[Auth] = &[
    Auth::new("key", AuthKind::Query { name: "api_key" }).with_scheme("k"),
    Auth::new("basic", AuthKind::Basic).with_scheme("b"),
    Auth::new("bearer", AuthKind::Bearer).with_scheme("o"),
    Auth::new("sid", AuthKind::Cookie { name: "SID" }).with_scheme("c"),
];
static GATED: Provider = Provider::new("gated")
    .with_title("Gated")
    .with_auth(AUTH)
    .with_operations(&[&BOTH, &MAYBE, &NONE, &DIGEST, &BASIC, &COOKIES]);
/// Every operation asks for something.
static SHUT: Provider =
    Provider::new("shut").with_title("Shut").with_auth(AUTH).with_operations(&[&BOTH, &BASIC]);
/// Nothing that is spoken here.
static FOREIGN: Provider =
    Provider::new("foreign").with_title("Foreign").with_operations(&[&DIGEST]);
/// Nothing is said of credentials.
static SILENT: Provider = Provider::new("silent").with_title("Silent").with_operations(&[&READ]);

type Given = fn(Builder) -> Builder;

fn key(it: Builder) -> Builder {
    it.secret("key", SECRET)
}

fn pair(it: Builder) -> Builder {
    it.pair("basic", "me", "pw")
}

const BASIC_HEADER: &str = "authorization: Basic bWU6cHc=\r\n";

#[tokio::test]
async fn operations_carry_what_they_accept_and_nothing_else() {
    let key_part = format!("api_key={SECRET}");
    // What was given, the operation, what its request has and lacks; or what its refusal says.
    let cases: &[(&str, Given, &'static Operation, Result<(&[&str], &[&str]), &str>)] = &[
        ("and", |it| pair(key(it)), &BOTH, Ok((&[&key_part, BASIC_HEADER], &[]))),
        (
            "half of and",
            key,
            &BOTH,
            Err("call `.key(…)` and `.basic(id, secret)`, or `.bearer(…)` on the builder"),
        ),
        ("or", |it| key(it).secret("bearer", "t"), &BOTH, Ok((&["Bearer t"], &[&key_part]))),
        ("optional and given", key, &MAYBE, Ok((&[&key_part], &[]))),
        ("optional and not given", |it| it, &MAYBE, Ok((&[], &["authorization", "api_key"]))),
        ("only a foreign one given", pair, &MAYBE, Ok((&[], &["authorization"]))),
        ("not accepted", |it| pair(key(it)), &NONE, Ok((&[], &["authorization", "api_key"]))),
        ("asked for and missing", key, &BASIC, Err("call `.basic(id, secret)` on the builder")),
        ("nothing given", |it| it, &BASIC, Err("not sent")),
        ("unspoken and missing", key, &DIGEST, Err("`.header(name, secret)` for the scheme `d`")),
        (
            "unspoken",
            |it| key(it).header("Authorization", "Digest x"),
            &DIGEST,
            Ok((&["authorization: Digest x\r\n"], &["api_key"])),
        ),
        (
            "a header is not for others",
            |it| key(it).header("X-Sign", "x"),
            &MAYBE,
            Ok((&[&key_part], &["x-sign"])),
        ),
        (
            "a header stands for what travels in it",
            |it| it.header("authorization", "Basic own"),
            &BASIC,
            Ok((&["authorization: Basic own\r\n"], &[])),
        ),
        (
            "an own HTTP client",
            |it| it.configure_http(|it| it),
            &DIGEST,
            Ok((&[], &["authorization"])),
        ),
        (
            "cookie and query",
            |it| key(it).secret("sid", "s"),
            &COOKIES,
            Ok((&["cookie: SID=s\r\n", &key_part], &["authorization"])),
        ),
    ];
    for (name, given, operation, expected) in cases {
        let server = Loopback::start(vec![ok("{}")]).await;
        let core = given(Builder::new(&GATED).base_url(&server.url)).build();
        let core = core.unwrap_or_else(|it| panic!("{name}: {it}"));
        let answer = send(&core, operation).await;
        let requests = server.requests();
        match expected {
            Ok((has, lacks)) => {
                answer.unwrap_or_else(|it| panic!("{name}: {it}"));
                has.iter()
                    .for_each(|it| assert!(requests[0].contains(it), "{name}: {}", requests[0]));
                let small = requests[0].to_lowercase();
                lacks.iter().for_each(|it| assert!(!small.contains(it), "{name}: {small}"));
            }
            Err(words) => {
                let error = answer.unwrap_err();
                assert!(
                    error.is_invalid_request() && error.was_sent() == crate::Delivery::No,
                    "{name}: {error:?}"
                );
                assert!(error.to_string().contains(words), "{name}: {error}");
                assert!(error.to_string().contains(operation.id()), "{name}: {error}");
                assert_eq!(requests.len(), 0, "{name}");
            }
        }
    }
}

#[test]
fn a_client_is_built_where_some_operation_can_be_called() {
    let cases: [(&'static Provider, Given, &str); 11] = [
        (&GATED, |it| it, ""),
        (&SILENT, |it| it, ""),
        (&SILENT, |it| it.header("X-Key", SECRET), ""),
        (&FOREIGN, |it| it.header("X-Key", SECRET), ""),
        (
            &FOREIGN,
            |it| it,
            "no credential for Foreign: call `.header(name, secret)` on the builder",
        ),
        (
            &SHUT,
            |it| it,
            "no credential for Shut: call `.key(…)` or `.basic(id, secret)` or `.bearer(…)` or `.sid(…)` on the builder",
        ),
        (&SHUT, pair, ""),
        (
            &SHUT,
            key,
            "no operation of Shut can be called with the credentials given: `both` needs `.key(…)` and",
        ),
        (&SHUT, |it| pair(it).header("X-Other", SECRET), "takes the credential `header(X-Other)`"),
        (&FOREIGN, |it| it.header("Host", SECRET), "`header` cannot set `Host`"),
        (&FOREIGN, |it| it.header("X-Key", " \n"), "given to `header` for `X-Key` is empty"),
    ];
    for (provider, given, says) in cases {
        let builder = given(Builder::new(provider).base_url("https://api.gated.example"));
        assert!(!format!("{builder:?}").contains(SECRET));
        match builder.build() {
            Ok(core) => {
                assert_eq!(says, "", "{core:?}");
                assert!(!format!("{core:?}").contains(SECRET));
            }
            Err(error) => {
                assert!(error.is_configuration(), "{error:?}");
                assert!(!says.is_empty() && error.to_string().contains(says), "{says}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_header_is_masked_like_every_credential() {
    let body = format!(r#"{{"code":"{SECRET}","message":"{SECRET}"}}"#);
    let server = Loopback::start(vec![super::server::answer(400, &[], &body)]).await;
    let builder =
        Builder::new(&SILENT).base_url(&server.url).header("X-Key", format!("Own {SECRET}"));
    let core = builder.build().unwrap();
    let error = send(&core, &READ).await.unwrap_err();
    assert!(server.requests()[0].contains(&format!("x-key: Own {SECRET}\r\n")));
    assert!(!format!("{core:?} {error} {error:?}").contains(SECRET), "{error:?}");
}

static HERE: Operation = Operation::new("here", "GET", "/here");
static UPLOAD: Operation = Operation::new("upload", "POST", "/upload").with_server(1);
static LOST: Operation = Operation::new("lost", "GET", "/lost").with_server(2);
const PORT: ServerVariable = ServerVariable::new("port", "port", Some("1"), &[]);
static SPREAD: Provider = Provider::new("spread")
    .with_title("Spread")
    .with_servers(&["http://127.0.0.1:1/eu"])
    .with_variable_servers(&[
        Server::new(
            "http://127.0.0.1:{port}/{region}",
            &[PORT, ServerVariable::new("region", "region", Some("eu"), &["eu", "us"])],
        ),
        Server::new(
            "https://{tenant}.spread.example/{area}",
            &[
                ServerVariable::new("tenant", "tenant", None, &[]),
                ServerVariable::new("area", "area", Some(""), &[]),
            ],
        ),
    ])
    .with_server_groups(&[
        ServerGroup::new("upload_url", &[Server::new("http://127.0.0.1:{port}/up", &[PORT])]),
        ServerGroup::new("lost_url", &[Server::new("https://lost.spread.example", &[])]),
    ])
    .with_operations(&[&HERE, &UPLOAD, &LOST]);

async fn paths(core: &Core, server: &Loopback) -> Vec<String> {
    for operation in [&HERE, &UPLOAD] {
        send(core, operation).await.unwrap();
    }
    let line = |it: &String| it.split(" HTTP").next().unwrap_or_default().to_owned();
    server.requests().iter().map(line).collect()
}

#[tokio::test]
async fn calls_go_to_the_server_of_their_operation() {
    let script = || vec![ok("{}"), ok("{}")];
    let port = |server: &Loopback| {
        server.url.trim_start_matches("http://127.0.0.1:").split('/').next().unwrap().to_owned()
    };
    let server = Loopback::start(script()).await;
    let builder = || Builder::new(&SPREAD);
    let core = builder().server_variable("port", port(&server)).build().unwrap();
    assert_eq!(paths(&core, &server).await, ["GET /eu/here", "POST /up/upload"]);
    let server = Loopback::start(script()).await;
    let builder_us =
        builder().server_variable("port", port(&server)).server_variable("region", "us");
    assert_eq!(
        paths(&builder_us.build().unwrap(), &server).await,
        ["GET /us/here", "POST /up/upload"]
    );
    let server = Loopback::start(script()).await;
    let core = builder().base_url(&server.url).build().unwrap();
    assert_eq!(paths(&core, &server).await, ["GET /v1/here", "POST /v1/upload"]);
    let (server, other) = (Loopback::start(script()).await, Loopback::start(script()).await);
    let core = builder().base_url(&server.url).group_url("upload_url", format!("{}/", other.url));
    assert_eq!(paths(&core.build().unwrap(), &server).await, ["GET /v1/here"]);
    assert!(other.requests()[0].starts_with("POST /v1/upload HTTP"), "{:?}", other.requests());
}

#[test]
fn variables_stay_in_their_place() {
    let cases: [(&[(&'static str, &str)], Result<&str, &str>); 10] = [
        (&[], Ok("http://127.0.0.1:1/eu")),
        (&[("region", "asia")], Err("`region` takes one of `eu`, `us`")),
        (&[("tenant", "acme")], Ok("https://acme.spread.example")),
        (&[("tenant", "acme"), ("area", "a/b")], Ok("https://acme.spread.example/a/b")),
        (&[("area", "a")], Err("needs a value for `tenant`: call `.tenant(…)`")),
        (&[("tenant", "evil.example/")], Err("the value given to `tenant`")),
        (&[("tenant", "evil.example#")], Err("the value given to `tenant`")),
        (&[("tenant", "me@evil")], Err("the value given to `tenant`")),
        (&[("tenant", "acme"), ("area", "a?b")], Err("the value given to `area`")),
        (&[("port", "1/x")], Err("the value given to `port`")),
    ];
    for (values, expected) in cases {
        let mut builder = Builder::new(&SPREAD);
        for (method, value) in values {
            builder = builder.server_variable(method, *value);
        }
        match (builder.build(), expected) {
            (Ok(core), Ok(url)) => assert_eq!(core.base_url(), url, "{values:?}"),
            (Err(error), Err(says)) => {
                assert!(error.to_string().contains(says), "{values:?}: {error}");
            }
            (made, _) => panic!("{values:?}: {made:?}"),
        }
    }
    let error = Builder::new(&SPREAD).group_url("lost_url", "http://lost.example").build();
    assert!(error.unwrap_err().to_string().contains("`lost_url`"));
    assert!(Builder::new(&TINY).secret("api_key", "k").build().is_ok());
}

#[test]
fn a_document_whose_operations_all_have_servers_needs_no_other() {
    static APART: Provider = Provider::new("apart")
        .with_server_groups(&[ServerGroup::new(
            "own_url",
            &[Server::new("https://own.example/v2", &[])],
        )])
        .with_operations(&[&UPLOAD]);
    static NOWHERE: Provider = Provider::new("nowhere")
        .with_server_groups(&[ServerGroup::new("own_url", &[])])
        .with_operations(&[&UPLOAD]);
    let core = Builder::new(&APART).build().unwrap();
    assert_eq!(core.base_url(), "https://own.example/v2");
    let error = Builder::new(&NOWHERE).build().unwrap_err();
    assert!(error.to_string().contains("call `own_url`, or `base_url`"), "{error}");
    let core = Builder::new(&NOWHERE).group_url("own_url", "https://own.example").build().unwrap();
    assert_eq!(core.base_url(), "https://own.example");
}
