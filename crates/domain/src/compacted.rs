//! Records of the two compacted topics. They carry no envelope: each is the latest word on its key.

use crate::NativeId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A change whose meaning is not known yet, by its keys; it is read again after a restart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldKey {
    pub entity: NativeId,
    pub change: String,
}

/// The whole durable state of a poller, on `ingest.cursors` under its system's id, written in the transaction of the
/// events it accounts for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorRecord {
    /// Opaque to everyone but the feed's adapter.
    pub cursor: String,
    /// In the order the feed gave them.
    #[serde(default)]
    pub held: Vec<HeldKey>,
}

/// One version of a link's bundle as it was used, on `mapping.bundles` under `<link>/<version>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleVersion {
    pub link: String,
    /// Only grows; a rollback is a new number.
    pub version: i64,
    /// SHA-256 over the sorted files.
    pub digest: String,
    /// Text by path inside the bundle.
    pub files: BTreeMap<String, String>,
}
