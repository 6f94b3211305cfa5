//! A discrepancy's parts as one-line texts for agents. Words are those of the contract's fields.

use crate::bundle::discrepancy::links::{About, Link};
use crate::bundle::partners::Partner;
use crate::date;
use domain::discrepancy::{Line, Raised, Shipment};
use domain::{Decimal, Meta};

fn parts(of: &[(&str, &str)]) -> String {
    let some = of.iter().filter(|(_, value)| !value.trim().is_empty());
    some.map(|(name, value)| format!("{name} {}", value.trim()).trim().to_owned()).collect::<Vec<_>>().join(", ")
}

/// `1: ordered 10 EA, received 8 EA, variance -2 EA, by 2026-03-31`.
pub(super) fn line(line: &Line) -> String {
    let unit = line.uom.trim();
    let quantity = |value: &Option<Decimal>| value.as_ref().map(|v| format!("{v} {unit}")).unwrap_or_default();
    let price = |value: &Option<Decimal>| value.as_ref().map(|v| format!("{v} {}", line.currency)).unwrap_or_default();
    let condition = format!("{} {}", line.condition_list.trim(), line.condition_code.trim());
    let text = parts(&[
        ("", &line.description),
        ("GTIN", &line.gtin),
        ("buyer's item", &line.buyer_item),
        ("seller's item", &line.seller_item),
        ("ordered", &quantity(&line.ordered)),
        ("advised", &quantity(&line.advised)),
        ("received", &quantity(&line.received)),
        ("accepted", &quantity(&line.accepted)),
        ("invoiced", &quantity(&line.invoiced)),
        ("variance", &quantity(&line.variance)),
        ("ordered at", &price(&line.ordered_price)),
        ("invoiced at", &price(&line.invoiced_price)),
        ("promised", &line.promised_date),
        ("came", &line.actual_date),
        ("condition", &condition),
        ("lot", &line.lot),
        ("SSCC", &line.ssccs.join(" ")),
        ("to be disputed by", &line.dispute_deadline),
    ]);
    format!("{}: {text}", line.line_no.trim())
}

/// Each line on its own.
pub(super) fn lines(all: &[Line]) -> String {
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The earliest day; days that are none of the calendar do not count.
pub(super) fn deadline(all: &[Line]) -> String {
    let days = all.iter().map(|line| line.dispute_deadline.trim()).filter(|day| date::parse_day(day).is_some());
    days.min().unwrap_or_default().to_owned()
}

pub(super) fn shipment(s: &Shipment) -> String {
    parts(&[
        ("carrier", &s.carrier),
        ("tracking", &s.tracking_numbers.join(" ")),
        ("status", &s.status_code),
        ("reason", &s.reason_code),
        ("planned", &s.planned_at.map(date::shown).unwrap_or_default()),
        ("now expected", &s.new_eta.map(date::shown).unwrap_or_default()),
        ("at", &s.location),
        ("responsible", &s.responsible),
    ])
}

pub(super) fn claim(e: &Raised) -> String {
    e.claim_amount.as_ref().map(|amount| format!("{amount} {}", e.claim_currency.trim())).unwrap_or_default()
}

/// The kind, with the raw code beside it.
pub(super) fn kind(kind: &str, e: &Raised) -> String {
    let code = code(e);
    if code.is_empty() { kind.to_owned() } else { format!("{kind} ({code})") }
}

pub(super) fn code(e: &Raised) -> String {
    format!("{} {}", e.code_list.trim(), e.code.trim()).trim().to_owned()
}

/// Links at most; a discrepancy of a hundred lines would hide its text behind them.
const MAX_LINKS: usize = 20;

/// `label: address`, each on its own line, without repeats.
pub(super) fn links(templates: &[Link], meta: &Meta, partner: &Partner, e: &Raised) -> String {
    let mut found: Vec<String> = Vec::new();
    for link in templates {
        for number in numbers(link, e) {
            let values = [
                ("number", number.as_str()),
                ("partner", partner.id.as_str()),
                ("vendor_number", &partner.vendor_number),
                ("site", &e.site),
                ("case", meta.subject.native()),
            ];
            let url = values.iter().fold(link.url.clone(), |url, (name, value)| {
                url.replace(&format!("{{{name}}}"), &escaped(value.trim()))
            });
            let line = format!("{}: {url}", link.label);
            if found.len() < MAX_LINKS && !found.contains(&line) {
                found.push(line);
            }
        }
    }
    found.join("\n")
}

/// What a link is made of, once for each.
fn numbers(link: &Link, e: &Raised) -> Vec<String> {
    let fits = |which: &str| link.which == "*" || link.which == which.trim();
    let found: Vec<String> = match link.about {
        About::Document => e.documents.iter().filter(|d| fits(&d.type_code)).map(|d| d.number.clone()).collect(),
        About::Tracking => {
            let shipment = e.shipment.iter().filter(|s| fits(&s.carrier));
            shipment.flat_map(|s| s.tracking_numbers.clone()).collect()
        }
        About::Sscc => e.lines.iter().flat_map(|line| line.ssccs.clone()).collect(),
        About::Item => {
            let item =
                |line: &Line| if line.buyer_item.is_empty() { line.gtin.clone() } else { line.buyer_item.clone() };
            e.lines.iter().map(item).collect()
        }
    };
    found.into_iter().map(|n| n.trim().to_owned()).filter(|n| !n.is_empty() && n.len() <= 200).collect()
}

/// RFC 3986: everything but unreserved characters, so that a value stays one value wherever it stands.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || (byte == b'.' && value != "." && value != "..") {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_partner_wrote_stays_one_value_of_an_address() {
        assert_eq!(escaped("45/00&a=b#?ü .."), "45%2F00%26a%3Db%23%3F%C3%BC%20..");
        assert_eq!(escaped(".."), "%2E%2E");
    }

    #[test]
    fn a_line_is_told_with_its_unit_and_only_with_what_is_known() {
        let decimal = |text: &str| Some(Decimal::new(text).unwrap());
        let of = Line {
            line_no: "1".to_owned(),
            uom: "EA".to_owned(),
            ordered: decimal("10"),
            variance: decimal("-2.0"),
            dispute_deadline: "2026-03-31".to_owned(),
            ..Line::default()
        };
        assert_eq!(line(&of), "1: ordered 10 EA, variance -2.0 EA, to be disputed by 2026-03-31");
        let later = Line { dispute_deadline: "2026-02-30".to_owned(), ..of.clone() };
        assert_eq!(deadline(&[later, of]), "2026-03-31");
    }
}
