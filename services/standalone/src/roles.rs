//! The seven roles as threads of this process, each with an executor of its own, so that one can be killed alone.

use crate::configs::{self, Layout};
use runtime::service::{Context, chain};
use runtime::{Shutdown, StartError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use telemetry::admin::Health;
use tokio::sync::Notify;

/// A role that is told to end, or is killed, has this long for its threads to leave Kafka's client.
const GRACE: Duration = Duration::from_secs(10);
/// Between a role's end by itself and its next start, as a supervisor would wait.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Starting,
    Running,
    Stopped,
}

/// A role as the page shows it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub name: &'static str,
    pub state: State,
    pub since: SystemTime,
}

struct Slot {
    /// Whether it should run: what ends by itself is then started again.
    wanted: bool,
    since: SystemTime,
    running: Option<Running>,
}

struct Running {
    context: Context,
    killed: Arc<Notify>,
    ended: Arc<Notify>,
}

/// Every role of the process. A cheap clone.
#[derive(Clone)]
pub struct Roles {
    layout: Arc<Layout>,
    slots: Arc<Mutex<BTreeMap<&'static str, Slot>>>,
}

impl Roles {
    pub fn new(layout: Arc<Layout>) -> Self {
        let slot = || Slot { wanted: false, since: SystemTime::now(), running: None };
        let slots = configs::ROLES.into_iter().map(|name| (name, slot())).collect();
        Self { layout, slots: Arc::new(Mutex::new(slots)) }
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<&'static str, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn seen(&self) -> Vec<Seen> {
        let state = |slot: &Slot| match &slot.running {
            None => State::Stopped,
            Some(running) if running.context.health.not_ready().is_none() => State::Running,
            Some(_) => State::Starting,
        };
        let slots = self.slots();
        let seen = |(name, slot): (&&'static str, &Slot)| Seen { name, state: state(slot), since: slot.since };
        slots.iter().map(seen).collect()
    }

    /// Nothing where it runs already, or is not known.
    pub fn start(&self, name: &str) -> Result<(), StartError> {
        let Some(name) = configs::ROLES.into_iter().find(|known| *known == name) else { return Ok(()) };
        let mut slots = self.slots();
        let Some(slot) = slots.get_mut(name).filter(|slot| slot.running.is_none()) else { return Ok(()) };
        let context = Context { shutdown: Shutdown::new(), health: Health::default() };
        let (killed, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let running = Running { context: context.clone(), killed: killed.clone(), ended: ended.clone() };
        let roles = self.clone();
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread
            .spawn(move || {
                let result = live(name, &roles.layout, context, &killed);
                roles.ended(name, &ended, result);
            })
            .map_err(|_| StartError::Worker("role"))?;
        slot.wanted = true;
        slot.since = SystemTime::now();
        slot.running = Some(running);
        Ok(())
    }

    fn ended(&self, name: &'static str, ended: &Notify, result: Result<(), StartError>) {
        if let Err(error) = &result {
            tracing::error!(role = name, error = chain(error), "role ended, to be started again");
        }
        let mut slots = self.slots();
        let again = slots.get_mut(name).is_some_and(|slot| {
            slot.running = None;
            slot.since = SystemTime::now();
            slot.wanted
        });
        drop(slots);
        ended.notify_waiters();
        ended.notify_one();
        if again && result.is_err() {
            std::thread::park_timeout(AGAIN);
            if self.slots().get(name).is_some_and(|slot| slot.wanted)
                && let Err(error) = self.start(name)
            {
                tracing::error!(role = name, error = chain(&error), "role cannot be started");
            }
        }
    }

    /// Ends a role and waits until it has ended. `drained`: what it has begun it finishes, as on SIGTERM; otherwise its
    /// calls are dropped where they stand and it writes nothing more, as far as threads can be stopped.
    pub async fn stop(&self, name: &str, drained: bool) {
        let ended = {
            let mut slots = self.slots();
            let Some(slot) = slots.get_mut(name) else { return };
            slot.wanted = false;
            let Some(running) = &slot.running else { return };
            if !drained {
                running.killed.notify_one();
            }
            running.context.shutdown.begin();
            running.ended.clone()
        };
        let _ = tokio::time::timeout(GRACE * 3, ended.notified()).await;
    }

    pub async fn restart(&self, name: &str) -> Result<(), StartError> {
        self.stop(name, true).await;
        self.start(name)
    }

    pub async fn stop_all(&self) {
        futures::future::join_all(configs::ROLES.into_iter().map(|name| self.stop(name, true))).await;
    }
}

/// One life of a role, on this thread.
fn live(name: &'static str, layout: &Layout, context: Context, killed: &Notify) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
        .map_err(|_| StartError::Worker("executor"))?;
    let shutdown = context.shutdown.clone();
    let result = runtime.block_on(async {
        tokio::select! {
            biased;
            () = killed.notified() => Ok(()),
            result = configs::run(name, layout, context) => result,
        }
    });
    shutdown.begin();
    runtime.shutdown_timeout(GRACE);
    result
}
