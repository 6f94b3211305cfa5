//! What follows from an outcome that was read back.

use super::lane::Phase;
use super::partition::{Mode, Partition, Step};
use super::{Action, State, fold, record};
use domain::outcome::Waiting;
use domain::{Command, CommandRef, Envelope, MessageId, Outcome, Subject, Timestamp};
use std::collections::HashSet;

impl<C: Command + Clone> Partition<C> {
    pub(super) fn read_back(&mut self, step: &mut Step<'_, C>, offset: i64, outcome: &Envelope<Outcome>) {
        if let Outcome::Barrier(barrier) = &outcome.payload
            && self.mode == Mode::Live
            && barrier.owner != self.rules.owner
        {
            self.mode = Mode::Deposed;
            step.actions.push(Action::Deposed);
            return;
        }
        if let Some(rule) = fold::fold(step.memory, offset, outcome) {
            step.count(rule);
        }
        if let Outcome::Barrier(barrier) = &outcome.payload {
            if self.mode == Mode::Restoring && barrier.owner == self.rules.owner {
                self.go_live(step);
            }
        } else if self.mode == Mode::Live
            && let Some(command) = outcome.payload.command()
        {
            if matches!(&outcome.payload, Outcome::Done(done) if done.created) {
                self.plan_second_looks(step);
            }
            self.follow(step, &outcome.meta.subject, outcome.meta.id, &outcome.payload, command);
        }
    }

    fn follow(
        &mut self,
        step: &mut Step<'_, C>,
        subject: &Subject,
        outcome_id: MessageId,
        outcome: &Outcome,
        command: &CommandRef,
    ) {
        let state = step.memory.command(subject, &command.id).map(|r| r.state);
        let over = state.as_ref().is_some_and(|state| state.is_final() || *state == State::Parked);
        let Some(lane) = self.lanes.get_mut(subject) else {
            if over {
                self.offsets.settle(command.offset);
            }
            return;
        };
        let is_current = lane.current == command.offset && lane.phase != Phase::Idle;
        let phase = lane.phase;
        // A call or look under way is heard first: its effect has to be recorded.
        let busy = is_current && matches!(phase, Phase::Calling(_) | Phase::Looking(_));
        if let Outcome::Intent(intent) = outcome {
            if is_current && phase == Phase::Intended(intent.attempt) && intent.owner == self.rules.owner {
                self.call(step, subject, command.offset, intent.attempt, intent.not_after);
            }
        } else if over {
            self.offsets.settle(command.offset);
            if !busy {
                self.forget(subject, command.offset, &command.id);
            }
        } else {
            if let (Some(State::Waiting { .. }), Some(entry)) = (&state, lane.at(command.offset)) {
                entry.waiting = true;
                entry.marking = false;
                self.offsets.settle(command.offset);
            }
            if is_current && phase == Phase::Recording(outcome_id) {
                self.set_phase(subject, Phase::Idle);
            }
        }
        self.pump(step, subject);
        self.mark_behind(step, subject);
    }

    /// Takes a settled command out of its queue.
    pub(super) fn forget(&mut self, subject: &Subject, offset: i64, id: &MessageId) {
        let Some(lane) = self.lanes.get_mut(subject) else { return };
        if lane.at(offset).is_none_or(|entry| entry.id != *id) {
            return;
        }
        let was_current = lane.current == offset;
        let removed = lane.remove(offset);
        self.held -= usize::from(removed.is_some_and(|entry| entry.command.is_some()));
        if was_current {
            self.set_phase(subject, Phase::Idle);
        }
        if self.lanes.get(subject).is_some_and(|lane| lane.entries.is_empty()) {
            self.lanes.remove(subject);
        }
    }

    /// Our intent is on the log and no other owner's barrier stands before it: now, and only now, the target is called.
    fn call(&mut self, step: &mut Step<'_, C>, subject: &Subject, offset: i64, attempt: i32, not_after: Timestamp) {
        let left = not_after.millis_since(step.now);
        let entry = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset));
        let command = entry.and_then(|entry| Some((entry.known.clone()?, entry.command.clone()?)));
        let (Some((known, command)), true) = (command, left >= self.rules.call_timeout / 2) else {
            // Read back too late to be called in time. Nothing was sent, so a new intent may follow at once.
            self.set_phase(subject, Phase::Idle);
            self.try_now(step, subject, offset);
            return;
        };
        let context = self.context(step.memory, subject, &known, &command.payload, attempt, not_after, left);
        self.calls.insert(command.meta.id, subject.clone());
        self.set_phase(subject, Phase::Calling(attempt));
        step.actions.push(Action::Call { command, context });
    }

    /// What stands behind a waiting command is settled on the log as waiting too, so that the low watermark moves on;
    /// beyond `max_held` only its offset is kept.
    pub(super) fn mark_behind(&mut self, step: &mut Step<'_, C>, subject: &Subject) {
        let bonded = self.native_id(step.memory, subject).is_some();
        let Some(lane) = self.lanes.get_mut(subject) else { return };
        let Some(head) = lane.entries.iter().find(|entry| entry.waiting).map(|entry| (entry.offset, entry.id)) else {
            return;
        };
        let current = (lane.phase != Phase::Idle).then_some(lane.current);
        let mut seen = HashSet::from([head.1]);
        for entry in &mut lane.entries {
            let repeat = !seen.insert(entry.id);
            if entry.offset <= head.0 || entry.waiting || entry.marking || Some(entry.offset) == current || repeat {
                continue;
            }
            let remembered = step.memory.command(subject, &entry.id);
            if remembered.as_ref().is_some_and(|r| r.state.is_final()) {
                continue;
            }
            // A pointer cannot be said to wait, and what is behind it must not be either: the next owner takes up what
            // waits before it reads what does not.
            let Some(known) = &entry.known else { break };
            if !bonded && known.creates {
                continue;
            }
            let attempts = remembered.map_or(0, |r| r.attempt);
            let waiting = Waiting {
                command: record::reference(entry, known),
                first_failed_at: step.now,
                attempts,
                next_at: step.now,
                reason: format!("behind {}", head.1),
            };
            let envelope = record::envelope(&self.rules, &known.meta, step.now, attempts, Outcome::Waiting(waiting));
            entry.marking = true;
            step.actions.push(Action::Append(Box::new(envelope)));
        }
        if self.held > self.rules.max_held {
            for entry in lane.entries.iter_mut().filter(|entry| entry.waiting && Some(entry.offset) != current) {
                self.held -= usize::from(entry.unload());
            }
        }
    }
}
