//! What happened in X about a discrepancy, as commands for the community.

use super::{lines, terms};
use crate::bundle::discrepancy::Discrepancies;
use crate::bundle::fields::Use;
use crate::bundle::statuses::Meaning;
use crate::engine::{Draft, Held, Known};
use crate::issue::foreign;
use crate::known::{comments, end_notice, notice_comment};
use crate::uploader::WITHHELD as WITHHELD_FILES;
use domain::discrepancy::{
    Acknowledge, InternalEvent as E, MarkEscalated, PartnerCommand as C, ProposeOutcome, RequestEvidence, SetStatus,
    Settle,
};
use domain::issue::{InformationRequired, Merged, PublicCommentAdded, StatusChanged};
use domain::{DiscrepancyStatus as Status, Marked, OnlyIf, PartnerCommand, Shared, Timestamp};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;

pub(crate) fn to_partner(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    // What never leaves is skipped before anything about the partner is asked, so that it is never held either.
    let silent = match event {
        E::Created(_) => Some("internal-created"),
        E::FindingRecorded(_) => Some("finding"),
        E::InternalNoteAdded(_) => Some("internal-note"),
        E::Assigned(_) => Some("assigned"),
        E::PriorityChanged(_) => Some("priority-changed"),
        E::FieldChanged(_) => Some("field-changed"),
        E::StatusChanged(_) | E::PublicCommentAdded(_) | E::InformationRequired(_) | E::Merged(_) => None,
    };
    if let Some(rule) = silent.or_else(|| foreign(draft)) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    match event {
        E::StatusChanged(e) => status_changed(draft, terms, e),
        E::PublicCommentAdded(e) => comment_added(draft, e),
        E::InformationRequired(e) => information_required(draft, e),
        E::Merged(e) => merged(draft, e),
        E::Created(_)
        | E::FindingRecorded(_)
        | E::InternalNoteAdded(_)
        | E::Assigned(_)
        | E::PriorityChanged(_)
        | E::FieldChanged(_) => Ok(()),
    }
}

fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, PartnerCommand::Discrepancy(command));
}

/// What a status of X means, by the bundle.
fn meaning<'a>(terms: &'a Discrepancies, status: &str) -> Result<(Status, Option<Status>, &'a str), Held> {
    match terms.statuses.meaning.get(status) {
        Some(Meaning::Is { canonical, otherwise, label }) => Ok((*canonical, *otherwise, label)),
        Some(Meaning::Hold) => Err(Held::new("held-status", status)),
        None => Err(Held::new("unknown-status", status)),
    }
}

/// X jumps (new to resolved); the partner is led along every step that is the house's to take.
fn status_changed(draft: &mut Rules<'_>, terms: &Discrepancies, e: &StatusChanged) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let (from, _, _) = meaning(terms, &e.from)?;
    let (to, otherwise, label) = meaning(terms, &e.to)?;
    if from == to {
        return draft.only_skip("same-status");
    }
    let ways = [Some((to, label)), otherwise.map(|o| (o, o.as_str()))];
    let Some((path, label)) = ways.into_iter().flatten().find_map(|(to, label)| Some((from.path(to)?, label))) else {
        return Err(Held::new("no-transition", &format!("{} to {}", from.as_str(), to.as_str())));
    };
    if path.is_empty() {
        return draft.only_skip("same-status");
    }
    let rule = "discrepancy.status-changed";
    // X may be ahead: our own command resumed it, and the outcome of that comes back on another way than what an
    // agent does next.
    if from == Status::UnderInvestigation {
        push(draft, rule, "catch-up", C::SetStatus(taken_up(&known, &BEHIND)));
    }
    for (index, step) in path.iter().copied().enumerate() {
        let last = index + 1 == path.len();
        let label = if last { label } else { step.as_str() };
        let command = step_to(draft, &known, terms, e, (step, last, label))?;
        push(draft, rule, step.as_str(), command);
    }
    Ok(())
}

/// Where the community may stand while X is at work again.
const BEHIND: [Status; 2] = [Status::EvidenceRequested, Status::Contested];

fn taken_up(known: &Known<'_>, from: &[Status]) -> SetStatus {
    let status = Status::UnderInvestigation;
    SetStatus {
        status,
        label: known.texts.get("discrepancy-status", status.as_str()).share(),
        reason: None,
        expected_resolution_at: None,
        only_if: only_in(from),
    }
}

fn only_in(statuses: &[Status]) -> Option<OnlyIf> {
    let one_of = statuses.iter().map(|s| s.as_str().to_owned()).collect();
    Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() })
}

fn notice(known: &Known<'_>, key: &str) -> Text {
    known.texts.get("discrepancy-notice", key).share()
}

/// One step of the way; what X said along with the change belongs to the last one.
fn step_to(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    e: &StatusChanged,
    (step, last, label): (Status, bool, &str),
) -> Result<C, Held> {
    Ok(match step {
        Status::EvidenceRequested => C::RequestEvidence(evidence(draft, known, &e.reason, None)),
        Status::OutcomeProposed => C::ProposeOutcome(proposal(draft, known, terms, &e.reason)?),
        Status::Settled => C::Settle(Settle {
            kind: "agent".to_owned(),
            text: Some(notice(known, "settled")),
            references: known.extra(draft, Use::Settlement),
            only_if: None,
        }),
        // The path leads through none of the partner's own.
        Status::Reported
        | Status::Contested
        | Status::Confirmed
        | Status::Triaged
        | Status::UnderInvestigation
        | Status::Refused
        | Status::Withdrawn => {
            let reason = known.shared("status_reason", &e.reason).or_else(|| known.extra(draft, Use::StatusReason));
            C::SetStatus(SetStatus {
                status: step,
                label: known.texts.get("discrepancy-status", label).share(),
                reason: reason.filter(|_| last),
                expected_resolution_at: known.date("expected_resolution_at", e.expected_resolution_at).filter(|_| last),
                only_if: None,
            })
        }
    })
}

