use super::DocumentStatus::{self, *};
use proptest::prelude::*;

/// Written out by hand, apart from the table in the code.
const ALLOWED: [(DocumentStatus, &[DocumentStatus]); 15] = [
    (Uploaded, &[Scanning, Quarantined, Available, Superseded, Withdrawn]),
    (Scanning, &[Quarantined, Available, Superseded, Withdrawn]),
    (Quarantined, &[Superseded, Withdrawn, Archived]),
    (Available, &[Quarantined, UnderReview, Superseded, Withdrawn, Archived]),
    (
        UnderReview,
        &[Quarantined, Approved, ConditionallyApproved, Rejected, CorrectionRequested, Superseded, Withdrawn, Archived],
    ),
    (Approved, &[UnderReview, Expiring, Expired, Superseded, Withdrawn, Archived]),
    (ConditionallyApproved, &[UnderReview, Expiring, Expired, Superseded, Withdrawn, Archived]),
    (Rejected, &[UnderReview, Superseded, Withdrawn, Archived]),
    (CorrectionRequested, &[UnderReview, Superseded, Withdrawn, Archived]),
    (Expiring, &[Expired, Superseded, Withdrawn, Archived]),
    (Expired, &[Superseded, Withdrawn, Archived]),
    (Superseded, &[Archived]),
    (Withdrawn, &[Archived]),
    (Archived, &[Purged]),
    (Purged, &[]),
];

#[test]
fn every_transition_not_listed_is_refused() {
    for from in DocumentStatus::ALL {
        let (_, allowed) = ALLOWED.iter().find(|(status, _)| *status == from).unwrap();
        for to in DocumentStatus::ALL {
            assert_eq!(from.may_become(to), allowed.contains(&to), "{from:?} -> {to:?}");
        }
        assert_eq!(DocumentStatus::parse(from.as_str()), Ok(from));
    }
    assert!(DocumentStatus::parse("closed").is_err());
}

#[test]
fn every_decision_leads_to_a_status_that_only_a_review_reaches() {
    for word in super::super::DECISIONS {
        let status = DocumentStatus::of_decision(word).unwrap();
        assert!(status.is_decision());
        let before: Vec<_> = DocumentStatus::ALL.into_iter().filter(|from| from.may_become(status)).collect();
        assert_eq!(before, [UnderReview], "{word}");
    }
    assert_eq!(DocumentStatus::of_decision("approved"), None);
}

fn any() -> impl Strategy<Value = DocumentStatus> {
    prop::sample::select(DocumentStatus::ALL.to_vec())
}

proptest! {
    /// However a version is pushed about, it never leaves its life: what is over stays over, and what is offered was
    /// reviewed.
    #[test]
    fn no_row_of_attempts_leads_out_of_the_life(wishes in prop::collection::vec(any(), 0..40)) {
        let (mut at, mut over, mut decided) = (Uploaded, false, false);
        for wish in wishes {
            if at.may_become(wish) {
                at = wish;
            }
            decided |= at.is_decision();
            prop_assert!(!over || at.is_final(), "{at:?} after the end");
            prop_assert!(!at.is_offered() || decided);
            over |= at.is_final();
        }
    }

    /// A status of X never decides, replaces or expires a version by the way.
    #[test]
    fn a_path_takes_allowed_steps_alone_and_none_that_has_its_own_word(from in any(), to in any()) {
        let mut at = from;
        for step in from.path(to).unwrap_or_default() {
            prop_assert!(at.may_become(step) && !step.has_its_own_word());
            at = step;
        }
    }
}
