//! INTERIM people.
use crate::config::{AGENT, PARTNERS};
use crate::stack::Stack;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[derive(Clone, Debug, Default)]
pub struct Case { pub comments: Vec<String>, pub replies: Vec<String> }

#[derive(Clone)]
struct World { http: Client, community: String, desk: String, pause: Duration }

pub struct People { going: Arc<AtomicBool>, tasks: JoinSet<BTreeMap<String, Case>>, done: Arc<AtomicU64>, world: World }
pub struct Done { cases: BTreeMap<String, Case>, world: World }

impl World {
    async fn once(&self, method: Method, url: String, token: &str, key: &str, body: Option<&Value>) -> Option<Value> {
        let mut request = self.http.request(method, url).bearer_auth(token).timeout(Duration::from_secs(5));
        if !key.is_empty() { request = request.header("Idempotency-Key", key); }
        if let Some(body) = body { request = request.json(body); }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        assert!(!matches!(status.as_u16(), 400 | 401 | 404 | 413 | 415), "{status} {:?}", answer.text().await);
        if status.is_success() { answer.json().await.ok() } else { None }
    }
    async fn certainly(&self, method: Method, url: String, token: &str, key: &str, body: Option<&Value>) -> Value {
        loop {
            if let Some(a) = self.once(method.clone(), url.clone(), token, key, body).await { return a; }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    async fn tickets(&self, case: &str) -> Vec<u64> {
        let url = format!("{}/v1/tickets?external_id=case/tg/{case}", self.desk);
        let found = self.certainly(Method::GET, url, AGENT.1, "", None).await;
        found["tickets"].as_array().into_iter().flatten().filter_map(|t| t["id"].as_u64()).collect()
    }
    async fn said(&self, ticket: u64) -> Vec<String> {
        let url = format!("{}/v1/tickets/{ticket}/history?limit=200", self.desk);
        let history = self.certainly(Method::GET, url, AGENT.1, "", None).await;
        let changes = history["changes"].as_array().into_iter().flatten();
        changes.filter(|c| c["kind"] == "replied").map(|c| c["payload"]["text"].as_str().unwrap_or_default().to_owned()).collect()
    }
    async fn reply(&self, ticket: u64, text: &str) {
        let url = format!("{}/v1/tickets/{ticket}/replies", self.desk);
        while !self.said(ticket).await.iter().any(|said| said == text) {
            self.once(Method::POST, url.clone(), AGENT.1, "", Some(&json!({ "text": text }))).await;
        }
    }
}

impl People {
    pub fn begin(stack: &Stack) -> Self {
        let pause = Duration::from_millis(u64::from(4_000 / stack.settings.rate));
        let world = World { http: Client::builder().pool_max_idle_per_host(0).build().unwrap(), community: stack.community.url.clone(), desk: stack.case_system.url.clone(), pause };
        let going = Arc::new(AtomicBool::new(true));
        let done = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for who in 0..4 { tasks.spawn(person(world.clone(), going.clone(), done.clone(), who)); }
        Self { going, tasks, done, world }
    }
    pub async fn has_done(&self, n: u64) {
        while self.done.load(Ordering::Relaxed) < n { tokio::time::sleep(Duration::from_millis(100)).await; }
    }
    pub async fn end(self) -> Done {
        self.going.store(false, Ordering::Relaxed);
        let mut cases = BTreeMap::new();
        for part in self.tasks.join_all().await { cases.extend(part); }
        Done { cases, world: self.world }
    }
}

async fn person(world: World, going: Arc<AtomicBool>, done: Arc<AtomicU64>, who: usize) -> BTreeMap<String, Case> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    let token = PARTNERS[who % 2].1;
    let mut n = 0;
    while going.load(Ordering::Relaxed) {
        n += 1;
        let opened = json!({"title": format!("Case {who} {n}"), "description": "", "severity": "MAJOR", "category": "INVOICE"});
        let url = format!("{}/partner/v1/cases", world.community);
        let answer = world.certainly(Method::POST, url.clone(), token, &format!("open-{who}-{n}"), Some(&opened)).await;
        let id = answer["case_id"].as_str().unwrap().to_owned();
        done.fetch_add(1, Ordering::Relaxed);
        let mut case = Case::default();
        for text in [format!("comment {who} {n} a"), format!("comment {who} {n} b")] {
            tokio::time::sleep(world.pause).await;
            world.certainly(Method::POST, format!("{url}/{id}/comments"), token, &text.replace(' ', "-"), Some(&json!({ "text": text }))).await;
            case.comments.push(text);
            done.fetch_add(1, Ordering::Relaxed);
        }
        let older = cases.iter().find(|(_, case)| case.replies.is_empty()).map(|(id, _)| id.clone());
        cases.insert(id, case);
        if let Some(older) = older && let Some(ticket) = world.tickets(&older).await.first().copied() {
            let text = format!("answer {who} {n}.");
            world.reply(ticket, &text).await;
            cases.entry(older).or_default().replies.push(text);
            done.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(world.pause).await;
    }
    cases
}

impl Done {
    pub async fn judged(&self, stack: &Stack, began: Instant) -> bool {
        let deadline = Instant::now() + stack.settings.patience;
        let found = loop {
            let found = self.look().await;
            if found.is_empty() || Instant::now() > deadline { break found; }
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        let (c, r): (usize, usize) = self.cases.values().fold((0, 0), |(c, r), case| (c + case.comments.len(), r + case.replies.len()));
        println!("{:.1} s: {} cases, {c} comments, {r} replies; {} findings", began.elapsed().as_secs_f64(), self.cases.len(), found.len());
        for f in &found { println!("  {f}"); }
        found.is_empty()
    }
    async fn look(&self) -> Vec<String> {
        let url = format!("{}/control/cases", self.world.community);
        let all = self.world.certainly(Method::GET, url, "", "", None).await;
        let mut found = Vec::new();
        for (id, case) in &self.cases {
            let tickets = self.world.tickets(id).await;
            let [ticket] = tickets[..] else { found.push(format!("{id} has tickets {tickets:?}")); continue; };
            let said = self.world.said(ticket).await;
            let ours: Vec<&String> = said.iter().filter(|s| s.contains("comment ")).collect();
            let expected = case.comments.len();
            for text in &case.comments {
                match said.iter().filter(|s| s.contains(text)).count() { 1 => {} n => found.push(format!("{id}: `{text}` is on ticket {ticket} {n} times")) }
            }
            if ours.len() == expected && !ours.iter().zip(&case.comments).all(|(a, b)| a.contains(b)) { found.push(format!("{id}: order {ours:?}")); }
            let there = all.as_array().into_iter().flatten().find(|there| there["id"] == **id);
            let comments = there.and_then(|there| there["comments"].as_array()).cloned().unwrap_or_default();
            let texts: Vec<&str> = comments.iter().filter_map(|c| c["text"].as_str()).collect();
            for text in &case.replies {
                match texts.iter().filter(|there| there.contains(text.as_str())).count() { 1 => {} n => found.push(format!("{id}: `{text}` is at the community {n} times")) }
            }
        }
        found
    }
}
