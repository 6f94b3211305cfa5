//! What a system really holds: one change of one record, in words that fit either side.
//!
//! The journals of the simulated systems are translated to this; for any other system a harness writes such lines, one
//! JSON object each, in the order of the changes of each record.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Native id of the case or ticket.
    pub record: String,
    /// The case's id at the community; empty for a record that belongs to no case.
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub partner: String,
    /// Native id of the change.
    #[serde(default)]
    pub native: String,
    pub author: Author,
    /// The system's own word for the change.
    #[serde(default)]
    pub kind: String,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// The pipeline.
    Ours,
    Person,
    /// The system by itself, in answer to a write.
    System,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    Created {
        #[serde(default)]
        title: String,
        #[serde(default)]
        text: String,
        #[serde(default)]
        status: String,
        #[serde(default)]
        fields: BTreeMap<String, String>,
    },
    /// Both parties may read it.
    Said {
        text: String,
    },
    /// For the house only.
    Noted {
        text: String,
    },
    /// The status after it, also where it was so before; what was said with it.
    Status {
        to: String,
        #[serde(default)]
        text: String,
    },
    Field {
        name: String,
        to: String,
    },
    /// Nothing that crosses, or not known: looked through for tokens, judged for leaks.
    Other {
        #[serde(default)]
        text: String,
    },
}
