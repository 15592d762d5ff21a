//! The sandbox as a program: a stateful stand-in for the vendors' servers on a local port.

use std::process::ExitCode;

use clap::Parser;
use conversations::sandbox::Sandbox;

/// A stateful stand-in for the vendors' servers, on the loopback interface.
///
/// Each provider is mounted under its name; give the printed base URL to any client. Requests are
/// checked against the vendor's document, state is kept until the program ends, and faults can be
/// injected over HTTP.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
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
    /// Seed of the identifiers that the sandbox makes up
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  conversations-sandbox --port 8080
  conversations-sandbox --port 8080 --accept NAME=my-key --rate-limit NAME=5/60
  curl -s http://127.0.0.1:8080/_sandbox
  curl -s http://127.0.0.1:8080/_sandbox/faults -d '{\"status\": 503, \"times\": 2}'
  curl -s http://127.0.0.1:8080/_sandbox/requests
  curl -s -X POST http://127.0.0.1:8080/_sandbox/reset

Exit codes: 0 after ctrl-c; 1 the server could not start; 2 usage.";

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
    let Arguments { port, only, accept, accept_signed, rate_limit, seed } = arguments;
    let mut builder = Sandbox::builder().port(*port).seed(*seed);
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
                .map_err(|_| Trouble::Usage(format!("`{text}` is no number in {form}")))
        };
        builder = builder.rate_limit(provider, number(calls)?, number(seconds)?);
    }
    let sandbox = builder.start().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Trouble::Usage(error.to_string()),
        _ => Trouble::Start(error),
    })?;
    for provider in sandbox.providers() {
        println!("{provider:<12} {}", sandbox.base_url(provider));
    }
    println!("{:<12} {}/_sandbox", "control", sandbox.origin());
    println!("Ctrl-c ends it.");
    tokio::signal::ctrl_c().await.map_err(Trouble::Start)?;
    for problem in sandbox.problems() {
        eprintln!("warning: {problem}");
    }
    Ok(())
}

fn split<'a>(entry: &'a str, at: char, form: &str) -> Result<(&'a str, &'a str), Trouble> {
    // The value may be a secret, so the message does not repeat it.
    entry.split_once(at).ok_or_else(|| Trouble::Usage(format!("expected {form}")))
}
