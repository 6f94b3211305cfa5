//! What a call, a look or a fetch came to.

use super::decide::Failure;
use super::lane::Phase;
use super::partition::{Partition, Step};
use super::{Action, record};
use domain::outcome::{Done, Doubt, NotApplied, Parked, Refused, Skipped};
use domain::{Command, Envelope, Marked, MessageId, Outcome, Subject, Visibility};
use ports::{Applied, CallError, Look};

impl<C: Command + Clone> Partition<C> {
    pub(super) fn called(
        &mut self,
        step: &mut Step<'_, C>,
        id: MessageId,
        attempt: u32,
        result: Result<Applied, CallError>,
    ) {
        let Some((subject, offset, attempt)) = self.answered(&id, attempt, Phase::Calling) else {
            step.count("late-answer");
            return;
        };
        let subject = &subject;
        self.set_phase(subject, Phase::Idle);
        if let Ok(applied) = result {
            self.done(step, subject, offset, attempt, applied);
            return;
        }
        if step.memory.command(subject, &id).is_some_and(|r| r.state.is_final()) {
            // Settled meanwhile by what another owner had still written.
            self.forget(subject, offset, &id);
            self.pump(step, subject);
            return;
        }
        match result {
            Ok(_) => {}
            Err(CallError::NotApplied { reason, retry_after }) => {
                let failure = Failure { reason: reason.clone(), retry_after };
                self.after_failure(subject, offset, step.now, attempt, failure);
                self.append(step, subject, offset, attempt, |command| {
                    Outcome::NotApplied(NotApplied { command, attempt, reason })
                });
            }
            Err(CallError::Misconfigured { reason }) => {
                let reason = format!("misconfigured: {reason}");
                let failure = Failure { reason: reason.clone(), retry_after: None };
                self.after_failure(subject, offset, step.now, attempt, failure);
                self.append(step, subject, offset, attempt, |command| {
                    Outcome::NotApplied(NotApplied { command, attempt, reason })
                });
            }
            Err(CallError::Unknown { reason }) => {
                if let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) {
                    entry.failures = entry.failures.saturating_add(1);
                    entry.reason.clone_from(&reason);
                }
                self.append(step, subject, offset, attempt, |command| {
                    Outcome::Doubt(Doubt { command, attempt, reason })
                });
            }
            Err(CallError::Refused { reason, detail }) => {
                let entry = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset));
                if let Some(command) = entry.and_then(|entry| entry.command.clone()) {
                    let reason = reason.clone();
                    step.actions.push(Action::DeadLetter { offset, command, class: "REFUSED", reason });
                }
                self.append(step, subject, offset, attempt, |command| {
                    Outcome::Refused(Refused { command, reason, detail })
                });
            }
            Err(CallError::LeftAlone { rule }) => {
                let rule = rule.to_owned();
                self.append(step, subject, offset, attempt, |command| Outcome::Skipped(Skipped { command, rule }));
            }
            Err(CallError::ConditionNotMet { .. }) => {
                let rule = "only-if".to_owned();
                self.append(step, subject, offset, attempt, |command| Outcome::Skipped(Skipped { command, rule }));
            }
        }
    }

    pub(super) fn looked(
        &mut self,
        step: &mut Step<'_, C>,
        id: MessageId,
        attempt: u32,
        result: Result<Look, CallError>,
    ) {
        let Some((subject, offset, attempt)) = self.answered(&id, attempt, Phase::Looking) else {
            step.count("late-answer");
            return;
        };
        let subject = &subject;
        self.set_phase(subject, Phase::Idle);
        let remembered = step.memory.command(subject, &id);
        let is_final = remembered.as_ref().is_some_and(|r| r.state.is_final());
        if is_final {
            self.forget(subject, offset, &id);
            self.pump(step, subject);
            return;
        }
        let redriven = self
            .lanes
            .get_mut(subject)
            .and_then(|lane| lane.at(offset))
            .and_then(|entry| entry.known.as_ref()?.redrive)
            .is_some_and(|asked| asked > attempt);
        match result {
            Ok(Look::Applied(applied)) => self.done(step, subject, offset, attempt, applied),
            Ok(Look::Absent) => self.try_now(step, subject, offset),
            // A person looked for us, and asks for another attempt.
            Ok(Look::Undecidable { .. }) if redriven => self.try_now(step, subject, offset),
            Ok(Look::Undecidable { reason }) => {
                let since = remembered.and_then(|r| r.first_failed_at).unwrap_or(step.now);
                self.append(step, subject, offset, attempt, |command| {
                    Outcome::Parked(Parked { command, first_failed_at: since, attempts: attempt, reason })
                });
            }
            Err(error) => {
                let retry_after = match &error {
                    CallError::NotApplied { retry_after, .. } => *retry_after,
                    CallError::Unknown { .. }
                    | CallError::Refused { .. }
                    | CallError::ConditionNotMet { .. }
                    | CallError::LeftAlone { .. }
                    | CallError::Misconfigured { .. } => None,
                };
                let failure = Failure { reason: format!("look failed: {error}"), retry_after };
                self.after_failure(subject, offset, step.now, attempt, failure);
                if let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) {
                    entry.failing_since.get_or_insert(step.now);
                }
                self.pump(step, subject);
            }
        }
    }

    pub(super) fn fetched(&mut self, step: &mut Step<'_, C>, offset: i64, command: Option<Box<Envelope<C>>>) {
        let Some(subject) = self.fetches.remove(&offset) else {
            step.count("late-answer");
            return;
        };
        let Some(lane) = self.lanes.get_mut(&subject) else { return };
        if lane.phase != Phase::Fetching || lane.current != offset {
            step.count("late-answer");
            return;
        }
        self.set_phase(&subject, Phase::Idle);
        let Some(entry) = self.lanes.get_mut(&subject).and_then(|lane| lane.at(offset)) else { return };
        match command.filter(|command| command.meta.id == entry.id && command.meta.subject == subject) {
            Some(command) => {
                self.held += usize::from(entry.load(command));
                self.pump(step, &subject);
            }
            None => {
                let remembered = step.memory.command(&subject, &entry.id);
                let attempts = remembered.as_ref().map_or(0, |r| r.attempt);
                let since = remembered.and_then(|r| r.first_failed_at).unwrap_or(step.now);
                let reason = "its bytes are no longer on the log".to_owned();
                self.append(step, &subject, offset, attempts, |command| {
                    Outcome::Parked(Parked { command, first_failed_at: since, attempts, reason })
                });
            }
        }
    }

    /// Whose answer it is: the subject, the command's offset and the attempt.
    fn answered(&mut self, id: &MessageId, attempt: u32, phase: impl Fn(i32) -> Phase) -> Option<(Subject, i64, i32)> {
        let attempt = i32::try_from(attempt).ok()?;
        let subject = self.calls.get(id)?.clone();
        let lane = self.lanes.get_mut(&subject)?;
        let offset = lane.current;
        if lane.phase != phase(attempt) || lane.at(offset)?.id != *id {
            return None;
        }
        self.calls.remove(id);
        Some((subject, offset, attempt))
    }

    fn done(&mut self, step: &mut Step<'_, C>, subject: &Subject, offset: i64, attempt: i32, applied: Applied) {
        let bonded = self.native_id(step.memory, subject).map(String::from).unwrap_or_default();
        let entry = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset));
        let Some(command) = entry.and_then(|entry| entry.command.clone()) else { return };
        let fields = record::field_hashes(&command.payload);
        let revises = step.memory.command(subject, &command.meta.id).is_some_and(|r| r.revises);
        let created = command.payload.creates_bond() && !revises;
        let native_id = if applied.native_id.is_empty() { bonded } else { applied.native_id };
        #[expect(clippy::disallowed_methods, reason = "the narrowest mark but one: a bundle has to share it")]
        let reference = Marked::new(applied.reference, Visibility::Host);
        let (effects, version) = (applied.effects, applied.version);
        self.append(step, subject, offset, attempt, |command| {
            Outcome::Done(Done { command, native_id, reference, effects, fields, version, created })
        });
    }
}
