//! Agents of Request Tracker, over REST 2. RT answers 200 to what it refuses, so every act is looked for afterwards: it
//! is done when it stands in the ticket's history.

mod doubles;
mod observe;
mod wire;

use crate::LoadError;
use crate::answer::{Answer, ask_any};
use crate::case_system::{AgentAct, Asked, CaseSystem, Done, Made};
pub use doubles::Doubles;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;
use wire::{Row, word};

/// REST 2 with one agent's token.
pub struct Rt {
    http: Client,
    base: String,
    token: String,
    /// The agent's own name: what others did is never taken for its act.
    user: String,
    /// The custom field that ties a ticket to its case.
    case_field: String,
}

impl Rt {
    /// `base` without `/REST/2.0`.
    pub fn new(base: &str, user: &str, token: &str) -> Result<Self, LoadError> {
        Ok(Self {
            http: crate::client()?,
            base: format!("{}/REST/2.0", base.trim_end_matches('/')),
            token: token.to_owned(),
            user: user.to_owned(),
            case_field: "TG Case Id".to_owned(),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header("Authorization", format!("token {}", self.token)).timeout(Duration::from_secs(30))
    }

    /// `None` where there was no answer.
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Value>, LoadError> {
        match ask_any(self.request(Method::GET, path).query(query)).await? {
            Answer::Taken(value) => Ok(Some(value)),
            Answer::Refused | Answer::Unknown => Ok(None),
        }
    }

    async fn write(&self, method: Method, path: &str, body: Value) -> Result<Answer, LoadError> {
        ask_any(self.request(method, path).json(&body)).await
    }

    /// All pages of a listing.
    async fn all(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Vec<Value>>, LoadError> {
        let mut items = Vec::new();
        for page in 1_u32.. {
            let page = page.to_string();
            let mut paged = query.to_vec();
            paged.extend([("per_page", "100"), ("page", page.as_str())]);
            let Some(mut answer) = self.get(path, &paged).await? else { return Ok(None) };
            let Some(Value::Array(found)) = answer.get_mut("items").map(Value::take) else { return Ok(None) };
            let last = found.len() < 100;
            items.extend(found);
            if last {
                break;
            }
        }
        Ok(Some(items))
    }

    async fn rows(&self, ticket: &str) -> Result<Option<Vec<Row>>, LoadError> {
        let fields = [("fields", "Type,Creator,Created,Field,OldValue,NewValue")];
        let items = self.all(&format!("/ticket/{ticket}/history"), &fields).await?;
        Ok(items.map(|items| items.iter().filter_map(Row::of).collect()))
    }

    /// Whether a row set the field to this. RT leaves long values out of its rows; then the ticket itself tells.
    async fn is_set(&self, ticket: &str, row: &Row, field: &str, value: &str) -> Result<bool, LoadError> {
        if !row.new.is_empty() {
            return Ok(row.new == value);
        }
        let ticket = self.get(&format!("/ticket/{ticket}"), &[]).await?.unwrap_or_default();
        let mut fields = ticket["CustomFields"].as_array().into_iter().flatten();
        Ok(fields.any(|f| word(&f["name"]) == field && word(&f["id"]) == row.field && word(&f["values"][0]) == value))
    }

    /// The text of a message or of a ticket's making.
    async fn text(&self, row: u64) -> Result<Option<String>, LoadError> {
        let path = format!("/transaction/{row}/attachments");
        let Some(list) = self.get(&path, &[("fields", "ContentType,Content")]).await? else { return Ok(None) };
        let parts = list["items"].as_array().into_iter().flatten();
        let texts = parts.filter(|part| part["ContentType"].as_str().is_some_and(|t| t.starts_with("text/")));
        Ok(Some(texts.map(|part| word(&part["Content"])).collect::<Vec<_>>().join("\n")))
    }
}

impl CaseSystem for Rt {
    fn ticket<'a>(&'a self, external_id: &'a str) -> Asked<'a, Option<Option<String>>> {
        Box::pin(async move {
            let query = format!("'CF.{{{}}}' = '{external_id}'", self.case_field);
            let Some(found) = self.get("/tickets", &[("query", query.as_str())]).await? else { return Ok(None) };
            let id = word(&found["items"][0]["id"]);
            Ok(Some((!id.is_empty()).then_some(id)))
        })
    }

    fn act<'a>(&'a self, ticket: &'a str, act: &'a AgentAct) -> Asked<'a, Done> {
        Box::pin(async move {
            let message = |text: &str| json!({ "Content": text, "ContentType": "text/plain" });
            let path = format!("/ticket/{ticket}");
            // The highest row before it: an equal status set earlier is not this act.
            let Some(before) = self.rows(ticket).await? else { return Ok(Done::Unknown) };
            let newest = before.iter().map(|row| row.id).max().unwrap_or_default();
            let answer = match act {
                AgentAct::Reply(text) => self.write(Method::POST, &format!("{path}/correspond"), message(text)).await?,
                AgentAct::Note(text) => self.write(Method::POST, &format!("{path}/comment"), message(text)).await?,
                AgentAct::RootCause(text) => {
                    self.write(Method::PUT, &path, json!({ "CustomFields": { "Root Cause": text } })).await?
                }
                AgentAct::Status(to) => self.write(Method::PUT, &path, json!({ "Status": to })).await?,
                AgentAct::Resolve(note) => {
                    // In one request RT would change the status first, and whoever reads it then has no note.
                    let body = json!({ "CustomFields": { "Resolution Note": note } });
                    match self.write(Method::PUT, &path, body).await? {
                        Answer::Taken(_) => self.write(Method::PUT, &path, json!({ "Status": "resolved" })).await?,
                        failed @ (Answer::Refused | Answer::Unknown) => failed,
                    }
                }
            };
            if answer == Answer::Unknown {
                return Ok(Done::Unknown);
            }
            Ok(match self.find(ticket, newest, act).await? {
                None => Done::Unknown,
                Some(None) => Done::Not,
                Some(Some(made)) => Done::Made(made),
            })
        })
    }

    fn find<'a>(&'a self, ticket: &'a str, after: u64, act: &'a AgentAct) -> Asked<'a, Option<Option<Made>>> {
        Box::pin(async move {
            let Some(mut rows) = self.rows(ticket).await? else { return Ok(None) };
            rows.retain(|row| row.id > after && row.creator == self.user);
            rows.sort_by_key(|row| row.id);
            let mut made: Option<Made> = None;
            for row in rows {
                let own = match (act, row.kind.as_str()) {
                    (AgentAct::Reply(text), "Correspond") | (AgentAct::Note(text), "Comment") => {
                        let Some(there) = self.text(row.id).await? else { return Ok(None) };
                        there.trim() == text
                    }
                    (AgentAct::RootCause(text), "CustomField") => self.is_set(ticket, &row, "Root Cause", text).await?,
                    (AgentAct::Resolve(text), "CustomField") => {
                        self.is_set(ticket, &row, "Resolution Note", text).await?
                    }
                    (AgentAct::Status(to), "Status") => row.new == *to,
                    (AgentAct::Resolve(_), "Status") if row.new == "resolved" => {
                        if let Some(made) = &mut made {
                            (made.moved, made.newest) = (true, row.id);
                        }
                        false
                    }
                    _ => false,
                };
                if own {
                    made = Some(Made { native: row.id.to_string(), newest: row.id, moved: row.kind == "Status" });
                }
            }
            Ok(Some(made))
        })
    }
}
