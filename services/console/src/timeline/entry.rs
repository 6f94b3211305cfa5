//! What the page shows of one record.

use domain::{Cause, Side};
use serde::Serialize;

/// Characters of a quoted text; the rest is a click away in its own system.
pub const MAX_TEXT: usize = 400;
/// Characters of a sentence, a title, a reason.
pub const MAX_LINE: usize = 240;

/// What a record means for its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A side said something.
    Arrived,
    /// The rules made a command of it.
    Mapped,
    /// Could not go on: the rules know no answer.
    Held,
    /// Could not go on for another reason; kept whole.
    DeadLettered,
    /// An operator sent a held record back.
    SentBack,
    /// About to be called.
    Intended,
    NotApplied,
    InDoubt,
    Waiting,
    Parked,
    Applied,
    Refused,
    Skipped,
    Superseded,
}

impl Kind {
    /// No other outcome of the same command follows, save under a later version of the bundle.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Applied | Self::Refused | Self::Skipped | Self::Superseded => true,
            Self::Arrived
            | Self::Mapped
            | Self::Held
            | Self::DeadLettered
            | Self::SentBack
            | Self::Intended
            | Self::NotApplied
            | Self::InDoubt
            | Self::Waiting
            | Self::Parked => false,
        }
    }
    /// The command has not been carried out and somebody is, or must be, at it.
    pub const fn is_stuck(self) -> bool {
        matches!(self, Self::NotApplied | Self::InDoubt | Self::Waiting | Self::Parked)
    }
}

/// A place in the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

impl From<&Cause> for Place {
    fn from(cause: &Cause) -> Self {
        Self { topic: cause.topic.clone(), partition: cause.partition, offset: cause.offset }
    }
}

/// One record of a case's history, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub place: Place,
    /// When the record was written, in milliseconds since 1970.
    pub at: i64,
    /// Of the event, command or outcome; empty where the bytes could not be read.
    pub id: String,
    pub kind: Kind,
    /// `partner` or `internal`: who said it, or whose system is called.
    pub side: &'static str,
    /// The record's type, such as `partner.issue.opened`.
    #[serde(rename = "type")]
    pub record_type: String,
    pub sentence: String,
    /// What somebody wrote, cut; empty where there is nothing to quote.
    pub text: String,
    /// The text stays inside the house.
    pub inside: bool,
    /// The record that led to this one: of an outcome its command, of a command its fact.
    pub cause: Option<Place>,
    /// Of a command its own id, of an outcome its command's.
    pub command: String,
    /// Of the bundle that made the command; 0 where none had a part in it.
    pub bundle_version: i64,
    /// 0 where it says nothing.
    pub attempt: i32,
    /// A record's number on the other side.
    pub reference: String,
    /// Why not; never a payload.
    pub reason: String,
    /// Of a dead letter: `HOLD`, `MALFORMED` or `REFUSED`.
    pub class: String,
    /// Of a held record: it has been sent back since.
    pub sent_back: bool,
}

impl Entry {
    /// Log time first; of one instant the cause before its effect.
    pub fn order(&self) -> (i64, u8, i64) {
        let rank = match self.kind {
            Kind::Arrived => 0,
            Kind::Held | Kind::DeadLettered => 1,
            Kind::SentBack => 2,
            Kind::Mapped => 3,
            Kind::Intended => 4,
            Kind::NotApplied | Kind::InDoubt => 5,
            Kind::Waiting | Kind::Parked => 6,
            Kind::Applied | Kind::Refused | Kind::Skipped | Kind::Superseded => 7,
        };
        (self.at, rank, self.place.offset)
    }
}

/// `partner` or `internal`; a timer belongs to the house.
pub const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Partner => "partner",
        Side::Internal | Side::System => "internal",
    }
}

/// Printable, at most `max` characters.
pub fn bounded(text: &str, max: usize) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control() || *c == '\n').take(max).collect();
    if text.chars().count() > max {
        out.push('…');
    }
    out
}
