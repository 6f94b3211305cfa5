//! The judge is judged first: mistakes planted into the journals of a pipeline that makes none. Each must be found as
//! what it is, where it is, and nothing else with it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod groups;
mod order;
mod reading;
mod statuses;
mod texts;
mod visibility;
mod volume;
mod world;

use checker::{Kind, Verdict};
use world::World;

/// Exactly this one was found: kind, case, act, journal.
fn only(verdict: &Verdict, kind: Kind, case: &str, act: &str, journal: &str) {
    let [finding] = &verdict.findings[..] else { panic!("not one finding:\n{verdict}") };
    assert_eq!(
        (finding.kind, finding.subject.as_str(), finding.act.as_str(), finding.place.journal.as_str()),
        (kind, case, act, journal),
        "{finding}"
    );
    assert!(finding.place.line > 0, "{finding}");
    assert!(!verdict.is_clean());
}

#[test]
fn a_pipeline_without_mistakes_has_none_found() {
    let verdict = World::ordinary().judged();
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!((verdict.acts, verdict.cases, verdict.canaries), (44, 4, 4));
    for kind in checker::KINDS {
        assert!(verdict.checked[&kind] > 0, "nothing was looked at for {}", kind.as_str());
    }
    let said = verdict.to_string();
    assert!(said.contains("lost       0 of ") && said.contains("95 %"), "{said}");
}

#[test]
fn nothing_at_all_is_not_called_clean() {
    assert!(!World::default().judged().is_clean());
}
