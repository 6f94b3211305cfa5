//! Ingest's hand: brings the files of an event into the store, a few seconds at a time.

mod fetch;

use crate::config::Limits;
use domain::file::{MAX_FILES, withheld};
use domain::{FileClaim, Files, SystemId};
use fetch::{Fetching, Step};
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::{BlobError, BlobStore, Feed, Gather, Gathered};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use telemetry::facts;
use tokio::time::Instant;

/// Files that are on their way in at once; each holds up to one part in memory.
const AT_ONCE: usize = 3;

/// Takes files for one system.
pub struct Taker {
    system: SystemId,
    /// `None`: the link takes no files, and says so of each.
    store: Option<Arc<dyn BlobStore>>,
    limits: Limits,
    fetching: BTreeMap<String, Fetching>,
}

impl Taker {
    pub fn new(system: SystemId, store: Option<Arc<dyn BlobStore>>, limits: Limits) -> Self {
        Self { system, store, limits, fetching: BTreeMap::new() }
    }

    fn withhold(&mut self, mut claim: FileClaim<()>, code: &str) -> FileClaim<()> {
        self.fetching.remove(&claim.source_id);
        facts::FileWithheld { system: self.system.as_str(), code }.emit();
        // What its system says of a hash tells the same bytes again; that of any other file was never looked at.
        if code != withheld::RESTRICTED {
            claim.sha256.clear();
        }
        code.clone_into(&mut claim.withheld);
        claim.limit = if code == withheld::OVERSIZE { self.limits.max_bytes() } else { 0 };
        claim
    }

    /// Why a file is not even asked for.
    fn refusal(&self, position: usize, claim: &FileClaim<()>, name: &str) -> Option<&'static str> {
        if position >= MAX_FILES {
            Some(withheld::TOO_MANY)
        } else if name.is_empty() {
            Some(withheld::BAD_NAME)
        } else if claim.size == 0 {
            Some(withheld::EMPTY)
        } else if claim.size > self.limits.max_bytes() {
            Some(withheld::OVERSIZE)
        } else if self.limits.blocks(name) {
            Some(withheld::TYPE_BLOCKED)
        } else {
            None
        }
    }

    async fn settle<F: Feed>(
        &mut self,
        feed: &mut F,
        claim: FileClaim<()>,
        until: Instant,
    ) -> Result<FileClaim<()>, Gathered> {
        let Some(store) = self.store.clone() else { return Ok(self.withhold(claim, withheld::NO_STORE)) };
        if !self.fetching.contains_key(&claim.source_id) {
            match known(&self.system, store.as_ref(), &claim).await {
                Ok(Some(known)) => {
                    facts::FileTaken { system: self.system.as_str(), result: "known" }.emit();
                    return Ok(known);
                }
                Ok(None) if self.fetching.len() >= AT_ONCE => return Err(Gathered::Later),
                Ok(None) => {}
                // Nobody can be told that a file was withheld because our own store is away: it waits.
                Err(error) => return Err(self.delayed(&error.to_string())),
            }
        }
        let fetching = self.fetching.entry(claim.source_id.clone()).or_insert_with(Fetching::new);
        match fetching.step(feed, store.as_ref(), &claim, &self.limits, until).await {
            Step::Done(stored) => {
                let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
                let settled = FileClaim { sha256: stored.id.as_str().to_owned(), size, ..claim };
                if let Err(error) = store.remember(self.system.as_str(), &settled).await {
                    tracing::warn!(%error, "a file may be fetched once more");
                }
                self.fetching.remove(&settled.source_id);
                facts::FileTaken { system: self.system.as_str(), result: "fetched" }.emit();
                facts::FileBytes { system: self.system.as_str(), count: stored.size }.emit();
                Ok(settled)
            }
            Step::Never(code) => Ok(self.withhold(claim, code)),
            Step::Going => Err(Gathered::Going),
            Step::Waiting => Err(Gathered::Later),
            Step::Failed(reason) => Err(self.delayed(&reason)),
        }
    }

    fn delayed(&self, reason: &str) -> Gathered {
        facts::FileDelayed { system: self.system.as_str(), reason }.emit();
        Gathered::Later
    }

    async fn gather_all<F>(&mut self, feed: &mut F, event: &mut F::Event) -> Gathered
    where
        F: Feed,
        F::Event: Files,
    {
        let left = event.document_type().is_some_and(|kind| self.limits.leaves(&kind));
        let mut claims = Vec::new();
        event.each_file(&mut |claim| claims.push((claim.bare(), claim.name_for_host().to_owned())));
        let until = Instant::now() + self.limits.turn();
        let mut settled = Vec::with_capacity(claims.len());
        for (position, (claim, name)) in claims.into_iter().enumerate() {
            if !claim.withheld.is_empty() {
                settled.push(claim);
                continue;
            }
            let refusal = if left { Some(withheld::RESTRICTED) } else { self.refusal(position, &claim, &name) };
            match refusal {
                Some(code) => settled.push(self.withhold(claim, code)),
                None => match self.settle(feed, claim, until).await {
                    Ok(claim) => settled.push(claim),
                    Err(not_yet) => return not_yet,
                },
            }
        }
        let mut settled = settled.into_iter();
        event.each_file(&mut |claim| {
            if let Some(settled) = settled.next() {
                claim.settle(&settled);
            }
        });
        Gathered::Whole
    }
}

impl<F> Gather<F> for Taker
where
    F: Feed,
    F::Event: Files,
{
    fn gather<'a>(&'a mut self, feed: &'a mut F, event: &'a mut F::Event) -> BoxFuture<'a, Gathered> {
        self.gather_all(feed, event).boxed()
    }
}

/// What the store knows of it already: these very bytes, or this very file.
async fn known(
    system: &SystemId,
    store: &dyn BlobStore,
    claim: &FileClaim<()>,
) -> Result<Option<FileClaim<()>>, BlobError> {
    let told = claim.blob();
    if let Some(id) = &told
        && let Some(stored) = store.find(id).await?
    {
        return Ok(Some(FileClaim { size: i64::try_from(stored.size).unwrap_or(i64::MAX), ..claim.clone() }));
    }
    let Some(before) = store.known(system.as_str(), &claim.source_id).await? else { return Ok(None) };
    let Some(id) = before.blob() else { return Ok(None) };
    // What lies in quarantine is not fetched again either: its verdict answers for it.
    let there = store.find(&id).await?.is_some() || store.verdict(&id).await?.is_some();
    Ok((there && told.is_none_or(|told| told == id)).then_some(before))
}

/// How long to wait after so many failures in a row: from 2 s to 5 min.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(2u64.saturating_pow(failures.min(9))).min(Duration::from_secs(300))
}
