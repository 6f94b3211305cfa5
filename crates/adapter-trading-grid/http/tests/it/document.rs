//! Documents over the contract: commands, the feed, and what each side is refused.

use crate::files::{download, upload};
use crate::world::{World, context, shared};
use domain::document::{self as d, PartnerCommand as C, PartnerEvent as E};
use domain::{DocumentStatus, Envelope, PartnerCommand, PartnerEvent, Subject, Timestamp};
use futures::StreamExt as _;
use ports::{CallError, Capability, Cursor, Feed as _, Look, News, Target as _};
use reqwest::Method;
use serde_json::{Value, json};

fn file(name: &str) -> Value {
    let sha256 = domain::ContentHash::of_bytes(name.as_bytes());
    json!({"file_name": name, "media_type": "application/pdf", "size": name.len(), "sha256": sha256.as_str()})
}

fn new() -> Value {
    json!({
        "title": "Invoice 4711", "type_code": "380", "type_list": "UNTDID-1001", "file": file("4711.pdf"),
        "references": [{"type_code": "220", "number": "4500001"}], "valid_to": "2030-12-31",
        "contact": {"name": "Ann"},
    })
}

/// Its bytes are its name.
async fn brings(world: &World, partner: &str, name: &str) -> Value {
    let (status, _) = upload(world, &format!("{partner}-token"), name.as_bytes()).await;
    assert!(status == 201 || status == 200, "{status}");
    file(name)
}

async fn share(world: &World, partner: &str) -> String {
    brings(world, partner, "4711.pdf").await;
    let (status, change) = world.as_partner(partner, Method::POST, "/documents", new()).await;
    assert_eq!(status, 201, "{change}");
    change["case_id"].as_str().unwrap().to_owned()
}

fn enveloped(id: &str, number: u32, payload: C) -> Envelope<PartnerCommand> {
    let mut command = crate::world::enveloped(id, number, PartnerCommand::Document(payload));
    command.meta.subject = Subject::try_from(format!("document/tg/{id}")).unwrap();
    command
}

fn set(status: DocumentStatus, version_no: i64) -> C {
    let (label, reason) = (shared("In review"), Some(shared("taken up")));
    C::SetStatus(d::SetStatus { status, label, status_code: Some(shared("39")), reason, version_no, only_if: None })
}

fn decide(word: &str, version_no: i64) -> C {
    C::Decide(d::Decide {
        version_no,
        status: DocumentStatus::of_decision(word).unwrap(),
        decision: shared(word),
        label: shared("Please correct"),
        status_code: Some(shared("35")),
        reason_code: Some(shared("REF")),
        comment: Some(shared("the order number")),
        corrections: vec![
            d::Correction { term: shared("BT-13"), value: Some(shared("4500001")) },
            d::Correction { term: shared("BT-9"), value: None },
        ],
        valid_to: None,
    })
}

fn renewal(version_no: i64) -> C {
    C::RequestRenewal(d::RequestRenewal {
        version_no,
        label: shared("Expires soon"),
        text: shared("please renew"),
        valid_to: Some(Timestamp(9)),
        days_left: 14,
    })
}

fn reject(version_no: i64) -> C {
    C::RejectFile(d::RejectFile { version_no, label: shared("Could not be accepted"), text: shared("too large") })
}

fn one_of_each() -> Vec<C> {
    vec![
        C::Acknowledge(d::Acknowledge { reference: Some(shared("4711")) }),
        set(DocumentStatus::UnderReview, 0),
        C::PostComment(domain::issue::PostComment {
            note_key: "n".into(),
            author_label: Some(shared("Support")),
            text: shared("looking"),
            files: Vec::new(),
        }),
        decide("CORRECTION_REQUIRED", 1),
        // The partner adds the second version here.
        decide("APPROVED", 2),
        renewal(2),
        // And the third.
        reject(3),
    ]
}

