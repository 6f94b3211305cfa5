//! The one binary: the subcommand chooses the role.

mod cli;
mod dlq;
mod mapping_tools;
mod simulate;
mod standalone;
mod tools;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
