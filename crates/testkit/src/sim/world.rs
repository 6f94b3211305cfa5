use super::checker::{self, Violation};
use super::desk::Op;
use super::faults::{Faults, Sabotage};
use super::half::{Env, Event, Half, SideId};
use super::log::PARTITIONS;
use super::mapping::Mapping;
use super::people::{self, Action};
use super::rng::Rng;
use super::script::{Next, People, Said, Stage};
use super::tracker::{self, TrackerHost};
use super::transform::TransformHost;
use domain::{InternalCommand, InternalEvent, PartnerCommand, PartnerEvent, PartnerId, Subject};
use std::collections::BTreeMap;

const STEPS: usize = 60_000;

/// One run.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    pub faults: Faults,
    pub sabotage: Option<Sabotage>,
    /// What people do and when, in milliseconds; empty lets the seed decide.
    pub actions: Vec<(i64, Action)>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Report {
    pub violations: Vec<Violation>,
    pub steps: usize,
    /// Effects at both systems that were ours.
    pub effects: usize,
    /// Calls that fell into the one window.
    pub zombie_calls: usize,
    /// Deaths of a process by the point where it was.
    pub crashes: BTreeMap<&'static str, usize>,
}

pub(super) struct World<'a> {
    pub(super) env: Env,
    pub(super) partner: Half<PartnerEvent, PartnerCommand>,
    pub(super) internal: Half<InternalEvent, InternalCommand>,
    from_partner: TransformHost<InternalCommand, PartnerCommand>,
    from_internal: TransformHost<PartnerCommand, InternalCommand>,
    tracker: TrackerHost,
    actions: Vec<(i64, Action)>,
    told: usize,
    people: Option<&'a mut dyn People>,
}

/// Runs one seed to rest and has the result checked.
pub fn run(setup: Setup, mapping: &dyn Mapping) -> Report {
    let mut rng = Rng::new(setup.seed);
    let (partner, internal) = sides(&mut rng);
    let actions = if setup.actions.is_empty() { people::day(&mut rng) } else { setup.actions };
    let mut world = World::new(Env::new(rng, setup.faults, setup.sabotage), partner, internal, actions, None);
    let steps = world.go(mapping);
    let violations = checker::check(&world.partner, &world.internal);
    world.report(steps, violations)
}

/// Plays a scenario to rest. What is checked here holds for any scenario; its own expectations are its own to check.
pub fn play(seed: u64, faults: Faults, mapping: &dyn Mapping, stage: Stage<'_>) -> Report {
    let mut rng = Rng::new(seed);
    let (mut partner, mut internal) = sides(&mut rng);
    partner.office = Some(stage.community);
    internal.office = Some(stage.internal);
    let mut world = World::new(Env::new(rng, faults, None), partner, internal, Vec::new(), Some(stage.people));
    world.env.at(0, Event::Act(0));
    let steps = world.go(mapping);
    let violations = checker::check_delivery(&world.partner, &world.internal);
    world.report(steps, violations)
}

type Sides = (Half<PartnerEvent, PartnerCommand>, Half<InternalEvent, InternalCommand>);

fn sides(rng: &mut Rng) -> Sides {
    let mut partner = Half::new(SideId::Partner, "partner", "tg", "C");
    let mut internal = Half::new(SideId::Internal, "internal", "rt", "T");
    partner.desk.refuses_stale = rng.percent(50);
    internal.desk.refuses_stale = rng.percent(50);
    partner.desk.shows_markers = rng.percent(50);
    internal.desk.shows_markers = rng.percent(50);
    internal.desk.shows_subject = rng.percent(50);
    internal.desk.names_users = rng.percent(50);
    (partner, internal)
}

impl<'a> World<'a> {
    fn new(
        env: Env,
        partner: Half<PartnerEvent, PartnerCommand>,
        internal: Half<InternalEvent, InternalCommand>,
        actions: Vec<(i64, Action)>,
        people: Option<&'a mut dyn People>,
    ) -> Self {
        Self {
            env,
            partner,
            internal,
            from_partner: TransformHost::new(SideId::Partner),
            from_internal: TransformHost::new(SideId::Internal),
            tracker: TrackerHost::default(),
            actions,
            told: 0,
            people,
        }
    }

