use crate::fixture::{Case, Rt, context, map};
use domain::discrepancy::{InternalCommand as C, InternalEvent as E};
use domain::issue::{CreateCase, StatusWrite, UpdateFields};
use domain::{Envelope, InternalCommand, InternalEvent, OnlyIf, Visibility};
use ports::{Feed as _, Look, News, Target as _};
use serde_json::json;

fn create(case: &Case, queue: &str) -> Envelope<InternalCommand> {
    case.enveloped(InternalCommand::Discrepancy(C::CreateCase(CreateCase {
        route: queue.into(),
        title: "Two gaskets short".into(),
        description: "Eight of ten came.".into(),
        status: "new".into(),
        priority: "60".into(),
        fields: map(&[("TG Discrepancy Kind", "QTY_SHORT"), ("TG Lines", "1: ordered 10 EA\n2: ordered 5 EA")]),
    })))
}

#[tokio::test]
async fn a_discrepancy_is_made_escalated_and_settled_and_its_changes_are_those_of_a_discrepancy() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, target, agent, case) = (rt.feed(), rt.target(), rt.agent(), Case::new());
    let mut from = feed.begin().await.unwrap();
    let command = create(&case, "Partner Receiving");
    let made = target.apply(&command, &context(None)).await.unwrap();
    assert_eq!(target.look(&command, &context(None)).await, Ok(Look::Applied(made.clone())));
    assert_eq!(agent.field(&made.native_id, "TG Use Case").await, ["discrepancy"]);
    assert_eq!(agent.field(&made.native_id, "TG Lines").await, ["1: ordered 10 EA\n2: ordered 5 EA"]);
    let path = format!("/ticket/{}", made.native_id);
    let fields = json!({ "Finding WMS": "booked 8", "TG Line Outcomes": "line=1 decision=UPHELD" });
    agent.put(&path, json!({ "CustomFields": fields })).await;
    agent.put(&path, json!({ "Status": "open" })).await;
    agent.put(&path, json!({ "Status": "resolved" })).await;
    let there = context(Some(&made.native_id));
    let escalate = C::EscalateCase(UpdateFields { fields: map(&[("TG Escalation", "Contested in round 2")]) });
    target.apply(&case.enveloped(InternalCommand::Discrepancy(escalate)), &there).await.unwrap();
    let only_if = Some(OnlyIf { field: "status".into(), one_of: vec!["resolved".into()] });
    let settle = C::SettleCase(StatusWrite { to: "closed".into(), only_if });
    target.apply(&case.enveloped(InternalCommand::Discrepancy(settle)), &there).await.unwrap();
    assert_eq!(agent.ticket(&made.native_id).await["Status"], "closed");

    let mut said = Vec::new();
    loop {
        let page = feed.fetch(&from).await.unwrap();
        from = page.next;
        for change in page.changes.into_iter().filter(|c| c.entity.as_str() == made.native_id) {
            let News::Event(event) = change.news else { continue };
            assert!(matches!(event, InternalEvent::Discrepancy(_)), "{event:?}");
            if let InternalEvent::Discrepancy(E::FindingRecorded(finding)) = &event {
                assert_eq!((finding.source.as_str(), finding.text.visibility()), ("WMS", Visibility::Host));
            }
            said.push(event.kind());
        }
        if !page.more {
            break;
        }
    }
    for word in ["created", "finding-recorded", "status-changed", "field-changed"] {
        assert!(said.contains(&format!("internal.discrepancy.{word}").as_str()), "{word} in {said:?}");
    }
}

#[tokio::test]
async fn every_queue_that_discrepancies_are_routed_to_takes_them() {
    let Some(rt) = Rt::get() else { return };
    for queue in ["Partner Receiving", "Partner Shipments", "Partner Orders", "Partner Invoices", "Partner Triage"] {
        let case = Case::new();
        let made = rt.target().apply(&create(&case, queue), &context(None)).await.unwrap();
        assert_eq!(rt.agent().field(&made.native_id, "TG Use Case").await, ["discrepancy"], "{queue}");
    }
}

/// The pattern that `deploy/rt/seed.pl` gives to the field: a slip of the agent is refused where the agent makes it.
#[tokio::test]
async fn request_tracker_itself_refuses_an_outcome_that_cannot_be_read() {
    let Some(rt) = Rt::get() else { return };
    let (agent, case) = (rt.agent(), Case::new());
    let made = rt.target().apply(&create(&case, "Partner Triage"), &context(None)).await.unwrap();
    let path = format!("/ticket/{}", made.native_id);
    for bad in ["8 of 10", "line=1", "line=1 decision=MAYBE", "line=1 decision=UPHELD quantity=8,0", "line=1 cost=9"] {
        agent.put(&path, json!({ "CustomFields": { "TG Line Outcomes": bad } })).await;
        assert!(agent.field(&made.native_id, "TG Line Outcomes").await.is_empty(), "{bad}");
    }
    let good = "line=1 decision=PARTIAL quantity=8 uom=EA remedy=CREDIT_NOTE amount=12.50 currency=EUR \
                reason=\"two were wet\" ref=CN-7\nline=2 decision=DENIED";
    agent.put(&path, json!({ "CustomFields": { "TG Line Outcomes": good } })).await;
    assert_eq!(agent.field(&made.native_id, "TG Line Outcomes").await, [good]);
}
