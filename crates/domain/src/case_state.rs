//! The life of a case as both sides agree on it (TMF621 status, refined).

use serde::{Deserialize, Serialize};

/// A case's canonical status. X's own values are mapped to these by the bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CaseStatus {
    Submitted,
    Acknowledged,
    InProgress,
    PendingPartner,
    OnHold,
    Resolved,
    Closed,
    Rejected,
    Cancelled,
}

/// A word that names no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a case status")]
pub struct UnknownStatus(pub String);

impl CaseStatus {
    pub const ALL: [Self; 9] = [
        Self::Submitted,
        Self::Acknowledged,
        Self::InProgress,
        Self::PendingPartner,
        Self::OnHold,
        Self::Resolved,
        Self::Closed,
        Self::Rejected,
        Self::Cancelled,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Acknowledged => "acknowledged",
            Self::InProgress => "in-progress",
            Self::PendingPartner => "pending-partner",
            Self::OnHold => "on-hold",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| UnknownStatus(word.to_owned()))
    }

    /// The statuses this one may become; every transition not listed is refused.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Submitted => &[Self::Acknowledged, Self::Rejected, Self::Cancelled],
            Self::Acknowledged => &[Self::InProgress, Self::Rejected, Self::Cancelled],
            Self::InProgress => &[Self::PendingPartner, Self::OnHold, Self::Resolved, Self::Cancelled],
            Self::PendingPartner | Self::OnHold => &[Self::InProgress, Self::Cancelled],
            Self::Resolved => &[Self::InProgress, Self::Closed],
            Self::Closed | Self::Rejected | Self::Cancelled => &[],
        }
    }

    pub fn may_become(self, other: Self) -> bool {
        self.next().contains(&other)
    }

    pub const fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// The shortest allowed way from `self` to `to`, without `self`; empty where they are equal, `None` where there
    /// is none. Lets a system that jumps (RT: new to resolved) be followed by one that does not.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        crate::life::path(self, to, Self::next)
    }
}

impl TryFrom<String> for CaseStatus {
    type Error = UnknownStatus;
    fn try_from(word: String) -> Result<Self, UnknownStatus> {
        Self::parse(&word)
    }
}
impl From<CaseStatus> for String {
    fn from(status: CaseStatus) -> Self {
        status.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CaseStatus::*;

    #[test]
    fn every_transition_not_listed_is_refused() {
        let allowed = [
            (Submitted, Acknowledged),
            (Submitted, Rejected),
            (Submitted, Cancelled),
            (Acknowledged, InProgress),
            (Acknowledged, Rejected),
            (Acknowledged, Cancelled),
            (InProgress, PendingPartner),
            (InProgress, OnHold),
            (InProgress, Resolved),
            (InProgress, Cancelled),
            (PendingPartner, InProgress),
            (PendingPartner, Cancelled),
            (OnHold, InProgress),
            (OnHold, Cancelled),
            (Resolved, InProgress),
            (Resolved, Closed),
        ];
        for from in CaseStatus::ALL {
            for to in CaseStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn a_path_uses_allowed_steps_only_and_is_shortest() {
        assert_eq!(Acknowledged.path(Resolved), Some(vec![InProgress, Resolved]));
        assert_eq!(PendingPartner.path(PendingPartner), Some(vec![]));
        assert_eq!(Closed.path(InProgress), None);
        for from in CaseStatus::ALL {
            for to in CaseStatus::ALL {
                let mut at = from;
                for step in from.path(to).unwrap_or_default() {
                    assert!(at.may_become(step));
                    at = step;
                }
            }
        }
    }
}
