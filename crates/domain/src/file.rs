//! A file that crosses: on the log lies only a claim check.

use serde::{Deserialize, Serialize};

/// The claim check of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileClaim<N = String> {
    /// Of the bytes, lower-case hex; empty where they were withheld.
    #[serde(default)]
    pub sha256: String,
    #[serde(default)]
    pub size: i64,
    #[serde(default)]
    pub media_type: String,
    pub file_name: N,
    #[serde(default)]
    pub source_id: String,
    /// Why the bytes were not taken; empty where they were.
    #[serde(default)]
    pub withheld: String,
    #[serde(default)]
    pub limit: i64,
}
