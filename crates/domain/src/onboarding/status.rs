//! The lives of a programme and of a task as both sides agree on them.

use serde::{Deserialize, Serialize};

macro_rules! life {
    ($(#[$doc:meta])* $name:ident, $unknown:ident, $what:literal, $count:literal, { $($(#[$why:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$why])* $variant),+
        }

        #[doc = concat!("A word that names no status of ", $what, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("`{0}` is not a status of {what}", what = $what)]
        pub struct $unknown(pub String);

        impl $name {
            pub const ALL: [Self; $count] = [$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            pub fn parse(word: &str) -> Result<Self, $unknown> {
                Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| $unknown(word.to_owned()))
            }

            pub fn may_become(self, other: Self) -> bool {
                self.next().contains(&other)
            }

            pub const fn is_final(self) -> bool {
                self.next().is_empty()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $unknown;
            fn try_from(word: String) -> Result<Self, $unknown> {
                Self::parse(&word)
            }
        }
        impl From<$name> for String {
            fn from(status: $name) -> Self {
                status.as_str().to_owned()
            }
        }
    };
}

life!(
    /// A programme's canonical status. Milestones tell the finer progress; X's own values are mapped by the bundle.
    ProgrammeStatus, UnknownProgrammeStatus, "a programme", 13, {
        Identified = "identified",
        /// The partner is asked to join.
        Invited = "invited",
        Registered = "registered",
        Configuring = "configuring",
        Connecting = "connecting",
        Testing = "testing",
        Certified = "certified",
        Live = "live",
        /// The invitation ran out; it can be made again.
        Expired = "expired",
        /// The partner does not want to; final.
        Declined = "declined",
        /// No word of it is a word of another record's life.
        OnHold = "paused",
        Suspended = "suspended",
        Offboarded = "offboarded",
    }
);

life!(
    /// A task's canonical status. Overdue is no status: it is a due date that has passed.
    TaskStatus, UnknownTaskStatus, "a task", 8, {
        /// Not to be worked on yet.
        New = "new",
        Active = "active",
        /// The partner has handed it in; the house looks at it.
        Submitted = "submitted",
        /// What was handed in, or once accepted, does not do (any more).
        Returned = "returned",
        Completed = "completed",
        OnHold = "on-hold",
        Waived = "waived",
        Cancelled = "cancelled",
    }
);

impl ProgrammeStatus {
    /// The statuses this one may become; every transition not listed is refused.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Identified => &[Self::Invited, Self::OnHold, Self::Offboarded],
            Self::Invited => &[Self::Registered, Self::Expired, Self::Declined, Self::OnHold, Self::Offboarded],
            Self::Expired => &[Self::Invited, Self::Offboarded],
            Self::Registered => &[Self::Configuring, Self::OnHold, Self::Offboarded],
            Self::Configuring => &[Self::Connecting, Self::OnHold, Self::Offboarded],
            Self::Connecting => &[Self::Testing, Self::OnHold, Self::Offboarded],
            Self::Testing => &[Self::Certified, Self::OnHold, Self::Offboarded],
            Self::Certified => &[Self::Live, Self::OnHold, Self::Offboarded],
            Self::OnHold => &[
                Self::Invited,
                Self::Registered,
                Self::Configuring,
                Self::Connecting,
                Self::Testing,
                Self::Certified,
                Self::Offboarded,
            ],
            Self::Live => &[Self::Suspended, Self::Offboarded],
            Self::Suspended => &[Self::Live, Self::Offboarded],
            Self::Declined | Self::Offboarded => &[],
        }
    }

    /// Steps that are the partner's word alone. The house may register a partner by itself.
    pub const fn is_partners(self) -> bool {
        matches!(self, Self::Declined)
    }

    /// The shortest way that the house may go by itself, without `self`; `None` where there is none. A hold is no way
    /// round.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        let onwards = |at: Self| if at == Self::OnHold && at != self { &[] } else { at.next() };
        let way = crate::life::path(self, to, onwards)?;
        (!way.iter().any(|step| step.is_partners())).then_some(way)
    }
}

