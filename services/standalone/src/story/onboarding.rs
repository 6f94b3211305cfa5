//! A supplier is invited, joins, and hands in what is missing; readiness follows.

use super::{Person, StoryError, arrived, has_become, pause};
use serde_json::{Value, json};

const QUEUE: &str = "Partner Onboarding";

async fn made(agent: &Person, ticket: Value) -> Result<u64, StoryError> {
    Ok(agent.post("/v1/tickets", ticket).await?["ticket_id"].as_u64().unwrap_or_default())
}

pub(super) async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    let fields = json!({
        "TG Use Case": "onboarding",
        "TG Programme": "supplier-edi",
        "TG Target Live": "2031-09-01",
        "TG Milestones": "Invited 2031-06-01\nLive 2031-09-01",
    });
    let programme = json!({ "queue": QUEUE, "title": "ACME goes live", "partner_id": "ACME", "fields": fields });
    let programme = made(agent, programme).await?;
    let fields = json!({
        "TG Owner Side": "PARTNER",
        "TG Mandatory": "yes",
        "TG Document Type": "Tax form",
        "TG Instructions": "Signed, as PDF",
    });
    let task = json!({
        "queue": QUEUE, "title": "Send your tax form", "parent": programme, "due_at": "2031-07-01T00:00:00Z",
        "fields": fields,
    });
    let task = made(agent, task).await?;
    pause().await;
    agent.patch(&format!("/v1/tickets/{programme}"), json!({ "status": "waiting-partner" })).await?;
    let space = arrived("the invitation", || async {
        let found = partner.get("/partner/v1/onboarding").await?;
        let invited = found["onboarding"].as_array().into_iter().flatten().find(|space| space["status"] == "invited");
        Ok(invited.and_then(|space| space["id"].as_str().map(ToOwned::to_owned)))
    })
    .await?;
    let there = format!("/partner/v1/onboarding/{space}");
    pause().await;
    partner.post(&format!("{there}/invitation/acceptance"), json!({ "comment": "Glad to" })).await?;
    has_become(partner, &there, "configuring").await?;
    agent.patch(&format!("/v1/tickets/{task}"), json!({ "status": "waiting-partner" })).await?;
    task_has_become(partner, &there, task, "active").await?;
    pause().await;
    let answer = json!({ "answer": "Here it is", "documents": [{ "type_code": "W9", "number": "77" }] });
    partner.post(&format!("{there}/tasks/{task}/submission"), answer).await?;
    let here = format!("/v1/tickets/{task}");
    arrived("the answer", || async { Ok((agent.get(&here).await?["status"] == "open").then_some(())) }).await?;
    pause().await;
    agent.patch(&here, json!({ "status": "resolved" })).await?;
    task_has_become(partner, &there, task, "completed").await
}

async fn task_has_become(partner: &Person, space: &str, task: u64, status: &'static str) -> Result<(), StoryError> {
    let task = task.to_string();
    arrived(status, || async { Ok((partner.get(space).await?["tasks"][&task]["status"] == status).then_some(())) })
        .await
}
