//! What happened in X, as commands for the community.

use crate::bundle::fields::Use;
use crate::bundle::statuses::Meaning;
use crate::engine::{Draft, Held, Known};
use crate::known::{comments, end_notice, notice_comment};
use crate::uploader::WITHHELD as WITHHELD_FILES;
use domain::issue::{
    CloseCase, Closed, InformationRequired, InternalEvent as E, Merged, PartnerCommand as C, ProposeResolution,
    PublicCommentAdded, ReopenCase, Reopened, RequestInformation, Resolved, SetCaseStatus, StatusChanged,
};
use domain::{CaseStatus, Marked, OnlyIf, PartnerCommand, Shared, Timestamp};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;

pub(crate) fn to_partner(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    // What never leaves is skipped before anything about the partner is asked, so that it is never held either.
    let silent = match event {
        E::Created(_) => Some("internal-created"),
        E::InternalNoteAdded(_) => Some("internal-note"),
        E::Assigned(_) => Some("assigned"),
        E::PriorityChanged(_) => Some("priority-changed"),
        E::FieldChanged(_) => Some("field-changed"),
        E::StatusChanged(_)
        | E::PublicCommentAdded(_)
        | E::InformationRequired(_)
        | E::Resolved(_)
        | E::Closed(_)
        | E::Reopened(_)
        | E::Merged(_) => None,
    };
    if let Some(rule) = silent.or_else(|| super::foreign(draft)) {
        return draft.only_skip(rule);
    }
    match event {
        E::StatusChanged(e) => status_changed(draft, e),
        E::PublicCommentAdded(e) => comment_added(draft, e),
        E::InformationRequired(e) => information_required(draft, e),
        E::Resolved(e) => resolved(draft, e),
        E::Closed(e) => closed(draft, e),
        E::Reopened(e) => reopened(draft, e),
        E::Merged(e) => merged(draft, e),
        E::Created(_) | E::InternalNoteAdded(_) | E::Assigned(_) | E::PriorityChanged(_) | E::FieldChanged(_) => Ok(()),
    }
}

fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, PartnerCommand::Issue(command));
}

impl Known<'_> {
    /// The resolution code as a code of ours. Unknown values of X hold the fact.
    fn code(&self, draft: &Rules<'_>, said: &str) -> Result<Option<Text>, Held> {
        let extra = self.extra(draft, Use::ResolutionCode);
        let value = if said.is_empty() { extra.as_ref().map_or("", |e| e.get().trim()) } else { said };
        if value.is_empty() {
            return Ok(None);
        }
        match draft.bundle.codes.resolution.get(value) {
            Some(Some(code)) => Ok(Some(code.share()).filter(|_| self.policy.shares("resolution_code"))),
            Some(None) => Err(Held::new("held-code", value)),
            None => Err(Held::new("unknown-resolution-code", value)),
        }
    }

    fn proposal(&self, draft: &Rules<'_>, code: &str, note: &Marked<String>) -> Result<C, Held> {
        let note = self.shared("resolution_note", note).or_else(|| self.extra(draft, Use::ResolutionNote));
        Ok(C::ProposeResolution(ProposeResolution {
            resolution_version: draft.meta.id.to_string(),
            code: self.code(draft, code)?,
            note: note.unwrap_or_else(|| self.notice("resolution")),
        }))
    }

    fn question(&self, draft: &Rules<'_>, said: &Marked<String>, due_at: Option<Timestamp>) -> C {
        let question = self.shared("question", said).or_else(|| self.extra(draft, Use::Question));
        C::RequestInformation(RequestInformation {
            question: question.unwrap_or_else(|| self.notice("question")),
            due_at: self.date("due_at", due_at),
        })
    }
}

/// What a status of X means, by the bundle.
fn meaning<'a>(draft: &Rules<'a>, status: &str) -> Result<(CaseStatus, Option<CaseStatus>, &'a str), Held> {
    match draft.bundle.statuses.meaning.get(status) {
        Some(Meaning::Is { canonical, otherwise, label }) => Ok((*canonical, *otherwise, label)),
        Some(Meaning::Hold) => Err(Held::new("held-status", status)),
        None => Err(Held::new("unknown-status", status)),
    }
}

