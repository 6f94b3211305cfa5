//! Records as the pipeline writes them, without a broker.
#![allow(dead_code)]

use codec::{Codec, Record as Encodable};
use console::Model;
use domain::issue::{self, InternalEvent as I, PartnerEvent as P};
use domain::outcome::{CommandRef, Done, Doubt, Intent};
use domain::*;
use runtime::tail::Record;

pub const CASE: &str = "case/tg/C-1";
const START: i64 = 1_790_000_000_000;

pub struct Log {
    pub codec: Codec,
    pub records: Vec<Record>,
}

fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

fn meta(n: u8, subject: &str, kind: &str) -> Meta {
    serde_json::from_value(serde_json::json!({
        "id": id(n).to_string(), "subject": subject, "system": "tg", "partner_id": "ACME", "type": kind,
        "occurred_at": START, "recorded_at": START, "environment": "P", "visibility": "PARTNER"
    }))
    .unwrap()
}

impl Log {
    pub fn new() -> Self {
        Self { codec: Codec::offline(), records: Vec::new() }
    }

    /// Each record is written 100 ms after the one before.
    pub fn raw(&mut self, topic: &str, key: &str, headers: &[(&str, &str)], payload: Vec<u8>) -> i64 {
        let offset = self.records.len() as i64;
        self.records.push(Record {
            topic: topic.to_owned(),
            partition: 3,
            offset,
            written_ms: Some(START + 100 * offset),
            key: key.as_bytes().to_vec(),
            headers: headers.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect(),
            payload,
        });
        offset
    }

    fn write<T: Encodable>(&mut self, topic: &str, key: &str, record: &T) -> i64 {
        let mut payload = Vec::new();
        self.codec.encode(topic, record, &mut payload).unwrap();
        self.raw(topic, key, &[], payload)
    }

    pub fn opened(&mut self, n: u8, subject: &str, title: &str) -> i64 {
        let opened: issue::Opened = serde_json::from_value(serde_json::json!({
            "title": title, "description": "The total differs from the order.", "severity": "MAJOR", "category": "INVOICE"
        }))
        .unwrap();
        let payload = PartnerEvent::Issue(P::Opened(Box::new(opened)));
        self.write("partner.events", subject, &Envelope { meta: meta(n, subject, payload.kind()), payload })
    }

    /// A document of a partner, or with a `version` above 1 a newer one of it.
    pub fn document(&mut self, n: u8, subject: &str, version: i64, numbers: &[(&str, &str)]) -> i64 {
        use domain::document::PartnerEvent as D;
        let references: Vec<_> =
            numbers.iter().map(|(code, number)| serde_json::json!({"type_code": code, "number": number})).collect();
        let body = serde_json::json!({
            "title": "W-9 of Ann Miller", "type_code": "380", "version_no": version, "references": references,
            "file": {"file_name": "078-05-1120.pdf"},
        });
        let payload = PartnerEvent::Document(if version > 1 {
            D::VersionAdded(serde_json::from_value(body).unwrap())
        } else {
            D::Shared(Box::new(serde_json::from_value(body).unwrap()))
        });
        self.write("partner.events", subject, &Envelope { meta: meta(n, subject, payload.kind()), payload })
    }

    pub fn raised(&mut self, n: u8, subject: &str, number: &str) -> i64 {
        let raised = serde_json::from_value(serde_json::json!({
            "title": "Two short", "kind": "QTY_SHORT", "documents": [{"type_code": "220", "number": number}],
        }));
        let payload = PartnerEvent::Discrepancy(domain::discrepancy::PartnerEvent::Raised(Box::new(raised.unwrap())));
        self.write("partner.events", subject, &Envelope { meta: meta(n, subject, payload.kind()), payload })
    }

