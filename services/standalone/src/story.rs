//! A short case, played once in a new folder, so that a newcomer sees a case cross before having done anything.

use crate::configs::{Layout, System};
use reqwest::{Client, Method};
use runtime::Shutdown;
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;

/// Between two steps, for the eye.
const PACE: Duration = Duration::from_millis(1_200);
/// Between two looks whether something has arrived.
const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the story broke off. Nothing depends on it.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    #[error("a token could not be read")]
    Token(#[from] std::io::Error),
    #[error("a simulated system does not answer")]
    Call(#[from] reqwest::Error),
    #[error("not within a minute: {0}")]
    Late(&'static str),
}

struct Person {
    http: Client,
    base: String,
    token: String,
}

impl Person {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await?.error_for_status()?.json().await
    }
}

/// The file that says it has been played.
fn played(layout: &Layout) -> std::path::PathBuf {
    layout.folder.join("story-played")
}

/// Plays it unless it has been played here, or X is a real system, where nobody's agent is ours to play.
pub async fn play(layout: &Layout, shutdown: &Shutdown) -> Result<(), StoryError> {
    let System::Simulated(case_system) = &layout.system else { return Ok(()) };
    if played(layout).exists() {
        return Ok(());
    }
    let http = Client::new();
    let token = |name| std::fs::read_to_string(layout.secret(name)).map(|text| text.trim().to_owned());
    let partner = Person {
        http: http.clone(),
        base: format!("http://{}", layout.community),
        token: token("partner-acme.token")?,
    };
    let agent = Person { http, base: format!("http://{case_system}"), token: token("desk-agent.token")? };
    tokio::select! {
        () = shutdown.begun() => return Ok(()),
        told = tell(&partner, &agent) => told?,
    }
    std::fs::write(played(layout), "")?;
    Ok(())
}

async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    let opened = json!({
        "title": "Invoice 4711 was rejected",
        "description": "The total differs from our order 4500012: 1,190.00 instead of 1,109.00.",
        "severity": "MAJOR",
        "category": "INVOICE",
        "contact": { "name": "Ann Archer", "email": "ann.archer@acme.example" },
        "documents": [{ "type_code": "380", "number": "4711" }],
    });
    let answer = partner.ask(Method::POST, "/partner/v1/cases", Some(opened)).await?;
    let case = answer["case_id"].as_str().unwrap_or_default().to_owned();
    let ticket = arrived("the ticket", || ticket_of(agent, &case)).await?;
    arrived("the acknowledgement", || async {
        let case = partner.ask(Method::GET, &format!("/partner/v1/cases/{case}"), None).await?;
        Ok((case["status"] == "acknowledged").then_some(()))
    })
    .await?;

    let say = async |path: &str, body: Value| {
        agent.ask(Method::POST, &format!("/v1/tickets/{ticket}{path}"), Some(body)).await
    };
    let set = async |body: Value| agent.ask(Method::PATCH, &format!("/v1/tickets/{ticket}"), Some(body)).await;
    tokio::time::sleep(PACE).await;
    set(json!({ "status": "open", "owner": "agent" })).await?;
    tokio::time::sleep(PACE).await;
    say("/notes", json!({ "text": "Looks like a typing error in our price list. Do not tell them yet." })).await?;
    tokio::time::sleep(PACE).await;
    say("/replies", json!({ "text": "Thank you, we are comparing the invoice with your order." })).await?;
    arrived("the agent's answer", || async {
        let said = partner.ask(Method::GET, &format!("/partner/v1/cases/{case}/comments"), None).await?;
        Ok(said.to_string().contains("comparing the invoice").then_some(()))
    })
    .await?;
    tokio::time::sleep(PACE).await;
    let comment = json!({ "text": "It is position 3: the unit price." });
    partner.ask(Method::POST, &format!("/partner/v1/cases/{case}/comments"), Some(comment)).await?;
    Ok(())
}

async fn ticket_of(agent: &Person, case: &str) -> Result<Option<u64>, reqwest::Error> {
    let found = agent.ask(Method::GET, &format!("/v1/tickets?external_id=case/tg/{case}"), None).await?;
    Ok(found["tickets"][0]["id"].as_u64())
}

/// Looks until it is there.
async fn arrived<T, F>(what: &'static str, mut look: impl FnMut() -> F) -> Result<T, StoryError>
where
    F: Future<Output = Result<Option<T>, reqwest::Error>>,
{
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.map_err(|_| StoryError::Late(what))?
}
