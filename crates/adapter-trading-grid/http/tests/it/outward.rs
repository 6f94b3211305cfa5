//! Documents of the house's own over the contract: for one partner, under our own reference, bytes first.

use crate::files::{download, store};
use crate::world::{World, context, shared};
use bytes::Bytes;
use domain::document::outward::{PublicReference, Publish, PublishVersion};
use domain::document::{PartnerCommand as C, PartnerEvent as E, SetStatus};
use domain::{DocumentStatus, Envelope, FileClaim, NativeId, PartnerCommand, PartnerEvent, PartnerId, Shared, Subject};
use ports::{Applied, CallError, Capability, Cursor, Feed as _, Look, News, Target as _};
use reqwest::Method;
use serde_json::{Value, json};

type File = FileClaim<Shared<String>>;

/// Its bytes are its name, and lie in the store.
async fn stored(world: &World, name: &str) -> File {
    let mut incoming = store(world).begin().await.unwrap();
    incoming.write(Bytes::from(name.as_bytes().to_vec())).await.unwrap();
    let id = incoming.commit().await.unwrap().id;
    let size = i64::try_from(name.len()).unwrap();
    FileClaim { sha256: id.to_string(), ..FileClaim::named("v", shared(name), "application/pdf", size) }
}

fn first(file: File) -> C {
    C::Publish(Box::new(Publish {
        title: shared("Routing guide"),
        type_list: "OWN".to_owned(),
        type_code: shared("MAPPING_SPEC"),
        references: vec![PublicReference { type_code: "220".to_owned(), number: shared("4500001") }],
        case_id: None,
        file,
        valid_to: Some(shared("2030-12-31")),
        label: shared("For you"),
        note: Some(shared("new docks")),
    }))
}

fn next(version_no: i64, file: File) -> C {
    C::PublishVersion(PublishVersion { version_no, file, valid_to: None, label: shared("For you"), note: None })
}

fn command(ticket: u32, number: u32, payload: C) -> Envelope<PartnerCommand> {
    let mut command = crate::world::enveloped("unused", number, PartnerCommand::Document(payload));
    command.meta.subject = Subject::try_from(format!("document/rt/{ticket}")).unwrap();
    command
}

/// As the sink does, which has learned from the first outcome what the document is called.
async fn apply(world: &World, command: &Envelope<PartnerCommand>, id: Option<&str>) -> Result<Applied, CallError> {
    let mut context = context(command);
    context.native_id = id.map(|id| NativeId::new(id).unwrap());
    world.target.clone().with_blobs(Some(store(world))).apply(command, &context).await
}

async fn publish(world: &World, ticket: u32, number: u32, name: &str) -> String {
    let command = command(ticket, number, first(stored(world, name).await));
    apply(world, &command, None).await.unwrap().native_id
}

/// Everything both sides can do about one, once.
pub async fn tour(world: &World) {
    let id = publish(world, 17, 301, "guide.pdf").await;
    let newer = command(17, 302, next(2, stored(world, "newer.pdf").await));
    apply(world, &newer, Some(&id)).await.unwrap();
    let (status, body) =
        world.as_partner("acme", Method::POST, &format!("/documents/{id}/comments"), json!({"text": "when?"})).await;
    assert_eq!(status, 201, "{body}");
    world.as_partner("acme", Method::GET, &format!("/documents/{id}"), Value::Null).await;
}

