//! A running case system and a record of all that was said.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::case_system::{HookOptions, Options, User, router};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One request with its answer, bodies as JSON (`null` where there is none).
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub status: u16,
    pub request: Value,
    pub response: Value,
}

pub struct World {
    pub base: String,
    pub folder: TempDir,
    pub exchanges: Arc<Mutex<Vec<Exchange>>>,
    client: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An answer without its body's bytes.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: u16,
    pub etag: String,
    pub retry_after: String,
    pub body: Value,
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

async fn record(exchanges: Arc<Mutex<Vec<Exchange>>>, request: Request, next: Next) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let sent = axum::body::to_bytes(body, 2 << 20).await.unwrap_or_default();
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let response = next.run(Request::from_parts(parts, Body::from(sent.clone()))).await;
    let (parts, body) = response.into_parts();
    let answered = axum::body::to_bytes(body, 2 << 20).await.unwrap_or_default();
    let (request, response) = (parsed(&sent), parsed(&answered));
    exchanges.lock().unwrap().push(Exchange { method, path, status: parts.status.as_u16(), request, response });
    axum::response::Response::from_parts(parts, Body::from(answered))
}

fn user(name: &str) -> User {
    User { name: name.to_owned(), token: format!("{name}-token") }
}

pub fn options(folder: &TempDir, hook: Option<String>) -> Options {
    Options {
        folder: folder.path().to_owned(),
        pipeline: user("causeway-sync"),
        partner_voice: user("causeway-partner"),
        agents: vec![user("ann"), user("bob")],
        environment: "T".to_owned(),
        hook: hook.map(|url| HookOptions { url, secret: SECRET.to_owned() }),
        control: true,
        reply_opens: false,
        page: false,
    }
}

impl World {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder, None);
        Self::with(folder, options).await
    }

    pub async fn with(folder: TempDir, options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&exchanges);
        let router = router(options).unwrap();
        let router = router.layer(from_fn(move |request, next| record(Arc::clone(&kept), request, next)));
        let limits = simulators::serve::Limits::default();
        let server = tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, folder, exchanges, client, server }
    }

    pub async fn send(
        &self,
        who: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Said, reqwest::Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !who.is_empty() {
            request = request.bearer_auth(format!("{who}-token"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await?;
        let head = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let (etag, retry_after, status) = (head("etag"), head("retry-after"), answer.status().as_u16());
        Ok(Said { status, etag, retry_after, body: parsed(&answer.bytes().await?) })
    }

    pub async fn get(&self, who: &str, path: &str) -> Said {
        self.send(who, Method::GET, path, &[], None).await.unwrap()
    }

    pub async fn post(&self, who: &str, path: &str, body: Value) -> Said {
        self.send(who, Method::POST, path, &[], Some(body.to_string())).await.unwrap()
    }

    pub async fn patch(&self, who: &str, path: &str, body: Value) -> Said {
        self.send(who, Method::PATCH, path, &[], Some(body.to_string())).await.unwrap()
    }

    /// A ticket as the pipeline makes one.
    pub async fn create(&self, external_id: &str) -> u64 {
        let said = self
            .post(
                "causeway-partner",
                "/v1/tickets",
                json!({
                    "queue": "Partner Cases", "title": "ASN missing", "description": "since Monday",
                    "external_id": external_id, "partner_id": "ACME", "marker": format!("create-{external_id}"),
                    "fields": {"TG Severity": "MAJOR"}, "priority": 20,
                }),
            )
            .await;
        assert_eq!(said.status, 201, "{said:?}");
        said.body["ticket_id"].as_u64().unwrap()
    }

    pub async fn faults(&self, faults: Value) {
        let said = self.send("", Method::PUT, "/control/faults", &[], Some(faults.to_string())).await.unwrap();
        assert_eq!(said.status, 200, "{said:?}");
    }

    pub async fn stats(&self) -> Value {
        self.get("", "/control/stats").await.body
    }
}
