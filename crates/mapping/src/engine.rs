//! The fixed part: which commands a fact leads to is decided by rules in Rust, with what values by the bundle.

use crate::bundle::isolation::Isolation;
use crate::bundle::partners::Partner;
use crate::bundle::policy::Policy;
use crate::bundle::texts::Texts;
use crate::read::shown;
use crate::{Bundle, discrepancy, document, issue, onboarding, outcome, project, timer};
use domain::{
    Actor, Cause, Command, Envelope, Fact, InternalCommand, InternalEvent, MessageId, Meta, PartnerCommand,
    PartnerEvent, Side, SystemId, Visibility,
};

/// Why a fact waits for a person: it becomes a dead letter of class `HOLD`, whole, and is redriven when a bundle
/// knows what to do with it. Nothing was commanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// A fixed word for counters and filters, such as `unknown-status`.
    pub reason: &'static str,
    /// For an operator: names the code or key that the bundle lacks, bounded; never free text of a record.
    pub detail: String,
}

impl Held {
    /// `code` is shown on one line, at most 64 characters of it.
    pub(crate) fn new(reason: &'static str, code: &str) -> Self {
        Self { reason, detail: shown(code) }
    }
}

/// What a fact leads to. Every fact ends in at least one command, one skip or one hold; a hold stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped<C> {
    /// In the order in which they are to be published.
    pub commands: Vec<Envelope<C>>,
    /// Names of the rules by which nothing was sent, for counters.
    pub skipped: Vec<&'static str>,
    pub held: Option<Held>,
}

/// What the partner side said, as commands for X. Pure and total; `cause` is where the fact stands in its topic (of
/// a redriven fact: where it first stood).
pub fn to_internal(bundle: &Bundle, fact: &Envelope<Fact<PartnerEvent>>, cause: &Cause) -> Mapped<InternalCommand> {
    let head = Head { system: &bundle.internal, actor: fact.meta.actor.clone(), visibility: Visibility::Host };
    let mut draft = Draft::new(bundle, &fact.meta, cause, head);
    let result = draft.check_system(&bundle.community, &fact.payload).and_then(|()| match &fact.payload {
        Fact::Event(PartnerEvent::Issue(event)) => issue::to_internal(&mut draft, event),
        Fact::Event(PartnerEvent::Discrepancy(event)) => discrepancy::to_internal(&mut draft, event),
        Fact::Event(PartnerEvent::Onboarding(event)) => onboarding::to_internal(&mut draft, event),
        Fact::Event(PartnerEvent::Document(event)) => document::to_internal(&mut draft, event),
        Fact::Outcome(outcome) => outcome::to_internal(&mut draft, outcome),
        Fact::ServiceLevel(event) => timer::to_internal(&mut draft, event),
    });
    draft.finish(result)
}

/// What the internal side said, as commands for the community. Pure and total; `cause` is where the fact stands in
/// its topic (of a redriven fact: where it first stood).
pub fn to_partner(bundle: &Bundle, fact: &Envelope<Fact<InternalEvent>>, cause: &Cause) -> Mapped<PartnerCommand> {
    // Who did it inside is nobody's business outside: the side is all that a partner command says of its actor.
    let actor = Actor { id: String::new(), side: Side::Internal };
    let head = Head { system: &bundle.community, actor, visibility: Visibility::Partner };
    let mut draft = Draft::new(bundle, &fact.meta, cause, head);
    let result = draft.check_system(&bundle.internal, &fact.payload).and_then(|()| match &fact.payload {
        Fact::Event(InternalEvent::Issue(event)) => issue::to_partner(&mut draft, event),
        Fact::Event(InternalEvent::Discrepancy(event)) => discrepancy::to_partner(&mut draft, event),
        Fact::Event(InternalEvent::Onboarding(event)) => onboarding::to_partner(&mut draft, event),
        Fact::Event(InternalEvent::Document(event)) => document::to_partner(&mut draft, event),
        Fact::Outcome(outcome) => outcome::to_partner(&mut draft, outcome),
        Fact::ServiceLevel(event) => timer::to_partner(&mut draft, event),
    });
    project::project_for_partner(&bundle.isolation, draft.finish(result))
}

/// What is the same for every command of one direction.
pub(crate) struct Head<'a> {
    pub(crate) system: &'a SystemId,
    pub(crate) actor: Actor,
    pub(crate) visibility: Visibility,
}

