//! Request Tracker, from outside: what an agent does, and what a test may see. Speaks REST 2 by itself, so that it
//! proves the adapter and does not repeat it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;
use testkit::scenario::{file_line, hash_of};

pub struct Rt {
    http: reqwest::Client,
    base: String,
    agent: String,
}

/// One message on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `Correspond` or `Comment`.
    pub kind: String,
    pub creator: String,
    pub text: String,
}

impl Rt {
    pub fn new(base: &str, secrets: &Path) -> Self {
        let token = std::fs::read_to_string(secrets.join("agent1.token")).unwrap();
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base: format!("{base}/REST/2.0"), agent: token.trim().to_owned() }
    }

    fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header("Authorization", format!("token {}", self.agent))
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(reqwest::Method::GET, path).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: &Value) {
        let answer = self.ask(method, path).json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
    }

    pub async fn is_up(&self) -> bool {
        self.ask(reqwest::Method::GET, "/rt").send().await.is_ok_and(|a| a.status().is_success())
    }

    /// Ids of the tickets that bear the subject as external id.
    pub async fn tickets(&self, subject: &str) -> Vec<u64> {
        let query = format!("'CF.{{TG Case Id}}' = '{subject}'");
        self.search(&query).await
    }

    pub async fn search(&self, query: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        for page in 1.. {
            let request = self.ask(reqwest::Method::GET, "/tickets");
            let page = page.to_string();
            let request = request.query(&[("query", query), ("per_page", "100"), ("page", page.as_str())]);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            let items = answer["items"].as_array().cloned().unwrap_or_default();
            ids.extend(items.iter().filter_map(number));
            if items.len() < 100 {
                break;
            }
        }
        ids
    }

    pub async fn ticket(&self, id: u64) -> Value {
        self.get(&format!("/ticket/{id}")).await
    }

    pub async fn status(&self, id: u64) -> String {
        self.ticket(id).await["Status"].as_str().unwrap_or_default().to_owned()
    }

    /// Comments and correspondence in order, without the message of the create.
    pub async fn messages(&self, id: u64) -> Vec<Message> {
        let path = format!("/ticket/{id}/history?fields=Type,Creator&per_page=100");
        let history = self.get(&path).await;
        let mut messages = Vec::new();
        for row in history["items"].as_array().into_iter().flatten() {
            let kind = row["Type"].as_str().unwrap_or_default();
            if !["Correspond", "Comment"].contains(&kind) {
                continue;
            }
            let creator = row["Creator"]["id"].as_str().unwrap_or_default().to_owned();
            let text = self.text(row["id"].as_str().unwrap_or_default()).await;
            messages.push(Message { kind: kind.to_owned(), creator, text });
        }
        messages
    }

    /// What this user attached, in order: names, and hashes of the bytes as Request Tracker gives them back.
    pub async fn files(&self, id: u64, creator: &str) -> Vec<String> {
        let history = self.get(&format!("/ticket/{id}/history?fields=Type,Creator&per_page=100")).await;
        let mut files = Vec::new();
        for row in history["items"].as_array().into_iter().flatten() {
            if row["Creator"]["id"] != creator || row["Type"] != "Correspond" {
                continue;
            }
            let transaction = row["id"].as_str().unwrap_or_default();
            let parts = self.get(&format!("/transaction/{transaction}/attachments?fields=Filename")).await;
            for part in parts["items"].as_array().into_iter().flatten() {
                let Some(name) = part["Filename"].as_str().filter(|name| !name.is_empty()) else { continue };
                let whole = self.get(&format!("/attachment/{}", number(part).unwrap_or_default())).await;
                let packed: String = whole["Content"].as_str().unwrap_or_default().split_whitespace().collect();
                let bytes = STANDARD.decode(packed).unwrap();
                files.push(file_line(name, &hash_of(&bytes)));
            }
        }
        files
    }

    /// Names of all that is attached to a ticket, whoever did it.
    pub async fn file_names(&self, id: u64) -> Vec<String> {
        let list = self.get(&format!("/ticket/{id}/attachments?fields=Filename&per_page=100")).await;
        let names = list["items"].as_array().into_iter().flatten().filter_map(|part| part["Filename"].as_str());
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    async fn text(&self, transaction: &str) -> String {
        let list = self.get(&format!("/transaction/{transaction}/attachments?fields=ContentType,Content")).await;
        let parts = list["items"].as_array().into_iter().flatten();
        let texts = parts.filter(|p| p["ContentType"].as_str().is_some_and(|t| t.starts_with("text/")));
        texts.map(|p| p["Content"].as_str().unwrap_or_default().trim().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// An answer that the partner may see.
    pub async fn reply(&self, id: u64, text: &str) {
        let body = json!({"Content": text, "ContentType": "text/plain"});
        self.send(reqwest::Method::POST, &format!("/ticket/{id}/correspond"), &body).await;
    }

    /// An answer with a file. Multipart, as people's clients send it.
    pub async fn reply_with_file(&self, id: u64, text: &str, name: &str, bytes: Vec<u8>) {
        let part =
            |bytes: Vec<u8>, media_type: &str| reqwest::multipart::Part::bytes(bytes).mime_str(media_type).unwrap();
        let body = json!({"Content": text, "ContentType": "text/plain"}).to_string().into_bytes();
        let file = part(bytes, "application/octet-stream").file_name(name.to_owned());
        let form =
            reqwest::multipart::Form::new().part("JSON", part(body, "application/json")).part("Attachments", file);
        let request = self.ask(reqwest::Method::POST, &format!("/ticket/{id}/correspond"));
        let answer = request.multipart(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{name}: {}", answer.status());
    }

    /// A note that no partner may see.
    pub async fn note(&self, id: u64, text: &str) {
        let body = json!({"Content": text, "ContentType": "text/plain"});
        self.send(reqwest::Method::POST, &format!("/ticket/{id}/comment"), &body).await;
    }

    pub async fn set(&self, id: u64, fields: &Value) {
        self.send(reqwest::Method::PUT, &format!("/ticket/{id}"), fields).await;
    }

    /// The highest transaction there is: it moves with every change anybody makes.
    pub async fn newest_change(&self) -> u64 {
        let path = "/transactions?query=ObjectType='RT::Ticket' AND id > 0&orderby=id&order=DESC&per_page=1";
        let answer = self.get(path).await;
        answer["items"].get(0).and_then(number).unwrap_or(0)
    }
}

fn number(item: &Value) -> Option<u64> {
    item["id"].as_u64().or_else(|| item["id"].as_str().and_then(|id| id.parse().ok()))
}
