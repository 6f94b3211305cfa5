//! Attachments: into RT in one request, out of it by streamed base64, bit for bit and with their names.

use crate::feed::drain;
use crate::fixture::Rt;
use blobs::ObjectBlobs;
use bytes::Bytes;
use domain::issue::{AddPublicComment, InternalCommand as Issue};
use domain::{FileClaim, Files as _, Visibility};
use futures::StreamExt;
use ports::{BlobStore, Feed as _, Look, News};
use serde_json::json;
use std::sync::Arc;

pub fn store(dir: &std::path::Path) -> Arc<dyn BlobStore> {
    Arc::new(ObjectBlobs::new(Arc::new(object_store::local::LocalFileSystem::new_with_prefix(dir).unwrap())))
}

/// Bytes that no base64 line, no encoding and no end of line leaves alone by chance.
pub fn odd(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n as u64).wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
}

pub async fn put(store: &Arc<dyn BlobStore>, name: &str, bytes: &[u8]) -> FileClaim {
    let mut incoming = store.begin().await.unwrap();
    for piece in bytes.chunks(60_000) {
        incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    let stored = incoming.commit().await.unwrap();
    let claim = FileClaim::named("f", name.to_owned(), "text/plain", bytes.len() as i64);
    FileClaim { sha256: stored.id.to_string(), ..claim }
}

/// VmHWM of this process in kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn twenty_megabytes_go_into_rt_and_come_out_of_it_the_same() {
    let Some(rt) = Rt::get() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (store, case) = (store(dir.path()), rt.case().await);
    let target = rt.target().with_blobs(Some(store.clone()));
    let bytes = odd(20_000_000);
    let file = put(&store, "Prüfung 1 – Köln.txt", &bytes).await;
    let before = peak();
    let reply = case.command(Issue::AddPublicComment(AddPublicComment {
        author: "Jo".to_owned(),
        text: "the file".to_owned(),
        format: String::new(),
        files: vec![file],
    }));
    let said = case.apply(&target, &reply).await.unwrap();
    assert!(matches!(case.look(&target, &reply).await.unwrap(), Look::Applied(found) if found.effects == said.effects));
    let sent = peak();

    // As the feed would name it, had an agent said it.
    let path = format!("/transaction/{}/attachments?fields=Filename,ContentLength", said.effects[0]);
    let parts = rt.agent().get(&path).await;
    let part =
        parts["items"].as_array().unwrap().iter().find(|p| p["Filename"].as_str().is_some_and(|n| !n.is_empty()));
    let part = part.unwrap_or_else(|| panic!("no file in {parts}"));
    assert_eq!(part["Filename"], "Prüfung 1 – Köln.txt");
    let id = part["id"].as_str().map(str::to_owned).unwrap_or_else(|| part["id"].to_string());
    let claim = FileClaim::named(id, (), "", -1);
    for from in [0, 19_999_000] {
        let mut stream = rt.feed().open(&claim, from).await.unwrap();
        let mut at = from as usize;
        while let Some(piece) = stream.next().await {
            let piece = piece.unwrap();
            assert!(piece == bytes[at..at + piece.len()], "other bytes from {at} on");
            at += piece.len();
        }
        assert_eq!(at, bytes.len());
    }
    println!(
        "peak: {before} kB before, {sent} kB after sending, {} kB after reading (20 MB are the test's own)",
        peak()
    );
    assert!(peak() - before < 48 * 1024, "{} kB more than before", peak() - before);
}

#[tokio::test]
async fn a_public_reply_names_its_files_and_a_comment_names_none() {
    let Some(rt) = Rt::get() else { return };
    let mut feed = rt.feed();
    let mut from = feed.begin().await.unwrap();
    let case = rt.case().await;
    let packed = "ZmlsZQ==";
    let files = |name: &str| json!([{"FileName": name, "FileType": "application/pdf", "FileContent": packed}]);
    for (verb, name) in [("correspond", "ours.pdf"), ("comment", "inside.pdf")] {
        let body = json!({"Content": "see there", "ContentType": "text/plain", "Attachments": files(name)});
        let (status, said) = rt.agent().post(&format!("/ticket/{}/{verb}", case.ticket), body).await;
        assert_eq!(status, 201, "{said}");
    }
    let mut named = Vec::new();
    for mut change in drain(&mut feed, &mut from).await.into_iter().filter(|c| c.entity.as_str() == case.ticket) {
        if let News::Event(event) = &mut change.news {
            event.each_mark(&mut |field, text| {
                assert!(field != "files" || text.visibility() == Visibility::Partner);
            });
            event.each_file(&mut |file| named.push((file.bare(), file.name_for_host().to_owned())));
        }
    }
    assert_eq!(named.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["ours.pdf"]);
    let mut stream = feed.open(&named[0].0, 0).await.unwrap();
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(got, b"file");
}
