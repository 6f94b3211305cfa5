//! A discrepancy at the community, plainly: the same life as the contract's.

use super::Refused;
use crate::scenario::{Partner, Raise, View, contested, document, line, outcome_line};
use domain::DiscrepancyStatus as S;
use domain::discrepancy::{
    EvidenceGiven, Line, LineCorrected, LineOutcome, OutcomeAnswer, PartnerCommand as C, PartnerEvent as E, Raised,
    WHOLE,
};
use domain::issue::{CommentAdded, Withdrawn};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(in crate::scenario) struct Dispute {
    pub(super) id: String,
    pub(super) partner: String,
    pub(super) status: S,
    lines: Vec<Line>,
    label: String,
    reason: String,
    reference: String,
    comments: Vec<(String, String)>,
    question: String,
    evidence: Vec<String>,
    outcome: Option<Outcome>,
    escalated: String,
    closure: String,
    settlement: String,
}

#[derive(Clone, Debug)]
struct Outcome {
    version: String,
    round: i64,
    lines: Vec<LineOutcome<String>>,
    note: String,
    /// There is a time by which it must be answered.
    limited: bool,
    lapsed: bool,
    contested: bool,
    answered: bool,
}

/// Texts of scenarios are checked where they are written: what is no line of the contract is a mistake of the file.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("not as the contract says it: {error}"))
}

impl Dispute {
    pub(super) fn raised(id: String, raise: &Raise) -> (Self, E) {
        let raised: Raised = read(raise.to_contract());
        let dispute = Self {
            id,
            partner: raise.by.clone(),
            status: S::Reported,
            lines: raised.lines.clone(),
            label: String::new(),
            reason: String::new(),
            reference: String::new(),
            comments: Vec::new(),
            question: String::new(),
            evidence: Vec::new(),
            outcome: None,
            escalated: String::new(),
            closure: String::new(),
            settlement: String::new(),
        };
        (dispute, E::Raised(Box::new(raised)))
    }

    pub(super) fn has_offer(&self) -> bool {
        self.status == S::OutcomeProposed && self.outcome.as_ref().is_some_and(|o| !o.answered)
    }

    pub(super) fn says(&self, text: &str) -> bool {
        self.comments.iter().any(|(_, said)| said == text)
    }

    pub(super) fn act(&mut self, act: &Partner) -> Result<Option<E>, Refused> {
        if self.status.is_final() {
            return Err(Refused);
        }
        let note_id = format!("{}-n{}", self.id, self.comments.len() + 1);
        let author = self.partner.clone();
        Ok(Some(match act {
            Partner::Comments { text, format } => {
                self.comments.push((author.clone(), text.clone()));
                E::CommentAdded(CommentAdded {
                    note_id,
                    author,
                    text: text.clone(),
                    format: format.clone(),
                    case_status: String::new(),
                    files: Vec::new(),
                })
            }
            Partner::SendsFiles { text, files } => {
                self.comments.push((author.clone(), text.clone()));
                E::CommentAdded(CommentAdded {
                    note_id,
                    author,
                    text: text.clone(),
                    format: "plain".to_owned(),
                    case_status: String::new(),
                    files: super::super::step::claims(files),
                })
            }
            Partner::GivesEvidence { text, document: named } => {
                self.comments.push((author.clone(), text.clone()));
                let documents = document(named).map(read).into_iter().collect();
                E::EvidenceGiven(EvidenceGiven { note_id, author, text: text.clone(), documents })
            }
            Partner::CorrectsLine { line: text, reason } => {
                let corrected: Line = read(line(text));
                let line_no = corrected.line_no.clone();
                if [S::OutcomeProposed, S::Confirmed].contains(&self.status) {
                    return Err(Refused);
                }
                *self.lines.iter_mut().find(|line| line.line_no == line_no).ok_or(Refused)? = corrected;
                E::LineCorrected(LineCorrected { line_no, lines: self.lines.clone(), reason: reason.clone() })
            }
            Partner::RevisesComment { .. } => return Err(Refused),
            Partner::Withdraws { reason } => {
                self.step(S::Withdrawn)?;
                E::Withdrawn(Withdrawn { reason: reason.clone() })
            }
            Partner::Confirms { text } => E::OutcomeConfirmed(self.answer(text, &[], false)?),
            Partner::Contests { text, lines } => E::OutcomeContested(self.answer(text, lines, true)?),
            Partner::LetsTheOfferLapse => {
                let outcome = self.outcome.as_mut().filter(|o| o.limited && !o.answered).ok_or(Refused)?;
                outcome.lapsed = true;
                return Ok(None);
            }
            Partner::Opens(_)
            | Partner::Raises(_)
            | Partner::ChangesDetails { .. }
            | Partner::Accepts { .. }
            | Partner::Rejects { .. }
            | Partner::AcceptsInvitation { .. }
            | Partner::DeclinesInvitation { .. }
            | Partner::LetsTheInvitationExpire
            | Partner::Submits { .. }
            | Partner::Asks { .. }
            | Partner::Shares(_)
            | Partner::AddsVersion { .. }
            | Partner::Views => return Err(Refused),
        }))
    }

