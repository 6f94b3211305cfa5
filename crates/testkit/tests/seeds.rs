//! The rules of delivery under every fault, seed by seed, and the proof that a broken rule would be noticed.
//!
//! `CAUSEWAY_SEEDS=n` runs more seeds; `CAUSEWAY_SEED=n cargo test -p testkit seeds` runs one again, and with
//! `CAUSEWAY_TRACE=1` prints what both systems and the log hold in the end.

use std::collections::BTreeMap;
use std::time::Instant;
use testkit::sim::{CRASH_POINTS, Faults, Report, Sabotage, Setup, Tiny, run};

fn one(seed: u64, faults: Faults, sabotage: Option<Sabotage>) -> Report {
    run(Setup { seed, faults, sabotage, actions: Vec::new() }, &Tiny)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

#[derive(Default)]
struct Totals {
    steps: usize,
    effects: usize,
    zombie_calls: usize,
    crashes: BTreeMap<&'static str, usize>,
}

impl Totals {
    fn add(&mut self, steps: usize, effects: usize, zombie_calls: usize, crashes: &BTreeMap<&'static str, usize>) {
        self.steps += steps;
        self.effects += effects;
        self.zombie_calls += zombie_calls;
        for (point, n) in crashes {
            *self.crashes.entry(point).or_default() += n;
        }
    }
}

/// Runs seeds on the cores there are; the failing ones, and the totals.
fn many(seeds: std::ops::Range<u64>, faults: &Faults) -> (Vec<(u64, Report)>, Totals) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4) as u64;
    let results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let seeds = seeds.clone();
                scope.spawn(move || {
                    let (mut failed, mut totals) = (Vec::new(), Totals::default());
                    for seed in seeds.filter(|seed| seed % threads == thread) {
                        let report = one(seed, faults.clone(), None);
                        totals.add(report.steps, report.effects, report.zombie_calls, &report.crashes);
                        if !report.violations.is_empty() {
                            failed.push((seed, report));
                        }
                    }
                    (failed, totals)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ran its seeds")).collect::<Vec<_>>()
    });
    let (mut failed, mut totals) = (Vec::new(), Totals::default());
    for (some, part) in results {
        failed.extend(some);
        totals.add(part.steps, part.effects, part.zombie_calls, &part.crashes);
    }
    failed.sort_by_key(|(seed, _)| *seed);
    (failed, totals)
}

fn expect_clean(name: &str, failed: &[(u64, Report)]) {
    if let Some((seed, report)) = failed.first() {
        let all: Vec<u64> = failed.iter().map(|(seed, _)| *seed).take(20).collect();
        for (seed, report) in failed.iter().take(20) {
            println!(
                "seed {seed}: {}",
                report.violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            );
        }
        panic!(
            "{name}: {} seeds failed, the first of them {all:?}\nseed {seed}: {:#?}\nreplay: CAUSEWAY_SEED={seed} cargo test -p testkit seeds",
            failed.len(),
            report.violations
        );
    }
}

#[test]
fn seeds_lose_nothing_double_nothing_reorder_nothing_and_leak_nothing() {
    let begun = Instant::now();
    let seeds = match number("CAUSEWAY_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CAUSEWAY_SEEDS").unwrap_or(10_000),
    };
    let n = seeds.end - seeds.start;
    let (failed, totals) = many(seeds, &Faults::all());
    let Totals { steps, effects, zombie_calls, crashes } = totals;
    println!(
        "{n} seeds, {steps} steps, {effects} effects, {zombie_calls} calls in the one window, {} failed, {:.1} s",
        failed.len(),
        begun.elapsed().as_secs_f64()
    );
    expect_clean("all faults", &failed);
    println!("fewer than {:.5} % of seeds fail, by the rule of three", 300.0 / n as f64);
    for point in CRASH_POINTS {
        let deaths = crashes.get(point).copied().unwrap_or(0);
        println!("{deaths:>8} deaths at {point}");
        assert!(n < 10_000 || deaths >= 50, "{point}: only {deaths} deaths");
    }
    assert!(crashes.keys().all(|point| CRASH_POINTS.contains(point)), "a point that is not listed: {crashes:?}");
    assert!(n == 1 || effects as u64 > n * 5, "the runs do too little to prove anything: {effects} effects");
}

#[test]
fn a_run_without_faults_delivers_everything() {
    let (failed, _) = many(0..200, &Faults::none());
    expect_clean("no faults", &failed);
}

#[test]
fn every_step_doubled_and_every_call_failed_once_changes_nothing() {
    let (failed, _) = many(0..300, &Faults::doubled());
    expect_clean("doubled", &failed);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..5 {
        let (first, second) = (one(seed, Faults::all(), None), one(seed, Faults::all(), None));
        assert_eq!((first.steps, first.effects), (second.steps, second.effects));
    }
}

#[test]
fn every_planted_mistake_is_found() {
    for sabotage in [
        Sabotage::CallBeforeReadBack,
        Sabotage::DedupeOff,
        Sabotage::OffsetBeforeOutcome,
        Sabotage::BarrierIgnored,
        Sabotage::EchoCheckOff,
        Sabotage::NoLookBeforeRetry,
        Sabotage::ClassifiedTooEarly,
        Sabotage::NoSettleTime,
        Sabotage::OffsetsBeforeRecords,
        Sabotage::EqualValueIsAlwaysOurs,
    ] {
        let found = (0..1_000).map(|seed| (seed, one(seed, Faults::all(), Some(sabotage)))).find(|(_, report)| {
            // What only does not come to rest proves nothing about a promise.
            report.violations.iter().any(|v| !matches!(v, testkit::sim::Violation::Restless))
        });
        let Some((seed, report)) = found else { panic!("{sabotage:?} was not found in 1,000 seeds") };
        println!("{sabotage:?}: seed {seed}, {}", report.violations[0]);
    }
}
