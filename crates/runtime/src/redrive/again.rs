//! A refused command asked for once more: the sink answers a repeat from its memory, unless it names an attempt above
//! those that were made.

use super::with_schema;
use crate::entry::StartError;
use crate::history::{History, Part};
use codec::{Codec, DecodeError, EncodeError, Record};
pub use delivery::sink::{REDRIVE, REVISE};
use domain::{Command, Envelope, InternalCommand, MessageId, Outcome, PartnerCommand};
use rdkafka::message::Message;
use std::collections::{BTreeSet, HashMap};

/// In a command's `ext`: who asked for it again.
pub const REDRIVEN_BY: &str = "redriven_by";

/// Why a command cannot be asked for again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    #[error("cannot be decoded")]
    Decode(#[from] DecodeError),
    #[error("cannot be encoded")]
    Encode(#[from] EncodeError),
    #[error("`{0}` holds no commands")]
    NoCommands(String),
}

/// What must be known of a command to settle it by hand.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: MessageId,
    pub creates: bool,
    pub fields: Vec<domain::outcome::FieldHash>,
}

/// Outcomes of a topic of commands.
pub fn outcomes_of(commands: &str) -> Option<&'static str> {
    match commands {
        "internal.commands" => Some("internal.outcomes"),
        "partner.commands" => Some("partner.outcomes"),
        _ => None,
    }
}

/// The command's record with `attempt` (and by whom) in its `ext`; its content, id and cause as they were.
pub fn ask_again(
    codec: &Codec,
    topic: &str,
    bytes: &[u8],
    attempt: i32,
    by: &str,
) -> Result<Result<Vec<u8>, AgainError>, StartError> {
    with_ext(codec, topic, bytes, &[(REDRIVE, attempt.to_string()), (REDRIVEN_BY, by.to_owned())])
}

/// The command's record with more in its `ext`. An empty value is left out.
pub fn with_ext(
    codec: &Codec,
    topic: &str,
    bytes: &[u8],
    more: &[(&str, String)],
) -> Result<Result<Vec<u8>, AgainError>, StartError> {
    match topic {
        "internal.commands" => extended::<InternalCommand>(codec, topic, bytes, more),
        "partner.commands" => extended::<PartnerCommand>(codec, topic, bytes, more),
        other => Ok(Err(AgainError::NoCommands(other.to_owned()))),
    }
}

fn extended<C>(
    codec: &Codec,
    topic: &str,
    bytes: &[u8],
    more: &[(&str, String)],
) -> Result<Result<Vec<u8>, AgainError>, StartError>
where
    Envelope<C>: Record,
{
    let decoded = with_schema(codec, || codec.decode::<Envelope<C>>(topic, bytes))?;
    Ok(decoded.map_err(AgainError::from).and_then(|mut command| {
        let more = more.iter().filter(|(_, value)| !value.is_empty());
        command.meta.ext.extend(more.map(|(key, value)| ((*key).to_owned(), value.clone())));
        let mut out = Vec::with_capacity(bytes.len() + 64);
        codec.encode(topic, &command, &mut out)?;
        Ok(out)
    }))
}

/// What the sink would note of this command when it is done.
pub fn known(codec: &Codec, topic: &str, bytes: &[u8]) -> Result<Result<Known, AgainError>, StartError> {
    fn of<C: Command>(command: &Envelope<C>) -> Known {
        let fields = command.payload.fields().into_iter();
        let fields = fields.map(|(field, hash)| domain::outcome::FieldHash { field, hash }).collect();
        Known { id: command.meta.id, creates: command.payload.creates_bond(), fields }
    }
    Ok(match topic {
        "internal.commands" => with_schema(codec, || codec.decode::<Envelope<InternalCommand>>(topic, bytes))?
            .map(|command| of(&command))
            .map_err(AgainError::from),
        "partner.commands" => with_schema(codec, || codec.decode::<Envelope<PartnerCommand>>(topic, bytes))?
            .map(|command| of(&command))
            .map_err(AgainError::from),
        other => Err(AgainError::NoCommands(other.to_owned())),
    })
}

/// Attempts made of these commands, from the outcomes of their partitions. Reads those partitions whole.
pub(super) fn attempts(
    history: &History,
    codec: &Codec,
    outcomes: &str,
    partitions: &BTreeSet<i32>,
    wanted: &BTreeSet<MessageId>,
) -> Result<HashMap<MessageId, i32>, StartError> {
    let parts: Vec<Part> =
        partitions.iter().map(|partition| Part { partition: *partition, from: 0, until: None }).collect();
    let mut made: HashMap<MessageId, i32> = HashMap::new();
    history.read(outcomes, &parts, |message| {
        let bytes = message.payload().unwrap_or_default();
        let Ok(outcome) = with_schema(codec, || codec.decode::<Envelope<Outcome>>(outcomes, bytes))? else {
            return Ok(());
        };
        if let Some(command) = outcome.payload.command().filter(|command| wanted.contains(&command.id)) {
            let known = made.entry(command.id).or_default();
            *known = (*known).max(attempt_of(&outcome.payload));
        }
        Ok(())
    })?;
    Ok(made)
}

/// The attempts an outcome speaks of; 0 where it speaks of none.
pub const fn attempt_of(outcome: &Outcome) -> i32 {
    match outcome {
        Outcome::Intent(o) => o.attempt,
        Outcome::NotApplied(o) => o.attempt,
        Outcome::Doubt(o) => o.attempt,
        Outcome::Waiting(o) => o.attempts,
        Outcome::Parked(o) => o.attempts,
        Outcome::Done(_) | Outcome::Refused(_) | Outcome::Skipped(_) | Outcome::Superseded(_) | Outcome::Barrier(_) => {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn a_command_asked_for_again_differs_in_its_ext_alone() {
        let codec = Codec::offline();
        let meta = json!({
            "id": "fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a", "subject": "case/tg/C-1", "system": "rt",
            "type": "internal.issue.add-internal-note", "occurred_at": 0, "recorded_at": 1,
            "cause": {"topic": "partner.events", "partition": 3, "offset": 7},
        });
        let note = domain::issue::AddInternalNote { text: "hello".to_owned() };
        let command = Envelope {
            meta: serde_json::from_value(meta).unwrap(),
            payload: InternalCommand::Issue(domain::issue::InternalCommand::AddInternalNote(note)),
        };
        let mut bytes = Vec::new();
        codec.encode("internal.commands", &command, &mut bytes).unwrap();
        let again = tokio::task::spawn_blocking(move || {
            let again = ask_again(&codec, "internal.commands", &bytes, 4, "ann").unwrap().unwrap();
            codec.decode::<Envelope<InternalCommand>>("internal.commands", &again).unwrap()
        });
        let mut again = again.await.unwrap();
        assert_eq!(again.meta.ext[REDRIVE], "4");
        assert_eq!(again.meta.ext[REDRIVEN_BY], "ann");
        again.meta.ext.clear();
        assert_eq!(again, command);
    }
}
