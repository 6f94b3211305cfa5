mod crash;
mod effect;
mod places;

use super::desk::Op;
use super::faults::{Lost, Sabotage};
use super::half::{Env, Event, Half};
use super::memory::SinkMemory;
use super::obey::{Obeys, Says};
use delivery::sink::{Action, Input, Memory as _, Partition, Rules};
use domain::outcome::FieldHash;
use domain::{Envelope, Outcome, Timestamp};
pub(super) use effect::Effect;
use places::Places;
use ports::{CallContext, CallError};
use std::time::Duration;

const GROUP: &str = "sink";
const CALL_TIMEOUT: i64 = 2_000;
const SETTLE: i64 = 1_000;
/// A request that is under way at its deadline may still be applied this much later.
const LATE: i64 = SETTLE / 3;

/// One process that owns, or thinks it owns, one partition of a sink.
#[derive(Debug)]
pub(super) struct Owner<C> {
    number: u32,
    name: String,
    rules: Partition<C>,
    memory: SinkMemory,
    places: Places,
    next_outcome: i64,
    next_command: i64,
    next_append_at: i64,
    /// The one moment that the host waits for, as the real one does.
    wake_at: Option<i64>,
    polling: bool,
    pub(super) alive: bool,
    pub(super) paused_until: i64,
}

impl<E: Says, C: Obeys> Half<E, C> {
    /// A new process takes the partition, whatever became of the one before.
    pub(super) fn start_sink(&mut self, env: &mut Env, partition: usize) {
        self.owner_count += 1;
        let number = self.owner_count;
        let name = format!("{}-{partition}-{number}", self.name);
        let lost = env.strikes(env.faults.cache_lost);
        let memory = self.saved[partition].clone().filter(|_| !lost);
        let mut memory = memory.unwrap_or_default();
        memory.sabotage = env.sabotage;
        let committed = self.commands.committed(GROUP, partition);
        let rewound = env.strikes(env.faults.rewound);
        let mut owner = Owner {
            number,
            rules: Partition::new(Rules {
                side: self.name,
                system: self.system.clone(),
                owner: name.clone(),
                call_timeout: CALL_TIMEOUT,
                settle: if env.sabotaged(Sabotage::NoSettleTime) { -CALL_TIMEOUT } else { SETTLE },
                backoff_base: 200,
                backoff_cap: 5_000,
                wait_after: 3_000,
                park_after: 36_000_000,
                second_looks: &[SETTLE, 3 * SETTLE],
                max_in_flight: 2,
                max_held: 2,
            }),
            name,
            places: Places::new(1 + number as usize % 2),
            next_outcome: memory.next_outcome(),
            memory,
            next_command: if rewound { env.rng.between(0, committed) } else { committed },
            next_append_at: env.now,
            wake_at: None,
            polling: false,
            alive: true,
            paused_until: 0,
        };
        let actions = owner.rules.step(&mut owner.memory, Timestamp(env.now), Input::Assigned);
        self.owners[partition].push(owner);
        self.carry_out(env, partition, number, actions);
    }

    pub(super) fn pause_sink(&mut self, env: &Env, partition: usize, until: i64) {
        if let Some(owner) = self.owners[partition].last_mut().filter(|owner| owner.alive) {
            owner.paused_until = until.max(env.now);
        }
    }

    pub(super) fn nudge_sinks(&mut self, env: &mut Env) {
        for (partition, owners) in self.owners.iter_mut().enumerate() {
            for owner in owners.iter_mut().filter(|owner| owner.alive && !owner.polling) {
                let work = self.outcomes.read(partition, owner.next_outcome).is_some()
                    || self.commands.read(partition, owner.next_command).is_some();
                if work {
                    owner.polling = true;
                    let at = (env.now + env.rng.between(1, 30)).max(owner.paused_until);
                    env.at(at, Event::SinkPoll(self.side, partition, owner.number));
                }
            }
        }
    }