/// X jumps (new to resolved); the partner is led along every step of the case's life.
fn status_changed(draft: &mut Rules<'_>, e: &StatusChanged) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let (from, _, _) = meaning(draft, &e.from)?;
    let (to, otherwise, label) = meaning(draft, &e.to)?;
    if from == to {
        return draft.only_skip("same-status");
    }
    // Where X has arrived at the other meaning already, there is nothing new to tell.
    let ways = [Some((to, label)), otherwise.map(|o| (o, o.as_str()))];
    let way = ways.into_iter().flatten().find_map(|(to, label)| Some((from.path(to)?, label)));
    let Some((path, label)) = way else {
        return Err(Held::new("no-transition", &format!("{} to {}", from.as_str(), to.as_str())));
    };
    if path.is_empty() {
        return draft.only_skip("same-status");
    }
    let pending = CaseStatus::PendingPartner;
    if from == CaseStatus::InProgress && path.first().is_some_and(|to| *to != pending && !pending.may_become(*to)) {
        push(draft, "issue.status-changed", "catch-up", C::SetCaseStatus(resume(&known)));
    }
    let mut at = from;
    for (index, step) in path.iter().copied().enumerate() {
        let last = index + 1 == path.len();
        let label = if last { label } else { step.as_str() };
        let command = status_step(draft, &known, e, Step { at, to: step, last, label })?;
        push(draft, "issue.status-changed", step.as_str(), command);
        at = step;
    }
    Ok(())
}

/// X goes on with a case: the partner's side does so too where it still waits. X can be ahead, because it is resumed by
/// a command of ours whose outcome comes back on another way than what an agent does next.
fn resume(known: &Known<'_>) -> SetCaseStatus {
    let status = CaseStatus::InProgress;
    SetCaseStatus {
        status,
        label: known.texts.get("status", status.as_str()).share(),
        reason: None,
        expected_resolution_at: None,
        only_if: only_in(CaseStatus::PendingPartner),
    }
}

fn only_in(status: CaseStatus) -> Option<OnlyIf> {
    Some(OnlyIf { field: "status".to_owned(), one_of: vec![status.as_str().to_owned()], set_by: String::new() })
}

/// One step of the way. What X said along with the change belongs to the last one.
struct Step<'l> {
    at: CaseStatus,
    to: CaseStatus,
    last: bool,
    label: &'l str,
}

fn status_step(draft: &Rules<'_>, known: &Known<'_>, e: &StatusChanged, step: Step<'_>) -> Result<C, Held> {
    let reason = || {
        let said = known.shared("status_reason", &e.reason).or_else(|| known.extra(draft, Use::StatusReason));
        said.filter(|_| step.last)
    };
    Ok(match step.to {
        CaseStatus::PendingPartner => known.question(draft, &e.reason, None),
        CaseStatus::Resolved => known.proposal(draft, "", &e.reason)?,
        CaseStatus::Closed => {
            C::CloseCase(CloseCase { kind: "agent".to_owned(), text: Some(known.notice("closed")), only_if: None })
        }
        CaseStatus::InProgress if step.at == CaseStatus::Resolved => C::ReopenCase(ReopenCase { reason: reason() }),
        CaseStatus::Submitted
        | CaseStatus::Acknowledged
        | CaseStatus::InProgress
        | CaseStatus::OnHold
        | CaseStatus::Rejected
        | CaseStatus::Cancelled => C::SetCaseStatus(SetCaseStatus {
            status: step.to,
            label: known.texts.get("status", step.label).share(),
            // Why a case rests inside the house is not told: the cause may be a third party or another partner.
            reason: if step.to == CaseStatus::OnHold { None } else { reason() },
            expected_resolution_at: known
                .date("expected_resolution_at", e.expected_resolution_at)
                .filter(|_| step.last),
            only_if: None,
        }),
    })
}

fn comment_added(draft: &mut Rules<'_>, e: &PublicCommentAdded) -> Result<(), Held> {
    match comments(draft, e)? {
        Ok(posts) => {
            for post in posts {
                let command = PartnerCommand::Issue(C::PostComment(post.comment));
                let about = [(WITHHELD_FILES, post.withheld.as_str())];
                draft.push_about("issue.public-comment-added", &post.effect, command, &about);
            }
            Ok(())
        }
        Err(rule) => draft.only_skip(rule),
    }
}

