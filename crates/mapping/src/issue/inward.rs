//! What a partner did, as commands for X.

use super::{compose, values};
use crate::bundle::Intake;
use crate::date;
use crate::engine::{Draft, Held, Known};
use crate::files;
use crate::said::{cut_marker, fill, note_of, said};
use crate::uploader::{CARRIED, WITHHELD, carried, withheld};
use domain::field::Master;
use domain::issue::{
    AddInternalNote, AddPublicComment, CommentAdded, CommentRemoved, CommentRevised, CreateCase, DetailsChanged,
    InternalCommand as C, Opened, PartnerEvent as E, ResolutionAnswer, StatusWrite, UpdateFields, Withdrawn,
};
use domain::text::cut;
use domain::{CaseStatus, InternalCommand, OnlyIf};
use std::collections::BTreeMap;

type Rules<'a> = Draft<'a, InternalCommand>;

pub(crate) fn to_internal(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    if let Some(rule) = super::foreign(draft) {
        return draft.only_skip(rule);
    }
    let known = draft.known_partner()?;
    match event {
        E::Opened(e) => opened(draft, &known, e),
        E::DetailsChanged(e) => details_changed(draft, &known, e),
        E::CommentAdded(e) => comment_added(draft, &known, e),
        E::CommentRevised(e) => comment_revised(draft, &known, e),
        E::CommentRemoved(e) => comment_removed(draft, &known, e),
        E::Withdrawn(e) => withdrawn(draft, &known, e),
        E::ResolutionAccepted(e) => accepted(draft, &known, e),
        E::ResolutionRejected(e) => rejected(draft, &known, e),
    }
}

fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, InternalCommand::Issue(command));
}

fn push_file(draft: &mut Rules<'_>, rule: &'static str, effect: &str, reply: AddPublicComment) {
    let about = carried(&reply.files);
    draft.push_about(rule, effect, InternalCommand::Issue(C::AddPublicComment(reply)), &[(CARRIED, &about)]);
}

/// A status write that takes place only where X stands at a status that `from` accepts.
fn status_write(draft: &Rules<'_>, word: &str, from: impl Fn(CaseStatus) -> bool) -> StatusWrite {
    let to = draft.bundle.statuses.to_write(word);
    let one_of = draft.bundle.statuses.values(from);
    StatusWrite { to, only_if: Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() }) }
}

fn opened(draft: &mut Rules<'_>, known: &Known<'_>, e: &Opened) -> Result<(), Held> {
    // Every code must be known, whether or not a field of X takes it.
    values::coded(draft, "severity", "", &e.severity)?;
    values::coded(draft, "category", "", &e.category)?;
    values::coded(draft, "sub_category", &e.category, &e.sub_category)?;
    let value = |field: &str| values::condition(draft, known.partner, e, field);
    if *draft.bundle.intake.first(value) == Intake::Hold {
        return Err(Held::new("intake", &e.category));
    }
    let route = draft.bundle.routes.first(value).clone();
    let case = CreateCase {
        route: route.queue,
        title: compose::title(draft, known.partner, known.policy, &e.title),
        description: compose::description(draft, known.policy, e),
        status: draft.bundle.statuses.to_write("create"),
        priority: route.priority,
        fields: values::fields(draft, known.partner, e)?,
    };
    let create = InternalCommand::Issue(C::CreateCase(case));
    draft.push_about("issue.opened", "create", create, &[(WITHHELD, &withheld(&e.files))]);
    for (effect, reply) in files::replies(draft, &e.contact.name, &e.files) {
        push_file(draft, "issue.opened", &effect, reply);
    }
    Ok(())
}

/// Fields that the partner masters are set; of the others the agents hear as a suggestion.
fn details_changed(draft: &mut Rules<'_>, known: &Known<'_>, e: &DetailsChanged) -> Result<(), Held> {
    let mut fields = BTreeMap::new();
    let mut suggested = Vec::new();
    let marker = cut_marker(draft);
    let bound = |text: &str| cut(text, known.policy.limit("comment"), &marker);
    for change in &e.changes {
        let value = match change.field.as_str() {
            "severity" | "category" => values::coded(draft, &change.field, "", &change.new)?.unwrap_or_default(),
            _ => bound(&change.new),
        };
        let targets: Vec<&str> = draft.bundle.fields.internal_for(&change.field).collect();
        let master = match known.policy.master(&change.field) {
            Some(master) => master,
            // An extra of the community that the bundle maps is the partner's; any other word is unknown.
            None if change.field.starts_with("ext.") && !targets.is_empty() => Master::Partner,
            None => return Err(Held::new("unknown-field", &change.field)),
        };
        match master {
            Master::Partner if !targets.is_empty() => {
                fields.extend(targets.into_iter().map(|name| (name.to_owned(), value.clone())));
            }
            Master::Partner | Master::Internal => {
                suggested.push(format!("{}: {} → {}", change.field, change.old.trim(), change.new.trim()));
            }
        }
    }
    if !fields.is_empty() {
        push(draft, "issue.details-changed", "update", C::UpdateFields(UpdateFields { fields }));
    }
    if !suggested.is_empty() {
        let (changes, reason) = (suggested.join("\n"), e.reason.trim());
        let template = draft.bundle.agent_texts().get("agent", "suggestion");
        let text = bound(&fill(template.as_str(), &[("changes", &changes), ("reason", reason)]));
        push(draft, "issue.details-changed", "suggest", C::AddInternalNote(AddInternalNote { text }));
    }
    if e.changes.is_empty() {
        draft.skip("no-change");
    }
    Ok(())
}