    /// Some outcomes, then some commands.
    pub(super) fn poll_sink(&mut self, env: &mut Env, partition: usize, number: u32) {
        let Some(owner) = self.owners[partition].iter_mut().find(|o| o.number == number && o.alive) else { return };
        owner.polling = false;
        if owner.paused_until > env.now {
            return;
        }
        if env.rng.percent(20) {
            self.saved[partition] = Some(owner.memory.clone());
        }
        for _ in 0..env.rng.between(0, 3) {
            let Some(from) = self.owner(partition, number).map(|owner| owner.next_outcome) else { return };
            let Some((offset, outcome)) = self.outcomes.read(partition, from) else { break };
            let Some(owner) = self.owner(partition, number) else { return };
            owner.next_outcome = offset + 1;
            let foreign = matches!(&outcome.payload, Outcome::Barrier(b) if b.owner != owner.name);
            if foreign && env.sabotaged(Sabotage::BarrierIgnored) {
                continue;
            }
            self.tell_sink(env, partition, number, Input::Outcome { offset, outcome: Box::new((*outcome).clone()) });
        }
        for _ in 0..env.rng.between(0, 2) {
            let Some(from) = self.owner(partition, number).map(|owner| owner.next_command) else { return };
            let Some((offset, command)) = self.commands.read(partition, from) else { break };
            if let Some(owner) = self.owner(partition, number) {
                owner.next_command = offset + 1;
            }
            if env.sabotaged(Sabotage::OffsetBeforeOutcome) {
                self.commands.commit(GROUP, partition, offset + 1);
            }
            for _ in 0..1 + i32::from(env.faults.everything_twice) {
                let command = Box::new((*command).clone());
                self.tell_sink(env, partition, number, Input::Command { offset, command });
            }
        }
    }

    fn owner(&mut self, partition: usize, number: u32) -> Option<&mut Owner<C>> {
        self.owners[partition].iter_mut().find(|owner| owner.number == number && owner.alive)
    }

    pub(super) fn tell_sink(&mut self, env: &mut Env, partition: usize, number: u32, input: Input<C>) {
        let now = Timestamp(env.now);
        let Some(owner) = self.owner(partition, number) else { return };
        let actions = owner.rules.step(&mut owner.memory, now, input);
        self.carry_out(env, partition, number, actions);
    }

    pub(super) fn tick_sink(&mut self, env: &mut Env, partition: usize, number: u32) {
        let Some(owner) = self.owner(partition, number) else { return };
        if owner.paused_until > env.now {
            return env.at(owner.paused_until, Event::SinkTick(self.side, partition, number));
        }
        if owner.wake_at.is_some_and(|at| at <= env.now) {
            owner.wake_at = None;
            self.tell_sink(env, partition, number, Input::Tick);
        }
    }

    fn plan(&mut self, env: &mut Env, at: i64, effect: Effect<C>) {
        let token = env.number();
        self.effects.insert(token, effect);
        env.at(at, Event::SinkDo(self.side, token));
    }

