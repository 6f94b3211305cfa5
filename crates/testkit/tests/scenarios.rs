//! Every scenario of `tests/scenarios` on the mapping alone and in the simulation; no server needed.
//!
//! `CAUSEWAY_SCENARIO=01-issue/03 CAUSEWAY_LEVEL=simulation cargo test -p testkit scenarios` plays those that begin so,
//! on that level; `CAUSEWAY_SCENARIO_SEEDS=n` plays more seeds of each.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;
use testkit::scenario::{self, Level, Scenario, Variant, Verdict};

const SEEDS: u64 = 6;

fn all() -> Vec<Scenario> {
    scenario::read_folder(&scenario::folder()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn chosen(level: Level) -> Vec<Scenario> {
    let prefix = std::env::var("CAUSEWAY_SCENARIO").unwrap_or_default();
    let wanted = std::env::var("CAUSEWAY_LEVEL").ok().filter(|word| !word.is_empty());
    let wanted = wanted.map(|word| Level::parse(&word).unwrap_or_else(|| panic!("no level is called {word}")));
    let mut some = all();
    some.retain(|scenario| scenario.name.starts_with(&prefix));
    assert!(!some.is_empty(), "no scenario begins with {prefix}");
    some.retain(|scenario| scenario.runs_at(level) && wanted.is_none_or(|wanted| wanted == level));
    if !prefix.is_empty() {
        if some.is_empty() && wanted.is_none_or(|wanted| wanted == level) {
            println!("SKIPPED: no scenario that begins with {prefix} is played on the level {}", level.as_str());
        }
        some.iter().for_each(|scenario| println!("{} ({}): {}", scenario.name, level.as_str(), scenario.title));
    }
    some
}

fn bundle() -> mapping::Bundle {
    scenario::load_starter_bundle().unwrap_or_else(|faults| panic!("{faults}"))
}

fn expect_none(failed: &[Verdict]) {
    let lines: Vec<String> = failed.iter().map(ToString::to_string).filter(|lines| !lines.is_empty()).collect();
    assert!(lines.is_empty(), "{} of them failed\n{}", lines.len(), lines.concat());
}

#[test]
fn scenarios_hold_on_the_mapping() {
    let bundle = bundle();
    let some = chosen(Level::Mapping);
    let played: Vec<Verdict> = some
        .iter()
        .flat_map(|scenario| [false, true].map(|twice| scenario::play_on_mapping(scenario, &bundle, twice)))
        .collect();
    expect_none(&played);
    println!("{} scenarios, each once and with everything twice", some.len());
}

#[test]
fn scenarios_hold_in_the_simulation() {
    let begun = Instant::now();
    let bundle = bundle();
    let some = chosen(Level::Simulation);
    let seeds = std::env::var("CAUSEWAY_SCENARIO_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SEEDS);
    let mut played = Vec::new();
    for scenario in &some {
        for variant in Variant::ALL {
            for seed in 0..seeds {
                played.push(scenario::play_in_simulation(scenario, &bundle, variant, seed));
            }
        }
    }
    expect_none(&played);
    println!("{} scenarios, {} runs, {:.1} s", some.len(), played.len(), begun.elapsed().as_secs_f64());
}

/// The schemas are the list of what can be said.
#[test]
fn scenarios_let_every_event_happen() {
    let bundle = bundle();
    let mut said = BTreeSet::new();
    for scenario in all().iter().filter(|scenario| scenario.runs_at(Level::Mapping)) {
        said.extend(scenario::play_on_mapping(scenario, &bundle, false).kinds);
    }
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut missing = Vec::new();
    for (topic, side) in [("partner.events", "partner"), ("internal.events", "internal")] {
        for use_case in std::fs::read_dir(schemas.join(topic)).expect("the topic's schemas").flatten() {
            for schema in std::fs::read_dir(use_case.path()).expect("a use case's schemas").flatten() {
                let record = schema.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let kind = format!("{side}.{}.{}", use_case.file_name().to_string_lossy(), kebab(&record));
                if !said.contains(kind.as_str()) {
                    missing.push(kind);
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "events that occur in no scenario");
    assert!(said.len() >= 17, "only {said:?}");
}

fn kebab(record: &str) -> String {
    let mut word = String::new();
    for letter in record.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// A scenario that cannot fail proves nothing: with any one of its final expectations turned round it must fail.
#[test]
fn scenarios_notice_what_is_otherwise_than_expected() {
    let bundle = bundle();
    for scenario in all().iter().filter(|scenario| scenario.runs_at(Level::Mapping)) {
        for at in 0..scenario.expect.len() {
            let mut turned = scenario.clone();
            let expect = &mut turned.expect[at].1;
            expect.tickets = Some(expect.tickets.map_or(7, |tickets| tickets + 1));
            let verdict = scenario::play_on_mapping(&turned, &bundle, false);
            assert!(!verdict.failures.is_empty(), "{} did not notice a ticket too many", scenario.name);
        }
    }
}

/// The bundle grants `Resolution Note`: an internal text in it does cross, and every level looks for that.
#[test]
fn scenarios_notice_a_leak() {
    let text = "title = 't'\n[[step]]\npartner = 'opens'\ntitle = 'x'\n[[step]]\nagent = 'sets field'\n\
        field = 'Resolution Note'\nvalue = 'not for them'\n[[step]]\nagent = 'sets status'\nto = 'resolved'\n\
        [[expect]]\nstatus = 'resolved'\n";
    let leaky = scenario::read("leaky", "leaky.toml", text).unwrap_or_else(|fault| panic!("{fault}"));
    let bundle = bundle();
    for verdict in [
        scenario::play_on_mapping(&leaky, &bundle, false),
        scenario::play_in_simulation(&leaky, &bundle, Variant::Plain, 1),
    ] {
        assert!(verdict.to_string().contains("an internal text"), "{verdict}");
    }
}

/// Numbers in backticks in the second cell, below the folder that the table's head names.
fn promised(text: &str) -> Vec<(usize, String, Vec<String>, String)> {
    let mut folder = String::new();
    let mut rows = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.trim_matches(' ').trim_matches('|').split(" | ").map(str::trim).collect();
        let ticked = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        if line.starts_with("## ") {
            folder.clear();
        } else if let Some(named) =
            cells.get(1).filter(|cell| line.starts_with("| ") && cell.starts_with("scenario (`"))
        {
            folder = ticked(named).first().map_or("", |f| f.trim_end_matches('/')).to_owned();
        } else if line.starts_with("| ") && !folder.is_empty() && cells.len() > 2 {
            let number = |word: &String| word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit());
            let (numbers, others): (Vec<_>, Vec<_>) = ticked(cells[1]).into_iter().partition(number);
            // Proved by all of them, or by a test that is named: nothing to hold the levels against.
            let elsewhere = !others.is_empty() || cells[1].contains("all of them");
            let levels = if elsewhere || cells[2].contains(';') { String::new() } else { cells[2].to_owned() };
            let files: Vec<String> = numbers.into_iter().map(|number| format!("{folder}/{number}")).collect();
            assert!(elsewhere || !files.is_empty(), "line {} names no scenario: {}", at + 1, cells[0]);
            rows.push((at + 1, cells[0].to_owned(), files, levels));
        }
    }
    rows
}

/// A sentence without a scenario is a wish, a scenario without a sentence proves nothing that was promised.
#[test]
fn scenarios_and_promises_name_each_other() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/use-cases.md");
    let rows = promised(&std::fs::read_to_string(page).expect("the page of promises"));
    assert!(rows.len() > 40, "only {} sentences were found", rows.len());
    let scenarios = all();
    let of = |file: &String| {
        let head = format!("{file}-");
        scenarios.iter().filter(|s| s.name.starts_with(&head)).collect::<Vec<_>>()
    };
    let mut gaps = Vec::new();
    for (line, sentence, files, levels) in &rows {
        for file in files.iter().filter(|file| of(file).len() != 1) {
            gaps.push(format!("line {line} names {file}, which is not one scenario"));
        }
        for (word, level) in [("1", Level::Mapping), ("2", Level::Simulation), ("3", Level::Real)] {
            let played = !files.is_empty() && files.iter().flat_map(of).all(|s| s.runs_at(level));
            if !levels.is_empty() && levels.split_whitespace().any(|w| w == word) != played {
                let not = files.iter().flat_map(of).filter(|s| !s.runs_at(level)).map(|s| s.name.as_str());
                let not = not.collect::<Vec<_>>().join(", ");
                gaps.push(format!(
                    "line {line} is wrong about level {word}, on which it does not play {not}: {sentence}"
                ));
            }
        }
    }
    let named = |s: &&Scenario| rows.iter().flat_map(|row| &row.2).any(|file| s.name.starts_with(&format!("{file}-")));
    gaps.extend(scenarios.iter().filter(|s| !named(s)).map(|s| format!("no sentence names {}", s.name)));
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
}
