//! Makes the community obey partner commands.
//!
//! Exactly once as far as the system allows: an intent is on the log before a call, an outcome after it, and what is
//! in doubt is looked at before anything is written again.

mod guard;

use adapter_trading_grid_http as adapter;
use codec::{Codec, RegistryConfig};
use guard::Guard;
use mapping::Bundle;
use ports::{Mistake, Target};
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::sink::{CallsConfig, SinkSpec};
use runtime::{KafkaConfig, StartError, StateConfig};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use telemetry::TelemetryConfig;

pub const ROLE: &str = "sink-partner";

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
    pub mapping: MappingConfig,
    #[serde(default)]
    pub calls: CallsConfig,
    /// Without it no file goes out.
    pub blobs: Option<blobs::Config>,
}

/// Where the bundle is that says whom this role may serve: the transformers' own, of the same version or a newer one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingConfig {
    pub bundle: PathBuf,
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    state: StateConfig,
    system: adapter::Ready,
    bundle: Bundle,
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
        let system = self.community.check("community").map_err(|more| mistakes.extend(more));
        let bundle = Bundle::load(&self.mapping.bundle).map_err(|faults| {
            let mistake = |fault: mapping::Fault| {
                Mistake::new("mapping.bundle", format!("{}:{}: {}", fault.file, fault.line, fault.what), fault.mend)
            };
            mistakes.extend(faults.into_iter().map(mistake));
        });
        let calls = self.calls;
        mistakes.extend(calls.check());
        let blobs = self.blobs.as_ref().map(|blobs| blobs.check("blobs", true)).transpose();
        let blobs = blobs.unwrap_or_else(|more| {
            mistakes.extend(more);
            None
        });
        match (codec, system, bundle) {
            (Ok(codec), Ok(system), Ok(bundle)) if mistakes.is_empty() => {
                Ok(Ready { kafka: self.kafka, codec, state: self.state, system, bundle, calls, blobs })
            }
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, state, system, bundle, calls, blobs } = ready;
    let id = system.system.clone();
    let (store, scanner) = blobs.map_or((None, None), |blobs| (Some(blobs.store), blobs.scanner));
    let target = adapter::HttpTarget::new(&system).map_err(|e| StartError::SetUp(e.to_string()))?;
    let target = Guard::new(target.with_blobs(store.clone()), id.as_str(), bundle);
    let settle = calls.settle(target.capability("partner.issue.post-comment"));
    let spec = SinkSpec {
        role: ROLE,
        side: "partner",
        commands: "partner.commands",
        outcomes: "partner.outcomes",
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
