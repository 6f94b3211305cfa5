//! Values of a partner's case by the names that bundles use.

use crate::bundle::codes::Target;
use crate::bundle::partners::Partner;
use crate::date;
use crate::engine::{Draft, Held};
use domain::InternalCommand;
use domain::issue::{Contact, Opened};
use std::collections::BTreeMap;

/// A code as X says it. `None`: X has no word for it. Unknown and held codes hold the fact.
pub(super) fn coded(
    draft: &Draft<'_, InternalCommand>,
    list: &str,
    category: &str,
    code: &str,
) -> Result<Option<String>, Held> {
    let codes = &draft.bundle.codes;
    let (target, unknown) = match list {
        "severity" => (codes.severity.get(code), "unknown-severity"),
        "category" => (codes.category.get(code), "unknown-category"),
        _ if code.is_empty() => return Ok(None),
        _ => {
            let key = (category.to_owned(), code.to_owned());
            (codes.sub_category.get(&key), "unknown-sub-category")
        }
    };
    match target {
        Some(Target::Value(value)) => Ok(Some(value.clone())),
        Some(Target::Nothing) => Ok(None),
        Some(Target::Hold) => Err(Held::new("held-code", code)),
        None => Err(Held::new(unknown, code)),
    }
}

pub(crate) fn contact_line(contact: &Contact) -> String {
    let parts = [&contact.name, &contact.role, &contact.email, &contact.phone, &contact.language];
    parts.into_iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What conditions of routes and intake look at.
pub(super) fn condition<'v>(
    draft: &'v Draft<'_, InternalCommand>,
    partner: &'v Partner,
    opened: &'v Opened,
    field: &str,
) -> &'v str {
    match field {
        "category" => &opened.category,
        "sub_category" => &opened.sub_category,
        "severity" => &opened.severity,
        "language" => &opened.language,
        "partner" => partner.id.as_str(),
        "group" => &partner.group,
        "environment" => draft.meta.environment.as_str(),
        other => extra(draft, other),
    }
}

pub(crate) fn extra<'v>(draft: &'v Draft<'_, InternalCommand>, field: &str) -> &'v str {
    field.strip_prefix("ext.").and_then(|name| draft.meta.ext.get(name)).map_or("", String::as_str)
}

/// Longest value of a field; X's own limits are narrower or not known.
pub(crate) const MAX_FIELD: usize = 4000;

/// X's fields for a new case.
pub(super) fn fields(
    draft: &Draft<'_, InternalCommand>,
    partner: &Partner,
    opened: &Opened,
) -> Result<BTreeMap<String, String>, Held> {
    let mut out = BTreeMap::new();
    for field in &draft.bundle.fields.into {
        let value = value_of(draft, partner, opened, &field.source)?;
        if !value.is_empty() {
            let cut = draft.bundle.agent_texts().get("agent", "cut");
            out.insert(field.internal.clone(), domain::text::cut(&value, MAX_FIELD, cut.as_str()));
        }
    }
    Ok(out)
}

fn value_of(
    draft: &Draft<'_, InternalCommand>,
    partner: &Partner,
    opened: &Opened,
    source: &str,
) -> Result<String, Held> {
    let transaction = opened.transaction.as_ref();
    let documents = || opened.documents.iter().map(|d| d.number.trim()).filter(|n| !n.is_empty());
    Ok(match source {
        "case_id" => draft.meta.subject.native().to_owned(),
        "subject" => draft.meta.subject.as_str().to_owned(),
        "title" => opened.title.clone(),
        "description" => opened.description.clone(),
        "severity" => coded(draft, source, "", &opened.severity)?.unwrap_or_default(),
        "category" => coded(draft, source, "", &opened.category)?.unwrap_or_default(),
        "sub_category" => coded(draft, source, &opened.category, &opened.sub_category)?.unwrap_or_default(),
        "language" => opened.language.clone(),
        "requested_resolution_at" => opened.requested_resolution_at.map(date::shown).unwrap_or_default(),
        "documents" => documents().collect::<Vec<_>>().join(", "),
        "contact" => contact_line(&opened.contact),
        "contact.name" => opened.contact.name.clone(),
        "contact.email" => opened.contact.email.clone(),
        "contact.phone" => opened.contact.phone.clone(),
        "contact.role" => opened.contact.role.clone(),
        "transaction.standard" => transaction.map(|t| t.standard.clone()).unwrap_or_default(),
        "transaction.set_id" => transaction.map(|t| t.set_id.clone()).unwrap_or_default(),
        "transaction.interchange_control" => transaction.map(|t| t.interchange_control.clone()).unwrap_or_default(),
        "transaction.group_control" => transaction.map(|t| t.group_control.clone()).unwrap_or_default(),
        "transaction.set_control" => transaction.map(|t| t.set_control.clone()).unwrap_or_default(),
        "transaction.network_reference" => transaction.map(|t| t.network_reference.clone()).unwrap_or_default(),
        "partner.id" => partner.id.as_str().to_owned(),
        "partner.name" => partner.name.clone(),
        "partner.group" => partner.group.clone(),
        "partner.duns" => partner.duns.clone(),
        "partner.vendor_number" => partner.vendor_number.clone(),
        "partner.edi_addresses" => partner.edi_addresses.clone(),
        other => extra(draft, other).to_owned(),
    })
}
