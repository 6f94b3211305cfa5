//! The journal of the people: what each of them has certainly done.
//!
//! One JSON object a line, on disk before the person does anything else. An act that was answered is one `done` line.
//! One whose answer was lost is an `asked` line, and, when it became known what became of it, a `settled` line with the
//! same token; an `asked` that is never settled may have happened or not.

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Line {
    /// Taken by the system, which said so.
    Done(Act),
    /// Asked for, and the answer was lost; `native` is empty, and so is `subject` for an opening.
    Asked(Act),
    Settled(Settled),
}

/// The side at which somebody did something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// At the community.
    #[default]
    Partner,
    /// In the case system.
    Internal,
}

/// How an act shows on the other side. Whoever journals the act knows the mapping in use; the checker does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Not by its token: it stays inside, or it is a bare change of status.
    #[default]
    None,
    /// A record is made, with `texts` and `fields`.
    Created,
    /// Words both parties may read.
    Said,
    /// Words for the house only.
    Noted,
    /// The fields of `fields` get exactly these values, which hold the token.
    Field,
    /// A change of status that carries `texts`: a question, a resolution.
    Status,
}

/// One act of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// `act-<run>-<number>`, or `canary-<run>-<number>` for what must never reach a partner.
    pub token: String,
    pub side: Side,
    /// To whom the case belongs, whoever acts.
    pub partner: String,
    /// The case's id at the community.
    #[serde(default)]
    pub subject: String,
    /// In words, for findings: `comment`, `reply`, `withdraw`.
    pub kind: String,
    /// The id that the system gave the change; empty where it gives none. It finds acts that can carry no token.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub native: String,
    #[serde(default)]
    pub effect: Effect,
    /// Each begins with the token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Digest>,
    /// By the name and in the value of the other side.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What became of an act whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub token: String,
    pub taken: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub native: String,
}
