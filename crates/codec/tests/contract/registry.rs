//! Against a registry that misbehaves (in this process) and, where `CAUSEWAY_REGISTRY_URL` names one, a real one.

use crate::any::{Any, schema_of};
use crate::samples;
use codec::{Codec, DecodeError, RegistryConfig, RegistryError, contract};
use domain::CursorRecord;
use serde_json::json;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one request per connection with the next of `answers` (status, body), the last one for ever.
struct Fake {
    url: String,
    asked: Arc<AtomicUsize>,
}

async fn fake(answers: Vec<(u16, String)>) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, answers) = (asked.clone(), Arc::new(Mutex::new(answers)));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (count, answers) = (count.clone(), answers.clone());
            tokio::spawn(async move {
                let mut buffer = vec![0; 1 << 16];
                let _ = socket.read(&mut buffer).await;
                count.fetch_add(1, Ordering::SeqCst);
                let (status, body) = {
                    let mut left = answers.lock().unwrap();
                    if left.len() > 1 { left.remove(0) } else { left[0].clone() }
                };
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
            });
        }
    });
    Fake { url, asked }
}

fn at(url: &str) -> Codec {
    Codec::new(RegistryConfig { timeout_ms: 2_000, ..RegistryConfig::at(url) }).unwrap()
}

fn cursor_schema() -> String {
    json!({ "schema": schema_of("ingest.cursors", "causeway.ingest.cursors.Cursor") }).to_string()
}

#[tokio::test]
async fn an_error_that_may_pass_poisons_nothing() {
    for bad in [(500, "{}"), (503, ""), (429, "{}"), (200, "<html>busy</html>"), (500, "<html>")] {
        let fake = fake(vec![(bad.0, bad.1.to_owned()), (200, cursor_schema())]).await;
        let codec = at(&fake.url);
        let error = codec.fetch(7).await.unwrap_err();
        assert!(error.is_retryable(), "{bad:?}: {error}");
        codec.fetch(7).await.unwrap_or_else(|error| panic!("{bad:?}: {error}"));
    }
}

