//! Bytes of files, streamed both ways: memory stays at a piece, however long the file is.

use super::{Client, Failure, User, classify};
use futures::StreamExt;
use ports::{BlobError, ByteStream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use reqwest::{Body, Method};
use std::time::Duration;
use tokio::time::Instant;

/// Longest that one download may take; whoever reads it stops earlier.
const DOWNLOAD: Duration = Duration::from_secs(3600);

impl Client {
    /// How much of an upload is there: `None` for all of it.
    pub async fn uploaded(&self, hash: &str, by: Instant) -> Result<Option<u64>, Failure> {
        let (request, _slot) = self.prepare(User::Sync, Method::HEAD, &["uploads", hash], by).await?;
        let response = request.send().await.map_err(|error| classify(&error))?;
        let offset = response.headers().get("upload-offset").and_then(|v| v.to_str().ok()?.parse().ok());
        match (response.status().as_u16(), offset) {
            (200, _) => Ok(None),
            (404, Some(offset)) => Ok(Some(offset)),
            _ => Self::whole(response).await.map(|_| None),
        }
    }

    /// Sends the bytes from `offset` on.
    pub async fn upload(
        &self,
        hash: &str,
        (offset, length): (u64, u64),
        bytes: ByteStream,
        by: Instant,
    ) -> Result<(), Failure> {
        let (request, _slot) = self.prepare(User::Sync, Method::PUT, &["uploads", hash], by).await?;
        let request = request
            .header("upload-offset", offset)
            .header("upload-length", length)
            .header(CONTENT_LENGTH, length.saturating_sub(offset))
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Body::wrap_stream(bytes));
        let response = request.send().await.map_err(|error| classify(&error))?;
        Self::whole(response).await.map(drop)
    }

    /// The bytes of a file from `from` on.
    pub async fn download(&self, id: &str, from: u64, by: Instant) -> Result<ByteStream, Failure> {
        let (request, slot) = self.prepare(User::Sync, Method::GET, &["files", id], by).await?;
        let request = if from > 0 { request.header(RANGE, format!("bytes={from}-")) } else { request };
        // The head has to come in time; the bytes may take longer.
        let sent = tokio::time::timeout_at(by, request.timeout(DOWNLOAD).send()).await;
        let response = sent.map_err(|_| Failure::Unclear("timeout"))?.map_err(|error| classify(&error))?;
        match (response.status().as_u16(), from) {
            (206, _) | (200, 0) => {}
            // It serves ranges; one that does not is another.
            (200, _) => return Err(Failure::Unusable("a range was asked for and all was sent")),
            _ => return Err(Self::whole(response).await.err().unwrap_or(Failure::Unusable("a success without bytes"))),
        }
        let pieces = response.bytes_stream().map(move |piece| {
            // The connection counts as taken until the last piece was read.
            let _held = &slot;
            piece.map_err(|error| BlobError::Cut { reason: classify(&error).to_string() })
        });
        Ok(pieces.boxed())
    }
}
