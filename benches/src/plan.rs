//! What is measured in which order. Subjects take turns, so that a busy neighbour troubles both.

use crate::child::Children;
use crate::error::{BenchError, wrong};
use crate::pure::{EVENTS, Pure, Stage};
use crate::report::{self, Subject};
use crate::usage::Usage;
use crate::{events, kafka, machine};
use codec::Codec;
use runtime::KafkaConfig;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::runtime::Runtime;

/// Passes over the events whose difference is one count per record.
const PASSES: [u64; 2] = [1, 11];

/// The cluster to use.
pub fn bootstrap() -> Result<String, BenchError> {
    std::env::var("BENCH_BOOTSTRAP").or_else(|_| wrong("BENCH_BOOTSTRAP is not set: start with benches/run.sh"))
}

fn number(name: &str, default: u64) -> Result<u64, BenchError> {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().or_else(|_| wrong(format!("{name}={text} is no number"))),
        Ok(_) | Err(_) => Ok(default),
    }
}

fn children() -> Result<Children, BenchError> {
    let core = std::env::var("BENCH_CORE").ok().filter(|core| !core.is_empty());
    if std::env::var("BENCH_INSTRUCTIONS").is_ok_and(|wanted| wanted == "no") {
        return Ok(Children { core, callgrind: None });
    }
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("bench: valgrind is not installed (Debian: valgrind): NO INSTRUCTIONS ARE COUNTED");
        return Ok(Children { core, callgrind: None });
    }
    let folder = PathBuf::from(std::env::var("BENCH_CALLGRIND").unwrap_or_else(|_| "target/callgrind".to_owned()));
    std::fs::create_dir_all(&folder).map_err(|source| BenchError::File { path: folder.clone(), source })?;
    Ok(Children { core, callgrind: Some(folder) })
}

struct Plan {
    children: Children,
    config: KafkaConfig,
    codec: Codec,
    loaded: u64,
    mean_bytes: u64,
}

pub fn run(executor: &Runtime) -> Result<(), BenchError> {
    let (records, rounds) = (number("BENCH_RECORDS", 200_000)?, number("BENCH_ROUNDS", 3)?);
    if records < 1_000 || rounds == 0 {
        return wrong("give at least 1000 records and one round");
    }
    let (load_before, children) = (machine::load(), children()?);
    let pure = pure(&children)?;
    let config = kafka::config(&bootstrap()?, "load");
    let mut plan = Plan { children, config, codec: Codec::offline(), loaded: 0, mean_bytes: 0 };
    executor.block_on(kafka::topics(&plan.config))?;
    match kafka::end_of(&plan.config, events::TOPIC)? {
        0 => {}
        _ => return wrong(format!("`{}` is not empty: this is no cluster to measure on", events::TOPIC)),
    }
    let [ours, limit] = plan.whole(records)?;
    let (mut transformer, mut relay) = (Vec::new(), Vec::new());
    plan.load(records)?;
    for round in 0..rounds {
        // A B, B A, A B: neither always has the warmer broker.
        let order = if round % 2 == 0 { ["transform", "relay"] } else { ["relay", "transform"] };
        for part in order {
            let usage = plan.measure(part, round)?;
            eprintln!("bench: round {} {part:<9} {:>9.0} records/s", round + 1, usage.rate());
            if part == "relay" { relay.push(usage) } else { transformer.push(usage) }
        }
    }
    println!(
        "side by side: n = {records} records of {} bytes in the mean, {rounds} rounds each: median (least–most)",
        plan.mean_bytes
    );
    println!(
        "one issue opened and four comments a case, so {} keys; one core a subject: {}",
        records.div_ceil(events::PER_CASE),
        plan.children.core.as_deref().unwrap_or("not pinned")
    );
    println!("load average before {load_before}, after {}", machine::load());
    machine::facts().iter().for_each(|fact| println!("{fact}"));
    println!();
    let ours = Subject { name: "transformer, EOS at 100 ms", rounds: transformer, instructions: ours };
    let limit = Subject { name: "raw relay, at least once", rounds: relay, instructions: limit };
    report::side_by_side(&ours, &limit);
    println!();
    report::pure(&pure);
    Ok(())
}

impl Plan {
    /// Fills the topic up to `records`.
    fn load(&mut self, records: u64) -> Result<(), BenchError> {
        let (config, codec, from) = (&self.config, &self.codec, self.loaded);
        let mean = kafka::load(config, codec, from, records)?;
        let end = kafka::end_of(&self.config, events::TOPIC)?;
        if end != records {
            return wrong(format!("`{}` holds {end} records instead of {records}", events::TOPIC));
        }
        self.mean_bytes = (self.mean_bytes * from + mean * (records - from)) / records.max(1);
        self.loaded = records;
        Ok(())
    }

    fn measure(&self, part: &str, round: u64) -> Result<Usage, BenchError> {
        self.children.measure(&[part, &format!("r{round}"), &self.loaded.to_string()])
    }

    /// Instructions per record of the whole process, transformer and relay: the difference between a larger and a
    /// smaller topic, so that starting and stopping do not count.
    fn whole(&mut self, records: u64) -> Result<[Option<f64>; 2], BenchError> {
        let Some(folder) = self.children.callgrind.clone() else { return Ok([None, None]) };
        let sizes = [(records / 10).min(2_000), (records / 2).min(12_000)];
        let mut totals = [[0.0; 2]; 2];
        for (at, size) in sizes.into_iter().enumerate() {
            self.load(size)?;
            for (subject, part) in ["transform", "relay"].into_iter().enumerate() {
                eprintln!("bench: counting the instructions of {part} over {size} records");
                let arguments = [part, &format!("c{at}"), &size.to_string()];
                totals[subject][at] = self.children.instructions(&folder, &arguments)? as f64;
            }
        }
        let more = (sizes[1] - sizes[0]) as f64;
        Ok(totals.map(|[small, large]| Some((large - small) / more)))
    }
}

/// Each stage of the part without Kafka.
fn pure(children: &Children) -> Result<Vec<report::Measured>, BenchError> {
    let pure = Pure::new()?;
    let mut stages = Vec::new();
    for stage in Stage::ALL {
        let counted = match &children.callgrind {
            None => None,
            Some(folder) => Some(per_record(children, folder, stage)?),
        };
        stages.push((stage.word(), counted, pure.nanoseconds(stage)?));
    }
    Ok(stages)
}

fn per_record(children: &Children, folder: &Path, stage: Stage) -> Result<f64, BenchError> {
    eprintln!("bench: counting the instructions up to {}", stage.word());
    let count = |passes: u64| children.instructions(folder, &["pure", stage.word(), &passes.to_string()]);
    let [few, many] = PASSES;
    Ok((count(many)?.saturating_sub(count(few)?)) as f64 / ((many - few) * EVENTS) as f64)
}
