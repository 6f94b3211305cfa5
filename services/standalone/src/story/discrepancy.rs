//! Eight of ten came: looked into against the warehouse, answered line by line, confirmed, settled.

use super::{Person, StoryError, has_become, pause, ticket_of};
use serde_json::json;

pub(super) async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    let raised = json!({
        "title": "Two gaskets short",
        "description": "Eight of ten came.",
        "kind": "QTY_SHORT",
        "code": "02",
        "code_list": "X12-412",
        "site": "DC-7",
        "documents": [{ "type_code": "220", "number": "4500001" }, { "type_code": "351", "number": "ASN-7" }],
        "lines": [{ "line_no": "1", "buyer_item": "G-40", "uom": "EA", "ordered": "10", "received": "8" }],
        "claim_amount": "12.50",
        "claim_currency": "EUR",
    });
    let answer = partner.post("/partner/v1/discrepancies", raised).await?;
    let id = answer["case_id"].as_str().unwrap_or_default();
    let there = format!("/partner/v1/discrepancies/{id}");
    let here = ticket_of(agent, &format!("case/tg/{id}")).await?;
    has_become(partner, &there, "triaged").await?;
    pause().await;
    agent.patch(&here, json!({ "status": "open", "owner": "agent" })).await?;
    pause().await;
    let found = json!({ "Finding WMS": "Dock 3 counted 9 of 10, one box was damaged" });
    agent.patch(&here, json!({ "fields": found })).await?;
    pause().await;
    let line = "line=1 decision=PARTIAL quantity=1 uom=EA remedy=CREDIT_NOTE amount=6.25 currency=EUR \
                reason=\"one was in the box\" ref=CN-7";
    let outcome = json!({ "TG Line Outcomes": line, "Resolution Note": "We credit one gasket" });
    agent.patch(&here, json!({ "fields": outcome })).await?;
    agent.patch(&here, json!({ "status": "resolved" })).await?;
    let offered = has_become(partner, &there, "outcome-proposed").await?;
    pause().await;
    let version = offered["outcome"]["outcome_version"].as_str().unwrap_or_default();
    partner.post(&format!("{there}/outcomes/{version}/confirmation"), json!({ "comment": "Thank you" })).await?;
    has_become(partner, &there, "settled").await?;
    Ok(())
}
