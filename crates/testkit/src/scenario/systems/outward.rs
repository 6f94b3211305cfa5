//! Documents of the house's own: begun in silence, shared by a gesture.

use super::{Acting, Systems, Thing};
use crate::scenario::{Act, Agent, CANARY};
use crate::sim::{Said, Told};
use domain::document::PartnerCommand as C;
use domain::{Actor, Environment, PartnerCommand, PartnerId, Side};

impl Systems {
    /// A ticket that nobody hears of.
    pub(in crate::scenario) fn begin(&mut self, act: &Act) -> Option<Thing> {
        let Act::Agent(Agent::BeginsDocument(new)) = act else { return None };
        let thing = Thing::Document(self.tickets.next_id());
        let subject = self.subject(&thing);
        self.begun.extend(PartnerId::new(new.by.clone()).ok().map(|partner| (subject.clone(), partner)));
        self.tickets.begin(subject, new);
        Some(thing)
    }

    pub(super) fn by_agent_outward(&mut self, id: &str, thing: &Thing, act: &Agent) -> Acting {
        let status = |systems: &Self| {
            systems.tickets.tickets.iter().find(|t| t.id == id).map(|t| (t.status.clone(), t.extras()))
        };
        let (before, _) = status(self).unwrap_or_default();
        let Some((event, visibility)) = self.tickets.act_outward(id, act) else { return Acting::Silent };
        let (after, ext) = status(self).unwrap_or_default();
        let subject = self.subject(thing);
        let told = Told {
            said: Said::Internal(event),
            status: (after != before).then_some(after),
            partner: self.begun.get(&subject).cloned(),
            subject: Some(subject),
            actor: Actor { id: format!("agent1 {CANARY}"), side: Side::Internal },
            visibility,
            environment: Environment::Production,
            ext,
        };
        Acting::Acted(Box::new((Some(id.to_owned()), told)))
    }
}

impl Systems {
    /// Why the community does not take a newer version, in its own word.
    pub(super) fn why_not(&self, native: &str, command: &PartnerCommand) -> Option<&'static str> {
        let PartnerCommand::Document(C::PublishVersion(version)) = command else { return None };
        self.community.cases.iter().find(|case| case.id() == native)?.why_not(version)
    }
}

/// Why a version does not get to the community: it was withheld, or what looks into files found something. This one knows
/// one bad file by its name.
pub(super) fn refusal(command: &PartnerCommand) -> Option<String> {
    let file = match command {
        PartnerCommand::Document(C::Publish(c)) => &c.file,
        PartnerCommand::Document(C::PublishVersion(c)) => &c.file,
        PartnerCommand::Document(
            C::Acknowledge(_)
            | C::SetStatus(_)
            | C::PostComment(_)
            | C::Decide(_)
            | C::RejectFile(_)
            | C::RequestRenewal(_),
        )
        | PartnerCommand::Issue(_)
        | PartnerCommand::Discrepancy(_)
        | PartnerCommand::Onboarding(_) => return None,
    };
    if !file.withheld.is_empty() {
        return Some(file.withheld.clone());
    }
    file.file_name.get().contains("eicar").then(|| "infected".to_owned())
}
