//! Webhooks signed as Standard Webhooks says. One attempt each: a webhook only says "look now", the feed is the truth.

use super::State;
use super::wire::Change;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::sync::Weak;
use std::time::Duration;
use tokio::sync::mpsc;

/// Where webhooks go.
#[derive(Clone)]
pub struct HookOptions {
    pub url: String,
    /// `whsec_` and the key in base64.
    pub secret: String,
}

/// Changes that may wait to be told of; beyond it webhooks are lost, as they may be.
pub const QUEUE: usize = 10_000;

/// `v1,<base64 of HMAC-SHA256(key, "id.timestamp.body")>`; `None` where the secret is not of the form above.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Sends until the channel closes.
pub(super) async fn run(state: Weak<State>, options: HookOptions, mut changes: mpsc::Receiver<Change>) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build();
    let Ok(client) = client else { return };
    let mut kept: Option<Change> = None;
    while let Some(change) = changes.recv().await {
        // Weak, so that this task does not keep the channel's other end alive.
        let Some(state) = state.upgrade() else { return };
        let (dropped, copies, reorder) = {
            let mut faults = state.faults();
            let hooks = &mut faults.hooks;
            let dropped = hooks.drop_next > 0;
            hooks.drop_next = hooks.drop_next.saturating_sub(1);
            let copies = if hooks.duplicate_next > 0 { 2 } else { 1 };
            hooks.duplicate_next = hooks.duplicate_next.saturating_sub(1);
            (dropped, copies, hooks.reorder)
        };
        if dropped {
            state.stats().hooks_dropped += 1;
            continue;
        }
        if reorder && kept.is_none() {
            kept = Some(change);
            continue;
        }
        for change in std::iter::once(change).chain(kept.take()) {
            for _ in 0..copies {
                let sent = send(&client, &options, &change).await;
                let mut stats = state.stats();
                if sent {
                    stats.hooks_sent += 1;
                } else {
                    stats.hooks_failed += 1;
                }
            }
        }
    }
}

async fn send(client: &reqwest::Client, options: &HookOptions, change: &Change) -> bool {
    let body = serde_json::json!({
        "type": "case.changed",
        "timestamp": change.occurred_at,
        "data": { "case_id": change.case_id, "change_id": change.id },
    })
    .to_string();
    let (id, timestamp) = (format!("msg_{}", change.id), super::now() / 1000);
    let Some(signature) = sign(&options.secret, &id, timestamp, body.as_bytes()) else { return false };
    let request = client
        .post(&options.url)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signature)
        .body(body);
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}

#[cfg(test)]
mod tests {
    #[test]
    fn signatures_are_those_of_the_published_example() {
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let signed = super::sign("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1_731_705_121, body);
        assert_eq!(signed.unwrap(), "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }
}
