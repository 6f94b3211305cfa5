//! Bytes of files, streamed both ways: memory stays at a piece, however long the file is.

use super::{Answer, Client, Failure, classify};
use futures::StreamExt;
use ports::{BlobError, ByteStream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use reqwest::{Body, Method};
use std::time::Duration;

/// Longest that one download may take; whoever reads it stops earlier.
const DOWNLOAD: Duration = Duration::from_secs(3600);

impl Client {
    /// How much of an upload is there: `None` for all of it.
    pub async fn uploaded(&self, hash: &str, timeout: Duration) -> Result<Result<Option<u64>, Answer>, Failure> {
        let (request, _permit) = self.prepare(Method::HEAD, &["v1", "uploads", hash], timeout).await?;
        let response = request.send().await.map_err(|error| classify(&error))?;
        let offset = response.headers().get("upload-offset").and_then(|v| v.to_str().ok()?.parse().ok());
        match (response.status().as_u16(), offset) {
            (200, _) => Ok(Ok(None)),
            (404, Some(offset)) => Ok(Ok(Some(offset))),
            _ => Self::whole(response).await.map(Err),
        }
    }

    /// Sends the bytes from `offset` on.
    pub async fn upload(
        &self,
        hash: &str,
        (offset, length): (u64, u64),
        bytes: ByteStream,
        timeout: Duration,
    ) -> Result<Answer, Failure> {
        let (request, _permit) = self.prepare(Method::PUT, &["v1", "uploads", hash], timeout).await?;
        let request = request
            .header("upload-offset", offset)
            .header("upload-length", length)
            .header(CONTENT_LENGTH, length.saturating_sub(offset))
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Body::wrap_stream(bytes));
        let response = request.send().await.map_err(|error| classify(&error))?;
        Self::whole(response).await
    }

    /// The bytes of a file from `from` on; the answer where there are none.
    pub async fn download(
        &self,
        id: &str,
        from: u64,
        timeout: Duration,
    ) -> Result<Result<ByteStream, Answer>, Failure> {
        let (request, permit) = self.prepare(Method::GET, &["v1", "files", id], timeout).await?;
        let request = if from > 0 { request.header(RANGE, format!("bytes={from}-")) } else { request };
        // The head has to come within the caller's time; the bytes may take longer.
        let sent = tokio::time::timeout(timeout, request.timeout(DOWNLOAD).send()).await;
        let response = sent.map_err(|_| Failure::Unanswered("timeout"))?.map_err(|error| classify(&error))?;
        let skip = match response.status().as_u16() {
            206 => 0,
            // A server without ranges sends all of it.
            200 => from,
            _ => return Self::whole(response).await.map(Err),
        };
        let pieces = response.bytes_stream().map(move |piece| {
            // The connection counts as taken until the last piece was read.
            let _held = &permit;
            piece.map_err(|error| BlobError::Cut { reason: classify(&error).to_string() })
        });
        Ok(Ok(without_first(pieces.boxed(), skip)))
    }
}

/// The stream without its first `skip` bytes.
fn without_first(pieces: ByteStream, skip: u64) -> ByteStream {
    let mut left = skip;
    let rest = pieces.map(move |piece| {
        piece.map(|mut piece| {
            let over = left.min(piece.len() as u64);
            left -= over;
            // At most the length of a piece.
            piece.split_off(usize::try_from(over).unwrap_or(usize::MAX).min(piece.len()))
        })
    });
    rest.boxed()
}
