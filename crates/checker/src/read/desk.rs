//! `changes.jsonl` of the simulated case system: all that one request changed, a line.

use crate::observed::{Author, Observed, What};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Deserialize)]
struct Entry {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    id: u64,
    ticket_id: u64,
    kind: String,
    payload: Value,
    author: By,
}

#[derive(Deserialize)]
struct By {
    role: String,
}

#[derive(Clone, Default, Deserialize)]
struct Created {
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    external_id: String,
    #[serde(default)]
    partner_id: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// Remembers which ticket belongs to which case.
pub(crate) struct Desk<'r> {
    pub prefix: &'r str,
    pub tickets: HashMap<u64, (String, String)>,
}

impl Desk<'_> {
    pub fn parse(&mut self, line: &[u8]) -> Option<Vec<Observed>> {
        let entry: Entry = serde_json::from_slice(line).ok()?;
        entry.changes.into_iter().map(|change| self.change(change)).collect()
    }

    fn change(&mut self, change: Change) -> Option<Observed> {
        let Change { id, ticket_id, kind, payload, author } = change;
        let author = match author.role.as_str() {
            "pipeline" | "partner-voice" => Author::Ours,
            "agent" => Author::Person,
            "system" => Author::System,
            _ => return None,
        };
        let what = if kind == "created" {
            let created: Created = serde_json::from_value(payload).ok()?;
            let subject = created.external_id.strip_prefix(self.prefix).unwrap_or_default().to_owned();
            self.tickets.insert(ticket_id, (subject, created.partner_id));
            let Created { title, description: text, status, fields, .. } = created;
            What::Created { title, text, status, fields }
        } else {
            what(&kind, &payload)?
        };
        let (subject, partner) = self.tickets.get(&ticket_id).cloned().unwrap_or_default();
        Some(Observed { record: ticket_id.to_string(), subject, partner, native: id.to_string(), author, kind, what })
    }
}

fn what(kind: &str, payload: &Value) -> Option<What> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "replied" => Some(What::Said { text: text("text")? }),
        "noted" => Some(What::Noted { text: text("text")? }),
        "asked" => Some(What::Status { to: text("to")?, text: text("question")? }),
        "status-changed" => Some(What::Status { to: text("to")?, text: String::new() }),
        "field-changed" => Some(What::Field { name: text("field")?, to: text("to")? }),
        // Only what it is now: what it was before is not said again.
        _ => Some(What::Other { text: text("to").unwrap_or_default() }),
    }
}
