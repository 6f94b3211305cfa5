//! What changed in the case system, as internal events.
//!
//! Reads the change feed; a webhook only ends a wait. Knows which changes are our own from the outcomes of its system.

use adapter_internal as adapter;
use codec::{Codec, RegistryConfig};
use ports::{HookVerifier, Mistake};
use runtime::ingest::IngestSpec;
use runtime::service::{AdminConfig, Context, RoleConfig, bind};
use runtime::{KafkaConfig, StartError, StateConfig, hook};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telemetry::TelemetryConfig;
use telemetry::http::{Limits, serve};
use tokio::sync::Notify;

pub const ROLE: &str = "ingest-internal";

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
    pub internal: adapter::Config,
    #[serde(default)]
    pub feed: FeedConfig,
    /// Without it nothing listens and the feed is polled alone.
    pub hook: Option<HookConfig>,
}

/// How often the feed is asked when no webhook comes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedConfig {
    pub poll_interval_ms: u64,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self { poll_interval_ms: 2_000 }
    }
}

/// Where webhooks are received.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookConfig {
    pub listen: SocketAddr,
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    state: StateConfig,
    system: adapter::Ready,
    poll_interval: Duration,
    hook: Option<(SocketAddr, Arc<dyn HookVerifier>)>,
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
        let system = self.internal.check("internal").map_err(|more| mistakes.extend(more));
        if !(50..=3_600_000).contains(&self.feed.poll_interval_ms) {
            mistakes.push(Mistake::new("feed.poll_interval_ms", "out of range", "give 50 to 3600000"));
        }
        let mut hook = None;
        if let (Some(config), Ok(system)) = (&self.hook, &system) {
            match system.verifier() {
                Some(verifier) => hook = Some((config.listen, verifier)),
                None => mistakes.push(Mistake::new(
                    "hook.listen",
                    "webhooks are received but no secret is configured",
                    "name the secret's file in [internal], or remove [hook]",
                )),
            }
        }
        match (codec, system) {
            (Ok(codec), Ok(system)) if mistakes.is_empty() => Ok(Ready {
                kafka: self.kafka,
                codec,
                state: self.state,
                system,
                poll_interval: Duration::from_millis(self.feed.poll_interval_ms),
                hook,
            }),
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, state, system, poll_interval, hook } = ready;
    let nudge = Arc::new(Notify::new());
    if let Some((address, verifier)) = hook {
        let (listener, ending) = (bind(address).await?, context.shutdown.clone());
        let router = hook::router(ROLE, verifier, nudge.clone());
        tokio::spawn(
            async move { serve(listener, router, Limits::default(), async move { ending.begun().await }).await },
        );
    }
    let feed = adapter::AnyFeed::new(system).map_err(StartError::SetUp)?;
    context
        .on_thread(move |context| {
            let spec = IngestSpec {
                role: ROLE,
                events: "internal.events",
                outcomes: "internal.outcomes",
                dead_letters: "internal.events.dead-letters",
                feed,
                kind: domain::InternalEvent::kind,
                nudge,
                poll_interval,
            };
            runtime::ingest::run(&kafka, &state, &codec, spec, &context.shutdown, &context.health)
        })
        .await
}
