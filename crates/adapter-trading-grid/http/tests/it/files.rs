//! Files of cases: a partner's reach the feed, ours reach the partner, and nobody another partner's.

use crate::world::{World, command, context, shared};
use blobs::ObjectBlobs;
use bytes::Bytes;
use domain::issue::{PartnerCommand, PostComment};
use domain::{FileClaim, Files as _};
use futures::StreamExt;
use ports::{BlobStore, CallError, Cursor, Feed as _, News, OpenError, Target as _};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

pub fn store(world: &World) -> Arc<dyn BlobStore> {
    let dir = world.folder.path().join("blobs");
    std::fs::create_dir_all(&dir).unwrap();
    Arc::new(ObjectBlobs::new(Arc::new(object_store::local::LocalFileSystem::new_with_prefix(dir).unwrap())))
}

pub async fn upload(world: &World, token: &str, bytes: &[u8]) -> (u16, String) {
    let hash = domain::ContentHash::of_bytes(bytes).to_string();
    let url = format!("{}/partner/v1/uploads/{hash}", world.base);
    let request = reqwest::Client::builder().no_proxy().build().unwrap().put(url).bearer_auth(token);
    let sent = request.header("upload-length", bytes.len()).body(bytes.to_vec()).send().await.unwrap();
    (sent.status().as_u16(), hash)
}

pub async fn download(world: &World, token: &str, path: &str) -> (u16, Vec<u8>) {
    let request = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{path}", world.base));
    let answer = request.bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_partners_file_is_named_by_the_feed_and_read_from_anywhere() {
    let mut world = World::start().await;
    let case = world.open("acme").await;
    let bytes: Vec<u8> = (0..=255u8).cycle().take(200_000).collect();
    let (status, hash) = upload(&world, "acme-token", &bytes).await;
    assert_eq!(status, 201);
    let file = json!({"name": "proof.pdf", "media_type": "application/pdf", "size": bytes.len(), "sha256": hash});
    let comment = json!({"text": "see there", "files": [file]});
    let (status, said) =
        world.as_partner("acme", Method::POST, &format!("/cases/{case}/comments"), comment.clone()).await;
    assert_eq!(status, 201, "{said}");
    // Another partner did not bring these bytes and cannot name them, nor read them.
    let theirs = world.open("globex").await;
    let (status, problem) =
        world.as_partner("globex", Method::POST, &format!("/cases/{theirs}/comments"), comment).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("file-missing")));
    let id = said["payload"]["files"][0]["id"].as_str().unwrap();
    assert_eq!(download(&world, "globex-token", &format!("/partner/v1/files/{id}")).await.0, 404);
    assert_eq!(download(&world, "acme-token", &format!("/partner/v1/files/{id}")).await, (200, bytes.clone()));

    let (mut cursor, mut named) = (Cursor::default(), Vec::new());
    loop {
        let page = world.feed.fetch(&cursor).await.unwrap();
        for mut change in page.changes {
            if let News::Event(event) = &mut change.news {
                event.each_file(&mut |file| named.push((file.bare(), file.name_for_host().to_owned())));
            }
        }
        cursor = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(named.len(), 1);
    let (claim, name) = &named[0];
    assert_eq!((name.as_str(), claim.size, claim.sha256.as_str()), ("proof.pdf", 200_000, hash.as_str()));
    let mut stream = world.feed.open(claim, 150_000).await.unwrap();
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(got, bytes[150_000..]);
    let unknown = FileClaim::named("C-000009-n1-f1", (), "", 1);
    assert!(matches!(world.feed.open(&unknown, 0).await, Err(OpenError::Gone)));
}

#[tokio::test]
async fn our_file_reaches_the_partner_of_its_case_and_its_bytes_are_brought_once() {
    let world = World::start().await;
    let (case, store) = (world.open("acme").await, store(&world));
    let target = world.target.clone().with_blobs(Some(store.clone()));
    let bytes = vec![7; 70_000];
    let mut incoming = store.begin().await.unwrap();
    incoming.write(Bytes::from(bytes.clone())).await.unwrap();
    let stored = incoming.commit().await.unwrap();
    let named = FileClaim::named("k", shared("receipt.pdf"), "application/pdf", 70_000);
    let file = FileClaim { sha256: stored.id.to_string(), ..named };
    for number in [1, 2] {
        let (note_key, files) = (format!("note-{number}"), vec![file.clone()]);
        let post = PostComment { note_key, author_label: None, text: shared("receipt.pdf (70 kB)"), files };
        let post = command(&case, number, PartnerCommand::PostComment(post));
        target.apply(&post, &context(&post)).await.unwrap();
    }
    let uploads = |method: &str| {
        let all = world.exchanges.lock().unwrap();
        all.iter().filter(|e| e.method == method && e.path.starts_with("/v1/uploads/")).count()
    };
    assert_eq!((uploads("HEAD"), uploads("PUT")), (2, 1));
    let said = world.as_partner("acme", Method::GET, &format!("/cases/{case}/comments"), json!({})).await.1;
    let id = said["comments"][0]["files"][0]["id"].as_str().unwrap();
    assert_eq!(download(&world, "acme-token", &format!("/partner/v1/files/{id}")).await, (200, bytes));

    // Without a store the command is refused before anything is said.
    let post = PostComment { note_key: "n".into(), author_label: None, text: shared("x"), files: vec![file] };
    let post = command(&case, 3, PartnerCommand::PostComment(post));
    let refused = world.target.apply(&post, &context(&post)).await;
    assert!(matches!(&refused, Err(CallError::Refused { reason, .. }) if reason == "no-store"), "{refused:?}");
}
