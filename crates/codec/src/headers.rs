//! CloudEvents 1.0 attributes in the Kafka protocol binding's binary mode, from a record's [`Meta`].

use domain::{Meta, Timestamp};

/// Media type of a datum in the Confluent wire format.
pub const CONTENT_TYPE: &str = "application/vnd.confluent.avro";
/// Header that names the kind of record: enough to skip it without decoding.
pub const CE_TYPE: &str = "ce_type";

/// Names and UTF-8 values, always in the same order. `ce_source` is the system, `ce_time` is when it occurred.
pub fn cloud_event(meta: &Meta) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", CONTENT_TYPE.to_owned()),
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", meta.id.to_string()),
        ("ce_source", format!("/{}", meta.system)),
        (CE_TYPE, meta.kind.clone()),
        ("ce_subject", meta.subject.to_string()),
        ("ce_time", rfc3339(meta.occurred_at)),
    ]
}

/// The `ce_type` among a record's headers; `None` where it is missing, repeated, too long or no UTF-8.
pub fn ce_type<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Option<&'a str> {
    let mut found = headers.into_iter().filter(|(name, _)| *name == CE_TYPE);
    let (_, value) = found.next()?;
    if found.next().is_some() || value.len() > 256 {
        return None;
    }
    std::str::from_utf8(value).ok()
}

/// RFC 3339 in UTC with milliseconds. Total: years outside 0000 to 9999 saturate, as RFC 3339 has no others.
fn rfc3339(at: Timestamp) -> String {
    const FIRST: i64 = -62_167_219_200_000;
    const LAST: i64 = 253_402_300_799_999;
    let millis = at.0.clamp(FIRST, LAST);
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Civil from days: proleptic Gregorian, years counted from 0000-03-01 in eras of 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_over_the_whole_range() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MIN, "0000-01-01T00:00:00.000Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(Timestamp(millis)), text);
        }
    }

    #[test]
    fn a_record_is_a_cloud_event_in_binary_mode() {
        let meta: Meta = serde_json::from_value(serde_json::json!({
            "id": "fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a", "subject": "case/tg/C-1", "system": "tg",
            "type": "partner.issue.opened", "occurred_at": 0, "recorded_at": 1
        }))
        .unwrap();
        let headers = cloud_event(&meta);
        let of = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
        assert_eq!(of("ce_specversion"), Some("1.0"));
        assert_eq!(of("ce_id"), Some("fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a"));
        assert_eq!((of("ce_source"), of("ce_subject")), (Some("/tg"), Some("case/tg/C-1")));
        assert_eq!(of("ce_time"), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(of("content-type"), Some(CONTENT_TYPE));
        assert_eq!(ce_type(headers.iter().map(|(n, v)| (*n, v.as_bytes()))), Some("partner.issue.opened"));
    }

    #[test]
    fn a_missing_or_repeated_type_header_is_no_type() {
        let kind: (&str, &[u8]) = (CE_TYPE, b"partner.issue.opened");
        assert_eq!(ce_type([("ce_id", b"1".as_slice()), kind]), Some("partner.issue.opened"));
        assert_eq!(ce_type([kind, kind]), None);
        assert_eq!(ce_type([("ce_id", b"1".as_slice())]), None);
        assert_eq!(ce_type([(CE_TYPE, [0xff].as_slice())]), None);
    }
}
