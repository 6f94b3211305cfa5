//! Names that key the log. All are bounded and checked where bytes become values.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A name that cannot be used as a key: too long, empty, or holding a character that another system would fold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {kind} `{value}`: {rule}")]
pub struct InvalidName {
    pub kind: &'static str,
    pub value: String,
    pub rule: &'static str,
}

fn shown(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(80).collect()
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn new(value: impl Into<String>) -> Result<Self, InvalidName> {
                let value = value.into();
                let ok: fn(&str) -> bool = $check;
                if value.is_empty() || value.len() > $max || !ok(&value) {
                    return Err(InvalidName { kind: $kind, value: shown(&value), rule: $rule });
                }
                Ok(Self(value))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(value: String) -> Result<Self, InvalidName> {
                Self::new(value)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn printable(value: &str) -> bool {
    value.chars().all(|c| !c.is_control() && c != '/')
}

name!(
    /// Configured id of one community or one case system; part of every id derived from it, so it never changes.
    SystemId, "system id", 32, "1 to 32 of a-z, 0-9 and '-'",
    |v| v.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);
name!(
    /// The community's own word for a partner; meaningful only together with the community's [`SystemId`].
    PartnerId, "partner id", 64, "1 to 64 characters without control characters and '/'", printable
);
name!(
    /// A system's own key of a record, as that system spells it.
    NativeId, "native id", 128, "1 to 128 characters without control characters and '/'", printable
);

/// What kind of thing a [`Subject`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    Case,
    /// A programme, begun in X, with all its tasks.
    Onboarding,
    /// A document that somebody shared.
    Document,
}

impl SubjectKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Onboarding => "onboarding",
            Self::Document => "document",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Case, Self::Document, Self::Onboarding].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The key of every record: `<kind>/<system>/<native id>`, such as `case/tg/C-1`, named by the system where the thing
/// began.
///
/// One subject is delivered in order; two subjects are independent. It never changes, not even when records merge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

impl Subject {
    pub fn new(kind: SubjectKind, system: &SystemId, native: &NativeId) -> Self {
        Self(format!("{}/{system}/{native}", kind.as_str()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn kind(&self) -> SubjectKind {
        self.0.split('/').next().and_then(SubjectKind::parse).unwrap_or(SubjectKind::Case)
    }
    /// The id of the system where the subject began.
    pub fn system(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
    /// The key that system gave the record.
    pub fn native(&self) -> &str {
        self.0.splitn(3, '/').nth(2).unwrap_or_default()
    }
}

impl TryFrom<String> for Subject {
    type Error = InvalidName;
    fn try_from(value: String) -> Result<Self, InvalidName> {
        let invalid =
            || InvalidName { kind: "subject", value: shown(&value), rule: "`<kind>/<system id>/<native id>`" };
        let mut parts = value.splitn(3, '/');
        let (kind, system, native) = (parts.next(), parts.next(), parts.next());
        let (Some(kind), Some(system), Some(native)) = (kind.and_then(SubjectKind::parse), system, native) else {
            return Err(invalid());
        };
        let (system, native) = (SystemId::new(system)?, NativeId::new(native)?);
        Ok(Self::new(kind, &system, &native))
    }
}

impl From<Subject> for String {
    fn from(value: Subject) -> Self {
        value.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_survives_the_round_trip_through_its_text() {
        let subject = Subject::try_from("case/tg-eu/C-1 2".to_owned()).unwrap();
        assert_eq!((subject.kind(), subject.system(), subject.native()), (SubjectKind::Case, "tg-eu", "C-1 2"));
        let programme = Subject::try_from("onboarding/rt/17".to_owned()).unwrap();
        assert_eq!((programme.kind(), programme.as_str()), (SubjectKind::Onboarding, "onboarding/rt/17"));
        assert_eq!(Subject::try_from("document/tg/D-1".to_owned()).unwrap().as_str(), "document/tg/D-1");
    }

    #[test]
    fn names_that_could_break_a_key_are_refused() {
        for bad in ["case/TG/1", "case/tg/", "case/tg/a/b", "order/tg/1", "case/tg/a\nb", ""] {
            assert!(Subject::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert!(PartnerId::new("x".repeat(65)).is_err());
    }
}
