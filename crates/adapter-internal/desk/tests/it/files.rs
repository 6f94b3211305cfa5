//! Files of tickets: brought before the reply that names them, fetched by range, and never those of notes.

use crate::world::{Case, World};
use adapter_internal_desk::DeskTarget;
use blobs::ObjectBlobs;
use bytes::Bytes;
use domain::issue::{AddPublicComment, InternalCommand as Issue, InternalEvent};
use domain::{FileClaim, Files as _, InternalEvent as Event};
use futures::StreamExt;
use ports::{BlobStore, Cursor, Feed as _, News};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

pub fn store(world: &World) -> Arc<dyn BlobStore> {
    let dir = world.folder.path().join("blobs");
    std::fs::create_dir_all(&dir).unwrap();
    Arc::new(ObjectBlobs::new(Arc::new(object_store::local::LocalFileSystem::new_with_prefix(dir).unwrap())))
}

pub async fn put(store: &Arc<dyn BlobStore>, bytes: &[u8]) -> FileClaim {
    let mut incoming = store.begin().await.unwrap();
    incoming.write(Bytes::copy_from_slice(bytes)).await.unwrap();
    let stored = incoming.commit().await.unwrap();
    let named = FileClaim::named("f1", "Prüfung.pdf".to_owned(), "application/pdf", bytes.len() as i64);
    FileClaim { sha256: stored.id.to_string(), ..named }
}

/// A file as an agent names it in a reply, its bytes uploaded: they are its name.
pub async fn uploaded(world: &World, name: &str) -> serde_json::Value {
    let hash = domain::ContentHash::of_bytes(name.as_bytes());
    let url = format!("{}/v1/uploads/{hash}", world.base);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.put(&url).bearer_auth("ann-token").header("upload-length", name.len()).body(name.to_owned());
    assert!(sent.send().await.unwrap().status().is_success());
    json!({"name": name, "media_type": "application/pdf", "size": name.len(), "sha256": hash.as_str()})
}

#[tokio::test]
async fn a_file_reaches_the_ticket_with_its_reply_and_its_bytes_are_brought_once() {
    let world = World::start().await;
    let (case, store) = (world.case().await, store(&world));
    let target = DeskTarget::new(world.ready()).unwrap().with_blobs(Some(store.clone()));
    let bytes: Vec<u8> = (0..=255u8).cycle().take(300_000).collect();
    let file = put(&store, &bytes).await;
    let reply = |text: &str| {
        case.command(Issue::AddPublicComment(AddPublicComment {
            author: "Jo".to_owned(),
            text: text.to_owned(),
            format: String::new(),
            files: vec![file.clone()],
        }))
    };
    case.apply(&target, &reply("first")).await.unwrap();
    case.apply(&target, &reply("second")).await.unwrap();
    let said = world.history(&case.ticket).await;
    let named: Vec<_> = said.iter().filter(|change| change["kind"] == "replied").collect();
    assert_eq!((named.len(), named[0]["payload"]["files"][0]["name"].as_str()), (2, Some("Prüfung.pdf")));
    let kept = std::fs::read_dir(world.folder.path().join("desk/files")).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read_dir(kept.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_a_cut_upload_left_is_not_sent_again() {
    let world = World::start().await;
    let (case, store) = (world.case().await, store(&world));
    let target = DeskTarget::new(world.ready()).unwrap().with_blobs(Some(store.clone()));
    let bytes: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let file = put(&store, &bytes).await;
    // The first half came before a cut.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/uploads/{}", world.base, file.sha256);
    let half = client.put(&url).bearer_auth("ann-token").header("upload-length", 100_000);
    assert_eq!(half.body(bytes[..50_000].to_vec()).send().await.unwrap().status(), 400);
    let head = client.head(&url).bearer_auth("ann-token").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["upload-offset"].to_str().unwrap()), (404, "50000"));
    let comment =
        AddPublicComment { author: String::new(), text: "x".into(), format: String::new(), files: vec![file] };
    case.apply(&target, &case.command(Issue::AddPublicComment(comment))).await.unwrap();
    assert_eq!(client.head(&url).bearer_auth("ann-token").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_public_reply_names_its_files_and_a_note_names_none() {
    let mut world = World::start().await;
    let case: Case = world.case().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let bytes = b"what only some may see".to_vec();
    let hash = domain::ContentHash::of_bytes(&bytes);
    let url = format!("{}/v1/uploads/{hash}", world.base);
    let sent = client.put(&url).bearer_auth("ann-token").header("upload-length", bytes.len()).body(bytes.clone());
    assert_eq!(sent.send().await.unwrap().status(), 201);
    let files = json!([{"name": "a/../b.pdf", "size": bytes.len(), "sha256": hash.as_str()}]);
    for place in ["replies", "notes"] {
        let path = format!("/v1/tickets/{}/{place}", case.ticket);
        world.agent(Method::POST, &path, json!({"text": "", "files": files})).await;
    }
    let mut cursor = Cursor::default();
    let mut seen = Vec::new();
    loop {
        let page = world.feed.fetch(&cursor).await.unwrap();
        seen.extend(page.changes);
        cursor = page.next;
        if !page.more {
            break;
        }
    }
    let mut named = Vec::new();
    let mut notes = 0;
    for change in &mut seen {
        if let News::Event(event) = &mut change.news {
            notes += usize::from(matches!(event, Event::Issue(InternalEvent::InternalNoteAdded(_))));
            event.each_file(&mut |file| named.push((file.bare(), file.name_for_host().to_owned())));
        }
    }
    assert_eq!((notes, named.len(), named[0].1.as_str()), (1, 1, "b.pdf"));
    // From the middle, by range.
    let mut stream = world.feed.open(&named[0].0, 5).await.unwrap();
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(got, bytes[5..]);
}