    pub fn create(&mut self, n: u8, subject: &str, cause: i64) -> i64 {
        let create: issue::CreateCase = serde_json::from_value(serde_json::json!({
            "route": "Partner Cases", "title": "[ACME] Invoice 4711 is wrong", "description": "", "priority": "50"
        }))
        .unwrap();
        let payload = InternalCommand::Issue(issue::InternalCommand::CreateCase(create));
        let mut meta = meta(n, subject, payload.kind());
        meta.mapping_version = 3;
        meta.cause = Some(Cause { topic: "partner.events".to_owned(), partition: 3, offset: cause });
        self.write("internal.commands", subject, &Envelope { meta, payload })
    }

    pub fn became(&mut self, n: u8, subject: &str, command: u8, offset: i64, word: &str) -> i64 {
        let kind = "internal.issue.create-case".to_owned();
        let command = CommandRef { id: id(command), kind, hash: ContentHash::of_bytes(b"x"), offset };
        let outcome = match word {
            "intent" => Outcome::Intent(Intent {
                command,
                owner: "o".to_owned(),
                attempt: 1,
                not_after: Timestamp(START),
                marker: "m".to_owned(),
                fields: Vec::new(),
                native_id: String::new(),
            }),
            "doubt" => Outcome::Doubt(Doubt { command, attempt: 1, reason: "no answer in time".to_owned() }),
            _ => Outcome::Done(Done {
                command,
                native_id: "17".to_owned(),
                reference: Marked::default(),
                effects: Vec::new(),
                fields: Vec::new(),
                version: String::new(),
                created: true,
            }),
        };
        let meta = meta(n, subject, &format!("internal.outcome.{}", outcome.word()));
        self.write("internal.outcomes", subject, &Envelope { meta, payload: outcome })
    }

    pub fn internal(&mut self, n: u8, subject: &str, event: I) -> i64 {
        let payload = InternalEvent::Issue(event);
        self.write("internal.events", subject, &Envelope { meta: meta(n, subject, payload.kind()), payload })
    }

    pub fn note(&mut self, n: u8, subject: &str, text: &str) -> i64 {
        let text = Marked::new(text.to_owned(), Visibility::Host);
        self.internal(
            n,
            subject,
            I::InternalNoteAdded(issue::InternalNoteAdded { note_id: "n".into(), author: "ann".into(), text }),
        )
    }

    pub fn status(&mut self, n: u8, subject: &str, from: &str, to: &str) -> i64 {
        let changed = issue::StatusChanged {
            from: from.into(),
            to: to.into(),
            reason: Marked::default(),
            expected_resolution_at: None,
        };
        self.internal(n, subject, I::StatusChanged(changed))
    }

    pub fn held(&mut self, subject: &str, stood: i64) -> i64 {
        let place = format!("partner.events/3/{stood}");
        let headers = [
            ("ce_type", "partner.issue.opened"),
            ("causeway_dead_letter_class", "HOLD"),
            ("causeway_dead_letter_reason", "category TELEPATHY is not in the code list"),
            ("causeway_dead_letter_service", "transform-partner"),
            ("causeway_dead_letter_place", place.as_str()),
        ];
        self.raw("partner.events.dead-letters", subject, &headers, b"whatever".to_vec())
    }

    /// A case from the first word to a ticket in work, and one that is held.
    pub fn story() -> Self {
        let mut log = Self::new();
        let opened = log.opened(1, CASE, "Invoice 4711 is wrong");
        let create = log.create(2, CASE, opened);
        log.became(3, CASE, 2, create, "intent");
        log.became(4, CASE, 2, create, "doubt");
        log.became(5, CASE, 2, create, "done");
        log.status(6, CASE, "new", "open");
        log.note(7, CASE, "This vendor is on the watch list");
        let odd = log.opened(8, "case/tg/C-2", "Nobody knows what this is about");
        log.held("case/tg/C-2", odd);
        log
    }

    pub fn tell(&self, model: &Model) {
        for record in &self.records {
            model.take(&self.codec, record).unwrap();
        }
    }
}
