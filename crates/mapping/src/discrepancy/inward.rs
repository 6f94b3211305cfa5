//! What a partner did about a discrepancy, as commands for X.

use super::{compose, render, terms};
use crate::bundle::discrepancy::Discrepancies;
use crate::engine::{Draft, Held, Known};
use crate::files;
use crate::issue::{compose as issue, foreign, values};
use crate::said::{cut_marker, note_of, said};
use crate::uploader::{CARRIED, WITHHELD as WITHHELD_FILES, carried, withheld};
use domain::discrepancy::{
    EvidenceGiven, InternalCommand as C, LineCorrected, OutcomeAnswer, PartnerEvent as E, Raised,
};
use domain::issue::{CommentAdded, CreateCase, DocumentRef, StatusWrite, UpdateFields, Withdrawn};
use domain::text::cut;
use domain::{DiscrepancyStatus, InternalCommand, OnlyIf};
use std::collections::BTreeMap;

type Rules<'a> = Draft<'a, InternalCommand>;
const SECTION: &str = "discrepancy-agent";

pub(crate) fn to_internal(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    if let Some(rule) = foreign(draft) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    match event {
        E::Raised(e) => raised(draft, &known, terms, e),
        E::LineCorrected(e) => line_corrected(draft, &known, terms, e),
        E::CommentAdded(e) => comment_added(draft, &known, e),
        E::EvidenceGiven(e) => evidence_given(draft, &known, terms, e),
        E::OutcomeConfirmed(e) => confirmed(draft, &known, terms, e),
        E::OutcomeContested(e) => contested(draft, &known, terms, e),
        E::Withdrawn(e) => withdrawn(draft, &known, terms, e),
    }
}

fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, InternalCommand::Discrepancy(command));
}

/// A status write that takes place only where X stands at a status that `from` accepts.
fn status_write(terms: &Discrepancies, word: &str, from: impl Fn(DiscrepancyStatus) -> bool) -> StatusWrite {
    let one_of = terms.statuses.values(from);
    let only_if = OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() };
    StatusWrite { to: terms.statuses.to_write(word), only_if: Some(only_if) }
}

fn raised(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Discrepancies, e: &Raised) -> Result<(), Held> {
    let kind = compose::kind(terms, e)?;
    let remedy = e.remedy_wanted.trim();
    if !remedy.is_empty() && !domain::discrepancy::REMEDIES.contains(&remedy) {
        return Err(Held::new("unknown-remedy", remedy));
    }
    let amount = e.claim_amount.as_ref().map_or("", domain::Decimal::as_str);
    let carrier = e.shipment.as_ref().map_or("", |s| s.carrier.trim());
    let route = terms.routes.first_of(|field| match field {
        "kind" => vec![kind],
        "document_type" if e.documents.is_empty() => vec![""],
        "document_type" => e.documents.iter().map(|d| d.type_code.trim()).collect(),
        "site" => vec![e.site.trim()],
        "amount" => vec![amount],
        "currency" => vec![e.claim_currency.trim()],
        "remedy" => vec![remedy],
        "carrier" => vec![carrier],
        "partner" => vec![known.partner.id.as_str()],
        "group" => vec![&known.partner.group],
        "environment" => vec![draft.meta.environment.as_str()],
        "language" => vec![&e.language],
        other => vec![values::extra(draft, other)],
    });
    let case = CreateCase {
        route: route.queue.clone(),
        title: issue::title(draft, known.partner, known.policy, &e.title),
        description: compose::description(draft, known, terms, kind, e),
        status: terms.statuses.to_write("create"),
        priority: route.priority.clone(),
        fields: compose::fields(draft, known, terms, kind, e),
    };
    push(draft, "discrepancy.raised", "create", C::CreateCase(case));
    Ok(())
}

/// The partner masters what it counted; agents hear what changed, and the fields follow.
fn line_corrected(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    e: &LineCorrected,
) -> Result<(), Held> {
    let rule = "discrepancy.line-corrected";
    let fields = compose::fields_of_lines(draft, terms, &e.lines);
    if !fields.is_empty() {
        push(draft, rule, "update", C::UpdateFields(UpdateFields { fields }));
    }
    let line = e.lines.iter().find(|line| line.line_no == e.line_no).map(render::line);
    let line = line.unwrap_or_else(|| e.line_no.clone());
    let values = [("line", line.as_str()), ("reason", e.reason.trim())];
    let note = note_of(draft, known, (SECTION, "corrected"), &values);
    push(draft, rule, "note", C::AddInternalNote(note));
    Ok(())
}

fn comment_added(draft: &mut Rules<'_>, known: &Known<'_>, e: &CommentAdded) -> Result<(), Held> {
    let words = said(draft, known, (&e.author, &e.text, &e.format), &e.files)?;
    let brought = files::replies(draft, &e.author, &e.files);
    if words.is_none() && brought.is_empty() {
        return draft.only_skip("empty-comment");
    }
    if let Some(comment) = words {
        let comment = InternalCommand::Discrepancy(C::AddPublicComment(comment));
        draft.push_about("discrepancy.comment-added", "comment", comment, &[(WITHHELD_FILES, &withheld(&e.files))]);
    }
    for (effect, reply) in brought {
        let about = carried(&reply.files);
        let reply = InternalCommand::Discrepancy(C::AddPublicComment(reply));
        draft.push_about("discrepancy.comment-added", &effect, reply, &[(CARRIED, &about)]);
    }
    Ok(())
}

