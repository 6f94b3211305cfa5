//! A running case system with the adapter joined to it, an agent, and commands for one subject.

use adapter_internal_desk::{Config, DeskFeed, DeskTarget, Ready};
use domain::{
    Actor, Command as _, Envelope, Environment, InternalCommand, MessageId, Meta, NativeId, OnlyIf, PartnerId, Subject,
    SystemId, Timestamp, Visibility, issue,
};
use issue::InternalCommand as Issue;
use ports::{Applied, CallContext, CallError, Look, Target as _};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::case_system::{HookOptions, Options, User, router};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub struct World {
    pub base: String,
    pub folder: TempDir,
    pub target: DeskTarget,
    pub feed: DeskFeed,
    client: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn user(name: &str) -> User {
    User { name: name.to_owned(), token: format!("{name}-token") }
}

pub fn config(folder: &TempDir, base: &str) -> Config {
    for name in ["causeway-sync", "causeway-partner"] {
        std::fs::write(folder.path().join(name), format!("{name}-token\n")).unwrap();
    }
    std::fs::write(folder.path().join("nudge"), SECRET).unwrap();
    serde_json::from_value(json!({
        "system": "rt", "url": base, "environment": "production", "page_size": 3,
        "sync_user": "causeway-sync", "sync_token_file": folder.path().join("causeway-sync"),
        "partner_user": "causeway-partner", "partner_token_file": folder.path().join("causeway-partner"),
        "queues": ["Partner Cases"], "nudge_secret_file": folder.path().join("nudge"),
    }))
    .unwrap()
}

impl World {
    pub async fn start() -> Self {
        Self::with(None, false).await
    }

    pub async fn with(hook: Option<String>, reply_opens: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let options = Options {
            folder: folder.path().join("desk"),
            pipeline: user("causeway-sync"),
            partner_voice: user("causeway-partner"),
            agents: vec![user("ann")],
            environment: "P".to_owned(),
            hook: hook.map(|url| HookOptions { url, secret: SECRET.to_owned() }),
            control: true,
            reply_opens,
            page: false,
        };
        let limits = simulators::serve::Limits::default();
        let router = router(options).unwrap();
        let server = tokio::spawn(simulators::serve::serve(listener, router, limits, std::future::pending()));
        let ready = config(&folder, &base).check("internal").unwrap();
        let (target, feed) = (DeskTarget::new(ready.clone()).unwrap(), DeskFeed::new(ready).unwrap());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, folder, target, feed, client, server }
    }

    pub fn ready(&self) -> Ready {
        config(&self.folder, &self.base).check("internal").unwrap()
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth("ann-token");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    /// What an agent does.
    pub async fn agent(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, said) = self.ask(method, path, Some(body)).await;
        assert!(status < 300, "{path}: {status} {said}");
        said
    }

    pub async fn ticket(&self, id: &str) -> Value {
        self.ask(Method::GET, &format!("/v1/tickets/{id}"), None).await.1
    }

    pub async fn history(&self, id: &str) -> Vec<Value> {
        let said = self.ask(Method::GET, &format!("/v1/tickets/{id}/history?limit=500"), None).await.1;
        said["changes"].as_array().unwrap().clone()
    }

    pub async fn faults(&self, faults: Value) {
        self.agent(Method::PUT, "/control/faults", faults).await;
    }

    /// Befalls the next write.
    pub async fn fault(&self, kind: &str, method: &str, more: Value) {
        let mut rule = json!({"kind": kind, "method": method, "times": 1});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.faults(json!({ "rules": [rule] })).await;
    }

    pub async fn case(&self) -> Case {
        let case = Case::new("1");
        let made = case.apply(&self.target, &case.create()).await.unwrap();
        Case { ticket: made.native_id, ..case }
    }
}

/// Subject and ticket of a test, and the commands for them.
#[derive(Clone)]
pub struct Case {
    pub subject: Subject,
    pub ticket: String,
}

