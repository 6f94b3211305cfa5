//! Bytes of files through the running roles: into Request Tracker and out of it, with little memory, and past a real
//! scanner.

use crate::Test;
use crate::stack::Stack;
use crate::wait::until;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::scenario::{file_line, hash_of};

pub const TESTS: &[(&str, Test)] = &[
    ("twenty_megabytes_go_into_rt_and_out_of_it_in_little_memory", |stack| Box::pin(large(stack))),
    ("what_a_scanner_finds_is_kept_in_quarantine_and_both_sides_hear_of_it", |stack| Box::pin(found(stack))),
];

const PATIENCE: Duration = Duration::from_secs(180);
/// In KiB.
const MEMORY: u64 = 128 * 1024;
const TOKEN: &str = "acme-token";
const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// Bytes that no base64 line, no encoding and no end of line leaves alone by chance.
fn odd(length: u64, seed: u64) -> Vec<u8> {
    (seed..seed + length).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap()
}

/// The partner says something with a file.
async fn shares(stack: &Stack, case: &str, name: &str, bytes: Vec<u8>) {
    let (base, hash, size) = (&stack.community.base, hash_of(&bytes), bytes.len());
    let request = client().put(format!("{base}/partner/v1/uploads/{hash}")).bearer_auth(TOKEN);
    let answer = request.header("upload-length", size).body(bytes).send().await.unwrap();
    assert!(answer.status().is_success(), "upload: {}", answer.status());
    let media_type = "application/octet-stream";
    let body = json!({"text": "", "files": [{"name": name, "media_type": media_type, "size": size, "sha256": hash}]});
    let request = client().post(format!("{base}/partner/v1/cases/{case}/comments")).bearer_auth(TOKEN);
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "comment: {}", answer.status());
}

/// Names and hashes of the bytes that the house has put to a case, each downloaded whole.
async fn brought(stack: &Stack, case: &str) -> Vec<String> {
    let case = stack.community.case(case).await;
    let mut lines = Vec::new();
    for comment in case["comments"].as_array().into_iter().flatten().filter(|said| said["author"] != "ACME") {
        for file in comment["files"].as_array().into_iter().flatten() {
            let url = format!("{}/partner/v1/files/{}", stack.community.base, file["id"].as_str().unwrap());
            let answer = client().get(url).bearer_auth(TOKEN).send().await.unwrap();
            assert!(answer.status().is_success(), "download: {}", answer.status());
            let name = file["name"].as_str().unwrap();
            lines.push(file_line(name, &hash_of(&answer.bytes().await.unwrap())));
        }
    }
    lines
}

async fn case(stack: &Stack, title: &str) -> (String, u64) {
    let case = stack.community.open(title).await;
    let subject = format!("case/tg/{case}");
    let ticket =
        until("a ticket for the case", PATIENCE, || async { stack.rt.tickets(&subject).await.first().copied() });
    (case.clone(), ticket.await)
}

/// Until a text that holds this stands in the case.
async fn said(stack: &Stack, case: &str, needle: &str) -> String {
    until(&format!("the partner reads {needle:?}"), PATIENCE, || async {
        let case = stack.community.case(case).await;
        let texts = case["comments"].as_array().cloned().unwrap_or_default();
        let mut texts = texts.iter().filter_map(|comment| comment["text"].as_str().map(str::to_owned));
        texts.find(|text| text.contains(needle))
    })
    .await
}

async fn large(stack: Arc<Stack>) {
    let (case, ticket) = case(&stack, "A large file").await;
    let began = Instant::now();
    let (inward, outward) = (odd(20_000_000, 1), odd(20_000_000, 7));
    let expected = file_line("scan.bin", &hash_of(&inward));
    shares(&stack, &case, "scan.bin", inward).await;
    until("the file at the ticket", PATIENCE, || async {
        let names = stack.rt.file_names(ticket).await;
        names.contains(&"scan.bin".to_owned()).then_some(())
    })
    .await;
    assert_eq!(stack.rt.files(ticket, "causeway-partner").await, [expected]);
    println!("20 MB into Request Tracker after {:.1?}", began.elapsed());

    let began = Instant::now();
    let expected = file_line("answer.bin", &hash_of(&outward));
    stack.rt.reply_with_file(ticket, "here it is", "answer.bin", outward).await;
    let lines = until("the file at the community", PATIENCE, || async {
        let lines = brought(&stack, &case).await;
        (!lines.is_empty()).then_some(lines)
    })
    .await;
    assert_eq!(lines, [expected]);
    println!("20 MB out of Request Tracker after {:.1?}", began.elapsed());
    for (role, kib) in stack.peaks().await {
        println!("{role}: at most {:.1} MiB", kib as f64 / 1024.0);
        assert!(kib < MEMORY, "{role} took {kib} KiB");
    }
}

/// `E2E_CLAMD`: `host:port` of a clamd that knows the test file of eicar.org.
async fn found(stack: Arc<Stack>) {
    if stack.clamd().is_none() {
        println!("\nSKIPPED: no clamd; `deploy/local/clamd.sh start`, and E2E_CLAMD its address");
        return;
    }
    let (case, ticket) = case(&stack, "A harmful file").await;
    shares(&stack, &case, "harmful.com", EICAR.to_vec()).await;
    // Its uploader reads that it did not cross and not what was found; the agents read where to look.
    let line = said(&stack, &case, "harmful.com").await;
    assert_eq!(line, "harmful.com (68 bytes) could not be transferred: it was not accepted");
    let note = until("the agents' note", PATIENCE, || async {
        let messages = stack.rt.messages(ticket).await;
        messages.into_iter().find(|said| said.kind == "Comment" && said.text.contains("harmful.com"))
    })
    .await;
    assert!(note.text.contains("was not let in by the check of files"), "{}", note.text);
    assert_eq!(stack.rt.files(ticket, "causeway-partner").await, Vec::<String>::new());
    let store = stack.folder.path().join("blobs");
    let hash = hash_of(EICAR);
    assert!(
        store.join("quarantine").join(&hash).is_file() && !store.join("bytes").join(&hash[..2]).join(&hash).exists()
    );
    let verdict: Value = serde_json::from_slice(&std::fs::read(store.join("verdicts").join(&hash)).unwrap()).unwrap();
    assert!(verdict["engine"].as_str().unwrap().starts_with("ClamAV"), "{verdict}");
    // Operators read what was found where they read of everything that was refused.
    let listed = stack.tool(&["dlq", "list", "--each", "--class", "REFUSED"]);
    let line = listed.lines().find(|line| line.contains(&case)).unwrap_or_else(|| panic!("{listed}"));
    let shown = stack.tool(&["dlq", "show", line.split_whitespace().next().unwrap()]);
    assert!(shown.contains("infected") && shown.contains("Eicar"), "{shown}");

    // The other way: the agents read why their file did not reach the partner.
    stack.rt.reply_with_file(ticket, "with a file", "ours.com", EICAR.to_vec()).await;
    said(&stack, &case, "with a file").await;
    until("the note about the agents' file", PATIENCE, || async {
        let messages = stack.rt.messages(ticket).await;
        messages.into_iter().find(|said| said.kind == "Comment" && said.text.contains("infected"))
    })
    .await;
    assert_eq!(brought(&stack, &case).await, Vec::<String>::new());
    println!("{verdict}");
}
