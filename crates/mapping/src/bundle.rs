pub(crate) mod cases;
pub(crate) mod codes;
pub(crate) mod discrepancy;
pub(crate) mod document;
pub(crate) mod fields;
pub(crate) mod isolation;
mod link;
pub(crate) mod onboarding;
pub(crate) mod partners;
pub(crate) mod policy;
pub(crate) mod reminders;
pub(crate) mod rules;
pub(crate) mod statuses;
pub(crate) mod sync;
pub(crate) mod texts;
pub(crate) mod zone;

use crate::Fault;
use crate::read::{Reader, Row, Table, shown};
use cases::Case;
use codes::Codes;
use discrepancy::Discrepancies;
use document::Documents;
use domain::{BundleVersion, CaseStatus, Environment, PartnerId, SystemId, Timestamp};
use fields::Fields;
use isolation::Isolation;
use onboarding::Onboarding;
use partners::Partner;
use policy::Policy;
use reminders::{Reminded, Reminder};
use rules::{OF_CASES, Rules};
use sha2::{Digest, Sha256};
use statuses::{Life, Meaning, Statuses};
use std::collections::BTreeMap;
use std::path::Path;
use texts::Texts;

/// Where a new case goes in X.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) queue: String,
    /// X's own value; empty leaves it to X.
    pub(crate) priority: String,
}

/// Whether a new case crosses by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intake {
    Auto,
    Hold,
}

/// One version of the mapping of one link, checked: what a transformer needs to know beside the rules themselves.
///
/// Immutable, and the same wherever it was made from the same files. There is no other way to make one than through
/// all checks.
#[derive(Clone, Debug)]
pub struct Bundle {
    files: BTreeMap<String, String>,
    digest: String,
    link: link::Link,
    pub(crate) community: SystemId,
    pub(crate) internal: SystemId,
    pub(crate) codes: Codes,
    pub(crate) statuses: Statuses<CaseStatus>,
    pub(crate) fields: Fields,
    pub(crate) routes: Rules<Route>,
    pub(crate) intake: Rules<Intake>,
    /// `None`: this link has no discrepancies, and facts about one are held.
    pub(crate) discrepancies: Option<Discrepancies>,
    /// `None`: this link has no onboarding, and facts about it are held.
    pub(crate) onboarding: Option<Onboarding>,
    pub(crate) reminders: Vec<Reminder>,
    /// `None`: this link has no documents, and facts about one are held.
    pub(crate) documents: Option<Documents>,
    pub(crate) isolation: Isolation,
    partners: BTreeMap<String, Partner>,
    texts: BTreeMap<String, Texts>,
    default_texts: Texts,
    agent_texts: Texts,
    pub(crate) cases: Vec<Case>,
}

impl Bundle {
    /// Reads a bundle's folder and checks it. The only function of this crate that reads anything from outside.
    /// Files and folders whose name begins with a dot are passed over.
    pub fn load(dir: &Path) -> Result<Self, Vec<Fault>> {
        Self::from_files(crate::folder::read(dir)?)
    }

    /// From text by path inside the bundle (`/` between folders), as `mapping.bundles` keeps it. Every mistake is
    /// reported, by file and line.
    pub fn from_files(files: BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(&files);
        let codes = Codes::read(&mut reader);
        let statuses = Statuses::<CaseStatus>::read(&mut reader, "");
        let fields = Fields::read(&mut reader);
        let partners = partners::read(&mut reader);
        let link = link::read(&mut reader, &partners, &fields.out);
        let groups: Vec<String> = partners.values().map(|p| p.group.clone()).collect();
        let ids: Vec<String> = partners.keys().cloned().collect();
        let known = (groups.as_slice(), ids.as_slice());
        let routes = Rules::read(&mut reader, "routes.csv", (OF_CASES, &["queue", "priority"]), known, route);
        let intake = Rules::read(&mut reader, "intake.csv", (OF_CASES, &["intake"]), known, intake);
        let terms = link.as_ref().and_then(|l| l.discrepancy.clone());
        let reminders = reminders::read(&mut reader, terms.as_ref().map(|terms| terms.confirm_days));
        let discrepancies = terms.map(|terms| Discrepancies::read(&mut reader, terms, known));
        let onboarding = link.as_ref().and_then(|l| l.onboarding).map(|terms| Onboarding::read(&mut reader, terms));
        let programmes = onboarding.as_ref().map(Onboarding::labels);
        let disputes = discrepancies.as_ref().map(|d| d.as_ref().map_or_else(Vec::new, |d| labels(&d.statuses)));
        let terms = link.as_ref().and_then(|l| l.document.clone());
        let documents = terms.map(|terms| Documents::read(&mut reader, terms, known));
        let papers = documents.as_ref().map(|d| d.as_ref().map_or_else(Vec::new, |d| labels(&d.statuses)));
        let (default, agents) = link.as_ref().map_or(("", ""), |l| (&l.default_language, &l.agents_language));
        let reminded = Reminded::of(&reminders);
        let labels = texts::Labels { cases: labels(&statuses), disputes, documents: papers, reminded, programmes };
        let texts = texts::read(&mut reader, default, agents, &labels);
        for partner in partners.values().filter(|p| !p.language.is_empty() && !texts.contains_key(&p.language)) {
            let what = format!("partner `{}` reads `{}`, which has no texts", partner.id, shown(&partner.language));
            reader.fault("partners.csv", 0, what, format!("add texts/{}.toml", shown(&partner.language)));
        }
        let said: Vec<&str> = texts.values().flat_map(Texts::all).chain(codes.said()).collect();
        let isolation = Isolation::read(&mut reader, &partners, &said);
        let cases = cases::read(&mut reader);
        let (default_texts, agent_texts) = (texts.get(default).cloned(), texts.get(agents).cloned());
        let faults = reader.finish();
        let systems = link.as_ref().map(|l| (l.community.clone(), l.internal.clone()));
        // Without a catch-all the routes are a fault, so a folder that could not be read never gets here.
        let discrepancies = discrepancies.flatten();
        let documents = documents.flatten();
        match (link, systems, routes, intake, default_texts.zip(agent_texts), isolation) {
            (
                Some(link),
                Some((Some(community), Some(internal))),
                Some(routes),
                Some(intake),
                Some((d, a)),
                Some(isolation),
            ) if faults.is_empty() => Ok(Self {
                digest: digest(&files),
                files,
                link,
                community,
                internal,
                codes,
                statuses,
                fields,
                routes,
                intake,
                discrepancies,
                onboarding,
                reminders,
                documents,
                isolation,
                partners,
                texts,
                default_texts: d,
                agent_texts: a,
                cases,
            }),
            _ => Err(faults),
        }
    }

