//! A command that was carried out before, with another content: what a later mapping may still change of it.
//!
//! A field is revised where no later cause has set it, and only while the target still holds what we put there; the
//! target judges the latter. A text is not a field: it stays as it was said, unless a person asks.

use super::lane::Known;
use super::partition::Partition;
use super::{Memory, Remembered, State};
use domain::outcome::FieldHash;
use domain::{Command, ContentHash, MessageId, Subject, Timestamp};
use ports::{CallContext, Revision};
use std::time::Duration;

/// Characters of the content's hash in the marker of a revision: enough among the contents of one command.
const DIGITS: usize = 16;

pub(super) fn is_one(remembered: Option<&Remembered>, known: &Known) -> bool {
    remembered.is_some_and(|r| r.revises || (r.state == State::Done && r.hash != known.hash))
}

/// What is left in the record. A revision has a marker of its own, or a look would find what was there before it, and a
/// target that refuses repeats would refuse it.
pub(super) fn marker(id: MessageId, hash: &ContentHash, revises: bool) -> String {
    if revises {
        let hash: String = hash.to_string().chars().take(DIGITS).collect();
        format!("{id}.{hash}")
    } else {
        id.to_string()
    }
}

/// The command that a marker names.
pub(crate) fn command_of(marker: &str) -> Option<MessageId> {
    MessageId::parse(marker.split_once('.').map_or(marker, |(id, _)| id))
}

/// Of the fields those that were given another value under the same cause, each with the hash of that value.
pub(super) fn fields(memory: &dyn Memory, known: &Known, subject: &Subject, fields: &[FieldHash]) -> Vec<FieldHash> {
    let Some(cause) = &known.meta.cause else { return Vec::new() };
    let given = |field: &FieldHash| {
        let set_by = memory.watermark(subject, &field.field, &cause.topic)?;
        let ours = set_by.cause == *cause && set_by.hash != field.hash;
        ours.then(|| FieldHash { field: field.field.clone(), hash: set_by.hash })
    };
    fields.iter().filter_map(given).collect()
}

impl<C: Command + Clone> Partition<C> {
    #[expect(clippy::too_many_arguments, reason = "what a call needs comes from as many places")]
    pub(super) fn context(
        &self,
        memory: &dyn Memory,
        subject: &Subject,
        known: &Known,
        command: &C,
        attempt: i32,
        not_after: Timestamp,
        left: i64,
    ) -> CallContext {
        let revises = is_one(memory.command(subject, &known.meta.id).as_ref(), known);
        let revision = revises.then(|| Revision {
            fields: fields(memory, known, subject, &super::record::field_hashes(command)),
            closed_too: known.revise,
        });
        CallContext {
            native_id: self.native_id(memory, subject).filter(|_| !known.creates || revises),
            marker: marker(known.meta.id, &known.hash, revises),
            attempt: attempt.unsigned_abs(),
            not_after,
            timeout: Duration::from_millis(left.unsigned_abs()),
            revision,
        }
    }
}
