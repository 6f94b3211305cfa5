//! A question about an invoice, and the beginning of an answer.

use super::{Person, StoryError, arrived, has_become, pause, ticket_of};
use serde_json::json;

pub(super) async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    let opened = json!({
        "title": "Invoice 4711 was rejected",
        "description": "The total differs from our order 4500012: 1,190.00 instead of 1,109.00.",
        "severity": "MAJOR",
        "category": "INVOICE",
        "contact": { "name": "Ann Archer", "email": "ann.archer@acme.example" },
        "documents": [{ "type_code": "380", "number": "4711" }],
    });
    let answer = partner.post("/partner/v1/cases", opened).await?;
    let case = answer["case_id"].as_str().unwrap_or_default();
    let there = format!("/partner/v1/cases/{case}");
    let here = ticket_of(agent, &format!("case/tg/{case}")).await?;
    has_become(partner, &there, "acknowledged").await?;
    pause().await;
    agent.patch(&here, json!({ "status": "open", "owner": "agent" })).await?;
    pause().await;
    let note = "Looks like a typing error in our price list. Do not tell them yet.";
    agent.post(&format!("{here}/notes"), json!({ "text": note })).await?;
    pause().await;
    let reply = "Thank you, we are comparing the invoice with your order.";
    agent.post(&format!("{here}/replies"), json!({ "text": reply })).await?;
    let said = format!("{there}/comments");
    arrived("the agent's answer", || async {
        Ok(partner.get(&said).await?.to_string().contains("comparing the invoice").then_some(()))
    })
    .await?;
    pause().await;
    partner.post(&said, json!({ "text": "It is position 3: the unit price." })).await?;
    Ok(())
}
