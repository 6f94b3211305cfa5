//! Both systems of a scenario, and what the mapping did with what they said.

mod outward;

use super::community::{Community, Refused};
use super::tickets::Tickets;
use super::{Act, Agent, CANARY, Partner, View, sentinel};
use crate::sim::{Said, Told};
use domain::document::PartnerCommand as Publishes;
use domain::onboarding::PartnerCommand as OpensSpace;
use domain::{
    Actor, Command as _, Envelope, Environment, InternalCommand, NativeId, PartnerCommand, PartnerEvent, PartnerId,
    Side, Subject, SubjectKind, SystemId, UseCase,
};
use ports::CallError;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) fn community_id() -> SystemId {
    SystemId::new("tg").expect("a fixed system id")
}

pub(super) fn internal_id() -> SystemId {
    SystemId::new("rt").expect("a fixed system id")
}

/// The community, the case system, and what was seen on the way.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    pub(super) community: Community,
    pub(super) tickets: Tickets,
    /// Reasons of holds, by subject, without repeats of the same fact.
    pub(super) held: BTreeMap<Subject, BTreeMap<String, String>>,
    pub(super) skipped: BTreeMap<Subject, BTreeSet<&'static str>>,
    pub(super) kinds: BTreeSet<&'static str>,
    pub(super) leaks: BTreeSet<String>,
    /// What the case system says by itself, still to be told.
    pub(super) computed: VecDeque<Acted>,
    /// Partners of what began in the case system.
    pub(super) begun: BTreeMap<Subject, PartnerId>,
}

/// A person's act: the record it is about (`None` makes one) and what the feed tells.
pub(super) type Acted = (Option<String>, Told);

/// What came of a person's will to act.
pub(super) enum Acting {
    Acted(Box<Acted>),
    /// It happened, and no feed tells of it.
    Silent,
    /// The record to act on is not there yet.
    NotYet,
}

/// What a name of a scenario stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// By position.
    Case(usize),
    /// An agent's own ticket, by id.
    Own(String),
    /// A programme of the case system, by the id of its ticket.
    Programme(String),
    /// A document of the house's own, by the id of its ticket.
    Document(String),
}

impl Systems {
    pub(super) fn subject(&self, thing: &Thing) -> Subject {
        let (kind, system, id) = match thing {
            Thing::Case(at) => {
                let record = &self.community.cases[*at];
                (record.kind(), community_id(), record.id())
            }
            Thing::Own(id) => (SubjectKind::Case, internal_id(), id.as_str()),
            Thing::Programme(id) => (SubjectKind::Onboarding, internal_id(), id.as_str()),
            Thing::Document(id) => (SubjectKind::Document, internal_id(), id.as_str()),
        };
        Subject::new(kind, &system, &NativeId::new(id).expect("a short name"))
    }

    /// Partner and agent alike.
    pub(super) fn act(&mut self, thing: &Thing, act: &Act) -> Result<Acting, Refused> {
        match (act, thing) {
            (Act::Partner(act), Thing::Case(_) | Thing::Programme(_) | Thing::Document(_)) => {
                let subject = self.subject(thing);
                let at = match thing {
                    Thing::Case(at) => Some(*at),
                    Thing::Programme(_) | Thing::Document(_) | Thing::Own(_) => self.community.space_of(&subject),
                };
                let Some(at) = at else { return Ok(Acting::NotYet) };
                let case = &mut self.community.cases[at];
                let before = case.status();
                let Some(event) = case.act(act)? else { return Ok(Acting::Silent) };
                let status = (case.status() != before).then(|| case.status().to_owned());
                let told = by_partner(case.partner(), subject, event, status);
                Ok(Acting::Acted(Box::new((Some(case.id().to_owned()), told))))
            }
            (Act::Agent(act), Thing::Document(id)) => Ok(self.by_agent_outward(id, thing, act)),
            (Act::Agent(act), thing) => {
                let subject = self.subject(thing);
                let id = match thing {
                    Thing::Own(id) | Thing::Programme(id) | Thing::Document(id) => Some(id.clone()),
                    Thing::Case(_) => self.tickets.of(&subject).next().map(|ticket| ticket.id.clone()),
                };
                let Some(id) = id else { return Ok(Acting::NotYet) };
                let told = self.by_agent(&id, subject.clone(), act);
                if let Some((event, visibility)) = self.tickets.computes(&id) {
                    let told = Told { said: Said::Internal(event), status: None, visibility, ..told.clone() };
                    self.computed.push_back((Some(id.clone()), told));
                }
                Ok(Acting::Acted(Box::new((Some(id), told))))
            }
            (Act::Partner(_), Thing::Own(_)) => Err(Refused),
            // Nobody acts.
            (Act::Time { .. }, _) => Ok(Acting::Silent),
        }
    }

