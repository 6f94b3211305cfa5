//! What either side is asked to do about a discrepancy.

use super::DiscrepancyStatus;
use crate::issue::{AddInternalNote, AddPublicComment, CreateCase, PostComment, StatusWrite, UpdateFields};
use crate::{Decimal, OnlyIf, Shared, Timestamp};
use serde::{Deserialize, Serialize};

/// What X is asked to do about a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    CreateCase(CreateCase),
    UpdateFields(UpdateFields),
    AddPublicComment(AddPublicComment),
    AddInternalNote(AddInternalNote),
    /// The evidence that was asked for has come.
    ResumeCase(StatusWrite),
    CancelCase(StatusWrite),
    /// The partner confirmed the outcome.
    SettleCase(StatusWrite),
    /// The partner contested the outcome.
    ReinvestigateCase(StatusWrite),
    /// Contested too often: somebody above has to look.
    EscalateCase(UpdateFields),
}

/// Tell the partner that it was taken on, with X's reference where the bundle shares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledge<T = Shared<String>> {
    #[serde(default)]
    pub reference: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStatus<T = Shared<String>> {
    pub status: DiscrepancyStatus,
    /// The status in the partner's language, from the bundle.
    pub label: T,
    #[serde(default)]
    pub reason: Option<T>,
    #[serde(default)]
    pub expected_resolution_at: Option<Timestamp>,
    /// Set where an outcome caused it: what X did since must not be undone.
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEvidence<T = Shared<String>> {
    pub question: T,
    /// UNTDID 1001 codes or own words such as `POD`.
    #[serde(default)]
    pub document_types: Vec<T>,
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

/// What the house offers for one line. Quantity and amount are decimals whose text was shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineOutcome<T = Shared<String>> {
    pub line_no: T,
    /// One of [`super::DECISIONS`].
    pub decision: T,
    #[serde(default)]
    pub quantity: Option<T>,
    #[serde(default)]
    pub uom: Option<T>,
    #[serde(default)]
    pub amount: Option<T>,
    /// ISO 4217.
    #[serde(default)]
    pub currency: Option<T>,
    /// ISO 8601 calendar date: what is now promised.
    #[serde(default)]
    pub date: Option<T>,
    /// One of [`super::REMEDIES`].
    #[serde(default)]
    pub remedy: Option<T>,
    #[serde(default)]
    pub reason: Option<T>,
    /// Of the credit note, adjustment (X12 812) or dispute message (EANCOM COMDIS).
    #[serde(default)]
    pub reference: Option<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeOutcome<T = Shared<String>> {
    /// The partner's answer must name it. Derived from the event that proposed.
    pub outcome_version: String,
    #[serde(default)]
    pub lines: Vec<LineOutcome<T>>,
    pub note: T,
    /// After it the partner's answer is no longer taken, and the house may settle without one.
    #[serde(default)]
    pub confirm_by: Option<Timestamp>,
}

/// Tell the partner that its contest went to somebody above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkEscalated<T = Shared<String>> {
    pub text: T,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle<T = Shared<String>> {
    /// `confirmed`: the partner's confirmation was carried out; `agent`: an agent settled.
    pub kind: String,
    #[serde(default)]
    pub text: Option<T>,
    /// Of the documents that settle it, as the house wrote them.
    #[serde(default)]
    pub references: Option<T>,
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
}

/// What the community is asked to do about a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    Acknowledge(Acknowledge<T>),
    SetStatus(SetStatus<T>),
    PostComment(PostComment<T>),
    RequestEvidence(RequestEvidence<T>),
    ProposeOutcome(ProposeOutcome<T>),
    MarkEscalated(MarkEscalated<T>),
    Settle(Settle<T>),
}

impl<T> LineOutcome<T> {
    fn map_text<U>(self, f: &impl Fn(T) -> U) -> LineOutcome<U> {
        LineOutcome {
            line_no: f(self.line_no),
            decision: f(self.decision),
            quantity: self.quantity.map(f),
            uom: self.uom.map(f),
            amount: self.amount.map(f),
            currency: self.currency.map(f),
            date: self.date.map(f),
            remedy: self.remedy.map(f),
            reason: self.reason.map(f),
            reference: self.reference.map(f),
        }
    }
}

impl<T: AsRef<str>> LineOutcome<T> {
    /// What is wrong with it by itself; the community also knows which lines there are.
    pub fn mistake(&self) -> Option<&'static str> {
        let is_decimal =
            |value: &Option<T>| value.as_ref().is_none_or(|v| Decimal::new(v.as_ref()).is_ok_and(|d| !d.is_negative()));
        let is_word = |value: &Option<T>, known: &[&str]| value.as_ref().is_none_or(|v| known.contains(&v.as_ref()));
        if self.line_no.as_ref().is_empty() {
            Some("a line without a number")
        } else if !super::DECISIONS.contains(&self.decision.as_ref()) {
            Some("an unknown decision")
        } else if !is_word(&self.remedy, &super::REMEDIES) {
            Some("an unknown remedy")
        } else if !is_decimal(&self.quantity) || !is_decimal(&self.amount) {
            Some("a quantity or amount that is no decimal from zero")
        } else if self.amount.is_some() != self.currency.is_some() {
            Some("an amount without its currency, or the reverse")
        } else {
            None
        }
    }
}

