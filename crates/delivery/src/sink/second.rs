//! The second look: a create whose caller gave up may still take effect after a look has found nothing, and the next
//! attempt then makes another record. No client can prevent that at a target that does not refuse stale calls; it can
//! look again later. Not on the log: it changes nothing there, and a rebuilt cache merely looks once more.

use super::partition::{Partition, Step};
use super::{Action, Memory};
use domain::{Command, MessageId, Subject, Timestamp};
use serde::{Deserialize, Serialize};

/// A look that could not be made is made again after this, in milliseconds.
const AGAIN: i64 = 60_000;
/// Of records made longer ago than this nobody asks any more: what is left of a rebuilt cache.
const PAST: i64 = 24 * 3_600_000;

/// A record that took more than one attempt to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondLook {
    pub subject: Subject,
    /// Of the command that made it.
    pub offset: i64,
    pub made_at: Timestamp,
    /// Looks made so far.
    pub made: usize,
}

impl<C: Command + Clone> Partition<C> {
    /// After a restore, and whenever a record was made.
    pub(super) fn plan_second_looks(&mut self, step: &mut Step<'_, C>) {
        for (id, look) in step.memory.second_looks() {
            self.plan(step, id, &look);
        }
    }

    fn plan(&mut self, step: &mut Step<'_, C>, id: MessageId, look: &SecondLook) {
        match self.rules.second_looks.get(look.made) {
            Some(after) if step.now.millis_since(look.made_at) < PAST => {
                self.seconds.insert((look.made_at.plus_millis(*after), id));
            }
            Some(_) | None => step.memory.set_second_look(&id, None),
        }
    }

    pub(super) fn look_twice(&mut self, step: &mut Step<'_, C>) {
        while let Some((at, id)) = self.seconds.first().copied()
            && at <= step.now
        {
            self.seconds.pop_first();
            let Some(look) = find(step.memory, &id) else { continue };
            let Some(native_id) = self.native_id(step.memory, &look.subject) else { continue };
            step.actions.push(Action::LookTwice { command: id, offset: look.offset, native_id });
        }
    }

    pub(super) fn looked_twice(&mut self, step: &mut Step<'_, C>, id: MessageId, certain: bool) {
        let Some(mut look) = find(step.memory, &id) else { return };
        if certain {
            look.made += 1;
            step.memory.set_second_look(&id, Some(&look));
            self.plan(step, id, &look);
        } else {
            self.seconds.insert((step.now.plus_millis(AGAIN), id));
        }
    }
}

fn find(memory: &dyn Memory, id: &MessageId) -> Option<SecondLook> {
    memory.second_looks().into_iter().find_map(|(of, look)| (of == *id).then_some(look))
}
