use crate::agent::Agent;
use adapter_internal_rt::{Config, Ready, RtFeed, RtTarget};
use domain::command::Command;
use domain::{Actor, Envelope, Environment, InternalCommand, MessageId, Meta, NativeId, PartnerId, Subject};
use domain::{SystemId, Timestamp, Visibility, issue};
use issue::InternalCommand as Issue;
use ports::{Applied, CallContext, CallError, Look, Target};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const QUEUE: &str = "Partner Cases";
/// Where RT's own scrip still opens what is over at the next word.
pub const OPENED_BY_WORDS: &str = "Partner Problems";

/// The instance under test.
pub struct Rt {
    pub url: String,
    pub home: PathBuf,
}

impl Rt {
    pub fn get() -> Option<Self> {
        match (std::env::var("CAUSEWAY_RT_URL"), std::env::var("CAUSEWAY_RT_HOME")) {
            (Ok(url), Ok(home)) => Some(Self { url, home: home.into() }),
            _ => {
                eprintln!("SKIPPED: no Request Tracker (set CAUSEWAY_RT_URL and CAUSEWAY_RT_HOME)");
                None
            }
        }
    }

    pub fn config(&self) -> Config {
        serde_json::from_value(serde_json::json!({
            "system": "rt", "url": self.url, "environment": "test",
            "sync_user": "causeway-sync", "sync_token_file": self.home.join("secrets/sync.token"),
            "partner_user": "causeway-partner", "partner_token_file": self.home.join("secrets/partner.token"),
            "queues": [QUEUE, OPENED_BY_WORDS], "max_connections": 4, "hold_back_seconds": 5,
            "nudge_secret_file": self.home.join("secrets/nudge.secret"),
        }))
        .unwrap()
    }
    pub fn ready(&self) -> Ready {
        self.config().check("internal.rt").unwrap()
    }
    /// The same RT behind another address.
    pub fn ready_at(&self, url: &str) -> Ready {
        Config { url: url.to_owned(), ..self.config() }.check("internal.rt").unwrap()
    }
    pub fn target(&self) -> RtTarget {
        RtTarget::new(self.ready()).unwrap()
    }
    pub fn feed(&self) -> RtFeed {
        RtFeed::new(self.ready()).unwrap()
    }
    pub fn agent(&self) -> Agent {
        Agent::new(self, "agent1")
    }
    pub fn user(&self, name: &str) -> Agent {
        Agent::new(self, name)
    }

    /// A case of its own for one test.
    pub async fn case(&self) -> Case {
        let case = Case::new();
        let made = self.target().apply(&case.create(), &context(None)).await.unwrap();
        Case { ticket: made.native_id, ..case }
    }
}

/// Subject and ticket of a test, and the commands for them.
#[derive(Clone)]
pub struct Case {
    pub subject: Subject,
    pub ticket: String,
}

impl Case {
    pub fn new() -> Self {
        Self { subject: Subject::try_from(format!("case/tg/T{}", unique())).unwrap(), ticket: String::new() }
    }

    pub fn command(&self, issue: Issue) -> Envelope<InternalCommand> {
        self.enveloped(InternalCommand::Issue(issue))
    }

    pub fn enveloped(&self, payload: InternalCommand) -> Envelope<InternalCommand> {
        let seed = MessageId::of_event(&SystemId::new("tg").unwrap(), "1", &unique(), &self.subject);
        let meta = Meta {
            id: MessageId::of_command(seed, &self.subject, "test", payload.kind()),
            subject: self.subject.clone(),
            system: SystemId::new("rt").unwrap(),
            partner_id: Some(PartnerId::new("p-7").unwrap()),
            kind: payload.kind().to_owned(),
            occurred_at: Timestamp(0),
            recorded_at: Timestamp(0),
            source_version: String::new(),
            causation_id: None,
            actor: Actor::default(),
            visibility: Visibility::Host,
            environment: Environment::Test,
            ext: Default::default(),
            mapping_version: 1,
            cause: None,
        };
        Envelope { meta, payload }
    }

    pub fn create(&self) -> Envelope<InternalCommand> {
        self.create_with(&[])
    }
    pub fn create_with(&self, fields: &[(&str, &str)]) -> Envelope<InternalCommand> {
        self.command(Issue::CreateCase(issue::CreateCase {
            route: QUEUE.into(),
            title: "Invoice 4711 was not acknowledged".into(),
            description: "No 997 since Tuesday. – Grüße ✓".into(),
            status: String::new(),
            priority: String::new(),
            fields: map(fields),
        }))
    }
    pub fn say(&self, text: &str) -> Envelope<InternalCommand> {
        let text = text.to_owned();
        self.command(Issue::AddPublicComment(issue::AddPublicComment {
            author: "Jo".into(),
            text,
            format: String::new(),
            files: Vec::new(),
        }))
    }
    pub fn note(&self, text: &str) -> Envelope<InternalCommand> {
        self.command(Issue::AddInternalNote(issue::AddInternalNote { text: text.into() }))
    }
    pub fn set(&self, fields: &[(&str, &str)]) -> Envelope<InternalCommand> {
        self.command(Issue::UpdateFields(issue::UpdateFields { fields: map(fields) }))
    }
    pub fn resume(&self, to: &str, only_if: &[&str]) -> Envelope<InternalCommand> {
        let one_of: Vec<String> = only_if.iter().map(|s| (*s).to_owned()).collect();
        let only_if =
            (!one_of.is_empty()).then(|| domain::OnlyIf { field: "status".into(), one_of, set_by: String::new() });
        self.command(Issue::ResumeCase(issue::StatusWrite { to: to.into(), only_if }))
    }

    pub async fn apply(&self, target: &RtTarget, command: &Envelope<InternalCommand>) -> Result<Applied, CallError> {
        target.apply(command, &self.context(command)).await
    }
    pub async fn look(&self, target: &RtTarget, command: &Envelope<InternalCommand>) -> Result<Look, CallError> {
        target.look(command, &self.context(command)).await
    }
    pub fn context(&self, command: &Envelope<InternalCommand>) -> CallContext {
        CallContext { marker: command.meta.id.to_string(), ..context(Some(&self.ticket)) }
    }
}

pub fn context(ticket: Option<&str>) -> CallContext {
    CallContext {
        native_id: ticket.filter(|t| !t.is_empty()).map(|t| NativeId::new(t).unwrap()),
        marker: String::new(),
        attempt: 1,
        not_after: Timestamp(i64::MAX),
        timeout: Duration::from_secs(60),
        revision: None,
    }
}

pub fn map(fields: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// Unlike any other in this and in earlier runs on the same RT.
pub fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    format!("{now:x}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