    /// An agent puts the ticket of one case into that of another one, whoever's that is.
    pub(super) fn merge(&mut self, thing: &Thing, into: &Thing) -> Acting {
        let (subject, other) = (self.subject(thing), self.subject(into));
        let id_of = |subject: &Subject| self.tickets.of(subject).next().map(|ticket| ticket.id.clone());
        let (Some(id), Some(into_id), Thing::Case(at)) = (id_of(&subject), id_of(&other), into) else {
            return Acting::NotYet;
        };
        let whose = self.community.cases[*at].partner().to_owned();
        let event = self.tickets.merge(&id, &into_id, &whose);
        let told = Told {
            said: Said::Internal(event),
            status: None,
            subject: Some(subject),
            partner: None,
            actor: Actor { id: format!("agent1 {CANARY}"), side: Side::Internal },
            visibility: domain::Visibility::Host,
            environment: Environment::Production,
            ext: BTreeMap::new(),
        };
        Acting::Acted(Box::new((Some(id), told)))
    }

    fn by_agent(&mut self, id: &str, subject: Subject, act: &Agent) -> Told {
        let status = |systems: &Self| {
            systems.tickets.tickets.iter().find(|t| t.id == id).map(|t| (t.status.clone(), t.extras()))
        };
        let (before, _) = status(self).unwrap_or_default();
        let (event, visibility) = self.tickets.act(id, act);
        let (after, ext) = status(self).unwrap_or_default();
        Told {
            said: Said::Internal(event),
            status: (after != before).then_some(after),
            partner: self.begun.get(&subject).cloned(),
            subject: Some(subject),
            actor: Actor { id: format!("agent1 {CANARY}"), side: Side::Internal },
            visibility,
            environment: Environment::Production,
            ext,
        }
    }

    /// What makes a new record of its own.
    pub(super) fn open(&mut self, act: &Act) -> Option<(Thing, Acted)> {
        match act {
            Act::Partner(Partner::Opens(open)) => {
                let (at, event) = self.community.open(open);
                let thing = Thing::Case(at);
                let subject = self.subject(&thing);
                Some((thing, (None, by_partner(&open.by, subject, event, None))))
            }
            Act::Partner(Partner::Raises(raise)) => {
                let (at, event) = self.community.raise(raise);
                let thing = Thing::Case(at);
                let subject = self.subject(&thing);
                Some((thing, (None, by_partner(&raise.by, subject, event, None))))
            }
            Act::Partner(Partner::Shares(share)) => {
                let (at, event) = self.community.share(share);
                let thing = Thing::Case(at);
                let subject = self.subject(&thing);
                Some((thing, (None, by_partner(&share.by, subject, event, None))))
            }
            Act::Agent(Agent::OpensOwnTicket { title, use_case }) => {
                let (id, event) = self.tickets.open_own(title, UseCase::from_word(use_case));
                let thing = Thing::Own(id);
                let told = Told {
                    said: Said::Internal(event),
                    status: None,
                    subject: Some(self.subject(&thing)),
                    partner: None,
                    actor: Actor { id: "agent1".to_owned(), side: Side::Internal },
                    visibility: domain::Visibility::Host,
                    environment: Environment::Production,
                    ext: BTreeMap::new(),
                };
                Some((thing, (None, told)))
            }
            Act::Agent(Agent::StartsProgramme(new)) => {
                let thing = Thing::Programme(self.tickets.next_id());
                let subject = self.subject(&thing);
                let partner = PartnerId::new(new.by.clone()).ok();
                self.begun.extend(partner.clone().map(|partner| (subject.clone(), partner)));
                let (event, visibility) = self.tickets.start(subject.clone(), new);
                let told = Told {
                    said: Said::Internal(event),
                    status: None,
                    subject: Some(subject),
                    partner,
                    actor: Actor { id: format!("agent1 {CANARY}"), side: Side::Internal },
                    visibility,
                    environment: Environment::Production,
                    ext: BTreeMap::new(),
                };
                Some((thing, (None, told)))
            }
            Act::Partner(_) | Act::Agent(_) | Act::Time { .. } => None,
        }
    }

