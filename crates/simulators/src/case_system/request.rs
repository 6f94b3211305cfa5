//! What may be asked: the request bodies of the interface.

use crate::files::File;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewTicket {
    pub queue: String,
    pub title: String,
    pub description: String,
    /// `new` where it is empty.
    pub status: String,
    pub priority: u8,
    pub owner: String,
    pub external_id: String,
    pub partner_id: String,
    /// RFC 3339.
    pub due_at: String,
    /// Makes it a member of this ticket.
    pub parent: u64,
    /// The author where it is empty.
    pub requestor: String,
    pub fields: BTreeMap<String, String>,
    pub marker: String,
}

/// Sets what it names and leaves the rest. Fields come before the status in the history, so that whoever reads the new
/// status sees what was said with it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Update {
    pub queue: Option<String>,
    pub title: Option<String>,
    pub status: Option<String>,
    pub priority: Option<u8>,
    /// RFC 3339; empty takes the date away.
    pub due_at: Option<String>,
    /// Empty takes the owner away.
    pub owner: Option<String>,
    /// An empty value takes the field's value away.
    pub fields: BTreeMap<String, String>,
    pub marker: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    pub text: String,
    pub on_behalf_of: String,
    pub marker: String,
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Note {
    pub text: String,
    pub marker: String,
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Question {
    pub text: String,
    pub due_at: Option<i64>,
    pub marker: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewLink {
    pub relation: String,
    pub to: String,
    pub marker: String,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Action {
    Create(Box<NewTicket>),
    Update(Box<Update>),
    Reply(Reply),
    Note(Note),
    Ask(Question),
    Link(NewLink),
    Unlink(u64),
}

impl Action {
    /// Files whose bytes must have been uploaded before.
    pub fn files(&self) -> &[File] {
        match self {
            Self::Reply(a) => &a.files,
            Self::Note(a) => &a.files,
            Self::Create(_) | Self::Update(_) | Self::Ask(_) | Self::Link(_) | Self::Unlink(_) => &[],
        }
    }

    pub fn marker(&self) -> &str {
        match self {
            Self::Create(a) => &a.marker,
            Self::Update(a) => &a.marker,
            Self::Reply(a) => &a.marker,
            Self::Note(a) => &a.marker,
            Self::Ask(a) => &a.marker,
            Self::Link(a) => &a.marker,
            Self::Unlink(_) => "",
        }
    }
}
