//! What changed at the community, as partner events.
//!
//! Reads the change feed; a webhook only ends a wait. Knows which changes are our own from the outcomes of its system.

use adapter_trading_grid_http as adapter;
use codec::{Codec, RegistryConfig};
use ports::{Feed as _, HookVerifier, Mistake};
use runtime::hook::{Door, HookConfig};
use runtime::ingest::{FeedConfig, IngestSpec};
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::{KafkaConfig, StartError, StateConfig};
use serde::Deserialize;
use std::sync::Arc;
use telemetry::TelemetryConfig;
use tokio::sync::Notify;

pub const ROLE: &str = "ingest-partner";

/// The role's configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub kafka: KafkaConfig,
    pub registry: RegistryConfig,
    pub admin: AdminConfig,
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    pub state: StateConfig,
    pub community: adapter::Config,
    #[serde(default)]
    pub feed: FeedConfig,
    /// Without it every file is withheld.
    pub blobs: Option<blobs::Config>,
    /// Without it nothing listens and the feed is polled alone.
    pub hook: Option<HookConfig>,
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    state: StateConfig,
    system: adapter::Ready,
    feed: FeedConfig,
    blobs: Option<blobs::Ready>,
    hook: Option<Door>,
}

impl RoleConfig for Config {
    type Ready = Ready;
    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
    fn telemetry(&self) -> &TelemetryConfig {
        &self.telemetry
    }
    fn check(self) -> Result<Ready, Vec<Mistake>> {
        let mut mistakes = self.kafka.check();
        let codec = Codec::new(self.registry).map_err(|more| mistakes.extend(more));
        let system = self.community.check("community").map_err(|more| mistakes.extend(more));
        mistakes.extend(self.feed.check(true));
        let blobs = self.blobs.as_ref().map(|blobs| blobs.check("blobs", false)).transpose();
        let blobs = blobs.unwrap_or_else(|more| {
            mistakes.extend(more);
            None
        });
        let mut hook = None;
        if let (Ok(system), Some(config)) = (&system, &self.hook) {
            let verifier = system.webhooks.clone().map(|verifier| Arc::new(verifier) as Arc<dyn HookVerifier>);
            hook = config.check(verifier, "community").map_err(|mistake| mistakes.push(mistake)).ok();
        }
        match (codec, system) {
            (Ok(codec), Ok(system)) if mistakes.is_empty() => {
                Ok(Ready { kafka: self.kafka, codec, state: self.state, system, feed: self.feed, blobs, hook })
            }
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, state, system, feed: settings, blobs, hook } = ready;
    let nudge = Arc::new(Notify::new());
    if let Some(door) = hook {
        door.open(ROLE, nudge.clone(), &context.shutdown).await?;
    }
    let feed = adapter::HttpFeed::new(&system).map_err(|e| StartError::SetUp(e.to_string()))?;
    let (store, limits) = blobs.map(|blobs| (blobs.store, blobs.limits)).unzip();
    let files = blobs::Taker::new(feed.system().clone(), store, limits.unwrap_or_default());
    context
        .on_thread(move |context| {
            let spec = IngestSpec {
                role: ROLE,
                events: "partner.events",
                outcomes: "partner.outcomes",
                dead_letters: "partner.events.dead-letters",
                feed,
                kind: domain::PartnerEvent::kind,
                nudge,
                poll_interval: settings.poll_interval(),
                first: settings.first(),
                files: Box::new(files),
            };
            runtime::ingest::run(&kafka, &state, &codec, spec, &context.shutdown, &context.health)
        })
        .await
}