pub fn fields(pairs: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

impl Case {
    pub fn new(id: &str) -> Self {
        Self { subject: Subject::try_from(format!("case/tg/{id}")).unwrap(), ticket: String::new() }
    }

    /// Its id is made from what it says.
    pub fn command(&self, issue: Issue) -> Envelope<InternalCommand> {
        self.enveloped(InternalCommand::Issue(issue))
    }

    pub fn enveloped(&self, payload: InternalCommand) -> Envelope<InternalCommand> {
        let seed =
            MessageId::of_event(&SystemId::new("tg").unwrap(), "1", payload.content_hash().as_str(), &self.subject);
        let meta = Meta {
            id: MessageId::of_command(seed, &self.subject, "test", payload.kind()),
            subject: self.subject.clone(),
            system: SystemId::new("rt").unwrap(),
            partner_id: Some(PartnerId::new("ACME").unwrap()),
            kind: payload.kind().to_owned(),
            occurred_at: Timestamp(0),
            recorded_at: Timestamp(0),
            source_version: String::new(),
            causation_id: None,
            actor: Actor::default(),
            visibility: Visibility::Host,
            environment: Environment::Production,
            ext: Default::default(),
            mapping_version: 1,
            cause: None,
        };
        Envelope { meta, payload }
    }

    pub fn create(&self) -> Envelope<InternalCommand> {
        self.command(Issue::CreateCase(issue::CreateCase {
            route: "Partner Cases".into(),
            title: "[ACME] Invoice  4711\nwas not acknowledged".into(),
            description: "No 997 since Tuesday. – Grüße ✓".into(),
            status: "new".into(),
            priority: "50".into(),
            fields: fields(&[("TG Severity", "MAJOR"), ("Owner", "ann")]),
        }))
    }
    pub fn say(&self, text: &str) -> Envelope<InternalCommand> {
        let (author, text) = ("Jo".to_owned(), text.to_owned());
        self.command(Issue::AddPublicComment(issue::AddPublicComment {
            author,
            text,
            format: String::new(),
            files: Vec::new(),
        }))
    }
    pub fn note(&self, text: &str) -> Envelope<InternalCommand> {
        self.command(Issue::AddInternalNote(issue::AddInternalNote { text: text.into() }))
    }
    pub fn set(&self, pairs: &[(&str, &str)]) -> Envelope<InternalCommand> {
        self.command(Issue::UpdateFields(issue::UpdateFields { fields: fields(pairs) }))
    }
    pub fn moves(&self, to: &str, only_if: &[&str]) -> issue::StatusWrite {
        let one_of: Vec<String> = only_if.iter().map(|s| (*s).to_owned()).collect();
        let only_if = (!one_of.is_empty()).then(|| OnlyIf { field: "status".into(), one_of, set_by: String::new() });
        issue::StatusWrite { to: to.into(), only_if }
    }
    pub fn resume(&self, to: &str, only_if: &[&str]) -> Envelope<InternalCommand> {
        self.command(Issue::ResumeCase(self.moves(to, only_if)))
    }

    pub fn context(&self, command: &Envelope<InternalCommand>) -> CallContext {
        CallContext {
            native_id: Some(&self.ticket).filter(|t| !t.is_empty()).map(|t| NativeId::new(t.clone()).unwrap()),
            marker: command.meta.id.to_string(),
            attempt: 1,
            not_after: Timestamp(i64::MAX),
            timeout: Duration::from_secs(10),
            revision: None,
        }
    }
    pub async fn apply(&self, target: &DeskTarget, command: &Envelope<InternalCommand>) -> Result<Applied, CallError> {
        target.apply(command, &self.context(command)).await
    }
    pub async fn look(&self, target: &DeskTarget, command: &Envelope<InternalCommand>) -> Result<Look, CallError> {
        target.look(command, &self.context(command)).await
    }
    /// One of each that acts on a ticket, with the kind of change it makes.
    pub fn one_of_each(&self) -> Vec<(Envelope<InternalCommand>, &'static str)> {
        vec![
            (self.say("hello"), "replied"),
            (self.note("refused there"), "noted"),
            (self.set(&[("TG Severity", "CRITICAL")]), "field-changed"),
            (self.resume("open", &["new"]), "status-changed"),
            (self.command(Issue::CancelCase(self.moves("cancelled", &[]))), "status-changed"),
            (self.command(Issue::ReopenCase(self.moves("open", &["cancelled"]))), "status-changed"),
        ]
    }
}
