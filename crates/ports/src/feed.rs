use crate::blob::{ByteStream, OpenError};
use domain::outcome::FieldHash;
use domain::{Actor, Environment, FileClaim, NativeId, PartnerId, Subject, SystemId, Timestamp, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// Where a feed goes on. Opaque to everyone but the adapter that made it; kept on the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// Reads what changed in one system, in an order that keeps each record's own order.
pub trait Feed: Send + 'static {
    type Event: Send + 'static;

    fn system(&self) -> &SystemId;

    /// The cursor of this moment: what a first start begins with. History before it is a backfill.
    fn begin(&mut self) -> impl Future<Output = Result<Cursor, FeedError>> + Send;

    /// The next page after `from`. The same cursor gives the same changes again, perhaps with more behind them.
    fn fetch(&mut self, from: &Cursor) -> impl Future<Output = Result<Page<Self::Event>, FeedError>> + Send;

    /// One change again, by its keys: for changes held over a restart. `None` when the system no longer has it.
    fn reread(
        &mut self,
        entity: &NativeId,
        change: &str,
    ) -> impl Future<Output = Result<Option<Change<Self::Event>>, FeedError>> + Send;

    /// The bytes of a file that a change named, from `from` on. Where the system cannot begin in the middle, the adapter
    /// reads over what was asked to be left out. The default is for feeds that name no files.
    fn open(&mut self, file: &FileClaim<()>, from: u64) -> impl Future<Output = Result<ByteStream, OpenError>> + Send {
        let _ = (file, from);
        std::future::ready(Err(OpenError::Gone))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<E> {
    pub changes: Vec<Change<E>>,
    /// After this page.
    pub next: Cursor,
    /// There is more to read at once.
    pub more: bool,
}

/// One change as its system tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<E> {
    /// The record that changed.
    pub entity: NativeId,
    /// The system's own id of the change; what [`crate::Applied::effects`] names.
    pub id: String,
    /// A command id found inside the change itself.
    pub marker: Option<String>,
    /// The subject, where the record itself tells it (its external id; at the community, its own key).
    pub subject: Option<Subject>,
    pub partner_id: Option<PartnerId>,
    /// The field it set and the hash of the value, to be compared with our own open writes.
    pub field: Option<FieldHash>,
    pub occurred_at: Timestamp,
    pub version: String,
    /// Whether one of this pipeline's own users made it; `None` where the system does not tell. What somebody else did
    /// is never an echo of ours, however alike.
    pub by_us: Option<bool>,
    pub actor: Actor,
    pub visibility: Visibility,
    pub environment: Environment,
    pub ext: BTreeMap<String, String>,
    pub news: News<E>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<E> {
    Event(E),
    /// Known and of no interest, by a named rule.
    Skipped {
        rule: &'static str,
    },
    /// Cannot be made an event: kept whole as a dead letter.
    Malformed {
        reason: String,
        bytes: Vec<u8>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    #[error("feed unavailable: {reason}")]
    Unavailable { reason: String, retry_after: Option<Duration> },
    /// The system no longer knows the cursor: changes may have been lost, a person must decide.
    #[error("cursor not known to the system any more: {reason}")]
    CursorLost { reason: String },
    #[error("misconfigured: {reason}")]
    Misconfigured { reason: String },
}
