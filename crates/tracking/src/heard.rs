//! What a record of the log does to timers, whatever its use case.

use crate::{discrepancy, document, issue, onboarding};
use domain::timer::Kind;
use domain::{
    CaseStatus, ContentHash, DiscrepancyStatus, DocumentStatus, Envelope, InternalEvent, Meta, Outcome, PartnerEvent,
    ServiceLevelEvent, Timestamp, UseCase,
};

/// One record of the log.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'r> {
    Partner(&'r Envelope<PartnerEvent>),
    Internal(&'r Envelope<InternalEvent>),
    /// What became of a command for the community.
    AtPartner(&'r Envelope<Outcome>),
    /// What became of a command for the case system.
    AtInternal(&'r Envelope<Outcome>),
    /// What was said to be due.
    Said(&'r Envelope<ServiceLevelEvent>),
}

/// One thing that a record does to the timers of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Set {
        kind: Kind,
        item: String,
        from: Timestamp,
    },
    /// All of the kind that were set before.
    Clear(Kind),
    /// The deadline of a thing that counts only while the partner is waited for there; `None` where there is none.
    Due {
        kind: Kind,
        item: String,
        from: Option<Timestamp>,
    },
    /// Whether the partner is waited for: at a task or by a version, or where the item is empty in the whole of a programme.
    Waits {
        item: String,
        waits: bool,
    },
    /// Nothing of the subject is waited for any more.
    Over,
}

/// What a record does, and its place in the order of what both sides said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) use_case: UseCase,
    pub(crate) order: i64,
    pub(crate) changes: Vec<Change>,
}

impl<'r> Heard<'r> {
    pub const fn meta(&self) -> &'r Meta {
        match self {
            Self::Partner(record) => &record.meta,
            Self::Internal(record) => &record.meta,
            Self::AtPartner(record) | Self::AtInternal(record) => &record.meta,
            Self::Said(record) => &record.meta,
        }
    }

    pub(crate) fn effect(&self) -> Option<Effect> {
        let of_event = |use_case, changes| Effect { use_case, order: 0, changes };
        match self {
            Self::Partner(record) => Some(match &record.payload {
                PartnerEvent::Issue(event) => of_event(UseCase::Issue, issue::said_by_partner(event)),
                PartnerEvent::Discrepancy(event) => of_event(UseCase::Discrepancy, discrepancy::said_by_partner(event)),
                PartnerEvent::Document(event) => of_event(UseCase::Document, document::said_by_partner(event)),
                PartnerEvent::Onboarding(event) => of_event(UseCase::Onboarding, onboarding::said_by_partner(event)),
            }),
            Self::AtPartner(record) => at_partner(record),
            // Of several words of one page the later one counts.
            Self::Internal(record) => match &record.payload {
                InternalEvent::Onboarding(event) => Some(Effect {
                    use_case: UseCase::Onboarding,
                    order: record.meta.occurred_at.0,
                    changes: onboarding::said_by_house(event),
                }),
                // The community hears of what the case system said, and only from then on the partner is waited for.
                InternalEvent::Issue(_) | InternalEvent::Discrepancy(_) | InternalEvent::Document(_) => None,
            },
            Self::AtInternal(_) | Self::Said(_) => None,
        }
    }
}

/// The status that a command gave its record at the community: every command for the community that moves a status
/// names it among its fields.
fn at_partner(record: &Envelope<Outcome>) -> Option<Effect> {
    let Outcome::Done(done) = &record.payload else { return None };
    let use_case = UseCase::from_word(done.command.kind.split('.').nth(1).unwrap_or_default());
    let order = done.command.offset;
    if use_case == UseCase::Onboarding {
        return Some(Effect { use_case, order, changes: onboarding::stands(&done.fields) });
    }
    let hash = &done.fields.iter().find(|field| field.field == "status")?.hash;
    let is = |word: &str| *hash == ContentHash::of_bytes(word.as_bytes());
    let asked = Timestamp(record.meta.recorded_at.0.max(record.meta.occurred_at.0));
    let offered = record.meta.recorded_at;
    let changes = match use_case {
        UseCase::Issue => issue::stands(CaseStatus::ALL.into_iter().find(|s| is(s.as_str()))?, asked, offered),
        UseCase::Discrepancy => {
            discrepancy::stands(DiscrepancyStatus::ALL.into_iter().find(|s| is(s.as_str()))?, asked, offered)
        }
        UseCase::Document => {
            document::stands(DocumentStatus::ALL.into_iter().find(|s| is(s.as_str()))?, &record.meta.ext)
        }
        UseCase::Onboarding => return None,
    };
    Some(Effect { use_case, order, changes })
}
