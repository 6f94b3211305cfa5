//! Schemas by id, as the registry gave them: kept for ever, for an id never changes its schema. What it does not know
//! is remembered for a while only.

use crate::RegistryError;
use crate::embedded::{self, Embedded};
use crate::shape;
use domain::Visibility;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::Instant;

/// Unknown ids remembered at most; beyond it the oldest knowledge is dropped whole.
const MAX_MISSING: usize = 1_024;

/// The schema that some record was written with.
pub(crate) struct Writer {
    pub name: String,
    pub schema: serde_avro_fast::Schema,
    pub audience: BTreeMap<String, Visibility>,
    embedded: Option<usize>,
}

impl Writer {
    /// Refuses what could make a decoder loop or recurse.
    pub(crate) fn parse(id: u32, text: &str) -> Result<Self, RegistryError> {
        let unusable = |reason: String| RegistryError::Unusable { id, reason };
        if let Some(mistake) = shape::mistake(text) {
            return Err(unusable(mistake));
        }
        let parsed = apache_avro::Schema::parse_str(text).map_err(|_| unusable("not an Avro schema".to_owned()))?;
        let name = parsed.name().map(|name| name.fullname(None)).unwrap_or_default();
        let schema = text.parse().map_err(|_| unusable("not an Avro schema".to_owned()))?;
        let embedded = embedded::index_of(&name);
        Ok(Self { name, schema, audience: embedded::audience(text), embedded })
    }

    /// Our own schema of the record with this name.
    pub(crate) fn embedded(&self) -> Option<&'static Embedded> {
        embedded::ALL.get(self.embedded?)
    }
}

pub(crate) struct Fetched {
    writers: RwLock<HashMap<u32, Arc<Writer>>>,
    /// One lock per id that is being asked for.
    flights: Mutex<HashMap<u32, Arc<tokio::sync::Mutex<()>>>>,
    missing: Mutex<HashMap<u32, (Instant, RegistryError)>>,
    negative: Duration,
}

impl Fetched {
    pub(crate) fn new(negative: Duration) -> Self {
        Self { writers: RwLock::default(), flights: Mutex::default(), missing: Mutex::default(), negative }
    }

    pub(crate) fn get(&self, id: u32) -> Option<Arc<Writer>> {
        self.writers.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(crate) fn put(&self, id: u32, writer: Arc<Writer>) {
        self.writers.write().unwrap_or_else(PoisonError::into_inner).insert(id, writer);
    }

    /// At most one `ask` per id at a time; the others wait for its answer. An error that a retry may heal is not kept.
    pub(crate) async fn fetch<F>(&self, id: u32, ask: impl FnOnce() -> F) -> Result<(), RegistryError>
    where
        F: Future<Output = Result<String, RegistryError>>,
    {
        let flight = lock(&self.flights).entry(id).or_default().clone();
        let asking = flight.lock().await;
        let answer = match (self.get(id), self.known_missing(id)) {
            (Some(_), _) => Ok(()),
            (None, Some(error)) => Err(error),
            (None, None) => match ask().await.and_then(|text| Writer::parse(id, &text)) {
                Ok(writer) => {
                    self.put(id, Arc::new(writer));
                    Ok(())
                }
                Err(error) => {
                    self.remember(id, &error);
                    Err(error)
                }
            },
        };
        drop(asking);
        let mut flights = lock(&self.flights);
        // Ours and the map's are the last two: nobody waits any more.
        if flights.get(&id).is_some_and(|held| Arc::ptr_eq(held, &flight) && Arc::strong_count(held) <= 2) {
            flights.remove(&id);
        }
        answer
    }

    fn known_missing(&self, id: u32) -> Option<RegistryError> {
        let mut missing = lock(&self.missing);
        match missing.get(&id) {
            Some((until, error)) if *until > Instant::now() => Some(error.clone()),
            Some(_) => {
                missing.remove(&id);
                None
            }
            None => None,
        }
    }

    fn remember(&self, id: u32, error: &RegistryError) {
        if error.is_retryable() || self.negative.is_zero() {
            return;
        }
        let mut missing = lock(&self.missing);
        if missing.len() >= MAX_MISSING {
            missing.clear();
        }
        missing.insert(id, (Instant::now() + self.negative, error.clone()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn text() -> String {
        embedded::SOURCES[0].text.to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn callers_of_one_id_share_one_request() {
        let fetched = Fetched::new(Duration::from_secs(10));
        let asked = AtomicUsize::new(0);
        let ask = || async {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(text())
        };
        let (a, b, c) = tokio::join!(fetched.fetch(7, ask), fetched.fetch(7, ask), fetched.fetch(7, ask));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(fetched.get(7).is_some() && lock(&fetched.flights).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_id_is_asked_for_again_only_after_a_while() {
        let fetched = Fetched::new(Duration::from_secs(10));
        let unknown = || async { Err(RegistryError::NotFound { id: 7 }) };
        assert!(fetched.fetch(7, unknown).await.is_err());
        let found = || async { Ok(text()) };
        assert_eq!(fetched.fetch(7, found).await, Err(RegistryError::NotFound { id: 7 }));
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(fetched.fetch(7, found).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_may_pass_is_not_kept() {
        let fetched = Fetched::new(Duration::from_secs(10));
        let down = || async { Err(RegistryError::Unavailable { reason: "status 500".to_owned() }) };
        assert!(fetched.fetch(7, down).await.unwrap_err().is_retryable());
        assert_eq!(fetched.fetch(7, || async { Ok(text()) }).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_schema_that_could_hang_a_decoder_is_not_kept() {
        let fetched = Fetched::new(Duration::from_secs(10));
        let bad = r#"{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"array","items":"null"}}]}"#;
        let answer = fetched.fetch(7, || async { Ok(bad.to_owned()) }).await;
        assert!(matches!(answer, Err(RegistryError::Unusable { id: 7, .. })), "{answer:?}");
        assert!(fetched.get(7).is_none());
    }
}
