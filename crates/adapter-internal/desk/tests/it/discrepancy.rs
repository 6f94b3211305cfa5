//! Tickets of discrepancies: made with the word that says so, and read by it.

use crate::world::{Case, World, fields};
use domain::discrepancy::{InternalCommand as C, InternalEvent as E};
use domain::issue::{CreateCase, StatusWrite, UpdateFields};
use domain::{InternalCommand, InternalEvent, OnlyIf, Visibility};
use ports::{Capability, Feed as _, News, Target as _};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_discrepancy_is_made_escalated_and_settled_and_its_changes_are_those_of_a_discrepancy() {
    let mut world = World::start().await;
    let begin = world.feed.begin().await.unwrap();
    let case = Case::new("D-1");
    let create = case.enveloped(InternalCommand::Discrepancy(C::CreateCase(CreateCase {
        route: "Partner Triage".into(),
        title: "Two short".into(),
        description: "Eight of ten came.".into(),
        status: "new".into(),
        priority: String::new(),
        // No field of a bundle takes the place of the use case.
        fields: fields(&[("TG Lines", "1: ordered 10 EA"), ("TG Use Case", "issue")]),
    })));
    let kind = &create.meta.kind;
    assert!(matches!(world.target.capability(kind), Capability::Findable { .. }), "{kind}");
    let made = case.apply(&world.target, &create).await.unwrap();
    let case = Case { ticket: made.native_id, ..case };
    assert_eq!(world.ticket(&case.ticket).await["fields"]["TG Use Case"], "discrepancy");
    let path = format!("/v1/tickets/{}", case.ticket);
    world.agent(Method::PATCH, &path, json!({"status": "open", "fields": {"Finding WMS": "booked 8"}})).await;
    world.agent(Method::PATCH, &path, json!({"status": "resolved"})).await;
    let escalate = C::EscalateCase(UpdateFields { fields: fields(&[("TG Escalation", "Contested in round 2")]) });
    let only_if = Some(OnlyIf { field: "status".into(), one_of: vec!["resolved".into()] });
    let settle = C::SettleCase(StatusWrite { to: "closed".into(), only_if });
    for command in [escalate, settle] {
        let command = case.enveloped(InternalCommand::Discrepancy(command));
        case.apply(&world.target, &command).await.unwrap();
    }
    assert_eq!(world.ticket(&case.ticket).await["status"], "closed");

    let (mut at, mut said) = (begin, Vec::new());
    loop {
        let page = world.feed.fetch(&at).await.unwrap();
        at = page.next;
        for change in page.changes {
            let News::Event(event) = change.news else { continue };
            if let InternalEvent::Discrepancy(E::FindingRecorded(finding)) = &event {
                assert_eq!((finding.source.as_str(), finding.text.visibility()), ("WMS", Visibility::Host));
                assert_eq!(change.visibility, Visibility::Host);
            }
            said.push(event.kind());
        }
        if !page.more {
            break;
        }
    }
    assert!(said.iter().all(|kind| kind.starts_with("internal.discrepancy.")), "{said:?}");
    for word in ["created", "finding-recorded", "status-changed", "field-changed"] {
        assert!(said.contains(&format!("internal.discrepancy.{word}").as_str()), "{word} in {said:?}");
    }
}
