//! The life of one version of a document as both sides agree on it. A newer version begins a life of its own.

use serde::{Deserialize, Serialize};

/// A version's canonical status; a document stands where its newest version stands. X's own values are mapped to these by
/// the bundle, and these to UNTDID 1373 (39, 1, 3, 8, 35, 10, 28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DocumentStatus {
    /// The partner handed it over.
    Uploaded,
    /// It is being looked at for what may do harm.
    Scanning,
    /// Its file could not be accepted.
    Quarantined,
    /// The house has it.
    Available,
    UnderReview,
    Approved,
    ConditionallyApproved,
    Rejected,
    CorrectionRequested,
    /// Its last day comes near.
    Expiring,
    Expired,
    /// A newer version took its place.
    Superseded,
    Withdrawn,
    Archived,
    /// Its bytes are gone.
    Purged,
}

/// A word that names no status of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status of a document")]
pub struct UnknownDocumentStatus(pub String);

impl DocumentStatus {
    pub const ALL: [Self; 15] = [
        Self::Uploaded,
        Self::Scanning,
        Self::Quarantined,
        Self::Available,
        Self::UnderReview,
        Self::Approved,
        Self::ConditionallyApproved,
        Self::Rejected,
        Self::CorrectionRequested,
        Self::Expiring,
        Self::Expired,
        Self::Superseded,
        Self::Withdrawn,
        Self::Archived,
        Self::Purged,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Scanning => "scanning",
            Self::Quarantined => "quarantined",
            Self::Available => "available",
            Self::UnderReview => "under-review",
            Self::Approved => "approved",
            Self::ConditionallyApproved => "conditionally-approved",
            Self::Rejected => "rejected",
            Self::CorrectionRequested => "correction-requested",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Archived => "archived",
            Self::Purged => "purged",
        }
    }

    pub fn parse(word: &str) -> Result<Self, UnknownDocumentStatus> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| UnknownDocumentStatus(word.to_owned()))
    }

    /// The statuses this one may become; every transition not listed is refused. A decision may be reviewed again, and
    /// only a review decides.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Uploaded => &[Self::Available, Self::Scanning, Self::Quarantined, Self::Superseded, Self::Withdrawn],
            Self::Scanning => &[Self::Available, Self::Quarantined, Self::Superseded, Self::Withdrawn],
            Self::Quarantined => &[Self::Superseded, Self::Withdrawn, Self::Archived],
            Self::Available => {
                &[Self::UnderReview, Self::Quarantined, Self::Superseded, Self::Withdrawn, Self::Archived]
            }
            Self::UnderReview => &[
                Self::Approved,
                Self::ConditionallyApproved,
                Self::Rejected,
                Self::CorrectionRequested,
                Self::Quarantined,
                Self::Superseded,
                Self::Withdrawn,
                Self::Archived,
            ],
            Self::Approved | Self::ConditionallyApproved => {
                &[Self::UnderReview, Self::Expiring, Self::Expired, Self::Superseded, Self::Withdrawn, Self::Archived]
            }
            Self::Rejected | Self::CorrectionRequested => {
                &[Self::UnderReview, Self::Superseded, Self::Withdrawn, Self::Archived]
            }
            Self::Expiring => &[Self::Expired, Self::Superseded, Self::Withdrawn, Self::Archived],
            Self::Expired => &[Self::Superseded, Self::Withdrawn, Self::Archived],
            Self::Superseded | Self::Withdrawn => &[Self::Archived],
            Self::Archived => &[Self::Purged],
            Self::Purged => &[],
        }
    }

    pub fn may_become(self, other: Self) -> bool {
        self.next().contains(&other)
    }

    /// Nothing more is said about the document; what is kept of it is archived in silence.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Archived | Self::Purged)
    }

    /// What a review says.
    pub const fn is_decision(self) -> bool {
        matches!(self, Self::Approved | Self::ConditionallyApproved | Self::Rejected | Self::CorrectionRequested)
    }

    /// The version may be used: it was approved, and has not expired.
    pub const fn is_offered(self) -> bool {
        matches!(self, Self::Approved | Self::ConditionallyApproved | Self::Expiring)
    }

    /// A new version may take its place.
    pub fn may_be_replaced(self) -> bool {
        self.may_become(Self::Superseded)
    }

    /// Where a decision of a review leads; `None` for a word that is none.
    pub fn of_decision(word: &str) -> Option<Self> {
        Some(match word {
            "APPROVED" => Self::Approved,
            "CONDITIONAL" => Self::ConditionallyApproved,
            "REJECTED" => Self::Rejected,
            "CORRECTION_REQUIRED" => Self::CorrectionRequested,
            _ => return None,
        })
    }

    /// Steps that are taken by other means than a status: the partner's word, a review's, a newer version's.
    pub const fn has_its_own_word(self) -> bool {
        matches!(self, Self::Uploaded | Self::Superseded | Self::Quarantined | Self::Expiring | Self::Expired)
            || self.is_decision()
    }

    /// The shortest way that a status of X may lead, without `self`; `None` where there is none.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        let way = crate::life::path(self, to, Self::next)?;
        (!way.iter().any(|step| step.has_its_own_word())).then_some(way)
    }
}

impl TryFrom<String> for DocumentStatus {
    type Error = UnknownDocumentStatus;
    fn try_from(word: String) -> Result<Self, UnknownDocumentStatus> {
        Self::parse(&word)
    }
}
impl From<DocumentStatus> for String {
    fn from(status: DocumentStatus) -> Self {
        status.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