impl<T> PartnerCommand<T> {
    /// Every text of the command through `f`, nothing else touched.
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        match self {
            Self::Acknowledge(c) => PartnerCommand::Acknowledge(Acknowledge { reference: c.reference.map(f) }),
            Self::SetStatus(c) => PartnerCommand::SetStatus(SetStatus {
                status: c.status,
                label: f(c.label),
                reason: c.reason.map(f),
                expected_resolution_at: c.expected_resolution_at,
                only_if: c.only_if,
            }),
            Self::PostComment(c) => PartnerCommand::PostComment(c.map_text(f)),
            Self::RequestEvidence(c) => PartnerCommand::RequestEvidence(RequestEvidence {
                question: f(c.question),
                document_types: c.document_types.into_iter().map(f).collect(),
                due_at: c.due_at,
            }),
            Self::ProposeOutcome(c) => PartnerCommand::ProposeOutcome(ProposeOutcome {
                outcome_version: c.outcome_version,
                lines: c.lines.into_iter().map(|line| line.map_text(&f)).collect(),
                note: f(c.note),
                confirm_by: c.confirm_by,
            }),
            Self::MarkEscalated(c) => PartnerCommand::MarkEscalated(MarkEscalated { text: f(c.text) }),
            Self::Settle(c) => PartnerCommand::Settle(Settle {
                kind: c.kind,
                text: c.text.map(&f),
                references: c.references.map(f),
                only_if: c.only_if,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> LineOutcome<String> {
        let some = |text: &str| Some(text.to_owned());
        LineOutcome {
            line_no: "1".to_owned(),
            decision: "PARTIAL".to_owned(),
            quantity: some("8"),
            uom: some("EA"),
            amount: some("12.50"),
            currency: some("EUR"),
            date: None,
            remedy: some("CREDIT_PARTIAL"),
            reason: None,
            reference: None,
        }
    }

    #[test]
    fn a_line_with_a_word_or_number_that_nobody_knows_is_a_mistake() {
        assert_eq!(line().mistake(), None);
        for wrong in [
            LineOutcome { line_no: String::new(), ..line() },
            LineOutcome { decision: "MAYBE".to_owned(), ..line() },
            LineOutcome { remedy: Some("CAKE".to_owned()), ..line() },
            LineOutcome { quantity: Some("8 pieces".to_owned()), ..line() },
            LineOutcome { amount: Some("-1".to_owned()), ..line() },
            LineOutcome { currency: None, ..line() },
        ] {
            assert!(wrong.mistake().is_some(), "{wrong:?}");
        }
    }
}
