//! Tickets of documents: made with the word that says so, decided in one field that names the version.

use crate::files::{put, store};
use crate::world::{Case, World, fields};
use adapter_internal_desk::DeskTarget;
use domain::document::{InternalCommand as C, InternalEvent as E};
use domain::issue::{AddInternalNote, AddPublicComment, CreateCase, StatusWrite, UpdateFields};
use domain::{InternalCommand, InternalEvent, OnlyIf, Visibility};
use ports::{Capability, Feed as _, News, Target as _};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_document_is_made_versioned_and_cancelled_and_its_decision_is_one_event_of_the_house() {
    let mut world = World::start().await;
    let begin = world.feed.begin().await.unwrap();
    let case = Case::new("D-1");
    let create = case.enveloped(InternalCommand::Document(C::CreateCase(CreateCase {
        route: "Partner Documents".into(),
        title: "Invoice".into(),
        description: "As agreed.".into(),
        status: "new".into(),
        priority: String::new(),
        fields: fields(&[("TG Document Version", "1"), ("TG Use Case", "issue")]),
    })));
    assert!(matches!(world.target.capability(&create.meta.kind), Capability::Findable { .. }));
    let made = case.apply(&world.target, &create).await.unwrap();
    let case = Case { ticket: made.native_id, ..case };
    assert_eq!(world.ticket(&case.ticket).await["fields"]["TG Use Case"], "document");
    let path = format!("/v1/tickets/{}", case.ticket);
    let decision = "version=1 decision=CORRECT comment=\"the order number\"\nterm=BT-13 value=4500001";
    world.agent(Method::PATCH, &path, json!({"fields": {"TG Decision": decision}})).await;
    world.agent(Method::PATCH, &path, json!({"status": "resolved"})).await;
    let said = AddPublicComment {
        author: "Ann".into(),
        text: "Version 2: b.pdf".into(),
        format: "plain".into(),
        files: Vec::new(),
    };
    let write = |to: &str, from: &str| {
        let only_if = OnlyIf { field: "status".into(), one_of: vec![from.into()], set_by: String::new() };
        StatusWrite { to: to.into(), only_if: Some(only_if) }
    };
    for command in [
        C::AddVersion(UpdateFields { fields: fields(&[("TG Document Version", "2")]) }),
        C::RestartReview(write("open", "resolved")),
        C::AddFile(said),
        C::WithholdFile(AddInternalNote { text: "not let in".into() }),
        C::CancelCase(write("cancelled", "open")),
    ] {
        let command = case.enveloped(InternalCommand::Document(command));
        let kind = command.meta.kind.clone();
        case.apply(&world.target, &command).await.unwrap_or_else(|error| panic!("{kind}: {error:?}"));
    }
    let ticket = world.ticket(&case.ticket).await;
    assert_eq!((&ticket["status"], &ticket["fields"]["TG Document Version"]), (&json!("cancelled"), &json!("2")));

    let (mut at, mut said) = (begin, Vec::new());
    loop {
        let page = world.feed.fetch(&at).await.unwrap();
        at = page.next;
        for change in page.changes {
            let News::Event(event) = change.news else { continue };
            if let InternalEvent::Document(E::ReviewDecided(e)) = &event {
                assert_eq!((e.decision.for_host().as_str(), e.decision.visibility()), (decision, Visibility::Host));
            }
            said.push(event.kind());
        }
        if !page.more {
            break;
        }
    }
    assert!(said.iter().all(|kind| kind.starts_with("internal.document.")), "{said:?}");
    for word in ["created", "review-decided", "status-changed", "field-changed", "public-comment-added"] {
        assert!(said.contains(&format!("internal.document.{word}").as_str()), "{word} in {said:?}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_version_are_at_its_ticket_under_their_own_name_and_brought_once() {
    let world = World::start().await;
    let store = store(&world);
    let target = DeskTarget::new(world.ready()).unwrap().with_blobs(Some(store.clone()));
    let bytes: Vec<u8> = (0..=255u8).cycle().take(200_001).collect();
    let file = put(&store, &bytes).await;
    // Two partners brought the same.
    for native in ["D-1", "D-2"] {
        let case = Case::new(native);
        let create = case.enveloped(InternalCommand::Document(C::CreateCase(CreateCase {
            route: "Partner Documents".into(),
            title: "Invoice".into(),
            description: "As agreed.".into(),
            status: "new".into(),
            priority: String::new(),
            fields: fields(&[("TG Document Version", "1")]),
        })));
        let made = case.apply(&target, &create).await.unwrap();
        let case = Case { ticket: made.native_id, ..case };
        let (author, text, files) = ("Ann".into(), "Version 1: Pruefung.pdf".into(), vec![file.clone()]);
        let said = AddPublicComment { author, text, format: "plain".into(), files };
        case.apply(&target, &case.enveloped(InternalCommand::Document(C::AddFile(said)))).await.unwrap();
        let history = world.history(&case.ticket).await;
        let reply = history.iter().find(|change| change["kind"] == "replied").unwrap();
        let kept = &reply["payload"]["files"][0];
        assert_eq!(kept["sha256"], json!(file.sha256));
        assert_eq!((&kept["name"], &kept["size"]), (&json!("Prüfung.pdf"), &json!(bytes.len())));
    }
    let kept = std::fs::read_dir(world.folder.path().join("desk/files")).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read_dir(kept.path()).unwrap().count(), 1);
}
