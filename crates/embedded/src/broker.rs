//! Starting and stopping.

use crate::core::Core;
use crate::options::{Options, StartError};
use crate::state::{State, now_ms};
use crate::{registry, server};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often sessions and transactions are looked at: the coarseness of their timeouts.
const BEAT: Duration = Duration::from_millis(100);

pub struct Broker;

/// A broker that runs. Dropped without [`Running::stop`] it ends at once, as if its process had been killed.
pub struct Running {
    kafka: SocketAddr,
    registry: SocketAddr,
    core: Arc<Core>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Its own threads, so that nothing in the host's runtime can hold it up, nor it anything there.
    runtime: Option<Runtime>,
}

impl Broker {
    /// Reads back what is in the folder, then listens. Blocking, for as long as it takes to read the whole log once.
    pub fn start(options: Options) -> Result<Running, StartError> {
        let Options { folder, kafka, registry: registry_at, durability, limits, retention_interval, faults } = options;
        let listen = |what, address| {
            let bound = std::net::TcpListener::bind(address).and_then(|listener| {
                listener.set_nonblocking(true)?;
                let bound = listener.local_addr()?;
                Ok((listener, bound))
            });
            bound.map_err(|source| StartError::Listen { what, address, source })
        };
        // Before the folder is touched.
        let (kafka_listener, kafka) = listen("Kafka", kafka)?;
        let (registry_listener, registry) = listen("the schema registry", registry_at)?;
        let state = State::open(&folder, durability, limits.clone())?;
        let schemas = registry::Schemas::open(&folder, durability)?;
        let failed = || StartError::storage(&folder);
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("embedded-broker")
            .enable_all()
            .build()
            .map_err(failed())?;
        let listeners = {
            let _inside = runtime.enter();
            TcpListener::from_std(kafka_listener)
                .and_then(|kafka| Ok((kafka, TcpListener::from_std(registry_listener)?)))
        };
        let (kafka_listener, registry_listener) = match listeners {
            Ok(listeners) => listeners,
            Err(source) => {
                // Dropping it would block, which a caller inside another runtime must not.
                runtime.shutdown_background();
                return Err(failed()(source));
            }
        };
        let core = Arc::new(Core::new(state, limits, faults));
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            runtime.spawn(server::run(core.clone(), kafka_listener, stopped.clone())),
            runtime.spawn(registry::run(schemas, registry_listener, stopped.clone())),
            runtime.spawn(tend(core.clone(), retention_interval, stopped)),
        ];
        tracing::info!(%kafka, %registry, folder = %folder.display(), "embedded broker is ready");
        Ok(Running { kafka, registry, core, stop, tasks, runtime: Some(runtime) })
    }
}

/// Ends sessions, transactions and segments whose time is over.
async fn tend(core: Arc<Core>, retention_interval: Duration, mut stop: watch::Receiver<bool>) {
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut tidied = Instant::now();
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let now = Instant::now();
        let mut state = core.state();
        for group in state.groups.values_mut() {
            group.tick(now);
        }
        state.groups.retain(|_, group| !group.is_idle());
        let expired = state.expire_transactions(now_ms());
        if now.duration_since(tidied) >= retention_interval {
            tidied = now;
            if let Err(error) = state.tidy() {
                tracing::error!(%error, "old segments cannot be deleted");
            }
        }
        drop(state);
        if expired {
            core.news();
        }
    }
}

impl Running {
    /// What clients take as `bootstrap.servers`.
    pub const fn kafka_address(&self) -> SocketAddr {
        self.kafka
    }

    pub fn registry_url(&self) -> String {
        format!("http://{}", self.registry)
    }

    /// Closes every connection and both ports, flushes everything to the disk and lets go of the folder.
    pub async fn stop(mut self) -> std::io::Result<()> {
        let _ = self.stop.send(true);
        for task in self.tasks.drain(..) {
            // A task that panicked is not running either.
            let _ = task.await;
        }
        self.core.state().close()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.core.state().release();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