/// A text with the documents that it refers to.
fn with_documents(draft: &Rules<'_>, text: &str, documents: &[DocumentRef]) -> String {
    let documents: Vec<_> = documents.iter().map(issue::document).filter(|d| !d.is_empty()).collect();
    if documents.is_empty() {
        return text.trim().to_owned();
    }
    let label = draft.bundle.agent_texts().get(SECTION, "evidence");
    format!("{}\n\n{}: {}", text.trim(), label.as_str(), documents.join("; ")).trim().to_owned()
}

fn evidence_given(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    e: &EvidenceGiven,
) -> Result<(), Held> {
    let rule = "discrepancy.evidence-given";
    let text = with_documents(draft, &e.text, &e.documents);
    match said(draft, known, (&e.author, &text, "plain"), &[])? {
        Some(comment) => push(draft, rule, "comment", C::AddPublicComment(comment)),
        None => draft.skip("empty-comment"),
    }
    let resume = status_write(terms, "resume", |s| s == DiscrepancyStatus::EvidenceRequested);
    if resume.only_if.as_ref().is_some_and(|only_if| only_if.one_of.is_empty()) {
        draft.skip("never-pending");
    } else {
        push(draft, rule, "resume", C::ResumeCase(resume));
    }
    Ok(())
}

/// What the partner says of lines, one each, then of the whole.
fn answer_text(draft: &Rules<'_>, e: &OutcomeAnswer) -> String {
    let mark = |agreed: bool| if agreed { "+" } else { "-" };
    let lines = e.lines.iter().map(|line| {
        let text = format!("{} {}: {}", mark(line.agreed), line.line_no.trim(), line.comment.trim());
        text.trim_end_matches([':', ' ']).to_owned()
    });
    let text = lines.chain([e.comment.trim().to_owned()]).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    with_documents(draft, &text, &e.documents)
}

/// A note, not a public comment: many a case system reopens a ticket on every public reply.
fn confirmed(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Discrepancies, e: &OutcomeAnswer) -> Result<(), Held> {
    let rule = "discrepancy.outcome-confirmed";
    let (round, text) = (e.round.to_string(), answer_text(draft, e));
    let note = note_of(draft, known, (SECTION, "confirmed"), &[("round", &round), ("text", &text)]);
    push(draft, rule, "note", C::AddInternalNote(note));
    let settle = status_write(terms, "settle", |s| s == DiscrepancyStatus::OutcomeProposed).set_by(&e.outcome_version);
    push(draft, rule, "settle", C::SettleCase(settle));
    Ok(())
}

/// The partner's reasons in its own voice; from the last round on, somebody above hears of it too. Work begins again
/// also where an agent has closed the ticket meanwhile: the partner answered in time, or the community would not have
/// taken it.
fn contested(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Discrepancies, e: &OutcomeAnswer) -> Result<(), Held> {
    let rule = "discrepancy.outcome-contested";
    let round = e.round.to_string();
    let text = answer_text(draft, e);
    match said(draft, known, (&draft.meta.actor.id, &text, "plain"), &[])? {
        Some(comment) => push(draft, rule, "comment", C::AddPublicComment(comment)),
        None => {
            let note = note_of(draft, known, (SECTION, "contested"), &[("round", &round)]);
            push(draft, rule, "note", C::AddInternalNote(note));
        }
    }
    if e.round >= terms.terms.rounds {
        let text = cut(
            &crate::said::fill(
                draft.bundle.agent_texts().get(SECTION, "escalated").as_str(),
                &[("round", round.as_str())],
            ),
            values::MAX_FIELD,
            &cut_marker(draft),
        );
        let fields = BTreeMap::from([(terms.terms.escalation_field.clone(), text)]);
        push(draft, rule, "escalate", C::EscalateCase(UpdateFields { fields }));
    }
    let answered = [DiscrepancyStatus::OutcomeProposed, DiscrepancyStatus::Settled];
    let again = status_write(terms, "reinvestigate", |s| answered.contains(&s));
    push(draft, rule, "reinvestigate", C::ReinvestigateCase(again));
    Ok(())
}

fn withdrawn(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Discrepancies, e: &Withdrawn) -> Result<(), Held> {
    let rule = "discrepancy.withdrawn";
    let reason = e.reason.trim();
    if !reason.is_empty() {
        // Agents should know why before the ticket closes under their hands.
        let note = note_of(draft, known, ("agent", "withdrawn"), &[("text", reason)]);
        push(draft, rule, "note", C::AddInternalNote(note));
    }
    let cancel = status_write(terms, "cancel", |s| s.may_become(DiscrepancyStatus::Withdrawn));
    push(draft, rule, "cancel", C::CancelCase(cancel));
    Ok(())
}