#[tokio::test]
async fn an_unknown_id_is_asked_for_once() {
    let fake = fake(vec![(404, json!({"error_code": 40403, "message": "no"}).to_string())]).await;
    let codec = at(&fake.url);
    for _ in 0..3 {
        assert_eq!(codec.fetch(7).await, Err(RegistryError::NotFound { id: 7 }));
    }
    assert_eq!(fake.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_registry_that_is_not_there_or_refuses_is_told_apart() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    assert!(at(&format!("http://{closed}")).fetch(7).await.unwrap_err().is_retryable());
    for status in [401, 403] {
        let refusing = fake(vec![(status, "{}".to_owned())]).await;
        let error = at(&refusing.url).fetch(7).await.unwrap_err();
        assert!(matches!(error, RegistryError::Refused { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_missing_schema_names_the_command_that_helps() {
    let fake = fake(vec![(404, json!({"error_code": 40401, "message": "no"}).to_string())]).await;
    let codec = at(&fake.url);
    let error = codec.prepare("partner.events").await.unwrap_err();
    assert!(error.to_string().contains("causeway schemas apply"), "{error}");
    assert!(error.to_string().contains("partner.events-causeway.partner.events."), "{error}");
    let error = codec.prepare("nowhere").await.unwrap_err();
    assert!(matches!(error, RegistryError::UnknownTopic { .. }));
}

#[tokio::test]
async fn a_hostile_schema_is_refused() {
    let bomb = r#"{"type":"record","name":"R","fields":[{"name":"x","type":["null","R"],"default":null}]}"#;
    let fake = fake(vec![(200, json!({ "schema": bomb }).to_string())]).await;
    let error = at(&fake.url).fetch(7).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unusable { id: 7, .. }), "{error}");
}

#[test]
fn every_mistake_of_a_configuration_is_named_at_once() {
    let config = RegistryConfig {
        urls: vec!["ftp://x".to_owned(), "http://u:p@h".to_owned()],
        timeout_ms: 0,
        password_file: Some("/nowhere".into()),
        ..RegistryConfig::at("")
    };
    let keys: Vec<String> = config.check().into_iter().map(|mistake| mistake.key).collect();
    assert_eq!(keys, ["registry.urls", "registry.urls", "registry.timeout_ms", "registry.user"]);
    assert!(RegistryConfig { urls: Vec::new(), ..config }.check().len() >= 3);
}

#[tokio::test]
async fn a_real_registry_takes_the_contract_and_serves_it() {
    let Ok(url) = std::env::var("CAUSEWAY_REGISTRY_URL") else {
        // Past the test harness, which keeps the output of a test that passes to itself.
        let _ = std::io::stderr()
            .write_all(b"SKIPPED: no real schema registry was tried: CAUSEWAY_REGISTRY_URL is not set\n");
        return;
    };
    let config = RegistryConfig::at(&url);
    let subjects = contract::subjects().len();
    let report = contract::register_all(&config).await.unwrap();
    assert_eq!(report.subjects.len(), subjects);
    let again = contract::register_all(&config).await.unwrap();
    assert!(again.subjects.iter().all(|(_, applied, _)| *applied == contract::Applied::Unchanged), "{again}");

    let (writer, reader) = (Codec::new(config.clone()).unwrap(), Codec::new(config).unwrap());
    for sample in samples::all() {
        writer.prepare(sample.topic).await.unwrap();
        let mut bytes = Vec::new();
        sample.record.encode(&writer, sample.topic, &mut bytes).unwrap();
        if let Err(DecodeError::UnknownSchema(id)) = Any::decode(&reader, sample.topic, &bytes) {
            reader.fetch(id).await.unwrap();
        }
        assert_eq!(Any::decode(&reader, sample.topic, &bytes).unwrap(), sample.record, "{}", sample.name);
    }

    // Somebody newer adds a field: we go on writing our version, and read theirs.
    let ours = schema_of("ingest.cursors", "causeway.ingest.cursors.Cursor");
    let mut newer: serde_json::Value = serde_json::from_str(ours).unwrap();
    let added = json!({"name": "added", "type": ["null", "string"], "default": null, "doc": "From the future."});
    newer["fields"].as_array_mut().unwrap().insert(0, added);
    let subject = format!("{url}/subjects/ingest.cursors-causeway.ingest.cursors.Cursor/versions");
    let post = |schema: String| reqwest::Client::new().post(&subject).json(&json!({ "schema": schema })).send();
    let answer: serde_json::Value = post(newer.to_string()).await.unwrap().json().await.unwrap();
    let id = u32::try_from(answer["id"].as_u64().unwrap()).unwrap();
    let [a, b, c, d] = id.to_be_bytes();
    let theirs = [0, a, b, c, d, 2, 2, b'x', 4, b'p', b'2', 0];
    assert!(matches!(reader.decode::<CursorRecord>("ingest.cursors", &theirs), Err(DecodeError::UnknownSchema(_))));
    reader.fetch(id).await.unwrap();
    let read: CursorRecord = reader.decode("ingest.cursors", &theirs).unwrap();
    assert_eq!(read.cursor, "p2");
    let fresh = at(&url);
    fresh.prepare("ingest.cursors").await.unwrap();
    let mut bytes = Vec::new();
    fresh.encode("ingest.cursors", &read, &mut bytes).unwrap();
    assert_ne!(bytes[1..5], [a, b, c, d], "by schema, not by subject");
    contract::register_all(&RegistryConfig::at(&url)).await.expect("an older program leaves a newer schema alone");

    // The level is set: what could not be read is refused by the registry itself.
    newer["fields"][1]["type"] = json!("long");
    newer["fields"][1]["default"] = json!(0);
    assert_eq!(post(newer.to_string()).await.unwrap().status().as_u16(), 409);
    assert_eq!(at(&url).fetch(999_999).await, Err(RegistryError::NotFound { id: 999_999 }));
}
