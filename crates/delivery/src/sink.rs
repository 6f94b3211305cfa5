//! The life of a command at a sink, for one partition of one command topic.
//!
//! `Intent` → call → `Done` | `NotApplied` | `Doubt` | `Refused`; without a call `Skipped`, `Superseded`; after a
//! while of trying `Waiting`, in the end `Parked`. The log of outcomes is the memory: state changes when an outcome is
//! *read back*, never when it is written, so a restart and a live run go through the same code.

mod answer;
mod backoff;
mod breaker;
mod decide;
mod fold;
mod lane;
mod partition;
mod read_back;
mod record;
mod revision;
mod second;
mod settle;

pub use breaker::{Breaker, Change, Permit};
pub use fold::fold;
pub(crate) use fold::is_stale;
pub use partition::{Partition, Standing};
pub(crate) use revision::command_of;
pub use second::SecondLook;

use domain::{Cause, ContentHash, Outcome};
use domain::{Envelope, MessageId, NativeId, PartnerId, Subject, SystemId, Timestamp};
use ports::{Applied, CallContext, CallError, Look};

/// Name in a command's `ext` by which a person's redrive says which attempt it asks for. It passes a `Refused` and an
/// undecidable look where the number is above the attempts made; a repeat without it never does.
pub const REDRIVE: &str = "redrive";

/// Name in a command's `ext` by which a person asks that a text which was delivered is delivered again as it would be now,
/// or that a record which is closed is corrected. Any value. Without it both are left as they are, and listed.
pub const REVISE: &str = "revise";

/// Durations are milliseconds.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Prefix of the outcome's `type`: `internal` or `partner`.
    pub side: &'static str,
    /// The target's system. Where a subject began there, its native id is the target's own and needs no bond.
    pub system: SystemId,
    /// Unique to this owner of this partition at this time.
    pub owner: String,
    /// How long one call may take; an intent's `not_after` is this far away.
    pub call_timeout: i64,
    /// Beyond a foreign intent's `not_after`: how long until a look tells the truth.
    pub settle: i64,
    pub backoff_base: i64,
    pub backoff_cap: i64,
    /// A failing command becomes `Waiting` after this (60 s) and `Parked` after `park_after` (72 h).
    pub wait_after: i64,
    pub park_after: i64,
    /// When to look for a second record, in milliseconds after the first of a subject was made in more than one attempt: an
    /// earlier request may have been on its way longer than anybody waited.
    pub second_looks: &'static [i64],
    /// Subjects with a call or an intent under way at once, however many places the host would give.
    pub max_in_flight: usize,
    /// Commands held in memory; beyond it they are kept as pointers and read again.
    pub max_held: usize,
}

/// What the host tells the rules.
#[derive(Clone, Debug)]
pub enum Input<C> {
    /// The partition is ours; the host reads outcomes from [`Memory::next_outcome`] on.
    Assigned,
    /// One record of the partition's outcomes, in offset order, ours or anybody's.
    Outcome {
        offset: i64,
        outcome: Box<Envelope<Outcome>>,
    },
    /// One record of the partition's commands, in offset order from the committed offset on. May arrive before the
    /// restore has ended: it is kept.
    Command {
        offset: i64,
        command: Box<Envelope<C>>,
    },
    /// A command record that could not be decoded and is already a dead letter.
    Unreadable {
        offset: i64,
    },
    Called {
        command: MessageId,
        attempt: u32,
        result: Result<Applied, CallError>,
    },
    Looked {
        command: MessageId,
        attempt: u32,
        result: Result<Look, CallError>,
    },
    /// Answer to one [`Action::AskPlace`].
    Place,
    /// Answer to [`Action::Fetch`]; `None` where the log no longer has it.
    Fetched {
        offset: i64,
        command: Option<Box<Envelope<C>>>,
    },
    /// Answer to [`Action::LookTwice`]; false where the target could not say and is to be asked again.
    LookedTwice {
        command: MessageId,
        certain: bool,
    },
    /// Time has passed; sent at least at every [`Action::WakeAt`].
    Tick,
}

