//! Many letters of one cause as one line.

use crate::moment;
use domain::Timestamp;
use runtime::redrive::DeadLetter;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

struct Group<'a> {
    count: usize,
    oldest: Timestamp,
    newest: Timestamp,
    subjects: BTreeSet<&'a str>,
    example: &'a str,
}

/// By class, topic and the reason's first word; the largest first. Empty where there is no letter.
pub fn table(letters: &[DeadLetter]) -> String {
    let mut groups: BTreeMap<(&str, &str, &str), Group<'_>> = BTreeMap::new();
    for letter in letters {
        let key = (letter.class.as_str(), letter.source, letter.cause());
        let group = groups.entry(key).or_insert_with(|| Group {
            count: 0,
            oldest: letter.at,
            newest: letter.at,
            subjects: BTreeSet::new(),
            example: &letter.reason,
        });
        group.count += 1;
        group.oldest = group.oldest.min(letter.at);
        group.newest = group.newest.max(letter.at);
        group.subjects.insert(&letter.key);
    }
    let mut out = String::new();
    if groups.is_empty() {
        return out;
    }
    let mut line = |cells: [&str; 7]| {
        let [count, subjects, class, topic, oldest, newest, reason] = cells;
        let _ =
            writeln!(out, "{count:>7}  {subjects:>8}  {class:<9}  {topic:<18}  {oldest:<20}  {newest:<20}  {reason}");
    };
    line(["letters", "subjects", "class", "topic", "oldest", "newest", "reason, and an example"]);
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
    for ((class, topic, cause), group) in groups {
        let example: String = group.example.chars().take(80).collect();
        let reason = if example == cause { example } else { format!("{cause}, as in \"{example}\"") };
        let (oldest, newest) = (moment::text(group.oldest), moment::text(group.newest));
        line([&group.count.to_string(), &group.subjects.len().to_string(), class, topic, &oldest, &newest, &reason]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cause;

    fn letter(offset: i64, key: &str, reason: &str) -> DeadLetter {
        DeadLetter {
            place: Cause { topic: "partner.events.dead-letters".to_owned(), partition: 0, offset },
            source: "partner.events",
            at: Timestamp(offset * 1_000),
            class: "HOLD".to_owned(),
            reason: reason.to_owned(),
            service: "transform-partner".to_owned(),
            key: key.to_owned(),
            kind: String::new(),
            id: None,
            first_cause: None,
            redrives: 0,
            size: 0,
        }
    }

    #[test]
    fn letters_of_one_cause_are_one_line_with_its_span_of_time() {
        let letters = [
            letter(2, "case/tg/1", "unknown-status: frozen"),
            letter(9, "case/tg/2", "unknown-status: solid"),
            letter(3, "case/tg/2", "intake"),
        ];
        let table = table(&letters);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        let words: Vec<&str> = lines[1].split_whitespace().take(6).collect();
        assert_eq!(words, ["2", "2", "HOLD", "partner.events", "1970-01-01T00:00:02Z", "1970-01-01T00:00:09Z"]);
        assert!(lines[1].ends_with("unknown-status, as in \"unknown-status: frozen\""), "{}", lines[1]);
        assert!(lines[2].ends_with("  intake"));
        assert_eq!(super::table(&[]), "");
    }
}
