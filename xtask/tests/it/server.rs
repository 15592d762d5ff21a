//! A server on this machine that answers each path with the same bytes.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

/// The address of a server that answers `(path, response)` pairs until the test ends.
pub(crate) fn serve(answers: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|it| it == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&buffer[..n]),
                }
            }
            let request = String::from_utf8_lossy(&request).to_lowercase();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let known = answers.iter().find(|(it, _)| *it == path);
            let answer = match known {
                Some((_, text))
                    if text.contains("etag: \"1\"") && request.contains("if-none-match: \"1\"") =>
                {
                    "HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        .to_owned()
                }
                Some((_, text)) => text.clone(),
                None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_owned(),
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// A whole answer.
pub(crate) fn whole(text: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: \"1\"\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}