/// What the rules ask of the host. In order; the host may run calls and looks of different commands at once.
#[derive(Clone, Debug)]
pub enum Action<C> {
    /// Append to the partition's own outcomes. It counts when it is read back.
    Append(Box<Envelope<Outcome>>),
    Call {
        command: Box<Envelope<C>>,
        context: CallContext,
    },
    Look {
        command: Box<Envelope<C>>,
        context: CallContext,
    },
    /// A place among the calls that the target takes at once from the whole process. It is asked for before the intent,
    /// so that no call waits for its turn while its own time runs; the host gives places in the order of asking.
    AskPlace,
    /// One place given is not needed any more.
    FreePlace,
    /// A permanent refusal, whole, to the command topic's dead letters; acknowledged before any action after it.
    DeadLetter {
        offset: i64,
        command: Box<Envelope<C>>,
        class: &'static str,
        reason: String,
    },
    /// Look whether the subject has another record at the target than this one, and close it there. The command that
    /// made it lies at `offset`.
    LookTwice {
        command: MessageId,
        offset: i64,
        native_id: NativeId,
    },
    /// Read the command at this offset again.
    Fetch {
        offset: i64,
    },
    WakeAt(Timestamp),
    /// Every command below this offset is settled on the log: it may be committed.
    Settled {
        next_offset: i64,
    },
    /// Counted by rule: `duplicate`, `lower-mapping-version`, ...
    Counted {
        rule: &'static str,
    },
    /// Another owner has taken over: stop, call nothing, commit nothing. Where the group still gives the partition to
    /// this host (the other's barrier was long under way), it starts again with a new [`Partition`] and a new owner.
    Deposed,
}

/// The pairing of a subject with its record at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bond {
    pub native_id: NativeId,
    pub reference: String,
    pub partner_id: Option<PartnerId>,
}

/// What is remembered of one command.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remembered {
    pub state: State,
    pub hash: ContentHash,
    pub mapping_version: i64,
    /// Offset of the command, to read it again.
    pub offset: i64,
    /// Calls intended so far.
    pub attempt: i32,
    /// Since when it has been in trouble, across attempts and restarts; `None` while it is not.
    pub first_failed_at: Option<Timestamp>,
    /// A call was intended and nothing definite is known of it: look before any write, not before this moment.
    pub in_doubt_until: Option<Timestamp>,
    /// The command was carried out before with another content, which is still at the target.
    pub revises: bool,
}

/// Who set a field last, among the causes of one topic, and the hash of the value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetBy {
    pub cause: Cause,
    pub hash: ContentHash,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum State {
    /// Called, or about to be, by `owner`.
    Intent {
        owner: String,
    },
    NotApplied,
    Doubt,
    Waiting {
        next_at: Timestamp,
    },
    Parked,
    Done,
    Refused,
    Skipped,
    Superseded,
}

impl State {
    /// Answers every later delivery of the same command with the same hash.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Done | Self::Refused | Self::Skipped | Self::Superseded => true,
            Self::Intent { .. } | Self::NotApplied | Self::Doubt | Self::Waiting { .. } | Self::Parked => false,
        }
    }
}

/// The fold of one partition's outcomes: a cache, rebuilt from the log when it is gone. Reads and writes are
/// synchronous and see each other; [`Memory::set_next_outcome`] closes one record's writes.
pub trait Memory {
    /// First outcome offset not folded yet.
    fn next_outcome(&self) -> i64;
    fn set_next_outcome(&mut self, offset: i64);
    fn barrier(&self) -> Option<String>;
    fn set_barrier(&mut self, owner: &str);
    fn bond(&self, subject: &Subject) -> Option<Bond>;
    fn set_bond(&mut self, subject: &Subject, bond: &Bond);
    /// An id belongs to one subject for ever: it derives from it.
    fn command(&self, subject: &Subject, id: &MessageId) -> Option<Remembered>;
    fn set_command(&mut self, id: &MessageId, subject: &Subject, remembered: &Remembered);
    /// Latest cause that has set the field, per topic of the cause.
    fn watermark(&self, subject: &Subject, field: &str, topic: &str) -> Option<SetBy>;
    fn set_watermark(&mut self, subject: &Subject, field: &str, set_by: &SetBy);
    fn second_looks(&self) -> Vec<(MessageId, SecondLook)>;
    /// `None` forgets it.
    fn set_second_look(&mut self, id: &MessageId, look: Option<&SecondLook>);
    /// Every command that is not final, in order of its offset: what a restart has to take up.
    fn open(&self) -> Vec<(MessageId, Subject, Remembered)>;
}
