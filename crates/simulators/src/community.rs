//! A simulated community behind our own contract.
//!
//! Its state is a journal in a folder ([`crate::journal`]), its rules a pure model ([`model`]); what it refuses and what it
//! does when told to misbehave ([`crate::faults`]) is meant to be what a real service would do to its callers.

pub mod action;
pub mod discrepancy;
pub mod document;
pub mod hooks;
mod http;
pub mod model;
pub mod onboarding;
pub mod store;
pub mod wire;

// Where they were before a second simulator shared them.
pub use crate::{faults, journal};

use crate::faults::Faults;
use crate::journal::JournalError;
use crate::lock;
use crate::serve::Limits;
use axum::Router;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How to run a community.
#[derive(Clone)]
pub struct Options {
    /// Folder of the journal, made where it is missing. One process at a time.
    pub folder: PathBuf,
    /// Bearer token of the host, that is, of the pipeline.
    pub host_token: String,
    /// Partner id by bearer token.
    pub partners: BTreeMap<String, String>,
    /// Stamped on every change: `T` or `P`.
    pub environment: String,
    pub hook: Option<hooks::HookOptions>,
    /// Serves `/control`, which needs no token. For tests and demonstrations on loopback.
    pub control: bool,
    /// Serves a page for people at `/`, which is given the partners' tokens. For demonstrations on loopback.
    pub page: bool,
}

/// Counters of state-changing requests, since the start of the process; the journal counts over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests that reached the rules.
    pub calls: u64,
    /// Of these, what changed something, by the kind of change.
    pub applied: BTreeMap<String, u64>,
    /// Answered from the key without doing anything.
    pub idempotency_hits: u64,
    /// By the `code` of the problem.
    pub refused: BTreeMap<String, u64>,
    /// Faults that befell any request.
    pub faults: u64,
    pub hooks_sent: u64,
    pub hooks_failed: u64,
    pub hooks_dropped: u64,
}

pub(crate) struct State {
    options: Options,
    store: Mutex<store::Store>,
    faults: Mutex<Faults>,
    stats: Mutex<Stats>,
    /// Scope and key of requests under way.
    under_way: Mutex<HashSet<String>>,
    hooks: Option<mpsc::Sender<crate::hooks::Nudge>>,
}

impl State {
    fn store(&self) -> MutexGuard<'_, store::Store> {
        lock(&self.store)
    }
    fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }
    fn stats(&self) -> MutexGuard<'_, Stats> {
        lock(&self.stats)
    }
}

/// The community's routes over its opened state. Webhooks are sent by a task of the surrounding runtime, which ends
/// with the last clone of the router.
pub fn router(options: Options) -> Result<Router, JournalError> {
    let store = store::Store::open(&options.folder, &options.environment)?;
    let (sender, receiver) = mpsc::channel(hooks::QUEUE);
    let hook = options.hook.clone();
    let state = Arc::new(State {
        options,
        store: Mutex::new(store),
        faults: Mutex::default(),
        stats: Mutex::default(),
        under_way: Mutex::default(),
        hooks: hook.is_some().then_some(sender),
    });
    if let Some(hook) = hook {
        tokio::spawn(crate::hooks::run(Arc::downgrade(&state), hook, receiver));
    }
    Ok(http::router(state))
}

/// Serves a community on `listener` until `shutdown` ends.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), JournalError> {
    let router = router(options)?;
    crate::serve::serve(listener, router, Limits::default(), shutdown).await;
    Ok(())
}
