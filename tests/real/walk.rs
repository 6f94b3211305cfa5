//! One issue, the whole way: from the partner to an agent and back.

use crate::Test;
use crate::community::comments;
use crate::stack::{CANARY, Stack};
use crate::wait::{SOON, until};
use serde_json::json;
use std::sync::Arc;

pub const TESTS: &[(&str, Test)] = &[("an_issue_becomes_a_ticket_and_comes_back", |stack| Box::pin(walk(stack)))];

async fn walk(stack: Arc<Stack>) {
    let (community, rt) = (&stack.community, &stack.rt);
    let case = community.open("Invoice total is wrong").await;
    let subject = format!("case/tg/{case}");

    let ticket = until("a ticket for the case", SOON, || async { rt.tickets(&subject).await.first().copied() }).await;
    let acknowledged = until("the acknowledgement", SOON, || async {
        let case = community.case(&case).await;
        (case["status"] == "acknowledged").then_some(case)
    })
    .await;
    assert_eq!(acknowledged["reference"], ticket.to_string(), "the ticket's number, as the bundle shares it");

    community.comment(&case, "It is position 3").await;
    let said = until("the partner's comment", SOON, || async {
        let messages = rt.messages(ticket).await;
        messages.into_iter().find(|m| m.text.contains("It is position 3"))
    })
    .await;
    assert_eq!((said.kind.as_str(), said.creator.as_str()), ("Correspond", "causeway-partner"));

    rt.note(ticket, &format!("{CANARY}: vendor is on the watch list")).await;
    rt.reply(ticket, "We found the line, a credit follows").await;
    until("the agent's answer", SOON, || async {
        let case = community.case(&case).await;
        comments(&case).iter().any(|c| c.contains("a credit follows")).then_some(())
    })
    .await;

    rt.set(ticket, &json!({"CustomFields": {"Resolution Note": "Credit note 77 was issued"}})).await;
    rt.set(ticket, &json!({"Status": "resolved"})).await;
    let proposed = until("a proposed resolution", SOON, || async {
        let case = community.case(&case).await;
        (case["status"] == "resolved").then_some(case)
    })
    .await;
    let resolution = &proposed["resolution"];
    assert!(resolution["note"].as_str().is_some_and(|n| n.contains("Credit note 77")), "{proposed}");

    let version = resolution["resolution_version"].as_str().unwrap().to_owned();
    community.accept(&case, &version).await;
    until("the ticket to be closed", SOON, || async { (rt.status(ticket).await == "closed").then_some(()) }).await;
    let closed = until("the case to be closed", SOON, || async {
        let case = community.case(&case).await;
        (case["status"] == "closed").then_some(case)
    })
    .await;

    // What was sent after it has arrived; the note has not.
    assert!(!closed.to_string().contains(CANARY), "an internal note reached the community");
    assert_eq!(comments(&closed), ["It is position 3", "We found the line, a credit follows"]);
    assert_eq!(rt.tickets(&subject).await, [ticket]);
}
