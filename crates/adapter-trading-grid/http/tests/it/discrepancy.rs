//! Discrepancies over the contract: commands, the feed, and what each side is refused.

use crate::world::{World, context, enveloped, shared};
use domain::discrepancy::{self as d, PartnerCommand as C, PartnerEvent as E};
use domain::{DiscrepancyStatus, PartnerCommand, PartnerEvent, Timestamp};
use ports::{CallError, Capability, Cursor, Feed as _, Look, News, Target as _};
use reqwest::Method;
use serde_json::{Value, json};

fn new() -> Value {
    json!({
        "title": "Two short", "kind": "QTY_SHORT", "code": "02", "code_list": "X12-412", "site": "DC-7",
        "documents": [{"type_code": "220", "number": "4500001"}],
        "lines": [{"line_no": "1", "uom": "EA", "ordered": "10", "received": "8.0", "variance": "-2"}],
        "shipment": {"carrier": "ABCD", "tracking_numbers": ["1Z9"], "new_eta": 99},
        "claim_amount": "12.50", "claim_currency": "EUR", "contact": {"name": "Ann"},
    })
}

async fn raise(world: &World, partner: &str) -> String {
    let (status, change) = world.as_partner(partner, Method::POST, "/discrepancies", new()).await;
    assert_eq!(status, 201, "{change}");
    change["case_id"].as_str().unwrap().to_owned()
}

fn set(status: DiscrepancyStatus) -> C {
    let (label, reason) = (shared("Under investigation"), Some(shared("taken up")));
    C::SetStatus(d::SetStatus { status, label, reason, expected_resolution_at: Some(Timestamp(9)), only_if: None })
}

fn propose(version: &str, lines: &[&str], confirm_by: i64) -> C {
    let line = |no: &&str| d::LineOutcome {
        line_no: shared(no),
        decision: shared("PARTIAL"),
        quantity: Some(shared("1")),
        uom: Some(shared("EA")),
        amount: Some(shared("6.25")),
        currency: Some(shared("EUR")),
        date: None,
        remedy: Some(shared("CREDIT_AMOUNT")),
        reason: Some(shared("one was in the box")),
        reference: Some(shared("CN-7")),
    };
    C::ProposeOutcome(d::ProposeOutcome {
        outcome_version: version.to_owned(),
        lines: lines.iter().map(line).collect(),
        note: shared("we credit one"),
        confirm_by: Some(Timestamp(confirm_by)),
    })
}

const FAR: i64 = 4_000_000_000_000;

/// One of each kind, in an order that the life allows; the partner contests the first outcome and confirms the second.
fn one_of_each() -> Vec<C> {
    vec![
        C::Acknowledge(d::Acknowledge { reference: Some(shared("4711")) }),
        set(DiscrepancyStatus::UnderInvestigation),
        C::PostComment(domain::issue::PostComment {
            note_key: "n".into(),
            author_label: Some(shared("Support")),
            text: shared("counting"),
            files: Vec::new(),
        }),
        C::RequestEvidence(d::RequestEvidence {
            question: shared("show us"),
            document_types: vec![shared("POD")],
            due_at: Some(Timestamp(5)),
        }),
        set(DiscrepancyStatus::UnderInvestigation),
        propose("o1", &["1"], FAR),
        C::MarkEscalated(d::MarkEscalated { text: shared("with our lead") }),
        set(DiscrepancyStatus::UnderInvestigation),
        propose("o2", &["1"], FAR),
        C::Settle(d::Settle {
            kind: "confirmed".into(),
            text: Some(shared("settled")),
            references: Some(shared("CN-7")),
            only_if: None,
        }),
    ]
}

/// Everything both sides can do about a discrepancy, once.
pub async fn tour(world: &World) {
    let id = raise(world, "acme").await;
    let at = |path: &str| format!("/discrepancies/{id}{path}");
    let line = json!({"line": {"line_no": "1", "uom": "EA", "received": "7"}, "reason": "counted again"});
    let evidence = json!({"text": "signed", "documents": [{"type_code": "POD", "number": "88"}]});
    for (method, path, body) in [
        (Method::PUT, "/lines/1", line),
        (Method::POST, "/comments", json!({"text": "hello", "author": "Ada"})),
        (Method::POST, "/evidence", evidence),
    ] {
        let (status, body) = world.as_partner("acme", method, &at(path), body).await;
        assert_eq!(status, 201, "{body}");
    }
    for (number, payload) in (100..).zip(one_of_each()) {
        let command = enveloped(&id, number, PartnerCommand::Discrepancy(payload));
        let kind = command.meta.kind.clone();
        assert!(matches!(world.target.capability(&kind), Capability::Idempotent { .. }), "{kind}");
        let applied = world.target.apply(&command, &context(&command)).await.unwrap();
        assert_eq!(world.target.apply(&command, &context(&command)).await.as_ref(), Ok(&applied), "{kind}");
        assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Applied(applied)), "{kind}");
        let answer = match number {
            105 => {
                Some(("/outcomes/o1/contest", json!({"lines": [{"line_no": "1", "agreed": false, "comment": "no"}]})))
            }
            108 => Some(("/outcomes/o2/confirmation", json!({"comment": "yes"}))),
            _ => None,
        };
        if let Some((path, body)) = answer {
            let (status, body) = world.as_partner("acme", Method::POST, &at(path), body).await;
            assert_eq!(status, 201, "{body}");
        }
    }
    let other = raise(world, "globex").await;
    world.as_partner("globex", Method::POST, &format!("/discrepancies/{other}/withdrawal"), json!({})).await;
    for path in
        ["/discrepancies", &at(""), &at("/comments"), "/discrepancies/D-999999", &format!("/discrepancies/{other}")]
    {
        world.as_partner("acme", Method::GET, path, Value::Null).await;
    }
    for path in ["", &format!("/{id}"), &format!("/{id}/comments")] {
        world.ask("host-token", Method::GET, &format!("/v1/discrepancies{path}"), None).await;
    }
}

