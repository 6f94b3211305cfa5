//! What to do next about a subject.

use super::lane::{Known, Phase};
use super::partition::{Partition, Step};
use super::{Action, Remembered, State, backoff, record, revision};
use domain::outcome::{Intent, Parked, Skipped, Superseded, Waiting};
use domain::{Cause, Command, Outcome, Subject, Timestamp};
use std::time::Duration;

/// How a record stands to what is remembered under its id.
enum Standing {
    /// To be carried out, or looked at.
    Due,
    Settled(&'static str),
}

impl<C: Command + Clone> Partition<C> {
    /// Goes on with a subject until it waits for something.
    pub(super) fn pump(&mut self, step: &mut Step<'_, C>, subject: &Subject) {
        loop {
            let bonded = self.native_id(step.memory, subject).is_some();
            let Some(lane) = self.lanes.get_mut(subject) else { return };
            match lane.phase {
                Phase::Idle | Phase::Delayed(_) => {}
                Phase::Queued
                | Phase::Unread
                | Phase::Fetching
                | Phase::Intended(_)
                | Phase::Calling(_)
                | Phase::Looking(_)
                | Phase::Recording(_) => return,
            }
            let Some(offset) = lane.turn(bonded) else { return };
            lane.current = offset;
            self.set_phase(subject, Phase::Idle);
            if !self.consider(step, subject, offset) {
                return;
            }
        }
    }

    /// True when the command was settled without an outcome, and the next one can be considered.
    fn consider(&mut self, step: &mut Step<'_, C>, subject: &Subject, offset: i64) -> bool {
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return false };
        let remembered = step.memory.command(subject, &entry.id);
        let own = remembered.as_ref().filter(|r| !r.state.is_final());
        if let Some(until) = wait_until(entry.not_before, own, offset, self.rules.settle).filter(|at| *at > step.now) {
            self.bide(step, subject, offset, own, until);
            return false;
        }
        if entry.command.is_none() && !self.may_fetch() {
            self.set_phase(subject, Phase::Unread);
            return false;
        }
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return false };
        if entry.command.is_none() {
            self.fetches.insert(offset, subject.clone());
            self.set_phase(subject, Phase::Fetching);
            step.actions.push(Action::Fetch { offset });
            return false;
        }
        let (Some(known), Some(command)) = (entry.known.clone(), entry.command.clone()) else { return false };
        let id = entry.id;
        let revisable = || {
            let fields = record::field_hashes(&command.payload);
            (known.revise && fields.is_empty()) || !revision::fields(step.memory, &known, subject, &fields).is_empty()
        };
        let standing = remembered.as_ref().map(|r| standing(r, &known, offset, revisable));
        if let Some(Standing::Settled(rule)) = standing {
            step.count(rule);
            self.offsets.settle(offset);
            self.forget(subject, offset, &id);
            return true;
        }
        if !self.giving || self.in_flight >= self.places {
            self.set_phase(subject, Phase::Queued);
            return false;
        }
        match own.filter(|r| r.in_doubt_until.is_some()) {
            Some(doubtful) => {
                let attempt = doubtful.attempt;
                let not_after = step.now.plus_millis(self.rules.call_timeout);
                let left = self.rules.call_timeout;
                let context = self.context(step.memory, subject, &known, &command.payload, attempt, not_after, left);
                self.calls.insert(id, subject.clone());
                self.set_phase(subject, Phase::Looking(attempt));
                step.actions.push(Action::Look { command, context });
            }
            None => self.try_now(step, subject, offset),
        }
        false
    }

    /// Nothing of it is at the target: an intent, or a reason to send nothing.
    pub(super) fn try_now(&mut self, step: &mut Step<'_, C>, subject: &Subject, offset: i64) {
        let native_id = self.native_id(step.memory, subject);
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return };
        let (Some(known), Some(command)) = (entry.known.clone(), entry.command.as_ref()) else { return };
        let remembered = step.memory.command(subject, &entry.id);
        let attempts = remembered.as_ref().map_or(0, |r| r.attempt);
        let fields = record::field_hashes(&command.payload);
        let revises = revision::is_one(remembered.as_ref(), &known);
        if known.creates && native_id.is_some() && !revises {
            let rule = "already-bonded".to_owned();
            self.append(step, subject, offset, attempts, |command| Outcome::Skipped(Skipped { command, rule }));
        } else if let Some(by) = superseded(step.memory, &known, subject, &fields) {
            self.append(step, subject, offset, attempts, |command| Outcome::Superseded(Superseded { command, by }));
        } else if !known.creates && native_id.is_none() {
            "no-bond".clone_into(&mut entry.reason);
            entry.failing_since.get_or_insert(step.now);
            let own = remembered.filter(|r| !r.state.is_final());
            let never = Timestamp(i64::MAX);
            self.bide(step, subject, offset, own.as_ref(), never);
        } else {
            let attempt = attempts.saturating_add(1);
            let intent = |command| {
                Outcome::Intent(Intent {
                    command,
                    owner: self.rules.owner.clone(),
                    attempt,
                    not_after: step.now.plus_millis(self.rules.call_timeout),
                    marker: revision::marker(entry.id, &known.hash, revises),
                    fields,
                    native_id: native_id.map(String::from).unwrap_or_default(),
                })
            };
            let outcome = intent(record::reference(entry, &known));
            let envelope = record::envelope(&self.rules, &known.meta, step.now, attempt, outcome);
            self.set_phase(subject, Phase::Intended(attempt));
            step.actions.push(Action::Append(Box::new(envelope)));
        }
    }

    /// Waits until a moment, saying so on the log after `wait_after`, and giving up, for a person, after `park_after`.
    pub(super) fn bide(
        &mut self,
        step: &mut Step<'_, C>,
        subject: &Subject,
        offset: i64,
        own: Option<&Remembered>,
        until: Timestamp,
    ) {
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return };
        let since = own.filter(|r| r.state != State::Parked).and_then(|r| r.first_failed_at).or(entry.failing_since);
        let Some(since) = since else {
            self.set_phase(subject, Phase::Delayed(until));
            return;
        };
        let attempts = own.map_or(0, |r| r.attempt);
        let tried = entry.failures > 0 || entry.failing_since.is_some();
        let reason = if entry.reason.is_empty() { "in doubt" } else { entry.reason.as_str() }.to_owned();
        let (park_at, wait_at) = (since.plus_millis(self.rules.park_after), since.plus_millis(self.rules.wait_after));
        if tried && step.now >= park_at {
            self.append(step, subject, offset, attempts, |command| {
                Outcome::Parked(Parked { command, first_failed_at: since, attempts, reason })
            });
        } else if !entry.waiting && !entry.marking && step.now >= wait_at {
            // What waits for a bond can go at any moment.
            let next_at = if until.0 == i64::MAX { step.now } else { until };
            self.append(step, subject, offset, attempts, |command| {
                Outcome::Waiting(Waiting { command, first_failed_at: since, attempts, next_at, reason })
            });
        } else {
            let alarm = if entry.waiting || entry.marking { park_at } else { wait_at };
            let at = if alarm > step.now { until.min(alarm) } else { until };
            self.set_phase(subject, Phase::Delayed(at));
        }
    }

    /// When the next try may be, after a failure.
    pub(super) fn after_failure(
        &mut self,
        subject: &Subject,
        offset: i64,
        now: Timestamp,
        attempt: i32,
        failure: Failure,
    ) {
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return };
        entry.failures = entry.failures.saturating_add(1);
        let steps = attempt.max(entry.failures);
        let wait = backoff::backoff(&self.rules, &entry.id, steps, failure.retry_after);
        entry.not_before = Some(now.plus_millis(wait));
        entry.reason = failure.reason;
    }
}

pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) retry_after: Option<Duration>,
}

/// The latest of what has to pass before the command is touched.
fn wait_until(not_before: Option<Timestamp>, open: Option<&Remembered>, offset: i64, settle: i64) -> Option<Timestamp> {
    let doubt = open.and_then(|r| r.in_doubt_until).map(|at| at.plus_millis(settle));
    // What an owner before us was asked to wait for.
    let next_at = open.filter(|r| r.offset == offset && r.in_doubt_until.is_none()).and_then(|r| match r.state {
        State::Waiting { next_at } => Some(next_at),
        State::Intent { .. }
        | State::NotApplied
        | State::Doubt
        | State::Parked
        | State::Done
        | State::Refused
        | State::Skipped
        | State::Superseded => None,
    });
    not_before.or(next_at).max(doubt)
}

fn standing(remembered: &Remembered, known: &Known, offset: i64, revisable: impl Fn() -> bool) -> Standing {
    let same = remembered.hash == known.hash;
    let higher = known.meta.mapping_version > remembered.mapping_version;
    let redriven = known.redrive.is_some_and(|attempt| attempt > remembered.attempt);
    match (&remembered.state, same) {
        (State::Refused, true) if redriven => Standing::Due,
        (State::Skipped, true) if known.revise && remembered.revises => Standing::Due,
        (State::Done | State::Refused | State::Skipped | State::Superseded, true) => Standing::Settled("duplicate"),
        (State::Done, false) if higher && !revisable() => Standing::Settled("needs-revise"),
        (State::Done | State::Refused | State::Skipped | State::Superseded, false) if higher => Standing::Due,
        (State::Parked, true) if offset <= remembered.offset => Standing::Settled("duplicate"),
        (_, true) => Standing::Due,
        (_, false) if higher || offset == remembered.offset => Standing::Due,
        (_, false) => Standing::Settled("lower-mapping-version"),
    }
}

/// The later cause, of the same topic, that has set the field.
fn is_after(memory: &dyn super::Memory, known: &Known, subject: &Subject, field: &str) -> Option<Cause> {
    let cause = known.meta.cause.as_ref()?;
    let set_by = memory.watermark(subject, field, &cause.topic)?.cause;
    (set_by.is_after(cause) == Some(true)).then_some(set_by)
}

/// Every field it would set has been set by a later cause.
fn superseded(
    memory: &dyn super::Memory,
    known: &Known,
    subject: &Subject,
    fields: &[domain::outcome::FieldHash],
) -> Option<Cause> {
    let mut by = None;
    for field in fields {
        by = Some(is_after(memory, known, subject, &field.field)?);
    }
    by
}
