//! Times as operators write and read them.

use domain::Timestamp;
use jiff::{Span, SpanRelativeTo};

/// `2026-11-01T08:00:00Z`, or a time ago such as `90m`, `2h` or `3d`.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_millisecond()));
    }
    Ok(runtime::entry::now().plus_millis(-millis(text)?))
}

/// `90m`, `2h`, `3d`; milliseconds.
pub fn millis(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is neither a time such as 2026-11-01T08:00:00Z nor a span such as 90m, 2h or 3d");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    i64::try_from(span.as_millis()).ok().filter(|millis| *millis >= 0).ok_or_else(wrong)
}

/// In UTC, to the second.
pub fn text(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| format!("{} ms", at.0), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        let at = parse("2026-11-01T08:00:00Z").unwrap();
        assert_eq!((at, text(at).as_str()), (Timestamp(1_793_520_000_000), "2026-11-01T08:00:00Z"));
        assert_eq!(parse("2026-11-01T09:00:00+01:00"), Ok(at));
    }

    #[test]
    fn a_span_counts_back_from_now_and_nonsense_is_refused() {
        assert_eq!((millis("90m"), millis("2d")), (Ok(5_400_000), Ok(172_800_000)));
        let ago = runtime::entry::now().millis_since(parse("1h").unwrap());
        assert!((3_600_000..3_660_000).contains(&ago), "{ago}");
        assert!(parse("yesterday").is_err() && millis("-2h").is_err());
    }
}
