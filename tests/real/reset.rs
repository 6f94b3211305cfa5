//! Offsets reset to the beginning with Kafka's own tool: everything is seen again, nothing is done again.

use crate::Test;
use crate::stack::{Stack, project};
use crate::wait::until;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

pub const TESTS: &[(&str, Test)] =
    &[("groups_reset_to_earliest_change_nothing_anywhere", |stack| Box::pin(everything_again(stack)))];

const GROUPS: [&str; 4] = ["transform-partner", "transform-internal", "sink-partner", "sink-internal"];

async fn everything_again(stack: Arc<Stack>) {
    let before = settled(&stack).await;
    let read: i64 = before.values().flat_map(BTreeMap::values).sum();
    let (calls, changes, cases) =
        (stack.community.calls().await, stack.rt.newest_change().await, stack.community.cases().await);
    let mut roles = stack.roles.lock().await;
    for name in GROUPS {
        roles.get_mut(name).unwrap().stop().await;
    }
    for name in GROUPS {
        reset(&stack, name);
    }
    for name in GROUPS {
        roles.get_mut(name).unwrap().spawn();
    }
    for name in GROUPS {
        roles.get_mut(name).unwrap().ready().await;
    }
    drop(roles);
    come_to(&stack, &before).await;
    settled(&stack).await;
    assert_eq!(stack.community.calls().await, calls, "state-changing requests at the community");
    assert_eq!(stack.rt.newest_change().await, changes, "changes in request tracker");
    assert_eq!(stack.community.cases().await, cases);
    println!("4 groups reset to earliest over {} cases and {read} offsets: 0 calls that change anything", cases.len());
}

fn kafka(_running: &Stack, arguments: &[&str]) -> String {
    let script = project().join("deploy/local/kafka.sh");
    let output = Command::new(script).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn reset(stack: &Stack, role: &str) {
    let group = format!("causeway.{role}");
    let said =
        kafka(stack, &["groups", "--group", &group, "--reset-offsets", "--to-earliest", "--all-topics", "--execute"]);
    assert!(said.contains(&group) || said.contains("NEW-OFFSET"), "{said}");
}

/// What a group has committed, by topic and partition.
type Positions = BTreeMap<(String, String), i64>;

/// Waits until every group has read to the end of what it reads, and says where that is.
pub async fn settled(stack: &Stack) -> BTreeMap<&'static str, Positions> {
    let mut all = BTreeMap::new();
    for role in GROUPS {
        let at = until(&format!("{role} has read everything"), Duration::from_secs(180), || async {
            let lines = described(stack, role);
            // A transaction's marker is an offset that is never read: one a partition stays.
            let done = !lines.is_empty() && lines.iter().all(|line| line.lag <= 1);
            done.then(|| lines.into_iter().map(|line| (line.place, line.current)).collect())
        })
        .await;
        all.insert(role, at);
    }
    all
}

/// Waits until every group has come, in each partition, to where it was: a lag alone would not tell that the one record
/// of a partition has been read.
async fn come_to(stack: &Stack, before: &BTreeMap<&'static str, Positions>) {
    for (role, before) in before {
        until(&format!("{role} is where it was"), Duration::from_secs(180), || async {
            let now: Positions = described(stack, role).into_iter().map(|line| (line.place, line.current)).collect();
            before.iter().all(|(place, at)| now.get(place).is_some_and(|now| now >= at)).then_some(())
        })
        .await;
    }
}

struct Line {
    place: (String, String),
    current: i64,
    lag: i64,
}

/// Kafka's tool writes GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG, `-` where nothing was committed.
fn described(stack: &Stack, role: &str) -> Vec<Line> {
    let said = kafka(stack, &["groups", "--group", &format!("causeway.{role}"), "--describe"]);
    let line = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [group, topic, partition, current, _, lag, ..] = columns[..] else { return None };
        let place = (topic.to_owned(), partition.to_owned());
        group.starts_with("causeway.").then_some(())?;
        Some(Line { place, current: current.parse().ok()?, lag: lag.parse().ok()? })
    };
    said.lines().filter_map(line).collect()
}
