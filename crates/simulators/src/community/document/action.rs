//! What may be asked of a document: the request bodies of the contract.

use super::super::action::{Acknowledge, AddComment, PostComment, Reason};
use super::outward::{Publish, PublishVersion};
use super::wire::{Decision, Renewal};
use domain::document::SharedDocument;
use domain::{DocumentStatus, FileClaim};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    pub status: DocumentStatus,
    pub label: String,
    #[serde(default)]
    pub status_code: String,
    #[serde(default)]
    pub reason: String,
    /// 0 for the newest.
    #[serde(default)]
    pub version_no: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectFile {
    pub version_no: i64,
    pub label: String,
    pub text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddVersion {
    pub file: FileClaim,
    #[serde(default)]
    pub change_note: String,
    #[serde(default)]
    pub valid_from: String,
    #[serde(default)]
    pub valid_to: String,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Action {
    Share(Box<SharedDocument>),
    AddVersion(Box<AddVersion>),
    AddComment(AddComment),
    Withdraw(Reason),
    View {
        version_no: i64,
    },
    Acknowledge(Acknowledge),
    SetStatus(SetStatus),
    PostComment(PostComment),
    Decide(Box<Decision>),
    RejectFile(RejectFile),
    RequestRenewal(Renewal),
    /// The next two are about documents of the host's own.
    Publish(Box<Publish>),
    PublishVersion(Box<PublishVersion>),
}
