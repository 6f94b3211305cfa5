//! Bytes on their way in: written in parts to a place of their own while they are hashed, then moved under their hash.

use crate::store::{Inner, unavailable};
use bytes::Bytes;
use domain::BlobId;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, PutPayloadMut};
use ports::{BlobError, Incoming, Stored};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// S3 takes no smaller parts, but for the last.
pub const PART: usize = 5 * 1024 * 1024;

pub struct Upload {
    inner: Arc<Inner>,
    place: Path,
    upload: Box<dyn MultipartUpload>,
    part: PutPayloadMut,
    hash: Sha256,
    size: u64,
}

impl Upload {
    pub async fn begin(inner: Arc<Inner>) -> Result<Self, BlobError> {
        let place = Path::from(format!("incoming/{}", uuid::Uuid::new_v4()));
        let upload = inner.objects.put_multipart(&place).await.map_err(unavailable)?;
        Ok(Self { inner, place, upload, part: PutPayloadMut::new(), hash: Sha256::new(), size: 0 })
    }

    async fn send(&mut self) -> Result<(), BlobError> {
        let part: PutPayload = std::mem::take(&mut self.part).freeze();
        // One part under way at a time: memory stays at one part, and a slow store slows its source down.
        self.upload.put_part(part).await.map_err(unavailable)
    }

    async fn finish(mut self) -> Result<Stored, BlobError> {
        self.send().await?;
        self.upload.complete().await.map_err(unavailable)?;
        let hex: String = self.hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        let id = BlobId::parse(&hex).ok_or(BlobError::Missing)?;
        let stored = Stored { id, size: self.size };
        if self.inner.find(&stored.id).await?.is_some() {
            // The same bytes came before; what lies under a hash is never written again.
            let _ = self.inner.objects.delete(&self.place).await;
        } else {
            self.inner.objects.rename(&self.place, &Inner::at(&stored.id)).await.map_err(unavailable)?;
        }
        Ok(stored)
    }
}

impl Incoming for Upload {
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
        async move {
            self.hash.update(&piece);
            self.size += piece.len() as u64;
            self.part.extend_from_slice(&piece);
            if self.part.content_length() >= PART { self.send().await } else { Ok(()) }
        }
        .boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<Stored, BlobError>> {
        self.finish().boxed()
    }

    fn abort(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        async move {
            if let Err(error) = self.upload.abort().await {
                tracing::warn!(%error, "a place for incoming bytes could not be given back");
            }
        }
        .boxed()
    }
}
