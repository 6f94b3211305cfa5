use domain::outcome::FieldHash;
use domain::{ContentHash, Envelope, NativeId, Timestamp};
use std::future::Future;
use std::time::Duration;

/// Makes one system obey commands.
///
/// One subject has at most one call under way (the caller sees to that). Calls for different subjects run at once, up to
/// [`Target::max_calls`].
pub trait Target: Send + Sync + 'static {
    type Command: Send + Sync + 'static;

    /// What the channel behind this target can do with a kind of command (the envelope's `type`). Static.
    fn capability(&self, kind: &str) -> Capability;

    /// Calls and looks that the system takes at once from this process, at least 1. Static.
    ///
    /// The caller keeps to it before a call's time begins to run: a call that waited here for a connection would spend
    /// its time on waiting.
    fn max_calls(&self) -> usize;

    /// Tries the command once, with at most one request that changes anything, and verifies the effect by reading
    /// wherever the system answers success to a refusal.
    ///
    /// `only_if` of the command is judged here, against the system's state just before the write.
    fn apply(
        &self,
        command: &Envelope<Self::Command>,
        context: &CallContext,
    ) -> impl Future<Output = Result<Applied, CallError>> + Send;

    /// Has the command taken effect? Reads only; safe to repeat.
    fn look(
        &self,
        command: &Envelope<Self::Command>,
        context: &CallContext,
    ) -> impl Future<Output = Result<Look, CallError>> + Send;

    /// Does the subject of this command, which made `context.native_id`, have other records too? Closes them so that the
    /// change feed says nothing of the subject. Safe to repeat. Only for targets that cannot refuse a stale call; the
    /// default finds nothing.
    fn look_twice(
        &self,
        command: &Envelope<Self::Command>,
        context: &CallContext,
    ) -> impl Future<Output = Result<Doubles, CallError>> + Send {
        let _ = (command, context);
        std::future::ready(Ok(Doubles::default()))
    }
}

/// Records of one subject beside the one that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubles {
    /// Nobody had touched them: closed, with a note that says why.
    pub closed: usize,
    /// Somebody had: told by a note there, left for a person.
    pub left: usize,
}

/// What a channel can do with one kind of command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// The system itself refuses a repeat of the same command id for as long as `window`.
    Idempotent { window: Duration },
    /// The effect can be found again by the marker, at once or `settle` after the call ended.
    Findable { settle: Duration },
    /// Sent and forgotten: an unknown outcome waits for a person.
    Blind,
    /// The channel cannot carry it: refused at once, visibly.
    Unsupported,
}

/// What a call needs beside the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallContext {
    /// The target's record for the subject; `None` only for what creates it.
    pub native_id: Option<NativeId>,
    /// Left in the record, in the same write as the effect: the command's id in text form, for a revision with a suffix.
    /// Up to 64 visible characters of ASCII.
    pub marker: String,
    pub attempt: u32,
    /// The call must have ended by then, one way or the other.
    pub not_after: Timestamp,
    /// How long that is from now.
    pub timeout: Duration,
    /// The command has been carried out before, with another content.
    pub revision: Option<Revision>,
}

/// What of an earlier effect of the same command may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The fields that may be set, each with the hash of the value it was given then. A field that holds another value
    /// now was changed by somebody since and is left as it is. Empty for what has no fields.
    pub fields: Vec<FieldHash>,
    /// Also where the record is closed; otherwise that is [`CallError::LeftAlone`].
    pub closed_too: bool,
}

impl Revision {
    /// May this field be set, whose value now has this hash?
    pub fn allows(&self, field: &str, now: &ContentHash) -> bool {
        self.fields.iter().any(|before| before.field == field && before.hash == *now)
    }
}

/// The effect is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub native_id: String,
    /// What a person would quote, and may be shown to the partner where the bundle says so.
    pub reference: String,
    /// The system's own ids of the changes this command made; what the change feed will show them as.
    pub effects: Vec<String>,
    /// The record's version after the change; empty where there is none.
    pub version: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Applied(Applied),
    /// Certainly not there.
    Absent,
    /// Cannot be told. A person must decide.
    Undecidable {
        reason: String,
    },
}

/// Why a call did not end in [`Applied`]. Reasons are for operators; they hold no secret and no payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Certainly nothing happened; trying again may help.
    #[error("not applied: {reason}")]
    NotApplied { reason: String, retry_after: Option<Duration> },
    /// It may or may not have happened.
    #[error("outcome unknown: {reason}")]
    Unknown { reason: String },
    /// The system will never take this command.
    #[error("refused: {reason}")]
    Refused { reason: String, detail: String },
    /// `only_if` did not hold.
    #[error("condition not met: {actual}")]
    ConditionNotMet { actual: String },
    /// Nothing is to be changed, for a reason that has a name: `closed` and `changed-since` only where
    /// [`CallContext::revision`] is given, `merged` where agents have put the record into another one.
    #[error("left alone: {rule}")]
    LeftAlone { rule: &'static str },
    /// Credentials or configuration are wrong: nothing will work until a person acts; no data is to blame.
    #[error("misconfigured: {reason}")]
    Misconfigured { reason: String },
}