#[tokio::test]
async fn a_discrepancy_is_led_through_two_rounds_and_read_from_the_feed() {
    let world = World::start().await;
    tour(&world).await;
    let (_, seen) = world.ask("host-token", Method::GET, "/v1/discrepancies/D-000001", None).await;
    assert_eq!((&seen["status"], &seen["outcome"]["round"]), (&json!("settled"), &json!(2)));
    assert_eq!((&seen["settlement"], &seen["lines"][0]["received"]), (&json!("CN-7"), &json!("7")));
    let mut feed = world.feed.clone();
    let (mut changes, mut at) = (Vec::new(), Cursor::default());
    loop {
        let page = feed.fetch(&at).await.unwrap();
        changes.extend(page.changes);
        at = page.next;
        if !page.more {
            break;
        }
    }
    let mut kinds = Vec::new();
    for change in &changes {
        match &change.news {
            News::Event(event) => kinds.push(event.kind()),
            News::Skipped { rule } => assert_eq!(*rule, "by-the-host"),
            News::Malformed { reason, .. } => panic!("{reason}"),
        }
    }
    let own = |word: &str| format!("partner.discrepancy.{word}");
    let expected = [
        "raised",
        "line-corrected",
        "comment-added",
        "evidence-given",
        "outcome-contested",
        "outcome-confirmed",
        "raised",
        "withdrawn",
    ];
    assert_eq!(kinds, expected.map(own));
    let News::Event(PartnerEvent::Discrepancy(E::Raised(raised))) = &changes[0].news else { panic!() };
    assert_eq!(raised.lines[0].received.as_ref().map(domain::Decimal::as_str), Some("8.0"), "text as it was written");
    assert_eq!(changes[0].subject.as_ref().unwrap().as_str(), "case/tg/D-000001");
}

#[tokio::test]
async fn what_the_community_never_takes_is_refused_with_its_reason() {
    let world = World::start().await;
    let id = raise(&world, "acme").await;
    let reason = async |number, payload| {
        let command = enveloped(&id, number, PartnerCommand::Discrepancy(payload));
        match world.target.apply(&command, &context(&command)).await {
            Err(CallError::Refused { reason, .. }) => reason,
            other => panic!("not refused: {other:?}"),
        }
    };
    assert_eq!(reason(1, propose("o", &["1"], FAR)).await, "transition-refused");
    assert_eq!(reason(2, set(DiscrepancyStatus::Confirmed)).await, "transition-refused");
    for (number, status) in [(3, DiscrepancyStatus::Triaged), (4, DiscrepancyStatus::UnderInvestigation)] {
        let command = enveloped(&id, number, PartnerCommand::Discrepancy(set(status)));
        world.target.apply(&command, &context(&command)).await.unwrap();
    }
    assert_eq!(reason(5, propose("o", &["1", "2"], FAR)).await, "outcome-incomplete");
    // A discrepancy is no case, though both are subjects of one kind.
    let stray = crate::world::comment(&id, 6);
    let refused = world.target.apply(&stray, &context(&stray)).await;
    assert!(matches!(refused, Err(CallError::Refused { reason, .. }) if reason == "case-unknown"));
    // Long ago: nobody may answer any more, and only then the house may settle alone.
    let settle = || C::Settle(d::Settle { kind: "agent".into(), text: None, references: None, only_if: None });
    let apply = async |number, payload| {
        let command = enveloped(&id, number, PartnerCommand::Discrepancy(payload));
        world.target.apply(&command, &context(&command)).await
    };
    apply(7, propose("o", &["1"], FAR)).await.unwrap();
    assert_eq!(reason(8, settle()).await, "outcome-unanswered");
    apply(9, propose("o", &["1"], 5)).await.unwrap();
    let path = format!("/discrepancies/{id}/outcomes/o/confirmation");
    let (status, body) = world.as_partner("acme", Method::POST, &path, json!({})).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("outcome-lapsed")));
    apply(10, settle()).await.unwrap();
}

#[tokio::test]
async fn a_number_that_is_no_text_is_refused_and_read_as_malformed_where_a_community_says_it() {
    let world = World::start().await;
    let mut bad = new();
    bad["claim_amount"] = json!(12.5);
    assert_eq!(world.as_partner("acme", Method::POST, "/discrepancies", bad).await.0, 400);
    assert_eq!(world.journalled(), 0);
}

#[tokio::test]
async fn another_partners_discrepancy_is_answered_like_one_that_does_not_exist() {
    let world = World::start().await;
    let id = raise(&world, "globex").await;
    let unknown = world.as_partner("acme", Method::GET, "/discrepancies/D-999999", Value::Null).await;
    assert_eq!(unknown.0, 404);
    for (method, path, body) in [
        (Method::GET, "", Value::Null),
        (Method::GET, "/comments", Value::Null),
        (Method::PUT, "/lines/1", json!({"line": {"line_no": "1"}})),
        (Method::POST, "/comments", json!({"text": "hello"})),
        (Method::POST, "/evidence", json!({"text": "hello"})),
        (Method::POST, "/outcomes/o1/confirmation", json!({})),
        (Method::POST, "/withdrawal", json!({})),
    ] {
        let path = format!("/discrepancies/{id}{path}");
        assert_eq!(world.as_partner("acme", method, &path, body).await, unknown, "{path}");
    }
    let (_, own) = world.as_partner("acme", Method::GET, "/discrepancies", Value::Null).await;
    assert_eq!(own["discrepancies"], json!([]));
}
