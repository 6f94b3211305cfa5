//! The contract between the services as data: topics, subjects and schemas, and how a registry is brought up to it.

mod compatible;
mod register;
mod topics;

pub use register::{Applied, Report, register_all};
pub use topics::{Cleanup, Topic, Topics, topics};

use crate::embedded;

/// What a dead-letter topic's name ends with.
pub const DEAD_LETTERS: &str = ".dead-letters";

/// One schema to be registered, under `<topic>-<full name of the record>` (TopicRecordNameStrategy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectSchema {
    pub topic: &'static str,
    pub subject: String,
    pub schema: &'static str,
}

/// Every subject there is, in the order of the topics. Dead-letter topics have none: they keep records as they were.
pub fn subjects() -> Vec<SubjectSchema> {
    let of_topic = |topic: &'static Topic| {
        embedded::ALL.iter().filter(|embedded| topic.holds(embedded.name)).map(|embedded| SubjectSchema {
            topic: &topic.name,
            subject: subject(&topic.name, embedded.name),
            schema: embedded.text,
        })
    };
    topics().topics.iter().flat_map(of_topic).collect()
}

pub(crate) fn subject(topic: &str, record: &str) -> String {
    format!("{topic}-{record}")
}

pub(crate) fn without_dead_letters(topic: &str) -> &str {
    topic.strip_suffix(DEAD_LETTERS).unwrap_or(topic)
}

/// The topic, or the one whose dead letters it keeps.
pub(crate) fn base(topic: &str) -> Option<&'static Topic> {
    topics().get(without_dead_letters(topic))
}
