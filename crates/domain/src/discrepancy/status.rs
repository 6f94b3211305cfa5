//! The life of a discrepancy as both sides agree on it: rounds of proposal and answer.

use serde::{Deserialize, Serialize};

/// A discrepancy's canonical status. X's own values are mapped to these by the bundle. Bridges: Peppol UNCL4343 (AB,
/// IP, UQ, AP/CA/RE, PD) and EDIFACT 4405 (87, 113, 16, 65, 49).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DiscrepancyStatus {
    /// The partner raised it.
    Reported,
    /// The house has a record of it.
    Triaged,
    UnderInvestigation,
    /// The partner is asked for evidence.
    EvidenceRequested,
    /// An outcome for every line is on offer.
    OutcomeProposed,
    /// The partner does not agree; the next round begins when the house takes it up.
    Contested,
    /// The partner agrees; the house settles.
    Confirmed,
    Settled,
    /// The house does not take it: out of its window, or not a party.
    Refused,
    Withdrawn,
}

/// A word that names no status of a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status of a discrepancy")]
pub struct UnknownDiscrepancyStatus(pub String);

impl DiscrepancyStatus {
    pub const ALL: [Self; 10] = [
        Self::Reported,
        Self::Triaged,
        Self::UnderInvestigation,
        Self::EvidenceRequested,
        Self::OutcomeProposed,
        Self::Contested,
        Self::Confirmed,
        Self::Settled,
        Self::Refused,
        Self::Withdrawn,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Triaged => "triaged",
            Self::UnderInvestigation => "under-investigation",
            Self::EvidenceRequested => "evidence-requested",
            Self::OutcomeProposed => "outcome-proposed",
            Self::Contested => "contested",
            Self::Confirmed => "confirmed",
            Self::Settled => "settled",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(word: &str) -> Result<Self, UnknownDiscrepancyStatus> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| UnknownDiscrepancyStatus(word.to_owned()))
    }

    /// The statuses this one may become; every transition not listed is refused. From a proposal the house may settle
    /// only where the time for an answer has passed, which the community judges by its clock.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Reported => &[Self::Triaged, Self::Refused, Self::Withdrawn],
            Self::Triaged => &[Self::UnderInvestigation, Self::Refused, Self::Withdrawn],
            Self::UnderInvestigation => {
                &[Self::EvidenceRequested, Self::OutcomeProposed, Self::Refused, Self::Withdrawn]
            }
            Self::EvidenceRequested => &[Self::UnderInvestigation, Self::Withdrawn],
            Self::OutcomeProposed => {
                &[Self::UnderInvestigation, Self::Contested, Self::Confirmed, Self::Settled, Self::Withdrawn]
            }
            Self::Contested => &[Self::UnderInvestigation, Self::Withdrawn],
            Self::Confirmed => &[Self::Settled],
            Self::Settled | Self::Refused | Self::Withdrawn => &[],
        }
    }

    pub fn may_become(self, other: Self) -> bool {
        self.next().contains(&other)
    }

    pub const fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// Steps that are the partner's word: the house never takes them for it.
    pub const fn is_partners(self) -> bool {
        matches!(self, Self::Reported | Self::Contested | Self::Confirmed)
    }

    /// The shortest way that the house may go by itself, without `self`; `None` where there is none. Lets a system that
    /// jumps be followed by one that does not.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        let way = crate::life::path(self, to, Self::next)?;
        (!way.iter().any(|step| step.is_partners())).then_some(way)
    }
}

impl TryFrom<String> for DiscrepancyStatus {
    type Error = UnknownDiscrepancyStatus;
    fn try_from(word: String) -> Result<Self, UnknownDiscrepancyStatus> {
        Self::parse(&word)
    }
}
impl From<DiscrepancyStatus> for String {
    fn from(status: DiscrepancyStatus) -> Self {
        status.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::DiscrepancyStatus::{self, *};

    #[test]
    fn every_transition_not_listed_is_refused() {
        let allowed = [
            (Reported, Triaged),
            (Reported, Refused),
            (Reported, Withdrawn),
            (Triaged, UnderInvestigation),
            (Triaged, Refused),
            (Triaged, Withdrawn),
            (UnderInvestigation, EvidenceRequested),
            (UnderInvestigation, OutcomeProposed),
            (UnderInvestigation, Refused),
            (UnderInvestigation, Withdrawn),
            (EvidenceRequested, UnderInvestigation),
            (EvidenceRequested, Withdrawn),
            (OutcomeProposed, UnderInvestigation),
            (OutcomeProposed, Contested),
            (OutcomeProposed, Confirmed),
            (OutcomeProposed, Settled),
            (OutcomeProposed, Withdrawn),
            (Contested, UnderInvestigation),
            (Contested, Withdrawn),
            (Confirmed, Settled),
        ];
        for from in DiscrepancyStatus::ALL {
            for to in DiscrepancyStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
            assert_eq!(from.is_final(), [Settled, Refused, Withdrawn].contains(&from));
            assert_eq!(DiscrepancyStatus::parse(from.as_str()), Ok(from));
        }
        assert!(DiscrepancyStatus::parse("closed").is_err());
    }

    #[test]
    fn the_house_never_answers_for_the_partner() {
        assert_eq!(Reported.path(OutcomeProposed), Some(vec![Triaged, UnderInvestigation, OutcomeProposed]));
        assert_eq!(UnderInvestigation.path(Settled), Some(vec![OutcomeProposed, Settled]));
        for from in DiscrepancyStatus::ALL {
            for to in [Reported, Contested, Confirmed].into_iter().filter(|to| *to != from) {
                assert_eq!(from.path(to), None, "{from:?} -> {to:?}");
            }
            for to in DiscrepancyStatus::ALL {
                let mut at = from;
                for step in from.path(to).unwrap_or_default() {
                    assert!(at.may_become(step) && !step.is_partners());
                    at = step;
                }
            }
        }
    }
}
