//! Bytes to the case system before the write that names them: each once, by its hash, going on where a cut left it.

use crate::error::before_write;
use crate::http::{Client, Failure};
use domain::FileClaim;
use ports::{BlobStore, CallError};
use std::time::Duration;
use tokio::time::Instant;

fn refused(reason: &str, detail: String) -> CallError {
    CallError::Refused { reason: reason.to_owned(), detail }
}

/// A cut upload is taken up soon: what came over stays there.
fn not_yet(reason: impl ToString) -> CallError {
    let reason = format!("upload: {}", reason.to_string());
    CallError::NotApplied { reason, retry_after: Some(Duration::from_secs(1)) }
}

fn of_upload(failure: Failure) -> CallError {
    match failure {
        Failure::Status { status: 413 | 415, code, detail, .. } => refused(&code, detail),
        // The bytes are sent once more; what is wrong with the request itself is told as everywhere.
        Failure::Status { status: status @ (400 | 404 | 409 | 422), code, .. } => not_yet(format!("{status} {code}")),
        Failure::Unclear(reason) | Failure::NotSent(reason) => not_yet(reason),
        other @ (Failure::Status { .. } | Failure::Unusable(_) | Failure::Misconfigured(_)) => before_write(other),
    }
}

/// All bytes are at the case system when it returns.
pub async fn bring(
    client: &Client,
    store: Option<&dyn BlobStore>,
    files: &[FileClaim<()>],
    by: Instant,
) -> Result<(), CallError> {
    let Some(store) = store else { return Err(refused("no-store", "no blob store is configured here".into())) };
    for file in files {
        let Some(id) = file.blob() else {
            return Err(refused("no-bytes", "the command carries a file whose bytes were withheld".into()));
        };
        let Some(offset) = client.uploaded(id.as_str(), by).await.map_err(of_upload)? else { continue };
        let length = store.find(&id).await.map_err(not_yet)?.map_or(0, |stored| stored.size);
        // More is there than there can be: from the beginning.
        let offset = if offset < length { offset } else { 0 };
        let bytes = store.read(&id, offset).await.map_err(not_yet)?;
        client.upload(id.as_str(), (offset, length), bytes, by).await.map_err(of_upload)?;
    }
    Ok(())
}
