//! A circuit breaker for one target, over all subjects and partitions of the process.
//!
//! A record that always fails is its own trouble and opens nothing: it takes failures in a row from several subjects,
//! with no answer to any other between them. While it is open nobody calls, so that a target that comes back is not met
//! by everything at once; then one call is let through to see.

use domain::{Subject, Timestamp};

/// Failures in a row that open it.
const FAILURES: u32 = 6;
/// From at least so many subjects.
const SUBJECTS: usize = 3;
/// How long it stays open: doubled each time that the trial fails. Milliseconds.
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 60_000;

/// Not a clock among its fields: time comes with each question.
#[derive(Debug, Default)]
pub struct Breaker {
    state: State,
    failures: u32,
    /// Who failed since the last answer; no more than it takes.
    subjects: Vec<Subject>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Timestamp,
        wait: i64,
    },
    /// One call is on its way to see. Where nothing is heard of it by `until`, another is let through.
    Trying {
        until: Timestamp,
        wait: i64,
    },
}

/// May a call begin?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    Go,
    /// Ask again then, or when an answer was heard.
    NotBefore(Timestamp),
}

/// What an answer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Opened,
    Closed,
}

impl Breaker {
    /// `trial`: how long the call that may follow can take, in milliseconds.
    pub fn ask(&mut self, now: Timestamp, trial: i64) -> Permit {
        match self.state {
            State::Closed => Permit::Go,
            State::Open { until, .. } | State::Trying { until, .. } if until > now => Permit::NotBefore(until),
            State::Open { wait, .. } | State::Trying { wait, .. } => {
                self.state = State::Trying { until: now.plus_millis(trial), wait };
                Permit::Go
            }
        }
    }

    /// A call or look has ended. `answered`: the target has said something about this very command, be it no.
    /// `retry_after`: how long it asked to be left alone, in milliseconds.
    pub fn hear(
        &mut self,
        now: Timestamp,
        subject: &Subject,
        answered: bool,
        retry_after: Option<i64>,
    ) -> Option<Change> {
        if answered {
            self.failures = 0;
            self.subjects.clear();
            let was_open = self.state != State::Closed;
            self.state = State::Closed;
            return was_open.then_some(Change::Closed);
        }
        self.failures = self.failures.saturating_add(1);
        if self.subjects.len() < SUBJECTS && !self.subjects.contains(subject) {
            self.subjects.push(subject.clone());
        }
        let asked = retry_after.unwrap_or(0).min(LONGEST_WAIT);
        match self.state {
            State::Closed if self.failures >= FAILURES && self.subjects.len() >= SUBJECTS => {
                self.open(now, FIRST_WAIT.max(asked));
                Some(Change::Opened)
            }
            State::Trying { wait, .. } => {
                self.open(now, (wait * 2).min(LONGEST_WAIT).max(asked));
                None
            }
            // A call that began before it opened.
            State::Closed | State::Open { .. } => None,
        }
    }

    pub fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    fn open(&mut self, now: Timestamp, wait: i64) {
        self.state = State::Open { until: now.plus_millis(wait), wait };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(n: u32) -> Subject {
        Subject::try_from(format!("case/tg/{n}")).unwrap()
    }

    fn fail(breaker: &mut Breaker, now: i64, n: u32) -> Option<Change> {
        breaker.hear(Timestamp(now), &subject(n), false, None)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        let changes: Vec<_> = (0..6).filter_map(|n| fail(&mut breaker, 0, n)).collect();
        assert_eq!(changes, [Change::Opened]);
        breaker
    }

    #[test]
    fn one_record_that_always_fails_opens_nothing() {
        let mut breaker = Breaker::default();
        for n in 0..1_000 {
            assert_eq!(fail(&mut breaker, n, 1), None);
        }
        assert_eq!(breaker.ask(Timestamp(2_000), 10), Permit::Go);
    }

    #[test]
    fn an_answer_to_anybody_begins_the_count_anew() {
        let mut breaker = Breaker::default();
        for n in 0..1_000 {
            assert_eq!(fail(&mut breaker, 0, n), None);
            if n % 4 == 3 {
                breaker.hear(Timestamp(0), &subject(9), true, None);
            }
        }
    }

    #[test]
    fn while_it_is_open_nobody_calls_then_one_does_and_its_answer_closes_it() {
        let mut breaker = opened();
        assert_eq!(breaker.ask(Timestamp(999), 500), Permit::NotBefore(Timestamp(1_000)));
        assert_eq!(breaker.ask(Timestamp(1_000), 500), Permit::Go);
        assert_eq!(breaker.ask(Timestamp(1_001), 500), Permit::NotBefore(Timestamp(1_500)), "one trial at a time");
        assert_eq!(breaker.hear(Timestamp(1_100), &subject(7), true, None), Some(Change::Closed));
        assert_eq!(breaker.ask(Timestamp(1_100), 500), Permit::Go);
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_trial_that_fails_waits_longer_up_to_a_limit_and_one_that_is_not_heard_of_is_repeated() {
        let mut breaker = opened();
        let mut now = 1_000;
        for wait in [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            assert_eq!(breaker.ask(Timestamp(now), 500), Permit::Go);
            assert_eq!(fail(&mut breaker, now, 1), None);
            assert_eq!(breaker.ask(Timestamp(now), 500), Permit::NotBefore(Timestamp(now + wait)));
            now += wait;
        }
        assert_eq!(breaker.ask(Timestamp(now), 500), Permit::Go);
        assert_eq!(breaker.ask(Timestamp(now + 500), 500), Permit::Go);
    }

    #[test]
    fn it_waits_as_long_as_the_target_asks() {
        let mut breaker = Breaker::default();
        for n in 0..6 {
            breaker.hear(Timestamp(0), &subject(n), false, Some(7_000));
        }
        assert_eq!(breaker.ask(Timestamp(1), 500), Permit::NotBefore(Timestamp(7_000)));
    }
}
