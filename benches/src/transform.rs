//! The subject: our transformer as `transform-partner` runs it, with ids of the embedded schemas instead of a
//! registry's. Starter bundle, transactions at 100 ms, metrics counted.

use crate::error::{BenchError, wrong};
use crate::usage::{Mark, Usage};
use crate::{events, kafka};
use codec::Codec;
use domain::{InternalCommand, PartnerEvent};
use runtime::transformer::{Mapped, TransformSpec};
use runtime::{KafkaConfig, Shutdown, StartError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use telemetry::admin::Health;

const COMMANDS: &str = "internal.commands";
const BUDGET: Duration = Duration::from_secs(600);

/// What the mapping has seen; read by the one who waits for the end.
#[derive(Default)]
struct Seen {
    begin: OnceLock<Mark>,
    facts: AtomicU64,
    commands: AtomicU64,
}

/// Until all `records` are committed with what they lead to. The topic must hold exactly so many.
pub async fn run(config: KafkaConfig, records: u64) -> Result<Usage, BenchError> {
    runtime::admin::apply(&config, 1).await?;
    let (seen, shutdown) = (Arc::new(Seen::default()), Shutdown::new());
    let spec = spec(seen.clone())?;
    let stop = shutdown.clone();
    let mut host = tokio::task::spawn_blocking(move || {
        runtime::transformer::run::<PartnerEvent, InternalCommand>(
            &config,
            &Codec::offline(),
            &spec,
            &stop,
            &Health::default(),
        )
    });
    let usage = tokio::select! {
        usage = tokio::time::timeout(BUDGET, committed(&seen, records)) => match usage {
            Ok(usage) => usage,
            Err(_) => wrong(format!("only {} of {records} facts came", seen.facts.load(Ordering::Relaxed))),
        },
        ended = &mut host => {
            ended.map_err(|_| StartError::Worker("transformer"))??;
            return wrong("the transformer ended by itself");
        }
    };
    shutdown.begin();
    host.await.map_err(|_| StartError::Worker("transformer"))??;
    usage
}

fn spec(seen: Arc<Seen>) -> Result<TransformSpec<PartnerEvent, InternalCommand>, BenchError> {
    let bundle = kafka::bundle()?;
    Ok(TransformSpec {
        role: "transform-partner",
        events: events::TOPIC,
        outcomes: "partner.outcomes",
        service_levels: "service-level.events",
        commands: COMMANDS,
        told: COMMANDS,
        dead_letters: [
            "partner.events.dead-letters",
            "partner.outcomes.dead-letters",
            "service-level.events.dead-letters",
        ],
        mapping_version: bundle.version(),
        map: Box::new(move |fact, cause| {
            seen.begin.get_or_init(Mark::now);
            let mapped = mapping::to_internal(&bundle, fact, cause);
            seen.commands.fetch_add(mapped.commands.len() as u64, Ordering::Relaxed);
            seen.facts.fetch_add(1, Ordering::Release);
            let held = mapped.held.map(|held| (held.reason, held.detail));
            Mapped { commands: mapped.commands, told: Vec::new(), skipped: mapped.skipped, held }
        }),
    })
}

/// Looks every millisecond: what is seen too late is counted against us.
async fn committed(seen: &Seen, records: u64) -> Result<Usage, BenchError> {
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    loop {
        tick.tick().await;
        if seen.facts.load(Ordering::Acquire) < records {
            continue;
        }
        let commands = seen.commands.load(Ordering::Relaxed);
        if produced() < commands {
            continue;
        }
        // A batch that was mapped twice, or a hold, would be another workload than the one that is stated.
        if seen.facts.load(Ordering::Relaxed) != records || produced() != commands {
            return wrong("a transaction was aborted or a fact held: the run does not count");
        }
        return match seen.begin.get() {
            Some(begin) => Ok(begin.usage(records, commands)),
            None => wrong("no record came"),
        };
    }
}

/// Records in committed transactions, by the process's own metric.
fn produced() -> u64 {
    let name = format!("causeway_records_produced_total{{topic=\"{COMMANDS}\"}} ");
    let metrics = telemetry::facts::render();
    let value = metrics.lines().find_map(|line| line.strip_prefix(&name)?.trim().parse::<f64>().ok());
    value.map_or(0, |value| value as u64)
}
