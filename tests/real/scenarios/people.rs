//! What partners and agents do, over the community's and Request Tracker's own interfaces.

use super::files;
use super::programmes::Programme;
use crate::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::scenario::{
    Agent, CANARY, File, Open, Partner, Raise, Share, contested, document, hash_of, line, newer_version,
};

/// What a scenario's name stands for.
#[derive(Clone, Debug)]
pub enum Thing {
    /// At the community, by id.
    Case(String),
    /// An agent's own ticket.
    Own(u64),
    /// Begun by an agent, with a space at the community.
    Programme(Programme),
    /// Begun by an agent, to be shared with a partner.
    Document(u64),
}

pub struct People<'a> {
    stack: &'a Stack,
    http: reqwest::Client,
    agent: String,
}

/// The simulated community numbers its cases, its discrepancies and its documents apart.
fn collection(id: &str) -> &'static str {
    if id.starts_with("DOC-") {
        "documents"
    } else if id.starts_with("D-") {
        "discrepancies"
    } else {
        "cases"
    }
}

/// What its subject is called on the log.
pub fn subject(id: &str) -> String {
    let kind = if collection(id) == "documents" { "document" } else { "case" };
    format!("{kind}/tg/{id}")
}

pub fn internal(text: &str) -> String {
    format!("{text} {CANARY}")
}

impl<'a> People<'a> {
    pub fn new(stack: &'a Stack) -> Self {
        let token = std::fs::read_to_string(stack.servers.rt_secrets.join("agent1.token")).unwrap();
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { stack, http, agent: token.trim().to_owned() }
    }

