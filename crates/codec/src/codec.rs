use crate::embedded::{self, Embedded};
use crate::fetched::{Fetched, Writer};
use crate::registry::Registry;
use crate::wire::{self, Reader};
use crate::{DecodeError, EncodeError, MAX_DATUM, Record, RegistryConfig, RegistryError, contract};
use domain::Visibility;
use ports::Mistake;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::Duration;

/// Turns records into bytes and back. A cheap clone of one shared cache; encoding and decoding never wait.
///
/// Dead-letter topics count as the topic whose letters they keep.
#[derive(Clone)]
pub struct Codec {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` for [`Codec::offline`], which knows all it will ever know.
    registry: Option<Registry>,
    fetched: Fetched,
    /// Per prepared topic the ids by position among the embedded schemas.
    ids: RwLock<HashMap<String, Arc<[Option<u32>]>>>,
}

impl Codec {
    /// Checks the configuration; opens nothing.
    pub fn new(config: RegistryConfig) -> Result<Self, Vec<Mistake>> {
        let registry = Some(config.open()?);
        Ok(Self::with(registry, Duration::from_millis(config.negative_cache_ms)))
    }

    /// Without a registry: ids derive from the embedded schemas, the same in every process of this version. For
    /// simulations, benches and tests. Every topic is prepared.
    pub fn offline() -> Self {
        let codec = Self::with(None, Duration::ZERO);
        for topic in &contract::topics().topics {
            let ids = topic_schemas(topic).map(|(index, embedded)| (index, offline_id(embedded)));
            codec.set_ids(&topic.name, ids);
        }
        for (id, writer) in OFFLINE.iter() {
            codec.inner.fetched.put(*id, writer.clone());
        }
        codec
    }

    fn with(registry: Option<Registry>, negative: Duration) -> Self {
        // The second engine parses and compares schemas only, but nothing of it may allocate on a datum's word.
        apache_avro::util::max_allocation_bytes(MAX_DATUM);
        Self { inner: Arc::new(Inner { registry, fetched: Fetched::new(negative), ids: RwLock::default() }) }
    }

    /// Looks up (never registers) the ids of every record that may be written to `topic`. Idempotent.
    pub async fn prepare(&self, topic: &str) -> Result<(), RegistryError> {
        let found = contract::base(topic).ok_or_else(|| RegistryError::UnknownTopic { topic: topic.to_owned() })?;
        let Some(registry) = &self.inner.registry else { return Ok(()) };
        let mut ids = Vec::new();
        for (index, embedded) in topic_schemas(found) {
            let subject = contract::subject(&found.name, embedded.name);
            let id = registry.lookup(&subject, embedded.text).await?;
            if self.inner.fetched.get(id).is_none() {
                self.inner.fetched.put(id, Arc::new(Writer::parse(id, embedded.text)?));
            }
            ids.push((index, id));
        }
        self.set_ids(&found.name, ids);
        Ok(())
    }

    fn set_ids(&self, topic: &str, ids: impl IntoIterator<Item = (usize, u32)>) {
        let mut all = vec![None; embedded::ALL.len()];
        for (index, id) in ids {
            all[index] = Some(id);
        }
        self.inner.ids.write().unwrap_or_else(PoisonError::into_inner).insert(topic.to_owned(), all.into());
    }

    fn ids(&self, topic: &str) -> Option<Arc<[Option<u32>]>> {
        self.inner.ids.read().unwrap_or_else(PoisonError::into_inner).get(topic).cloned()
    }

    /// Appends magic byte, schema id and datum to `out`; on an error `out` is as it was.
    pub fn encode<T: Record>(&self, topic: &str, record: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let (name, index) = record.schema();
        let topic = contract::without_dead_letters(topic);
        let wrong_topic = || EncodeError::WrongTopic { topic: topic.to_owned(), record: name };
        let (index, embedded) = index.and_then(|at| Some((at, embedded::ALL.get(at)?))).ok_or_else(wrong_topic)?;
        let id = match self.ids(topic) {
            Some(ids) => ids.get(index).copied().flatten().ok_or_else(wrong_topic)?,
            None if contract::base(topic).is_some_and(|found| found.holds(embedded.name)) => {
                return Err(EncodeError::NotPrepared { topic: topic.to_owned(), record: name });
            }
            None => return Err(wrong_topic()),
        };
        if let Some(field) = record.widened(&|field| embedded.audience_of(field)) {
            return Err(EncodeError::WouldWiden { record: name, field });
        }
        let start = out.len();
        out.extend_from_slice(&wire::head(id));
        let written = record.write(index, out).map_err(|source| EncodeError::Schema { record: name, source });
        let size = out.len() - start - 5;
        let checked =
            if size > MAX_DATUM { written.and(Err(EncodeError::TooLarge { record: name, size })) } else { written };
        if checked.is_err() {
            out.truncate(start);
        }
        checked
    }

    /// Never waits and never panics, whatever the bytes are.
    pub fn decode<T: Record>(&self, topic: &str, bytes: &[u8]) -> Result<T, DecodeError> {
        let (id, datum) = wire::split(bytes)?;
        let writer = self.inner.fetched.get(id).ok_or(DecodeError::UnknownSchema(id))?;
        let unexpected = || DecodeError::UnexpectedRecord { id, name: writer.name.clone(), topic: topic.to_owned() };
        let embedded = writer.embedded().ok_or_else(unexpected)?;
        if !contract::base(topic).is_some_and(|found| found.holds(embedded.name)) {
            return Err(unexpected());
        }
        let malformed = |reason: String| DecodeError::Malformed { id, record: embedded.name, reason };
        let reader = Reader { schema: &writer.schema, datum };
        let mut record = T::read(embedded.name, &reader).ok_or_else(unexpected)?.map_err(malformed)?;
        if let Some(problem) = record.out_of_range() {
            return Err(malformed(problem.to_owned()));
        }
        record.mark(&|field| writer.audience_of(field, embedded));
        Ok(record)
    }

    pub(crate) fn writer(&self, id: u32) -> Option<Arc<Writer>> {
        self.inner.fetched.get(id)
    }

    /// Takes a schema under an id without asking a registry: for tools and tests that have it from elsewhere.
    pub fn learn(&self, id: u32, schema: &str) -> Result<(), RegistryError> {
        self.inner.fetched.put(id, Arc::new(Writer::parse(id, schema)?));
        Ok(())
    }

    /// Gets the schema with this id, for [`DecodeError::UnknownSchema`]. Calls for one id share one request; an id the
    /// registry does not know is not asked for again for a while.
    pub async fn fetch(&self, id: u32) -> Result<(), RegistryError> {
        let Some(registry) = &self.inner.registry else {
            return self.inner.fetched.get(id).map(|_| ()).ok_or(RegistryError::NotFound { id });
        };
        self.inner.fetched.fetch(id, || registry.by_id(id)).await
    }
}

fn topic_schemas(topic: &contract::Topic) -> impl Iterator<Item = (usize, &'static Embedded)> {
    embedded::ALL.iter().enumerate().filter(|(_, embedded)| topic.holds(embedded.name))
}

/// Parsed once, for a simulation makes a codec per seed.
static OFFLINE: LazyLock<Vec<(u32, Arc<Writer>)>> = LazyLock::new(|| {
    let parse = |embedded: &Embedded| {
        let id = offline_id(embedded);
        Some((id, Arc::new(Writer::parse(id, embedded.text).ok()?)))
    };
    embedded::ALL.iter().filter_map(parse).collect()
});

/// From the Rabin fingerprint (Avro specification) of the canonical form: stays as long as the schema does.
fn offline_id(embedded: &Embedded) -> u32 {
    let [a, b, c, d, ..] = *embedded.schema.rabin_fingerprint();
    u32::from_be_bytes([a & 0x7f, b, c, d])
}

impl Embedded {
    /// A text without an audience of its own is for the host.
    fn audience_of(&self, field: &str) -> Visibility {
        self.audience.get(field).copied().unwrap_or_default()
    }
}

impl Writer {
    /// The stricter of what the writer's schema says and ours; where only one says anything, that.
    pub(crate) fn audience_of(&self, field: &str, ours: &Embedded) -> Visibility {
        let ours = ours.audience_of(field);
        self.audience.get(field).map_or(ours, |theirs| ours.and(*theirs))
    }
}
