//! What the webhooks say: that a ticket changed, and no word of how.

use super::Server;
use super::store::Written;
use crate::faults::HookFaults;
use crate::hooks::{Fate, Nudge, Source};

/// One for all that a request changed.
pub fn nudge(written: &Written) -> Option<Nudge> {
    let newest = written.changes.last()?;
    let body = serde_json::json!({
        "type": "ticket.changed",
        "timestamp": newest.at,
        "data": { "ticket_id": written.ticket_id, "change_id": newest.id },
    });
    Some(Nudge { id: format!("msg_{}", newest.id), body })
}

impl Source for Server {
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
