//! Waiting for something that can be observed, never for time alone.

use std::time::{Duration, Instant};

/// Asks again until there is an answer; panics with `what` when there is none in time.
pub async fn until<T, F>(what: &str, patience: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub const SOON: Duration = Duration::from_secs(60);