    /// The text it was made of, for `mapping.bundles`.
    pub const fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }
    /// SHA-256 over the sorted files, in lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }
    /// The id of the link, such as `rt`.
    pub fn link(&self) -> &str {
        &self.link.link
    }
    /// Only grows; a rollback is a new number.
    pub const fn version(&self) -> i64 {
        self.link.version
    }
    /// The record that `mapping.bundles` keeps of this version.
    pub fn record(&self) -> BundleVersion {
        BundleVersion {
            link: self.link().to_owned(),
            version: self.version(),
            digest: self.digest.clone(),
            files: self.files.clone(),
        }
    }
    /// When something is to be said about timers.
    pub fn timer_rules(&self) -> Vec<domain::timer::Rule> {
        self.reminders.iter().map(|reminder| reminder.rule.clone()).collect()
    }
    /// The partners of the link, by id.
    pub fn partners(&self) -> impl Iterator<Item = &PartnerId> {
        self.partners.values().map(|p| &p.id)
    }

    /// May this partner be served now? The word says why not, as the reason of a hold would.
    pub fn serves(&self, partner: &PartnerId, environment: Environment, at: Timestamp) -> Result<(), &'static str> {
        match self.partner(partner.as_str()) {
            None => Err("unknown-partner"),
            Some(partner) if !partner.is_valid_at(at) => Err("partner-not-valid"),
            Some(partner) if !partner.takes(environment) || !self.carries(environment) => Err("environment"),
            Some(_) => Ok(()),
        }
    }

    /// Test and production never meet on a link that says which of them it is.
    pub(crate) fn carries(&self, environment: Environment) -> bool {
        self.link.environment.is_none_or(|own| own == environment)
    }
    pub(crate) fn partner(&self, id: &str) -> Option<&Partner> {
        self.partners.get(id)
    }
    pub(crate) fn policy(&self, partner: &Partner) -> &Policy {
        let by_group = || self.link.by_group.get(&partner.group);
        self.link.by_partner.get(partner.id.as_str()).or_else(by_group).unwrap_or(&self.link.policy)
    }
    pub(crate) fn texts(&self, partner: &Partner) -> &Texts {
        self.texts.get(&partner.language).unwrap_or(&self.default_texts)
    }
    /// `None`: agents are told by notes alone.
    pub(crate) const fn sync(&self) -> Option<&sync::Sync> {
        self.link.sync.as_ref()
    }
    pub(crate) const fn agent_texts(&self) -> &Texts {
        &self.agent_texts
    }
    pub(crate) fn title_prefix(&self) -> &str {
        &self.link.title_prefix
    }
}

/// Path and text of each file, length-prefixed: no two different bundles have the same bytes.
fn digest(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for part in files.iter().flat_map(|(path, text)| [path, text]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

fn labels<S: Life>(statuses: &Statuses<S>) -> Vec<String> {
    let label = |meaning: &Meaning<S>| match meaning {
        Meaning::Is { label, .. } => Some(label.clone()),
        Meaning::Hold => None,
    };
    statuses.meaning.values().filter_map(label).collect()
}

fn route(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Route> {
    let (queue, priority) = (table.cell(row, "queue"), table.cell(row, "priority"));
    if queue.is_empty() || queue.contains(['*', '|']) {
        reader.fault(&table.file, row.line, "no queue", "name one queue of the case system");
        return None;
    }
    Some(Route { queue: queue.to_owned(), priority: priority.to_owned() })
}

fn intake(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Intake> {
    match table.cell(row, "intake") {
        "auto" => Some(Intake::Auto),
        "hold" => Some(Intake::Hold),
        other => {
            let what = format!("`{}` is not an intake", shown(other));
            reader.fault(&table.file, row.line, what, "write auto or hold");
            None
        }
    }
}
