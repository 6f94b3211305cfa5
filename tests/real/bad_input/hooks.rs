//! Webhooks: only a genuine one wakes the poller, and no other learns why it was refused.

use super::{address, metric, restart, set_poll_interval, ticket};
use crate::stack::Stack;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

const BODY: &[u8] = br#"{"type":"case.changed","data":{}}"#;
/// Nothing but a webhook makes a poller look again within a test.
const NEVER: i64 = 3_600_000;
/// As the services have it by default.
const USUAL: i64 = 2_000;

type Headers = Vec<(&'static str, String)>;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Standard Webhooks 1.0, as the community signs.
fn webhook(secret: &str, at: u64, body: &[u8]) -> Headers {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signature = hmac(&key, &[format!("msg_test.{at}.").as_bytes(), body]);
    let signature = format!("v1,{}", STANDARD.encode(signature));
    vec![("webhook-id", "msg_test".to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)]
}

/// As the scrip in Request Tracker signs.
fn nudge(secret: &str, at: u64, body: &[u8]) -> Headers {
    let mac = hmac(secret.as_bytes(), &[at.to_string().as_bytes(), b".", body]);
    let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![("x-causeway-timestamp", at.to_string()), ("x-causeway-signature", format!("sha256={hex}"))]
}

async fn post(url: &str, headers: Headers, body: &[u8]) -> u16 {
    let request = reqwest::Client::new().post(url).body(body.to_vec());
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let said = answer.text().await.unwrap();
    assert!(status != 401 || said.is_empty(), "a forger is told nothing: {said}");
    status
}

/// Everything that is not genuine is refused, and counted by its reason.
async fn refusals(stack: &Stack, role: &str, url: &str, sign: &dyn Fn(u64, &[u8]) -> Headers) {
    let rejected = async |reason: &str| {
        metric(stack, role, "causeway_hooks_rejected_total", &[&format!("reason=\"{reason}\"")]).await
    };
    let before = [rejected("signature").await, rejected("stale").await, rejected("header").await];
    assert_eq!(post(url, sign(now(), BODY), b"{\"other\":1}").await, 401, "another body than was signed");
    assert_eq!(post(url, sign(now() - 3600, BODY), BODY).await, 401, "an hour old");
    assert_eq!(post(url, sign(now() + 3600, BODY), BODY).await, 401, "an hour ahead");
    assert_eq!(post(url, Vec::new(), BODY).await, 401, "unsigned");
    let large = vec![b' '; (64 << 10) + 1];
    assert_eq!(post(url, sign(now(), &large), &large).await, 413, "larger than a nudge can be");
    let after = [rejected("signature").await, rejected("stale").await, rejected("header").await];
    assert_eq!([0, 1, 2].map(|i| after[i] - before[i]), [1.0, 2.0, 1.0]);
}

pub async fn community(stack: Arc<Stack>) {
    let role = "ingest-partner";
    // The community's own webhooks are lost, and the poller does not look by itself.
    stack.community.disturb(&json!({"hooks": {"drop_next": 1_000_000}})).await;
    set_poll_interval(&stack, role, NEVER);
    restart(&stack, &[role]).await;

    let case = stack.community.open("Seen only when told").await;
    let subject = format!("case/tg/{case}");
    let secret = std::fs::read_to_string(stack.folder.path().join("secrets/webhook.secret")).unwrap();
    let url = format!("http://{}/hooks", address(&stack, role, "hook"));
    let sign = |at: u64, body: &[u8]| webhook(&secret, at, body);
    let accepted = async || metric(&stack, role, "causeway_hooks_accepted_total", &[]).await;
    let published = async || metric(&stack, role, "causeway_changes_published_total", &[]).await;
    let before = (accepted().await, published().await);
    refusals(&stack, role, &url, &sign).await;
    let forged = webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", now(), BODY);
    assert_eq!(post(&url, forged, BODY).await, 401, "signed with another secret");
    assert_eq!((accepted().await, published().await), before, "nobody genuine has spoken yet");
    assert!(stack.rt.tickets(&subject).await.is_empty());

    assert_eq!(post(&url, sign(now(), BODY), BODY).await, 204);
    ticket(&stack, &subject).await;
    assert_eq!(accepted().await - before.0, 1.0);

    stack.community.calm().await;
    set_poll_interval(&stack, role, USUAL);
    restart(&stack, &[role]).await;
}

pub async fn request_tracker(stack: Arc<Stack>) {
    let role = "ingest-internal";
    let secret = std::fs::read_to_string(stack.servers.rt_secrets.join("nudge.secret")).unwrap();
    let url = format!("http://{}/hooks", address(&stack, role, "hook"));
    let sign = |at: u64, body: &[u8]| nudge(secret.trim(), at, body);
    let before = metric(&stack, role, "causeway_hooks_accepted_total", &[]).await;
    refusals(&stack, role, &url, &sign).await;
    assert_eq!(post(&url, nudge("another secret", now(), BODY), BODY).await, 401);
    assert_eq!(post(&url, sign(now(), BODY), BODY).await, 204);
    assert_eq!(metric(&stack, role, "causeway_hooks_accepted_total", &[]).await - before, 1.0);
}
