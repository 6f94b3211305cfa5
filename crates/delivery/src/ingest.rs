//! What ingest makes of a change: an event, an echo of our own write, a skip by rule, or something to hold.

mod classify;
mod envelope;
mod fold;

pub use classify::{Classifier, Verdict};
pub use envelope::{News, envelope};
pub use fold::fold;

use domain::outcome::FieldHash;
use domain::{MessageId, NativeId, PartnerId, Subject};
use serde::{Deserialize, Serialize};

/// A command under way: intended, or in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCommand {
    pub id: MessageId,
    pub subject: Subject,
    /// Makes the record.
    pub creates: bool,
    /// Empty for a create.
    pub native_id: String,
    pub fields: Vec<FieldHash>,
    pub in_doubt: bool,
}

/// The fold of the outcomes of ingest's own system, all partitions. A cache, as [`crate::sink::Memory`].
pub trait Memory {
    fn next_outcome(&self, partition: i32) -> i64;
    fn set_next_outcome(&mut self, partition: i32, offset: i64);
    /// Owner of the partition's latest barrier: intents of any other owner behind it are void.
    fn barrier(&self, partition: i32) -> Option<String>;
    fn set_barrier(&mut self, partition: i32, owner: &str);
    fn bond(&self, native: &NativeId) -> Option<(Subject, Option<PartnerId>)>;
    fn set_bond(&mut self, native: &NativeId, subject: &Subject, partner: Option<&PartnerId>);
    /// The effect ids recorded by `Done`, per record.
    fn is_effect(&self, native: &NativeId, effect: &str) -> bool;
    fn add_effect(&mut self, native: &NativeId, effect: &str);
    /// An intent with this command id was ever acted on.
    fn knows_command(&self, id: &MessageId) -> bool;
    fn add_command(&mut self, id: &MessageId);
    fn open_commands(&self) -> Vec<OpenCommand>;
    fn set_open(&mut self, command: &OpenCommand);
    fn close(&mut self, id: &MessageId);
}