#[tokio::test]
async fn it_is_there_once_for_its_partner_and_nobody_else() {
    let world = World::start().await;
    let command = command(17, 1, first(stored(&world, "guide.pdf").await));
    let kind = command.meta.kind.clone();
    assert!(matches!(world.target.capability(&kind), Capability::Idempotent { .. }), "{kind}");
    assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Absent));
    let applied = apply(&world, &command, None).await.unwrap();
    assert_eq!(apply(&world, &command, None).await.as_ref(), Ok(&applied));
    assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Applied(applied.clone())));
    let path = format!("/documents/{}", applied.native_id);
    let (_, seen) = world.as_partner("acme", Method::GET, &path, Value::Null).await;
    assert_eq!((&seen["status"], &seen["offered"]), (&json!("available"), &json!(1)));
    assert_eq!((&seen["title"], &seen["valid_to"]), (&json!("Routing guide"), &json!("2030-12-31")));
    let file = format!("/partner/v1/files/{}", seen["file"]["source_id"].as_str().unwrap());
    assert_eq!(download(&world, "acme-token", &file).await, (200, b"guide.pdf".to_vec()));
    assert_eq!(download(&world, "globex-token", &file).await.0, 404);
    assert_eq!(world.as_partner("globex", Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_is_withheld_is_refused_with_its_reason_and_not_a_word_to_the_community() {
    let world = World::start().await;
    for (number, make) in [(1, first as fn(File) -> C), (2, (|file| next(2, file)) as fn(File) -> C)] {
        let file = FileClaim { withheld: "restricted".to_owned(), ..FileClaim::named("", shared("x"), "", 0) };
        let command = command(17, number, make(file));
        let refused = apply(&world, &command, Some("DOC-000001")).await;
        assert!(matches!(&refused, Err(CallError::Refused { reason, .. }) if reason == "restricted"), "{refused:?}");
    }
    assert!(world.exchanges.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_last_hop_asks_again_whose_it_is() {
    let world = World::start().await;
    let id = publish(&world, 17, 1, "guide.pdf").await;
    let mut stolen = command(17, 2, next(2, stored(&world, "newer.pdf").await));
    stolen.meta.partner_id = Some(PartnerId::new("globex").unwrap());
    let refused = apply(&world, &stolen, Some(&id)).await;
    assert!(matches!(&refused, Err(CallError::Refused { reason, .. }) if reason == "foreign-partner"), "{refused:?}");
    let mut again = command(17, 3, first(stored(&world, "other.pdf").await));
    again.meta.partner_id = Some(PartnerId::new("globex").unwrap());
    let refused = apply(&world, &again, None).await;
    assert!(matches!(&refused, Err(CallError::Refused { reason, .. }) if reason == "reference-taken"), "{refused:?}");
}

#[tokio::test]
async fn versions_follow_one_another_until_it_is_taken_back() {
    let world = World::start().await;
    let id = publish(&world, 17, 1, "guide.pdf").await;
    let reason = async |number, payload| match apply(&world, &command(17, number, payload), Some(&id)).await {
        Err(CallError::Refused { reason, .. }) => reason,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(reason(2, next(3, stored(&world, "third.pdf").await)).await, "version-not-next");
    assert_eq!(reason(3, next(2, stored(&world, "guide.pdf").await)).await, "same-bytes");
    let newer = command(17, 4, next(2, stored(&world, "newer.pdf").await));
    apply(&world, &newer, Some(&id)).await.unwrap();
    let taken = C::SetStatus(SetStatus {
        status: DocumentStatus::Withdrawn,
        label: shared("Withdrawn"),
        status_code: None,
        reason: None,
        version_no: 0,
        only_if: None,
    });
    apply(&world, &command(17, 5, taken), Some(&id)).await.unwrap();
    let (_, seen) = world.as_partner("acme", Method::GET, &format!("/documents/{id}"), Value::Null).await;
    assert_eq!((&seen["status"], &seen["offered"]), (&json!("withdrawn"), &Value::Null));
    assert_eq!(reason(6, next(3, stored(&world, "third.pdf").await)).await, "transition-refused");
}

#[tokio::test]
async fn its_partners_words_are_told_under_our_own_name_of_it() {
    let world = World::start().await;
    tour(&world).await;
    let page = world.feed.clone().fetch(&Cursor::default()).await.unwrap();
    let subjects: Vec<_> = page.changes.iter().map(|change| change.subject.as_ref().unwrap().as_str()).collect();
    assert_eq!(subjects, ["document/rt/17"; 3]);
    let told: Vec<_> = page.changes.iter().map(|change| &change.news).collect();
    assert!(matches!(told[..2], [News::Skipped { rule: "by-the-host" }, News::Skipped { rule: "by-the-host" }]));
    let News::Event(PartnerEvent::Document(E::CommentAdded(said))) = told[2] else { panic!("{told:?}") };
    assert_eq!((said.text.as_str(), said.case_status.as_str()), ("when?", "available"));
}
