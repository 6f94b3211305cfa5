//! What the community's webhooks say.

use super::State;
use super::wire::Change;
use crate::faults::HookFaults;
use crate::hooks::{Fate, Nudge, Source};

pub use crate::hooks::{HookOptions, QUEUE, sign};

pub(super) fn nudge(change: &Change) -> Nudge {
    let body = serde_json::json!({
        "type": "case.changed",
        "timestamp": change.occurred_at,
        "data": { "case_id": change.case_id, "change_id": change.id },
    });
    Nudge { id: format!("msg_{}", change.id), body }
}

impl Source for State {
    fn faults(&self, see: &mut dyn FnMut(&mut HookFaults)) {
        see(&mut Self::faults(self).hooks);
    }
    fn count(&self, fate: Fate) {
        let mut stats = self.stats();
        match fate {
            Fate::Sent => stats.hooks_sent += 1,
            Fate::Failed => stats.hooks_failed += 1,
            Fate::Dropped => stats.hooks_dropped += 1,
        }
    }
}