fn comment_added(draft: &mut Rules<'_>, known: &Known<'_>, e: &CommentAdded) -> Result<(), Held> {
    let words = said(draft, known, (&e.author, &e.text, &e.format), &e.files)?;
    let brought = files::replies(draft, &e.author, &e.files);
    if words.is_none() && brought.is_empty() {
        return draft.only_skip("empty-comment");
    }
    if let Some(comment) = words {
        let comment = InternalCommand::Issue(C::AddPublicComment(comment));
        draft.push_about("issue.comment-added", "comment", comment, &[(WITHHELD, &withheld(&e.files))]);
    }
    for (effect, reply) in brought {
        push_file(draft, "issue.comment-added", &effect, reply);
    }
    // Written before the question was there, it is no answer to it, though the ticket may wait for one by now.
    if !e.case_status.is_empty() && CaseStatus::parse(&e.case_status) != Ok(CaseStatus::PendingPartner) {
        draft.skip("not-asked");
        return Ok(());
    }
    let resume = status_write(draft, "resume", |s| s == CaseStatus::PendingPartner);
    if resume.only_if.as_ref().is_some_and(|only_if| only_if.one_of.is_empty()) {
        draft.skip("never-pending");
    } else {
        push(draft, "issue.comment-added", "resume", C::ResumeCase(resume));
    }
    Ok(())
}

/// Comments are only ever added in X: the corrected text follows the first one, and says which it replaces.
fn comment_revised(draft: &mut Rules<'_>, known: &Known<'_>, e: &CommentRevised) -> Result<(), Held> {
    let Some(said) = said(draft, known, (&e.author, &e.text, &e.format), &[])? else {
        return draft.only_skip("empty-comment");
    };
    let at = e.written_at.map(date::shown).unwrap_or_default();
    let values = [("at", at.as_str()), ("text", said.text.as_str())];
    let text = note_of(draft, known, ("agent", "revised"), &values).text;
    push(draft, "issue.comment-revised", "revision", C::AddPublicComment(AddPublicComment { text, ..said }));
    Ok(())
}

/// What was said stays in X's history, which agents may not take out; they read that it no longer counts.
fn comment_removed(draft: &mut Rules<'_>, known: &Known<'_>, e: &CommentRemoved) -> Result<(), Held> {
    let at = e.written_at.map(date::shown).unwrap_or_default();
    let note = note_of(draft, known, ("agent", "removed"), &[("at", &at)]);
    push(draft, "issue.comment-removed", "tombstone", C::AddInternalNote(note));
    Ok(())
}

/// A note for the agents with what the partner said along with a decision.
fn note(draft: &mut Rules<'_>, known: &Known<'_>, rule: &'static str, template: &str, said: &str) {
    let said = said.trim();
    if !said.is_empty() {
        let note = note_of(draft, known, ("agent", template), &[("text", said)]);
        push(draft, rule, "note", C::AddInternalNote(note));
    }
}

fn withdrawn(draft: &mut Rules<'_>, known: &Known<'_>, e: &Withdrawn) -> Result<(), Held> {
    // Agents should know why before the case closes under their hands.
    note(draft, known, "issue.withdrawn", "withdrawn", &e.reason);
    let cancel = status_write(draft, "cancel", |s| s.may_become(CaseStatus::Cancelled));
    push(draft, "issue.withdrawn", "cancel", C::CancelCase(cancel));
    Ok(())
}

/// The answer is to one resolution: where the case was resolved anew since, it does not hold.
fn answering(e: &ResolutionAnswer, write: StatusWrite) -> StatusWrite {
    write.set_by(&e.resolution_version)
}

/// A word of thanks is a note, not a public comment: many a case system reopens a case on every public reply.
fn accepted(draft: &mut Rules<'_>, known: &Known<'_>, e: &ResolutionAnswer) -> Result<(), Held> {
    note(draft, known, "issue.resolution-accepted", "accepted", &e.comment);
    let close = answering(e, status_write(draft, "close", |s| s == CaseStatus::Resolved));
    push(draft, "issue.resolution-accepted", "close", C::CloseCase(close));
    Ok(())
}

fn rejected(draft: &mut Rules<'_>, known: &Known<'_>, e: &ResolutionAnswer) -> Result<(), Held> {
    let rule = "issue.resolution-rejected";
    if let Some(comment) = said(draft, known, (&draft.meta.actor.id, &e.comment, "plain"), &[])? {
        push(draft, rule, "comment", C::AddPublicComment(comment));
    }
    let reopen = answering(e, status_write(draft, "reopen", |s| s == CaseStatus::Resolved));
    push(draft, rule, "reopen", C::ReopenCase(reopen));
    Ok(())
}
