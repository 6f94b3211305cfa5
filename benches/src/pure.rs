//! The part without Kafka, in a loop: decode, map, encode, headers. Each stage includes those before it.

use crate::error::{BenchError, wrong};
use crate::events;
use codec::{Codec, headers};
use domain::{Cause, Envelope, Fact, PartnerEvent};
use mapping::Bundle;
use rdkafka::message::OwnedHeaders;
use runtime::record::with_headers;
use std::hint::black_box;
use std::time::Instant;

/// Distinct events that are gone through again and again: 100 cases.
pub const EVENTS: u64 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Decode,
    Map,
    Encode,
    Headers,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Decode, Self::Map, Self::Encode, Self::Headers];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Map => "map",
            Self::Encode => "encode",
            Self::Headers => "headers",
        }
    }
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }
}

/// The loop and what it needs, so that making it can be told apart from running it.
pub struct Pure {
    codec: Codec,
    bundle: Bundle,
    values: Vec<Vec<u8>>,
    cause: Cause,
}

impl Pure {
    pub fn new() -> Result<Self, BenchError> {
        let codec = Codec::offline();
        let values = (0..EVENTS).map(|n| events::encoded(&codec, n).map(|e| e.value)).collect::<Result<_, _>>()?;
        let cause = Cause { topic: events::TOPIC.to_owned(), partition: 3, offset: 1_234_567 };
        Ok(Self { codec, bundle: crate::kafka::bundle()?, values, cause })
    }

    /// All events `passes` times, up to and including a stage.
    pub fn run(&self, stage: Stage, passes: u64) -> Result<(), BenchError> {
        let mut bytes = Vec::with_capacity(2_048);
        for _ in 0..passes {
            for value in &self.values {
                let event: Envelope<PartnerEvent> = self.codec.decode(events::TOPIC, black_box(value))?;
                if stage == Stage::Decode {
                    black_box(&event);
                    continue;
                }
                let mapped = mapping::to_internal(&self.bundle, &Fact::event(event), &self.cause);
                if mapped.commands.is_empty() {
                    return wrong("an event led to nothing");
                }
                for command in mapped.commands.iter().filter(|_| stage >= Stage::Encode) {
                    bytes.clear();
                    self.codec.encode("internal.commands", command, &mut bytes)?;
                    black_box(&bytes);
                    if stage == Stage::Headers {
                        black_box(with_headers(OwnedHeaders::new(), headers::cloud_event(&command.meta)));
                    }
                }
                black_box(&mapped);
            }
        }
        Ok(())
    }

    /// Nanoseconds per record, the best of several goes: the others were disturbed.
    pub fn nanoseconds(&self, stage: Stage) -> Result<f64, BenchError> {
        const PASSES: u64 = 20;
        let mut best = f64::INFINITY;
        for _ in 0..9 {
            let begin = Instant::now();
            self.run(stage, PASSES)?;
            best = best.min(begin.elapsed().as_nanos() as f64 / (PASSES * EVENTS) as f64);
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_runs_over_the_whole_workload() {
        let pure = Pure::new().unwrap();
        for stage in Stage::ALL {
            pure.run(stage, 1).unwrap();
            assert_eq!(Stage::from_word(stage.word()), Some(stage));
        }
    }
}
