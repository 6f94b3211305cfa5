//! A new ticket of a discrepancy: title, description and fields, with the links that lead to more.

use super::render;
use crate::bundle::discrepancy::Discrepancies;
use crate::date;
use crate::engine::{Draft, Held, Known};
use crate::issue::{compose, values};
use domain::InternalCommand;
use domain::discrepancy::{Line, Raised};
use domain::text::cut;
use std::collections::BTreeMap;

type Rules<'a> = Draft<'a, InternalCommand>;

/// What the partner wrote, then what differs line by line, then where to look.
pub(super) fn description(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    kind: &str,
    e: &Raised,
) -> String {
    let texts = draft.bundle.agent_texts();
    let mut blocks: Vec<String> = Vec::new();
    let mut facts: Vec<String> = Vec::new();
    let mut fact = |section: &str, key: &str, value: String| {
        if !value.is_empty() {
            facts.push(format!("{}: {value}", texts.get(section, key).as_str()));
        }
    };
    let documents: Vec<_> = e.documents.iter().map(compose::document).filter(|d| !d.is_empty()).collect();
    fact("discrepancy-agent", "kind", render::kind(kind, e));
    fact("discrepancy-agent", "site", e.site.trim().to_owned());
    fact("agent", "references", documents.join("; "));
    fact("discrepancy-agent", "shipment", e.shipment.as_ref().map(render::shipment).unwrap_or_default());
    fact("discrepancy-agent", "claim", render::claim(e));
    fact("discrepancy-agent", "remedy", e.remedy_wanted.trim().to_owned());
    fact("discrepancy-agent", "deadline", render::deadline(&e.lines));
    fact("agent", "contact", values::contact_line(&e.contact));
    blocks.push(facts.join("\n"));
    let links = render::links(&terms.links, draft.meta, known.partner, e);
    for (key, block) in [("links", links), ("lines", render::lines(&e.lines))] {
        if !block.is_empty() {
            blocks.push(format!("{}:\n{block}", texts.get("discrepancy-agent", key).as_str()));
        }
    }
    let marker = texts.get("agent", "cut").as_str();
    let limit = known.policy.limit("description");
    // Facts and links come before the lines, and all of them are kept when the partner's text has to be cut.
    let tail = cut(&blocks.join("\n\n"), limit - limit / 4, marker);
    let room = limit - tail.chars().count();
    let said = cut(e.description.trim(), room.saturating_sub(2), marker);
    if said.is_empty() { tail } else { format!("{said}\n\n{tail}") }
}

/// X's fields for a new ticket.
pub(super) fn fields(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Discrepancies,
    kind: &str,
    e: &Raised,
) -> BTreeMap<String, String> {
    let value = |source: &str| match source {
        "case_id" => draft.meta.subject.native().to_owned(),
        "subject" => draft.meta.subject.as_str().to_owned(),
        "title" => e.title.clone(),
        "description" => e.description.clone(),
        "kind" => kind.to_owned(),
        "code" => render::code(e),
        "site" => e.site.clone(),
        "reported_by" => e.reported_by.clone(),
        "discovered_at" => e.discovered_at.map(date::shown).unwrap_or_default(),
        "documents" => {
            let numbers = e.documents.iter().map(|d| d.number.trim()).filter(|n| !n.is_empty());
            numbers.collect::<Vec<_>>().join(", ")
        }
        "shipment" => e.shipment.as_ref().map(render::shipment).unwrap_or_default(),
        "claim" => render::claim(e),
        "remedy_wanted" => e.remedy_wanted.clone(),
        "links" => render::links(&terms.links, draft.meta, known.partner, e),
        "contact" => values::contact_line(&e.contact),
        "language" => e.language.clone(),
        "partner.id" => known.partner.id.as_str().to_owned(),
        "partner.name" => known.partner.name.clone(),
        "partner.duns" => known.partner.duns.clone(),
        "partner.vendor_number" => known.partner.vendor_number.clone(),
        "lines" | "dispute_deadline" => of_lines(source, &e.lines),
        other => values::extra(draft, other).to_owned(),
    };
    bounded(draft, terms, |source| Some(value(source)).filter(|v| !v.is_empty()))
}

/// What the lines alone give: also known when only they changed.
fn of_lines(source: &str, lines: &[Line]) -> String {
    if source == "lines" { render::lines(lines) } else { render::deadline(lines) }
}

/// X's fields that follow the lines.
pub(super) fn fields_of_lines(draft: &Rules<'_>, terms: &Discrepancies, lines: &[Line]) -> BTreeMap<String, String> {
    bounded(draft, terms, |source| ["lines", "dispute_deadline"].contains(&source).then(|| of_lines(source, lines)))
}

fn bounded(
    draft: &Rules<'_>,
    terms: &Discrepancies,
    value: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, String> {
    let marker = draft.bundle.agent_texts().get("agent", "cut").as_str();
    let each = terms.fields.iter().filter_map(|field| Some((field.internal.clone(), value(&field.source)?)));
    each.map(|(name, value)| (name, cut(&value, values::MAX_FIELD, marker))).collect()
}

/// The kind by the partner's word or else by its raw code; a word that is no kind waits for a person.
pub(super) fn kind<'e>(terms: &'e Discrepancies, e: &'e Raised) -> Result<&'e str, Held> {
    let said = e.kind.trim();
    if !matches!(said, "" | "OTHER") {
        let known = domain::discrepancy::KINDS.contains(&said);
        return if known { Ok(said) } else { Err(Held::new("unknown-kind", said)) };
    }
    Ok(terms.kinds.of(e.code_list.trim(), e.code.trim()).unwrap_or("OTHER"))
}