/// Everything both sides can do about a document, once.
pub async fn tour(world: &World) {
    let id = share(world, "acme").await;
    let at = |path: &str| format!("/documents/{id}{path}");
    let act = async |path: &str, body: Value| {
        let (status, body) = world.as_partner("acme", Method::POST, &at(path), body).await;
        assert_eq!(status, 201, "{path}: {body}");
    };
    act("/comments", json!({"text": "hello", "author": "Ada"})).await;
    act("/versions/1/views", json!({})).await;
    for (number, payload) in (150..).zip(one_of_each()) {
        match number {
            154 => {
                act("/versions", json!({"file": brings(world, "acme", "second.pdf").await, "change_note": "corrected"}))
                    .await
            }
            156 => {
                act("/versions", json!({"file": brings(world, "acme", "third.pdf").await, "valid_to": "2031-12-31"}))
                    .await
            }
            _ => {}
        }
        let command = enveloped(&id, number, payload);
        let kind = command.meta.kind.clone();
        assert!(matches!(world.target.capability(&kind), Capability::Idempotent { .. }), "{kind}");
        let applied = world.target.apply(&command, &context(&command)).await.unwrap();
        assert_eq!(world.target.apply(&command, &context(&command)).await.as_ref(), Ok(&applied), "{kind}");
        assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Applied(applied)), "{kind}");
    }
    let other = share(world, "globex").await;
    world.as_partner("globex", Method::POST, &format!("/documents/{other}/withdrawal"), json!({"reason": "x"})).await;
    for path in ["/documents", &at(""), &at("/comments"), "/documents/DOC-999999", &format!("/documents/{other}")] {
        world.as_partner("acme", Method::GET, path, Value::Null).await;
    }
    for path in ["", &format!("/{id}"), &format!("/{id}/comments")] {
        world.ask("host-token", Method::GET, &format!("/v1/documents{path}"), None).await;
    }
}

