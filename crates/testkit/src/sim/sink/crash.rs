//! The death of a sink's process, at any time or between two steps.

use super::Effect;
use crate::sim::half::{Env, Event, Half};
use crate::sim::obey::{Obeys, Says};
use delivery::sink::Action;
use domain::Outcome;

impl<E: Says, C: Obeys> Half<E, C> {
    /// Of the newest owner of the partition, if it lives.
    pub(in crate::sim) fn crash_sink(&mut self, env: &mut Env, partition: usize) {
        if let Some(number) = self.owners[partition].last().filter(|owner| owner.alive).map(|owner| owner.number) {
            self.crash(env, partition, number);
        }
    }

    /// Between two steps. Where it was the newest owner, another process takes over; an older one is not missed.
    pub(super) fn die(&mut self, env: &mut Env, partition: usize, number: u32) {
        let newest = self.owners[partition].last().is_some_and(|owner| owner.number == number);
        self.crash(env, partition, number);
        if newest {
            env.within(10, 2_000, Event::SinkStart(self.side, partition));
        }
    }

    /// What it had handed to its producer may or may not be on the log.
    fn crash(&mut self, env: &mut Env, partition: usize, number: u32) {
        let Some(owner) = self.owners[partition].iter_mut().find(|owner| owner.number == number) else { return };
        owner.alive = false;
        let mut lands = env.rng.percent(50);
        let mine: Vec<u64> =
            self.effects.iter().filter(|(_, e)| e.owner() == (number, partition)).map(|(n, _)| *n).collect();
        for effect in mine {
            if matches!(self.effects.get(&effect), Some(Effect::Arrive(..))) {
                continue;
            }
            if let Some(Effect::Append(_, _, outcome)) = self.effects.remove(&effect)
                && lands
            {
                self.outcomes.append(partition, *outcome);
                lands = env.rng.percent(70);
            }
        }
    }
}

/// Where a process is that has decided on this and not yet done it.
pub(super) const fn point_of<C>(action: &Action<C>) -> Option<&'static str> {
    match action {
        Action::Append(outcome) => Some(match &outcome.payload {
            Outcome::Barrier(_) => "sink: barrier decided",
            Outcome::Intent(_) => "sink: intent decided",
            Outcome::Done(_) => "sink: done decided",
            Outcome::NotApplied(_)
            | Outcome::Doubt(_)
            | Outcome::Refused(_)
            | Outcome::Skipped(_)
            | Outcome::Superseded(_)
            | Outcome::Waiting(_)
            | Outcome::Parked(_) => "sink: other outcome decided",
        }),
        Action::Call { .. } => Some("sink: intent read back"),
        Action::Look { .. } => Some("sink: look decided"),
        Action::AskPlace | Action::FreePlace => Some("sink: place decided"),
        Action::Fetch { .. } => Some("sink: fetch decided"),
        Action::DeadLetter { .. } => Some("sink: dead letter decided"),
        Action::Settled { .. } => Some("sink: settled"),
        Action::LookTwice { .. } | Action::WakeAt(_) | Action::Counted { .. } | Action::Deposed => None,
    }
}
