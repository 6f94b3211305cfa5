//! clamd's protocol against a server of the test's own, and against a real one where there is one.

use blobs::Cleared;
use blobs::Config;
use bytes::Bytes;
use domain::issue::{AddPublicComment, InternalCommand as Issue};
use domain::{BlobId, Envelope, FileClaim, InternalCommand, Meta, Timestamp};
use ports::{Applied, BlobStore, CallContext, CallError, Capability, Look, Scanner, Target};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// Speaks the protocol: what holds the test word is infected; a stream above the limit is refused in the middle.
async fn own_server(limit: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut command = Vec::new();
                while !command.ends_with(b"\0") {
                    command.push(stream.read_u8().await.unwrap());
                }
                if command == b"zVERSION\0" {
                    stream.write_all(b"ClamAV 0.0 test\0").await.unwrap();
                    return;
                }
                assert_eq!(command, b"zINSTREAM\0");
                let mut all = Vec::new();
                loop {
                    let length = stream.read_u32().await.unwrap() as usize;
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length];
                    stream.read_exact(&mut piece).await.unwrap();
                    all.extend(piece);
                    if all.len() > limit {
                        let _ = stream.write_all(b"INSTREAM size limit exceeded. ERROR\0").await;
                        return;
                    }
                }
                let found = all.windows(EICAR.len()).any(|window| window == EICAR);
                let said: &[u8] = if found { b"stream: Eicar-Test-Signature FOUND\0" } else { b"stream: OK\0" };
                stream.write_all(said).await.unwrap();
            });
        }
    });
    address
}

struct World {
    _dir: tempfile::TempDir,
    store: Arc<dyn BlobStore>,
    target: Cleared<Counting>,
    calls: Arc<AtomicUsize>,
}

struct Counting(Arc<AtomicUsize>);

impl Target for Counting {
    type Command = InternalCommand;
    fn capability(&self, _: &str) -> Capability {
        Capability::Blind
    }
    fn max_calls(&self) -> usize {
        1
    }
    async fn apply(&self, _: &Envelope<InternalCommand>, _: &CallContext) -> Result<Applied, CallError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Applied::default())
    }
    async fn look(&self, _: &Envelope<InternalCommand>, _: &CallContext) -> Result<Look, CallError> {
        Ok(Look::Absent)
    }
}

fn world(clamd: &str) -> World {
    let dir = tempfile::tempdir().unwrap();
    let text =
        format!("dir = \"{}\"\nscanner = \"clamd\"\nclamd = \"{clamd}\"\nscan_seconds = 30", dir.path().display());
    let config: Config = toml::from_str(&text).unwrap();
    let ready = config.check("blobs", true).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let target = Cleared::new(Counting(calls.clone()), Some(ready.store.clone()), ready.scanner);
    World { _dir: dir, store: ready.store, target, calls }
}

impl World {
    async fn put(&self, bytes: &[u8]) -> BlobId {
        let mut incoming = self.store.begin().await.unwrap();
        for piece in bytes.chunks(100_000) {
            incoming.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        incoming.commit().await.unwrap().id
    }

    async fn send(&self, id: &BlobId) -> Result<Applied, CallError> {
        let file = FileClaim { sha256: id.to_string(), ..FileClaim::named("f", "a.bin".to_owned(), "", 1) };
        let comment = AddPublicComment { files: vec![file], ..comment() };
        let payload = InternalCommand::Issue(Issue::AddPublicComment(comment));
        let context = CallContext {
            native_id: None,
            marker: "m".to_owned(),
            attempt: 1,
            not_after: Timestamp(i64::MAX),
            timeout: Duration::from_secs(40),
            revision: None,
        };
        self.target.apply(&Envelope { meta: meta(), payload }, &context).await
    }
}

fn comment() -> AddPublicComment {
    AddPublicComment { author: String::new(), text: "a".to_owned(), format: String::new(), files: Vec::new() }
}

fn meta() -> Meta {
    serde_json::from_value(serde_json::json!({
        "id": "6f9619ff-8b86-5011-b42d-00c04fc964ff", "subject": "case/tg/C-1", "system": "tg", "partner_id": null,
        "type": "internal.issue.add-public-comment", "occurred_at": 0, "recorded_at": 0, "source_version": "",
        "causation_id": null, "actor": {"id": "", "side": "partner"}, "visibility": "PARTNER", "environment": "T",
        "ext": {}, "mapping_version": 1, "cause": null
    }))
    .unwrap()
}

async fn lets_out_only_what_is_clean(clamd: &str) {
    let world = world(clamd);
    let clean = world.put(&vec![7; 700_000]).await;
    world.send(&clean).await.unwrap();
    assert_eq!(world.calls.load(Ordering::Relaxed), 1);
    let verdict = world.store.verdict(&clean).await.unwrap().unwrap();
    assert!(verdict.engine.contains("ClamAV"), "{verdict:?}");

    let bad = world.put(EICAR).await;
    let refused = world.send(&bad).await;
    let Err(CallError::Refused { reason, detail }) = refused else { panic!("{refused:?}") };
    assert!(reason == "infected" && detail.contains("Eicar"), "{reason} {detail}");
    assert_eq!(world.calls.load(Ordering::Relaxed), 1);
    // In quarantine, and refused again without another scan.
    assert_eq!(world.store.find(&bad).await.unwrap(), None);
    assert!(matches!(world.send(&bad).await, Err(CallError::Refused { .. })));
}

#[tokio::test]
async fn only_clean_files_leave_and_what_is_infected_goes_into_quarantine() {
    lets_out_only_what_is_clean(&own_server(usize::MAX).await).await;
}

/// `CAUSEWAY_TEST_CLAMD`: `host:port` or the socket of a clamd that knows the EICAR test file.
#[tokio::test]
async fn a_real_clamd_is_asked_the_same_way() {
    let Ok(clamd) = std::env::var("CAUSEWAY_TEST_CLAMD") else {
        println!("SKIPPED: no clamd; start `deploy/local/clamd.sh` and set CAUSEWAY_TEST_CLAMD to its address");
        return;
    };
    lets_out_only_what_is_clean(&clamd).await;
}

#[tokio::test]
async fn without_a_verdict_nothing_is_written_and_the_command_waits() {
    // Nobody listens there any more.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let world = world(&address);
    let id = world.put(b"bytes").await;
    let waits = world.send(&id).await;
    assert!(matches!(&waits, Err(CallError::NotApplied { reason, .. }) if reason.contains("scanner")), "{waits:?}");
    assert_eq!((world.calls.load(Ordering::Relaxed), world.store.verdict(&id).await.unwrap()), (0, None));
}

#[tokio::test]
async fn a_file_above_the_scanners_own_limit_is_refused_and_may_be_tried_again() {
    let world = world(&own_server(200_000).await);
    let id = world.put(&vec![1; 5_000_000]).await;
    let refused = world.send(&id).await;
    assert!(matches!(&refused, Err(CallError::Refused { reason, .. }) if reason == "too-large-to-scan"), "{refused:?}");
    assert_eq!(world.store.verdict(&id).await.unwrap(), None);
    assert!(world.store.find(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_answer_that_is_none_of_clamd_is_no_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        }
    });
    let world = world(&address);
    let id = world.put(b"bytes").await;
    assert!(matches!(world.send(&id).await, Err(CallError::NotApplied { .. })));
    let scanner: &dyn Scanner = &blobs::Clamd::new(blobs::Address::Tcp(address), Duration::from_secs(5), 1);
    let stream = world.store.read(&id, 0).await.unwrap();
    assert!(scanner.scan(stream, 5).await.is_err());
}
