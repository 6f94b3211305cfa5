//! Committed offsets by topic and partition.

use rdkafka::TopicPartitionList;
use std::collections::BTreeMap;

pub type Places = BTreeMap<(String, i32), i64>;

/// What is not committed is at the beginning.
pub fn of(list: &TopicPartitionList) -> Places {
    let offset = |offset: rdkafka::Offset| offset.to_raw().filter(|offset| *offset >= 0).unwrap_or(0);
    list.elements().iter().map(|e| ((e.topic().to_owned(), e.partition()), offset(e.offset()))).collect()
}