impl TaskStatus {
    /// The statuses this one may become; every transition not listed is refused.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Active, Self::OnHold, Self::Waived, Self::Cancelled],
            Self::Active => &[Self::New, Self::Completed, Self::Submitted, Self::OnHold, Self::Waived, Self::Cancelled],
            Self::Submitted => &[Self::Completed, Self::Returned, Self::OnHold, Self::Waived, Self::Cancelled],
            Self::Returned => &[Self::Active, Self::OnHold, Self::Waived, Self::Cancelled],
            Self::OnHold => &[Self::New, Self::Active, Self::Submitted, Self::Waived, Self::Cancelled],
            // What was accepted may lose its force, such as a certificate: readiness falls again.
            Self::Completed => &[Self::Returned],
            Self::Waived | Self::Cancelled => &[],
        }
    }

    /// The step by which the partner hands in: the house never takes it.
    pub const fn is_handing_in(self, to: Self) -> bool {
        matches!((self, to), (Self::Active, Self::Submitted))
    }

    /// Nothing of it is to be done any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Waived | Self::Cancelled)
    }

    /// The shortest way that the house may go by itself, without `self`; `None` where there is none. A hold is no way
    /// round.
    pub fn path(self, to: Self) -> Option<Vec<Self>> {
        let onwards = |at: Self| if at == Self::OnHold && at != self { &[] } else { at.next() };
        let way = crate::life::path(self, to, onwards)?;
        let mut at = self;
        for step in &way {
            if at.is_handing_in(*step) {
                return None;
            }
            at = *step;
        }
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use super::{ProgrammeStatus as P, TaskStatus as T};

    #[test]
    fn every_transition_of_a_task_that_is_not_listed_is_refused() {
        use T::*;
        let allowed = [
            (New, Active),
            (New, OnHold),
            (New, Waived),
            (New, Cancelled),
            (Active, New),
            (Active, Submitted),
            (Active, Completed),
            (Active, OnHold),
            (Active, Waived),
            (Active, Cancelled),
            (Submitted, Returned),
            (Submitted, Completed),
            (Submitted, OnHold),
            (Submitted, Waived),
            (Submitted, Cancelled),
            (Returned, Active),
            (Returned, OnHold),
            (Returned, Waived),
            (Returned, Cancelled),
            (OnHold, New),
            (OnHold, Active),
            (OnHold, Submitted),
            (OnHold, Waived),
            (OnHold, Cancelled),
            (Completed, Returned),
        ];
        for from in T::ALL {
            for to in T::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
            assert_eq!(from.is_final(), [Waived, Cancelled].contains(&from));
            assert_eq!(T::parse(from.as_str()), Ok(from));
        }
        assert!(T::parse("overdue").is_err());
    }

    #[test]
    fn every_transition_of_a_programme_that_is_not_listed_is_refused() {
        use P::*;
        let along = [Identified, Invited, Registered, Configuring, Connecting, Testing, Certified, Live];
        let held = [Identified, Invited, Registered, Configuring, Connecting, Testing, Certified];
        let resumed = [Invited, Registered, Configuring, Connecting, Testing, Certified];
        let sides = [(Invited, Expired), (Invited, Declined), (Expired, Invited), (Live, Suspended), (Suspended, Live)];
        for from in P::ALL {
            for to in P::ALL {
                let forward = along.windows(2).any(|pair| pair == [from, to]);
                let hold = (to == OnHold && held.contains(&from)) || (from == OnHold && resumed.contains(&to));
                let leaves = to == Offboarded && ![Declined, Offboarded].contains(&from);
                let allowed = forward || hold || leaves || sides.contains(&(from, to));
                assert_eq!(from.may_become(to), allowed, "{from:?} -> {to:?}");
            }
            assert_eq!(from.is_final(), [Declined, Offboarded].contains(&from));
            assert_eq!(P::parse(from.as_str()), Ok(from));
        }
        assert!(P::parse("closed").is_err());
    }

    #[test]
    fn the_house_never_hands_in_or_declines_for_the_partner() {
        assert_eq!(T::Active.path(T::Submitted), None);
        assert_eq!(T::New.path(T::Completed), Some(vec![T::Active, T::Completed]));
        assert_eq!(T::Submitted.path(T::Active), Some(vec![T::Returned, T::Active]));
        assert_eq!(T::Completed.path(T::Cancelled), Some(vec![T::Returned, T::Cancelled]));
        assert_eq!(P::Identified.path(P::Live).map(|way| way.len()), Some(7));
        for from in T::ALL {
            for to in T::ALL {
                let mut at = from;
                for step in from.path(to).unwrap_or_default() {
                    assert!(at.may_become(step) && !at.is_handing_in(step));
                    at = step;
                }
            }
        }
        for from in P::ALL.into_iter().filter(|from| *from != P::Declined) {
            assert_eq!(from.path(P::Declined), None);
        }
    }
}
