//! Bytes to the community before the write that names them: each once, by its hash, going on where a cut left it.

use super::classify;
use crate::client::{Answer, Client};
use crate::wire::Problem;
use domain::FileClaim;
use ports::{BlobStore, CallError};
use std::time::{Duration, Instant};

/// A cut upload is taken up soon: what came over stays there.
const SOON: Option<Duration> = Some(Duration::from_secs(1));

fn not_yet(reason: impl ToString) -> CallError {
    CallError::NotApplied { reason: format!("upload: {}", reason.to_string()), retry_after: SOON }
}

/// All bytes are at the community when it returns.
pub async fn bring(
    client: &Client,
    store: Option<&dyn BlobStore>,
    files: &[FileClaim<()>],
    until: Instant,
) -> Result<(), CallError> {
    let Some(store) = store else { return Err(super::refused("no-store", "no blob store is configured here")) };
    for file in files {
        let Some(id) = file.blob() else {
            return Err(super::refused("no-bytes", "the command carries a file whose bytes were withheld"));
        };
        let left = || until.saturating_duration_since(Instant::now());
        let offset = match client.uploaded(id.as_str(), left()).await {
            Ok(Ok(None)) => continue,
            Ok(Ok(Some(offset))) => offset,
            Ok(Err(answer)) => return Err(refusal(client, answer)),
            Err(failure) => return Err(not_yet(failure)),
        };
        let length = store.find(&id).await.map_err(not_yet)?.map_or(0, |stored| stored.size);
        // More is there than there can be: from the beginning.
        let offset = if offset < length { offset } else { 0 };
        let bytes = store.read(&id, offset).await.map_err(not_yet)?;
        let answer = client.upload(id.as_str(), (offset, length), bytes, left()).await.map_err(not_yet)?;
        if !answer.status.is_success() {
            return Err(refusal(client, answer));
        }
    }
    Ok(())
}

/// What is wrong with the file stays wrong; what is wrong with the upload passes.
fn refusal(client: &Client, answer: Answer) -> CallError {
    match answer.status.as_u16() {
        401 | 403 | 405 | 300..=399 => match classify::read(client, Ok(answer)) {
            Ok(_) => not_yet("the answer to it is none of the contract"),
            Err(error) => error,
        },
        413 | 415 => {
            let problem = Problem::read(&answer.body);
            super::refused(if problem.code.is_empty() { "file-refused" } else { &problem.code }, &problem.detail)
        }
        status => CallError::NotApplied { reason: format!("upload: status {status}"), retry_after: answer.retry_after },
    }
}