    fn carry_out(&mut self, env: &mut Env, partition: usize, number: u32, actions: Vec<Action<C>>) {
        for action in actions {
            if let Some(point) = crash::point_of(&action)
                && env.dies(point)
            {
                return self.die(env, partition, number);
            }
            match action {
                Action::Append(outcome) => {
                    if let Outcome::Intent(intent) = &outcome.payload
                        && env.sabotaged(Sabotage::CallBeforeReadBack)
                        && let Some(command) = self.commands.at(partition, intent.command.offset)
                    {
                        let context = CallContext {
                            native_id: domain::NativeId::new(intent.native_id.clone()).ok(),
                            marker: intent.marker.clone(),
                            attempt: intent.attempt.unsigned_abs(),
                            not_after: intent.not_after,
                            timeout: Duration::from_millis(CALL_TIMEOUT.unsigned_abs()),
                            revision: None,
                        };
                        let arrive = Effect::Arrive(number, partition, Box::new((*command).clone()), context, false);
                        self.plan(env, env.now, arrive);
                    }
                    let delay = env.rng.between(1, 25);
                    let Some(owner) = self.owner(partition, number) else { return };
                    owner.next_append_at = owner.next_append_at.max(env.now + delay);
                    let at = owner.next_append_at;
                    self.plan(env, at, Effect::Append(number, partition, outcome));
                }
                Action::Call { command, context } => {
                    if env.strikes(env.faults.pause_at_socket) {
                        let until = env.now + env.rng.between(500, 9_000);
                        self.pause_sink(env, partition, until);
                        env.within(10, 1_500, Event::SinkStart(self.side, partition));
                    }
                    let at = env.now + env.rng.between(0, 10);
                    let effect = match self.desk.look(i64::MAX, &command.meta.id) {
                        ports::Look::Applied(applied) if env.sabotaged(Sabotage::CallBeforeReadBack) => {
                            Effect::Answer(number, partition, command.meta.id, context.attempt, Ok(applied))
                        }
                        ports::Look::Applied(_) | ports::Look::Absent | ports::Look::Undecidable { .. } => {
                            Effect::Socket(number, partition, command, context)
                        }
                    };
                    self.plan(env, at, effect);
                }
                Action::Look { command, context } => {
                    let at = env.now + env.rng.between(1, 50);
                    self.plan(env, at, Effect::Look(number, partition, command, context.attempt));
                }
                Action::AskPlace | Action::FreePlace => {
                    let asks = matches!(action, Action::AskPlace);
                    let Some(owner) = self.owner(partition, number) else { return };
                    if if asks { owner.places.ask() } else { owner.places.free() } {
                        self.plan(env, env.now, Effect::Place(number, partition));
                    }
                }
                Action::DeadLetter { .. } => self.dead_letters += 1,
                Action::LookTwice { command, .. } => {
                    let certain = env.rng.percent(80);
                    self.plan(env, env.now, Effect::LookTwice(number, partition, command, certain));
                }
                Action::Fetch { offset } => {
                    let at = env.now + env.rng.between(1, 10);
                    self.plan(env, at, Effect::Fetch(number, partition, offset));
                }
                Action::WakeAt(at) => {
                    let Some(owner) = self.owner(partition, number) else { return };
                    let at = owner.wake_at.map_or(at.0, |before| before.min(at.0));
                    owner.wake_at = Some(at);
                    env.at(at, Event::SinkTick(self.side, partition, number));
                }
                Action::Settled { next_offset } => {
                    // The group has one member for the partition: a replaced one is refused.
                    if self.owners[partition].last().is_some_and(|last| last.number == number) {
                        self.commands.commit(GROUP, partition, next_offset);
                    }
                }
                Action::Counted { .. } => {}
                Action::Deposed => {
                    // A barrier that was long under way: the group says the partition is ours, so we take it again.
                    if self.owners[partition].last().is_some_and(|last| last.number == number) {
                        env.within(10, 500, Event::SinkStart(self.side, partition));
                    }
                    if let Some(owner) = self.owner(partition, number) {
                        owner.alive = false;
                    }
                }
            }
        }
    }

    pub(super) fn do_effect(&mut self, env: &mut Env, token: u64) {
        let Some(effect) = self.effects.remove(&token) else { return };
        let (number, partition) = effect.owner();
        if !matches!(effect, Effect::Arrive(..)) {
            // A paused process does nothing; afterwards it goes on where it was.
            match self.owners[partition].iter().find(|owner| owner.number == number) {
                Some(owner) if owner.paused_until > env.now => {
                    let at = owner.paused_until;
                    self.effects.insert(token, effect);
                    env.at(at, Event::SinkDo(self.side, token));
                    return;
                }
                Some(owner) if owner.alive || matches!(effect, Effect::Append(..)) => {}
                _ => return,
            }
        }
        match effect {
            Effect::Append(_, _, outcome) => self.outcomes.append(partition, *outcome),
            Effect::Socket(_, _, command, context) => self.send(env, number, partition, command, context),
            Effect::Arrive(_, _, command, context, heard) => {
                self.arrive(env, number, partition, command, context, heard);
            }
            Effect::Answer(..) if env.dies("sink: call answered") => self.die(env, partition, number),
            Effect::Answer(_, _, command, attempt, result) => {
                self.tell_sink(env, partition, number, Input::Called { command, attempt, result });
            }
            Effect::Look(_, _, command, attempt) => {
                let id = command.meta.id;
                let result = if env.strikes(env.faults.look_fails) {
                    Err(CallError::NotApplied { reason: "search is down".to_owned(), retry_after: None })
                } else if env.sabotaged(Sabotage::NoLookBeforeRetry) {
                    Ok(ports::Look::Absent)
                } else {
                    Ok(self.desk.look(env.now, &id))
                };
                self.tell_sink(env, partition, number, Input::Looked { command: id, attempt, result });
            }
            Effect::LookTwice(_, _, command, certain) => {
                self.tell_sink(env, partition, number, Input::LookedTwice { command, certain });
            }
            Effect::Place(..) => self.tell_sink(env, partition, number, Input::Place),
            Effect::Fetch(_, _, offset) => {
                let command = self.commands.at(partition, offset).map(|command| Box::new((*command).clone()));
                self.tell_sink(env, partition, number, Input::Fetched { offset, command });
            }
        }
    }

