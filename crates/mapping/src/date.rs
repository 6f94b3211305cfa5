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
    domain::date::parse(text).map(Some).ok_or_else(|| Held::new("bad-date", text))
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
