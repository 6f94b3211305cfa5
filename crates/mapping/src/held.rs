//! What agents did and the rules hold back: they read so where they work, at the record itself and once.
//!
//! The fact is on its way to the partner, so the note goes back to the side that said it, in the same transaction as the
//! dead letter. A fact that is held again when it is redriven gives the same command, which changes nothing.

use crate::engine::{Draft, Head, Held};
use crate::outcome::{Asked, push_to_ticket, tell_sync};
use crate::{Bundle, said};
use domain::{
    Actor, Cause, Envelope, Fact, InternalCommand, InternalEvent, Side, Visibility, issue as i, onboarding as o,
};

/// For ever: part of every command's id.
const RULE: &str = "held.told";

/// What X is asked to tell the agents of a fact of theirs that [`crate::to_partner`] holds. Empty for what nobody did, and
/// for what is of another link. Pure and total.
pub fn told_of_hold(
    bundle: &Bundle,
    fact: &Envelope<Fact<InternalEvent>>,
    cause: &Cause,
    held: &Held,
) -> Vec<Envelope<InternalCommand>> {
    let Fact::Event(event) = &fact.payload else { return Vec::new() };
    // Readiness is computed from tasks; whatever moved one of them has its own note.
    let computed = matches!(event, InternalEvent::Onboarding(o::InternalEvent::ReadinessChanged(_)));
    if computed || fact.meta.system != bundle.internal {
        return Vec::new();
    }
    let actor = Actor { id: String::new(), side: Side::System };
    let head = Head { system: &bundle.internal, actor, visibility: Visibility::Host };
    let mut draft = Draft::new(bundle, &fact.meta, cause, head);
    let (of, verb) = words(event.kind());
    let texts = bundle.agent_texts();
    let text = |key: &str, otherwise: &str| {
        let found = texts.get("held", key).as_str();
        if found.is_empty() { texts.get("held", otherwise).as_str() } else { found }
    };
    let values = [("detail", held.detail.as_str()), ("word", held.reason)];
    let reason = said::fill(text(held.reason, "other"), &values);
    let values = [("what", text(verb, "this")), ("reason", reason.as_str())];
    let note = i::AddInternalNote { text: said::fill(text("note", "note"), &values) };
    let task = task_of(event);
    push_to_ticket(&mut draft, RULE, (of, task), "note", Asked::Note(note));
    tell_sync(&mut draft, RULE, (of, task), &|sync| said::fill(&sync.held, &values));
    draft.into_commands()
}

/// Use case and verb of an event's type.
fn words(kind: &str) -> (&str, &str) {
    let mut parts = kind.split('.').skip(1);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The task whose record it is about; empty for the record of the subject itself.
fn task_of(event: &InternalEvent) -> &str {
    use o::InternalEvent as O;
    match event {
        InternalEvent::Issue(_) | InternalEvent::Discrepancy(_) | InternalEvent::Document(_) => "",
        InternalEvent::Onboarding(O::TaskPublished(task) | O::TaskChanged(task) | O::TaskStatusChanged(task)) => {
            &task.task_id
        }
        InternalEvent::Onboarding(O::CommentAdded(comment)) => &comment.task_id,
        InternalEvent::Onboarding(
            O::Started(_)
            | O::ProgrammeChanged(_)
            | O::StatusChanged(_)
            | O::MilestonesChanged(_)
            | O::ReadinessChanged(_)
            | O::InternalNoteAdded(_)
            | O::Assigned(_)
            | O::FieldChanged(_),
        ) => "",
    }
}
