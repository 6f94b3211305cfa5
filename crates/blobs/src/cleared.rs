//! A target that lets a file out only with a verdict: asked for here, in the sink, just before the bytes leave.

use domain::{BlobId, Carries, Envelope, FileClaim};
use ports::{
    Applied, BlobError, BlobStore, CallContext, CallError, Capability, Doubles, Look, Ruling, ScanError, Scanner,
    Target, Verdict,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telemetry::facts;
use tokio::sync::watch;

/// What became of a scan that was begun.
type Scanned = Option<Result<Verdict, ScanError>>;

/// A target behind the scanner. Commands without files pass untouched.
pub struct Cleared<T> {
    target: T,
    /// `None`: the link takes no files, and no command should carry one.
    store: Option<Arc<dyn BlobStore>>,
    /// `None` where the configuration says so in as many words.
    scanner: Option<Arc<dyn Scanner>>,
    /// Scans under way, which go on when a call's time is over, so that a large file gets its verdict in the end.
    scans: Arc<Mutex<BTreeMap<BlobId, watch::Receiver<Scanned>>>>,
}

fn later(reason: impl ToString) -> CallError {
    CallError::NotApplied { reason: reason.to_string(), retry_after: Some(Duration::from_secs(2)) }
}

impl<T> Cleared<T> {
    pub fn new(target: T, store: Option<Arc<dyn BlobStore>>, scanner: Option<Arc<dyn Scanner>>) -> Self {
        Self { target, store, scanner, scans: Arc::default() }
    }

    /// Every file of a command may cross, or why the command may not.
    async fn clear(&self, files: Vec<FileClaim<()>>, patience: Duration) -> Result<(), CallError> {
        for file in files {
            let refused = |reason: &str, detail: &str| CallError::Refused {
                reason: reason.to_owned(),
                detail: detail.to_owned(),
            };
            let Some(id) = file.blob() else {
                return Err(refused("no-bytes", "the command carries a file whose bytes were withheld"));
            };
            let Some(store) = &self.store else {
                return Err(refused("no-store", "no blob store is configured here"));
            };
            let Some(scanner) = &self.scanner else { continue };
            let verdict = match store.verdict(&id).await.map_err(later)? {
                Some(verdict) => verdict,
                None => self.scan(store, scanner, &id, patience).await?,
            };
            if verdict.ruling != Ruling::Clean {
                return Err(refused(verdict.ruling.as_str(), &verdict.found));
            }
        }
        Ok(())
    }

    async fn scan(
        &self,
        store: &Arc<dyn BlobStore>,
        scanner: &Arc<dyn Scanner>,
        id: &BlobId,
        patience: Duration,
    ) -> Result<Verdict, CallError> {
        let mut under_way = self.under_way(store, scanner, id);
        match tokio::time::timeout(patience, under_way.wait_for(Option::is_some)).await {
            Err(_) => Err(later("the scan takes longer than this call may")),
            Ok(Err(_)) => Err(later("the scan ended without a verdict")),
            Ok(Ok(scanned)) => match scanned.clone() {
                Some(Ok(verdict)) => Ok(verdict),
                // The bytes may be in quarantine since another scan: the next attempt finds that verdict.
                Some(Err(error)) => Err(later(error)),
                None => Err(later("the scan ended without a verdict")),
            },
        }
    }

    fn under_way(
        &self,
        store: &Arc<dyn BlobStore>,
        scanner: &Arc<dyn Scanner>,
        id: &BlobId,
    ) -> watch::Receiver<Scanned> {
        let mut scans = self.scans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = scans.get(id) {
            return under_way.clone();
        }
        let (sender, receiver) = watch::channel(None);
        scans.insert(id.clone(), receiver.clone());
        let (store, scanner, id, all) = (store.clone(), scanner.clone(), id.clone(), self.scans.clone());
        tokio::spawn(async move {
            let scanned = judged(store.as_ref(), scanner.as_ref(), &id).await;
            match &scanned {
                Ok(verdict) => {
                    facts::FileScanned { ruling: verdict.ruling.as_str() }.emit();
                    if verdict.ruling == Ruling::Infected {
                        facts::FileQuarantined { found: &verdict.found, sha256: id.as_str() }.emit();
                    }
                }
                Err(error) => facts::ScannerFailed { reason: &error.to_string() }.emit(),
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            let _ = sender.send(Some(scanned));
        });
        receiver
    }
}

async fn judged(store: &dyn BlobStore, scanner: &dyn Scanner, id: &BlobId) -> Result<Verdict, ScanError> {
    let size = store.find(id).await?.ok_or(BlobError::Missing)?.size;
    let bytes = store.read(id, 0).await?;
    let verdict = scanner.scan(bytes, size).await?;
    // Kept before it is used: what was refused once must never be let out by a second opinion. That a scanner takes no
    // such size is no opinion of the bytes.
    if verdict.ruling != Ruling::TooLarge {
        store.judge(id, &verdict).await?;
    }
    Ok(verdict)
}

impl<T> Target for Cleared<T>
where
    T: Target,
    T::Command: Carries,
{
    type Command = T::Command;

    fn capability(&self, kind: &str) -> Capability {
        self.target.capability(kind)
    }

    fn max_calls(&self) -> usize {
        self.target.max_calls()
    }

    async fn apply(&self, command: &Envelope<T::Command>, context: &CallContext) -> Result<Applied, CallError> {
        let files = command.payload.carried();
        if files.is_empty() {
            return self.target.apply(command, context).await;
        }
        // Half of the call's time is for the verdict, so that the write has the other half.
        let began = tokio::time::Instant::now();
        self.clear(files, context.timeout / 2).await?;
        let left = context.timeout.saturating_sub(began.elapsed());
        self.target.apply(command, &CallContext { timeout: left, ..context.clone() }).await
    }

    async fn look(&self, command: &Envelope<T::Command>, context: &CallContext) -> Result<Look, CallError> {
        self.target.look(command, context).await
    }

    async fn look_twice(&self, command: &Envelope<T::Command>, context: &CallContext) -> Result<Doubles, CallError> {
        self.target.look_twice(command, context).await
    }
}
