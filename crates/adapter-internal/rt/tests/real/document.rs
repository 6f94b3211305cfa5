use crate::files;
use crate::fixture::{Case, Rt, context, map};
use domain::document::{InternalCommand as C, InternalEvent as E};
use domain::issue::{AddPublicComment, CreateCase, StatusWrite, UpdateFields};
use domain::{Envelope, FileClaim, InternalCommand, InternalEvent, OnlyIf, Visibility};
use futures::StreamExt as _;
use ports::{Feed as _, Look, News, Target as _};
use serde_json::json;

fn create(case: &Case, queue: &str) -> Envelope<InternalCommand> {
    case.enveloped(InternalCommand::Document(C::CreateCase(CreateCase {
        route: queue.into(),
        title: "Invoice 4711".into(),
        description: "For May.".into(),
        status: "new".into(),
        priority: "50".into(),
        fields: map(&[
            ("TG Document Type", "UNTDID-1001 380"),
            ("TG Order No", "4500001"),
            ("TG Document Version", "1"),
            ("TG Valid Until", "2031-12-31"),
        ]),
    })))
}

#[tokio::test]
async fn a_document_is_made_and_versioned_and_its_decision_is_one_event_however_long_it_is() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, target, agent, case) = (rt.feed(), rt.target(), rt.agent(), Case::new());
    let mut from = feed.begin().await.unwrap();
    let command = create(&case, "Partner Invoices");
    let made = target.apply(&command, &context(None)).await.unwrap();
    assert_eq!(target.look(&command, &context(None)).await, Ok(Look::Applied(made.clone())));
    assert_eq!(agent.field(&made.native_id, "TG Use Case").await, ["document"]);
    assert_eq!(agent.field(&made.native_id, "TG Order No").await, ["4500001"]);
    let path = format!("/ticket/{}", made.native_id);
    // RT keeps what is longer than 255 characters elsewhere.
    let long = "the order number is missing, ".repeat(12);
    let decisions = [
        "version=1 decision=APPROVED".to_owned(),
        format!("version=1 decision=CORRECT reason=REF comment=\"{}\"\nterm=BT-13 value=4500001", long.trim()),
    ];
    for decision in &decisions {
        agent.put(&path, json!({ "CustomFields": { "TG Decision": decision } })).await;
    }
    agent.put(&path, json!({ "Status": "resolved" })).await;
    let there = context(Some(&made.native_id));
    let only_if = Some(OnlyIf { field: "status".into(), one_of: vec!["resolved".into()], set_by: String::new() });
    let said = AddPublicComment {
        author: "Ann".into(),
        text: "Version 2: b.pdf".into(),
        format: "plain".into(),
        files: Vec::new(),
    };
    for command in [
        C::AddVersion(UpdateFields { fields: map(&[("TG Document Version", "2")]) }),
        C::RestartReview(StatusWrite { to: "open".into(), only_if }),
        C::AddFile(said),
    ] {
        target.apply(&case.enveloped(InternalCommand::Document(command)), &there).await.unwrap();
    }
    assert_eq!(agent.ticket(&made.native_id).await["Status"], "open");
    assert_eq!(agent.field(&made.native_id, "TG Document Version").await, ["2"]);

    let (mut said, mut decided) = (Vec::new(), Vec::new());
    loop {
        let page = feed.fetch(&from).await.unwrap();
        from = page.next;
        for change in page.changes.into_iter().filter(|c| c.entity.as_str() == made.native_id) {
            let News::Event(event) = change.news else { continue };
            assert!(matches!(event, InternalEvent::Document(_)), "{event:?}");
            if let InternalEvent::Document(E::ReviewDecided(e)) = &event {
                assert_eq!(e.decision.visibility(), Visibility::Host);
                decided.push(e.decision.for_host().replace("\r\n", "\n"));
            }
            said.push(event.kind());
        }
        if !page.more {
            break;
        }
    }
    assert_eq!(decided, decisions);
    for word in ["created", "review-decided", "status-changed", "field-changed", "public-comment-added"] {
        assert!(said.contains(&format!("internal.document.{word}").as_str()), "{word} in {said:?}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_version_are_at_its_ticket_under_their_own_name() {
    let Some(rt) = Rt::get() else { return };
    let (case, agent) = (Case::new(), rt.agent());
    let made = rt.target().apply(&create(&case, "Partner Documents"), &context(None)).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = files::store(dir.path());
    let bytes = files::odd(300_001);
    let file = files::put(&store, "4711 Köln.pdf", &bytes).await;
    let (author, format) = ("Ann".into(), "plain".into());
    let said = AddPublicComment { author, text: "Version 1: 4711 Köln.pdf".into(), format, files: vec![file] };
    let command = case.enveloped(InternalCommand::Document(C::AddFile(said)));
    let there = Case { ticket: made.native_id, ..case }.context(&command);
    // Without a store the command is not carried out by half.
    assert!(rt.target().apply(&command, &there).await.is_err());
    let target = rt.target().with_blobs(Some(store));
    assert_eq!(target.look(&command, &there).await, Ok(Look::Absent));
    let applied = target.apply(&command, &there).await.unwrap();
    assert_eq!(target.look(&command, &there).await, Ok(Look::Applied(applied.clone())));

    let list = agent.get(&format!("/transaction/{}/attachments?fields=Filename", applied.effects[0])).await;
    let parts = list["items"].as_array().unwrap();
    let part = parts.iter().find(|part| part["Filename"] == "4711 Köln.pdf").unwrap_or_else(|| panic!("{list}"));
    let id = part["id"].as_str().map_or_else(|| part["id"].to_string(), str::to_owned);
    let mut stream = rt.feed().open(&FileClaim::named(id, (), "", -1), 0).await.unwrap();
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.unwrap());
    }
    assert!(got == bytes, "{} bytes came back of {}", got.len(), bytes.len());
}

/// As the starter bundle routes them.
#[tokio::test]
async fn every_queue_that_documents_are_routed_to_takes_them() {
    let Some(rt) = Rt::get() else { return };
    for queue in ["Partner Documents", "Partner Restricted Documents", "Partner Compliance", "Partner Shipments"] {
        let case = Case::new();
        let made = rt.target().apply(&create(&case, queue), &context(None)).await.unwrap();
        assert_eq!(rt.agent().field(&made.native_id, "TG Use Case").await, ["document"], "{queue}");
    }
}

/// The pattern that `deploy/rt/seed.pl` gives to the field: a slip of the reviewer is refused where it is made.
#[tokio::test]
async fn request_tracker_itself_refuses_a_decision_that_names_no_version() {
    let Some(rt) = Rt::get() else { return };
    let (agent, case) = (rt.agent(), Case::new());
    let made = rt.target().apply(&create(&case, "Partner Documents"), &context(None)).await.unwrap();
    let path = format!("/ticket/{}", made.native_id);
    for bad in ["APPROVED", "decision=APPROVED", "version=one decision=APPROVED", "version=1 decision=APPROVED cost=9"]
    {
        agent.put(&path, json!({ "CustomFields": { "TG Decision": bad } })).await;
        assert!(agent.field(&made.native_id, "TG Decision").await.is_empty(), "{bad}");
    }
    let good = "version=1 decision=CORRECT comment=\"two things\"\nterm=BT-13 value=4500001\nterm=BT-9";
    agent.put(&path, json!({ "CustomFields": { "TG Decision": good } })).await;
    assert_eq!(agent.field(&made.native_id, "TG Decision").await, [good]);
}
