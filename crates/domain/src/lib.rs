//! The vocabulary of Causeway: events, commands, outcomes, who they concern and who may see them.
//!
//! This crate knows no Avro, no Kafka, no HTTP, no async and no clock: time and identity arrive with the data.
//! *Event*: a fact, past tense, named for who said it. *Command*: an intent, imperative, named for who must obey.
//! *Outcome*: what became of a command. The case system ("X" in prose) is `internal` in code.

pub mod case_state;
pub mod command;
pub mod compacted;
pub mod date;
pub mod decimal;
pub mod discrepancy;
pub mod document;
pub mod envelope;
pub mod event;
pub mod field;
pub mod file;
pub mod hash;
pub mod id;
pub mod issue;
mod life;
pub mod onboarding;
pub mod outcome;
pub mod subject;
pub mod text;
pub mod ticket;
pub mod time;
pub mod timer;
pub mod visibility;

pub use case_state::CaseStatus;
pub use command::{Command, InternalCommand, OnlyIf, PartnerCommand};
pub use compacted::{BundleVersion, CursorRecord, HeldKey};
pub use decimal::Decimal;
pub use discrepancy::DiscrepancyStatus;
pub use document::DocumentStatus;
pub use envelope::{ABOUT, Actor, Cause, Envelope, Environment, Meta, Side};
pub use event::{Fact, InternalEvent, PartnerEvent, ServiceLevelEvent};
pub use file::{BlobId, Carries, Claim, FileClaim, Files};
pub use hash::ContentHash;
pub use id::MessageId;
pub use onboarding::{ProgrammeStatus, TaskStatus};
pub use outcome::{CommandRef, Outcome};
pub use subject::{InvalidName, NativeId, PartnerId, Subject, SubjectKind, SystemId};
pub use ticket::{TicketCommand, TicketEvent, UseCase};
pub use time::Timestamp;
pub use visibility::{Grant, Marked, PublicText, Shared, Visibility};
