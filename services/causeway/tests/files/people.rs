//! A partner's user and an agent, and what each can see of files where they work.

use super::bytes::{Paper, hex};
use super::config::{AGENT, PARTNER};
use super::stack::{Stack, until};
use futures::StreamExt as _;
use reqwest::{Body, Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A person of one side. Both interfaces take bytes alike.
pub struct Person {
    http: Client,
    base: String,
    token: &'static str,
    is_partner: bool,
}

/// A file as it stands where it arrived.
#[derive(Clone, Debug)]
pub struct There {
    pub id: String,
    pub sha256: String,
}

const PATIENCE: Duration = Duration::from_secs(600);

impl Person {
    pub fn partner(stack: &Stack) -> Self {
        Self::new(format!("{}/partner/v1", stack.community), PARTNER, true)
    }

    pub fn agent(stack: &Stack) -> Self {
        Self::new(format!("{}/v1", stack.desk), AGENT, false)
    }

    fn new(base: String, token: &'static str, is_partner: bool) -> Self {
        // What is idle is closed over there; a request sent into that moment would be the test's own fault.
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base, token, is_partner }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(self.token)
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(Method::POST, path).json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub async fn uploads(&self, paper: &Paper) {
        let path = format!("/uploads/{}", paper.sha256);
        if self.ask(Method::HEAD, &path).send().await.unwrap().status() == 200 {
            return;
        }
        let request = self.ask(Method::PUT, &path).header("upload-length", paper.size);
        let answer = request.body(Body::wrap_stream(paper.stream())).send().await.unwrap();
        assert!(answer.status().is_success(), "upload: {}", answer.status());
    }

    /// Says something with files, which are uploaded first, as both interfaces ask. `case` is the partner's, or the ticket.
    pub async fn says(&self, case: &str, text: &str, papers: &[&Paper]) {
        let mut files = Vec::new();
        for paper in papers {
            self.uploads(paper).await;
            let media_type = "application/octet-stream";
            let file =
                json!({"name": paper.name, "media_type": media_type, "size": paper.size, "sha256": paper.sha256});
            files.push(file);
        }
        let path = if self.is_partner { format!("/cases/{case}/comments") } else { format!("/tickets/{case}/replies") };
        self.post(&path, &json!({"text": text, "files": files})).await;
    }

    /// Opens a case and gives its id.
    pub async fn opens(&self, title: &str) -> String {
        let case = json!({
            "title": title, "description": title, "severity": "MAJOR", "category": "INVOICE",
            "contact": {"name": "Pat Partner", "email": "pat@partner.example"},
        });
        let answer = self.post("/cases", &case).await;
        let id = answer.get("case_id").or_else(|| answer.get("case").and_then(|case| case.get("id")));
        id.and_then(Value::as_str).unwrap_or_else(|| panic!("no id in {answer}")).to_owned()
    }

    /// Shares a document and gives its id.
    pub async fn shares(&self, type_code: &str, paper: &Paper) -> String {
        self.uploads(paper).await;
        let file = json!({
            "file_name": paper.name, "media_type": "application/pdf", "size": paper.size, "sha256": paper.sha256,
        });
        let document = json!({
            "title": "a document", "description": "", "type_list": "OWN", "type_code": type_code, "references": [],
            "file": file,
        });
        let answer = self.post("/documents", &document).await;
        answer["case_id"].as_str().unwrap_or_else(|| panic!("no document in {answer}")).to_owned()
    }

    /// The ticket of a subject, once it is there.
    pub async fn ticket(&self, subject: &str) -> String {
        let path = format!("/tickets?external_id={subject}");
        let ask = async || self.get(&path).await["tickets"][0]["id"].as_u64().map(|id| id.to_string());
        until("a ticket for the record", PATIENCE, ask).await
    }

    /// Everything that stands there to read, oldest first: texts, with the files beside them.
    pub async fn reads(&self, case: &str) -> Vec<Value> {
        if self.is_partner {
            let said = self.get(&format!("/cases/{case}/comments?limit=200")).await;
            return said["comments"].as_array().cloned().unwrap_or_default();
        }
        let history = self.get(&format!("/tickets/{case}/history?limit=500")).await;
        let changes = history["changes"].as_array().cloned().unwrap_or_default();
        changes.into_iter().map(|change| change["payload"].clone()).filter(|said| said["text"].is_string()).collect()
    }

    /// What stands there under that name, in every message.
    pub async fn files(&self, case: &str, name: &str) -> Vec<There> {
        let said = self.reads(case).await;
        let files = said.iter().flat_map(|said| said["files"].as_array().cloned().unwrap_or_default());
        let text = |file: &Value, key: &str| file[key].as_str().unwrap_or_default().to_owned();
        let named = files.filter(|file| file["name"] == name);
        named.map(|file| There { id: text(&file, "id"), sha256: text(&file, "sha256") }).collect()
    }

    /// Until a file of that name is there; read back whole, byte for byte.
    pub async fn receives(&self, case: &str, paper: &Paper) {
        let there = until(&format!("{} is there", paper.name), PATIENCE, || async {
            self.files(case, &paper.name).await.first().cloned()
        })
        .await;
        assert_eq!((&there.sha256, &self.hash(&there.id).await), (&paper.sha256, &paper.sha256), "{}", paper.name);
    }

    async fn hash(&self, file: &str) -> String {
        let answer = self.ask(Method::GET, &format!("/files/{file}")).send().await.unwrap();
        assert!(answer.status().is_success(), "{file}: {}", answer.status());
        let (mut bytes, mut hash) = (answer.bytes_stream(), Sha256::new());
        while let Some(piece) = bytes.next().await {
            hash.update(piece.unwrap());
        }
        hex(&hash.finalize())
    }

    /// Until somebody can read a text that holds this; gives it.
    pub async fn sees(&self, case: &str, needle: &str) -> String {
        let texts = async || {
            let said = self.reads(case).await;
            let mut texts = said.iter().filter_map(|said| said["text"].as_str()).map(str::to_owned);
            texts.rfind(|text| text.contains(needle))
        };
        until(&format!("a text with {needle:?}"), PATIENCE, texts).await
    }
}
