//! Which requests a discrepancy takes. Every transition that `domain::DiscrepancyStatus` does not list is refused.

use super::super::model::{Draft, Model, Refusal, Who, bounded, given, said};
use super::super::wire::{Actor, Comment, Happened, Status};
use super::action::{Action, Correct, Give, Propose, Reply};
use super::wire::{Discrepancy, Outcome, What};
use crate::files::named;
use domain::DiscrepancyStatus as S;
use domain::discrepancy::{EvidenceGiven, Line, LineCorrected, OutcomeAnswer, Raised, WHOLE};
use domain::issue::DocumentRef;
use std::collections::BTreeSet;

const LINE: usize = 512;
const TEXT: usize = 64 * 1024;
const LINES: usize = 200;
const DOCUMENTS: usize = 100;

type Decided = Result<(S, What), Refusal>;

/// What the request would change at `now`. `id` is `None` only for raising one.
pub fn decide(model: &Model, who: &Who, id: Option<&str>, action: Action, now: i64) -> Result<Draft, Refusal> {
    if let Action::Raise(raised) = action {
        return raise(model, who, *raised);
    }
    let record = id.and_then(|id| model.discrepancy(id)).ok_or(Refusal::UnknownCase)?;
    let actor = match who {
        Who::Host => Actor { id: "host".to_owned(), side: "host".to_owned() },
        Who::Partner(id) if *id == record.partner_id => Actor { id: id.clone(), side: "partner".to_owned() },
        Who::Partner(_) => return Err(Refusal::UnknownCase),
    };
    let (status, what) = match who {
        Who::Host => by_host(record, action, now)?,
        Who::Partner(_) => by_partner(record, action, now)?,
    };
    Ok(Draft {
        case_id: record.id.clone(),
        partner_id: record.partner_id.clone(),
        external_reference: String::new(),
        version: record.version + 1,
        status: Status::Discrepancy(status),
        what: Happened::Discrepancy(what),
        actor,
    })
}

fn documents(all: &[DocumentRef]) -> Result<(), Refusal> {
    if all.len() > DOCUMENTS {
        return Err(Refusal::Text);
    }
    all.iter().try_for_each(|d| bounded(&d.type_code, 64).and(bounded(&d.number, 80)).and(bounded(&d.issue_date, 64)))
}

fn line(line: &Line) -> Result<(), Refusal> {
    if line.line_no == WHOLE || line.line_no.split_whitespace().count() != 1 {
        return Err(Refusal::Field);
    }
    if line.ssccs.len() > DOCUMENTS {
        return Err(Refusal::Text);
    }
    let texts = [
        &line.line_no,
        &line.gtin,
        &line.buyer_item,
        &line.seller_item,
        &line.description,
        &line.uom,
        &line.currency,
        &line.promised_date,
        &line.actual_date,
        &line.condition_code,
        &line.condition_list,
        &line.lot,
        &line.dispute_deadline,
    ];
    texts.into_iter().chain(&line.ssccs).try_for_each(|text| bounded(text, LINE))
}

fn raise(model: &Model, who: &Who, raised: Raised) -> Result<Draft, Refusal> {
    let Who::Partner(partner_id) = who else { return Err(Refusal::Forbidden) };
    given(&raised.title, LINE)?;
    bounded(&raised.description, TEXT)?;
    for word in [
        &raised.kind,
        &raised.code,
        &raised.code_list,
        &raised.reported_by,
        &raised.site,
        &raised.claim_currency,
        &raised.remedy_wanted,
        &raised.language,
    ] {
        bounded(word, 64)?;
    }
    documents(&raised.documents)?;
    let numbers: BTreeSet<&str> = raised.lines.iter().map(|l| l.line_no.as_str()).collect();
    if raised.lines.len() > LINES || numbers.len() != raised.lines.len() {
        return Err(Refusal::Field);
    }
    raised.lines.iter().try_for_each(line)?;
    // What it is about must be said somehow: a kind or code, and a document, a line or a shipment.
    let about = !raised.documents.is_empty() || !raised.lines.is_empty() || raised.shipment.is_some();
    if (raised.kind.is_empty() && raised.code.is_empty()) || !about {
        return Err(Refusal::Field);
    }
    if raised.claim_amount.is_some() == raised.claim_currency.is_empty() {
        return Err(Refusal::Field);
    }
    Ok(Draft {
        case_id: model.next_discrepancy_id(),
        partner_id: partner_id.clone(),
        external_reference: String::new(),
        version: 1,
        status: Status::Discrepancy(S::Reported),
        what: Happened::Discrepancy(What::Raised(Box::new(raised))),
        actor: Actor { id: partner_id.clone(), side: "partner".to_owned() },
    })
}

