//! Offsets reset to the beginning with Kafka's own tool: everything is seen again, nothing is done again.

use crate::Test;
use crate::stack::{Stack, project};
use crate::wait::until;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

pub const TESTS: &[(&str, Test)] =
    &[("groups_reset_to_earliest_change_nothing_anywhere", |stack| Box::pin(everything_again(stack)))];

const GROUPS: [&str; 4] = ["transform-partner", "transform-internal", "sink-partner", "sink-internal"];

async fn everything_again(stack: Arc<Stack>) {
    settled(&stack).await;
    let (calls, changes, cases) =
        (stack.community.calls().await, stack.rt.newest_change().await, stack.community.cases().await);
    let mut roles = stack.roles.lock().await;
    for name in GROUPS {
        roles.get_mut(name).unwrap().stop().await;
    }
    for name in GROUPS {
        reset(name);
    }
    for name in GROUPS {
        roles.get_mut(name).unwrap().spawn();
    }
    for name in GROUPS {
        roles.get_mut(name).unwrap().ready().await;
    }
    drop(roles);
    // By lag alone, which allows for markers: a partition of one or two records may count as read before it is.
    settled(&stack).await;
    assert_eq!(stack.community.calls().await, calls, "state-changing requests at the community");
    assert_eq!(stack.rt.newest_change().await, changes, "changes in request tracker");
    assert_eq!(stack.community.cases().await, cases);
    println!("4 groups reset to earliest over {} cases: 0 calls that change anything", cases.len());
}

fn kafka(arguments: &[&str]) -> String {
    let script = project().join("deploy/local/kafka.sh");
    let output = Command::new(script).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn reset(role: &str) {
    let group = format!("causeway.{role}");
    let said = kafka(&["groups", "--group", &group, "--reset-offsets", "--to-earliest", "--all-topics", "--execute"]);
    assert!(said.contains(&group) || said.contains("NEW-OFFSET"), "{said}");
}

/// Every group has read to the end of what it reads, and stays there.
async fn settled(stack: &Stack) {
    let _ = stack;
    for role in GROUPS {
        let group = format!("causeway.{role}");
        until(&format!("{group} has read everything"), Duration::from_secs(180), || async {
            let said = kafka(&["groups", "--group", &group, "--describe"]);
            let lags: Vec<i64> = said.lines().filter_map(lag).collect();
            // A transaction's marker is an offset that is never read: up to two a partition stay.
            (!lags.is_empty() && lags.iter().all(|lag| *lag <= 2)).then_some(())
        })
        .await;
    }
}

/// The lag of one line of Kafka's tool: GROUP TOPIC PARTITION CURRENT END LAG ...
fn lag(line: &str) -> Option<i64> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    (columns.len() >= 6 && columns[0].starts_with("causeway.")).then(|| columns[5].parse().ok()).flatten()
}
