use super::rng::Rng;

/// What people do. `case` counts the cases that partners have opened, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    PartnerOpens,
    PartnerComments { case: usize },
    AgentComments { case: usize },
    AgentNotes { case: usize },
    AgentSets { case: usize, status: &'static str },
}

/// A small busy day: a few cases, everybody talking at once.
pub(super) fn day(rng: &mut Rng) -> Vec<(i64, Action)> {
    let mut actions = Vec::new();
    let cases = rng.between(1, 3) as usize;
    for _ in 0..cases {
        actions.push((rng.between(1, 3_000), Action::PartnerOpens));
    }
    for _ in 0..rng.between(4, 14) {
        let case = rng.between(0, cases as i64 - 1) as usize;
        let at = rng.between(3_000, 25_000);
        actions.push((
            at,
            match rng.between(0, 9) {
                0..=2 => Action::PartnerComments { case },
                3..=5 => Action::AgentComments { case },
                6 => Action::AgentNotes { case },
                7 => Action::AgentSets { case, status: "stalled" },
                8 => Action::AgentSets { case, status: "open" },
                _ => Action::AgentSets { case, status: "resolved" },
            },
        ));
        if rng.percent(25) {
            // Into the moment when our own write is under way.
            actions.push((at + rng.between(0, 900), Action::AgentSets { case, status: "open" }));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    actions
}
