use super::DEAD_LETTERS;
use crate::embedded;
use serde::Deserialize;
use std::sync::LazyLock;

/// All topics of `schemas/topics.toml`, each followed by its dead-letter topic where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// Kafka's name of the hash that all producers use.
    pub partitioner: String,
    pub topics: Vec<Topic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cleanup {
    Delete,
    Compact,
}

impl Cleanup {
    /// As Kafka's `cleanup.policy` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Compact => "compact",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub name: String,
    pub partitions: i32,
    pub cleanup: Cleanup,
    /// Milliseconds; -1 keeps for ever.
    pub retention_ms: i64,
    /// Full names of the records that may be written to it; empty for dead letters, which keep what they were.
    pub records: Vec<&'static str>,
}

impl Topic {
    pub fn holds(&self, record: &str) -> bool {
        self.records.contains(&record)
    }
}

impl Topics {
    pub fn get(&self, name: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.name == name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    partitioner: String,
    topic: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    partitions: i32,
    cleanup: Cleanup,
    retention_ms: i64,
    records: String,
    dead_letters: bool,
}

fn parse(text: &str) -> Result<Topics, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    let mut topics = Vec::new();
    for entry in file.topic {
        let Entry { name, partitions, cleanup, retention_ms, records: folder, dead_letters } = entry;
        let of_folder = embedded::SOURCES.iter().filter(|source| source.folder == folder);
        let dead = dead_letters.then(|| format!("{name}{DEAD_LETTERS}"));
        let records = of_folder.map(|source| source.name).collect();
        topics.push(Topic { name, partitions, cleanup, retention_ms, records });
        topics.extend(dead.map(|name| Topic { name, partitions, cleanup, retention_ms, records: Vec::new() }));
    }
    Ok(Topics { partitioner: file.partitioner, topics })
}

/// The embedded contract. It is part of the program; a test reads it, so that it cannot be found broken here.
pub fn topics() -> &'static Topics {
    static TOPICS: LazyLock<Topics> = LazyLock::new(|| {
        parse(embedded::TOPICS).unwrap_or_else(|_| Topics { partitioner: String::new(), topics: Vec::new() })
    });
    &TOPICS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_topics_are_what_the_pipeline_relies_on() {
        let topics = parse(embedded::TOPICS).unwrap();
        assert_eq!(&topics, super::topics());
        assert_eq!((topics.partitioner.as_str(), topics.topics.len()), ("murmur2", 16));
        for topic in &topics.topics {
            assert_eq!(topic.retention_ms, -1, "{}", topic.name);
            let compacted = ["ingest.cursors", "mapping.bundles"].contains(&topic.name.as_str());
            let expected = if compacted { (1, Cleanup::Compact) } else { (12, Cleanup::Delete) };
            assert_eq!((topic.partitions, topic.cleanup), expected, "{}", topic.name);
            assert_eq!(topic.records.is_empty(), topic.name.ends_with(DEAD_LETTERS), "{}", topic.name);
        }
    }

    #[test]
    fn every_schema_is_on_a_topic() {
        for source in embedded::SOURCES {
            assert!(topics().topics.iter().any(|topic| topic.holds(source.name)), "{}", source.name);
        }
    }
}
