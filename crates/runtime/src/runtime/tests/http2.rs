//! An HTTP/2 peer made by hand, frame by frame: what it refuses, what it leaves open, and what it never answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{KEYED, PAID, READ, SECRET, SEND, builder, send};
use crate::runtime::Core;
use crate::runtime::transport::provide_cryptography;
use crate::{Delivery, Operation, RetryPolicy};

/// What the peer does with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    /// Answers 200 and `{}`.
    Answer,
    /// Answers, and is silent from then on.
    AnswerThenMute,
    /// Resets the stream with this code.
    Reset(u32),
    /// Says that the connection ends, with the stream before this one as the last, and this code.
    GoAwayBefore(u32),
    /// Says that the connection ends with this stream, and closes it without an answer.
    GoAwayAt(u32),
    /// The same before the stream of this id, which others are before, and closes the connection.
    GoAwayFrom(u32),
    /// Says what the client sent when it ends the connection.
    GoAwayEchoing,
    /// Begins an answer of status 200, then resets the stream with this code.
    HeadThenReset(u32),
    /// Says that an answer will come, then resets the stream with this code.
    HintsThenReset(u32),
    /// Answers nothing for now.
    Hold,
    /// Breaks the rules of HTTP/2, so that the client itself ends the connection.
    Nonsense,
    /// Closes the connection without a word.
    Close,
    /// Answers nothing, pings included; TCP goes on.
    Mute,
}

#[derive(Debug, Default)]
struct Log {
    /// The connection of each request.
    requests: Vec<usize>,
    closed: Vec<usize>,
}

struct Peer {
    url: String,
    log: Arc<Mutex<Log>>,
}

impl Peer {
    /// Does one act per request and repeats the last.
    async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = Arc::clone(&log);
        let script = Arc::new(script);
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (log, script) = (Arc::clone(&shared), Arc::clone(&script));
                tokio::spawn(async move {
                    let _ = converse(stream, number, &script, &log).await;
                    log.lock().unwrap().closed.push(number);
                });
            }
        });
        Self { url, log }
    }

    fn requests(&self) -> Vec<usize> {
        self.log.lock().unwrap().requests.clone()
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

async fn converse(
    mut stream: TcpStream,
    number: usize,
    script: &[Act],
    log: &Mutex<Log>,
) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let mut mute = false;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, stream_id @ ..] = head;
        let id = u32::from_be_bytes(stream_id) & 0x7fff_ffff;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        let ends = matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0;
        let reply = match kind {
            SETTINGS if flags & ACK == 0 => frame(SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => frame(PING, ACK, 0, &payload),
            _ if ends => {
                let act = {
                    let mut log = log.lock().unwrap();
                    log.requests.push(number);
                    *script.get(log.requests.len() - 1).unwrap_or(script.last().unwrap())
                };
                let close = |last: u32, code: u32| {
                    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
                };
                // 0x88 is `:status: 200` of the static table.
                let head = frame(HEADERS, END_HEADERS, id, &[0x88]);
                let answer = [head, frame(DATA, END_STREAM, id, b"{}")].concat();
                match act {
                    Act::Answer => answer,
                    Act::AnswerThenMute => {
                        mute = true;
                        stream.write_all(&answer).await?;
                        continue;
                    }
                    Act::Hold => continue,
                    Act::Nonsense => frame(DATA, 0, 0, b"x"),
                    Act::GoAwayFrom(first) => {
                        stream.write_all(&close(first - 2, 0)).await?;
                        return stream.shutdown().await;
                    }
                    Act::GoAwayEchoing => {
                        let said = [&close(0, 11)[9..], SECRET.as_bytes()].concat();
                        frame(GOAWAY, 0, 0, &said)
                    }
                    Act::HeadThenReset(code) => {
                        // `content-length: 9` by its index in the static table.
                        let head = frame(HEADERS, END_HEADERS, id, b"\x88\x0f\x0d\x019");
                        [head, frame(RST_STREAM, 0, id, &code.to_be_bytes())].concat()
                    }
                    Act::HintsThenReset(code) => {
                        // `:status` by its index in the static table, 103 spelled out.
                        let hints = frame(HEADERS, END_HEADERS, id, b"\x08\x03103");
                        [hints, frame(RST_STREAM, 0, id, &code.to_be_bytes())].concat()
                    }
                    Act::Reset(code) => frame(RST_STREAM, 0, id, &code.to_be_bytes()),
                    Act::GoAwayBefore(code) => close(id.saturating_sub(2), code),
                    Act::GoAwayAt(code) => {
                        stream.write_all(&close(id, code)).await?;
                        return stream.shutdown().await;
                    }
                    Act::Close => return stream.shutdown().await,
                    Act::Mute => {
                        mute = true;
                        continue;
                    }
                }
            }
            _ => continue,
        };
        if !mute {
            stream.write_all(&reply).await?;
        }
    }
}

