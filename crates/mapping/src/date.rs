//! Calendar dates, see [`domain::date`].

pub(crate) use domain::date::{parse_day, shown};

use crate::engine::Held;
use domain::Timestamp;

/// A calendar date, or a moment as RFC 3339 has it; an empty text is none.
pub(crate) fn parse(text: &str) -> Result<Option<Timestamp>, Held> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    parse_day(text).or_else(|| parse_moment(text)).map(Some).ok_or_else(|| Held::new("bad-date", text))
}

/// `2026-01-31T17:05:00Z`, with seconds and an offset or `Z`; fractions of a second are dropped.
fn parse_moment(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 20 || !["T", "t", " "].contains(&&text[10..11]) {
        return None;
    }
    let day = parse_day(&text[..10])?;
    let (clock, rest) = text[11..].split_at(8);
    let two = |from: usize| clock[from..from + 2].parse::<i64>().ok().filter(|_| clock.as_bytes()[from] != b'+');
    let (hours, minutes, seconds) = (two(0)?, two(3)?, two(6)?);
    let in_range = hours < 24 && minutes < 60 && seconds < 61 && &clock[2..3] == ":" && &clock[5..6] == ":";
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone {
        "Z" | "z" => 0,
        zone if zone.len() == 6 && &zone[3..4] == ":" => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let part = |from: usize| zone[from..from + 2].parse::<i64>().ok();
            sign * (part(1)? * 60 + part(4)?) * 60
        }
        _ => return None,
    };
    in_range.then(|| day.plus_millis((hours * 3600 + minutes * 60 + seconds - offset) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_moment_are_read_and_other_words_refused() {
        for (text, at) in [
            ("2024-02-29", 1_709_164_800_000),
            ("2024-02-29T01:01:01Z", 1_709_168_461_000),
            ("2024-02-29T01:01:01.250+01:00", 1_709_164_861_000),
        ] {
            assert_eq!(parse(text), Ok(Some(Timestamp(at))), "{text}");
        }
        assert_eq!(parse(" "), Ok(None));
        for bad in
            ["soon", "2024-02-29T25:00:00Z", "2024-02-29T01:01:01", "2024-02-29T01-01:01Z", "2024-02-29T+1:01:01Z"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