    fn report(&self, steps: usize, mut violations: Vec<Violation>) -> Report {
        if std::env::var("CAUSEWAY_TRACE").is_ok() {
            self.print();
        }
        if steps >= STEPS {
            violations.push(Violation::Restless);
        }
        let repeats = self.tracker.repeats.iter().cloned();
        violations.extend(repeats.map(|what| Violation::SaidTwice { what }));
        assert!(tracker::copies_agree(&self.partner, &self.internal), "one topic, two contents");
        let ours = |history: &[super::desk::Change]| history.iter().filter(|change| change.command.is_some()).count();
        Report {
            violations,
            steps,
            effects: ours(&self.partner.desk.history) + ours(&self.internal.desk.history),
            zombie_calls: self.partner.tainted.len() + self.internal.tainted.len(),
            crashes: self.env.crashes.clone(),
        }
    }

    fn print(&self) {
        for c in &self.partner.desk.history {
            println!("tg {c:?}");
        }
        for c in &self.internal.desk.history {
            println!("rt {c:?}");
        }
        for e in self.internal.events.all() {
            println!("ie {} {:?} {:?}", e.meta.recorded_at.0, e.meta.subject, e.payload);
        }
        for e in self.partner.events.all() {
            println!("pe {} {:?} {:?}", e.meta.recorded_at.0, e.meta.subject, e.payload);
        }
        for (n, o) in [("io", &self.internal.outcomes), ("po", &self.partner.outcomes)] {
            for e in o.all() {
                println!("{n} {} {:?} {:?}", e.meta.occurred_at.0, e.meta.subject, e.payload);
            }
        }
        println!("tainted {:?} {:?}", self.partner.tainted, self.internal.tainted);
    }

    fn go(&mut self, mapping: &dyn Mapping) -> usize {
        for (number, (at, _)) in self.actions.iter().enumerate() {
            self.env.at(*at, Event::Act(number));
        }
        for _ in 0..self.env.faults.incidents {
            let until = self.env.faults.until;
            self.env.within(1_000, until.max(1_001), Event::Incident);
        }
        for partition in 0..PARTITIONS {
            self.env.at(0, Event::SinkStart(SideId::Partner, partition));
            self.env.at(0, Event::SinkStart(SideId::Internal, partition));
        }
        let mut steps = 0;
        while steps < STEPS
            && let Some(event) = self.env.pop()
        {
            steps += 1;
            self.happen(event, mapping);
            self.tracker.nudge(&mut self.env, &self.partner, &self.internal, &mapping.timers());
            self.partner.nudge_ingest(&mut self.env);
            self.internal.nudge_ingest(&mut self.env);
            self.from_partner.nudge(&mut self.env, &self.partner);
            self.from_internal.nudge(&mut self.env, &self.internal);
            self.partner.nudge_sinks(&mut self.env);
            self.internal.nudge_sinks(&mut self.env);
        }
        steps
    }

    fn happen(&mut self, event: Event, mapping: &dyn Mapping) {
        let env = &mut self.env;
        match event {
            Event::Act(number) => self.act(number),
            Event::Incident => self.incident(),
            Event::Ingest(SideId::Partner, g) if g == self.partner.ingest.generation => self.partner.step_ingest(env),
            Event::Ingest(SideId::Internal, g) if g == self.internal.ingest.generation => {
                self.internal.step_ingest(env);
            }
            Event::Transform(SideId::Partner, g) if g == self.from_partner.generation => {
                self.from_partner.read(env, &self.partner, |fact, cause| mapping.partner(fact, cause));
            }
            Event::Transform(SideId::Internal, g) if g == self.from_internal.generation => {
                self.from_internal.read(env, &self.internal, |fact, cause| mapping.internal(fact, cause));
            }
            Event::TransformCommit(SideId::Partner, g) if g == self.from_partner.generation => {
                self.from_partner.commit(env, &mut self.partner, &mut self.internal);
            }
            Event::TransformCommit(SideId::Internal, g) if g == self.from_internal.generation => {
                self.from_internal.commit(env, &mut self.internal, &mut self.partner);
            }
            Event::TransformTick(SideId::Partner, g) if g == self.from_partner.generation => {
                self.from_partner.tick(env);
            }
            Event::TransformTick(SideId::Internal, g) if g == self.from_internal.generation => {
                self.from_internal.tick(env);
            }
            // Of a process that is no more.
            Event::Ingest(..) | Event::Transform(..) | Event::TransformCommit(..) | Event::TransformTick(..) => {}
            Event::SinkPoll(SideId::Partner, p, o) => self.partner.poll_sink(env, p, o),
            Event::SinkPoll(SideId::Internal, p, o) => self.internal.poll_sink(env, p, o),
            Event::SinkTick(SideId::Partner, p, o) => self.partner.tick_sink(env, p, o),
            Event::SinkTick(SideId::Internal, p, o) => self.internal.tick_sink(env, p, o),
            Event::SinkDo(SideId::Partner, token) => self.partner.do_effect(env, token),
            Event::SinkDo(SideId::Internal, token) => self.internal.do_effect(env, token),
            Event::SinkStart(SideId::Partner, p) => self.partner.start_sink(env, p),
            Event::SinkStart(SideId::Internal, p) => self.internal.start_sink(env, p),
            Event::Track => self.tracker.say(env, &mut self.partner, &mut self.internal, &mapping.timers()),
        }
    }

