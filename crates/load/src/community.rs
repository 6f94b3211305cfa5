//! Partners at the community, by its partner interface. Every request has its key, so that it can be asked again.

use crate::LoadError;
use crate::answer::{Answer, ask};
use crate::plan::Partner;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

/// One act of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerAct {
    Open {
        title: String,
        description: String,
        severity: String,
        category: String,
    },
    Comment(String),
    /// A field's new value.
    Change {
        field: &'static str,
        to: String,
        reason: String,
    },
    Withdraw(String),
    /// Of the resolution of this version.
    Accept {
        version: String,
        comment: String,
    },
    Reject {
        version: String,
        comment: String,
    },
}

pub struct Community {
    http: Client,
    base: String,
}

/// What a partner sees of its case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub status: String,
    /// The version of the resolution that waits for an answer.
    pub on_offer: Option<String>,
}

impl Community {
    pub fn new(base: &str) -> Result<Self, LoadError> {
        Ok(Self { http: crate::client()?, base: base.trim_end_matches('/').to_owned() })
    }

    fn request(&self, method: Method, partner: &Partner, path: &str) -> RequestBuilder {
        let url = format!("{}/partner/v1/cases{path}", self.base);
        self.http.request(method, url).bearer_auth(&partner.token).timeout(Duration::from_secs(20))
    }

    /// Asks once; the same key as often as wanted. The answer is the change.
    pub async fn act(&self, partner: &Partner, case: &str, key: &str, act: &PartnerAct) -> Result<Answer, LoadError> {
        let (method, path, body) = match act {
            PartnerAct::Open { title, description, severity, category } => {
                let body = json!({
                    "title": title, "description": description, "severity": severity, "category": category,
                });
                (Method::POST, String::new(), body)
            }
            PartnerAct::Comment(text) => (Method::POST, format!("/{case}/comments"), json!({ "text": text })),
            PartnerAct::Change { field, to, reason } => {
                (Method::PATCH, format!("/{case}"), json!({ "fields": { *field: to }, "reason": reason }))
            }
            PartnerAct::Withdraw(reason) => (Method::POST, format!("/{case}/withdrawal"), json!({ "reason": reason })),
            PartnerAct::Accept { version, comment } => {
                (Method::POST, format!("/{case}/resolutions/{version}/acceptance"), json!({ "comment": comment }))
            }
            PartnerAct::Reject { version, comment } => {
                (Method::POST, format!("/{case}/resolutions/{version}/rejection"), json!({ "comment": comment }))
            }
        };
        let request = self.request(method, partner, &path).header("Idempotency-Key", key).json(&body);
        ask(request, "case_id").await
    }

    /// Looks once.
    pub async fn look(&self, partner: &Partner, case: &str) -> Result<Option<View>, LoadError> {
        let answer = ask(self.request(Method::GET, partner, &format!("/{case}")), "status").await?;
        let Answer::Taken(case) = answer else { return Ok(None) };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let status = text(&case["status"]);
        let resolution = &case["resolution"];
        let waits = status == "resolved" && resolution["answer"] == "";
        Ok(Some(View { on_offer: waits.then(|| text(&resolution["resolution_version"])), status }))
    }
}
