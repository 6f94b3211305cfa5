//! `causeway standalone`: everything in one process, for newcomers and demonstrations.

use crate::tools::{block_on, failed};
use clap::Args;
use ports::Mistake;
use runtime::Shutdown;
use runtime::service::{report, wait_for_signal};
use standalone::{Options, RealSystem};
use std::path::PathBuf;
use std::process::ExitCode;
use telemetry::{LogFormat, TelemetryConfig};

#[derive(Args)]
pub struct Standalone {
    /// Where its state is kept; delete the folder to begin anew.
    #[arg(long, default_value = ".causeway")]
    folder: PathBuf,
    /// Of the page, on 127.0.0.1 as all others.
    #[arg(long, default_value_t = 8080, env = "CAUSEWAY_PAGE_PORT")]
    page_port: u16,
    /// Of the simulated community: its whole HTTP interface, and a page.
    #[arg(long, default_value_t = 8081, env = "CAUSEWAY_COMMUNITY_PORT")]
    community_port: u16,
    /// Of the simulated case system: its whole HTTP interface, and a page.
    #[arg(long, default_value_t = 8082, env = "CAUSEWAY_CASE_SYSTEM_PORT")]
    case_system_port: u16,
    /// Of the embedded broker; any Kafka client may look.
    #[arg(long, default_value_t = 19092, env = "CAUSEWAY_KAFKA_PORT")]
    kafka_port: u16,
    /// Of the embedded schema registry.
    #[arg(long, default_value_t = 18085, env = "CAUSEWAY_REGISTRY_PORT")]
    registry_port: u16,
    /// `sink-internal`'s configuration file: its case system instead of the simulated one.
    #[arg(long, requires = "ingest_internal")]
    sink_internal: Option<PathBuf>,
    /// `ingest-internal`'s configuration file, of the same case system.
    #[arg(long, requires = "sink_internal")]
    ingest_internal: Option<PathBuf>,
    /// Everything that is logged, and not only what goes wrong.
    #[arg(long)]
    verbose: bool,
}

pub fn run(arguments: Standalone) -> ExitCode {
    let filter = if arguments.verbose { "info" } else { "error" };
    let telemetry =
        TelemetryConfig { filter: filter.to_owned(), format: LogFormat::Text, ..TelemetryConfig::default() };
    let options = Options {
        folder: arguments.folder,
        page: arguments.page_port,
        community: arguments.community_port,
        case_system: arguments.case_system_port,
        kafka: arguments.kafka_port,
        registry: arguments.registry_port,
        system: arguments
            .sink_internal
            .zip(arguments.ingest_internal)
            .map(|(sink, ingest)| RealSystem { sink, ingest }),
    };
    let shutdown = Shutdown::new();
    let ran = block_on(async {
        let _telemetry = match telemetry::init("standalone", &telemetry) {
            Ok(guard) => guard,
            Err(error) => return report(&[Mistake::new("telemetry", error.to_string(), "see --help")]),
        };
        let signalled = shutdown.clone();
        tokio::spawn(async move {
            wait_for_signal().await;
            println!("draining");
            signalled.begin();
        });
        let folder = options.folder.display().to_string();
        let started = |page| {
            println!("Causeway runs: http://{page}  (state in {folder}; Ctrl-C ends it)");
        };
        match standalone::run(options, shutdown, started).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        }
    });
    ran.unwrap_or_else(|code| code)
}
