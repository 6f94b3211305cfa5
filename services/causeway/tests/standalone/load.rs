//! People at both systems who go on, whatever happens: what they have written is known for certain, because a partner
//! asks under the same key until it is answered, and an agent looks before saying something again.

use super::process::Process;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Cases that may wait for their ticket.
const BACKLOG: usize = 50;
const PATIENCE: Duration = Duration::from_secs(180);

/// What a partner wrote to a case, and what an agent answered on its ticket, each in order.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub comments: Vec<String>,
    pub replies: Vec<String>,
}

#[derive(Clone)]
struct World {
    http: Client,
    community: String,
    case_system: String,
    partner: String,
    agent: String,
}

pub struct Load {
    going: Arc<AtomicBool>,
    task: JoinHandle<BTreeMap<String, Case>>,
    world: World,
}

pub struct Written {
    pub cases: BTreeMap<String, Case>,
    world: World,
}

impl World {
    /// Asks again until there is an answer; `None` while the process is away.
    async fn once(&self, method: Method, url: String, token: &str, key: &str, body: Option<&Value>) -> Option<Value> {
        let mut request = self.http.request(method, url).bearer_auth(token).timeout(Duration::from_secs(5));
        if !key.is_empty() {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        // Asked wrongly it will never be answered otherwise.
        assert!(!matches!(status.as_u16(), 400 | 401 | 404 | 413 | 415), "{status} {:?}", answer.text().await);
        if status.is_success() { answer.json().await.ok() } else { None }
    }

    async fn certainly(&self, method: Method, url: String, token: &str, key: &str, body: Option<&Value>) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.once(method.clone(), url.clone(), token, key, body).await {
                return answer;
            }
            assert!(Instant::now() < deadline, "no answer from {url}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn partner(&self, path: &str, key: &str, body: &Value) -> Value {
        let url = format!("{}/partner/v1/cases{path}", self.community);
        self.certainly(Method::POST, url, &self.partner, key, Some(body)).await
    }

    async fn tickets(&self, case: &str) -> Vec<u64> {
        let url = format!("{}/v1/tickets?external_id=case/tg/{case}", self.case_system);
        let found = self.certainly(Method::GET, url, &self.agent, "", None).await;
        found["tickets"].as_array().into_iter().flatten().filter_map(|ticket| ticket["id"].as_u64()).collect()
    }

    /// Texts of what was said in public on a ticket.
    async fn said(&self, ticket: u64) -> Vec<String> {
        let url = format!("{}/v1/tickets/{ticket}/history?limit=200", self.case_system);
        let history = self.certainly(Method::GET, url, &self.agent, "", None).await;
        let changes = history["changes"].as_array().into_iter().flatten();
        let replies = changes.filter(|change| change["kind"] == "replied");
        replies.map(|change| change["payload"]["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Says it once: looks whether an answer that was lost had been taken.
    async fn reply(&self, ticket: u64, text: &str) {
        let url = format!("{}/v1/tickets/{ticket}/replies", self.case_system);
        let deadline = Instant::now() + PATIENCE;
        while !self.said(ticket).await.iter().any(|said| said == text) {
            self.once(Method::POST, url.clone(), &self.agent, "", Some(&json!({ "text": text }))).await;
            assert!(Instant::now() < deadline, "cannot say `{text}`");
        }
    }
}

impl Load {
    pub fn begin(process: &Process) -> Self {
        let world = World {
            http: Client::builder().pool_max_idle_per_host(0).build().unwrap(),
            community: format!("http://127.0.0.1:{}", process.community),
            case_system: format!("http://127.0.0.1:{}", process.case_system),
            partner: process.secret("partner-acme.token"),
            agent: process.secret("desk-agent.token"),
        };
        let going = Arc::new(AtomicBool::new(true));
        let task = tokio::spawn(people(world.clone(), going.clone()));
        Self { going, task, world }
    }

    pub async fn go_on_for(&self, time: Duration) {
        // The moment of the kill is what is tried, not how long something takes.
        tokio::time::sleep(time).await;
    }

    pub async fn end(self) -> Written {
        self.going.store(false, Ordering::Relaxed);
        Written { cases: self.task.await.unwrap(), world: self.world }
    }
}

/// A case, two comments; an answer on an older ticket, where there is one by now.
async fn people(world: World, going: Arc<AtomicBool>) -> BTreeMap<String, Case> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    let mut open: VecDeque<String> = VecDeque::new();
    let mut n = 0;
    while going.load(Ordering::Relaxed) {
        n += 1;
        let opened = json!({
            "title": format!("Case {n}"), "description": "", "severity": "MAJOR", "category": "INVOICE",
        });
        let answer = world.partner("", &format!("open-{n}"), &opened).await;
        let id = answer["case_id"].as_str().unwrap().to_owned();
        let mut case = Case::default();
        for text in [format!("comment {n} a"), format!("comment {n} b")] {
            world.partner(&format!("/{id}/comments"), &text.replace(' ', "-"), &json!({ "text": text })).await;
            case.comments.push(text);
        }
        // Not faster than the pipeline follows: what is to be tried is its death, not how long it takes to catch up.
        open.push_back(id.clone());
        if open.len() > BACKLOG
            && let Some(first) = open.pop_front()
        {
            let deadline = Instant::now() + PATIENCE;
            while world.tickets(&first).await.is_empty() && going.load(Ordering::Relaxed) {
                assert!(Instant::now() < deadline, "no ticket for {first}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let older = cases.iter().find(|(_, case)| case.replies.is_empty()).map(|(id, _)| id.clone());
        cases.insert(id, case);
        if let Some(older) = older
            && let Some(ticket) = world.tickets(&older).await.first().copied()
        {
            let text = format!("answer {n}");
            world.reply(ticket, &text).await;
            cases.entry(older).or_default().replies.push(text);
        }
    }
    cases
}

impl Written {
    pub fn comments(&self) -> usize {
        self.cases.values().map(|case| case.comments.len()).sum()
    }
    pub fn replies(&self) -> usize {
        self.cases.values().map(|case| case.replies.len()).sum()
    }

    /// What is not as written once everything had time to cross; empty where all of it is there once, in order.
    pub async fn differences(&self, process: &Process) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.look().await;
            if found.is_empty() || Instant::now() > deadline {
                if !found.is_empty() {
                    eprintln!("{}", process.last_words());
                }
                return found;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn look(&self) -> Vec<String> {
        let url = format!("{}/control/cases", self.world.community);
        let all = self.world.certainly(Method::GET, url, &self.world.partner, "", None).await;
        let mut found = Vec::new();
        for (id, case) in &self.cases {
            let tickets = self.world.tickets(id).await;
            let [ticket] = tickets[..] else {
                found.push(format!("{id} has tickets {tickets:?}"));
                continue;
            };
            let said = self.world.said(ticket).await;
            let from_partner: Vec<&String> =
                case.comments.iter().filter(|text| !said.iter().any(|s| s.contains(*text))).collect();
            let count = |text: &str| said.iter().filter(|said| said.contains(text)).count();
            let doubled = case.comments.iter().filter(|text| count(text) > 1);
            found.extend(from_partner.iter().map(|text| format!("{id}: `{text}` is not on ticket {ticket}")));
            found.extend(doubled.map(|text| format!("{id}: `{text}` is on ticket {ticket} more than once")));
            let there = all.as_array().into_iter().flatten().find(|there| there["id"] == **id);
            let comments = there.and_then(|there| there["comments"].as_array()).cloned().unwrap_or_default();
            let texts: Vec<&str> = comments.iter().filter_map(|comment| comment["text"].as_str()).collect();
            for text in &case.replies {
                match texts.iter().filter(|there| **there == text).count() {
                    1 => {}
                    n => found.push(format!("{id}: `{text}` is at the community {n} times")),
                }
            }
        }
        found
    }
}
