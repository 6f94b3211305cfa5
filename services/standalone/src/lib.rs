//! The whole pipeline in one process: an embedded broker and registry, a simulated community and case system, the seven
//! roles with the code that production runs, and the console's page over all of it.
//!
//! For newcomers and demonstrations. State lies in one folder and survives a restart and a SIGKILL.

mod configs;
mod control;
mod roles;
mod simulated;
mod starter;
mod story;

pub use configs::System;

use configs::Layout;
use roles::Roles;
use runtime::{KafkaConfig, Shutdown, StartError};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// What a person may choose. Everything listens on the loopback address; port 0 takes any free one.
#[derive(Clone, Debug)]
pub struct Options {
    pub folder: PathBuf,
    pub page: u16,
    pub community: u16,
    pub case_system: u16,
    pub kafka: u16,
    pub registry: u16,
    /// A real case system instead of the simulated one.
    pub system: Option<RealSystem>,
}

/// Role files whose `[internal]` sections name a real case system.
#[derive(Clone, Debug)]
pub struct RealSystem {
    pub sink: PathBuf,
    pub ingest: PathBuf,
}

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
pub enum StandaloneError {
    #[error(
        "cannot listen for {what} on {address}: another program may be using the port; choose another with {option}"
    )]
    Listen { what: &'static str, address: SocketAddr, option: &'static str, source: std::io::Error },
    #[error("cannot write to {}", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("embedded broker")]
    Broker(#[from] embedded::StartError),
    #[error("simulated {what}")]
    Simulator { what: &'static str, source: simulators::journal::JournalError },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("schemas could not be registered")]
    Schemas(#[from] codec::RegistryError),
}

async fn listen(what: &'static str, port: u16, option: &'static str) -> Result<TcpListener, StandaloneError> {
    let address = local(port);
    TcpListener::bind(address).await.map_err(|source| StandaloneError::Listen { what, address, option, source })
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Of a listener that is bound.
fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or_else(|_| local(0))
}

/// Runs until `shutdown` begins, then drains. `started` is told the page's address once everything runs.
pub async fn run(
    options: Options,
    shutdown: Shutdown,
    started: impl FnOnce(SocketAddr),
) -> Result<(), StandaloneError> {
    let began = Instant::now();
    // All ports first: whatever is taken is said before anything is written.
    let page = listen("the page", options.page, "--page-port").await?;
    let community = listen("the simulated community", options.community, "--community-port").await?;
    let case_system = match &options.system {
        None => Some(listen("the simulated case system", options.case_system, "--case-system-port").await?),
        Some(_) => None,
    };
    let hooks = [free().await?, free().await?];
    let folder = options.folder.clone();
    starter::prepare(&folder).map_err(|source| StandaloneError::Folder { folder, source })?;

    let broker = embedded::Options {
        folder: options.folder.join("log"),
        kafka: local(options.kafka),
        registry: local(options.registry),
        ..embedded::Options::default()
    };
    let broker = tokio::task::spawn_blocking(move || embedded::Broker::start(broker))
        .await
        .map_err(|_| StartError::Worker("embedded broker"))??;
    let layout = Arc::new(Layout {
        folder: options.folder.clone(),
        kafka: broker.kafka_address(),
        registry: broker.registry_url(),
        community: address(&community),
        hooks,
        system: match (&options.system, &case_system) {
            (Some(real), _) => System::Configured { sink: real.sink.clone(), ingest: real.ingest.clone() },
            (None, listener) => System::Simulated(listener.as_ref().map_or_else(|| local(0), address)),
        },
    });
    let simulated = simulated::start(&layout, community, case_system, &shutdown)?;
    contract(&layout).await?;

    let roles = Roles::new(layout.clone());
    for name in configs::ROLES {
        roles.start(name)?;
    }
    let console = control::page(&layout, &roles, &shutdown)?;
    let at = address(&page);
    let ending = shutdown.clone();
    let served = telemetry::http::serve(page, console, console::limits(), async move { ending.begun().await });
    let page = tokio::spawn(served);
    tracing::info!(page = %at, took_ms = began.elapsed().as_millis() as u64, "started");
    started(at);
    let (of_story, ending) = (layout.clone(), shutdown.clone());
    let story = tokio::spawn(async move {
        if let Err(error) = story::play(&of_story, &ending).await {
            tracing::error!(error = runtime::service::chain(&error), "the story broke off");
        }
    });
    shutdown.begun().await;
    story.abort();
    tracing::info!("draining");
    roles.stop_all().await;
    simulated.ended().await;
    let _ = tokio::time::timeout(Duration::from_secs(3), page).await;
    if let Err(error) = broker.stop().await {
        tracing::error!(%error, "the embedded broker could not flush its files");
    }
    Ok(())
}

/// A free port; released at once and taken again by whom it is given to.
async fn free() -> Result<SocketAddr, StandaloneError> {
    Ok(address(&listen("webhooks", 0, "no option").await?))
}

/// Topics and schemas, as the two tools make them. Every start: what is there is left alone.
async fn contract(layout: &Layout) -> Result<(), StandaloneError> {
    let kafka = kafka(layout);
    runtime::admin::apply(&kafka, 1).await?;
    codec::contract::register_all(&codec::RegistryConfig::at(layout.registry.clone())).await?;
    Ok(())
}

fn kafka(layout: &Layout) -> KafkaConfig {
    KafkaConfig { memory_limit_mib: 16, ..KafkaConfig::at(layout.kafka.to_string()) }
}
