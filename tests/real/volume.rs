//! Many issues at twenty a second, both sides talking: exactly the right words everywhere, nothing twice.

use crate::Test;
use crate::community::comments;
use crate::stack::{CANARY, Stack};
use crate::wait::until;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const TESTS: &[(&str, Test)] = &[("many_issues_cross_whole_and_once", |stack| Box::pin(many(stack)))];

/// Forty, unless `E2E_ISSUES` says otherwise: Request Tracker makes a few tickets a second.
fn issues() -> usize {
    std::env::var("E2E_ISSUES").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

const PACE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(600);

async fn many(stack: Arc<Stack>) {
    let began = Instant::now();
    let mut beat = tokio::time::interval(PACE);
    let mut cases = Vec::new();
    for n in 0..issues() {
        beat.tick().await;
        let case = stack.community.open(&format!("volume {n}")).await;
        stack.community.comment(&case, &format!("from the partner {n}")).await;
        cases.push(case);
    }
    let raised = began.elapsed();
    let mut tickets = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        let subject = format!("case/tg/{case}");
        let ticket = until(&format!("a ticket for {case}"), PATIENCE, || async {
            stack.rt.tickets(&subject).await.first().copied()
        })
        .await;
        // An agent reads before resolving.
        until(&format!("the partner's comment on {ticket}"), PATIENCE, || async {
            let said = stack.rt.messages(ticket).await;
            said.iter().any(|m| m.text.contains(&format!("from the partner {n}"))).then_some(())
        })
        .await;
        stack.rt.note(ticket, &format!("{CANARY} note {n}")).await;
        stack.rt.reply(ticket, &format!("from the agent {n}")).await;
        stack.rt.set(ticket, &json!({"Status": "resolved"})).await;
        tickets.push(ticket);
    }
    for case in &cases {
        let version = until(&format!("a resolution for {case}"), PATIENCE, || async {
            let case = stack.community.case(case).await;
            let version = case["resolution"]["resolution_version"].as_str().map(str::to_owned);
            version.filter(|_| case["status"] == "resolved")
        })
        .await;
        stack.community.accept(case, &version).await;
    }
    until("every case closed", PATIENCE, || async {
        let all = stack.community.cases().await;
        cases.iter().all(|id| all.iter().any(|c| c["id"] == **id && c["status"] == "closed")).then_some(())
    })
    .await;
    let all = stack.community.cases().await;
    assert!(!all.iter().any(|case| case.to_string().contains(CANARY)), "an internal text is at the community");
    for (n, (case, ticket)) in cases.iter().zip(&tickets).enumerate() {
        let subject = format!("case/tg/{case}");
        assert_eq!(stack.rt.tickets(&subject).await, [*ticket], "{subject}");
        let at_community = all.iter().find(|c| c["id"] == **case).unwrap();
        let expected = [format!("from the partner {n}"), format!("from the agent {n}")];
        let mut said = comments(at_community);
        // The partner's own comment and the agent's answer may cross; each is there once.
        said.sort();
        let mut wanted = expected.to_vec();
        wanted.sort();
        assert_eq!(said, wanted, "{case}");
        let messages = stack.rt.messages(*ticket).await;
        let public: Vec<_> = messages.iter().filter(|m| m.kind == "Correspond").collect();
        assert_eq!(public.len(), 2, "{subject}: {messages:?}");
        assert!(
            public.iter().any(|m| m.text.contains(&expected[0]) && m.creator == "causeway-partner"),
            "{messages:?}"
        );
        let internal = messages.iter().filter(|m| m.kind == "Comment").count();
        assert_eq!(internal, 1, "{subject}: {messages:?}");
    }
    println!(
        "{} issues raised in {raised:.1?}, closed on both sides after {:.1?}: {} tickets, 0 duplicates, \
         0 internal texts at the community",
        tickets.len(),
        began.elapsed(),
        tickets.len()
    );
}
