//! The store over a folder, and over S3 where there is one.

use blobs::{Config, ObjectBlobs};
use bytes::Bytes;
use domain::{BlobId, FileClaim, Timestamp};
use futures::StreamExt;
use ports::{BlobError, BlobStore, Ruling, Verdict};
use std::sync::Arc;

fn folder(dir: &std::path::Path) -> ObjectBlobs {
    let local = object_store::local::LocalFileSystem::new_with_prefix(dir).unwrap();
    ObjectBlobs::new(Arc::new(local.with_fsync(true)))
}

async fn put(store: &dyn BlobStore, pieces: &[&[u8]]) -> BlobId {
    let mut incoming = store.begin().await.unwrap();
    for piece in pieces {
        incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    incoming.commit().await.unwrap().id
}

async fn whole(store: &dyn BlobStore, id: &BlobId, from: u64) -> Result<Vec<u8>, BlobError> {
    let mut bytes = store.read(id, from).await?;
    let mut all = Vec::new();
    while let Some(piece) = bytes.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}

fn verdict(ruling: Ruling) -> Verdict {
    Verdict { ruling, engine: "test".to_owned(), found: String::new(), at: Timestamp(1) }
}

/// What every store keeps to.
async fn keeps_its_word(store: &dyn BlobStore) {
    // Above one part, so that several are sent.
    let big: Vec<u8> = (0..=255u8).cycle().take(11 * 1024 * 1024 + 7).collect();
    let id = put(store, &big.chunks(60_000).collect::<Vec<_>>()).await;
    assert_eq!(id.as_str(), domain::ContentHash::of_bytes(&big).as_str());
    assert_eq!(store.find(&id).await.unwrap().unwrap().size, big.len() as u64);
    assert_eq!(whole(store, &id, 0).await.unwrap(), big);
    let middle = 6 * 1024 * 1024 + 1;
    assert_eq!(whole(store, &id, middle as u64).await.unwrap(), big[middle..]);
    assert_eq!(whole(store, &id, big.len() as u64).await.unwrap(), Vec::<u8>::new());
    // The same bytes again are the same blob.
    assert_eq!(put(store, &[&big]).await, id);

    let nowhere = BlobId::parse(&"0".repeat(64)).unwrap();
    assert_eq!(store.find(&nowhere).await.unwrap(), None);
    assert_eq!(whole(store, &nowhere, 0).await, Err(BlobError::Missing));

    let claim = FileClaim { sha256: id.to_string(), ..FileClaim::named("a/../b c", (), "text/plain", 7) };
    store.remember("tg", &claim).await.unwrap();
    assert_eq!(store.known("tg", "a/../b c").await.unwrap(), Some(claim));
    assert_eq!(store.known("rt", "a/../b c").await.unwrap(), None);

    assert_eq!(store.verdict(&id).await.unwrap(), None);
    store.judge(&id, &verdict(Ruling::Clean)).await.unwrap();
    assert_eq!(store.verdict(&id).await.unwrap(), Some(verdict(Ruling::Clean)));
    assert!(store.find(&id).await.unwrap().is_some());
    let bad = put(store, &[b"what nobody should have"]).await;
    store.judge(&bad, &verdict(Ruling::Infected)).await.unwrap();
    assert_eq!(store.find(&bad).await.unwrap(), None);
    assert_eq!(whole(store, &bad, 0).await, Err(BlobError::Missing));
    assert_eq!(store.verdict(&bad).await.unwrap().unwrap().ruling, Ruling::Infected);
}

#[tokio::test]
async fn a_folder_keeps_bytes_by_their_hash_once_and_gives_them_from_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    keeps_its_word(&folder(dir.path())).await;
    let lies = |at: &str| std::fs::read_dir(dir.path().join(at)).map(Iterator::count).unwrap_or(0);
    assert_eq!((lies("quarantine"), lies("incoming")), (1, 0));
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = folder(dir.path());
    let mut incoming = store.begin().await.unwrap();
    incoming.write(Bytes::from_static(b"half")).await.unwrap();
    incoming.abort().await;
    let files = std::fs::read_dir(dir.path().join("incoming")).map(Iterator::count).unwrap_or(0);
    assert_eq!(files, 0);
}

/// `CAUSEWAY_TEST_S3`: address of a server that speaks S3, with a bucket `causeway-test` and any keys accepted.
#[tokio::test]
async fn s3_keeps_bytes_by_their_hash_once_and_gives_them_from_anywhere() {
    let Ok(endpoint) = std::env::var("CAUSEWAY_TEST_S3") else {
        println!("SKIPPED: no S3; start `deploy/local/s3.sh` and set CAUSEWAY_TEST_S3 to its address");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "testing").unwrap();
    let key = dir.path().join("key").display().to_string();
    let text = format!(
        "store = \"s3\"\nendpoint = \"{endpoint}\"\nbucket = \"causeway-test\"\naccess_key_file = \"{key}\"\n\
         secret_key_file = \"{key}\"\nscanner = \"none\""
    );
    let config: Config = toml::from_str(&text).unwrap();
    keeps_its_word(config.check("blobs", true).unwrap().store.as_ref()).await;
}

#[test]
fn all_mistakes_of_the_section_are_told_at_once() {
    let check = |text: &str, goes_out| {
        let config: Config = toml::from_str(text).unwrap();
        config.check("blobs", goes_out).err().unwrap_or_default().into_iter().map(|m| m.key).collect::<Vec<_>>()
    };
    assert_eq!(check("", true), ["blobs.scanner", "blobs.dir"]);
    assert_eq!(check("scan_seconds = 0\nscanner = \"clamd\"\n[limits]\nmax_file_mb = 0", true).len(), 4);
    assert_eq!(
        check("store = \"s3\"\nendpoint = \"https://s3.example\"\nscanner = \"none\"", true),
        ["blobs.endpoint", "blobs.bucket", "blobs.access_key_file", "blobs.secret_key_file"]
    );
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().display();
    assert_eq!(check(&format!("dir = \"{dir}\""), false), Vec::<String>::new());
    assert_eq!(check(&format!("dir = \"{dir}\"\nscanner = \"clamd\"\nclamd = \"nowhere\""), true), ["blobs.clamd"]);
    assert!(toml::from_str::<Config>("max_file = 3").is_err());
}
