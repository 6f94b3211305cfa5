//! One short case of each use case that crosses, played once in a new folder, so that a newcomer sees them cross before
//! having done anything.

mod discrepancy;
mod document;
mod issue;
mod onboarding;

use crate::configs::{Layout, System};
use reqwest::{Client, Method};
use runtime::Shutdown;
use serde_json::Value;
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
    #[error("a token could not be read, or that it has begun not be noted")]
    Folder(#[from] std::io::Error),
    #[error("a simulated system does not answer")]
    Call(#[from] reqwest::Error),
    #[error("not within a minute: {0}")]
    Late(&'static str),
}

/// Somebody at one of the two simulated systems.
struct Person {
    http: Client,
    base: String,
    token: String,
}

impl Person {
    async fn get(&self, path: &str) -> Result<Value, reqwest::Error> {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, reqwest::Error> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn patch(&self, path: &str, body: Value) -> Result<Value, reqwest::Error> {
        self.ask(Method::PATCH, path, Some(body)).await
    }

    /// The bytes of a file, which come before the word that names them. Again is well.
    async fn upload(&self, sha256: &str, bytes: &'static [u8]) -> Result<(), reqwest::Error> {
        let url = format!("{}/partner/v1/uploads/{sha256}", self.base);
        let request = self.http.put(url).bearer_auth(&self.token).header("upload-length", bytes.len());
        request.body(bytes).send().await?.error_for_status()?;
        Ok(())
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await?.error_for_status()?.json().await
    }
}

/// The file that says it has begun here: broken off by a kill, it would do everything twice if it began anew.
fn begun(layout: &Layout) -> std::path::PathBuf {
    layout.folder.join("story-begun")
}

/// Plays it unless it has begun here before, or X is a real system, where nobody's agent is ours to play.
pub async fn play(layout: &Layout, shutdown: &Shutdown) -> Result<(), StoryError> {
    let System::Simulated(case_system) = &layout.system else { return Ok(()) };
    if begun(layout).exists() {
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
    std::fs::write(begun(layout), "")?;
    tokio::select! {
        () = shutdown.begun() => Ok(()),
        told = tell(&partner, &agent) => told,
    }
}

async fn tell(partner: &Person, agent: &Person) -> Result<(), StoryError> {
    issue::tell(partner, agent).await?;
    discrepancy::tell(partner, agent).await?;
    document::tell(partner, agent).await?;
    onboarding::tell(partner, agent).await
}

/// Waits for the ticket that a record of the community leads to.
async fn ticket_of(agent: &Person, subject: &str) -> Result<String, StoryError> {
    let path = format!("/v1/tickets?external_id={subject}");
    let ticket = arrived("the ticket", || async { Ok(agent.get(&path).await?["tickets"][0]["id"].as_u64()) }).await?;
    Ok(format!("/v1/tickets/{ticket}"))
}

/// Waits until a record has this status at the community.
async fn has_become(partner: &Person, path: &str, status: &'static str) -> Result<Value, StoryError> {
    arrived(status, || async { Ok(Some(partner.get(path).await?).filter(|record| record["status"] == status)) }).await
}

async fn pause() {
    tokio::time::sleep(PACE).await;
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
