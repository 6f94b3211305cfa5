//! Quantities and amounts: exact decimal text, never floating point.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// A decimal as its origin wrote it: an optional `-`, at most 18 whole digits, at most 6 decimals, no exponent and no
/// grouping (X12 R, EDIFACT n..18 and ISO 20022 amounts fit). The text is kept; equality is of the text, order of the
/// value is [`Decimal::compare`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(String);

/// A text that is no decimal. Holds a bounded piece of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal of at most 18 whole digits and 6 decimals")]
pub struct InvalidDecimal(pub String);

/// Decimals that are told apart.
const PLACES: usize = 6;

impl Decimal {
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidDecimal> {
        let text = text.into();
        if millionths(&text).is_some() {
            Ok(Self(text))
        } else {
            Err(InvalidDecimal(text.chars().filter(|c| !c.is_control()).take(40).collect()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value in millionths, exactly.
    pub fn millionths(&self) -> i128 {
        millionths(&self.0).unwrap_or_default()
    }

    pub fn is_negative(&self) -> bool {
        self.millionths() < 0
    }

    /// By value: `8` and `8.00` are equal here.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.millionths().cmp(&other.millionths())
    }
}

fn millionths(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || decimals.is_empty() || decimals.len() > PLACES || !all_digits {
        return None;
    }
    let value: i128 = format!("{whole}{decimals:0<PLACES$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

impl TryFrom<String> for Decimal {
    type Error = InvalidDecimal;
    fn try_from(text: String) -> Result<Self, InvalidDecimal> {
        Self::new(text)
    }
}
impl From<Decimal> for String {
    fn from(value: Decimal) -> Self {
        value.0
    }
}
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_its_text_and_is_compared_by_value() {
        let of = |text: &str| Decimal::new(text).unwrap();
        assert_eq!(of("8.00").as_str(), "8.00");
        assert_eq!(of("8.00").compare(&of("8")), Ordering::Equal);
        assert_eq!(of("-0.000001").compare(&of("0")), Ordering::Less);
        assert_eq!(of("999999999999999999.999999").millionths(), 999_999_999_999_999_999_999_999);
        assert!(of("-2").is_negative() && !of("-0").is_negative());
    }

    #[test]
    fn what_is_no_exact_decimal_is_refused() {
        for bad in
            ["", "-", ".5", "5.", "1e3", "1,000", "+1", " 1", "1.0000001", "1234567890123456789", "NaN", "1-", "٣"]
        {
            assert!(Decimal::new(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<Decimal>("\"12.5\"").is_ok());
        assert!(serde_json::from_str::<Decimal>("12.5").is_err(), "a JSON number is a float on its way");
    }
}
