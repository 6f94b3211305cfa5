//! What both systems show of a case, in the words of the scenarios.

use super::people::{People, subject};
use crate::stack::Stack;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use testkit::scenario::{CANARY, DocumentView, TicketView, View, day, decision_line};
use testkit::scenario::{file_line, outcome_line, sentinel};

pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// Of a case and of a discrepancy; one of the two is there.
fn either(one: &Value, other: &Value) -> String {
    if one.is_null() { text(other) } else { text(one) }
}

fn outcome(lines: &Value) -> Vec<String> {
    let lines = lines.as_array().into_iter().flatten();
    lines.map(|line| outcome_line(&serde_json::from_value(line.clone()).unwrap())).collect()
}

pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Moments of today and yesterday, at which things happen here, are the one at which they happen in the scenarios: the
/// beginning of all time, or of the day on which those are told that are about time. Any other is compared as it is.
pub fn timeless(text: &str) -> String {
    const BEGINNING: &str = "1970-01-01 00:00 UTC";
    let today = [0, 1].map(|days| day(now() - days * 86_400_000));
    let is_minute = |found: &str| {
        let digits = found.bytes().zip(BEGINNING.bytes()).all(|(a, b)| a.is_ascii_digit() == b.is_ascii_digit());
        digits && found.ends_with(" UTC") && found.matches(['-', ':']).count() == 3
    };
    let is_now = |found: &str| is_minute(found) && today.iter().any(|day| found.starts_with(day));
    let starts = text.char_indices().map(|(at, _)| at);
    let found = starts.filter_map(|at| text.get(at..at + BEGINNING.len())).filter(|found| is_now(found));
    found.fold(text.to_owned(), |said, found| said.replace(found, BEGINNING))
}

/// What a document shows beside what every record shows.
pub(super) fn of_document(seen: &Value) -> DocumentView {
    let Some(newest) = seen["versions"].as_array().and_then(|versions| versions.last()) else {
        return DocumentView::default();
    };
    let decision = &newest["decision"];
    let corrections = decision["corrections"].as_array().into_iter().flatten();
    let correction = |one: &Value| format!("{} {}", text(&one["term"]), text(&one["value"])).trim_end().to_owned();
    let version = newest["version_no"].as_i64().unwrap_or_default();
    let decided = decision["version_no"].as_i64();
    let references = seen["references"].as_array().into_iter().flatten();
    DocumentView {
        version,
        offered: seen["offered"].as_i64().unwrap_or_default(),
        decision: decided.map_or_else(String::new, |version| {
            decision_line(&text(&decision["decision"]), version, &text(&decision["reason_code"]))
        }),
        corrections: corrections.map(correction).collect(),
        code: text(&seen["status_code"]),
        renewal: text(&seen["renewal"]["text"]),
        title: text(&seen["title"]),
        references: references.map(|one| format!("{} {}", text(&one["type_code"]), text(&one["number"]))).collect(),
        file: file_line(&text(&newest["file"]["file_name"]), &text(&newest["file"]["sha256"])),
        valid_to: text(&seen["valid_to"]),
    }
}

pub async fn view(stack: &Stack, people: &People<'_>, case: &str) -> View {
    let seen = people.case(case).await;
    let comments = seen["comments"].as_array().into_iter().flatten();
    let said = |c: &Value| if c["removed"] == true { "(removed)".to_owned() } else { text(&c["text"]) };
    let comments = comments.map(|c| format!("{}: {}", text(&c["author"]), said(c)));
    let mut tickets = Vec::new();
    for id in stack.rt.tickets(&subject(case)).await {
        tickets.push(ticket(stack, people, id).await);
    }
    View {
        status: text(&seen["status"]),
        label: text(&seen["status_label"]),
        reason: text(&seen["status_reason"]),
        reference: text(&seen["reference"]),
        comments: comments.filter(|line| !sentinel::is_one(line)).collect(),
        question: either(&seen["information_request"]["question"], &seen["evidence_request"]["question"]),
        resolution: either(&seen["resolution"]["note"], &seen["outcome"]["note"]),
        evidence: seen["evidence_request"]["document_types"].as_array().into_iter().flatten().map(text).collect(),
        outcome: outcome(&seen["outcome"]["lines"]),
        round: seen["outcome"]["round"].as_i64().unwrap_or_default(),
        escalated: text(&seen["escalated"]),
        closure: text(&seen["closure"]),
        settlement: text(&seen["settlement"]),
        programme: String::new(),
        tasks: Vec::new(),
        milestones: Vec::new(),
        readiness: String::new(),
        document: of_document(&seen),
        resolution_code: text(&seen["resolution"]["code"]),
        tickets,
        held: Vec::new(),
        skipped: None,
    }
}