    /// As a partner's user; `None` where the community refuses it.
    pub async fn community(&self, partner: &str, method: Method, path: &str, body: &Value) -> Option<Value> {
        let url = format!("{}/partner/v1/{path}", self.stack.community.base);
        let token = format!("{}-token", partner.to_lowercase());
        let answer = self.http.request(method, url).bearer_auth(token).json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success() || status.as_u16() == 409 || status.as_u16() == 422, "{path}: {status} {text}");
        status.is_success().then(|| serde_json::from_str(&text).unwrap())
    }

    pub async fn opens(&self, open: &Open) -> String {
        let mut case = json!({
            "title": open.title,
            "description": open.description,
            "severity": open.severity,
            "category": open.category,
        });
        if !open.document.is_empty() {
            case["documents"] = json!([{"type_code": "380", "number": open.document}]);
        }
        let answer = self.community(&open.by, Method::POST, "cases", &case).await.expect("a case may be opened");
        answer["case_id"].as_str().unwrap_or_else(|| panic!("no case in {answer}")).to_owned()
    }

    pub async fn raises(&self, raise: &Raise) -> String {
        let made = self.community(&raise.by, Method::POST, "discrepancies", &raise.to_contract()).await;
        let answer = made.expect("a discrepancy may be raised");
        answer["case_id"].as_str().unwrap_or_else(|| panic!("no discrepancy in {answer}")).to_owned()
    }

    pub async fn shares(&self, share: &Share) -> String {
        let mut document = share.to_contract();
        document["file"]["sha256"] = self.uploads(&share.by, &share.file).await.into();
        let made = self.community(&share.by, Method::POST, "documents", &document).await;
        let answer = made.expect("a document may be shared");
        answer["case_id"].as_str().unwrap_or_else(|| panic!("no document in {answer}")).to_owned()
    }

    /// Under which hash.
    async fn uploads(&self, partner: &str, file: &File) -> String {
        let content = file.content();
        let hash = hash_of(&content);
        self.uploads_bytes(partner, &hash, content).await;
        hash
    }

    pub async fn uploads_bytes(&self, partner: &str, hash: &str, content: Vec<u8>) {
        let url = format!("{}/partner/v1/uploads/{hash}", self.stack.community.base);
        let request = self.http.put(url).bearer_auth(format!("{}-token", partner.to_lowercase()));
        let answer = request.header("upload-length", content.len()).body(content).send().await.unwrap();
        assert!(answer.status().is_success(), "upload: {}", answer.status());
    }

    /// Whether the community took it.
    pub async fn partner_does(&self, partner: &str, case: &str, act: &Partner) -> bool {
        let (method, path, body) = match act {
            Partner::Opens(_) | Partner::Raises(_) | Partner::Shares(_) => panic!("opening names no case"),
            Partner::AddsVersion { file, note, valid_to } => {
                let mut version = newer_version(file, note, valid_to);
                version["file"]["sha256"] = self.uploads(partner, file).await.into();
                (Method::POST, "versions".to_owned(), version)
            }
            Partner::Views => (Method::POST, "versions/1/views".to_owned(), json!({})),
            Partner::AcceptsInvitation { .. }
            | Partner::DeclinesInvitation { .. }
            | Partner::LetsTheInvitationExpire
            | Partner::Submits { .. }
            | Partner::Asks { .. } => panic!("an onboarding is no case"),
            Partner::LetsTheOfferLapse => return self.lapses(case).await,
            Partner::CorrectsLine { line: text, reason } => {
                let line = line(text);
                let line_no = line["line_no"].as_str().unwrap_or_default().to_owned();
                (Method::PUT, format!("lines/{line_no}"), json!({"line": line, "reason": reason}))
            }
            Partner::GivesEvidence { text, document: named } => {
                let documents: Vec<_> = document(named).into_iter().collect();
                (Method::POST, "evidence".to_owned(), json!({"text": text, "documents": documents}))
            }
            Partner::Confirms { text } => {
                (Method::POST, self.outcome(case, "confirmation").await, json!({"comment": text}))
            }
            Partner::Contests { text, lines } => {
                let lines: Vec<_> = lines.iter().map(|text| contested(text)).collect();
                (Method::POST, self.outcome(case, "contest").await, json!({"comment": text, "lines": lines}))
            }
            Partner::Comments { text, format } => {
                (Method::POST, "comments".to_owned(), json!({"text": text, "format": format}))
            }
            Partner::SendsFiles { text, files: named } => {
                (Method::POST, "comments".to_owned(), files::of_partner(self, partner, text, named).await)
            }
            Partner::RevisesComment { from, to } => {
                let seen = self.case(case).await;
                let comments = seen["comments"].as_array().cloned().unwrap_or_default();
                let own = comments.iter().find(|c| c["text"] == *from);
                let note = own.and_then(|c| c["note_id"].as_str()).unwrap_or_else(|| panic!("no comment {from}"));
                match to {
                    Some(to) => (Method::POST, format!("comments/{note}/revision"), json!({"text": to})),
                    None => (Method::POST, format!("comments/{note}/removal"), json!({})),
                }
            }
            Partner::ChangesDetails { field, value, reason } => {
                (Method::PATCH, String::new(), json!({"fields": {field: value}, "reason": reason}))
            }
            Partner::Withdraws { reason } => (Method::POST, "withdrawal".to_owned(), json!({"reason": reason})),
            Partner::Accepts { text } | Partner::Rejects { text } => {
                let seen = self.case(case).await;
                let version = seen["resolution"]["resolution_version"].as_str().unwrap_or("none");
                let word = if matches!(act, Partner::Accepts { .. }) { "acceptance" } else { "rejection" };
                (Method::POST, format!("resolutions/{version}/{word}"), json!({"comment": text}))
            }
        };
        let record = format!("{}/{case}", collection(case));
        let path = if path.is_empty() { record } else { format!("{record}/{path}") };
        self.community(partner, method, &path, &body).await.is_some()
    }

    async fn outcome(&self, id: &str, word: &str) -> String {
        let seen = self.case(id).await;
        let version = seen["outcome"]["outcome_version"].as_str().unwrap_or("none").to_owned();
        format!("outcomes/{version}/{word}")
    }

    /// Nobody waits two weeks: the same offer, with an end that has passed, takes the place of the one that stands.
    async fn lapses(&self, id: &str) -> bool {
        let mut offer = self.case(id).await["outcome"].clone();
        let offer = offer.as_object_mut().unwrap_or_else(|| panic!("{id} has no offer"));
        offer.retain(|key, _| ["outcome_version", "lines", "note"].contains(&key.as_str()));
        offer.insert("confirm_by".to_owned(), (super::seen::now() - 1_000).into());
        let url = format!("{}/v1/discrepancies/{id}/outcomes", self.stack.community.base);
        let request = self.http.post(url).bearer_auth("host-token-of-the-tests").json(offer);
        let answer = request.header("idempotency-key", format!("lapse-{id}")).send().await.unwrap();
        answer.status().is_success()
    }

    /// Everything that stands at the community.
    pub async fn cases(&self) -> Value {
        let mut all = self.stack.community.cases().await;
        all.extend(self.stack.community.discrepancies().await);
        all.extend(self.stack.community.documents().await);
        all.extend(self.stack.community.spaces().await);
        all.into()
    }

    pub async fn case(&self, id: &str) -> Value {
        if collection(id) == "cases" {
            return self.stack.community.case(id).await;
        }
        let all = if collection(id) == "documents" {
            self.stack.community.documents().await
        } else {
            self.stack.community.discrepancies().await
        };
        all.into_iter().find(|record| record["id"] == id).unwrap_or_else(|| panic!("no record {id}"))
    }

    /// Request Tracker, as an agent.
    pub async fn rt(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}/REST/2.0{path}", self.stack.servers.rt);
        let mut request = self.http.request(method, url).header("Authorization", format!("token {}", self.agent));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    pub async fn opens_own_ticket(&self, title: &str, use_case: &str) -> u64 {
        let mut body = json!({"Queue": "Partner Cases", "Subject": title, "Content": internal(title)});
        if !use_case.is_empty() {
            body["CustomFields"] = json!({"TG Use Case": use_case});
        }
        self.makes_ticket(&body).await
    }

    pub async fn makes_ticket(&self, body: &Value) -> u64 {
        let made = self.rt(Method::POST, "/ticket", Some(body)).await;
        let id = made["id"].as_u64().or_else(|| made["id"].as_str()?.parse().ok());
        id.unwrap_or_else(|| panic!("no ticket in {made}"))
    }

    pub async fn agent_does(&self, ticket: u64, act: &Agent) {
        let rt = &self.stack.rt;
        match act {
            Agent::Replies { text } => rt.reply(ticket, text).await,
            Agent::Notes { text } => rt.note(ticket, &internal(text)).await,
            // Request Tracker's change of status has no room for a reason.
            Agent::SetsStatus { to, reason: _ } => rt.set(ticket, &json!({"Status": to})).await,
            Agent::SetsField { field, value, shared } => {
                let value = if *shared { value.clone() } else { internal(value) };
                rt.set(ticket, &json!({"CustomFields": {field: value}})).await;
            }
            Agent::Assigns { to } => rt.set(ticket, &json!({"Owner": to})).await,
            Agent::ChangesPriority { to } => rt.set(ticket, &json!({"Priority": to})).await,
            Agent::HearsOfExpiry { .. } => panic!("nobody tells the time here: leave the level out of the scenario"),
            Agent::OpensOwnTicket { .. } => panic!("opening names no ticket"),
            Agent::StartsProgramme(_) | Agent::AddsTask(_) | Agent::AtTask { .. } => {
                panic!("only a programme has tasks")
            }
            Agent::PutsFile { text, file } => super::outward::puts(self, ticket, text, file).await,
            Agent::BeginsDocument(_) => panic!("beginning names no ticket"),
            Agent::SendsFiles { text, files: named } => files::of_agent(self, ticket, text, named).await,
            Agent::Merges { .. } => panic!("needs the other ticket"),
            Agent::RequiresInformation { .. } | Agent::Resolves { .. } | Agent::Closes | Agent::Reopens { .. } => {
                panic!("Request Tracker has no word for {act:?}: leave the level out of the scenario")
            }
        }
    }
}
