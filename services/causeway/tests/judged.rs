//! `causeway standalone` under a load of people at both systems and a SIGKILL of everything in the middle, judged by
//! the independent checker from the journals alone.
//!
//! `JUDGED_SECONDS` says for how long people work (20), `JUDGED_KILLS` how often everything dies meanwhile (1),
//! `JUDGED_SEED` what they choose, `JUDGED_RATE` how many acts a second they try (50); `JUDGED_KEEP=1` leaves the folder
//! for a look, as does whatever is found.
//!
//! `JUDGED_RACES=1` also lets agents ask and partners reject, so that what one side says may cross the answer of the other.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "standalone/process.rs"]
mod process;

use checker::{Internal, Journals, Rules, Source};
use load::{Community, Desk, Load, Mix, Partner, Patience, Plan, judged};
use process::Process;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_at_work_and_a_kill_of_everything_leave_nothing_for_the_judge_to_find() {
    let seed = setting("JUDGED_SEED", u64::from(std::process::id()));
    let (kills, seconds) = (setting("JUDGED_KILLS", 1), setting("JUDGED_SECONDS", 20));
    let mut process = Process::new();
    process.without_story();
    process.start().await;
    let folder = process.folder.path().to_owned();
    let at = |port: u16| format!("http://127.0.0.1:{port}");
    let partner = Partner { id: "ACME".to_owned(), token: process.secret("partner-acme.token") };
    let mix = if setting("JUDGED_RACES", 0) > 0 { Mix::default() } else { Mix::apart() };
    let plan = Plan { rate: setting("JUDGED_RATE", 50) as u32, mix, ..Plan::new("j1", seed, vec![partner]) };
    let community = Community::new(&at(process.community)).unwrap();
    let desk = Desk::new(&at(process.case_system), &process.secret("desk-agent.token")).unwrap();
    let people = folder.join("people.jsonl");
    let load = Load::begin(plan, community, Arc::new(desk), &people).unwrap();
    let began = Instant::now();
    let part = Duration::from_secs(seconds) / (kills as u32 + 1);
    for kill in 1..=kills as u32 {
        // The kill befalls people at work: when is what is tried.
        sleep_until(began + part * kill).await;
        process.kill();
        process.start().await;
    }
    sleep_until(began + Duration::from_secs(seconds)).await;
    let done = load.end().await.unwrap();
    println!("seed {seed}: {done:?} in {:?}", began.elapsed());
    let journals = Journals {
        people: vec![Source::file(people)],
        community: Source::file(folder.join("community/changes.jsonl")),
        internal: Internal::Desk(Source::file(folder.join("case-system/changes.jsonl"))),
        rules: Rules::default(),
    };
    let verdict = judged(&journals, Patience::default()).await.unwrap();
    println!("{kills} kills of everything: {verdict}");
    if !verdict.is_clean() {
        println!("the last of its log:\n{}", process.last_words());
    }
    process.stop();
    if setting("JUDGED_KEEP", 0) > 0 || !verdict.is_clean() {
        process.folder.disable_cleanup(true);
        println!("kept {}", folder.display());
    }
    assert!(done.acts > seconds && verdict.acts >= done.acts, "too little was done: {done:?}");
    assert!(verdict.is_clean(), "seed {seed}: {verdict}");
}
