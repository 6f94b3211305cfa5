//! Calendar dates without a clock (proleptic Gregorian, UTC).

use crate::Timestamp;

const DAY: i64 = 86_400_000;

/// Days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + (month <= 2) as i64, month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// Midnight UTC of `2026-01-31`; `None` for what is no day of the calendar.
pub fn parse_day(text: &str) -> Option<Timestamp> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day)).then_some(Timestamp(days * DAY))
}

/// A calendar date, or a moment as RFC 3339 has it.
pub fn parse(text: &str) -> Option<Timestamp> {
    parse_day(text).or_else(|| parse_moment(text))
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

/// `2026-01-31 17:05 UTC`.
pub fn shown(at: Timestamp) -> String {
    let (year, month, day) = civil_from_days(at.0.div_euclid(DAY));
    let minutes = at.0.rem_euclid(DAY) / 60_000;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_read_and_others_refused() {
        assert_eq!(parse_day("1970-01-01"), Some(Timestamp(0)));
        assert_eq!(parse_day("2024-02-29"), Some(Timestamp(1_709_164_800_000)));
        for bad in ["2023-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "ä026-01-01", "", "2026-01-32"] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
        assert_eq!(shown(Timestamp(1_709_164_800_000 + 3_660_000)), "2024-02-29 01:01 UTC");
        assert_eq!(shown(Timestamp(-1)), "1969-12-31 23:59 UTC");
        shown(Timestamp(i64::MAX));
        shown(Timestamp(i64::MIN));
    }
}