/// Our client, or one that a user gave, which repeats refused requests by itself.
fn cores(url: &str, policy: &RetryPolicy) -> [Core; 2] {
    let ours = builder(url).configure_http(reqwest::ClientBuilder::http2_prior_knowledge);
    provide_cryptography();
    let given = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    [ours, builder(url).http_client(given)].map(|it| it.retry(policy.clone()).build().unwrap())
}

const OPERATIONS: [&Operation; 4] = [&READ, &SEND, &PAID, &KEYED];

#[tokio::test]
async fn what_was_not_processed_is_repeated_by_our_count_alone() {
    for act in [Act::Reset(7), Act::GoAwayBefore(0), Act::GoAwayBefore(11), Act::GoAwayBefore(2)] {
        for operation in OPERATIONS {
            // The policy, and how many requests it makes of one call.
            let policies = [
                (RetryPolicy::off(), 1),
                (RetryPolicy::default(), 3),
                (RetryPolicy::default().max_attempts(5), 5),
                (RetryPolicy::default().budget(1), 2),
            ];
            for (policy, expected) in policies {
                for which in 0..2 {
                    let peer = Peer::start(vec![act]).await;
                    let core = &cores(&peer.url, &policy)[which];
                    let error = send(core, operation).await.unwrap_err();
                    let what = format!("{act:?} {} {which}: {error:?}", operation.id());
                    assert_eq!(error.attempts(), expected, "{what}");
                    assert_eq!(peer.requests().len(), expected as usize, "{what}");
                    assert_eq!(error.was_sent(), Delivery::No, "{what}");
                    assert!(error.is_retryable(), "{what}");
                }
            }
            let peer = Peer::start(vec![act, Act::Answer]).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[0];
            assert_eq!(send(core, operation).await.unwrap().attempts(), 2);
        }
    }
}

