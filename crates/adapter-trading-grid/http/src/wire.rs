//! What the contract's answers hold, as far as this adapter needs it. Members it does not know are let through: the
//! contract may grow.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub partner_id: String,
    pub status: String,
    pub environment: String,
    /// Of an onboarding space, by the host's id.
    #[serde(default)]
    pub tasks: BTreeMap<String, Task>,
    /// Of a document: the version that is offered, and all there are.
    #[serde(default)]
    pub offered: Option<i64>,
    #[serde(default)]
    pub versions: Vec<Version>,
}

#[derive(Debug, Deserialize)]
pub struct Version {
    pub version_no: i64,
}

#[derive(Debug, Deserialize)]
pub struct Task {
    pub status: String,
}

/// The answer to a write, and what a look finds.
#[derive(Debug, Deserialize)]
pub struct Written {
    pub id: String,
    pub case_id: String,
    pub kind: String,
    pub version: u64,
    #[serde(default)]
    pub idempotency_key: Option<String>,
    #[serde(default)]
    pub partner_id: String,
    #[serde(default)]
    pub external_reference: String,
    #[serde(default)]
    pub environment: String,
}

#[derive(Debug, Deserialize)]
pub struct Found {
    pub changes: Vec<Written>,
}

/// A page of the feed; each change is parsed alone, so that one bad change does not stop the others.
#[derive(Debug, Deserialize)]
pub struct Page<'a> {
    #[serde(borrow)]
    pub changes: Vec<&'a RawValue>,
    pub next: String,
    pub has_more: bool,
}

#[derive(Debug, Deserialize)]
pub struct Begin {
    pub cursor: String,
}

#[derive(Debug, Deserialize)]
pub struct Actor {
    pub id: String,
    pub side: String,
}

#[derive(Debug, Deserialize)]
pub struct Change<'a> {
    pub id: String,
    pub case_id: String,
    pub partner_id: String,
    #[serde(default)]
    pub external_reference: String,
    pub kind: String,
    #[serde(borrow)]
    pub payload: &'a RawValue,
    pub actor: Actor,
    pub occurred_at: i64,
    pub version: u64,
    pub status: String,
    pub environment: String,
    #[serde(default)]
    pub idempotency_key: Option<String>,
    #[serde(default)]
    pub ext: BTreeMap<String, String>,
}

/// A file of a message.
#[derive(Debug, Deserialize)]
pub struct File {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub media_type: String,
    pub size: i64,
    #[serde(default)]
    pub sha256: String,
}

/// Of a change that cannot be read otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Keys {
    pub id: String,
    pub case_id: String,
    pub kind: String,
}

/// RFC 9457, with the contract's stable `code`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub code: String,
    pub detail: String,
}

impl Problem {
    /// Empty where the body is no problem document, such as a proxy's page.
    pub fn read(body: &[u8]) -> Self {
        let mut problem: Self = serde_json::from_slice(body).unwrap_or_default();
        let is_word = problem.code.len() <= 64 && problem.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if !is_word {
            problem.code.clear();
        }
        problem.detail = problem.detail.chars().filter(|c| !c.is_control()).take(500).collect();
        problem
    }
}
