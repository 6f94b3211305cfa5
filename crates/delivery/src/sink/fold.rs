//! One outcome into memory. The same code for a restore and for a live run; total, whatever the log holds.

use super::{Bond, Memory, Remembered, SecondLook, SetBy, State};
use domain::{CommandRef, Envelope, Meta, NativeId, Outcome, Timestamp};

/// Suffix of the topics whose records set no watermark: what a command's own outcome led to is ordered by `only_if`.
const OUTCOMES: &str = ".outcomes";

/// `Some(rule)`: odd history that was counted.
pub fn fold(memory: &mut dyn Memory, offset: i64, envelope: &Envelope<Outcome>) -> Option<&'static str> {
    if offset < memory.next_outcome() {
        return Some("outcome-read-again");
    }
    let odd = match (&envelope.payload, envelope.payload.command()) {
        (Outcome::Barrier(barrier), _) => {
            memory.set_barrier(&barrier.owner);
            None
        }
        // Written by an owner that had been replaced and had not read so yet. What it did at the target is a fact; what
        // it thought is not: the new owner looks for itself.
        (outcome, Some(_)) if is_stale(memory.barrier().as_deref(), &envelope.meta, outcome) => Some("void-outcome"),
        (outcome, Some(command)) => about_command(memory, &envelope.meta, outcome, command),
        (_, None) => Some("outcome-without-command"),
    };
    memory.set_next_outcome(offset.saturating_add(1));
    odd
}

/// Anything but an effect, by another owner than the one whose barrier stands.
pub(crate) fn is_stale(barrier: Option<&str>, meta: &Meta, outcome: &Outcome) -> bool {
    let said_by = match outcome {
        Outcome::Done(_) | Outcome::Barrier(_) => return false,
        Outcome::Intent(intent) => intent.owner.as_str(),
        Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Refused(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Parked(_) => meta.actor.id.as_str(),
    };
    !said_by.is_empty() && barrier.is_some_and(|owner| owner != said_by)
}

fn about_command(
    memory: &mut dyn Memory,
    meta: &Meta,
    outcome: &Outcome,
    command: &CommandRef,
) -> Option<&'static str> {
    let before = memory.command(&meta.subject, &command.id);
    let done_before =
        before.as_ref().is_some_and(|r| r.state == State::Done && r.mapping_version >= meta.mapping_version);
    let final_before = before.as_ref().is_some_and(|r| r.state.is_final() && r.hash == command.hash);
    let attempts = before.as_ref().map_or(0, |r| r.attempt);
    let in_trouble = before.as_ref().and_then(|r| r.first_failed_at);
    let revises = before.as_ref().is_some_and(|r| r.revises || (r.state == State::Done && r.hash != command.hash));
    let in_doubt = before.as_ref().filter(|r| !r.state.is_final()).and_then(|r| r.in_doubt_until);
    let now_is = |state, attempt, first_failed_at, in_doubt_until| Remembered {
        state,
        hash: command.hash.clone(),
        mapping_version: meta.mapping_version,
        offset: command.offset,
        attempt,
        first_failed_at,
        in_doubt_until,
        revises,
    };
    let settled = |state| now_is(state, attempts, None, None);
    let remembered = match outcome {
        Outcome::Barrier(_) => return None,
        Outcome::Intent(intent) => {
            if final_before && done_before {
                return Some("intent-after-done");
            }
            // Trouble counts from the first call that failed, not from waiting behind another command.
            let fresh = attempts == 0 || before.as_ref().is_none_or(|r| r.state.is_final() || r.state == State::Parked);
            let until = in_doubt.map_or(intent.not_after, |until: Timestamp| until.max(intent.not_after));
            now_is(
                State::Intent { owner: intent.owner.clone() },
                intent.attempt.max(attempts),
                if fresh { None } else { in_trouble },
                Some(until),
            )
        }
        Outcome::NotApplied(o) => {
            if final_before || o.attempt < attempts {
                return Some("stale-outcome");
            }
            now_is(State::NotApplied, o.attempt, in_trouble.or(Some(meta.occurred_at)), None)
        }
        Outcome::Doubt(o) => {
            if final_before || o.attempt < attempts {
                return Some("stale-outcome");
            }
            let until = in_doubt.or(Some(meta.occurred_at));
            now_is(State::Doubt, o.attempt, in_trouble.or(Some(meta.occurred_at)), until)
        }
        Outcome::Waiting(o) => {
            if final_before || o.attempts < attempts {
                return Some("stale-outcome");
            }
            now_is(State::Waiting { next_at: o.next_at }, o.attempts, Some(o.first_failed_at), in_doubt)
        }
        Outcome::Parked(o) => {
            if final_before || o.attempts < attempts {
                return Some("stale-outcome");
            }
            now_is(State::Parked, o.attempts, Some(o.first_failed_at), in_doubt)
        }
        Outcome::Done(done) => {
            if done.created && attempts > 1 {
                let (subject, offset) = (meta.subject.clone(), command.offset);
                let look = SecondLook { subject, offset, made_at: meta.occurred_at, made: 0 };
                memory.set_second_look(&command.id, Some(&look));
            }
            let odd = remember_effect(memory, meta, done, !done_before);
            memory.set_command(&command.id, &meta.subject, &Remembered { revises: false, ..settled(State::Done) });
            return odd.or(done_before.then_some("done-again"));
        }
        Outcome::Refused(_) | Outcome::Skipped(_) | Outcome::Superseded(_) if done_before => {
            return Some("stale-outcome");
        }
        Outcome::Refused(_) => settled(State::Refused),
        Outcome::Skipped(_) => settled(State::Skipped),
        Outcome::Superseded(_) => settled(State::Superseded),
    };
    memory.set_command(&command.id, &meta.subject, &remembered);
    None
}

/// `newest`: no other content of the same command has been carried out under a higher mapping version.
fn remember_effect(
    memory: &mut dyn Memory,
    meta: &Meta,
    done: &domain::outcome::Done,
    newest: bool,
) -> Option<&'static str> {
    if let Some(cause) = meta.cause.as_ref().filter(|cause| !cause.topic.ends_with(OUTCOMES)) {
        for field in &done.fields {
            let known = memory.watermark(&meta.subject, &field.field, &cause.topic).map(|set_by| set_by.cause);
            let sets = known.is_none_or(|known| cause.is_after(&known) == Some(true) || (known == *cause && newest));
            if sets {
                let set_by = SetBy { cause: cause.clone(), hash: field.hash.clone() };
                memory.set_watermark(&meta.subject, &field.field, &set_by);
            }
        }
    }
    if !done.created {
        return None;
    }
    let Ok(native_id) = NativeId::new(done.native_id.clone()) else { return Some("created-without-native-id") };
    match memory.bond(&meta.subject) {
        // The first record stays the one; the second is for a person to close.
        Some(bond) => (bond.native_id != native_id).then_some("second-record"),
        None => {
            let reference = done.reference.for_host().clone();
            memory.set_bond(&meta.subject, &Bond { native_id, reference, partner_id: meta.partner_id.clone() });
            None
        }
    }
}
