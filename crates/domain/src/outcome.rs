//! What became of a command. A sink's whole memory is a fold of these; so is what ingest knows of its own system.

use crate::{Cause, ContentHash, Marked, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// The command that an outcome is about. The command's own cause, partner and mapping version are in the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRef {
    pub id: MessageId,
    #[serde(rename = "type")]
    pub kind: String,
    pub hash: ContentHash,
    /// Its offset in the partition of the command topic that bears the outcome's own partition number.
    pub offset: i64,
}

/// A field that a command sets, and the hash of the value: enough to know our own write when it comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldHash {
    pub field: String,
    pub hash: ContentHash,
}

/// Written, and read back, before the target is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub command: CommandRef,
    /// Who calls: unique to one owner of one partition at one time.
    pub owner: String,
    /// 1 for the first call; a redrive continues the count.
    pub attempt: i32,
    /// After this moment, in the owner's clock, the call is no longer under way.
    pub not_after: Timestamp,
    /// What the call leaves in the record so that it can be found again.
    pub marker: String,
    #[serde(default)]
    pub fields: Vec<FieldHash>,
    /// Native id of the record it will touch, where a bond is known.
    #[serde(default)]
    pub native_id: String,
}

/// The target holds the effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub command: CommandRef,
    pub native_id: String,
    /// What a person would quote, such as a ticket number. The partner may see it where the bundle says so.
    #[serde(default)]
    pub reference: Marked<String>,
    /// The target's own ids of the changes we made.
    #[serde(default)]
    pub effects: Vec<String>,
    #[serde(default)]
    pub fields: Vec<FieldHash>,
    #[serde(default)]
    pub version: String,
    /// The command was the one that made the record.
    #[serde(default)]
    pub created: bool,
}

/// Certainly not applied; it will be tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotApplied {
    pub command: CommandRef,
    pub attempt: i32,
    pub reason: String,
}

/// Nobody knows yet: the target must be looked at before anything else is done about the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub command: CommandRef,
    pub attempt: i32,
    pub reason: String,
}

/// The target will never take it. `detail` may hold the target's words and stays on the side of the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub command: CommandRef,
    pub reason: String,
    #[serde(default)]
    pub detail: String,
}

/// Not sent, by a named rule such as `only-if`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub command: CommandRef,
    pub rule: String,
}

/// Not sent: a later cause has already set every field it would set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    pub command: CommandRef,
    pub by: Cause,
}

/// Tried for a while and settled on the log; its bytes are read again at `command.offset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub command: CommandRef,
    pub first_failed_at: Timestamp,
    pub attempts: i32,
    pub next_at: Timestamp,
    pub reason: String,
}

/// Tried for as long as is promised; waits for a person. Never dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    pub command: CommandRef,
    pub first_failed_at: Timestamp,
    pub attempts: i32,
    pub reason: String,
}

/// A new owner of the partition: whoever owned it before must not call any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    pub owner: String,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Intent(Intent),
    Done(Done),
    NotApplied(NotApplied),
    Doubt(Doubt),
    Refused(Refused),
    Skipped(Skipped),
    Superseded(Superseded),
    Waiting(Waiting),
    Parked(Parked),
    Barrier(Barrier),
}

impl Outcome {
    /// The record's name in lower case; the `type` of the envelope is `<side>.outcome.<this>`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Intent(_) => "intent",
            Self::Done(_) => "done",
            Self::NotApplied(_) => "not-applied",
            Self::Doubt(_) => "doubt",
            Self::Refused(_) => "refused",
            Self::Skipped(_) => "skipped",
            Self::Superseded(_) => "superseded",
            Self::Waiting(_) => "waiting",
            Self::Parked(_) => "parked",
            Self::Barrier(_) => "barrier",
        }
    }

    /// The command it is about; a barrier is about none.
    pub const fn command(&self) -> Option<&CommandRef> {
        match self {
            Self::Intent(o) => Some(&o.command),
            Self::Done(o) => Some(&o.command),
            Self::NotApplied(o) => Some(&o.command),
            Self::Doubt(o) => Some(&o.command),
            Self::Refused(o) => Some(&o.command),
            Self::Skipped(o) => Some(&o.command),
            Self::Superseded(o) => Some(&o.command),
            Self::Waiting(o) => Some(&o.command),
            Self::Parked(o) => Some(&o.command),
            Self::Barrier(_) => None,
        }
    }

    /// Answers every later delivery of the same command with the same hash.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Done(_) | Self::Refused(_) | Self::Skipped(_) | Self::Superseded(_) => true,
            Self::Intent(_)
            | Self::NotApplied(_)
            | Self::Doubt(_)
            | Self::Waiting(_)
            | Self::Parked(_)
            | Self::Barrier(_) => false,
        }
    }
}