#[tokio::test]
async fn what_may_have_been_processed_is_not() {
    let acts = [
        Act::Reset(0),
        Act::Reset(2),
        Act::Reset(8),
        Act::GoAwayAt(0),
        Act::GoAwayAt(2),
        Act::GoAwayAt(11),
        Act::HintsThenReset(0),
        Act::HintsThenReset(2),
        Act::HintsThenReset(8),
        Act::Nonsense,
        Act::Close,
    ];
    for act in acts {
        for which in 0..2 {
            let peer = Peer::start(vec![act, Act::Answer]).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[which];
            let error = send(core, &SEND).await.unwrap_err();
            assert_eq!((error.attempts(), error.was_sent()), (1, Delivery::Maybe), "{act:?}");
            assert_eq!(peer.requests().len(), 1, "{act:?}: {error:?}");
            let peer = Peer::start(vec![act, Act::Answer]).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[which];
            assert_eq!(send(core, &READ).await.unwrap().attempts(), 2, "{act:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_is_an_answer() {
    // Whatever the code, REFUSED_STREAM among them: a server that answers has processed the request.
    for code in [0, 2, 7, 8, 11] {
        // hyper takes the codes 0 and 8 for the end of the body; the length that was announced shows that it is not.
        let act = Act::HeadThenReset(code);
        for which in 0..2 {
            let peer = Peer::start(vec![act, Act::Answer]).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[which];
            let error = send(core, &SEND).await.unwrap_err();
            assert_eq!((error.attempts(), error.was_sent()), (1, Delivery::Yes), "{act:?}");
            assert_eq!(error.status().map(|it| it.as_u16()), Some(200), "{act:?}: {error:?}");
            assert!(!error.is_retryable(), "{act:?}: {error:?}");
            let peer = Peer::start(vec![act, Act::Answer]).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[which];
            assert_eq!(send(core, &READ).await.unwrap().attempts(), 2, "{act:?}");
        }
    }
}

#[tokio::test]
async fn of_several_in_flight_only_those_beyond_the_last_were_not_processed() {
    // The connection comes about by the first request, of stream 1; 3, 5, 7 and 9 follow at once.
    for (first_refused, unprocessed) in [(3, 4), (5, 3), (7, 2), (9, 1), (11, 0)] {
        let script =
            vec![Act::Answer, Act::Hold, Act::Hold, Act::Hold, Act::GoAwayFrom(first_refused)];
        for which in 0..2 {
            let peer = Peer::start([&*script, &[Act::Answer]].concat()).await;
            let core = &cores(&peer.url, &RetryPolicy::default())[which];
            send(core, &READ).await.unwrap();
            let calls = (0..4).map(|_| send(core, &PAID));
            let ends = futures_util::future::join_all(calls).await;
            let repeated = ends.iter().flatten().filter(|it| it.attempts() == 2).count();
            let doubtful = ends.iter().filter_map(|it| it.as_ref().err());
            let doubtful = doubtful.filter(|it| it.was_sent() == Delivery::Maybe).count();
            let what = format!("from {first_refused}, {which}: {ends:?}");
            assert_eq!((repeated, doubtful), (unprocessed, 4 - unprocessed), "{what}");
            assert_eq!(peer.requests().len(), 5 + unprocessed, "{what}");
        }
    }
}

#[tokio::test]
async fn what_a_server_says_when_it_ends_a_connection_is_not_printed() {
    for which in 0..2 {
        let peer = Peer::start(vec![Act::GoAwayEchoing]).await;
        let core = &cores(&peer.url, &RetryPolicy::off())[which];
        let error = send(core, &SEND).await.unwrap_err();
        let mut printed = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(it) = cause {
            printed += &format!(" {it} {it:?}");
            cause = it.source();
        }
        assert!(!printed.contains(SECRET), "{printed}");
        assert!(printed.contains("ended the HTTP/2 connection"), "{printed}");
        assert_eq!(error.was_sent(), Delivery::No);
    }
}

fn patient(url: &str, patience: Duration) -> Core {
    let core = builder(url).configure_http(reqwest::ClientBuilder::http2_prior_knowledge);
    core.attempt_timeout(patience).build().unwrap()
}

#[tokio::test]
async fn a_connection_on_which_an_attempt_timed_out_is_left() {
    for script in [vec![Act::Mute, Act::Answer], vec![Act::Answer, Act::Mute, Act::Answer]] {
        let peer = Peer::start(script.clone()).await;
        let core = patient(&peer.url, Duration::from_millis(100));
        for _ in 1..script.len() {
            send(&core, &READ).await.unwrap();
        }
        let mut expected = vec![0; script.len()];
        *expected.last_mut().unwrap() = 1;
        assert_eq!(peer.requests(), expected, "{script:?}");
    }
    let peer = Peer::start(vec![Act::Mute]).await;
    let core = patient(&peer.url, Duration::from_millis(50));
    for _ in 0..3 {
        assert!(send(&core, &SEND).await.unwrap_err().is_timeout());
    }
    assert_eq!(peer.requests(), [0, 1, 2]);
}

#[tokio::test]
async fn a_connection_that_goes_silent_while_idle_is_closed_before_the_next_call() {
    let peer = Peer::start(vec![Act::AnswerThenMute, Act::Answer]).await;
    let core = patient(&peer.url, Duration::from_secs(3));
    send(&core, &READ).await.unwrap();
    while peer.log.lock().unwrap().closed.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(send(&core, &SEND).await.unwrap().attempts(), 1);
    assert_eq!(peer.requests(), [0, 1]);
}

#[tokio::test]
async fn a_call_in_flight_on_a_silent_connection_ends_by_a_ping() {
    let peer = Peer::start(vec![Act::Mute]).await;
    // Long enough that the attempt itself does not end within the test.
    let core = patient(&peer.url, Duration::from_secs(3));
    let options = crate::CallOptions::new().attempt_timeout(Duration::from_secs(600));
    let options = options.deadline(Duration::from_secs(600));
    let call = super::call_with(&core, &SEND, options).unwrap();
    let error = call.send().await.unwrap_err();
    assert_eq!((error.attempts(), error.was_sent()), (1, Delivery::Maybe), "{error:?}");
}
