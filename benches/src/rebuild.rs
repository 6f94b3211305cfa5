//! A sink's restore from an empty cache: decode each outcome, fold it, write the store. Without Kafka, which only adds
//! what a fetch costs.

use crate::error::{BenchError, wrong};
use crate::usage;
use codec::Codec;
use delivery::sink::{Input, Memory as _, Partition, Rules};
use domain::outcome::{Done, Intent};
use domain::{
    CommandRef, ContentHash, Envelope, InternalCommand, MessageId, Meta, Outcome, Subject, SystemId, Timestamp,
};
use runtime::store::SinkStore;
use std::time::Instant;

const TOPIC: &str = "internal.outcomes";
/// Commands of one subject: a case of five.
const COMMANDS: u64 = 5;
/// Commands whose outcomes are made before the clock runs.
const CHUNK: usize = 1_000;

fn outcome(command: u64, done: bool) -> Result<Envelope<Outcome>, BenchError> {
    let subject = Subject::try_from(format!("case/tg/C-{:06}", command / COMMANDS)).or_else(|_| wrong("no subject"))?;
    let system = SystemId::new("rt").or_else(|_| wrong("no system"))?;
    let event = MessageId::from_bytes(u128::from(command).to_be_bytes());
    let id = MessageId::of_outcome(event, "command", "");
    let reference = CommandRef {
        id,
        kind: "internal.issue.add-public-comment".to_owned(),
        hash: ContentHash::of_bytes(&command.to_be_bytes()),
        offset: i64::try_from(command).unwrap_or(i64::MAX),
    };
    let payload = if done {
        Outcome::Done(Done {
            command: reference,
            native_id: (command / COMMANDS).to_string(),
            reference: domain::Marked::default(),
            effects: vec![(command * 3).to_string()],
            fields: Vec::new(),
            version: (command * 3).to_string(),
            created: command.is_multiple_of(COMMANDS),
        })
    } else {
        Outcome::Intent(Intent {
            command: reference,
            owner: "sink-internal-1-5f0c".to_owned(),
            attempt: 1,
            not_after: Timestamp(1_700_000_000_000),
            marker: id.to_string(),
            fields: Vec::new(),
            native_id: String::new(),
        })
    };
    let meta = Meta {
        id: MessageId::of_outcome(id, payload.word(), "bench"),
        subject,
        system,
        partner_id: None,
        kind: format!("internal.outcome.{}", payload.word()),
        occurred_at: Timestamp(1_700_000_000_000),
        recorded_at: Timestamp(1_700_000_000_000),
        source_version: String::new(),
        causation_id: Some(id),
        actor: domain::Actor { id: "sink-internal-1-5f0c".to_owned(), side: domain::Side::System },
        visibility: domain::Visibility::Host,
        environment: domain::Environment::Production,
        ext: std::collections::BTreeMap::new(),
        mapping_version: 1,
        cause: None,
    };
    Ok(Envelope { meta, payload })
}

/// `records` outcomes into a store in `folder`, which must not be there yet.
pub fn run(folder: &std::path::Path, records: u64) -> Result<(), BenchError> {
    let codec = Codec::offline();
    let mut store = SinkStore::open(&folder.join("bench.redb"), "bench", 4 << 20)
        .or_else(|error| wrong(runtime::service::chain(&error)))?;
    let rules = Rules {
        side: "internal",
        system: SystemId::new("rt").or_else(|_| wrong("no system"))?,
        owner: "bench".to_owned(),
        call_timeout: 20_000,
        settle: 2_000,
        backoff_base: 500,
        backoff_cap: 300_000,
        wait_after: 60_000,
        park_after: 72 * 3_600_000,
        second_looks: &[],
        max_in_flight: 8,
        max_held: 1_000,
    };
    let mut partition: Partition<InternalCommand> = Partition::new(rules);
    partition.step(&mut store, Timestamp(0), Input::Assigned);
    let (mut spent, mut offset) = (std::time::Duration::ZERO, 0);
    for first in (0..records / 2).step_by(CHUNK) {
        let mut log = Vec::new();
        for command in first..(first + CHUNK as u64).min(records / 2) {
            for done in [false, true] {
                let mut bytes = Vec::new();
                codec.encode(TOPIC, &outcome(command, done)?, &mut bytes)?;
                log.push(bytes);
            }
        }
        let began = Instant::now();
        for bytes in &log {
            let read: Envelope<Outcome> = codec.decode(TOPIC, bytes)?;
            partition.step(&mut store, Timestamp(0), Input::Outcome { offset, outcome: Box::new(read) });
            if store.wants_flush() {
                store.flush().or_else(|error| wrong(error.to_string()))?;
            }
            offset += 1;
        }
        spent += began.elapsed();
    }
    let began = Instant::now();
    store.flush().or_else(|error| wrong(error.to_string()))?;
    spent += began.elapsed();
    if store.next_outcome() != offset {
        return wrong("not everything was folded");
    }
    let seconds = spent.as_secs_f64();
    println!(
        "rebuild: {offset} outcomes of {} commands in {seconds:.2} s, {:.0} a second, {} MiB resident, file {} MiB",
        records / 2,
        offset as f64 / seconds,
        usage::peak_mib(),
        std::fs::metadata(folder.join("bench.redb")).map_or(0, |file| file.len() >> 20),
    );
    Ok(())
}
