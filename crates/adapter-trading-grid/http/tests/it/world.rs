//! A running simulator with an adapter joined to it, and a record of all that was said.

use adapter_trading_grid_http::{Config, HttpFeed, HttpTarget, Ready};
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use domain::{
    Actor, Envelope, Environment, MessageId, Meta, PartnerCommand, PartnerId, PublicText, Shared, Subject, Timestamp,
    Visibility, issue,
};
use ports::CallContext;
use reqwest::Method;
use serde_json::{Value, json};
use simulators::community::Options;
use simulators::community::hooks::HookOptions;
use std::sync::{Arc, Mutex};
use std::time::Duration;
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
    pub has_key: bool,
}

pub struct World {
    pub base: String,
    pub ready: Ready,
    pub target: HttpTarget,
    pub feed: HttpFeed,
    pub exchanges: Arc<Mutex<Vec<Exchange>>>,
    pub folder: TempDir,
    client: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub fn options(folder: &TempDir, hook: Option<String>) -> Options {
    Options {
        folder: folder.path().join("community"),
        host_token: "host-token".to_owned(),
        partners: [("acme-token", "acme"), ("globex-token", "globex")]
            .map(|(token, id)| (token.to_owned(), id.to_owned()))
            .into(),
        environment: "T".to_owned(),
        hook: hook.map(|url| HookOptions { url, secret: SECRET.to_owned() }),
        control: true,
        page: false,
    }
}

pub fn config(folder: &TempDir, base: &str) -> Config {
    std::fs::write(folder.path().join("token"), "host-token\n").unwrap();
    std::fs::write(folder.path().join("hook"), SECRET).unwrap();
    let json = json!({
        "base_url": base, "system": "tg", "page_size": 3,
        "token_file": folder.path().join("token"), "webhook_secret_files": [folder.path().join("hook")],
    });
    serde_json::from_value(json).unwrap()
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

async fn record(exchanges: Arc<Mutex<Vec<Exchange>>>, request: Request, next: Next) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let sent = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let has_key = parts.headers.contains_key("idempotency-key");
    let response = next.run(Request::from_parts(parts, Body::from(sent.clone()))).await;
    let (parts, body) = response.into_parts();
    let answered = axum::body::to_bytes(body, 2 << 20).await.unwrap_or_default();
    let (request, response) = (parsed(&sent), parsed(&answered));
    let exchange = Exchange { method, path, status: parts.status.as_u16(), request, response, has_key };
    exchanges.lock().unwrap().push(exchange);
    axum::response::Response::from_parts(parts, Body::from(answered))
}

impl World {
    pub async fn start() -> Self {
        Self::with(tempfile::tempdir().unwrap(), None).await
    }

    pub async fn with(folder: TempDir, hook: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&exchanges);
        let router = simulators::community::router(options(&folder, hook)).unwrap();
        let router = router.layer(from_fn(move |request, next| record(Arc::clone(&kept), request, next)));
        let limits = simulators::serve::Limits::default();
        let server = tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
        let ready = config(&folder, &base).check("community").unwrap();
        let (target, feed) = (HttpTarget::new(&ready).unwrap(), HttpFeed::new(&ready).unwrap());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, ready, target, feed, exchanges, folder, client, server }
    }

    pub async fn ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), parsed(&answer.bytes().await.unwrap()))
    }

    pub async fn as_partner(&self, partner: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let body = (method != Method::GET).then_some(body);
        self.ask(&format!("{partner}-token"), method, &format!("/partner/v1{path}"), body).await
    }

    pub async fn open(&self, partner: &str) -> String {
        let new = json!({"title": "ASN missing", "description": "since Monday", "severity": "high", "category": "asn"});
        let (status, change) = self.as_partner(partner, Method::POST, "/cases", new).await;
        assert_eq!(status, 201, "{change}");
        change["case_id"].as_str().unwrap().to_owned()
    }

    pub async fn case(&self, id: &str) -> Value {
        self.ask("host-token", Method::GET, &format!("/v1/cases/{id}"), None).await.1
    }

    pub async fn faults(&self, faults: Value) {
        let (status, body) = self.ask("", Method::PUT, "/control/faults", Some(faults)).await;
        assert_eq!(status, 200, "{body}");
    }

    pub async fn fault(&self, kind: &str, method: &str, more: Value) {
        let mut rule = json!({"kind": kind, "method": method, "path_contains": "/v1/c", "times": 1});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.faults(json!({ "rules": [rule] })).await;
    }

    pub async fn stats(&self) -> Value {
        self.ask("", Method::GET, "/control/stats", None).await.1
    }

    /// How many changes the journal on disk holds: what was really applied.
    pub fn journalled(&self) -> usize {
        let path = self.folder.path().join("community/changes.jsonl");
        std::fs::read_to_string(path).unwrap().lines().count()
    }
}

pub fn shared(text: &str) -> Shared<String> {
    PublicText::declared(text).share()
}

/// A command for a case of acme, its id made from its number.
pub fn command(case_id: &str, number: u32, payload: issue::PartnerCommand) -> Envelope<PartnerCommand> {
    enveloped(case_id, number, PartnerCommand::Issue(payload))
}

pub fn enveloped(case_id: &str, number: u32, payload: PartnerCommand) -> Envelope<PartnerCommand> {
    let subject = Subject::try_from(format!("case/tg/{case_id}")).unwrap();
    let system = domain::SystemId::new("tg").unwrap();
    let cause = MessageId::of_event(&system, case_id, &number.to_string(), &subject);
    let meta = Meta {
        id: MessageId::of_command(cause, &subject, "rule", "effect"),
        subject,
        system,
        partner_id: Some(PartnerId::new("acme").unwrap()),
        kind: domain::Command::kind(&payload).to_owned(),
        occurred_at: Timestamp(1),
        recorded_at: Timestamp(1),
        source_version: String::new(),
        causation_id: Some(cause),
        actor: Actor::default(),
        visibility: Visibility::Partner,
        environment: Environment::Test,
        ext: Default::default(),
        mapping_version: 1,
        cause: None,
    };
    Envelope { meta, payload }
}

pub fn comment(case_id: &str, number: u32) -> Envelope<PartnerCommand> {
    let payload = issue::PostComment {
        note_key: format!("note-{number}"),
        author_label: Some(shared("Service desk")),
        text: shared("we are on it"),
        files: Vec::new(),
    };
    command(case_id, number, issue::PartnerCommand::PostComment(payload))
}

pub fn context(command: &Envelope<PartnerCommand>) -> CallContext {
    CallContext {
        native_id: None,
        marker: command.meta.id.to_string(),
        attempt: 1,
        not_after: Timestamp(i64::MAX),
        timeout: Duration::from_secs(10),
        revision: None,
    }
}