#[tokio::test]
async fn a_document_is_led_through_three_versions_and_read_from_the_feed() {
    let world = World::start().await;
    tour(&world).await;
    let (_, seen) = world.ask("host-token", Method::GET, "/v1/documents/DOC-000001", None).await;
    assert_eq!((&seen["status"], &seen["offered"]), (&json!("quarantined"), &json!(2)));
    assert_eq!(seen["versions"][0]["decision"]["corrections"][0]["term"], "BT-13");
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
    let (mut kinds, mut skipped) = (Vec::new(), Vec::new());
    for change in &changes {
        match &change.news {
            News::Event(event) => kinds.push(event.kind()),
            News::Skipped { rule } => skipped.push(*rule),
            News::Malformed { reason, .. } => panic!("{reason}"),
        }
    }
    let own = |word: &str| format!("partner.document.{word}");
    let expected = ["shared", "comment-added", "version-added", "version-added", "shared", "withdrawn"];
    assert_eq!(kinds, expected.map(own));
    assert_eq!((skipped[0], skipped.iter().filter(|rule| **rule == "by-the-host").count()), ("viewed", 7));
    let News::Event(PartnerEvent::Document(E::Shared(first))) = &changes[0].news else { panic!() };
    assert_eq!((first.file.file_name.as_str(), first.valid_to.as_str()), ("4711.pdf", "2030-12-31"));
    assert_eq!(changes[0].subject.as_ref().unwrap().as_str(), "document/tg/DOC-000001");
    let second = changes.iter().find_map(|change| match &change.news {
        News::Event(PartnerEvent::Document(E::VersionAdded(e))) => Some(e),
        _ => None,
    });
    let second = second.unwrap();
    assert_eq!((second.file.source_id.as_str(), second.file.size), ("DOC-000001-v2", 10));
    for (file, bytes) in [(&first.file, "4711.pdf"), (&second.file, "second.pdf")] {
        let mut stream = feed.open(&file.bare(), 0).await.unwrap();
        let mut got = Vec::new();
        while let Some(piece) = stream.next().await {
            got.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(got, bytes.as_bytes());
        assert_eq!(file.sha256, domain::ContentHash::of_bytes(&got).as_str());
        // The partner reads its own, and nobody another's.
        let path = format!("/partner/v1/files/{}", file.source_id);
        assert_eq!(download(&world, "acme-token", &path).await, (200, got));
        assert_eq!(download(&world, "globex-token", &path).await.0, 404);
    }
    assert_eq!((second.version_no, second.type_code.as_str()), (2, "380"));
    assert_eq!(second.prior_sha256, first.file.sha256);
}

#[tokio::test]
async fn what_the_community_never_takes_is_refused_with_its_reason() {
    let world = World::start().await;
    let id = share(&world, "acme").await;
    let apply = async |number, payload| {
        let command = enveloped(&id, number, payload);
        world.target.apply(&command, &context(&command)).await
    };
    let reason = async |number, payload| match apply(number, payload).await {
        Err(CallError::Refused { reason, .. }) => reason,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(reason(1, set(DocumentStatus::Approved, 0)).await, "transition-refused");
    // What is not offered has no last day that anybody asks about.
    let never = Err(CallError::ConditionNotMet { actual: "uploaded".to_owned() });
    assert_eq!(apply(2, renewal(1)).await, never);
    // Its bytes come before it.
    let path = format!("/documents/{id}/versions");
    let (status, body) = world.as_partner("acme", Method::POST, &path, json!({"file": file("2.pdf")})).await;
    assert_eq!((status, body["code"].as_str()), (422, Some("file-missing")));
    brings(&world, "acme", "2.pdf").await;
    let version = || json!({"file": file("2.pdf")});
    assert_eq!(world.as_partner("acme", Method::POST, &path, version()).await.0, 201);
    let (status, body) = world.as_partner("acme", Method::POST, &path, version()).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("same-bytes")));
    // An approval names a version, and only the newest may be approved.
    assert_eq!(reason(3, decide("APPROVED", 1)).await, "version-not-newest");
    apply(4, decide("APPROVED", 2)).await.unwrap();
    // What only holds before a decision does not take one back.
    let late = C::SetStatus(d::SetStatus {
        status: DocumentStatus::UnderReview,
        label: shared("x"),
        status_code: None,
        reason: None,
        version_no: 0,
        only_if: Some(domain::OnlyIf {
            field: "status".to_owned(),
            one_of: vec!["available".to_owned()],
            set_by: String::new(),
        }),
    });
    assert_eq!(apply(5, late).await, Err(CallError::ConditionNotMet { actual: "approved".to_owned() }));
}

#[tokio::test]
async fn another_partners_document_is_answered_like_one_that_does_not_exist() {
    let world = World::start().await;
    let id = share(&world, "globex").await;
    let unknown = world.as_partner("acme", Method::GET, "/documents/DOC-999999", Value::Null).await;
    brings(&world, "acme", "x.pdf").await;
    brings(&world, "acme", "y.pdf").await;
    assert_eq!(unknown.0, 404);
    for (method, path, body) in [
        (Method::GET, "", Value::Null),
        (Method::GET, "/comments", Value::Null),
        (Method::POST, "/comments", json!({"text": "hello"})),
        (Method::POST, "/versions", json!({"file": file("x.pdf")})),
        (Method::POST, "/versions/1/views", json!({})),
        (Method::POST, "/withdrawal", json!({})),
    ] {
        let path = format!("/documents/{id}{path}");
        assert_eq!(world.as_partner("acme", method, &path, body).await, unknown, "{path}");
    }
    let (_, own) = world.as_partner("acme", Method::GET, "/documents", Value::Null).await;
    assert_eq!(own["documents"], json!([]));
    let foreign =
        json!({"title": "t", "type_code": "380", "file": file("y.pdf"), "case_id": world.open("globex").await});
    assert_eq!(world.as_partner("acme", Method::POST, "/documents", foreign).await.0, 422);
}
