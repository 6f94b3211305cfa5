//! What a partner answered in the course of its onboarding, as commands for X.

use super::{elsewhere, terms};
use crate::bundle::onboarding::Onboarding;
use crate::engine::{Draft, Held, Known};
use crate::said::note_of;
use domain::issue::{DocumentRef, StatusWrite};
use domain::onboarding::{
    InternalCommand as C, InvitationAnswer, PartnerEvent as E, QuestionAsked, TaskNote, TaskStatusWrite, TaskSubmitted,
};
use domain::{InternalCommand, OnlyIf, ProgrammeStatus, TaskStatus};

type Rules<'a> = Draft<'a, InternalCommand>;
const SECTION: &str = "onboarding-agent";

pub(crate) fn to_internal(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    if let Some(rule) = elsewhere(draft) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    if !terms.terms.answers {
        return draft.only_skip("answers-off");
    }
    let known = draft.known_partner()?;
    match event {
        E::InvitationAccepted(e) => {
            invitation(draft, &known, terms, ("onboarding.invitation-accepted", "accepted", "accept"), e)
        }
        E::InvitationDeclined(e) => {
            invitation(draft, &known, terms, ("onboarding.invitation-declined", "declined", "decline"), e)
        }
        E::InvitationExpired(e) => {
            invitation(draft, &known, terms, ("onboarding.invitation-expired", "expired", "expire"), e)
        }
        E::TaskSubmitted(e) => submitted(draft, &known, terms, e),
        E::QuestionAsked(e) => asked(draft, &known, e),
    }
    Ok(())
}

fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, InternalCommand::Onboarding(command));
}

fn only_in(one_of: Vec<String>) -> OnlyIf {
    OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() }
}

fn note(
    draft: &Rules<'_>,
    known: &Known<'_>,
    (task, key): (&str, &str),
    values: &[(&str, &str)],
    only_if: Option<OnlyIf>,
) -> C {
    let note = note_of(draft, known, (SECTION, key), values);
    C::AddInternalNote(TaskNote { task_id: task.to_owned(), note, only_if })
}

/// Agents read the answer; the status follows only where X still waits for one.
fn invitation(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    terms: &Onboarding,
    (rule, key, word): (&'static str, &str, &str),
    e: &InvitationAnswer,
) {
    let contact = [&e.contact.name, &e.contact.email, &e.contact.phone, &e.contact.role];
    let contact = contact.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    let contact = contact.collect::<Vec<_>>().join(", ");
    let values = [("contact", contact.as_str()), ("text", e.comment.trim())];
    let told = note(draft, known, ("", key), &values, None);
    push(draft, rule, "note", told);
    let one_of = terms.statuses.values(|s| s == ProgrammeStatus::Invited);
    let write = StatusWrite { to: terms.statuses.to_write(word), only_if: Some(only_in(one_of)) };
    let command = match word {
        "accept" => C::AcceptInvitation(write),
        "decline" => C::DeclineInvitation(write),
        _ => C::ExpireInvitation(write),
    };
    push(draft, rule, word, command);
}

fn documents(all: &[DocumentRef]) -> String {
    let shown = |d: &DocumentRef| format!("{} {}", d.type_code.trim(), d.number.trim()).trim().to_owned();
    all.iter().take(100).map(shown).filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What was handed in is never lost: agents read it whatever became of the task; where nobody waits for it any more they
/// are told so.
fn submitted(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &TaskSubmitted) {
    let rule = "onboarding.task-submitted";
    let documents = documents(&e.documents);
    let values = [("author", e.author.trim()), ("text", e.answer.trim()), ("documents", documents.as_str())];
    let key = if documents.is_empty() { "submitted" } else { "submitted_documents" };
    let told = note(draft, known, (&e.task_id, key), &values, None);
    push(draft, rule, "answer", told);
    let over = terms.tasks.values(TaskStatus::is_over);
    if over.is_empty() {
        draft.skip("never-over");
    } else {
        let told = note(draft, known, (&e.task_id, "late"), &values, Some(only_in(over)));
        push(draft, rule, "late", told);
    }
    let one_of = terms.tasks.values(|s| s == TaskStatus::Active);
    let write = StatusWrite { to: terms.tasks.to_write("submit"), only_if: Some(only_in(one_of)) };
    push(draft, rule, "submit", C::SubmitTask(TaskStatusWrite { task_id: e.task_id.clone(), write }));
}

fn asked(draft: &mut Rules<'_>, known: &Known<'_>, e: &QuestionAsked) {
    let values = [("author", e.author.trim()), ("text", e.text.trim())];
    let told = note(draft, known, (&e.task_id, "question"), &values, None);
    push(draft, "onboarding.question-asked", "note", told);
}