fn information_required(draft: &mut Rules<'_>, e: &InformationRequired) -> Result<(), Held> {
    let command = draft.known_partner()?.question(draft, &e.question, e.due_at);
    push(draft, "issue.information-required", "request", command);
    Ok(())
}

fn resolved(draft: &mut Rules<'_>, e: &Resolved) -> Result<(), Held> {
    let command = draft.known_partner()?.proposal(draft, &e.code, &e.note)?;
    push(draft, "issue.resolved", "propose", command);
    Ok(())
}

fn closed(draft: &mut Rules<'_>, e: &Closed) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let kinds = ["partner-accepted", "auto", "agent"];
    let Some(kind) = kinds.into_iter().find(|kind| *kind == e.kind) else {
        return Err(Held::new("unknown-closure", &e.kind));
    };
    let command = CloseCase { kind: kind.to_owned(), text: Some(known.notice("closed")), only_if: None };
    push(draft, "issue.closed", "close", C::CloseCase(command));
    Ok(())
}

fn reopened(draft: &mut Rules<'_>, e: &Reopened) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let reason = known.shared("status_reason", &e.reason).or_else(|| known.extra(draft, Use::StatusReason));
    push(draft, "issue.reopened", "reopen", C::ReopenCase(ReopenCase { reason }));
    Ok(())
}

/// This case is over for its partner, who reads so in words that say nothing of the other case: not its number, not
/// whose it is, not whether there is one at all where it is another partner's.
fn merged(draft: &mut Rules<'_>, e: &Merged) -> Result<(), Held> {
    let known = draft.known_partner()?;
    let text = end_notice(&known, e);
    let rule = "issue.merged";
    let from = |fits: &dyn Fn(CaseStatus) -> bool| {
        let one_of = CaseStatus::ALL.into_iter().filter(|s| fits(*s)).map(|s| s.as_str().to_owned()).collect();
        Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() })
    };
    // Where an answer is on offer only the close is left. It comes first: after the other one the case is over, too.
    let close = CloseCase {
        kind: "agent".to_owned(),
        text: Some(text.clone()),
        only_if: from(&|s| s.may_become(CaseStatus::Closed) && !s.may_become(CaseStatus::Cancelled)),
    };
    let end = SetCaseStatus {
        status: CaseStatus::Cancelled,
        label: known.texts.get("label", "merged").share(),
        reason: Some(text.clone()),
        expected_resolution_at: None,
        only_if: from(&|s| s.may_become(CaseStatus::Cancelled)),
    };
    let comment = notice_comment(draft, &known, text);
    push(draft, rule, "notice", C::PostComment(comment));
    push(draft, rule, "close", C::CloseCase(close));
    push(draft, rule, "end", C::SetCaseStatus(end));
    Ok(())
}

/// What a partner said found no case in X any more, because agents had put it into another one.
pub(crate) fn came_too_late(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    if kind != "internal.issue.add-public-comment" {
        return draft.only_skip("outcome-skipped");
    }
    let known = draft.known_partner()?;
    let comment = notice_comment(draft, &known, known.notice("ended"));
    push(draft, "issue.came-too-late", "notice", C::PostComment(comment));
    Ok(())
}

/// X carried out what the partner's answer asked of it. Its own echo is no news, so the partner hears of it here.
pub(crate) fn obeyed(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    match kind {
        "internal.issue.close-case" => {
            let known = draft.known_partner()?;
            let command = CloseCase {
                kind: "partner-accepted".to_owned(),
                text: Some(known.notice("closed")),
                only_if: only_in(CaseStatus::Resolved),
            };
            push(draft, "issue.obeyed", "close", C::CloseCase(command));
            Ok(())
        }
        "internal.issue.resume-case" => {
            let known = draft.known_partner()?;
            let command = resume(&known);
            push(draft, "issue.obeyed", "resume", C::SetCaseStatus(command));
            Ok(())
        }
        _ => draft.only_skip("outcome-done"),
    }
}
