//! Servers that are away for a while: what can go on goes on, what cannot waits, and afterwards all is there once.

use super::servers::{RequestTracker, registry_down};
use super::{acknowledged, address, metric, said_by_partner, ticket};
use crate::community::comments;
use crate::stack::Stack;
use crate::wait::{SOON, until};
use std::sync::Arc;

const PARTNER: &str = "transform-partner";

pub async fn registry(stack: Arc<Stack>) {
    let community = &stack.community;
    // Every role meets every kind of record that is used below.
    let warm = community.open("While the registry is up").await;
    let warm_ticket = ticket(&stack, &format!("case/tg/{warm}")).await;
    community.comment(&warm, "before").await;
    said_by_partner(&stack, warm_ticket, 1).await;
    acknowledged(&stack, &warm).await;

    let down = registry_down(&stack);
    assert!(reqwest::get(format!("{}/subjects", stack.servers.registry)).await.is_err(), "nobody answers");
    let case = community.open("While the registry is down").await;
    let found = ticket(&stack, &format!("case/tg/{case}")).await;
    acknowledged(&stack, &case).await;
    community.comment(&warm, "meanwhile").await;
    assert_eq!(said_by_partner(&stack, warm_ticket, 2).await, ["before", "meanwhile"]);

    // A role that starts now has no schema ids.
    let log = stack.logs().join(format!("{PARTNER}.log"));
    let complaints = || {
        let text = std::fs::read_to_string(&log).unwrap();
        text.matches("schema registry does not answer").count()
    };
    let before = complaints();
    let mut roles = stack.roles.lock().await;
    let role = roles.get_mut(PARTNER).unwrap();
    role.stop().await;
    role.spawn();
    until("the role says what it waits for, more than once", SOON, || {
        let again = complaints() >= before + 2;
        async move { again.then_some(()) }
    })
    .await;
    assert!(role.is_running(), "it waits and does not end");
    let ready = reqwest::get(format!("http://{}/readyz", address(&stack, PARTNER, "admin"))).await.unwrap();
    assert!(!ready.status().is_success(), "it is not ready: {}", ready.status());
    let waiting = community.open("For whoever comes back").await;

    drop(down);
    role.ready().await;
    drop(roles);
    let later = ticket(&stack, &format!("case/tg/{waiting}")).await;
    acknowledged(&stack, &waiting).await;
    assert!(later > found);
    for case in [&warm, &case, &waiting] {
        assert_eq!(stack.rt.tickets(&format!("case/tg/{case}")).await.len(), 1);
    }
}

const CASES: usize = 5;
const TEXTS: [&str; 3] = ["during: one", "during: two", "during: three"];

pub async fn request_tracker(stack: Arc<Stack>) {
    let community = &stack.community;
    let open = community.open("Before the outage").await;
    let open_ticket = ticket(&stack, &format!("case/tg/{open}")).await;
    acknowledged(&stack, &open).await;
    let published = async || metric(&stack, "ingest-partner", "causeway_changes_published_total", &[]).await;
    let mapped =
        async || metric(&stack, PARTNER, "causeway_commands_mapped_total", &["topic=\"partner.events\""]).await;
    let failed = async || {
        let name = "causeway_call_seconds_count";
        let all = metric(&stack, "sink-internal", name, &[]).await;
        all - metric(&stack, "sink-internal", name, &["result=\"applied\""]).await
    };

    let down = RequestTracker::of(&stack).down();
    assert!(!stack.rt.is_up().await);
    let before = (published().await, mapped().await, failed().await);
    let mut cases = Vec::new();
    for number in 0..CASES {
        cases.push(community.open(&format!("During the outage {number}")).await);
    }
    for text in TEXTS {
        for case in cases.iter().chain([&open]) {
            community.comment(case, text).await;
        }
    }
    let events = (CASES + (CASES + 1) * TEXTS.len()) as f64;
    until("every event is on the log and mapped", SOON, || async {
        // A comment is two commands: the text, and the resumption where the partner was asked.
        (published().await - before.0 >= events && mapped().await - before.1 >= events).then_some(())
    })
    .await;
    until("the sink has tried", SOON, || async { (failed().await > before.2).then_some(()) }).await;
    assert!(!stack.rt.is_up().await, "it was down all the time");
    drop(down);

    for case in &cases {
        let found = ticket(&stack, &format!("case/tg/{case}")).await;
        assert_eq!(said_by_partner(&stack, found, TEXTS.len()).await, TEXTS);
        acknowledged(&stack, case).await;
    }
    assert_eq!(said_by_partner(&stack, open_ticket, TEXTS.len()).await, TEXTS);

    // The way back works too. When this has arrived, whatever would have come twice would be here.
    stack.rt.reply(open_ticket, "We are back").await;
    until("the agent's answer", 2 * SOON, || async {
        let case = community.case(&open).await;
        comments(&case).contains(&"We are back".to_owned()).then_some(())
    })
    .await;
    for case in cases.iter().chain([&open]) {
        let tickets = stack.rt.tickets(&format!("case/tg/{case}")).await;
        assert_eq!(tickets.len(), 1, "{case}");
        assert_eq!(said_by_partner(&stack, tickets[0], TEXTS.len()).await, TEXTS);
        let texts = comments(&community.case(case).await);
        assert_eq!(texts.iter().filter(|text| text.starts_with("during")).count(), TEXTS.len(), "{texts:?}");
    }
}
