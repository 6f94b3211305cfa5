//! Commands of which nobody knows what became, and what a person found out about them.
//!
//! The list is the sinks' own fold of the outcomes, partition by partition, so that it says what a sink would say.
//! Memory: about 200 bytes for each command of one partition.

mod fold;
mod resolve;

pub use fold::{Standing, Undecided};
pub use resolve::{Found, ResolveError, resolve};

use crate::config::KafkaConfig;
use crate::entry::StartError;
use crate::history::{History, Part};
use crate::redrive::again::outcomes_of;
use crate::redrive::with_schema;
use codec::Codec;
use domain::{Envelope, Outcome, Timestamp};
use fold::Fold;

/// Topics of commands, each with a sink.
pub const COMMANDS: [&str; 2] = ["internal.commands", "partner.commands"];

/// Every command that stands undecided at `now`: an intent whose time is over, a doubt, a parked one. By topic and
/// partition, in the order of the commands. Blocking, within a tokio runtime.
pub fn list(config: &KafkaConfig, codec: &Codec, now: Timestamp) -> Result<Vec<Undecided>, StartError> {
    let history = History::open(config, "doubt")?;
    let mut all = Vec::new();
    for commands in COMMANDS {
        let Some(outcomes) = outcomes_of(commands) else { continue };
        for partition in 0..crate::admin::contract_of(outcomes)?.partitions {
            let mut fold = Fold::new(commands, partition);
            history.records(outcomes, &[Part { partition, from: 0, until: None }], |record| {
                let decode = || codec.decode::<Envelope<Outcome>>(outcomes, &record.payload);
                match with_schema(codec, decode)? {
                    Ok(outcome) => {
                        fold.hear(record.offset, outcome);
                        Ok(())
                    }
                    // As the sink, which ends: without this record nothing that follows can be believed.
                    Err(error) => Err(StartError::Unreadable {
                        topic: record.topic.clone(),
                        partition,
                        offset: record.offset,
                        reason: error.to_string(),
                    }),
                }
            })?;
            all.extend(fold.undecided(now));
        }
    }
    Ok(all)
}
