//! Records as the rest of the runtime sees them, and the headers it reads and writes.

use domain::Cause;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};

/// W3C Trace Context.
pub const TRACEPARENT: &str = "traceparent";
/// Where a redriven record stood when it was first read: `topic/partition/offset`.
pub const FIRST_CAUSE: &str = "causeway_first_cause";
/// How often an operator has sent the record back.
pub const REDRIVES: &str = "causeway_redrives";
/// CloudEvents 1.0, Kafka binding, binary mode.
pub const CE_TYPE: &str = "ce_type";

/// The longest header value that is looked at; ours are far below it.
pub(crate) const MAX_HEADER: usize = 1024;

pub fn header<'m>(message: &'m BorrowedMessage<'_>, name: &str) -> Option<&'m str> {
    let value = message.headers()?.iter().find(|h| h.key == name)?.value?;
    std::str::from_utf8(value).ok().filter(|v| v.len() <= MAX_HEADER)
}

/// The place of a record in the log; a redriven one keeps its first.
pub fn cause_of(message: &BorrowedMessage<'_>) -> Cause {
    header(message, FIRST_CAUSE).and_then(parse_cause).unwrap_or_else(|| place_of(message))
}

pub fn place_of(message: &BorrowedMessage<'_>) -> Cause {
    Cause { topic: message.topic().to_owned(), partition: message.partition(), offset: message.offset() }
}

pub fn cause_text(cause: &Cause) -> String {
    format!("{}/{}/{}", cause.topic, cause.partition, cause.offset)
}

pub fn parse_cause(text: &str) -> Option<Cause> {
    let mut parts = text.rsplitn(3, '/');
    let (offset, partition, topic) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Cause { topic: topic.to_owned(), partition: partition.parse().ok()?, offset: offset.parse().ok()? })
}

/// One record to be produced, whole.
#[derive(Clone, Debug)]
pub struct Output {
    pub topic: &'static str,
    pub key: Vec<u8>,
    pub payload: Vec<u8>,
    pub headers: OwnedHeaders,
}

impl Output {
    /// With these headers, in their order.
    pub fn new<'a>(
        topic: &'static str,
        key: Vec<u8>,
        payload: Vec<u8>,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let headers = headers
            .into_iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        Self { topic, key, payload, headers }
    }

    pub fn size(&self) -> usize {
        self.key.len() + self.payload.len() + 256
    }
}

/// Adds text headers to what is there.
pub fn with_headers<'a>(headers: OwnedHeaders, more: impl IntoIterator<Item = (&'a str, String)>) -> OwnedHeaders {
    more.into_iter()
        .fold(headers, |headers, (key, value)| headers.insert(Header { key, value: Some(value.as_bytes()) }))
}

/// The record's own headers, copied byte for byte.
pub fn copied_headers(message: &BorrowedMessage<'_>) -> OwnedHeaders {
    message.headers().map_or_else(OwnedHeaders::new, rdkafka::message::BorrowedHeaders::detach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_survives_its_text_also_with_slashes_in_the_topic() {
        let cause = Cause { topic: "a/b".to_owned(), partition: 3, offset: 7 };
        assert_eq!(parse_cause(&cause_text(&cause)), Some(cause));
        assert_eq!(parse_cause("x/y"), None);
    }
}
