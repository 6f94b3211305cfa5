//! Programmes: a ticket with members, and what follows from them by itself.

use super::super::wire::{State, Ticket, What};
use super::Model;
use domain::onboarding::{DOCUMENT_TYPE, MANDATORY, OWNER_SIDE, READINESS_LINES, SHOWN};
use std::fmt::Write as _;
use std::sync::Arc;

/// The relation that makes a ticket a task of another.
pub const MEMBER: &str = "member-of";

const USE_CASE: &str = "TG Use Case";
const BLOCKERS: &str = "TG Blockers";

/// A task is of its programme's partner, and of its use case.
pub fn join(state: &mut State, (parent, of): &(u64, Arc<State>)) {
    state.parent = *parent;
    state.partner_id.clone_from(&of.partner_id);
    if let Some(use_case) = of.fields.get(USE_CASE) {
        state.fields.insert(USE_CASE.to_owned(), use_case.clone());
    }
}

fn is(state: &State, field: &str, value: &str) -> bool {
    state.fields.get(field).is_some_and(|v| v == value)
}

fn is_done(task: &Ticket) -> bool {
    ["resolved", "closed", "rejected"].contains(&task.state.status.as_str())
}

/// Where a ticket is a task or a programme: the programme, and how its two computed fields change. Ready is who has at
/// least one mandatory task and all of them completed or waived.
pub fn readiness(model: &Model, ticket: u64) -> Option<(u64, Vec<What>)> {
    let changed = model.ticket(ticket)?;
    let programme = if changed.state.parent == 0 { changed } else { model.ticket(changed.state.parent)? };
    if !is(&programme.state, USE_CASE, "onboarding") || model.members(programme.id).next().is_none() {
        return None;
    }
    let gone = |task: &&Ticket| ["cancelled", "deleted"].contains(&task.state.status.as_str());
    let wanted: Vec<&Ticket> =
        model.members(programme.id).filter(|t| !gone(t) && !is(&t.state, MANDATORY, "no")).collect();
    let done = wanted.iter().filter(|task| is_done(task)).count();
    let ready = !wanted.is_empty() && done == wanted.len();
    let mut public = format!("{} {done}/{}", if ready { "READY" } else { "NOT_READY" }, wanted.len());
    let (mut inside, mut hidden) = (String::new(), 0);
    for task in wanted.iter().filter(|task| !is_done(task)) {
        let state = &task.state;
        let document = state.fields.get(DOCUMENT_TYPE).map_or("-", String::as_str);
        if is(state, OWNER_SIDE, "PARTNER") || is(state, SHOWN, "yes") {
            let _ = write!(public, "\n{} {document}", task.id);
        } else {
            hidden += 1;
        }
        let due = if state.due_at.is_empty() { "no date" } else { state.due_at.as_str() };
        let _ = writeln!(inside, "#{} {}: {}, due {due}", task.id, state.title, state.status);
    }
    if hidden > 0 {
        let _ = write!(public, "\n+{hidden}");
    }
    let inside = inside.trim_end().to_owned();
    let changes = [(BLOCKERS, inside), (READINESS_LINES, public)].into_iter().filter_map(|(field, to)| {
        let from = programme.state.fields.get(field).cloned().unwrap_or_default();
        (from != to).then(|| What::FieldChanged { field: field.to_owned(), from, to })
    });
    let changes: Vec<What> = changes.collect();
    (!changes.is_empty()).then_some((programme.id, changes))
}