    /// Somebody does something. Agents act on the record of the case; while there is none they come back.
    fn act(&mut self, number: usize) {
        if self.people.is_some() {
            self.follow_script();
            return;
        }
        let (at, action) = self.actions[number].clone();
        let now = self.env.now;
        let text = format!("<text {number}>");
        let agent = |case: usize| {
            let subject = self.subject(case)?;
            self.internal.desk.records.iter().position(|record| record.subject.as_ref() == Some(&subject))
        };
        let (record, op) = match &action {
            Action::PartnerOpens => {
                let partner = PartnerId::new(format!("P{number}")).ok();
                let subject = Subject::try_from("case/tg/unused".to_owned()).expect("a fixed subject");
                let op = Op::Create { subject, partner: partner.clone(), text };
                self.partner.desk.act(now, None, op);
                return;
            }
            Action::PartnerComments { case } => {
                if *case < self.partner.desk.records.len() {
                    self.partner.desk.act(now, Some(*case), Op::Comment { text, public: true });
                }
                return;
            }
            Action::AgentComments { case } => (agent(*case), Op::Comment { text, public: true }),
            Action::AgentNotes { case } => (agent(*case), Op::Comment { text, public: false }),
            Action::AgentSets { case, status } => {
                (agent(*case), Op::Status { to: (*status).to_owned(), only_if: None })
            }
        };
        match record {
            Some(record) => {
                self.internal.desk.act(now, Some(record), op);
                self.told += 1;
            }
            None if now < at + 60_000 => self.env.at(now + 700, Event::Act(number)),
            None => {}
        }
    }

    fn follow_script(&mut self) {
        let now = self.env.now;
        match self.people.as_mut().map(|people| people.next(now)) {
            Some(Next::Do(native, told)) => {
                let desk = match told.said {
                    Said::Partner(_) => &mut self.partner.desk,
                    Said::Internal(_) => &mut self.internal.desk,
                };
                let record = native.as_deref().and_then(|native| desk.find(native));
                desk.act(now, record, Op::Told(told.into()));
                self.env.within(1, 600, Event::Act(0));
            }
            Some(Next::Later) => self.env.within(100, 300, Event::Act(0)),
            Some(Next::At(at)) => self.env.at(at, Event::Act(0)),
            // Nobody is there to be reminded: what would be due in weeks is not waited for.
            Some(Next::Over) | None => self.tracker.stop(),
        }
    }

    fn subject(&self, case: usize) -> Option<Subject> {
        let record = self.partner.desk.records.get(case)?;
        Some(record.own(&self.partner.system))
    }

    fn incident(&mut self) {
        let env = &mut self.env;
        let partition = env.rng.between(0, PARTITIONS as i64 - 1) as usize;
        let partner = env.rng.percent(50);
        let side = if partner { SideId::Partner } else { SideId::Internal };
        match env.rng.between(0, 9) {
            0..=2 => {
                if partner {
                    self.partner.crash_sink(env, partition);
                } else {
                    self.internal.crash_sink(env, partition);
                }
                env.within(10, 2_000, Event::SinkStart(side, partition));
            }
            3..=5 => {
                let until = env.now + env.rng.between(300, 9_000);
                if partner {
                    self.partner.pause_sink(env, partition, until);
                } else {
                    self.internal.pause_sink(env, partition, until);
                }
                env.within(10, 1_500, Event::SinkStart(side, partition));
            }
            6 => {
                let lost = env.rng.percent(env.faults.cache_lost);
                if partner { self.partner.ingest.crash(lost) } else { self.internal.ingest.crash(lost) }
            }
            7 | 8 => {
                let rewound = env.rng.percent(env.faults.rewound);
                if partner {
                    self.from_partner.crash();
                    if rewound {
                        TransformHost::<InternalCommand, PartnerCommand>::rewind(env, &mut self.partner);
                    }
                } else {
                    self.from_internal.crash();
                    if rewound {
                        TransformHost::<PartnerCommand, InternalCommand>::rewind(env, &mut self.internal);
                    }
                }
            }
            _ if partner => self.from_partner.revoke(env, &self.partner),
            _ => self.from_internal.revoke(env, &self.internal),
        }
    }
}
