//! What is tried beside the mix: some tickets fail while the others must not notice, and a case system that is away for
//! long.

use crate::people::People;
use crate::reset::settled;
use crate::stack::Stack;
use faults::proxy::Door;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, Seek as _};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Of so many tickets one takes no more writes.
const ONE_IN: u64 = 100;
/// More tickets than a stage makes.
const TICKETS: u64 = 40_000;
/// What a share of the others has to reach.
const KEPT: f64 = 0.95;
/// Resident, in KiB, whatever waits: what a sink is meant to stay below.
const SINK: u64 = 96 << 10;

/// Half the time without the failure, half with it, at one rate: which share of what partners said on the other cases in
/// that time has arrived when it ends.
pub async fn failing(stack: &Stack, time: Duration) -> bool {
    let simulated = stack.case_system.simulated.as_ref().expect("CHAOS_FAILING tells the simulated case system");
    let people = People::next(stack, "failing", stack.settings.people, stack.settings.rate);
    // Cases are opened first, and tickets made.
    sleep(time / 10).await;
    let mut shares = Vec::new();
    for fails in [false, true] {
        if fails {
            let ids = (0..TICKETS / ONE_IN).map(|n| n * ONE_IN + ONE_IN / 2);
            let paths: Vec<String> = ids.map(|id| format!("/v1/tickets/{id}/")).collect();
            simulated.target.fail_paths(&paths).await.unwrap();
        }
        let marks = [&stack.community, &stack.case_system].map(|system| size(&system.folder));
        sleep(time / 2).await;
        let said = said(&stack.community.folder, marks[0]);
        let written = written(&stack.case_system.folder, marks[1]);
        let arrived: u64 = written.iter().filter(|(id, _)| !fails || *id % ONE_IN != ONE_IN / 2).map(|(_, n)| n).sum();
        let behind: u64 = written.iter().filter(|(id, _)| *id % ONE_IN == ONE_IN / 2).map(|(_, n)| n).sum();
        let others = if fails { said as f64 * (1.0 - 1.0 / ONE_IN as f64) } else { said as f64 };
        shares.push(arrived as f64 / others);
        println!("failing {fails}: partners said {said}, {arrived} arrived on the others, {behind} on those that fail");
    }
    simulated.target.heal().await.unwrap();
    people.end().await;
    let kept = shares[1] / shares[0];
    println!("one in {ONE_IN} tickets fails: the others keep {:.1} % of their rate over {:?}", kept * 100.0, time / 2);
    kept >= KEPT
}

/// Partners go on while the case system answers nobody of the pipeline; then the backlog drains. Order and losses are for
/// the checker to find.
pub async fn down(stack: &Stack, time: Duration) -> bool {
    stack.case_system.proxy.set_door(Door::Shut);
    let people = People::next(stack, "down", stack.settings.people.max(40), stack.settings.down_rate);
    sleep(time).await;
    let done = people.end().await;
    let rate = done.acts as f64 / time.as_secs_f64();
    stack.case_system.proxy.set_door(Door::Open);
    let began = Instant::now();
    settled(stack).await;
    let drained = began.elapsed().as_secs_f64();
    println!(
        "the case system was away for {time:?} at {rate:.0} acts a second: {} acts, drained in {drained:.1} s",
        done.acts
    );
    true
}

/// The most that each role has had, over the whole run.
pub fn memory(stack: &Stack) -> bool {
    let peaks = stack.peaks.all();
    let text: Vec<String> = peaks.iter().map(|(role, kib)| format!("{role} {:.1}", *kib as f64 / 1024.0)).collect();
    println!("largest resident size in MiB: {}", text.join(", "));
    peaks.iter().filter(|(role, _)| role.starts_with("sink")).all(|(_, kib)| *kib < SINK)
}

fn size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("changes.jsonl")).map_or(0, |data| data.len())
}

fn since(folder: &Path, mark: u64) -> impl Iterator<Item = Value> {
    let mut file = std::fs::File::open(folder.join("changes.jsonl")).unwrap();
    file.seek(std::io::SeekFrom::Start(mark)).unwrap();
    let lines = std::io::BufReader::new(file).lines().map_while(Result::ok);
    lines.filter_map(|line| serde_json::from_str(&line).ok())
}

/// How often partners said something that makes one write in the case system.
fn said(folder: &Path, mark: u64) -> u64 {
    let ours = |line: &Value| line["change"]["actor"]["side"] == "partner";
    since(folder, mark).filter(ours).count() as u64
}

/// Writes of the pipeline by ticket.
fn written(folder: &Path, mark: u64) -> BTreeMap<u64, u64> {
    let mut by_ticket = BTreeMap::new();
    for line in since(folder, mark) {
        let changes = line["changes"].as_array().cloned().unwrap_or_default();
        // One write may be several changes.
        let ours =
            changes.iter().find(|c| ["pipeline", "partner-voice"].iter().any(|role| c["author"]["role"] == *role));
        if let Some(id) = ours.and_then(|change| change["ticket_id"].as_u64()) {
            *by_ticket.entry(id).or_default() += 1;
        }
    }
    by_ticket
}
