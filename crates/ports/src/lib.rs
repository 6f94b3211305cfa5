//! What the core asks of the systems around it: a [`Feed`] says what changed, a [`Target`] obeys commands, a
//! [`HookVerifier`] tells a genuine nudge from a forged one, a [`BlobStore`] keeps the bytes of files, a [`Scanner`]
//! says whether they may cross. Adapters implement these; nothing here knows Kafka,
//! Avro, or which product is behind.
//!
//! Adapters never loop and never wait: they try once and classify; the rules of delivery decide what happens next.

pub mod blob;
pub mod config;
pub mod feed;
pub mod hook;
pub mod target;

pub use blob::{
    BlobError, BlobStore, ByteStream, Gather, Gathered, Incoming, OpenError, Ruling, ScanError, Scanner, Stored,
    Verdict,
};
pub use config::{Mistake, Secret, Unfit};
pub use feed::{Change, Cursor, Feed, FeedError, News, Page};
pub use hook::{HookError, HookVerifier};
pub use target::{Applied, CallContext, CallError, Capability, Doubles, Look, Revision, Target};
