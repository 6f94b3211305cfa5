//! A packing list, found by its shipment's number, looked through and accepted.

use super::{Person, StoryError, has_become, pause, ticket_of};
use serde_json::json;

const FILE: &[u8] = include_bytes!("packing-list.pdf");
/// The community takes these bytes under this hash and no other.
const HASH: &str = "ebcb6b385aac4adef544677b0efbd03eefc523e65d99d6fb7a6d1a9b927f6781";

pub(super) async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    partner.upload(HASH, FILE).await?;
    let shared = json!({
        "title": "Packing list of shipment ASN-7",
        "description": "Two pallets.",
        "type_code": "271",
        "references": [{ "type_code": "220", "number": "4500001" }, { "type_code": "351", "number": "ASN-7" }],
        "file": {
            "file_name": "packing-list.pdf",
            "media_type": "application/pdf",
            "size": FILE.len(),
            "sha256": HASH,
        },
    });
    let answer = partner.post("/partner/v1/documents", shared).await?;
    let id = answer["case_id"].as_str().unwrap_or_default();
    let there = format!("/partner/v1/documents/{id}");
    let here = ticket_of(agent, &format!("document/tg/{id}")).await?;
    has_become(partner, &there, "available").await?;
    pause().await;
    agent.patch(&here, json!({ "status": "open", "owner": "agent" })).await?;
    has_become(partner, &there, "under-review").await?;
    pause().await;
    let decision = "version=1 decision=APPROVED reason=OK comment=\"Thank you\"";
    agent.patch(&here, json!({ "fields": { "TG Decision": decision } })).await?;
    has_become(partner, &there, "approved").await?;
    Ok(())
}
