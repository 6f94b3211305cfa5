//! When to judge: once both systems have come to rest.

use checker::{CheckError, Internal, Journals, Source, Verdict, check};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long nothing may be written before what is missing is called missing, and how long a clean verdict must hold.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Since the journals grew last.
    pub missing: Duration,
    /// A second effect or an echo may still come.
    pub quiet: Duration,
    /// In all, however much is written.
    pub at_most: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { missing: Duration::from_secs(90), quiet: Duration::from_secs(3), at_most: Duration::from_secs(600) }
    }
}

fn size(journals: &Journals) -> u64 {
    let internal = match &journals.internal {
        Internal::Desk(source) | Internal::Observed(source) => source,
    };
    let all = journals.people.iter().chain([&journals.community, internal]);
    let size = |source: &Source| match source {
        Source::File(path) => std::fs::metadata(path).map_or(0, |data| data.len()),
        Source::Memory(_, bytes) => bytes.len() as u64,
    };
    all.map(size).sum()
}

/// Judges again and again while the systems come to rest; the last verdict.
pub async fn judged(journals: &Journals, patience: Patience) -> Result<Verdict, CheckError> {
    let mut looks = interval(Duration::from_millis(250));
    let began = Instant::now();
    let (mut grown, mut before) = (began, size(journals));
    loop {
        looks.tick().await;
        let now = size(journals);
        if now != before {
            (grown, before) = (Instant::now(), now);
        }
        let over = began.elapsed() > patience.at_most;
        if grown.elapsed() < patience.quiet && !over {
            continue;
        }
        let all = journals.clone();
        let verdict = tokio::task::spawn_blocking(move || check(&all)).await;
        let verdict = verdict.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
        if verdict.is_clean() || over || grown.elapsed() > patience.missing {
            return Ok(verdict);
        }
    }
}
