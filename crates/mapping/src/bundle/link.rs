//! `bundle.toml`: which link, which version, which systems, and the layers.

use super::discrepancy::Terms;
use super::document;
use super::fields::FieldOut;
use super::onboarding::Terms as Onboarding;
use super::partners::Partner;
use super::policy::Policy;
use super::sync::Sync;
use crate::read::{Reader, Section, shown};
use domain::{Environment, SystemId};
use std::collections::BTreeMap;

const FILE: &str = "bundle.toml";

/// What `bundle.toml` says; ids are placeholders where a fault was reported.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) link: String,
    pub(crate) version: i64,
    pub(crate) community: Option<SystemId>,
    pub(crate) internal: Option<SystemId>,
    /// What the link carries; `None` leaves it to each partner.
    pub(crate) environment: Option<Environment>,
    pub(crate) default_language: String,
    pub(crate) agents_language: String,
    /// `{partner}` and `{case}` are filled in.
    pub(crate) title_prefix: String,
    /// `None`: this link has no discrepancies.
    pub(crate) discrepancy: Option<Terms>,
    /// `None`: this link has no onboarding.
    pub(crate) onboarding: Option<Onboarding>,
    /// `None`: this link has no documents.
    pub(crate) document: Option<document::Terms>,
    pub(crate) sync: Option<Sync>,
    pub(crate) policy: Policy,
    pub(crate) by_group: BTreeMap<String, Policy>,
    pub(crate) by_partner: BTreeMap<String, Policy>,
}

pub(crate) fn read(reader: &mut Reader<'_>, partners: &BTreeMap<String, Partner>, out: &[FieldOut]) -> Option<Link> {
    let text = reader.required(FILE, "add it with link, version, [systems] and [languages]")?;
    let mut top = Section::parse(reader, FILE, text);
    let link = match top.required_text(reader, "link") {
        Some((line, link)) => {
            if let Err(error) = SystemId::new(link.as_str()) {
                reader.fault(FILE, line, format!("link: {error}"), "choose a short name");
            }
            link
        }
        None => String::new(),
    };
    let version = top.required_integer(reader, "version").map_or(0, |(line, version)| {
        if version < 1 {
            reader.fault(FILE, line, "`version` is below 1", "begin with 1 and only count up");
        }
        version
    });
    let (community, internal, environment) = systems(reader, &mut top);
    let (default_language, agents_language) = languages(reader, &mut top);
    let title_prefix = title_prefix(reader, &mut top);
    let discrepancy = Terms::read(reader, &mut top);
    let onboarding = Onboarding::read(reader, &mut top);
    let document = document::Terms::read(reader, &mut top);
    let sync = Sync::read(reader, &mut top);
    let mut policy = Policy::built_in(out);
    policy.apply(reader, &mut top, true, out);
    let (by_group, by_partner) = layers(reader, &mut top, &policy, partners, out);
    top.finish(
        reader,
        "link, version, [systems], [languages], [create], [discrepancy], [document], [onboarding], [sync], [share], \
         [masters], [limits], [layer.group.<name>], [layer.partner.<id>]",
    );
    Some(Link {
        link,
        version,
        community,
        internal,
        environment,
        default_language,
        agents_language,
        title_prefix,
        discrepancy,
        onboarding,
        document,
        sync,
        policy,
        by_group,
        by_partner,
    })
}

type Systems = (Option<SystemId>, Option<SystemId>, Option<Environment>);

fn systems(reader: &mut Reader<'_>, top: &mut Section) -> Systems {
    let Some(mut section) = top.section(reader, "systems") else {
        reader.fault(FILE, 0, "`[systems]` is missing", "add it with community and internal");
        return (None, None, None);
    };
    let environment = section.text(reader, "environment").and_then(|(line, word)| match word.as_str() {
        "T" => Some(Environment::Test),
        "P" => Some(Environment::Production),
        other => {
            let what = format!("`{}` is not an environment", shown(other));
            reader.fault(FILE, line, what, "write T (test) or P (production), or leave it to each partner");
            None
        }
    });
    let mut id = |key: &str| {
        let (line, text) = section.required_text(reader, key)?;
        SystemId::new(text).map_err(|e| reader.fault(FILE, line, e.to_string(), "write the configured id")).ok()
    };
    let (community, internal) = (id("community"), id("internal"));
    if community.is_some() && community == internal {
        reader.fault(FILE, section.line(), "both systems have the same id", "give each its own");
    }
    section.finish(reader, "community, internal, environment");
    (community, internal, environment)
}

fn languages(reader: &mut Reader<'_>, top: &mut Section) -> (String, String) {
    let Some(mut section) = top.section(reader, "languages") else {
        reader.fault(FILE, 0, "`[languages]` is missing", "add it with default and agents");
        return (String::new(), String::new());
    };
    let default = section.required_text(reader, "default").map(|(_, text)| text).unwrap_or_default();
    let agents = section.text(reader, "agents").map_or_else(|| default.clone(), |(_, text)| text);
    section.finish(reader, "default, agents");
    (default, agents)
}

fn title_prefix(reader: &mut Reader<'_>, top: &mut Section) -> String {
    let Some(mut section) = top.section(reader, "create") else { return String::new() };
    let (line, prefix) = section.text(reader, "title_prefix").unwrap_or_default();
    let bare = prefix.replace("{partner}", "").replace("{case}", "");
    if bare.contains(['{', '}']) || prefix.chars().count() > 60 {
        let mend = "use at most 60 characters, and no other braces than {partner} and {case}";
        reader.fault(FILE, line, "`create.title_prefix` cannot be used", mend);
    }
    section.finish(reader, "title_prefix");
    prefix
}

type Policies = BTreeMap<String, Policy>;

fn layers(
    reader: &mut Reader<'_>,
    top: &mut Section,
    link: &Policy,
    partners: &BTreeMap<String, Partner>,
    out: &[FieldOut],
) -> (Policies, Policies) {
    let (mut by_group, mut by_partner) = (Policies::new(), Policies::new());
    let Some(mut layer) = top.section(reader, "layer") else { return (by_group, by_partner) };
    if let Some(mut groups) = layer.section(reader, "group") {
        for name in groups.keys() {
            let Some(mut section) = groups.section(reader, &name) else { continue };
            if !partners.values().any(|p| p.group == name) {
                let what = format!("no partner is in group `{}`", shown(&name));
                reader.fault(FILE, section.line(), what, "name a group of partners.csv or remove the layer");
            }
            let mut policy = link.clone();
            policy.apply(reader, &mut section, false, out);
            section.finish(reader, "share, masters, limits");
            by_group.insert(name, policy);
        }
    }
    if let Some(mut ids) = layer.section(reader, "partner") {
        for id in ids.keys() {
            let Some(mut section) = ids.section(reader, &id) else { continue };
            let Some(partner) = partners.get(&id) else {
                let what = format!("`{}` is not a partner", shown(&id));
                reader.fault(FILE, section.line(), what, "name an id of partners.csv or remove the layer");
                continue;
            };
            let mut policy = by_group.get(&partner.group).unwrap_or(link).clone();
            policy.apply(reader, &mut section, false, out);
            section.finish(reader, "share, masters, limits");
            by_partner.insert(id, policy);
        }
    }
    layer.finish(reader, "group, partner");
    (by_group, by_partner)
}
