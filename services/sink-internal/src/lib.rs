//! Makes the case system obey internal commands.
//!
//! Exactly once as far as the system allows: an intent is on the log before a call, an outcome after it, and what is
//! in doubt is looked at before anything is written again.

use adapter_internal as adapter;
use codec::{Codec, RegistryConfig};
use ports::{Capability, Mistake, Target};
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::sink::SinkSpec;
use runtime::{KafkaConfig, StartError, StateConfig};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
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
}

/// How the system is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallsConfig {
    /// Subjects with a call under way at once, per partition.
    pub concurrency: usize,
    /// How long one call may take.
    pub timeout_ms: u64,
    /// Beyond the end of a call whose caller died: how long until a look at the system tells the truth. Without it the
    /// adapter's own word counts.
    pub settle_ms: Option<u64>,
}

impl Default for CallsConfig {
    fn default() -> Self {
        Self { concurrency: 8, timeout_ms: 20_000, settle_ms: None }
    }
}

pub struct Ready {
    kafka: KafkaConfig,
    codec: Codec,
    state: StateConfig,
    system: adapter::Ready,
    calls: CallsConfig,
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
        for (key, value, range) in [
            ("calls.concurrency", calls.concurrency as u64, 1..=256),
            ("calls.timeout_ms", calls.timeout_ms, 500..=300_000),
            ("calls.settle_ms", calls.settle_ms.unwrap_or(0), 0..=600_000),
        ] {
            if !range.contains(&value) {
                let fix = format!("give {} to {}", range.start(), range.end());
                mistakes.push(Mistake::new(key, format!("{value} is out of range"), fix));
            }
        }
        match (codec, system) {
            (Ok(codec), Ok(system)) if mistakes.is_empty() => {
                Ok(Ready { kafka: self.kafka, codec, state: self.state, system, calls })
            }
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, state, system, calls } = ready;
    let id = system.system().clone();
    let target = adapter::AnyTarget::new(system).map_err(StartError::SetUp)?;
    let settle = match (calls.settle_ms, target.capability("internal.issue.create-case")) {
        (Some(ms), _) => Duration::from_millis(ms),
        (None, Capability::Findable { settle }) => settle,
        (None, Capability::Idempotent { .. } | Capability::Blind | Capability::Unsupported) => Duration::from_secs(2),
    };
    let spec = SinkSpec {
        role: ROLE,
        side: "internal",
        commands: "internal.commands",
        outcomes: "internal.outcomes",
        target: Arc::new(target),
        system: id,
        concurrency: calls.concurrency,
        call_timeout: Duration::from_millis(calls.timeout_ms),
        settle,
    };
    runtime::sink::run(kafka, state, codec, spec, context.shutdown.clone(), context.ready()).await
}
