//! What is due, and when: facts that nobody said and that follow from what was said and from the passing of time.
//!
//! A *timer* belongs to one subject. A [`Rule`] says when something is to be said about timers of one kind; the fact that
//! it is said is an [`Event`], once for each rule and instant.

use crate::{Actor, InvalidName};
use crate::{Environment, MessageId, Meta, PartnerId, Side, Subject, SystemId, Timestamp, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Kind {
    /// The partner was asked for something; counted from when the question reached the community.
    PartnerAsked,
    /// A resolution of an issue waits for the partner's word.
    ResolutionOffered,
    /// The outcome of a discrepancy waits for the partner's word, until a deadline where the bundle sets one.
    OutcomeOffered,
    /// Until when a line may be disputed, as the partner wrote it.
    DisputeDeadline,
    /// Until when a version of a document is valid, as its partner or its review says.
    DocumentValidTo,
    /// Until when the partner is to hand in a task of its onboarding.
    TaskDue,
}

/// A word that names no kind of timer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of timer")]
pub struct UnknownKind(pub String);

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::PartnerAsked,
        Self::ResolutionOffered,
        Self::OutcomeOffered,
        Self::DisputeDeadline,
        Self::DocumentValidTo,
        Self::TaskDue,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PartnerAsked => "partner-asked",
            Self::ResolutionOffered => "resolution-offered",
            Self::OutcomeOffered => "outcome-offered",
            Self::DisputeDeadline => "dispute-deadline",
            Self::DocumentValidTo => "document-valid-to",
            Self::TaskDue => "task-due",
        }
    }

    pub fn parse(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }

    /// The instant that its records name is a deadline; otherwise it is the one since when somebody waits.
    pub const fn names_deadline(self) -> bool {
        match self {
            Self::DisputeDeadline | Self::DocumentValidTo | Self::TaskDue => true,
            Self::PartnerAsked | Self::ResolutionOffered | Self::OutcomeOffered => false,
        }
    }
}

impl TryFrom<String> for Kind {
    type Error = UnknownKind;
    fn try_from(word: String) -> Result<Self, UnknownKind> {
        Self::parse(&word)
    }
}
impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.as_str().to_owned()
    }
}

/// When something is to be said about the timers of one kind. Milliseconds are counted from the timer's own instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Part of the fact's id: choose it for ever.
    pub id: String,
    pub kind: Kind,
    /// When it is said.
    pub fires: i64,
    /// Where the deadline is; `None` where there is none.
    pub deadline: Option<i64>,
}

/// Something is due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// [`Kind::as_str`].
    pub timer: String,
    /// [`Rule::id`].
    pub rule: String,
    /// Of the record: [`crate::UseCase::as_str`].
    #[serde(default)]
    pub use_case: String,
    /// Which one of several of the subject, such as the number of a line or a task; empty where there is one.
    #[serde(default)]
    pub item: String,
    /// The timer's own instant: since when somebody waits, or the deadline that a record names.
    pub counted_from: Timestamp,
    #[serde(default)]
    pub deadline: Option<Timestamp>,
}

/// What the passing of time leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Before a deadline, or where there is none.
    ReminderDue(Due),
    /// At a deadline or after it.
    DeadlinePassed(Due),
}

impl Event {
    pub const fn due(&self) -> &Due {
        match self {
            Self::ReminderDue(due) | Self::DeadlinePassed(due) => due,
        }
    }
}

/// What a timer knows of the record that set it, so that the fact can be about the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub set_by: MessageId,
    #[serde(default)]
    pub partner_id: Option<PartnerId>,
    #[serde(default)]
    pub environment: Environment,
    pub use_case: String,
}

impl Event {
    /// The envelope of the fact: every part of it derives from the timer, so that a repeat is the same record.
    pub fn meta(&self, subject: &Subject, about: &About, fires_at: Timestamp) -> Result<Meta, InvalidName> {
        let due = self.due();
        let instant = due.counted_from.0.to_string();
        let kind = crate::ServiceLevelEvent::kind_of_timer(self);
        Ok(Meta {
            id: MessageId::of_timer(subject, &due.timer, &due.item, &due.rule, &instant),
            subject: subject.clone(),
            system: SystemId::new(subject.system())?,
            partner_id: about.partner_id.clone(),
            kind: kind.to_owned(),
            occurred_at: fires_at,
            recorded_at: fires_at,
            source_version: String::new(),
            causation_id: Some(about.set_by),
            actor: Actor { id: String::new(), side: Side::System },
            visibility: Visibility::Host,
            environment: about.environment,
            ext: BTreeMap::new(),
            mapping_version: 0,
            cause: None,
        })
    }
}
