use super::{Action, Input, Memory, Rules};
use domain::{Command, Timestamp};

/// The sink of one partition, from its assignment until it is revoked or [`Action::Deposed`].
///
/// The host makes a new one for every assignment, with an owner that was never used before, feeds it every input in
/// the order it happens, and carries out the actions in order. Where an append fails it drops the partition and
/// starts again: nothing here is true before it was read back.
pub struct Partition<C> {
    rules: Rules,
    held: Vec<C>,
}

impl<C: Command + Clone> Partition<C> {
    pub fn new(rules: Rules) -> Self {
        Self { rules, held: Vec::new() }
    }

    pub fn step(&mut self, memory: &mut dyn Memory, now: Timestamp, input: Input<C>) -> Vec<Action<C>> {
        let _ = (&self.rules, &self.held, memory, now, input);
        Vec::new()
    }
}
