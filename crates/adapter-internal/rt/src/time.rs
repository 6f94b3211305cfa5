//! The two date forms RT sends, to seconds since 1970 (UTC).

/// `2026-11-22T20:40:21Z`, as in `Created`.
pub fn of_w3c(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, clock) = text.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4).then_some(())?;
    seconds(number(year)?, number(month)?, number(day)?, clock)
}

/// `Sun, 22 Nov 2026 20:40:24 GMT` (RFC 9110, 5.6.7), as in the `Date` header.
pub fn of_http(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_once(", ")?.1.split(' ');
    let (day, month, year, clock) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (parts.next() == Some("GMT")).then_some(())?;
    let month = MONTHS.iter().position(|m| *m == month)? as i64 + 1;
    seconds(number(year)?, month, number(day)?, clock)
}

fn number(text: &str) -> Option<i64> {
    (text.len() <= 4 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn seconds(year: i64, month: i64, day: i64, clock: &str) -> Option<i64> {
    let mut parts = clock.split(':');
    let (h, m, s) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let sound =
        parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day) && h < 24 && m < 60 && s <= 60;
    sound.then_some(())?;
    // Days from civil: years begin in March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + h * 3600 + m * 60 + s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_second() {
        assert_eq!(of_w3c("2026-11-22T20:40:24Z"), Some(1_795_380_024));
        assert_eq!(of_http("Sun, 22 Nov 2026 20:40:24 GMT"), Some(1_795_380_024));
        assert_eq!(of_w3c("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(of_w3c("2000-02-29T00:00:00Z"), Some(951_782_400));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "2026-11-22 20:40:24", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "99999-01-01T00:00:00Z"]
        {
            assert_eq!(of_w3c(text), None, "{text}");
        }
        assert_eq!(of_http("Sun, 22 Foo 2026 20:40:24 GMT"), None);
    }
}
