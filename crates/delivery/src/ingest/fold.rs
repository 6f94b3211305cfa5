use super::{Memory, OpenCommand};
use crate::sink::is_stale;
use domain::{Envelope, NativeId, Outcome};

/// Takes one outcome of ingest's own system into memory. Total: odd history changes nothing it should not.
pub fn fold(memory: &mut dyn Memory, partition: i32, offset: i64, outcome: &Envelope<Outcome>) {
    if offset < memory.next_outcome(partition) {
        return;
    }
    let meta = &outcome.meta;
    match &outcome.payload {
        Outcome::Barrier(barrier) => memory.set_barrier(partition, &barrier.owner),
        // Written by an owner that had been replaced: its late intent is never called, its late word closes nothing.
        payload if is_stale(memory.barrier(partition).as_deref(), meta, payload) => {}
        Outcome::Intent(intent) => {
            memory.add_command(&intent.command.id);
            memory.set_open(&OpenCommand {
                id: intent.command.id,
                subject: meta.subject.clone(),
                creates: intent.native_id.is_empty(),
                native_id: intent.native_id.clone(),
                fields: intent.fields.clone(),
                in_doubt: false,
            });
        }
        Outcome::Doubt(doubt) => {
            if let Some(open) = memory.open_commands().into_iter().find(|open| open.id == doubt.command.id) {
                memory.set_open(&OpenCommand { in_doubt: true, ..open });
            }
        }
        Outcome::Done(done) => {
            memory.add_command(&done.command.id);
            if let Ok(native) = NativeId::new(done.native_id.clone()) {
                for effect in &done.effects {
                    memory.add_effect(&native, effect);
                }
                if done.created && memory.bond(&native).is_none() {
                    memory.set_bond(&native, &meta.subject, meta.partner_id.as_ref());
                }
            }
            memory.close(&done.command.id);
        }
        Outcome::NotApplied(o) => memory.close(&o.command.id),
        Outcome::Refused(o) => memory.close(&o.command.id),
        Outcome::Skipped(o) => memory.close(&o.command.id),
        Outcome::Superseded(o) => memory.close(&o.command.id),
        // What waits for a person must not hold changes for ever. A doubtful field stays: it holds nothing.
        Outcome::Parked(o) => {
            if memory.open_commands().iter().any(|open| open.id == o.command.id && open.fields.is_empty()) {
                memory.close(&o.command.id);
            }
        }
        Outcome::Waiting(_) => {}
    }
    memory.set_next_outcome(partition, offset.saturating_add(1));
}
