//! What generation costs: `cargo bench -p xtask --bench generate -- DOCUMENT...`, each a file by its path from the root of the
//! workspace, or an address. Without one, all providers. `--profile dev` times what users' build scripts run.
//!
//! Each is measured in a process of its own, whose peak of memory is then that document's.

use std::{
    env,
    error::Error,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use xtask::{input::Input, pipeline, root};

/// How often each client is generated; odd, so that one of them is the median.
const TURNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = manifest.parent().unwrap_or(manifest);
    let providers = root::providers(workspace)?;
    let mut words: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    if let [flag, document] = words.as_slice()
        && flag == "--alone"
    {
        return measure(workspace, document, providers.contains(document));
    }
    if words.is_empty() {
        words = providers;
    }
    println!("{:<24} {:>8} {:>10} {:>14} {:>8}", "", "lines", "time", "of 1000 lines", "peak");
    for document in words {
        let status = Command::new(env::current_exe()?).args(["--alone", &document]).status()?;
        if !status.success() {
            return Err(format!("{document} could not be generated").into());
        }
    }
    Ok(())
}

/// Generates one client and prints the lines of it, the median of the times, and the most memory that the process held.
fn measure(workspace: &Path, document: &str, is_provider: bool) -> Result<(), Box<dyn Error>> {
    let generate = || match is_provider {
        true => pipeline::provider(workspace, document),
        false => pipeline::client(pipeline::read(&Input::parse(document, workspace)?)?),
    };
    let (mut times, mut lines) = (Vec::new(), 0);
    for _ in 0..TURNS {
        let start = Instant::now();
        let made = generate()?;
        times.push(start.elapsed());
        lines = made.source.lines().count();
    }
    times.sort();
    let time: Duration = times[TURNS / 2];
    let of_thousand = time.mul_f64(1000.0 / lines.max(1) as f64);
    let name = Path::new(document).file_name().unwrap_or_default().to_string_lossy();
    println!("{name:<24} {lines:>8} {time:>10.1?} {of_thousand:>14.1?} {:>8}", peak());
    Ok(())
}

/// The most memory that this process held at a time, where the system says so as Linux does.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|it| it.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.map_or_else(|| "?".to_owned(), |it| format!("{} MB", it / 1024))
}
