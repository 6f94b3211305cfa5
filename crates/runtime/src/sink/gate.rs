//! When a call may begin: as many at once as the target takes, no faster than is configured, and while the target is away
//! one at a time to see.

use crate::entry::now;
use delivery::sink::{Breaker, Change, Permit};
use domain::Subject;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use ports::CallError;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Shared by all partitions of the process. A place is waited for before a call's time begins to run.
pub(crate) struct Gate {
    system: String,
    /// As many as the target takes calls at once, given in the order of asking.
    places: Arc<Semaphore>,
    /// A bucket of tokens, as large as one second's worth.
    rate: Option<DefaultDirectRateLimiter>,
    breaker: Mutex<Breaker>,
    /// The breaker may say something else now.
    heard: Notify,
    call_timeout: Duration,
}

impl Gate {
    pub fn new(system: &str, max_calls: usize, per_second: Option<NonZeroU32>, call_timeout: Duration) -> Self {
        crate::observe::circuit(system, false);
        Self {
            system: system.to_owned(),
            places: Arc::new(Semaphore::new(max_calls.max(1))),
            rate: per_second.map(|n| RateLimiter::direct(Quota::per_second(n))),
            breaker: Mutex::default(),
            heard: Notify::new(),
            call_timeout,
        }
    }

    /// `None` only where the process ends.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let place = self.places.clone().acquire_owned().await.ok()?;
        if let Some(rate) = &self.rate {
            rate.until_ready().await;
        }
        loop {
            // Before the question: an answer between it and the wait is not missed.
            let heard = self.heard.notified();
            let trial = i64::try_from(self.call_timeout.as_millis()).unwrap_or(i64::MAX);
            let permit = self.breaker.lock().unwrap_or_else(PoisonError::into_inner).ask(now(), trial);
            match permit {
                Permit::Go => return Some(place),
                Permit::NotBefore(at) => {
                    let wait = Duration::from_millis(at.millis_since(now()).max(0).unsigned_abs());
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = heard => {}
                    }
                }
            }
        }
    }

    /// What a call or a look came to.
    pub fn hear<T>(&self, subject: &Subject, result: &Result<T, CallError>) {
        let (answered, retry_after) = match result {
            Ok(_)
            | Err(CallError::Refused { .. } | CallError::ConditionNotMet { .. } | CallError::LeftAlone { .. }) => {
                (true, None)
            }
            Err(CallError::NotApplied { retry_after, .. }) => (false, *retry_after),
            Err(CallError::Unknown { .. } | CallError::Misconfigured { .. }) => (false, None),
        };
        let retry_after = retry_after.map(|d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let change = breaker.hear(now(), subject, answered, retry_after);
        drop(breaker);
        if let Some(change) = change {
            crate::observe::circuit(&self.system, change == Change::Opened);
            self.heard.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn gate() -> Gate {
        Gate::new("x", 4, None, Duration::from_secs(1))
    }

    fn subject(n: u32) -> Subject {
        Subject::try_from(format!("case/tg/{n}")).unwrap()
    }

    fn away() -> Result<(), CallError> {
        Err(CallError::NotApplied { reason: "away".to_owned(), retry_after: None })
    }

    #[tokio::test]
    async fn no_place_is_given_while_the_target_is_away_and_at_once_when_it_answers() {
        let gate = gate();
        assert!(gate.place().now_or_never().flatten().is_some());
        (0..6).for_each(|n| gate.hear(&subject(n), &away()));
        let mut waiting = Box::pin(gate.place());
        assert!(waiting.as_mut().now_or_never().is_none(), "the circuit is open");
        // A call that was under way ends well.
        gate.hear(&subject(1), &Ok(()));
        assert!(tokio::time::timeout(Duration::from_millis(500), waiting).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_rate_is_kept_beyond_the_first_second() {
        let gate = Gate::new("x", 4, NonZeroU32::new(5), Duration::from_secs(1));
        for _ in 0..5 {
            assert!(gate.place().now_or_never().flatten().is_some());
        }
        assert!(gate.place().now_or_never().is_none(), "the sixth within a second");
    }
}
