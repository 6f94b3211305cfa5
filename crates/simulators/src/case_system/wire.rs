//! What the interface says: tickets, and the changes that made them what they are.

use super::setup::Author;
use crate::files::File;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a ticket is, without what was said on it. Shared by every change after which it was so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub queue: String,
    pub title: String,
    pub status: String,
    /// 0 to 100, higher is more urgent.
    pub priority: u8,
    /// Empty: nobody.
    pub owner: String,
    /// The key that another system knows the ticket by. **Not** unique here: whoever makes tickets looks first.
    pub external_id: String,
    pub partner_id: String,
    /// RFC 3339; empty where none is set.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub due_at: String,
    /// The ticket it is a member of; 0 where it is of none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub parent: u64,
    /// Custom fields that have a value.
    pub fields: BTreeMap<String, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
const fn is_none(parent: &u64) -> bool {
    *parent == 0
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Of the change that made it.
    pub id: u64,
    pub relation: String,
    /// A ticket's number or an address.
    pub to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ticket {
    pub id: u64,
    #[serde(flatten, serialize_with = "whole")]
    pub state: Arc<State>,
    pub description: String,
    pub requestor: String,
    pub links: Vec<Link>,
    /// Id of the newest change; also the `ETag`.
    pub version: u64,
    pub created_at: i64,
    pub updated_at: i64,
    /// Positions of its changes in the log.
    #[serde(skip)]
    pub changes: Vec<usize>,
}

fn whole<S: serde::Serializer>(state: &Arc<State>, serializer: S) -> Result<S::Ok, S::Error> {
    (**state).serialize(serializer)
}

/// What happened. `replied` and `asked` are what partners may read; everything else stays inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "kebab-case")]
pub enum What {
    Created(Box<Created>),
    Replied {
        text: String,
        /// Whose words they are, where another speaks for them; empty where the author does.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        on_behalf_of: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<File>,
    },
    Noted {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<File>,
    },
    /// A question to the partner; the ticket waits for the answer.
    Asked {
        question: String,
        due_at: Option<i64>,
        from: String,
        to: String,
    },
    StatusChanged {
        from: String,
        to: String,
    },
    FieldChanged {
        field: String,
        from: String,
        to: String,
    },
    PriorityChanged {
        from: u8,
        to: u8,
    },
    OwnerChanged {
        from: String,
        to: String,
    },
    QueueChanged {
        from: String,
        to: String,
    },
    TitleChanged {
        from: String,
        to: String,
    },
    DueChanged {
        from: String,
        to: String,
    },
    Linked {
        relation: String,
        to: String,
    },
    Unlinked {
        link: u64,
        relation: String,
        to: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    #[serde(flatten)]
    pub state: State,
    pub description: String,
    pub requestor: String,
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Replied { .. } => "replied",
            Self::Noted { .. } => "noted",
            Self::Asked { .. } => "asked",
            Self::StatusChanged { .. } => "status-changed",
            Self::FieldChanged { .. } => "field-changed",
            Self::PriorityChanged { .. } => "priority-changed",
            Self::OwnerChanged { .. } => "owner-changed",
            Self::QueueChanged { .. } => "queue-changed",
            Self::TitleChanged { .. } => "title-changed",
            Self::DueChanged { .. } => "due-changed",
            Self::Linked { .. } => "linked",
            Self::Unlinked { .. } => "unlinked",
        }
    }

    /// What whoever speaks for partners may read.
    pub const fn is_public(&self) -> bool {
        match self {
            Self::Created(_) | Self::Replied { .. } | Self::Asked { .. } | Self::StatusChanged { .. } => true,
            Self::Noted { .. }
            | Self::FieldChanged { .. }
            | Self::PriorityChanged { .. }
            | Self::OwnerChanged { .. }
            | Self::QueueChanged { .. }
            | Self::TitleChanged { .. }
            | Self::DueChanged { .. }
            | Self::Linked { .. }
            | Self::Unlinked { .. } => false,
        }
    }
}

/// One change of one ticket: a line of its history and of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Grows by one from change to change over all tickets, in the order in which they were committed.
    pub id: u64,
    pub ticket_id: u64,
    #[serde(flatten)]
    pub what: What,
    pub author: Author,
    /// Unix milliseconds.
    pub at: i64,
    /// What the writer left to find its own write again by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub marker: String,
    /// `T` or `P`.
    pub environment: String,
}