    fn answer(&mut self, text: &str, lines: &[String], contest: bool) -> Result<OutcomeAnswer, Refused> {
        let offered = self.has_offer();
        let outcome = self.outcome.as_mut().filter(|o| offered && !o.lapsed).ok_or(Refused)?;
        (outcome.answered, outcome.contested) = (true, contest);
        let answer = OutcomeAnswer {
            outcome_version: outcome.version.clone(),
            round: outcome.round,
            lines: lines.iter().map(|text| read(contested(text))).collect(),
            comment: text.to_owned(),
            documents: Vec::new(),
        };
        self.step(if contest { S::Contested } else { S::Confirmed })?;
        Ok(answer)
    }

    /// Staying where it is is allowed.
    fn step(&mut self, to: S) -> Result<(), Refused> {
        if self.status != to && !self.status.may_become(to) {
            return Err(Refused);
        }
        if to != S::EvidenceRequested {
            self.question.clear();
            self.evidence.clear();
        }
        self.status = to;
        Ok(())
    }

    pub(super) fn obey(&mut self, command: &C) -> Result<(), Refused> {
        match command {
            C::Acknowledge(c) => {
                if self.status == S::Reported {
                    self.step(S::Triaged)?;
                }
                if let Some(reference) = &c.reference {
                    self.reference.clone_from(reference.get());
                }
            }
            C::SetStatus(c) => {
                if ![S::Triaged, S::UnderInvestigation, S::Refused, S::Withdrawn].contains(&c.status) {
                    return Err(Refused);
                }
                self.step(c.status)?;
                self.label.clone_from(c.label.get());
                self.reason = c.reason.as_ref().map(|reason| reason.get().clone()).unwrap_or_default();
            }
            C::PostComment(c) => {
                let author = c.author_label.as_ref().map(|label| label.get().clone()).unwrap_or_default();
                self.comments.push((author, c.text.get().clone()));
            }
            C::RequestEvidence(c) => {
                self.step(S::EvidenceRequested)?;
                self.question.clone_from(c.question.get());
                self.evidence = c.document_types.iter().map(|word| word.get().clone()).collect();
            }
            C::ProposeOutcome(_) => self.propose(command)?,
            C::MarkEscalated(c) => {
                if self.status.is_final() {
                    return Err(Refused);
                }
                self.escalated.clone_from(c.text.get());
            }
            C::Settle(c) => {
                let unanswered = self.status == S::OutcomeProposed;
                if unanswered && !self.outcome.as_ref().is_some_and(|o| o.lapsed) {
                    return Err(Refused);
                }
                self.step(S::Settled)?;
                self.closure = if unanswered { "lapsed".to_owned() } else { c.kind.clone() };
                self.settlement = c.references.as_ref().map(|r| r.get().clone()).unwrap_or_default();
            }
        }
        Ok(())
    }

    fn propose(&mut self, command: &C) -> Result<(), Refused> {
        let C::ProposeOutcome(c) = command.clone().map_text(domain::Shared::into_inner) else { return Err(Refused) };
        let mut named: Vec<&str> = c.lines.iter().map(|line| line.line_no.as_str()).collect();
        let mut wanted: Vec<&str> = self.lines.iter().map(|line| line.line_no.as_str()).collect();
        if wanted.is_empty() {
            wanted.push(WHOLE);
        }
        named.sort_unstable();
        wanted.sort_unstable();
        if named != wanted || c.lines.iter().any(|line| line.mistake().is_some()) {
            return Err(Refused);
        }
        self.step(S::OutcomeProposed)?;
        let round = self.outcome.as_ref().map_or(1, |o| o.round + i64::from(o.contested));
        self.outcome = Some(Outcome {
            version: c.outcome_version,
            round,
            lines: c.lines,
            note: c.note,
            limited: c.confirm_by.is_some(),
            lapsed: false,
            contested: false,
            answered: false,
        });
        Ok(())
    }

    pub(super) fn show(&self, view: &mut View) {
        self.status.as_str().clone_into(&mut view.status);
        view.label.clone_from(&self.label);
        view.reason.clone_from(&self.reason);
        view.reference.clone_from(&self.reference);
        view.comments = self.comments.iter().map(|(author, text)| format!("{author}: {text}")).collect();
        view.question.clone_from(&self.question);
        view.evidence.clone_from(&self.evidence);
        if let Some(outcome) = &self.outcome {
            view.resolution.clone_from(&outcome.note);
            view.outcome = outcome.lines.iter().map(outcome_line).collect();
            view.round = outcome.round;
        }
        view.escalated.clone_from(&self.escalated);
        view.closure.clone_from(&self.closure);
        view.settlement.clone_from(&self.settlement);
    }
}
