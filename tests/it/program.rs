//! The sandbox as a program: it says where it listens, serves, and ends at a signal.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A running program, killed where a test fails.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program and returns it with the host and port of its control routes.
fn start(arguments: &[&str]) -> (Program, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conversations-sandbox"));
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let program = Program(child);
    let mut lines = out.lines().map(|it| it.expect("text"));
    let line = lines.find(|it| it.starts_with("control")).expect("a line on control");
    let url = line.split_whitespace().nth(1).expect("an address");
    let address = url.strip_prefix("http://").and_then(|it| it.strip_suffix("/_sandbox"));
    (program, address.expect("an origin").to_owned())
}

/// The status of the health route, asked for by this name.
fn health(address: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let asked =
        format!("GET /_sandbox/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.split(' ').nth(1).expect("a status").to_owned()
}

#[test]
fn it_serves_until_a_signal_ends_it() {
    for signal in ["TERM", "INT"] {
        let (mut program, address) = start(&["--host", "127.0.0.1", "--allow-host", "sandbox"]);
        assert_eq!(health(&address, &address), "200");
        assert_eq!(health(&address, "sandbox:8080"), "200");
        assert_eq!(health(&address, "elsewhere"), "403");
        // A connection that stays open does not keep it.
        let _open = TcpStream::connect(&address).expect("it listens");
        let pid = program.0.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status().expect("a signal");
        assert!(sent.success());
        assert_eq!(program.0.wait().expect("it ends").code(), Some(0), "{signal}");
    }
}
