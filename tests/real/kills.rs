//! SIGKILL at the worst moments: between a call and its outcome, between a fetch and its commit.

use crate::Test;
use crate::stack::Stack;
use crate::wait::{SOON, until};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

pub const TESTS: &[(&str, Test)] = &[
    ("kills_of_the_sink_after_a_create_leave_one_ticket_each", |stack| Box::pin(sink_internal(stack))),
    ("kills_of_the_community_sink_leave_every_comment_once", |stack| Box::pin(sink_partner(stack))),
    ("kills_of_ingest_lose_and_double_nothing", |stack| Box::pin(ingest(stack))),
];

/// Eight, unless `E2E_KILLS` says otherwise.
fn rounds() -> usize {
    std::env::var("E2E_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}
/// A takeover after SIGKILL: the group's session timeout, the dead call's time and the wait before the look.
const TAKEOVER: Duration = Duration::from_secs(120);

/// The ticket is in Request Tracker, the outcome is not on the log: the sink dies as soon as the ticket can be seen.
async fn sink_internal(stack: Arc<Stack>) {
    let mut subjects = Vec::new();
    let mut before_done = 0;
    for round in 0..rounds() {
        let case = stack.community.open(&format!("kill the sink, round {round}")).await;
        let subject = format!("case/tg/{case}");
        // Seen by the search, which is faster than the sink's own read-back after its create.
        let ticket = spin_until_ticket(&stack, &subject).await;
        let mut roles = stack.roles.lock().await;
        let sink = roles.get_mut("sink-internal").unwrap();
        sink.kill();
        before_done += usize::from(stack.community.case(&case).await["status"] == "submitted");
        sink.spawn();
        sink.ready().await;
        drop(roles);
        subjects.push((case, subject, ticket));
    }
    for (case, subject, ticket) in &subjects {
        until(&format!("{subject} is acknowledged"), TAKEOVER, || async {
            (stack.community.case(case).await["status"] == "acknowledged").then_some(())
        })
        .await;
        assert_eq!(stack.rt.tickets(subject).await, [*ticket], "{subject}");
    }
    println!("{} kills, {before_done} before the acknowledgement, {} tickets", rounds(), subjects.len());
    assert!(before_done > 0, "no kill came between the create and what follows it: the test proves nothing");
}

async fn spin_until_ticket(stack: &Stack, subject: &str) -> u64 {
    let deadline = std::time::Instant::now() + TAKEOVER;
    loop {
        if let Some(ticket) = stack.rt.tickets(subject).await.first() {
            return *ticket;
        }
        assert!(std::time::Instant::now() < deadline, "no ticket for {subject}");
    }
}

/// The community answers late, so that the kill falls between its effect and the answer.
async fn sink_partner(stack: Arc<Stack>) {
    let case = stack.community.open("kill the community sink").await;
    let subject = format!("case/tg/{case}");
    let ticket = until("a ticket", SOON, || async { stack.rt.tickets(&subject).await.first().copied() }).await;
    let mut expected = Vec::new();
    for round in 0..rounds() {
        let text = format!("answer number {round}");
        stack.rt.reply(ticket, &text).await;
        expected.push(text.clone());
        let deadline = std::time::Instant::now() + TAKEOVER;
        while !crate::community::comments(&stack.community.case(&case).await).contains(&text) {
            assert!(std::time::Instant::now() < deadline, "`{text}` did not arrive");
        }
        let mut roles = stack.roles.lock().await;
        let sink = roles.get_mut("sink-partner").unwrap();
        sink.kill();
        sink.spawn();
        sink.ready().await;
    }
    stack.rt.reply(ticket, "the last answer").await;
    expected.push("the last answer".to_owned());
    until("the last answer", TAKEOVER, || async {
        crate::community::comments(&stack.community.case(&case).await).contains(&expected[rounds()]).then_some(())
    })
    .await;
    assert_eq!(crate::community::comments(&stack.community.case(&case).await), expected);
}

/// Killed while it reads and publishes: what it had read and not committed is read again, what it had committed is not.
async fn ingest(stack: Arc<Stack>) {
    let before: BTreeSet<String> = ids(&stack).await;
    let mut opened = Vec::new();
    for round in 0..rounds() {
        for n in 0..3 {
            opened.push(stack.community.open(&format!("kill ingest, round {round}, case {n}")).await);
        }
        let name = if round % 2 == 0 { "ingest-partner" } else { "ingest-internal" };
        let mut roles = stack.roles.lock().await;
        let role = roles.get_mut(name).unwrap();
        role.kill();
        role.spawn();
        role.ready().await;
    }
    for case in &opened {
        let subject = format!("case/tg/{case}");
        let ticket = until(&format!("a ticket for {case}"), TAKEOVER, || async {
            stack.rt.tickets(&subject).await.first().copied()
        })
        .await;
        stack.rt.set(ticket, &json!({"Status": "open"})).await;
    }
    for case in &opened {
        let subject = format!("case/tg/{case}");
        until(&format!("{case} in progress"), TAKEOVER, || async {
            (stack.community.case(case).await["status"] == "in-progress").then_some(())
        })
        .await;
        assert_eq!(stack.rt.tickets(&subject).await.len(), 1, "{subject}");
    }
    assert_eq!(ids(&stack).await.len(), before.len() + opened.len(), "cases at the community");
    println!("{} kills of ingest, {} cases, each one ticket and back", rounds(), opened.len());
}

async fn ids(stack: &Stack) -> BTreeSet<String> {
    stack.community.cases().await.iter().map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}
