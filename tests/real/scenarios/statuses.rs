//! A status that an administrator gave Request Tracker and nobody the bundle.

use crate::bad_input::servers::RequestTracker;
use crate::stack::{Stack, project};
use std::sync::Arc;
use testkit::scenario::{Act, Agent, Level, Scenario};

/// The first status of the scenario that the starter bundle lacks.
pub fn unknown(scenario: &Scenario) -> Option<String> {
    let table = std::fs::read_to_string(project().join("deploy/bundles/rt/statuses.csv")).unwrap();
    let known = |status: &str| table.lines().any(|line| line.split(',').next() == Some(status));
    let of = |act: &Agent| {
        let Agent::SetsStatus { to, .. } = act else { return None };
        (!known(to)).then(|| to.clone())
    };
    scenario.steps.iter().find_map(|step| match &step.act {
        Act::Agent(Agent::AtTask { act, .. }) => of(act),
        Act::Agent(act) => of(act),
        Act::Partner(_) | Act::Time { .. } => None,
    })
}

pub async fn test(stack: Arc<Stack>) {
    let chosen = super::chosen(|scenario| scenario.runs_at(Level::Real) && unknown(scenario).is_some());
    let Some(status) = chosen.iter().find_map(unknown) else { return };
    assert!(chosen.iter().all(|scenario| unknown(scenario).as_ref() == Some(&status)), "one such status is enough");
    let _restored = RequestTracker::of(&stack).with_status(&status, None);
    super::play(&stack, chosen, super::AT_ONCE).await;
}
