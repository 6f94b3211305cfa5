//! Makes the case system obey internal commands.
//!
//! Exactly once as far as the system allows: an intent is on the log before a call, an outcome after it, and what is
//! in doubt is looked at before anything is written again.

use adapter_internal as adapter;
use codec::{Codec, RegistryConfig};
use ports::{Mistake, Target, Unfit};
use runtime::entry::{Backoff, pause};
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::sink::{CallsConfig, SinkSpec};
use runtime::{KafkaConfig, Shutdown, StartError, StateConfig};
use serde::Deserialize;
use std::sync::Arc;
use telemetry::TelemetryConfig;

pub const ROLE: &str = "sink-internal";

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
    pub calls: CallsConfig,
    /// Without it no file goes out.
    pub blobs: Option<blobs::Config>,
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    state: StateConfig,
    system: adapter::Ready,
    calls: CallsConfig,
    blobs: Option<blobs::Ready>,
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
        let calls = self.calls;
        mistakes.extend(calls.check());
        let blobs = self.blobs.as_ref().map(|blobs| blobs.check("blobs", true)).transpose();
        let blobs = blobs.unwrap_or_else(|more| {
            mistakes.extend(more);
            None
        });
        match (codec, system) {
            (Ok(codec), Ok(system)) if mistakes.is_empty() => {
                Ok(Ready { kafka: self.kafka, codec, state: self.state, system, calls, blobs })
            }
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, state, system, calls, blobs } = ready;
    let id = system.system().clone();
    until_fit(&system, &context.shutdown).await?;
    let (store, scanner) = blobs.map_or((None, None), |blobs| (Some(blobs.store), blobs.scanner));
    let target = adapter::AnyTarget::new(system, store.clone()).map_err(StartError::SetUp)?;
    let settle = calls.settle(target.capability("internal.issue.create-case"));
    let spec = SinkSpec {
        role: ROLE,
        side: "internal",
        commands: "internal.commands",
        outcomes: "internal.outcomes",
        // Nothing leaves without a verdict: the last hop asks for it.
        target: Arc::new(blobs::Cleared::new(target, store, scanner)),
        system: id,
        concurrency: calls.concurrency,
        per_second: calls.per_second,
        call_timeout: calls.timeout(),
        settle,
    };
    runtime::sink::run(kafka, state, codec, spec, context.shutdown.clone(), context.health.clone()).await
}

/// Nothing is written to a system that is not as configured: with a misspelt field every look would find nothing and
/// every retry make a second record. One that is away is waited for.
async fn until_fit(system: &adapter::Ready, shutdown: &Shutdown) -> Result<(), StartError> {
    let mut backoff = Backoff::default();
    while !shutdown.has_begun() {
        match system.preflight("internal").await {
            Ok(version) => {
                tracing::info!(system = system.system().as_str(), version, "the case system is as configured");
                return Ok(());
            }
            Err(Unfit::Silent(reason)) => {
                tracing::warn!(reason, "the case system does not answer, trying again");
                pause(shutdown, backoff.delay()).await;
            }
            Err(wrong @ Unfit::Wrong(_)) => return Err(StartError::SetUp(wrong.to_string())),
        }
    }
    Ok(())
}
