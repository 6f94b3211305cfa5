//! Who the partners of the link are. Whoever is not here is held, never guessed.

use super::zone::Zone;
use crate::date;
use crate::read::{Reader, Table, shown};
use domain::{Environment, PartnerId, Timestamp};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct Partner {
    pub(crate) id: PartnerId,
    pub(crate) group: String,
    /// BCP 47; the link's default where empty.
    pub(crate) language: String,
    /// Of the company, as people know it; empty where nobody wrote it down.
    pub(crate) name: String,
    pub(crate) zone: Zone,
    pub(crate) test: bool,
    pub(crate) production: bool,
    pub(crate) valid_from: Option<Timestamp>,
    /// First moment at which the partner is no longer valid.
    pub(crate) invalid_from: Option<Timestamp>,
    pub(crate) duns: String,
    pub(crate) vendor_number: String,
    pub(crate) edi_addresses: String,
}

impl Partner {
    pub(crate) fn is_valid_at(&self, at: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= at) && self.invalid_from.is_none_or(|until| at < until)
    }
    pub(crate) const fn takes(&self, environment: Environment) -> bool {
        match environment {
            Environment::Test => self.test,
            Environment::Production => self.production,
        }
    }
}

const FILE: &str = "partners.csv";
const OPTIONAL: [&str; 8] =
    ["language", "valid_from", "valid_until", "duns", "vendor_number", "edi_addresses", "name", "time_zone"];
/// Longest name of a company; a field of the case system takes it whole.
const MAX_NAME: usize = 200;
const DAY: i64 = 86_400_000;

pub(crate) fn read(reader: &mut Reader<'_>) -> BTreeMap<String, Partner> {
    let mut out = BTreeMap::new();
    let Some(text) = reader.required(FILE, "add it with a line for every partner") else { return out };
    let known = "id,group,language,environment,valid_from,valid_until,duns,vendor_number,edi_addresses,name,time_zone";
    let table = Table::parse(reader, FILE, text, &["id", "group", "environment"], &|c| OPTIONAL.contains(&c), known);
    table.unique(reader, &|row| table.cell(row, "id").to_owned());
    let mut addresses = BTreeMap::new();
    for row in &table.rows {
        let line = row.line;
        let id = match PartnerId::new(table.cell(row, "id")) {
            Ok(id) => id,
            Err(error) => {
                reader.fault(FILE, line, error.to_string(), "write the id that the community uses");
                continue;
            }
        };
        let (test, production) = match table.cell(row, "environment") {
            "T" => (true, false),
            "P" => (false, true),
            "TP" => (true, true),
            other => {
                let what = format!("`{}` is not an environment", shown(other));
                reader.fault(FILE, line, what, "write T (test), P (production) or TP (both)");
                (false, false)
            }
        };
        let duns = table.cell(row, "duns");
        if !duns.is_empty() && (duns.len() != 9 || !duns.bytes().all(|b| b.is_ascii_digit())) {
            reader.fault(FILE, line, format!("`{}` is not a DUNS number", shown(duns)), "write its nine digits");
        }
        for address in table.cell(row, "edi_addresses").split('|').map(str::trim).filter(|a| !a.is_empty()) {
            check_address(reader, line, address, &mut addresses, &id);
        }
        let zone = Zone::parse(table.cell(row, "time_zone")).unwrap_or_else(|| {
            let what = format!("`{}` is not a time zone", shown(table.cell(row, "time_zone")));
            reader.fault(FILE, line, what, "write a name of the IANA database, such as Europe/Berlin");
            Zone::default()
        });
        let name = table.cell(row, "name");
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            let mend = format!("write one line of at most {MAX_NAME} characters");
            reader.fault(FILE, line, "the name of the company cannot be used", mend);
        }
        let from = day(reader, line, "valid_from", table.cell(row, "valid_from"));
        let until = day(reader, line, "valid_until", table.cell(row, "valid_until"));
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            reader.fault(FILE, line, "the partner ends before it begins", "swap valid_from and valid_until");
        }
        let partner = Partner {
            id,
            group: table.cell(row, "group").to_owned(),
            language: table.cell(row, "language").to_owned(),
            name: name.to_owned(),
            zone,
            test,
            production,
            valid_from: from,
            invalid_from: until.map(|day| day.plus_millis(DAY)),
            duns: duns.to_owned(),
            vendor_number: table.cell(row, "vendor_number").to_owned(),
            edi_addresses: table.cell(row, "edi_addresses").to_owned(),
        };
        out.insert(partner.id.as_str().to_owned(), partner);
    }
    out
}

/// X12 I05 and I07 or EDIFACT 0007 and 0004: `qualifier:id`. One address may serve several partners in two
/// communities, but never two partners of one link.
fn check_address(
    reader: &mut Reader<'_>,
    line: usize,
    address: &str,
    seen: &mut BTreeMap<String, PartnerId>,
    id: &PartnerId,
) {
    let fits =
        address.split_once(':').is_some_and(|(q, id)| (1..=4).contains(&q.len()) && (1..=35).contains(&id.len()));
    if !fits {
        let what = format!("`{}` is not an EDI address", shown(address));
        reader.fault(FILE, line, what, "write qualifier:id, such as 01:123456789, and `|` between several");
    }
    if let Some(other) = seen.insert(address.to_owned(), id.clone())
        && other != *id
    {
        let what = format!("EDI address `{}` also belongs to `{other}`", shown(address));
        reader.fault(FILE, line, what, "give it to one partner");
    }
}

fn day(reader: &mut Reader<'_>, line: usize, column: &str, text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    let day = date::parse_day(text);
    if day.is_none() {
        let what = format!("`{}` in {column} is not a date", shown(text));
        reader.fault(FILE, line, what, "write it as 2026-01-31; days are UTC");
    }
    day
}
