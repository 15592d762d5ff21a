//! Two ways to the same result, timed in turns, and what both need: a server, and for one of them an HTTP client.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each way has its turn; odd, so that one of them is the median.
const TURNS: usize = 41;

/// The client's way and the hand-written one, on one thread: the time of the CPU there is the work of the client and of
/// nobody else, however busy the machine is.
pub(crate) struct SideBySide {
    runtime: Runtime,
}

impl SideBySide {
    pub(crate) fn new() -> Result<Self> {
        println!(
            "{:<28} {:>12} {:>13} {:>6} {:>12} {:>13} {:>6}",
            "", "client", "hand-written", "ratio", "client, CPU", "hand-written", "ratio"
        );
        Ok(Self { runtime: Builder::new_current_thread().enable_all().build()? })
    }

    /// Lets both ways take turns and prints the medians of a turn, each divided by `count`, and the medians of the ratios
    /// of neighbours. The arguments `ours N` and `by-hand N` run one way N times instead, for a profiler.
    pub(crate) fn compare(
        &self,
        what: &str,
        count: u32,
        ours: impl AsyncFn() -> Result<()>,
        by_hand: impl AsyncFn() -> Result<()>,
    ) -> Result<()> {
        let arguments: Vec<String> = std::env::args().collect();
        if let [_, way, turns, ..] = arguments.as_slice()
            && let Ok(turns) = turns.parse::<u32>()
        {
            for _ in 0..turns {
                match way.as_str() {
                    "ours" => self.runtime.block_on(ours())?,
                    _ => self.runtime.block_on(by_hand())?,
                }
            }
            return Ok(());
        }
        let turn = |way: &dyn Fn() -> Result<()>| -> Result<Spent> {
            let (start, cpu) = (Instant::now(), cpu_time());
            way()?;
            Ok(Spent { wall: start.elapsed() / count, cpu: (cpu_time() - cpu) / count })
        };
        let (ours, by_hand) =
            (|| self.runtime.block_on(ours()), || self.runtime.block_on(by_hand()));
        // The first turns open connections and fill caches.
        turn(&ours)?;
        turn(&by_hand)?;
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push((turn(&ours)?, turn(&by_hand)?));
        }
        let [wall, cpu] = [|it: &Spent| it.wall, |it: &Spent| it.cpu].map(|of| {
            let pairs = turns.iter().map(|(ours, by_hand)| (of(ours), of(by_hand)));
            let (ours, by_hand): (Vec<_>, Vec<_>) = pairs.clone().unzip();
            let ratio = median(pairs.map(|(ours, by_hand)| ours.div_duration_f64(by_hand)));
            let (ours, by_hand) = (median(ours.into_iter()), median(by_hand.into_iter()));
            format!("{ours:>12.1?} {by_hand:>13.1?} {ratio:>6.2}")
        });
        println!("{what:<28} {wall} {cpu}");
        Ok(())
    }
}

struct Spent {
    wall: Duration,
    cpu: Duration,
}

fn median<T: PartialOrd + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The time of the CPU that this thread has had; nothing but on Linux, where the ratios of it are not numbers.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The HTTP client of hand-written code, with the timeouts and headers that the other one has.
pub(crate) fn plain() -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent("hand-written/1.0")
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30));
    Ok(builder.redirect(reqwest::redirect::Policy::none()).no_proxy().build()?)
}

/// Answers every request of every connection with the JSON for its target; a thread each, which wait for nothing but their
/// socket.
pub(crate) fn serve(answer: impl Fn(&str) -> String + Clone + Send + 'static) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || answer_all(connection, answer));
        }
    });
    Ok(address)
}

fn answer_all(mut connection: TcpStream, answer: impl Fn(&str) -> String) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut requests = BufReader::new(connection.try_clone()?);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let (mut target, mut length) = (String::new(), 0);
        loop {
            line.clear();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            match line.trim_end().split_once(':') {
                _ if target.is_empty() => {
                    target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        body.resize(length, 0);
        requests.read_exact(&mut body)?;
        let body = answer(&target);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(answer.as_bytes())?;
    }
}
