//! One file on its way in, over as many attempts as it takes.

use super::pause;
use crate::config::Limits;
use domain::FileClaim;
use domain::file::withheld;
use futures::StreamExt;
use ports::{BlobError, BlobStore, ByteStream, Feed, Incoming, OpenError, Stored};
use std::time::Duration;
use tokio::time::Instant;

/// Times that other bytes may come than were told before the file counts as damaged.
const DAMAGED: u32 = 3;
/// Times that a file's turn is doubled at most: some systems know no ranges, and take their time for a first byte.
const DOUBLINGS: u32 = 3;

pub enum Step {
    Done(Stored),
    /// By this code of [`withheld`].
    Never(&'static str),
    /// The turn is over, bytes were coming.
    Going,
    /// Its next attempt is not due.
    Waiting,
    Failed(String),
}

pub struct Fetching {
    began: Instant,
    /// Where the bytes so far are; kept over cuts, so that the next attempt goes on behind them.
    incoming: Option<(Box<dyn Incoming>, u64)>,
    failures: u32,
    damaged: u32,
    not_before: Option<Instant>,
    /// What the last turn brought that ended in the middle.
    gained: u64,
    /// Its turns are so many times twice as long as usual.
    doubled: u32,
}

impl Fetching {
    pub fn new() -> Self {
        Self { began: Instant::now(), incoming: None, failures: 0, damaged: 0, not_before: None, gained: 0, doubled: 0 }
    }

    /// The next turn is longer where this one got less far than the last: most of it went by before new bytes came.
    fn after_turn(&mut self, gained: u64) {
        if gained <= self.gained / 2 {
            self.doubled = (self.doubled + 1).min(DOUBLINGS);
        }
        self.gained = gained;
    }

    fn at(&self) -> u64 {
        self.incoming.as_ref().map_or(0, |(_, at)| *at)
    }

    pub async fn step<F: Feed>(
        &mut self,
        feed: &mut F,
        store: &dyn BlobStore,
        claim: &FileClaim<()>,
        limits: &Limits,
        until: Instant,
    ) -> Step {
        if self.not_before.is_some_and(|at| Instant::now() < at) {
            return Step::Waiting;
        }
        // The event's other files had the turn.
        if Instant::now() >= until {
            return Step::Going;
        }
        let (before, until) = (self.at(), until + limits.turn() * ((1 << self.doubled) - 1));
        let step = self.attempt(feed, store, claim, limits, until).await;
        if Instant::now() >= until {
            self.after_turn(self.at().saturating_sub(before));
        }
        match &step {
            Step::Done(_) | Step::Going | Step::Waiting => {
                self.failures = 0;
                self.not_before = None;
            }
            Step::Never(_) => self.give_back().await,
            Step::Failed(_) => {
                self.failures += 1;
                let asked = self.not_before.take();
                self.not_before = Some(asked.unwrap_or(Instant::now() + pause(self.failures)));
                if self.began.elapsed() > limits.give_up_after() {
                    self.give_back().await;
                    return Step::Never(withheld::UNAVAILABLE);
                }
            }
        }
        step
    }

    async fn give_back(&mut self) {
        if let Some((incoming, _)) = self.incoming.take() {
            incoming.abort().await;
        }
    }

    async fn attempt<F: Feed>(
        &mut self,
        feed: &mut F,
        store: &dyn BlobStore,
        claim: &FileClaim<()>,
        limits: &Limits,
        until: Instant,
    ) -> Step {
        if self.incoming.is_none() {
            match store.begin().await {
                Ok(incoming) => self.incoming = Some((incoming, 0)),
                Err(error) => return Step::Failed(error.to_string()),
            }
        }
        let Some((incoming, at)) = &mut self.incoming else { return Step::Waiting };
        let opened = tokio::time::timeout_at(until, feed.open(claim, *at)).await;
        let bytes = match opened {
            Err(_) => return Step::Failed("the file was not answered in time".to_owned()),
            Ok(Err(OpenError::Gone)) => return Step::Never(withheld::GONE),
            Ok(Err(OpenError::Unavailable { reason, retry_after })) => {
                self.not_before = retry_after.map(|after| Instant::now() + after.min(Duration::from_secs(3600)));
                return Step::Failed(reason);
            }
            Ok(Ok(bytes)) => bytes,
        };
        match copy(bytes, incoming.as_mut(), at, limits, until).await {
            Copied::All => {}
            Copied::Part => return Step::Going,
            Copied::TooMuch => return Step::Never(withheld::OVERSIZE),
            Copied::Cut(reason) => return Step::Failed(reason),
            // What the store has of it is not known any more: from the beginning.
            Copied::Lost(reason) => {
                self.give_back().await;
                return Step::Failed(reason);
            }
        }
        let Some((incoming, size)) = self.incoming.take() else { return Step::Waiting };
        if size == 0 {
            incoming.abort().await;
            return Step::Never(withheld::EMPTY);
        }
        match incoming.commit().await {
            Ok(stored) if told_otherwise(claim, &stored) => {
                self.damaged += 1;
                if self.damaged >= DAMAGED {
                    return Step::Never(withheld::CORRUPT);
                }
                Step::Failed("other bytes came than were told".to_owned())
            }
            Ok(stored) => Step::Done(stored),
            Err(error) => Step::Failed(error.to_string()),
        }
    }
}

fn told_otherwise(claim: &FileClaim<()>, stored: &Stored) -> bool {
    claim.blob().is_some_and(|told| told != stored.id) || (claim.size >= 0 && claim.size.unsigned_abs() != stored.size)
}

enum Copied {
    All,
    Part,
    TooMuch,
    Cut(String),
    Lost(String),
}

async fn copy(
    mut bytes: ByteStream,
    incoming: &mut dyn Incoming,
    at: &mut u64,
    limits: &Limits,
    until: Instant,
) -> Copied {
    loop {
        let piece = match tokio::time::timeout_at(until, bytes.next()).await {
            Err(_) => return Copied::Part,
            Ok(None) => return Copied::All,
            Ok(Some(Err(error @ (BlobError::Cut { .. } | BlobError::Unavailable { .. } | BlobError::Missing)))) => {
                return Copied::Cut(error.to_string());
            }
            Ok(Some(Ok(piece))) => piece,
        };
        let after = at.saturating_add(piece.len() as u64);
        if after > limits.max_bytes().unsigned_abs() {
            return Copied::TooMuch;
        }
        if let Err(error) = incoming.write(piece).await {
            return Copied::Lost(error.to_string());
        }
        *at = after;
    }
}
