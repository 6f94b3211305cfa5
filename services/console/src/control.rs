//! What a page may do to the processes of a demonstration. Whoever runs all roles in one process implements it; a
//! console in production has none.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// What became of a request, or why it was not done; both are shown to whoever asked.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Refusal>>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such role, file, fault or record.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be done as asked; every mistake, in words.
    #[error("{0}")]
    Refused(String),
    /// It was tried and did not work.
    #[error("{0}")]
    Failed(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleState {
    Running,
    Stopped,
    /// Starting, or waiting to be started again after it ended by itself.
    Restarting,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// As the subcommand: `sink-internal`.
    pub name: String,
    pub state: RoleState,
    /// Milliseconds since 1970.
    pub since: i64,
    /// It has a consumer group whose offsets can be reset.
    pub resettable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DemoSide {
    Community,
    Desk,
}

/// What a simulated system can be told to do to its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Every answer takes long.
    Latency,
    /// Does it and never answers.
    TimeoutAfterApply,
    /// 429 with Retry-After.
    TooManyRequests,
    /// Is not there.
    Outage,
}

impl Fault {
    pub const ALL: [Self; 4] = [Self::Latency, Self::TimeoutAfterApply, Self::TooManyRequests, Self::Outage];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub side: DemoSide,
    pub fault: Fault,
    pub on: bool,
}

/// A record that could not go on and may be sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    pub subject: String,
    pub class: String,
    pub reason: String,
    /// The topic it goes back to.
    pub topic: String,
    pub redrives: u32,
}

/// Which held records to send back; an empty one means all of class HOLD.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    pub subject: Option<String>,
}

/// Object-safe; every call may take long, and what it answers is a sentence for the page.
pub trait Control: Send + Sync {
    fn roles(&self) -> Answer<'_, Vec<Role>>;
    /// Ends it at once, without draining: as if the power failed.
    fn kill(&self, role: String) -> Answer<'_, String>;
    fn start(&self, role: String) -> Answer<'_, String>;
    /// Stops the role, puts its group back to the beginning of the log, starts it.
    fn reset(&self, role: String) -> Answer<'_, String>;
    /// Names of the files of the bundle that may be read and replaced.
    fn bundle(&self) -> Answer<'_, Vec<String>>;
    fn bundle_file(&self, name: String) -> Answer<'_, String>;
    /// Checks the bundle with the new text, raises its version and brings it into use; or names every mistake.
    fn replace_bundle_file(&self, name: String, text: String) -> Answer<'_, String>;
    /// Every fault of every side.
    fn faults(&self) -> Answer<'_, Vec<Switch>>;
    fn switch(&self, switch: Switch) -> Answer<'_, String>;
    fn held(&self) -> Answer<'_, Vec<Held>>;
    fn redrive(&self, selection: Selection) -> Answer<'_, String>;
}
