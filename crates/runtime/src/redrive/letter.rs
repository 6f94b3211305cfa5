use crate::dead_letter::{CLASS, REASON, SERVICE, class};
use crate::record::{self, CE_TYPE, FIRST_CAUSE, REDRIVES, cause_text, parse_cause};
use domain::{Cause, MessageId, Timestamp};
use rdkafka::message::{BorrowedMessage, Message};

/// One dead letter that has not been sent back, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Where it lies.
    pub place: Cause,
    /// The topic it goes back to.
    pub source: &'static str,
    /// When it was written, by the clock that stamped it.
    pub at: Timestamp,
    pub class: String,
    pub reason: String,
    pub service: String,
    /// The subject.
    pub key: String,
    pub kind: String,
    /// Of the record, by its header.
    pub id: Option<MessageId>,
    /// Where it, or what led to it, stood first.
    pub first_cause: Option<Cause>,
    pub redrives: u32,
    /// Bytes of its payload.
    pub size: usize,
}

impl DeadLetter {
    pub(super) fn of(source: &'static str, message: &BorrowedMessage<'_>) -> Self {
        let text = |name| record::header(message, name).unwrap_or_default().to_owned();
        Self {
            place: record::place_of(message),
            source,
            at: Timestamp(message.timestamp().to_millis().unwrap_or_default()),
            class: text(CLASS),
            reason: text(REASON),
            service: text(SERVICE),
            key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
            kind: text(CE_TYPE),
            id: record::header(message, "ce_id").and_then(MessageId::parse),
            first_cause: record::header(message, FIRST_CAUSE).and_then(parse_cause),
            redrives: text(REDRIVES).parse().unwrap_or(0),
            size: message.payload().map_or(0, <[u8]>::len),
        }
    }

    pub fn is_refused(&self) -> bool {
        self.class == class::REFUSED
    }

    /// The reason's first word, without what it names: `unknown-status` of `unknown-status: frozen`.
    pub fn cause(&self) -> &str {
        self.reason.split_once(':').map_or(self.reason.as_str(), |(word, _)| word)
    }

    /// The order in which letters go back. One that was sent back and came again lies behind others of its subject that
    /// it preceded: what counts is where each stood first.
    pub(super) fn order(&self) -> (&'static str, i32, &str, i64, i64) {
        let (topic, first) = self.first_cause.as_ref().map_or(("", i64::MAX), |c| (c.topic.as_str(), c.offset));
        (self.source, self.place.partition, topic, first, self.place.offset)
    }
}

impl std::fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = cause_text(&self.place);
        write!(f, "{place}  {}  {}  {}  redrives={}  {}", self.class, self.key, self.kind, self.redrives, self.reason)
    }
}

/// What to select; an empty filter selects everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub class: Option<String>,
    /// Source topic.
    pub topic: Option<String>,
    /// The subject.
    pub key: Option<String>,
    /// A part of the reason.
    pub reason: Option<String>,
    /// As the record inside says; needs a codec.
    pub partner: Option<String>,
    /// Written at this moment or later, and before the other.
    pub since: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

impl Filter {
    pub(super) fn is_of(&self, source: &str) -> bool {
        self.topic.as_ref().is_none_or(|wanted| wanted == source)
    }

    /// All but the partner.
    pub(super) fn matches(&self, letter: &DeadLetter) -> bool {
        self.class.as_ref().is_none_or(|class| class.eq_ignore_ascii_case(&letter.class))
            && self.key.as_ref().is_none_or(|key| *key == letter.key)
            && self.reason.as_ref().is_none_or(|part| letter.reason.contains(part))
            && self.since.is_none_or(|since| letter.at >= since)
            && self.before.is_none_or(|before| letter.at < before)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn letter(offset: i64, first: Option<i64>) -> DeadLetter {
        let place = |topic: &str, offset| Cause { topic: topic.to_owned(), partition: 3, offset };
        DeadLetter {
            place: place("partner.events.dead-letters", offset),
            source: "partner.events",
            at: Timestamp(offset),
            class: "HOLD".to_owned(),
            reason: "unknown-status: frozen: solid".to_owned(),
            service: "transform-partner".to_owned(),
            key: "case/tg/1".to_owned(),
            kind: "partner.issue.opened".to_owned(),
            id: None,
            first_cause: first.map(|first| place("partner.events", first)),
            redrives: 0,
            size: 10,
        }
    }

    #[test]
    fn a_letter_that_came_back_keeps_its_place_among_those_of_its_subject() {
        let mut letters = [letter(1, Some(11)), letter(2, Some(12)), letter(3, Some(10)), letter(4, None)];
        letters.sort_by(|a, b| a.order().cmp(&b.order()));
        let offsets = letters.map(|letter| letter.place.offset);
        // One without a first cause has never been a record of its topic.
        assert_eq!(offsets, [4, 3, 1, 2]);
    }

    #[test]
    fn a_filter_takes_what_fits_in_every_part() {
        let filter = Filter { class: Some("hold".to_owned()), reason: Some("frozen".to_owned()), ..Filter::default() };
        assert!(filter.matches(&letter(1, None)));
        let later = Filter { since: Some(Timestamp(2)), before: Some(Timestamp(4)), ..filter };
        let taken: Vec<i64> = (0..6).filter(|at| later.matches(&letter(*at, None))).collect();
        assert_eq!(taken, [2, 3]);
        assert_eq!(letter(1, None).cause(), "unknown-status");
    }
}
