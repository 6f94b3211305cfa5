//! The one binary: the subcommand chooses the role.

mod cli;
mod dlq;
mod doubt;
mod exposure;
mod mapping_tools;
mod moment;
mod replay;
mod simulate;
mod standalone;
mod tools;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