    /// The request leaves; the network and the target do what they like.
    fn send(&mut self, env: &mut Env, number: u32, partition: usize, command: Box<Envelope<C>>, context: CallContext) {
        let (id, attempt, deadline) = (command.meta.id, context.attempt, context.not_after.0);
        let unknown = || Err(CallError::Unknown { reason: "no answer".to_owned() });
        let answer = |result| Effect::Answer(number, partition, id, attempt, result);
        let soon = env.now + env.rng.between(1, 300);
        let lost = env.faults.first_call_lost;
        let first = (env.faults.every_call_fails_once || lost.is_some()) && self.failed_once.insert(id);
        if first && let Some(lost) = lost {
            if lost == Lost::AfterApply {
                self.plan(env, soon, Effect::Arrive(number, partition, command, context, false));
            }
            self.plan(env, deadline, answer(unknown()));
        } else if first || env.strikes(env.faults.call_not_applied) {
            let retry_after = env.rng.percent(20).then(|| Duration::from_millis(1_500));
            let failed = CallError::NotApplied { reason: "try again".to_owned(), retry_after };
            self.plan(env, soon, answer(Err(failed)));
        } else if env.strikes(env.faults.call_refused) {
            self.refused.insert(id);
            let refused = CallError::Refused { reason: "no".to_owned(), detail: String::new() };
            self.plan(env, soon, answer(Err(refused)));
        } else if env.strikes(env.faults.call_lost_before) {
            self.plan(env, deadline, answer(unknown()));
        } else if env.strikes(env.faults.call_lost_after) {
            self.plan(env, soon, Effect::Arrive(number, partition, command, context, false));
            self.plan(env, deadline, answer(unknown()));
        } else if env.strikes(env.faults.call_applied_late) {
            self.plan(env, deadline + LATE, Effect::Arrive(number, partition, command, context, false));
            self.plan(env, deadline, answer(unknown()));
        } else {
            self.plan(env, soon, Effect::Arrive(number, partition, command, context, true));
        }
    }

    fn arrive(
        &mut self,
        env: &mut Env,
        number: u32,
        partition: usize,
        command: Box<Envelope<C>>,
        context: CallContext,
        heard: bool,
    ) {
        let id = command.meta.id;
        let lag = env.rng.between(0, env.faults.search_lag);
        if env.now > context.not_after.0 + LATE && !self.desk.refuses_stale {
            self.tainted.insert(id);
        }
        let op = C::op(&command);
        let result = match &mut self.office {
            None => self.desk.call(env.now, id, op, &context, lag, None),
            Some(office) => {
                // The desk has words for messages and statuses only; what else sets a field is known by its hash.
                let written = command.payload.fields().into_iter().next();
                let op = match (op, written) {
                    (Op::Comment { .. }, Some((field, hash))) => Op::Written(FieldHash { field, hash }),
                    (op, _) => op,
                };
                let mut judge = |native: &str| office.obey(native, &command);
                self.desk.call(env.now, id, op, &context, lag, Some(&mut judge))
            }
        };
        if heard {
            let at = env.now + env.rng.between(1, 300);
            let result = if at > context.not_after.0 {
                Err(CallError::Unknown { reason: "too late".to_owned() })
            } else {
                result
            };
            self.plan(env, at, Effect::Answer(number, partition, id, context.attempt, result));
        }
    }

    /// Open commands, as the newest owner knows them.
    pub(super) fn open_commands(&self) -> usize {
        self.owners.iter().filter_map(|owners| owners.last()).map(|owner| owner.memory.open().len()).sum()
    }
}