/// Staying where it is is no transition: a repeat with another reason, a better proposal.
fn step(record: &Discrepancy, to: S) -> Result<S, Refusal> {
    if record.status == to || record.status.may_become(to) {
        Ok(to)
    } else {
        Err(Refusal::Transition { from: record.status.as_str(), to: to.as_str() })
    }
}

fn by_host(record: &Discrepancy, action: Action, now: i64) -> Decided {
    let at = record.status;
    match action {
        Action::Acknowledge(a) => {
            bounded(&a.reference, LINE)?;
            // It moves a discrepancy that nobody has moved yet and only adds the reference to any other.
            let status = if at == S::Reported { S::Triaged } else { at };
            Ok((status, What::Acknowledged { reference: a.reference }))
        }
        Action::SetStatus(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            // The others are the partner's word, or have requests of their own.
            if ![S::Triaged, S::UnderInvestigation, S::Refused, S::Withdrawn].contains(&a.status) {
                return Err(Refusal::Transition { from: at.as_str(), to: a.status.as_str() });
            }
            let (to, label, reason) = (step(record, a.status)?, a.label, a.reason);
            let expected_resolution_at = a.expected_resolution_at;
            Ok((to, What::StatusChanged { from: at, to, label, reason, expected_resolution_at }))
        }
        Action::PostComment(a) => {
            said(&a.text, &a.files)?;
            given(&a.note_key, LINE)?;
            bounded(&a.author_label, LINE)?;
            let format = "plain".to_owned();
            let (note_id, author, note_key) = (note_id(record), a.author_label, a.note_key);
            Ok((
                at,
                What::CommentPosted(Comment {
                    files: named(a.files, &note_id),
                    note_id,
                    author,
                    text: a.text,
                    format,
                    note_key,
                    written_at: None,
                    removed: false,
                }),
            ))
        }
        Action::RequestEvidence(a) => {
            given(&a.question, TEXT)?;
            if a.document_types.len() > DOCUMENTS {
                return Err(Refusal::Text);
            }
            a.document_types.iter().try_for_each(|word| bounded(word, 64))?;
            Ok((step(record, S::EvidenceRequested)?, What::EvidenceRequested(a)))
        }
        Action::Propose(a) => propose(record, a),
        Action::Escalate(a) => {
            given(&a.text, TEXT)?;
            if at.is_final() {
                return Err(Refusal::Final);
            }
            Ok((at, What::Escalated { text: a.text }))
        }
        Action::Settle(a) => {
            given(&a.closure, 64)?;
            bounded(&a.text, TEXT)?;
            bounded(&a.references, TEXT)?;
            let to = step(record, S::Settled)?;
            if at == S::OutcomeProposed && !record.has_lapsed(now) {
                return Err(Refusal::Unanswered);
            }
            let closure = if at == S::OutcomeProposed { "lapsed".to_owned() } else { a.closure };
            Ok((to, What::Settled { closure, text: a.text, references: a.references }))
        }
        Action::Raise(_)
        | Action::CorrectLine { .. }
        | Action::AddComment(_)
        | Action::GiveEvidence(_)
        | Action::Answer { .. }
        | Action::Withdraw(_) => Err(Refusal::Forbidden),
    }
}

/// An outcome for every line, and for nothing else; a discrepancy without lines has one for the whole.
fn propose(record: &Discrepancy, a: Propose) -> Decided {
    given(&a.outcome_version, LINE)?;
    bounded(&a.note, TEXT)?;
    let to = step(record, S::OutcomeProposed)?;
    for outcome in &a.lines {
        let texts = [&outcome.uom, &outcome.currency, &outcome.date, &outcome.reason, &outcome.reference];
        texts.into_iter().flatten().try_for_each(|text| bounded(text, LINE))?;
        if outcome.mistake().is_some() {
            return Err(Refusal::Field);
        }
    }
    let named: BTreeSet<&str> = a.lines.iter().map(|o| o.line_no.as_str()).collect();
    let mut wanted: BTreeSet<&str> = record.raised.lines.iter().map(|l| l.line_no.as_str()).collect();
    if wanted.is_empty() {
        wanted.insert(WHOLE);
    }
    if named != wanted || named.len() != a.lines.len() {
        return Err(Refusal::Incomplete);
    }
    let (outcome_version, round) = (a.outcome_version, record.round());
    let (lines, note, confirm_by) = (a.lines, a.note, a.confirm_by);
    let outcome = Outcome { outcome_version, round, lines, note, confirm_by, answer: String::new() };
    Ok((to, What::OutcomeProposed(outcome)))
}

