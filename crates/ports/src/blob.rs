//! Where the bytes of files lie while they cross, and who says whether they may.

use crate::feed::Feed;
use bytes::Bytes;
use domain::file::BlobId;
use domain::{FileClaim, Timestamp};
use futures_core::Stream;
use futures_core::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::time::Duration;

/// The bytes of a file, piece by piece. Pieces are small (well below 1 MiB); the end of the stream is the end of the
/// file, and a cut is an error, never an early end.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>> + Send>>;

/// What a blob store knows of stored bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: BlobId,
    pub size: u64,
}

/// What a scanner said of some bytes. Kept beside them: what was judged once is not judged for every partner again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub ruling: Ruling,
    /// Product and version of its signatures, as it says.
    pub engine: String,
    /// What was found, in the scanner's words; empty where nothing was.
    #[serde(default)]
    pub found: String,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    Clean,
    Infected,
    /// Nobody can look inside.
    Encrypted,
    /// Larger than the scanner takes.
    TooLarge,
}

impl Ruling {
    /// As a refusal says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::Encrypted => "encrypted",
            Self::TooLarge => "too-large-to-scan",
        }
    }
}

/// Bytes by their own hash. One store serves both directions; what is in it is never changed.
///
/// Object-safe, so that adapters and roles hold an `Arc<dyn BlobStore>`.
pub trait BlobStore: Send + Sync + 'static {
    /// A place for bytes whose hash is not known yet. What is not committed leaves no trace.
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn Incoming>, BlobError>>;

    /// Whether the bytes are there, whole.
    fn find<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<Stored>, BlobError>>;

    /// The bytes from `from` on. [`BlobError::Missing`] where they are not there.
    fn read<'a>(&'a self, id: &'a BlobId, from: u64) -> BoxFuture<'a, Result<ByteStream, BlobError>>;

    fn verdict<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<Verdict>, BlobError>>;

    /// Keeps the verdict; bytes that are infected are moved to quarantine, where [`BlobStore::read`] does not find them.
    fn judge<'a>(&'a self, id: &'a BlobId, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), BlobError>>;

    /// What a file of a system was found to be when it was taken, so that it is not taken again.
    fn known<'a>(
        &'a self,
        system: &'a str,
        source_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<FileClaim<()>>, BlobError>>;

    fn remember<'a>(&'a self, system: &'a str, claim: &'a FileClaim<()>) -> BoxFuture<'a, Result<(), BlobError>>;
}

/// Bytes on their way into the store.
pub trait Incoming: Send {
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, Result<(), BlobError>>;
    /// Durable under its hash when it returns, all or nothing; nothing is written twice.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<Stored, BlobError>>;
    /// Gives the place back.
    fn abort(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// Asks whether bytes may cross. Bounded in time and memory by whoever implements it.
pub trait Scanner: Send + Sync + 'static {
    fn scan<'a>(&'a self, bytes: ByteStream, size: u64) -> BoxFuture<'a, Result<Verdict, ScanError>>;
}

/// Brings the files of an event into the blob store before the event is published.
pub trait Gather<F: Feed>: Send {
    /// Settles every claim of the event, or says why it cannot yet: the event then waits, and only those of its record
    /// wait with it. Ends within seconds; a large file is brought in over several calls.
    fn gather<'a>(&'a mut self, feed: &'a mut F, event: &'a mut F::Event) -> BoxFuture<'a, Gathered>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// Every claim is settled.
    Whole,
    /// Bytes are coming: ask again at once.
    Going,
    /// Nothing can be done for a while: ask again whenever convenient.
    Later,
}

/// Reasons are for operators; they hold no payload and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    #[error("the bytes are not in the store")]
    Missing,
    #[error("blob store unavailable: {reason}")]
    Unavailable { reason: String },
    /// The bytes stopped before their end.
    #[error("cut: {reason}")]
    Cut { reason: String },
}

/// No verdict: nothing is known of the bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("scanner unavailable: {reason}")]
    Unavailable { reason: String },
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Why a file of a system could not be opened for reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is certain that the system no longer has it, or never shows it to us.
    #[error("the file is gone")]
    Gone,
    #[error("file unavailable: {reason}")]
    Unavailable { reason: String, retry_after: Option<Duration> },
}
