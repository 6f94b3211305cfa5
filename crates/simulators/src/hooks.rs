//! Webhooks signed as Standard Webhooks says. One attempt each: a webhook only says "look now", the feed is the truth.

use crate::faults::HookFaults;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
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

/// What one webhook says, and under which id.
#[derive(Clone, Debug)]
pub struct Nudge {
    pub id: String,
    pub body: Value,
}

/// What became of one webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    Failed,
    Dropped,
}

/// The simulator that webhooks are sent for.
pub trait Source: Send + Sync + 'static {
    fn faults(&self, see: &mut dyn FnMut(&mut HookFaults));
    fn count(&self, fate: Fate);
}

/// `v1,<base64 of HMAC-SHA256(key, "id.timestamp.body")>`; `None` where the secret is not of the form above.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Sends until the channel closes.
pub(crate) async fn run<S: Source>(source: Weak<S>, options: HookOptions, mut nudges: mpsc::Receiver<Nudge>) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build();
    let Ok(client) = client else { return };
    let mut kept: Option<Nudge> = None;
    while let Some(nudge) = nudges.recv().await {
        // Weak, so that this task does not keep the channel's other end alive.
        let Some(source) = source.upgrade() else { return };
        let (mut dropped, mut copies, mut reorder) = (false, 1, false);
        source.faults(&mut |faults| {
            dropped = faults.drop_next > 0;
            faults.drop_next = faults.drop_next.saturating_sub(1);
            copies = if !dropped && faults.duplicate_next > 0 { 2 } else { 1 };
            faults.duplicate_next = faults.duplicate_next.saturating_sub(1);
            reorder = faults.reorder;
        });
        if dropped {
            source.count(Fate::Dropped);
            continue;
        }
        if reorder && kept.is_none() {
            kept = Some(nudge);
            continue;
        }
        for nudge in std::iter::once(nudge).chain(kept.take()) {
            for _ in 0..copies {
                let sent = send(&client, &options, &nudge).await;
                source.count(if sent { Fate::Sent } else { Fate::Failed });
            }
        }
    }
}

async fn send(client: &reqwest::Client, options: &HookOptions, nudge: &Nudge) -> bool {
    let (body, timestamp) = (nudge.body.to_string(), crate::now() / 1000);
    let Some(signature) = sign(&options.secret, &nudge.id, timestamp, body.as_bytes()) else { return false };
    let request = client
        .post(&options.url)
        .header("content-type", "application/json")
        .header("webhook-id", &nudge.id)
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
