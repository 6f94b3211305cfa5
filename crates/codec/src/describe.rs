//! A record for a person's eyes: all of it as JSON, with its audience. Not for services, which read types.

use crate::fetched::Writer;
use crate::wire::{self, Reader};
use crate::{Codec, DecodeError, contract};
use domain::Visibility;
use serde_json::{Map, Value, json};

/// One record, field by field as its writer's schema has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Full name of the record.
    pub name: &'static str,
    /// Of the whole record; what no envelope says is for the host.
    pub visibility: Visibility,
    pub meta: Value,
    pub payload: Value,
    /// Who may see each field of the payload: the stricter of the record's visibility and the field's audience.
    pub audience: Vec<(String, Visibility)>,
}

impl Described {
    /// `payload` with every text that the partner may not see as `{"audience": "HOST", "text": …}`.
    pub fn marked(&self) -> Value {
        let Value::Object(fields) = &self.payload else { return self.payload.clone() };
        let audience = |name: &str| self.audience.iter().find(|(field, _)| field == name).map(|(_, who)| *who);
        let marked = fields
            .iter()
            .map(|(name, value)| (name.clone(), mark(value, audience(name).unwrap_or(self.visibility))))
            .collect::<Map<_, _>>();
        Value::Object(marked)
    }
}

fn mark(value: &Value, audience: Visibility) -> Value {
    match (value, audience) {
        (_, Visibility::Partner) => value.clone(),
        (Value::String(text), _) if text.is_empty() => value.clone(),
        (Value::String(text), Visibility::Host | Visibility::Restricted) => {
            json!({"audience": audience.as_str(), "text": text})
        }
        (Value::Array(items), _) => Value::Array(items.iter().map(|item| mark(item, audience)).collect()),
        (Value::Object(members), _) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), mark(value, audience))).collect())
        }
        (Value::Null | Value::Bool(_) | Value::Number(_), _) => value.clone(),
    }
}

impl Codec {
    /// As [`Codec::decode`], whatever record of the topic it is. What its writer did not know is missing.
    pub fn describe(&self, topic: &str, bytes: &[u8]) -> Result<Described, DecodeError> {
        let (id, datum) = wire::split(bytes)?;
        let writer = self.writer(id).ok_or(DecodeError::UnknownSchema(id))?;
        let unexpected = || DecodeError::UnexpectedRecord { id, name: writer.name.clone(), topic: topic.to_owned() };
        let embedded = writer.embedded().ok_or_else(unexpected)?;
        if !contract::base(topic).is_some_and(|found| found.holds(embedded.name)) {
            return Err(unexpected());
        }
        let read: Result<Value, String> = Reader { schema: &writer.schema, datum }.read();
        let mut whole = read.map_err(|reason| DecodeError::Malformed { id, record: embedded.name, reason })?;
        let (meta, payload) = (whole["meta"].take(), whole["payload"].take());
        let visibility = Visibility::from_word(meta["visibility"].as_str().unwrap_or_default());
        let audience = audiences(&writer, embedded, visibility, &payload);
        Ok(Described { name: embedded.name, visibility, meta, payload, audience })
    }
}

/// What the case system said, and what became of commands, is the host's unless a field says otherwise; everything else
/// has its record's visibility.
fn audiences(
    writer: &Writer,
    embedded: &crate::embedded::Embedded,
    record: Visibility,
    payload: &Value,
) -> Vec<(String, Visibility)> {
    let inside =
        ["causeway.internal.events.", "causeway.outcomes."].iter().any(|space| embedded.name.starts_with(space));
    let of = |field: &str| {
        let stated = inside || embedded.audience.contains_key(field) || writer.audience.contains_key(field);
        if stated { record.and(writer.audience_of(field, embedded)) } else { record }
    };
    payload.as_object().into_iter().flatten().map(|(name, _)| (name.clone(), of(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Envelope, InternalEvent};

    fn event(kind: &str, payload: InternalEvent) -> Envelope<InternalEvent> {
        let meta = json!({
            "id": "fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a", "subject": "case/tg/C-1", "system": "rt", "type": kind,
            "partner_id": "ACME", "occurred_at": 0, "recorded_at": 1, "visibility": "PARTNER",
        });
        Envelope { meta: serde_json::from_value(meta).unwrap(), payload }
    }

    #[test]
    fn a_text_of_the_host_is_marked_and_one_for_the_partner_is_not() {
        let codec = Codec::offline();
        let text = || domain::Marked::new("hello".to_owned(), Visibility::Partner);
        let comment = domain::issue::PublicCommentAdded {
            note_id: "7".to_owned(),
            author: "ann".to_owned(),
            text: text(),
            format: String::new(),
            files: Vec::new(),
        };
        let comment = event(
            "internal.issue.public-comment-added",
            InternalEvent::Issue(domain::issue::InternalEvent::PublicCommentAdded(comment)),
        );
        let note = domain::issue::InternalNoteAdded {
            note_id: "8".to_owned(),
            author: "ann".to_owned(),
            text: domain::Marked::new("hush".to_owned(), Visibility::Host),
        };
        let note = event(
            "internal.issue.internal-note-added",
            InternalEvent::Issue(domain::issue::InternalEvent::InternalNoteAdded(note)),
        );
        let described = |record: &Envelope<InternalEvent>| {
            let mut bytes = Vec::new();
            codec.encode("internal.events", record, &mut bytes).unwrap();
            codec.describe("internal.events.dead-letters", &bytes).unwrap()
        };
        let comment = described(&comment);
        assert_eq!(comment.marked()["text"], "hello");
        assert_eq!(comment.marked()["author"], json!({"audience": "HOST", "text": "ann"}));
        assert_eq!(
            (comment.meta["partner_id"].as_str(), comment.name.rsplit('.').next()),
            (Some("ACME"), Some("PublicCommentAdded"))
        );
        assert_eq!(described(&note).marked()["text"], json!({"audience": "HOST", "text": "hush"}));
    }

    #[test]
    fn bytes_that_no_schema_explains_are_not_described() {
        let codec = Codec::offline();
        assert!(codec.describe("internal.events", b"rubbish").is_err());
        assert!(codec.describe("internal.events", &[0, 0, 0, 0, 9]).unwrap_err().missing_schema().is_some());
    }
}
