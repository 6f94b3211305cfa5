//! The rules' memories, in memory. A clone is a snapshot as of its next outcome.

use super::faults::Sabotage;
use delivery::ingest::{self, OpenCommand};
use delivery::sink::{self, Bond, Remembered, SecondLook, SetBy};
use domain::{MessageId, NativeId, PartnerId, Subject};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub(super) struct SinkMemory {
    next: i64,
    barrier: Option<String>,
    bonds: BTreeMap<Subject, Bond>,
    commands: BTreeMap<MessageId, (Subject, Remembered)>,
    second_looks: BTreeMap<MessageId, SecondLook>,
    watermarks: BTreeMap<(Subject, String, String), SetBy>,
    pub(super) sabotage: Option<Sabotage>,
}

impl sink::Memory for SinkMemory {
    fn next_outcome(&self) -> i64 {
        self.next
    }
    fn set_next_outcome(&mut self, offset: i64) {
        self.next = offset;
    }
    fn barrier(&self) -> Option<String> {
        self.barrier.clone()
    }
    fn set_barrier(&mut self, owner: &str) {
        self.barrier = Some(owner.to_owned());
        if self.sabotage == Some(Sabotage::DedupeOff) {
            self.commands.retain(|_, (_, remembered)| !remembered.state.is_final());
        }
    }
    fn bond(&self, subject: &Subject) -> Option<Bond> {
        self.bonds.get(subject).cloned()
    }
    fn set_bond(&mut self, subject: &Subject, bond: &Bond) {
        self.bonds.insert(subject.clone(), bond.clone());
    }
    fn command(&self, _: &Subject, id: &MessageId) -> Option<Remembered> {
        self.commands.get(id).map(|(_, r)| r.clone())
    }
    fn set_command(&mut self, id: &MessageId, subject: &Subject, remembered: &Remembered) {
        self.commands.insert(*id, (subject.clone(), remembered.clone()));
    }
    fn watermark(&self, subject: &Subject, field: &str, topic: &str) -> Option<SetBy> {
        self.watermarks.get(&(subject.clone(), field.to_owned(), topic.to_owned())).cloned()
    }
    fn set_watermark(&mut self, subject: &Subject, field: &str, set_by: &SetBy) {
        let key = (subject.clone(), field.to_owned(), set_by.cause.topic.clone());
        self.watermarks.insert(key, set_by.clone());
    }
    fn second_looks(&self) -> Vec<(MessageId, SecondLook)> {
        self.second_looks.iter().map(|(id, look)| (*id, look.clone())).collect()
    }
    fn set_second_look(&mut self, id: &MessageId, look: Option<&SecondLook>) {
        match look {
            Some(look) => drop(self.second_looks.insert(*id, look.clone())),
            None => drop(self.second_looks.remove(id)),
        }
    }
    fn open(&self) -> Vec<(MessageId, Subject, Remembered)> {
        let open = self.commands.iter().filter(|(_, (_, r))| !r.state.is_final());
        let mut open: Vec<_> = open.map(|(id, (s, r))| (*id, s.clone(), r.clone())).collect();
        open.sort_by_key(|(_, _, r)| r.offset);
        open
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct IngestMemory {
    next: BTreeMap<i32, i64>,
    barriers: BTreeMap<i32, String>,
    bonds: BTreeMap<NativeId, (Subject, Option<PartnerId>)>,
    effects: BTreeSet<(NativeId, String)>,
    commands: BTreeSet<MessageId>,
    open: BTreeMap<MessageId, OpenCommand>,
    pub(super) sabotage: Option<Sabotage>,
}

impl ingest::Memory for IngestMemory {
    fn next_outcome(&self, partition: i32) -> i64 {
        self.next.get(&partition).copied().unwrap_or(0)
    }
    fn set_next_outcome(&mut self, partition: i32, offset: i64) {
        self.next.insert(partition, offset);
    }
    fn barrier(&self, partition: i32) -> Option<String> {
        self.barriers.get(&partition).cloned()
    }
    fn set_barrier(&mut self, partition: i32, owner: &str) {
        self.barriers.insert(partition, owner.to_owned());
    }
    fn bond(&self, native: &NativeId) -> Option<(Subject, Option<PartnerId>)> {
        self.bonds.get(native).cloned()
    }
    fn set_bond(&mut self, native: &NativeId, subject: &Subject, partner: Option<&PartnerId>) {
        self.bonds.insert(native.clone(), (subject.clone(), partner.cloned()));
    }
    fn is_effect(&self, native: &NativeId, effect: &str) -> bool {
        self.sabotage != Some(Sabotage::EchoCheckOff) && self.effects.contains(&(native.clone(), effect.to_owned()))
    }
    fn add_effect(&mut self, native: &NativeId, effect: &str) {
        self.effects.insert((native.clone(), effect.to_owned()));
    }
    fn knows_command(&self, id: &MessageId) -> bool {
        self.sabotage != Some(Sabotage::EchoCheckOff) && self.commands.contains(id)
    }
    fn add_command(&mut self, id: &MessageId) {
        self.commands.insert(*id);
    }
    fn open_commands(&self) -> Vec<OpenCommand> {
        let mut open: Vec<_> = self.open.values().cloned().collect();
        if self.sabotage == Some(Sabotage::EqualValueIsAlwaysOurs) {
            open.iter_mut().for_each(|command| command.in_doubt = true);
        }
        open
    }
    fn set_open(&mut self, command: &OpenCommand) {
        self.open.insert(command.id, command.clone());
    }
    fn close(&mut self, id: &MessageId) {
        self.open.remove(id);
    }
}
