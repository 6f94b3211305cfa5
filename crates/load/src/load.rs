//! The load as a whole: begins, is counted, ends.

use crate::LoadError;
use crate::case_system::CaseSystem;
use crate::community::Community;
use crate::journal::Journal;
use crate::person::Person;
use crate::plan::Plan;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// What all people share.
pub(crate) struct Shared {
    pub plan: Plan,
    pub community: Community,
    pub case_system: Arc<dyn CaseSystem>,
    pub journal: Journal,
    pub going: AtomicBool,
    acts: AtomicU64,
    counts: Mutex<BTreeMap<String, u64>>,
    turns: Option<tokio::sync::Mutex<Interval>>,
}

impl Shared {
    /// Waits for the next act's turn at the plan's rate.
    pub async fn turn(&self) {
        if let Some(turns) = &self.turns {
            turns.lock().await.tick().await;
        }
    }

    /// A moment until a system that gave no answer is asked again.
    pub async fn beat(&self) {
        let mut beat = interval(Duration::from_millis(25));
        beat.tick().await;
        beat.tick().await;
    }

    /// An act counts once its line is on disk.
    pub fn count(&self, kind: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                counts.insert(kind.to_owned(), 1);
            }
        }
        if !matches!(kind, "refused" | "answers lost") {
            self.acts.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// People at work.
pub struct Load {
    shared: Arc<Shared>,
    people: JoinSet<Result<(), LoadError>>,
}

/// What was done: acts by kind, and beside them `refused` and `answers lost`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub acts: u64,
    pub counts: BTreeMap<String, u64>,
}

impl Load {
    /// Everybody begins to work. `journal` is continued where it is there; then the plan needs a run of its own.
    pub fn begin(
        plan: Plan,
        community: Community,
        case_system: Arc<dyn CaseSystem>,
        journal: &Path,
    ) -> Result<Self, LoadError> {
        let sound = |run: &str| !run.is_empty() && run.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if plan.partners.is_empty() || plan.people == 0 || !sound(&plan.run) {
            return Err(LoadError::Plan);
        }
        let turns = (plan.rate > 0).then(|| {
            let mut turns = interval(Duration::from_secs(1) / plan.rate);
            // After an outage nobody catches up.
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            tokio::sync::Mutex::new(turns)
        });
        let people = plan.people as u64;
        let shared = Arc::new(Shared {
            plan,
            community,
            case_system,
            journal: Journal::open(journal)?,
            going: AtomicBool::new(true),
            acts: AtomicU64::new(0),
            counts: Mutex::default(),
            turns,
        });
        let people = (0..people).map(|n| Person::new(Arc::clone(&shared), n).work()).collect();
        Ok(Self { shared, people })
    }

    /// Acts so far that are certain and on disk.
    pub fn acts(&self) -> u64 {
        self.shared.acts.load(Ordering::Relaxed)
    }

    /// Everybody brings to its end what is under way. The systems have to answer for that; whoever waits longer than
    /// the plan's patience is an error.
    pub async fn end(mut self) -> Result<Done, LoadError> {
        self.shared.going.store(false, Ordering::Relaxed);
        while let Some(ended) = self.people.join_next().await {
            ended.map_err(|_| LoadError::Panicked)??;
        }
        let counts = self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Done { acts: self.acts(), counts })
    }
}
