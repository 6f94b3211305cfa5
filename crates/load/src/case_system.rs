//! What an agent can do in a case system, whichever it is.

use crate::LoadError;
use crate::answer::Answer;
use futures::future::BoxFuture;

/// One act of an agent on one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentAct {
    /// The partner may read it.
    Reply(String),
    /// Nobody but the house may.
    Note(String),
    /// A field that stays inside.
    RootCause(String),
    Status(String),
    /// Resolved, with a note that the partner may read.
    Resolve(String),
}

/// A change that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Its id; of several the one that has the text.
    pub native: String,
    /// Grows from change to change of a ticket.
    pub newest: u64,
    /// Whether the status was changed.
    pub moved: bool,
}

/// What became of a request that was made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Made(Made),
    /// Everything is so already, or it does not fit what the ticket is now.
    Not,
    Unknown,
}

pub type Asked<'a, T> = BoxFuture<'a, Result<T, LoadError>>;

/// Agents. Every method asks once; `None` and [`Done::Unknown`] say that there was no answer.
pub trait CaseSystem: Send + Sync + 'static {
    /// The ticket that bears the external id; `Some(None)` where there is none yet.
    fn ticket<'a>(&'a self, external_id: &'a str) -> Asked<'a, Option<Option<String>>>;
    fn act<'a>(&'a self, ticket: &'a str, act: &'a AgentAct) -> Asked<'a, Done>;
    /// The same act among the changes after `after`: `Some(None)` where it was not taken. To be asked before an act
    /// whose answer was lost is asked for again.
    fn find<'a>(&'a self, ticket: &'a str, after: u64, act: &'a AgentAct) -> Asked<'a, Option<Option<Made>>>;
}

impl From<Answer> for Done {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Taken(_) | Answer::Unknown => Self::Unknown,
            Answer::Refused => Self::Not,
        }
    }
}
