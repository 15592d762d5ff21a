//! `cargo xtask`: what a maintainer does with the vendors' documents. See `cargo xtask --help`.

use clap::Parser as _;
use std::process::ExitCode;
use xtask::{cli::Cli, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (mut out, mut err) = (anstream::stdout(), anstream::stderr());
    ExitCode::from(run(cli, &mut out, &mut err))
}
