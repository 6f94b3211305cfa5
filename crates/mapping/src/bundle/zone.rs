//! The time zone in which a partner reads moments.

use crate::date;
use domain::{PublicText, Shared, Timestamp};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Of the database that is part of the program: the same on every machine. Its rules grow older with the program, which
/// can shift what a text says, never what happens.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }
}

/// A moment without a clock, as records of calendar dates have it.
const DAY: i64 = 86_400_000;

impl Zone {
    /// By its name in the IANA database, such as `Europe/Berlin`; an empty name is UTC.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::default());
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        Some(Self { name: zone.iana_name()?.to_owned(), zone })
    }

    /// `2026-07-01 14:00 (Europe/Berlin)`. Midnight UTC is a calendar date, which is the same everywhere: `2026-07-01`.
    pub(crate) fn words(&self, at: Timestamp) -> String {
        let utc = date::shown(at);
        if at.0.rem_euclid(DAY) == 0 {
            return utc.chars().take_while(|c| *c != ' ').collect();
        }
        match jiff::Timestamp::from_millisecond(at.0) {
            Ok(moment) => {
                let there = moment.to_zoned(self.zone.clone());
                format!("{} ({})", there.strftime("%Y-%m-%d %H:%M"), self.name)
            }
            Err(_) => utc,
        }
    }

    /// As [`Self::words`], for a text to the partner.
    #[expect(clippy::disallowed_methods, reason = "figures of a moment, and the name of a zone that an operator chose")]
    pub(crate) fn told(&self, at: Option<Timestamp>) -> Shared<String> {
        PublicText::declared(at.map(|at| self.words(at)).unwrap_or_default()).share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_zone_with_its_name_and_a_day_as_it_stands() {
        let (berlin, utc) = (Zone::parse("Europe/Berlin").unwrap(), Zone::parse("").unwrap());
        let noon = |day: &str| Timestamp(date::parse_day(day).unwrap().0 + 43_200_000);
        assert_eq!(berlin.words(noon("2026-07-01")), "2026-07-01 14:00 (Europe/Berlin)");
        assert_eq!(berlin.words(noon("2026-12-01")), "2026-12-01 13:00 (Europe/Berlin)");
        assert_eq!(utc.words(noon("2026-07-01")), "2026-07-01 12:00 (UTC)");
        assert_eq!(berlin.words(date::parse_day("2026-07-01").unwrap()), "2026-07-01");
        assert!(Zone::parse("Europe/Cologne").is_none() && Zone::parse("../etc/passwd").is_none());
    }
}
