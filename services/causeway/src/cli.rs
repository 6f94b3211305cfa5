//! The command line. Roles read a configuration file; tools read only what they need of it.

use crate::dlq::Dlq;
use crate::doubt::Doubt;
use crate::exposure::Exposure;
use crate::replay::Replay;
use crate::simulate::Simulate;
use clap::{Parser, Subcommand};
use runtime::service;
use std::path::PathBuf;
use std::process::ExitCode;

/// Joins a trading-partner community with a case system, over Apache Kafka.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// Configuration file in TOML; the environment overrides it: `CAUSEWAY_KAFKA__BOOTSTRAP`.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Community changes to partner events.
    IngestPartner,
    /// Case system changes to internal events.
    IngestInternal,
    /// What the partner side said to commands for the case system.
    TransformPartner,
    /// What the internal side said to commands for the community.
    TransformInternal,
    /// Carries commands out at the community.
    SinkPartner,
    /// Carries commands out in the case system.
    SinkInternal,
    /// What the passing of time makes due.
    TrackServiceLevels,
    /// Everything in one process, with an embedded broker and simulated systems: to try Causeway out.
    Standalone(crate::standalone::Standalone),
    /// A page that shows what happened to each case.
    Console,
    /// Kafka topics of the contract.
    #[command(subcommand)]
    Topics(Topics),
    /// Avro schemas of the contract.
    #[command(subcommand)]
    Schemas(Schemas),
    /// Bundles: statuses, code lists, routes, partners, texts.
    #[command(subcommand)]
    Mapping(Mapping),
    /// Dead letters: what could not go on, whole.
    #[command(subcommand)]
    Dlq(Dlq),
    /// Commands of which nobody knows what became.
    #[command(subcommand)]
    Doubt(Doubt),
    /// What a partner could see of a subject, field by field, with the event that caused it; from the log alone.
    Exposure(Exposure),
    /// Recorded history under another bundle: what would differ, and having it made.
    #[command(subcommand)]
    Replay(Replay),
    /// Stand-ins for systems that cannot be had; for newcomers and tests.
    #[command(subcommand)]
    Simulate(Simulate),
}

#[derive(Subcommand)]
enum Topics {
    /// Creates what is missing, gives new groups their first offsets, changes nothing that exists.
    Apply {
        /// Copies of each partition; 3 in production.
        #[arg(long, default_value_t = 1)]
        replication: i32,
    },
    /// Refuses topics that are missing or have another partition count.
    Check,
}

#[derive(Subcommand)]
enum Schemas {
    /// Registers what is missing after checking that old and new readers agree. Running services never do.
    Apply,
}

#[derive(Subcommand)]
enum Mapping {
    /// Names every mistake with file and line.
    Check { bundle: PathBuf },
    /// Runs the bundle's own tests.
    Test { bundle: PathBuf },
    /// Prints exactly what would cross for a partner, in both directions.
    Fields {
        bundle: PathBuf,
        #[arg(long)]
        partner: String,
    },
}

pub fn run(cli: Cli) -> ExitCode {
    let file = cli.config.as_deref();
    match cli.command {
        Command::IngestPartner => {
            service::main::<ingest_partner::Config, _, _>(ingest_partner::ROLE, file, ingest_partner::run)
        }
        Command::IngestInternal => {
            service::main::<ingest_internal::Config, _, _>(ingest_internal::ROLE, file, ingest_internal::run)
        }
        Command::TransformPartner => {
            service::main::<transform_partner::Config, _, _>(transform_partner::ROLE, file, transform_partner::run)
        }
        Command::TransformInternal => {
            service::main::<transform_internal::Config, _, _>(transform_internal::ROLE, file, transform_internal::run)
        }
        Command::SinkPartner => {
            service::main::<sink_partner::Config, _, _>(sink_partner::ROLE, file, sink_partner::run)
        }
        Command::SinkInternal => {
            service::main::<sink_internal::Config, _, _>(sink_internal::ROLE, file, sink_internal::run)
        }
        Command::TrackServiceLevels => service::main::<track_service_levels::Config, _, _>(
            track_service_levels::ROLE,
            file,
            track_service_levels::run,
        ),
        Command::Standalone(arguments) => crate::standalone::run(arguments),
        Command::Console => service::main::<console::Config, _, _>(console::ROLE, file, console::run),
        Command::Topics(Topics::Apply { replication }) => crate::tools::topics_apply(file, replication),
        Command::Topics(Topics::Check) => crate::tools::topics_check(file),
        Command::Schemas(Schemas::Apply) => crate::tools::schemas_apply(file),
        Command::Mapping(Mapping::Check { bundle }) => crate::mapping_tools::check(&bundle),
        Command::Mapping(Mapping::Test { bundle }) => crate::mapping_tools::test(&bundle),
        Command::Mapping(Mapping::Fields { bundle, partner }) => crate::mapping_tools::fields(&bundle, &partner),
        Command::Dlq(command) => crate::dlq::run(file, command),
        Command::Doubt(command) => crate::doubt::run(file, command),
        Command::Exposure(arguments) => crate::exposure::run(file, &arguments),
        Command::Replay(command) => crate::replay::run(file, command),
        Command::Simulate(simulate) => crate::simulate::run(simulate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_found_and_whose_history_is_meant_is_said_once() {
        let parses = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parses("causeway doubt resolve 1 --applied 42 --by ann --yes"));
        assert!(parses("causeway doubt resolve 1 --not-applied --by ann"));
        assert!(!parses("causeway doubt resolve 1 --by ann"));
        assert!(!parses("causeway doubt resolve 1 --applied 42 --not-applied"));
        assert!(parses("causeway replay run --role transform-partner --save x --yes"));
        assert!(!parses("causeway replay run --role transform-partner --group causeway.transform-partner"));
        assert!(!parses("causeway replay run --yes"));
    }
}
