//! Bytes by their own hash, over whatever `object_store` speaks to.
//!
//! `bytes/ab/<sha256>` holds them, `verdicts/<sha256>` what the scanner said, `quarantine/<sha256>` what it refused,
//! `sources/<hash of system and id>` what a file was found to be, `incoming/…` what is on its way in.

use crate::incoming::Upload;
use domain::{BlobId, ContentHash, FileClaim};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt};
use ports::{BlobError, BlobStore, ByteStream, Incoming, Ruling, Stored, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Notes of our own beside the bytes are small; more is not read.
const MAX_NOTE: u64 = 64 * 1024;

/// One store. Cheap to clone; holds no bytes.
#[derive(Clone)]
pub struct ObjectBlobs {
    inner: Arc<Inner>,
}

pub struct Inner {
    pub objects: Arc<dyn ObjectStore>,
}

impl ObjectBlobs {
    pub fn new(objects: Arc<dyn ObjectStore>) -> Self {
        Self { inner: Arc::new(Inner { objects }) }
    }
}

pub fn unavailable(error: object_store::Error) -> BlobError {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return BlobError::Missing;
    }
    // The chain names the place and the cause, never the bytes; cut, since a server's answer may be part of it.
    BlobError::Unavailable { reason: error.to_string().chars().filter(|c| !c.is_control()).take(300).collect() }
}

impl Inner {
    pub fn at(id: &BlobId) -> Path {
        Path::from(format!("bytes/{}/{id}", id.as_str().get(..2).unwrap_or_default()))
    }
    fn verdict_at(id: &BlobId) -> Path {
        Path::from(format!("verdicts/{id}"))
    }
    fn source_at(system: &str, source_id: &str) -> Path {
        Path::from(format!("sources/{}", ContentHash::of_bytes(format!("{system}\n{source_id}").as_bytes())))
    }

    pub async fn find(&self, id: &BlobId) -> Result<Option<Stored>, BlobError> {
        match self.objects.head(&Self::at(id)).await.map_err(unavailable) {
            Ok(meta) => Ok(Some(Stored { id: id.clone(), size: meta.size })),
            Err(BlobError::Missing) => Ok(None),
            Err(error @ (BlobError::Unavailable { .. } | BlobError::Cut { .. })) => Err(error),
        }
    }

    async fn note<T: DeserializeOwned>(&self, place: &Path) -> Result<Option<T>, BlobError> {
        let range = Some(GetRange::Bounded(0..MAX_NOTE));
        let got = self.objects.get_opts(place, GetOptions { range, ..GetOptions::default() }).await;
        let bytes = match got.map_err(unavailable) {
            Ok(got) => got.bytes().await.map_err(unavailable)?,
            Err(BlobError::Missing) => return Ok(None),
            Err(error @ (BlobError::Unavailable { .. } | BlobError::Cut { .. })) => return Err(error),
        };
        // A note that nobody can read says nothing; the file is then taken or scanned once more.
        Ok(serde_json::from_slice(&bytes).ok())
    }

    async fn put_note<T: Serialize + Sync>(&self, place: &Path, note: &T) -> Result<(), BlobError> {
        let bytes = serde_json::to_vec(note).map_err(|e| BlobError::Unavailable { reason: e.to_string() })?;
        self.objects.put(place, bytes.into()).await.map(drop).map_err(unavailable)
    }

    async fn read(&self, id: &BlobId, from: u64) -> Result<ByteStream, BlobError> {
        let size = self.find(id).await?.ok_or(BlobError::Missing)?.size;
        if from >= size {
            return Ok(futures::stream::empty().boxed());
        }
        let range = (from > 0).then_some(GetRange::Offset(from));
        let options = GetOptions { range, ..GetOptions::default() };
        let got = self.objects.get_opts(&Self::at(id), options).await.map_err(unavailable)?;
        let pieces = match got.payload {
            GetResultPayload::File(file, _) => crate::source::of_file(file, from),
            GetResultPayload::Stream(pieces) => {
                pieces.map(|piece| piece.map_err(|e| BlobError::Cut { reason: cause(&e) })).boxed()
            }
        };
        Ok(crate::source::exactly(pieces, size - from))
    }

    async fn judge(&self, id: &BlobId, verdict: &Verdict) -> Result<(), BlobError> {
        // The verdict first: should the move fail, the bytes lie there with a verdict that lets nobody have them.
        self.put_note(&Self::verdict_at(id), verdict).await?;
        if verdict.ruling != Ruling::Infected {
            return Ok(());
        }
        let quarantine = Path::from(format!("quarantine/{id}"));
        match self.objects.rename(&Self::at(id), &quarantine).await.map_err(unavailable) {
            Ok(()) | Err(BlobError::Missing) => Ok(()),
            Err(error @ (BlobError::Unavailable { .. } | BlobError::Cut { .. })) => Err(error),
        }
    }
}

fn cause(error: &object_store::Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(300).collect()
}

impl BlobStore for ObjectBlobs {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn Incoming>, BlobError>> {
        let begun = Upload::begin(self.inner.clone());
        async move { Ok(Box::new(begun.await?) as Box<dyn Incoming>) }.boxed()
    }
    fn find<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<Stored>, BlobError>> {
        self.inner.find(id).boxed()
    }
    fn read<'a>(&'a self, id: &'a BlobId, from: u64) -> BoxFuture<'a, Result<ByteStream, BlobError>> {
        self.inner.read(id, from).boxed()
    }
    fn verdict<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<Verdict>, BlobError>> {
        async move { self.inner.note(&Inner::verdict_at(id)).await }.boxed()
    }
    fn judge<'a>(&'a self, id: &'a BlobId, verdict: &'a Verdict) -> BoxFuture<'a, Result<(), BlobError>> {
        self.inner.judge(id, verdict).boxed()
    }
    fn known<'a>(
        &'a self,
        system: &'a str,
        source_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<FileClaim<()>>, BlobError>> {
        async move { self.inner.note(&Inner::source_at(system, source_id)).await }.boxed()
    }
    fn remember<'a>(&'a self, system: &'a str, claim: &'a FileClaim<()>) -> BoxFuture<'a, Result<(), BlobError>> {
        async move { self.inner.put_note(&Inner::source_at(system, &claim.source_id), claim).await }.boxed()
    }
}
