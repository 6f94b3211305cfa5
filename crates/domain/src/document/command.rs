//! What either side is asked to do about a document.

use super::{DocumentStatus, Publish, PublishVersion};
use crate::issue::{AddInternalNote, AddPublicComment, CreateCase, PostComment, StatusWrite, UpdateFields};
use crate::{OnlyIf, Shared, Timestamp};
use serde::{Deserialize, Serialize};

/// What X is asked to do about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    CreateCase(CreateCase),
    /// A newer version: what the fields say of it.
    AddVersion(UpdateFields),
    AddPublicComment(AddPublicComment),
    AddInternalNote(AddInternalNote),
    /// The file of a version, in the partner's voice.
    AddFile(AddPublicComment),
    /// The file of a version is not let in: the note takes its place, and the uploader hears of it once it stands there.
    WithholdFile(AddInternalNote),
    /// A newer version has to be looked at.
    RestartReview(StatusWrite),
    CancelCase(StatusWrite),
    /// What agents are told in a field of the ticket, such as how far the partner's side has followed.
    UpdateFields(UpdateFields),
    LinkCase(LinkCase),
}

/// Link the document's record to that of the case that it belongs to, where that has one and is the same partner's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCase {
    /// Subject of the case.
    pub case: String,
}

/// Tell the partner that the house has it, with X's reference where the bundle shares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledge<T = Shared<String>> {
    #[serde(default)]
    pub reference: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStatus<T = Shared<String>> {
    pub status: DocumentStatus,
    /// The status in the partner's language, from the bundle.
    pub label: T,
    /// UNTDID 1373.
    #[serde(default)]
    pub status_code: Option<T>,
    #[serde(default)]
    pub reason: Option<T>,
    /// The version it is about; 0 for the newest.
    #[serde(default)]
    pub version_no: i64,
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

/// What should stand in the document instead: a Peppol business term such as `BT-13`, and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction<T = Shared<String>> {
    pub term: T,
    #[serde(default)]
    pub value: Option<T>,
}

/// Tell the partner what the review of one version came to. The community refuses a version that is not the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decide<T = Shared<String>> {
    pub version_no: i64,
    /// Where it leads.
    pub status: DocumentStatus,
    /// One of [`super::DECISIONS`].
    pub decision: T,
    pub label: T,
    /// UNTDID 1373.
    #[serde(default)]
    pub status_code: Option<T>,
    #[serde(default)]
    pub reason_code: Option<T>,
    #[serde(default)]
    pub comment: Option<T>,
    #[serde(default)]
    pub corrections: Vec<Correction<T>>,
    /// ISO 8601 calendar date, where the review sets another than the partner said.
    #[serde(default)]
    pub valid_to: Option<T>,
}

/// Tell the uploader that the file of a version could not be accepted. Never says what looked at it, or how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectFile<T = Shared<String>> {
    pub version_no: i64,
    pub label: T,
    pub text: T,
}

/// Ask for a newer version before the last day of the one that is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRenewal<T = Shared<String>> {
    pub version_no: i64,
    pub label: T,
    pub text: T,
    /// Midnight UTC of its last day.
    #[serde(default)]
    pub valid_to: Option<Timestamp>,
    #[serde(default)]
    pub days_left: i64,
}

/// What the community is asked to do about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    Acknowledge(Acknowledge<T>),
    SetStatus(SetStatus<T>),
    PostComment(PostComment<T>),
    Decide(Decide<T>),
    RejectFile(RejectFile<T>),
    RequestRenewal(RequestRenewal<T>),
    /// The next two are about a document of the house's own, see [`super::outward`].
    Publish(Box<Publish<T>>),
    PublishVersion(PublishVersion<T>),
}

impl<T> PartnerCommand<T> {
    /// What the passing of time made somebody say may be said of a version that is not the one that is offered: its last
    /// day concerns nobody. Nor is anybody asked to renew what has been renewed. Whoever obeys it looks first.
    pub fn concerns_nobody(&self, offered: Option<i64>, newest: i64) -> bool {
        match self {
            Self::SetStatus(c) if c.status == DocumentStatus::Expired && c.version_no > 0 => {
                offered != Some(c.version_no)
            }
            Self::RequestRenewal(c) if c.version_no > 0 => offered != Some(c.version_no) || newest != c.version_no,
            Self::Acknowledge(_)
            | Self::SetStatus(_)
            | Self::PostComment(_)
            | Self::Decide(_)
            | Self::RejectFile(_)
            | Self::RequestRenewal(_)
            | Self::Publish(_)
            | Self::PublishVersion(_) => false,
        }
    }

