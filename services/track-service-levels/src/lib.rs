//! The one place that owns time: what is waited for, from everything that both sides said, and what becomes due, as facts
//! for both transformers.
//!
//! Knows no system. Rules come from the bundle; the fold does not depend on them.

use codec::{Codec, RegistryConfig};
use mapping::Bundle;
use ports::Mistake;
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::tracker::TrackerSpec;
use runtime::{KafkaConfig, StartError, StateConfig, bundles};
use serde::Deserialize;
use std::path::PathBuf;
use telemetry::TelemetryConfig;

pub const ROLE: &str = "track-service-levels";

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
    pub mapping: MappingConfig,
}

/// Where the bundle is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingConfig {
    pub bundle: PathBuf,
}

pub struct Ready {
    kafka: KafkaConfig,
    state: StateConfig,
    codec: Codec,
    bundle: Bundle,
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
        let bundle = Bundle::load(&self.mapping.bundle).map_err(|faults| {
            let mistake = |fault: mapping::Fault| {
                Mistake::new("mapping.bundle", format!("{}:{}: {}", fault.file, fault.line, fault.what), fault.mend)
            };
            mistakes.extend(faults.into_iter().map(mistake));
        });
        match (codec, bundle) {
            (Ok(codec), Ok(bundle)) if mistakes.is_empty() => {
                Ok(Ready { kafka: self.kafka, state: self.state, codec, bundle })
            }
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, state, codec, bundle } = ready;
    context
        .on_thread(move |context| {
            bundles::enter(&kafka, &codec, ROLE, &bundle.record(), &context.shutdown)?;
            let spec = TrackerSpec { role: ROLE, rules: bundle.timer_rules() };
            runtime::tracker::run(&kafka, &state, &codec, &spec, &context.shutdown, &context.health)
        })
        .await
}
