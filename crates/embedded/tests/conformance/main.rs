//! The same checks on the embedded broker and, where `E2E_KAFKA=host:port` names one, on Apache Kafka, so that the one
//! cannot drift from the other. Names are new in every run: a used cluster will do.

#![allow(clippy::unwrap_used, reason = "a check that meets what it did not expect has failed")]

mod groups;
mod kit;
mod offsets;
mod only;
mod records;
mod retention;
mod topics;
mod transactions;

use embedded::{Broker, Options};
use kit::{Cx, Side};
use libtest_mimic::{Arguments, Trial};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A check and where it runs.
pub struct Check {
    name: &'static str,
    only: Option<Side>,
    run: fn(&Cx),
}

pub const fn both(name: &'static str, run: fn(&Cx)) -> Check {
    Check { name, only: None, run }
}
pub const fn only(side: Side, name: &'static str, run: fn(&Cx)) -> Check {
    Check { name, only: Some(side), run }
}

type Results = Arc<Mutex<BTreeMap<(&'static str, Side), bool>>>;

fn main() -> ExitCode {
    if let Some(code) = kit::as_child() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    // Most of a check is waiting.
    arguments.test_threads.get_or_insert(6);
    let folder = tempfile::tempdir().expect("a folder");
    let broker = Broker::start(Options {
        folder: folder.path().join("log"),
        kafka: kit::any_port(),
        registry: kit::any_port(),
        retention_interval: Duration::from_millis(200),
        ..Options::default()
    });
    let broker = broker.expect("the broker starts");
    let mut sides = vec![(Side::Embedded, broker.kafka_address().to_string())];
    sides.extend(std::env::var("E2E_KAFKA").ok().map(|address| (Side::Kafka, address)));
    let checks: Vec<Check> = [
        topics::CHECKS,
        records::CHECKS,
        offsets::CHECKS,
        groups::CHECKS,
        transactions::CHECKS,
        retention::CHECKS,
        only::CHECKS,
    ]
    .into_iter()
    .flatten()
    .map(|check| Check { ..*check })
    .collect();
    let results = Results::default();
    let mut trials = Vec::new();
    for (side, address) in &sides {
        for check in checks.iter().filter(|check| check.only.is_none_or(|only| only == *side)) {
            let (cx, results, run) = (Cx::new(*side, address), results.clone(), check.run);
            let key = (check.name, *side);
            trials.push(Trial::test(format!("{side:?}: {}", check.name), move || {
                results.lock().expect("results").insert(key, false);
                run(&cx);
                results.lock().expect("results").insert(key, true);
                Ok(())
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    table(&checks, &results.lock().expect("results"), sides.len() > 1);
    drop(broker);
    conclusion.exit_code()
}

fn table(checks: &[Check], results: &BTreeMap<(&'static str, Side), bool>, with_kafka: bool) {
    let cell = |check: &Check, side| match results.get(&(check.name, side)) {
        Some(true) => "pass",
        Some(false) => "FAIL",
        None if check.only.is_some_and(|only| only != side) => "not asked",
        None => "not run",
    };
    println!("{:<76} | {:<9} | Apache Kafka", "check", "embedded");
    for check in checks {
        println!("{:<76} | {:<9} | {}", check.name, cell(check, Side::Embedded), cell(check, Side::Kafka));
    }
    let count = |side| {
        let ran = results.iter().filter(|((_, on), _)| *on == side);
        format!("{} of {}", ran.clone().filter(|(_, passed)| **passed).count(), ran.count())
    };
    let kafka = if with_kafka { count(Side::Kafka) } else { "not run".to_owned() };
    println!("{:<76} | {:<9} | {kafka}", "", count(Side::Embedded));
    if !with_kafka {
        println!("SKIPPED the column of Apache Kafka: E2E_KAFKA=host:port names a broker to compare with");
    }
}