/// The partner a fact is about, once it is known to be one that may be served now.
pub(crate) struct Known<'a> {
    pub(crate) partner: &'a Partner,
    pub(crate) policy: &'a Policy,
    pub(crate) texts: &'a Texts,
    pub(crate) isolation: &'a Isolation,
}

/// The commands of one fact while the rules run.
pub(crate) struct Draft<'a, C> {
    pub(crate) bundle: &'a Bundle,
    pub(crate) meta: &'a Meta,
    cause: &'a Cause,
    head: Head<'a>,
    commands: Vec<Envelope<C>>,
    skipped: Vec<&'static str>,
}

impl<'a, C: Command> Draft<'a, C> {
    pub(crate) const fn new(bundle: &'a Bundle, meta: &'a Meta, cause: &'a Cause, head: Head<'a>) -> Self {
        Self { bundle, meta, cause, head, commands: Vec::new(), skipped: Vec::new() }
    }

    pub(crate) fn into_commands(self) -> Vec<Envelope<C>> {
        self.commands
    }

    fn finish(self, result: Result<(), Held>) -> Mapped<C> {
        match result {
            Ok(()) => Mapped { commands: self.commands, skipped: self.skipped, held: None },
            Err(held) => Mapped { commands: Vec::new(), skipped: Vec::new(), held: Some(held) },
        }
    }

    /// The bundle knows one community and one case system; facts of others belong to another link.
    fn check_system<E>(&self, expected: &SystemId, fact: &Fact<E>) -> Result<(), Held> {
        // What is due was said by neither side; it names the system where its subject began.
        let neutral = matches!(fact, Fact::ServiceLevel(_));
        let both = [&self.bundle.community, &self.bundle.internal];
        if self.meta.system == *expected || (neutral && both.contains(&&self.meta.system)) {
            Ok(())
        } else {
            Err(Held::new("unknown-system", self.meta.system.as_str()))
        }
    }

    pub(crate) fn skip(&mut self, rule: &'static str) {
        self.skipped.push(rule);
    }

    /// Ends the rules with one skip.
    pub(crate) fn only_skip(&mut self, rule: &'static str) -> Result<(), Held> {
        self.skip(rule);
        Ok(())
    }

    /// `rule` and `effect` make the command's id together with the fact's: both are fixed for ever.
    pub(crate) fn push(&mut self, rule: &'static str, effect: &str, command: C) {
        self.push_about(rule, effect, command, &[]);
    }

    /// As [`Self::push`]. `about` goes with the command into its outcomes, for the rules that hear what became of it: it is
    /// the house's own, and no part of what is done.
    pub(crate) fn push_about(&mut self, rule: &'static str, effect: &str, command: C, about: &[(&str, &str)]) {
        let about = about.iter().filter(|(_, value)| !value.is_empty());
        let meta = Meta {
            id: MessageId::of_command(self.meta.id, &self.meta.subject, rule, effect),
            subject: self.meta.subject.clone(),
            system: self.head.system.clone(),
            partner_id: self.meta.partner_id.clone(),
            kind: command.kind().to_owned(),
            occurred_at: self.meta.occurred_at,
            recorded_at: self.meta.recorded_at,
            source_version: String::new(),
            causation_id: Some(self.meta.id),
            actor: self.head.actor.clone(),
            visibility: self.head.visibility,
            environment: self.meta.environment,
            ext: about.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            mapping_version: self.bundle.version(),
            cause: Some(self.cause.clone()),
        };
        self.commands.push(Envelope { meta, payload: command });
    }

    /// The partner must be in the bundle, valid when the fact was first seen, and of the fact's environment, which must be
    /// that of the link.
    pub(crate) fn known_partner(&self) -> Result<Known<'a>, Held> {
        if !self.bundle.carries(self.meta.environment) {
            return Err(Held::new("environment", self.meta.environment.as_str()));
        }
        let Some(id) = &self.meta.partner_id else { return Err(Held::new("unknown-partner", "none is named")) };
        let Some(partner) = self.bundle.partner(id.as_str()) else {
            return Err(Held::new("unknown-partner", id.as_str()));
        };
        if !partner.is_valid_at(self.meta.recorded_at) {
            return Err(Held::new("partner-not-valid", id.as_str()));
        }
        if !partner.takes(self.meta.environment) {
            return Err(Held::new("environment", self.meta.environment.as_str()));
        }
        let (policy, texts) = (self.bundle.policy(partner), self.bundle.texts(partner));
        Ok(Known { partner, policy, texts, isolation: &self.bundle.isolation })
    }
}