    pub(super) fn community_obeys(
        &mut self,
        native: &str,
        command: &Envelope<PartnerCommand>,
    ) -> Result<(), CallError> {
        let refused = |reason: &str| CallError::Refused { reason: reason.to_owned(), detail: String::new() };
        if let PartnerCommand::Onboarding(OpensSpace::OpenSpace(space)) = &command.payload {
            let partner = command.meta.partner_id.as_ref().map_or("", PartnerId::as_str);
            self.community.open_space(native, partner, &command.meta.subject, space.programme.get());
            return Ok(());
        }
        if let Some(reason) = outward::refusal(&command.payload) {
            return Err(refused(&reason));
        }
        if let PartnerCommand::Document(Publishes::Publish(document)) = &command.payload {
            let partner = command.meta.partner_id.as_ref().map_or("", PartnerId::as_str);
            self.community.publish(native, partner, &command.meta.subject, document);
            return Ok(());
        }
        if let Some(reason) = self.why_not(native, &command.payload) {
            return Err(refused(reason));
        }
        let case = self.community.find(native).ok_or_else(|| refused("there is no such case"))?;
        if command.meta.partner_id.as_ref().map(PartnerId::as_str) != Some(case.partner()) {
            self.leaks.insert(format!("a command for {:?} at a case of {}", command.meta.partner_id, case.partner()));
        }
        if let Some(condition) = command.payload.only_if() {
            let actual = case.judged(&command.payload).to_owned();
            if !condition.one_of.contains(&actual) {
                return Err(CallError::ConditionNotMet { actual });
            }
        }
        if case.concerns_nobody(&command.payload) {
            return Err(CallError::ConditionNotMet { actual: case.judged(&command.payload).to_owned() });
        }
        let taken = case.obey(&command.payload);
        taken.map_err(|Refused| refused(super::community::refusal(case, &command.payload)))
    }

    pub(super) fn internal_obeys(
        &mut self,
        native: &str,
        command: &Envelope<InternalCommand>,
    ) -> Result<(), CallError> {
        self.tickets.obey(native, &command.meta, &command.payload)
    }

    /// Both sides of a case, without sentinels.
    pub(super) fn view(&self, thing: &Thing) -> View {
        let subject = self.subject(thing);
        let mut view = View::default();
        let at = match thing {
            Thing::Case(at) => Some(*at),
            Thing::Own(_) | Thing::Programme(_) | Thing::Document(_) => self.community.space_of(&subject),
        };
        if let Some(at) = at {
            self.community.cases[at].show(&mut view);
        }
        view.tickets = self.tickets.of(&subject).map(super::tickets::Ticket::show).collect();
        view.held = self.held.get(&subject).into_iter().flat_map(|held| held.values().cloned()).collect();
        view.skipped = Some(self.skipped.get(&subject).into_iter().flatten().map(|rule| (*rule).to_owned()).collect());
        view.comments.retain(|line| !sentinel::is_one(line));
        for ticket in &mut view.tickets {
            ticket.public.retain(|line| !sentinel::is_one(line));
        }
        view
    }

    /// What a partner can see and must not.
    pub(super) fn leaked(&self) -> Vec<String> {
        let shown = self.community.cases.iter().filter(|case| format!("{case:?}").contains(CANARY));
        let shown = shown.map(|case| format!("an internal text stands at the community, in case {}", case.id()));
        shown.chain(self.leaks.iter().cloned()).collect()
    }
}

fn by_partner(partner: &str, subject: Subject, event: PartnerEvent, status: Option<String>) -> Told {
    Told {
        said: Said::Partner(event),
        status,
        subject: Some(subject),
        partner: PartnerId::new(partner).ok(),
        actor: Actor { id: partner.to_owned(), side: Side::Partner },
        visibility: domain::Visibility::Partner,
        environment: Environment::Production,
        ext: BTreeMap::new(),
    }
}
