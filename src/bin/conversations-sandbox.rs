//! The sandbox as a program: a stateful stand-in for the vendors' servers on a local port.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use clap::Parser;
use conversations::sandbox::Sandbox;

/// A stateful stand-in for the vendors' servers.
///
/// It listens on the loopback interface unless --host says otherwise.
///
/// Each provider is mounted under its name; give the printed base URL to any client. Requests are
/// checked against the vendor's document, state is kept until the program ends, and faults can be
/// injected over HTTP.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    /// The address to listen on; 0.0.0.0 is reached from other machines, without TLS
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Mount only these providers
    #[arg(long, value_name = "PROVIDER", value_delimiter = ',')]
    only: Vec<String>,
    /// Accept this key or token at a provider, and no longer just any
    #[arg(long, value_name = "PROVIDER=SECRET")]
    accept: Vec<String>,
    /// Accept tokens that this secret signed (HS256), and no longer just any
    #[arg(long, value_name = "PROVIDER=KEY_ID:SECRET")]
    accept_signed: Vec<String>,
    /// Answer 429 after so many calls within so many seconds
    #[arg(long, value_name = "PROVIDER=CALLS/SECONDS")]
    rate_limit: Vec<String>,
    /// Take control requests by this name in `Host`, beside the addresses of this machine; * is any
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Take control requests from pages of this `Origin`, and no longer from none; * is any
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Seed of the identifiers that the sandbox makes up
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  conversations-sandbox --port 8080
  conversations-sandbox --port 8080 --accept NAME=my-key --rate-limit NAME=5/60
  conversations-sandbox --host 0.0.0.0 --port 8080 --allow-host sandbox
  curl -s http://127.0.0.1:8080/_sandbox
  curl -s http://127.0.0.1:8080/_sandbox/health
  curl -s http://127.0.0.1:8080/_sandbox/faults -d '{\"status\": 503, \"times\": 2}'
  curl -s http://127.0.0.1:8080/_sandbox/requests
  curl -s -X POST http://127.0.0.1:8080/_sandbox/reset

It ends at ctrl-c and at SIGTERM, also as the first process of a container.

Exit codes: 0 after ctrl-c or SIGTERM; 1 the server could not start; 2 usage.";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Usage(why)) => {
            eprintln!("error: {why}\n\nFor more information, try '--help'.");
            ExitCode::from(2)
        }
        Err(Trouble::Start(why)) => {
            eprintln!("error: the sandbox did not start: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Why the program ends early.
enum Trouble {
    Usage(String),
    Start(std::io::Error),
}

async fn run(arguments: &Arguments) -> Result<(), Trouble> {
    let Arguments {
        host,
        port,
        only,
        accept,
        accept_signed,
        rate_limit,
        allow_host,
        allow_origin,
        seed,
    } = arguments;
    let ended = ended().map_err(Trouble::Start)?;
    let mut builder = Sandbox::builder().host(*host).port(*port).seed(*seed);
    builder = allow_host.iter().fold(builder, |it, name| it.allow_host(name));
    builder = allow_origin.iter().fold(builder, |it, origin| it.allow_origin(origin));
    if !only.is_empty() {
        builder = builder.only(&only.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for entry in accept {
        let (provider, secret) = split(entry, '=', "--accept PROVIDER=SECRET")?;
        builder = builder.accept(provider, secret);
    }
    for entry in accept_signed {
        let form = "--accept-signed PROVIDER=KEY_ID:SECRET";
        let (provider, key) = split(entry, '=', form)?;
        let (id, secret) = split(key, ':', form)?;
        builder = builder.accept_signed(provider, id, secret);
    }
    for entry in rate_limit {
        let form = "--rate-limit PROVIDER=CALLS/SECONDS";
        let (provider, limit) = split(entry, '=', form)?;
        let (calls, seconds) = split(limit, '/', form)?;
        let number = |text: &str| {
            text.parse::<u64>()
                .map_err(|_| Trouble::Usage(format!("`{text}` is not a number in {form}")))
        };
        builder = builder.rate_limit(provider, number(calls)?, number(seconds)?);
    }
    let sandbox = builder.start().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Trouble::Usage(error.to_string()),
        _ => Trouble::Start(error),
    })?;
    let mut page = String::new();
    for provider in sandbox.providers() {
        page.push_str(&format!("{provider:<12} {}\n", sandbox.base_url(provider)));
    }
    page.push_str(&format!("{:<12} {}/_sandbox\nCtrl-c ends it.\n", "control", sandbox.origin()));
    // Whoever started it need not listen.
    let _ = std::io::stdout().write_all(page.as_bytes());
    ended.await;
    for problem in sandbox.problems() {
        eprintln!("warning: {problem}");
    }
    Ok(())
}

/// Waits for ctrl-c or SIGTERM, for both from now on: without a handler the first process of a container ignores them.
#[cfg(unix)]
fn ended() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits for ctrl-c.
#[cfg(not(unix))]
fn ended() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn split<'a>(entry: &'a str, at: char, form: &str) -> Result<(&'a str, &'a str), Trouble> {
    // The value may be a secret, so the message does not repeat it.
    entry.split_once(at).ok_or_else(|| Trouble::Usage(format!("expected {form}")))
}
