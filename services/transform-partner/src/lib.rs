//! What the partner side said (events, and what became of commands there), as commands for the other side.
//!
//! Remembers nothing. Knows no system: the bundle and the fact decide.

use codec::{Codec, RegistryConfig};
use domain::{InternalCommand, PartnerEvent};
use mapping::Bundle;
use ports::Mistake;
use runtime::service::{AdminConfig, Context, RoleConfig};
use runtime::transformer::{Mapped, TransformSpec};
use runtime::{KafkaConfig, StartError, bundles};
use serde::Deserialize;
use std::path::PathBuf;
use telemetry::TelemetryConfig;

pub const ROLE: &str = "transform-partner";

/// The role's configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub kafka: KafkaConfig,
    pub registry: RegistryConfig,
    pub admin: AdminConfig,
    #[serde(default)]
    pub telemetry: TelemetryConfig,
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
            (Ok(codec), Ok(bundle)) if mistakes.is_empty() => Ok(Ready { kafka: self.kafka, codec, bundle }),
            _ => Err(mistakes),
        }
    }
}

/// Runs until shutdown or until it cannot go on.
pub async fn run(ready: Ready, context: Context) -> Result<(), StartError> {
    let Ready { kafka, codec, bundle } = ready;
    context
        .on_thread(move |context| {
            let version = domain::BundleVersion {
                link: bundle.link().to_owned(),
                version: bundle.version(),
                digest: bundle.digest().to_owned(),
                files: bundle.files().clone(),
            };
            bundles::enter(&kafka, &codec, ROLE, &version, &context.shutdown)?;
            let spec = TransformSpec::<PartnerEvent, InternalCommand> {
                role: ROLE,
                events: "partner.events",
                outcomes: "partner.outcomes",
                service_levels: "service-level.events",
                commands: "internal.commands",
                told: "internal.commands",
                dead_letters: [
                    "partner.events.dead-letters",
                    "partner.outcomes.dead-letters",
                    "service-level.events.dead-letters",
                ],
                mapping_version: bundle.version(),
                map: Box::new(move |fact, cause| {
                    let mapped = mapping::to_internal(&bundle, fact, cause);
                    let held = mapped.held.map(|held| (held.reason, held.detail));
                    Mapped { commands: mapped.commands, told: Vec::new(), skipped: mapped.skipped, held }
                }),
            };
            runtime::transformer::run(&kafka, &codec, &spec, &context.shutdown, &context.health)
        })
        .await
}
