//! A simulated case system: tickets with a queue, a status, an owner, fields, public answers and internal notes.
//!
//! Its state is a journal in a folder ([`crate::journal`]), its rules a pure model ([`model`]). Unlike Request Tracker
//! it is honest: a success means the effect, `If-Match` is atomic, the feed is the order of commits and loses nothing,
//! and a write can be made to expire (header `X-Not-After`). What it shares with most
//! products: an external id is not unique, so two tickets for one case are possible, and seen.

mod hooks;
mod http;
pub mod model;
pub mod request;
pub mod setup;
pub mod store;
pub mod wire;

pub use crate::hooks::HookOptions;

use crate::faults::Faults;
use crate::hooks::{Nudge, QUEUE};
use crate::journal::JournalError;
use crate::lock;
use crate::serve::Limits;
use axum::Router;
use serde::Serialize;
use setup::{Author, Role, Rules};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A user with the bearer token that proves who it is.
#[derive(Clone)]
pub struct User {
    pub name: String,
    pub token: String,
}

/// How to run a case system.
#[derive(Clone)]
pub struct Options {
    /// Folder of the journal, made where it is missing. One process at a time.
    pub folder: PathBuf,
    /// The pipeline acting for the house.
    pub pipeline: User,
    /// The pipeline speaking for partners.
    pub partner_voice: User,
    /// People.
    pub agents: Vec<User>,
    /// Stamped on every change: `T` or `P`.
    pub environment: String,
    pub hook: Option<HookOptions>,
    /// Serves `/control`, which needs no token. For tests and demonstrations on loopback.
    pub control: bool,
    /// See [`Rules::reply_opens`].
    pub reply_opens: bool,
    /// Serves a page for people at `/`, which is given the agents' tokens. For demonstrations on loopback.
    pub page: bool,
}

/// Counters of state-changing requests, since the start of the process; the journal counts over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests that reached the rules.
    pub calls: u64,
    /// Changes made, by kind.
    pub applied: BTreeMap<String, u64>,
    /// Requests after which everything was as before.
    pub unchanged: u64,
    /// By the `code` of the problem.
    pub refused: BTreeMap<String, u64>,
    /// Faults that befell any request.
    pub faults: u64,
    pub hooks_sent: u64,
    pub hooks_failed: u64,
    pub hooks_dropped: u64,
}

pub(crate) struct Server {
    options: Options,
    /// By token.
    users: BTreeMap<String, Author>,
    store: Mutex<store::Store>,
    faults: Mutex<Faults>,
    stats: Mutex<Stats>,
    hooks: Option<mpsc::Sender<Nudge>>,
}

impl Server {
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

fn users(options: &Options) -> BTreeMap<String, Author> {
    let agents = options.agents.iter().map(|user| (user, Role::Agent));
    let services = [(&options.pipeline, Role::Pipeline), (&options.partner_voice, Role::PartnerVoice)];
    let all = agents.chain(services).filter(|(user, _)| !user.token.is_empty());
    all.map(|(user, role)| (user.token.clone(), Author { name: user.name.clone(), role })).collect()
}

/// The routes over the opened state. Webhooks are sent by a task of the surrounding runtime, which ends with the last
/// clone of the router.
pub fn router(options: Options) -> Result<Router, JournalError> {
    let rules = Rules {
        owners: options.agents.iter().map(|user| user.name.clone()).collect(),
        reply_opens: options.reply_opens,
    };
    let store = store::Store::open(&options.folder, rules, &options.environment)?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let hook = options.hook.clone();
    let server = Arc::new(Server {
        users: users(&options),
        options,
        store: Mutex::new(store),
        faults: Mutex::default(),
        stats: Mutex::default(),
        hooks: hook.is_some().then_some(sender),
    });
    if let Some(hook) = hook {
        tokio::spawn(crate::hooks::run(Arc::downgrade(&server), hook, receiver));
    }
    Ok(http::router(server))
}

/// Serves a case system on `listener` until `shutdown` ends.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), JournalError> {
    let router = router(options)?;
    crate::serve::serve(listener, router, Limits::default(), shutdown).await;
    Ok(())
}
