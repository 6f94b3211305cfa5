//! A record that cannot go on is kept whole: its own key, value and headers, and beside them why and from where.

use crate::record::{FIRST_CAUSE, Output, cause_text, copied_headers, with_headers};
use domain::Cause;
use rdkafka::message::{BorrowedMessage, Message};

/// Classes of dead letters; what an operator filters by.
pub mod class {
    /// A value, partner or environment that the bundle does not know or wants held.
    pub const HOLD: &str = "HOLD";
    /// Bytes that no known schema explains.
    pub const MALFORMED: &str = "MALFORMED";
    /// The target will never take it.
    pub const REFUSED: &str = "REFUSED";
}

pub const CLASS: &str = "causeway_dead_letter_class";
pub const REASON: &str = "causeway_dead_letter_reason";
pub const SERVICE: &str = "causeway_dead_letter_service";
pub const MAPPING_VERSION: &str = "causeway_mapping_version";
/// Where the record stood when it failed; [`FIRST_CAUSE`] is where it, or what led to it, stood first.
pub const PLACE: &str = "causeway_dead_letter_place";
/// Operators read reasons in a terminal; a hostile value must not fill it.
const MAX_REASON: usize = 500;

/// The name of a topic's dead letters.
pub fn topic_of(topic: &str) -> String {
    format!("{topic}.dead-letters")
}

pub struct Why<'a> {
    pub class: &'static str,
    pub reason: &'a str,
    pub service: &'a str,
    /// 0 where no bundle had a part in it.
    pub mapping_version: i64,
}

/// Printable, bounded.
pub fn bounded_reason(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

/// The message as it came, to `topic`, with the reason in headers. The first cause stays the first.
pub fn of_message(topic: &'static str, message: &BorrowedMessage<'_>, cause: &Cause, why: &Why<'_>) -> Output {
    let place = crate::record::place_of(message);
    let mut more = vec![
        (PLACE, cause_text(&place)),
        (CLASS, why.class.to_owned()),
        (REASON, bounded_reason(why.reason)),
        (SERVICE, why.service.to_owned()),
        (MAPPING_VERSION, why.mapping_version.to_string()),
    ];
    if crate::record::header(message, FIRST_CAUSE).is_none() {
        more.push((FIRST_CAUSE, cause_text(cause)));
    }
    Output {
        topic,
        key: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers: with_headers(copied_headers(message), more),
    }
}