pub async fn ticket(stack: &Stack, people: &People<'_>, id: u64) -> TicketView {
    let seen = stack.rt.ticket(id).await;
    let queue = people.rt(Method::GET, &format!("/queue/{}", text(&seen["Queue"]["id"])), None).await;
    let (public, internal) = said_at(stack, id).await;
    let lines = |said: Vec<(&str, String)>| {
        let lines = said.into_iter().map(|(who, said)| format!("{who}: {said}"));
        lines.filter(|line| !sentinel::is_one(line)).collect()
    };
    let fields = seen["CustomFields"].as_array().into_iter().flatten();
    let fields: BTreeMap<String, String> = fields
        .map(|field| {
            let values = field["values"].as_array().into_iter().flatten().map(text);
            (text(&field["name"]), values.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    TicketView {
        number: id.to_string(),
        queue: text(&queue["Name"]),
        status: text(&seen["Status"]),
        priority: text(&seen["Priority"]),
        title: text(&seen["Subject"]),
        owner: text(&seen["Owner"]["id"]),
        public: lines(public),
        internal: lines(internal),
        files: stack.rt.files(id, "causeway-partner").await,
        fields,
        tasks: Vec::new(),
        refers_to: refers_to(stack, &seen).await,
    }
}

/// The title of the ticket that this one is linked to in Request Tracker's own sense.
async fn refers_to(stack: &Stack, ticket: &Value) -> String {
    let links = ticket["_hyperlinks"].as_array().into_iter().flatten();
    let mut linked = links.filter(|link| link["ref"] == "refers-to").map(|link| text(&link["id"]));
    match linked.next().and_then(|id| id.parse().ok()) {
        Some(id) => text(&stack.rt.ticket(id).await["Subject"]),
        None => String::new(),
    }
}

/// What stands on a ticket for partners and for agents, with who said it.
pub async fn said_at(stack: &Stack, id: u64) -> (Vec<(&'static str, String)>, Vec<(&'static str, String)>) {
    let (mut public, mut internal) = (Vec::new(), Vec::new());
    for message in stack.rt.messages(id).await {
        let said = timeless(&message.text.replace("\r\n", "\n"));
        let said = said.trim();
        match (message.kind.as_str(), message.creator.as_str()) {
            // The partner's own name stands above its words.
            ("Correspond", "causeway-partner") => {
                let said = said.split_once(":\n\n").map_or(said, |(_, said)| said);
                public.push(("partner", said.to_owned()));
            }
            ("Correspond", _) => public.push(("agent", said.to_owned())),
            (_, "causeway-sync") => internal.push(("causeway", said.to_owned())),
            _ => internal.push(("agent", said.trim_end_matches(CANARY).trim_end().to_owned())),
        }
    }
    (public, internal)
}

/// Reasons of the open dead letters of class HOLD, without what they name.
pub fn held(stack: &Stack, subject: &str) -> Vec<String> {
    let listed = stack.tool(&["dlq", "list", "--each", "--class", "HOLD", "--key", subject]);
    let reason = |line: &str| {
        let (_, rest) = line.split_once("redrives=")?;
        let (_, reason) = rest.split_once("  ")?;
        Some(reason.split(':').next().unwrap_or_default().trim().to_owned())
    };
    listed.lines().filter_map(reason).collect()
}
