//! One letter, whole, for a person.

use crate::moment;
use crate::tools::failed;
use codec::Codec;
use domain::{Cause, Envelope, MessageId, Outcome};
use runtime::dead_letter::topic_of;
use runtime::redrive::{Letters, RESOLVES, again, describe};
use runtime::tail::Record;
use runtime::{KafkaConfig, StartError, record};
use serde_json::Value;
use std::process::ExitCode;

/// Bytes that no schema explains are shown up to here.
const MAX_RAW: usize = 4_096;
/// Names of headers and members whose value is not shown, wherever in the name the word stands.
const SECRET: [&str; 6] = ["token", "secret", "password", "authorization", "cookie", "api_key"];

pub fn show(config: &KafkaConfig, codec: &Codec, place: &str) -> ExitCode {
    let Some(place) = record::parse_cause(place).filter(|place| source_of(place).is_some() && place.offset >= 0) else {
        eprintln!("causeway: `{place}` is no place of a dead letter, such as partner.events.dead-letters/3/17");
        return ExitCode::from(runtime::service::BAD_CONFIGURATION);
    };
    match shown(config, codec, &place) {
        Ok(Some(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("causeway: no dead letter lies there");
            ExitCode::FAILURE
        }
        Err(error) => failed(&error),
    }
}

/// The topic whose dead letters lie there.
fn source_of(place: &Cause) -> Option<&'static str> {
    let topics = &codec::contract::topics().topics;
    topics.iter().find(|topic| topic_of(&topic.name) == place.topic).map(|topic| topic.name.as_str())
}

fn shown(config: &KafkaConfig, codec: &Codec, place: &Cause) -> Result<Option<String>, StartError> {
    let letters = Letters::open(config, Some(codec))?;
    let Some(letter) = letters.at(place)?.filter(|letter| letter.header(RESOLVES).is_none()) else { return Ok(None) };
    let mut lines = vec![format!("place    {}", record::cause_text(place))];
    lines.push(match letters.sent_back(place)? {
        Some(at) => format!("state    sent back at {}", moment::text(at)),
        None => "state    open".to_owned(),
    });
    let written = letter.written_ms.map(|at| moment::text(domain::Timestamp(at))).unwrap_or_default();
    lines.push(format!("written  {written}"));
    lines.push(format!("key      {}", printable(&letter.key, 256)));
    lines.push("headers".to_owned());
    lines.extend(letter.headers.iter().map(|(name, value)| header(name, value)));
    lines.extend(payload(codec, &letter)?);
    let source = source_of(place).unwrap_or_default();
    if again::outcomes_of(source).is_some() {
        let id = letter.header("ce_id").and_then(MessageId::parse);
        let outcomes = id.map(|id| letters.outcomes(source, place.partition, &id)).transpose()?.unwrap_or_default();
        lines.push("outcomes of the command".to_owned());
        lines.extend(outcomes.iter().map(outcome));
        if outcomes.is_empty() {
            lines.push("  none".to_owned());
        }
    }
    lines.push(String::new());
    Ok(Some(lines.join("\n")))
}

fn header(name: &str, value: &[u8]) -> String {
    let shown = if is_secret(name) { "<not shown>".to_owned() } else { printable(value, 1_024) };
    format!("  {}: {shown}", printable(name.as_bytes(), 128))
}

fn payload(codec: &Codec, letter: &Record) -> Result<Vec<String>, StartError> {
    Ok(match describe(codec, &letter.topic, &letter.payload)? {
        Ok(described) => {
            let head = format!("record   {} (visibility {})", described.name, described.visibility.as_str());
            let meta = without_secrets(described.meta.clone());
            let payload = without_secrets(described.marked());
            let json = serde_json::json!({"meta": meta, "payload": payload});
            vec![head, serde_json::to_string_pretty(&json).unwrap_or_default()]
        }
        Err(error) => {
            let bytes = letter.payload.len();
            let mut lines = vec![format!("record   {bytes} bytes that cannot be read: {error}")];
            lines.push(match serde_json::from_slice::<Value>(&letter.payload) {
                // A change as its feed gave it.
                Ok(json) => serde_json::to_string_pretty(&without_secrets(json)).unwrap_or_default(),
                Err(_) => printable(&letter.payload, MAX_RAW),
            });
            lines
        }
    })
}

fn outcome(outcome: &Envelope<Outcome>) -> String {
    let payload = &outcome.payload;
    let said = match payload {
        Outcome::Intent(o) => format!("attempt {} until {}", o.attempt, moment::text(o.not_after)),
        Outcome::Done(o) => format!("native id {}", o.native_id),
        Outcome::NotApplied(o) => format!("attempt {}: {}", o.attempt, o.reason),
        Outcome::Doubt(o) => format!("attempt {}: {}", o.attempt, o.reason),
        Outcome::Refused(o) if o.detail.is_empty() => o.reason.clone(),
        Outcome::Refused(o) => format!("{} ({})", o.reason, o.detail),
        Outcome::Skipped(o) => o.rule.clone(),
        Outcome::Superseded(o) => format!("by {}", record::cause_text(&o.by)),
        Outcome::Waiting(o) => format!("{} attempts: {}", o.attempts, o.reason),
        Outcome::Parked(o) => format!("{} attempts: {}", o.attempts, o.reason),
        Outcome::Barrier(_) => String::new(),
    };
    let said = printable(said.as_bytes(), 1_024);
    format!(
        "  {}  {:<11}  {said}  by {}",
        moment::text(outcome.meta.occurred_at),
        payload.word(),
        outcome.meta.actor.id
    )
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET.iter().any(|word| name.contains(word))
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let hidden = |(name, value): (String, Value)| {
                let value = if is_secret(&name) { "<not shown>".into() } else { without_secrets(value) };
                (name, value)
            };
            Value::Object(members.into_iter().map(hidden).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_secrets).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// For a terminal: no control characters, bounded.
fn printable(bytes: &[u8], max: usize) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(max)]);
    let mut shown: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if bytes.len() > max {
        shown.push_str(&format!(" … {} bytes more", bytes.len() - max));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_like_a_secret_is_never_shown() {
        let shown = without_secrets(json!({"a": [{"Api-Key": "k", "x": 1}], "access_token": {"v": "t"}, "b": "c"}));
        assert_eq!(shown, json!({"a": [{"Api-Key": "<not shown>", "x": 1}], "access_token": "<not shown>", "b": "c"}));
        assert_eq!(header("Authorization", b"Bearer x"), "  Authorization: <not shown>");
    }

    #[test]
    fn hostile_bytes_cannot_drive_a_terminal_or_fill_it() {
        assert_eq!(printable(b"a\x1b[2Jb\n", 100), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(printable(b"abcdef", 4), "abcd … 2 bytes more");
    }

    #[test]
    fn only_topics_of_dead_letters_have_letters() {
        let at = |topic: &str| Cause { topic: topic.to_owned(), partition: 0, offset: 0 };
        assert_eq!(source_of(&at("partner.events.dead-letters")), Some("partner.events"));
        assert_eq!(source_of(&at("partner.events")), None);
    }
}