    /// Every text of the command through `f`, nothing else touched.
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        match self {
            Self::Acknowledge(c) => PartnerCommand::Acknowledge(Acknowledge { reference: c.reference.map(f) }),
            Self::SetStatus(c) => PartnerCommand::SetStatus(SetStatus {
                status: c.status,
                label: f(c.label),
                status_code: c.status_code.map(&f),
                reason: c.reason.map(f),
                version_no: c.version_no,
                only_if: c.only_if,
            }),
            Self::PostComment(c) => PartnerCommand::PostComment(c.map_text(f)),
            Self::Decide(c) => PartnerCommand::Decide(Decide {
                version_no: c.version_no,
                status: c.status,
                decision: f(c.decision),
                label: f(c.label),
                status_code: c.status_code.map(&f),
                reason_code: c.reason_code.map(&f),
                comment: c.comment.map(&f),
                corrections: c
                    .corrections
                    .into_iter()
                    .map(|one| Correction { term: f(one.term), value: one.value.map(&f) })
                    .collect(),
                valid_to: c.valid_to.map(f),
            }),
            Self::RejectFile(c) => {
                PartnerCommand::RejectFile(RejectFile { version_no: c.version_no, label: f(c.label), text: f(c.text) })
            }
            Self::Publish(c) => PartnerCommand::Publish(Box::new(c.map_text(f))),
            Self::PublishVersion(c) => PartnerCommand::PublishVersion(c.map_text(f)),
            Self::RequestRenewal(c) => PartnerCommand::RequestRenewal(RequestRenewal {
                version_no: c.version_no,
                label: f(c.label),
                text: f(c.text),
                valid_to: c.valid_to,
                days_left: c.days_left,
            }),
        }
    }
}

impl<T: AsRef<str>> Decide<T> {
    /// What is wrong with it by itself; the community also knows which versions there are.
    pub fn mistake(&self) -> Option<&'static str> {
        let status = DocumentStatus::of_decision(self.decision.as_ref());
        let says = |text: &Option<T>| text.as_ref().is_some_and(|text| !text.as_ref().trim().is_empty());
        if self.version_no < 1 {
            Some("no version")
        } else if status != Some(self.status) {
            Some("an unknown decision")
        } else if self.corrections.iter().any(|one| one.term.as_ref().trim().is_empty()) {
            Some("a correction without a term")
        } else if status == Some(DocumentStatus::CorrectionRequested)
            && self.corrections.is_empty()
            && !says(&self.comment)
            && !says(&self.reason_code)
        {
            Some("a correction that does not say of what")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide() -> Decide<String> {
        Decide {
            version_no: 1,
            status: DocumentStatus::Approved,
            decision: "APPROVED".to_owned(),
            label: "Accepted".to_owned(),
            status_code: None,
            reason_code: None,
            comment: None,
            corrections: Vec::new(),
            valid_to: None,
        }
    }

    #[test]
    fn a_last_day_concerns_the_version_that_is_offered_and_a_renewal_the_newest_too() {
        let expired = PartnerCommand::SetStatus(SetStatus {
            status: DocumentStatus::Expired,
            label: String::new(),
            status_code: None,
            reason: None,
            version_no: 1,
            only_if: None,
        });
        let (label, text) = (String::new(), String::new());
        let renewal =
            PartnerCommand::RequestRenewal(RequestRenewal { version_no: 1, label, text, valid_to: None, days_left: 0 });
        for (offered, newest, concerns) in [
            (Some(1), 1, [true, true]),
            (Some(1), 2, [true, false]),
            (Some(2), 2, [false, false]),
            (None, 1, [false, false]),
        ] {
            let found = [&expired, &renewal].map(|command| !command.concerns_nobody(offered, newest));
            assert_eq!(found, concerns, "{offered:?} of {newest}");
        }
        assert!(!PartnerCommand::Decide(decide()).concerns_nobody(None, 9));
    }

    #[test]
    fn a_decision_names_a_version_and_a_correction_says_of_what() {
        assert_eq!(decide().mistake(), None);
        let (status, decision) = (DocumentStatus::CorrectionRequested, "CORRECTION_REQUIRED".to_owned());
        let correct = || Decide { status, decision: decision.clone(), ..decide() };
        let term = |term: &str| Correction { term: term.to_owned(), value: None };
        assert_eq!(Decide { corrections: vec![term("BT-13")], ..correct() }.mistake(), None);
        for wrong in [
            Decide { version_no: 0, ..decide() },
            Decide { decision: "MAYBE".to_owned(), ..decide() },
            Decide { decision: "REJECTED".to_owned(), ..decide() },
            Decide { corrections: vec![term(" ")], ..decide() },
            correct(),
        ] {
            assert!(wrong.mistake().is_some(), "{wrong:?}");
        }
    }
}
