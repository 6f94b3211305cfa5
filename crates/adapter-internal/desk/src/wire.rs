//! What the case system sends, as far as we read it. Unknown members are passed over.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct State {
    pub queue: String,
    pub title: String,
    pub due_at: String,
    /// The ticket it is a member of; 0 where it is of none.
    pub parent: u64,
    pub status: String,
    pub priority: u8,
    pub owner: String,
    pub external_id: String,
    pub partner_id: String,
    pub fields: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Ticket {
    pub id: u64,
    pub version: u64,
    #[serde(default)]
    pub links: Vec<Link>,
    #[serde(flatten)]
    pub state: State,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Link {
    pub relation: String,
    pub to: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Tickets {
    pub tickets: Vec<Ticket>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Author {
    pub name: String,
    pub role: String,
}

/// One change; `ticket` only in the feed.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    pub id: u64,
    pub ticket_id: u64,
    pub kind: String,
    pub payload: Value,
    pub author: Author,
    pub at: i64,
    #[serde(default)]
    pub marker: String,
    pub environment: String,
    #[serde(default)]
    pub ticket: State,
}

#[derive(Clone, Debug, Deserialize)]
pub struct History {
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Written {
    pub ticket_id: u64,
    pub version: u64,
    pub changes: Vec<Change>,
}

/// Rows stay as they came, so that one that cannot be read does not hide the others.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    pub changes: Vec<Value>,
    pub next: String,
    pub has_more: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct CursorNow {
    pub cursor: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Setup {
    pub you: Author,
    pub version: String,
    pub environment: String,
    pub queues: Vec<String>,
}
