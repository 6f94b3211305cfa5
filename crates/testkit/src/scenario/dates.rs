//! Scenarios are told on one day. On real parts they happen today, so their dates move along: what is two days off in the
//! file is two days off then.

use super::mapper::BEGINNING;
use domain::{Timestamp, date};

const DAY: i64 = 86_400_000;
const LENGTH: usize = "2026-06-01".len();

/// Days from the one on which scenarios are told to that of this moment, in milliseconds since 1970.
pub fn days_since_told(now: i64) -> i64 {
    (now - BEGINNING).div_euclid(DAY)
}

/// With every day from 2026 on moved by so many days; a moment keeps its hour.
pub fn moved(text: &str, days: i64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let within = out.ends_with(|c: char| c.is_ascii_digit());
        let day = rest.get(..LENGTH).filter(|word| !within && *word >= "2026").and_then(date::parse_day);
        let behind = rest.as_bytes().get(LENGTH).is_some_and(u8::is_ascii_digit);
        let taken = match day.filter(|_| !behind) {
            Some(day) => {
                out += &date::shown(Timestamp(day.0 + days * DAY))[..LENGTH];
                LENGTH
            }
            None => {
                let letter = rest.chars().next().unwrap_or_default();
                out.push(letter);
                letter.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_move_and_nothing_else_does() {
        let text = "valid_to = \"2026-12-31\", 1970-01-01 00:00 UTC, until 2026-06-11 00:00 UTC, INV-2026-06 12026-06-01 2026-06-010 zu spät";
        let later = "valid_to = \"2027-01-02\", 1970-01-01 00:00 UTC, until 2026-06-13 00:00 UTC, INV-2026-06 12026-06-01 2026-06-010 zu spät";
        assert_eq!(moved(text, 2), later);
        assert_eq!(moved(later, -2), text);
        assert_eq!(moved("2026-13-01", 2), "2026-13-01", "no day of the calendar");
    }

    #[test]
    fn the_day_of_the_telling_is_the_first() {
        assert_eq!(days_since_told(BEGINNING), 0);
        assert_eq!(days_since_told(BEGINNING + DAY - 1), 0);
        assert_eq!(days_since_told(BEGINNING + 3 * DAY), 3);
        assert_eq!(moved("2026-06-01", days_since_told(BEGINNING + 30 * DAY)), "2026-07-01");
    }
}
