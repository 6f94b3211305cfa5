//! Which versions of a bundle have been used: kept on `mapping.bundles`, so that every command on the log can be
//! explained, and so that an older bundle does not come back unnoticed.

use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError, fetch_schema, prepare_topics};
use crate::record::Output;
use crate::transaction::{Batch, Transactions};
use crate::{admin, client};
use codec::Codec;
use domain::BundleVersion;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Message, OwnedHeaders};
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

pub const BUNDLES: &str = "mapping.bundles";

/// Refuses a bundle older than one that was used, or another one under the same number; keeps a new one. Blocking.
pub fn enter(
    config: &KafkaConfig,
    codec: &Codec,
    role: &str,
    bundle: &BundleVersion,
    shutdown: &Shutdown,
) -> Result<(), StartError> {
    crate::observe::bundle(&bundle.link, bundle.version, &bundle.digest);
    let runtime = tokio::runtime::Handle::current();
    runtime.block_on(prepare_topics(codec, &[BUNDLES], shutdown))?;
    admin::verify_partitions(config, &[BUNDLES])?;
    let used = used(config, codec, Some(&bundle.link), shutdown)?;
    if !may_follow(&used, bundle)? {
        return Ok(());
    }
    let mut payload = Vec::new();
    codec.encode(BUNDLES, bundle, &mut payload).map_err(|error| StartError::Unreadable {
        topic: BUNDLES.to_owned(),
        partition: -1,
        offset: -1,
        reason: error.to_string(),
    })?;
    let key = format!("{}/{}", bundle.link, bundle.version).into_bytes();
    let record = Output { topic: BUNDLES, key, payload, headers: OwnedHeaders::new() };
    let id = format!("{}.bundles", config.group(role));
    let mut transactions = Transactions::new(client::transactional_producer(config, role, &id));
    Ok(transactions.commit(&Batch { records: vec![record], inputs: None })?)
}

/// `Ok(true)`: new, to be kept.
fn may_follow(used: &[BundleVersion], bundle: &BundleVersion) -> Result<bool, StartError> {
    let Some(last) = used.iter().max_by_key(|b| b.version) else { return Ok(true) };
    let refused = |reason: String| Err(StartError::Bundle { link: bundle.link.clone(), reason });
    if bundle.version < last.version {
        return refused(format!(
            "version {} is older than {}, which was used; give a rollback a new number",
            bundle.version, last.version
        ));
    }
    match used.iter().find(|b| b.version == bundle.version) {
        Some(same) if same.digest == bundle.digest => Ok(false),
        Some(_) => refused(format!("version {} was used with other content; raise the number", bundle.version)),
        None => Ok(true),
    }
}

/// The highest version of a link's bundle that was used; `None` where none ever was. Blocking.
pub fn latest(config: &KafkaConfig, codec: &Codec, link: &str) -> Result<Option<BundleVersion>, StartError> {
    let used = used(config, codec, Some(link), &Shutdown::new())?;
    Ok(used.into_iter().max_by_key(|bundle| bundle.version))
}

/// Links whose bundles were used. Blocking.
pub fn links(config: &KafkaConfig, codec: &Codec) -> Result<Vec<String>, StartError> {
    let mut links: Vec<String> =
        used(config, codec, None, &Shutdown::new())?.into_iter().map(|bundle| bundle.link).collect();
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

fn used(
    config: &KafkaConfig,
    codec: &Codec,
    link: Option<&str>,
    shutdown: &Shutdown,
) -> Result<Vec<BundleVersion>, StartError> {
    let consumer: BaseConsumer<client::Reader> =
        client::finite_reader(config, "bundles").create_with_context(client::Reader)?;
    let mut unread = admin::contract_of(BUNDLES)?.partitions;
    let mut list = TopicPartitionList::new();
    for partition in 0..unread {
        list.add_partition_offset(BUNDLES, partition, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    let mut used = Vec::new();
    while unread > 0 && !shutdown.has_begun() {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                let bytes = message.payload().unwrap_or_default();
                let version = decode(codec, bytes, message.partition(), message.offset(), shutdown)?;
                if link.is_none_or(|link| version.link == link) {
                    used.push(version);
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => unread -= 1,
            Some(Err(error)) if client::is_passing(&error) => {}
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    Ok(used)
}

fn decode(
    codec: &Codec,
    bytes: &[u8],
    partition: i32,
    offset: i64,
    shutdown: &Shutdown,
) -> Result<BundleVersion, StartError> {
    loop {
        match codec.decode(BUNDLES, bytes) {
            Ok(version) => return Ok(version),
            Err(error) => match error.missing_schema() {
                Some(id) => tokio::runtime::Handle::current().block_on(fetch_schema(codec, id, shutdown))?,
                None => {
                    let (topic, reason) = (BUNDLES.to_owned(), error.to_string());
                    return Err(StartError::Unreadable { topic, partition, offset, reason });
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: i64, digest: &str) -> BundleVersion {
        BundleVersion { link: "rt".to_owned(), version, digest: digest.to_owned(), ..BundleVersion::default() }
    }

    #[test]
    fn the_version_only_grows_and_a_number_means_one_content() {
        let used = [version(1, "a"), version(3, "c")];
        assert!(may_follow(&used, &version(4, "d")).unwrap());
        assert!(!may_follow(&used, &version(3, "c")).unwrap());
        assert!(may_follow(&used, &version(3, "x")).is_err());
        assert!(may_follow(&used, &version(2, "b")).is_err());
        assert!(may_follow(&[], &version(1, "a")).unwrap());
    }
}
