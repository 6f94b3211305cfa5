//! Bytes of files, streamed both ways: memory stays at a piece, however long the file is.

use super::content::Decoder;
use super::{Answer, Client, Failure, User, sending_failed};
use bytes::Bytes;
use domain::FileClaim;
use futures::{Stream, StreamExt};
use ports::{BlobError, BlobStore, ByteStream};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Longest that one download may take; whoever reads it stops earlier.
const DOWNLOAD: Duration = Duration::from_secs(3600);

impl Client {
    /// A message with files in one request. Multipart: in JSON RT breaks names beyond ASCII. All files are sent as bytes
    /// without a type: RT re-codes what is called text.
    pub async fn send_with_files(
        &self,
        user: User,
        path: &str,
        body: &Value,
        files: &[FileClaim],
        store: &dyn BlobStore,
        by: Instant,
    ) -> Result<Answer, Failure> {
        let not_sent = |error: BlobError| Failure::NotSent(error.to_string());
        let json = Part::text(body.to_string()).mime_str("application/json");
        let mut form = Form::new().percent_encode_noop();
        form = form.part("JSON", json.map_err(|e| Failure::NotSent(e.to_string()))?);
        for file in files {
            let id = file.blob().ok_or_else(|| Failure::NotSent("a file whose bytes were withheld".into()))?;
            let size = store.find(&id).await.map_err(not_sent)?.map_or(0, |stored| stored.size);
            let bytes = store.read(&id, 0).await.map_err(not_sent)?;
            let part = Part::stream_with_length(Body::wrap_stream(bytes), size).file_name(file.file_name.clone());
            let part = part.mime_str("application/octet-stream");
            form = form.part("Attachments", part.map_err(|e| Failure::NotSent(e.to_string()))?);
        }
        let (request, _slot) = self.prepare(user, Method::POST, path, by).await?;
        let started = Instant::now();
        let response = request.multipart(form).send().await.map_err(sending_failed)?;
        Self::whole(response, started).await
    }

    /// The bytes of an attachment from `from` on. RT knows no ranges: what comes before is read over.
    pub async fn attachment(&self, id: u64, from: u64, by: Instant) -> Result<ByteStream, Failure> {
        let (request, slot) = self.prepare(User::Sync, Method::GET, &format!("/attachment/{id}"), by).await?;
        let started = Instant::now();
        // The head has to come in time; the bytes may take longer.
        let sent = tokio::time::timeout_at(by, request.timeout(DOWNLOAD).send()).await;
        let response = sent.map_err(|_| Failure::Unclear("timeout".into()))?.map_err(sending_failed)?;
        if !response.status().is_success() {
            let answered = Self::whole(response, started).await;
            return Err(answered.err().unwrap_or_else(|| Failure::Unusable("a success without bytes".into())));
        }
        let pieces = response.bytes_stream().map(move |piece| {
            // The connection counts as taken until the last piece was read.
            let _held = &slot;
            piece.map_err(|_| "the connection broke")
        });
        Ok(decoded(pieces, from))
    }
}

fn decoded(pieces: impl Stream<Item = Result<Bytes, &'static str>> + Send + 'static, skip: u64) -> ByteStream {
    let state = (pieces.boxed(), Decoder::default(), skip, false);
    let bytes = futures::stream::unfold(state, |(mut pieces, mut decoder, mut skip, over)| async move {
        if over {
            return None;
        }
        let decoded = match pieces.next().await {
            Some(piece) => piece.and_then(|piece| decoder.push(&piece)),
            None if decoder.is_done() => return None,
            None => Err("the attachment ended in the middle"),
        };
        let over = decoded.is_err();
        let item = decoded.map_err(|reason| BlobError::Cut { reason: reason.to_owned() }).map(|bytes| {
            let drop = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
            skip -= drop as u64;
            Bytes::from(bytes).split_off(drop)
        });
        Some((item, (pieces, decoder, skip, over)))
    });
    bytes.boxed()
}