fn by_partner(record: &Discrepancy, action: Action, now: i64) -> Decided {
    let at = record.status;
    if at.is_final() {
        return Err(Refusal::Final);
    }
    match action {
        Action::CorrectLine { line_no, correct } => corrected(record, line_no, *correct),
        Action::AddComment(a) => {
            said(&a.text, &a.files)?;
            bounded(&a.author, LINE)?;
            let author = if a.author.is_empty() { record.partner_id.clone() } else { a.author };
            let format = if a.format.is_empty() { "plain".to_owned() } else { a.format };
            let (note_id, note_key) = (note_id(record), String::new());
            Ok((
                at,
                What::CommentAdded(Comment {
                    files: named(a.files, &note_id),
                    note_id,
                    author,
                    text: a.text,
                    format,
                    note_key,
                    written_at: None,
                    removed: false,
                }),
            ))
        }
        Action::GiveEvidence(Give { text, author, documents: refs }) => {
            given(&text, TEXT)?;
            bounded(&author, LINE)?;
            documents(&refs)?;
            let author = if author.is_empty() { record.partner_id.clone() } else { author };
            Ok((at, What::EvidenceGiven(EvidenceGiven { note_id: note_id(record), author, text, documents: refs })))
        }
        Action::Answer { outcome_version, confirmed, reply } => answer(record, &outcome_version, confirmed, reply, now),
        Action::Withdraw(a) => {
            bounded(&a.reason, TEXT)?;
            Ok((step(record, S::Withdrawn)?, What::Withdrawn { reason: a.reason }))
        }
        Action::Raise(_)
        | Action::Acknowledge(_)
        | Action::SetStatus(_)
        | Action::PostComment(_)
        | Action::RequestEvidence(_)
        | Action::Propose(_)
        | Action::Escalate(_)
        | Action::Settle(_) => Err(Refusal::Forbidden),
    }
}

/// Until an outcome is on offer: what was counted must not change under a proposal.
fn corrected(record: &Discrepancy, line_no: String, correct: Correct) -> Decided {
    bounded(&correct.reason, TEXT)?;
    line(&correct.line)?;
    if [S::OutcomeProposed, S::Confirmed].contains(&record.status) || correct.line.line_no != line_no {
        return Err(Refusal::Field);
    }
    let mut lines = record.raised.lines.clone();
    *lines.iter_mut().find(|l| l.line_no == line_no).ok_or(Refusal::Field)? = correct.line;
    Ok((record.status, What::LineCorrected(LineCorrected { line_no, lines, reason: correct.reason })))
}

fn answer(record: &Discrepancy, version: &str, confirmed: bool, reply: Reply, now: i64) -> Decided {
    bounded(&reply.comment, TEXT)?;
    documents(&reply.documents)?;
    let on_offer = record
        .outcome
        .as_ref()
        .filter(|o| o.outcome_version == version && o.answer.is_empty() && record.status == S::OutcomeProposed);
    let outcome = on_offer.ok_or(Refusal::NotOnOffer)?;
    if record.has_lapsed(now) {
        return Err(Refusal::Lapsed);
    }
    for line in &reply.lines {
        bounded(&line.comment, TEXT)?;
        let known = outcome.lines.iter().any(|o| o.line_no == line.line_no);
        // To confirm is to agree to every line.
        if !known || (confirmed && !line.agreed) {
            return Err(Refusal::Field);
        }
    }
    let answer = OutcomeAnswer {
        outcome_version: version.to_owned(),
        round: outcome.round,
        lines: reply.lines,
        comment: reply.comment,
        documents: reply.documents,
    };
    Ok(if confirmed {
        (step(record, S::Confirmed)?, What::OutcomeConfirmed(answer))
    } else {
        (step(record, S::Contested)?, What::OutcomeContested(answer))
    })
}

fn note_id(record: &Discrepancy) -> String {
    format!("{}-n{}", record.id, record.comments.len() + 1)
}