/// An outcome for every line as agents wrote it. Without any the community refuses the proposal, and agents read so.
fn proposal(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    said: &Marked<String>,
) -> Result<ProposeOutcome, Held> {
    let granted = known.extra(draft, Use::LineOutcomes);
    let lines = granted.as_ref().map_or_else(|| Ok(Vec::new()), |text| lines::read(terms, text))?;
    let note = known.shared("resolution_note", said).or_else(|| known.extra(draft, Use::ResolutionNote));
    let days = terms.terms.confirm_days;
    Ok(ProposeOutcome {
        outcome_version: draft.meta.id.to_string(),
        lines,
        note: note.unwrap_or_else(|| notice(known, "outcome")),
        // From when it was seen here, so that the partner loses nothing to a slow feed.
        confirm_by: (days > 0).then(|| draft.meta.recorded_at.plus_millis(days.saturating_mul(86_400_000))),
    })
}

fn evidence(draft: &Rules<'_>, known: &Known<'_>, said: &Marked<String>, due: Option<Timestamp>) -> RequestEvidence {
    let question = known.shared("question", said).or_else(|| known.extra(draft, Use::Question));
    let types = known.extra(draft, Use::Evidence);
    let words = types.iter().flat_map(|text| {
        let words = text.get().split([',', ';', ' ', '\n']).map(str::trim).filter(|word| !word.is_empty());
        words.filter_map(|word| text.part(word)).take(20).collect::<Vec<_>>()
    });
    RequestEvidence {
        document_types: words.collect(),
        question: question.unwrap_or_else(|| notice(known, "evidence")),
        due_at: known.date("due_at", due),
    }
}

fn comment_added(draft: &mut Rules<'_>, e: &PublicCommentAdded) -> Result<(), Held> {
    match comments(draft, e)? {
        Ok(posts) => {
            for post in posts {
                let command = PartnerCommand::Discrepancy(C::PostComment(post.comment));
                let about = [(WITHHELD_FILES, post.withheld.as_str())];
                draft.push_about("discrepancy.public-comment-added", &post.effect, command, &about);
            }
            Ok(())
        }
        Err(rule) => draft.only_skip(rule),
    }
}

fn information_required(draft: &mut Rules<'_>, e: &InformationRequired) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let command = evidence(draft, &known, &e.question, e.due_at);
    push(draft, "discrepancy.information-required", "request", C::RequestEvidence(command));
    Ok(())
}

/// As with a case: it is over for its partner, in words that say nothing of the other one. What was confirmed is settled.
fn merged(draft: &mut Rules<'_>, e: &Merged) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let text = end_notice(&known, e);
    let rule = "discrepancy.merged";
    push(draft, rule, "notice", C::PostComment(notice_comment(draft, &known, text.clone())));
    let settle =
        Settle { kind: "agent".to_owned(), text: None, references: None, only_if: only_in(&[Status::Confirmed]) };
    push(draft, rule, "settle", C::Settle(settle));
    let open: Vec<Status> = Status::ALL.into_iter().filter(|s| s.may_become(Status::Withdrawn)).collect();
    let end = SetStatus {
        status: Status::Withdrawn,
        label: known.texts.get("label", "merged").share(),
        reason: Some(text),
        expected_resolution_at: None,
        only_if: only_in(&open),
    };
    push(draft, rule, "end", C::SetStatus(end));
    Ok(())
}

/// What a partner said found no record in X any more, because agents had put it into another one.
pub(crate) fn came_too_late(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    if kind != "internal.discrepancy.add-public-comment" {
        return draft.only_skip("outcome-skipped");
    }
    let known = draft.known_partner()?;
    let comment = notice_comment(draft, &known, known.notice("ended"));
    push(draft, "discrepancy.came-too-late", "notice", C::PostComment(comment));
    Ok(())
}

/// X took it on.
pub(crate) fn acknowledge(draft: &mut Rules<'_>, reference: Option<Text>) {
    push(draft, "discrepancy.created", "acknowledge", C::Acknowledge(Acknowledge { reference }));
}

/// X carried out what the partner's answer asked of it. Its own echo is no news, so the partner hears of it here.
pub(crate) fn obeyed(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    let rule = "discrepancy.obeyed";
    let known = match kind {
        "internal.discrepancy.settle-case"
        | "internal.discrepancy.resume-case"
        | "internal.discrepancy.reinvestigate-case"
        | "internal.discrepancy.escalate-case" => draft.known_partner()?,
        _ => return draft.only_skip("outcome-done"),
    };
    let (effect, command) = match kind {
        "internal.discrepancy.settle-case" => (
            "settle",
            C::Settle(Settle {
                kind: "confirmed".to_owned(),
                text: Some(notice(&known, "settled")),
                references: None,
                only_if: only_in(&[Status::Confirmed]),
            }),
        ),
        "internal.discrepancy.escalate-case" => {
            ("escalate", C::MarkEscalated(MarkEscalated { text: notice(&known, "escalated") }))
        }
        _ => ("take-up", C::SetStatus(taken_up(&known, &BEHIND))),
    };
    push(draft, rule, effect, command);
    Ok(())
}
