//! What may stand in no text for a partner, whoever wrote it and wherever: the house's own names, and other partners.

use super::partners::Partner;
use crate::read::{Reader, Table, shown};
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const FILE: &str = "never.csv";
/// Shorter names are syllables of ordinary words.
const LEAST: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// E-mail addresses at this domain or below it.
    MailDomain,
    /// The host itself and every host below it.
    Host,
    /// A name of the house: of a queue, a person, a system.
    Word,
}

/// Whom an identifier belongs to: indexes into the ids. Two partners may share a vendor number.
type Owners = Vec<usize>;

/// The identifiers of all partners and the names of `never.csv`, each as one automaton: a text is read once for each,
/// however many there are.
#[derive(Clone, Debug)]
pub(crate) struct Isolation {
    kinds: Vec<Kind>,
    house: AhoCorasick,
    ids: Vec<String>,
    owners: Vec<Owners>,
    partners: AhoCorasick,
}

impl Isolation {
    /// `own`: what the bundle itself says to partners. Its words are ordinary ones: a partner that is called `REVIEW` must not
    /// withhold every status from all others.
    pub(crate) fn read(reader: &mut Reader<'_>, partners: &BTreeMap<String, Partner>, own: &[&str]) -> Option<Self> {
        let (mut words, mut kinds) = (Vec::new(), Vec::new());
        let mut ordinary: BTreeSet<String> = own.iter().flat_map(|text| words_of(text)).collect();
        if let Some(text) = reader.optional(FILE) {
            let table = Table::parse(reader, FILE, text, &["kind", "value"], &|_| false, "kind,value");
            table.unique(reader, &|row| table.cell(row, "value").to_lowercase());
            for row in &table.rows {
                let value = table.cell(row, "value").trim_start_matches(['@', '.']).to_ascii_lowercase();
                let kind = match table.cell(row, "kind") {
                    "mail-domain" => Some(Kind::MailDomain),
                    "host" => Some(Kind::Host),
                    "word" => Some(Kind::Word),
                    "not-a-partner" => None,
                    other => {
                        let what = format!("`{}` is no kind of name", shown(other));
                        reader.fault(FILE, row.line, what, "write mail-domain, host, word or not-a-partner");
                        None
                    }
                };
                if value.len() < LEAST {
                    let what = format!("`{}` is too short to be told from ordinary words", shown(&value));
                    reader.fault(FILE, row.line, what, format!("write at least {LEAST} letters"));
                    continue;
                }
                match kind {
                    Some(kind) => {
                        words.push(value);
                        kinds.push(kind);
                    }
                    None => {
                        ordinary.insert(value);
                    }
                }
            }
        }
        let mut known: BTreeMap<String, Owners> = BTreeMap::new();
        let ids: Vec<String> = partners.keys().cloned().collect();
        for (at, partner) in partners.values().enumerate() {
            for name in names(partner).filter(|name| !ordinary.contains(name)) {
                let owners = known.entry(name).or_default();
                if owners.last() != Some(&at) {
                    owners.push(at);
                }
            }
        }
        let (names, owners): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        let house = automaton(reader, &words)?;
        let partners = automaton(reader, &names)?;
        Some(Self { kinds, house, ids, owners, partners })
    }

    /// Where the house's own names stand, in order and apart; all of an address or host where one ends so.
    pub(crate) fn of_the_house(&self, text: &str) -> Vec<Range<usize>> {
        let whole = |hit: aho_corasick::Match| match self.kinds.get(hit.pattern().as_usize()) {
            Some(Kind::MailDomain) => mail(text, hit.range()),
            Some(Kind::Host) => host(text, hit.range()),
            Some(Kind::Word) | None => Some(hit.range()).filter(|range| stands_alone(text, range)),
        };
        let mut found: Vec<Range<usize>> = self.house.find_overlapping_iter(text).filter_map(whole).collect();
        found.sort_by_key(|range| range.start);
        found.dedup_by(|next, last| {
            let within = next.start < last.end;
            if within {
                last.end = last.end.max(next.end);
            }
            within
        });
        found
    }

    /// Does the text name a partner other than this one?
    pub(crate) fn names_another(&self, text: &str, partner: &str) -> bool {
        // Overlapping, so that no shorter name hides a longer one.
        self.partners.find_overlapping_iter(text).any(|hit| {
            let owners = self.owners.get(hit.pattern().as_usize()).map_or(&[][..], Vec::as_slice);
            let own = owners.iter().any(|at| self.ids.get(*at).is_some_and(|id| id == partner));
            !own && stands_alone(text, &hit.range())
        })
    }
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
    words.filter(|word| word.len() >= LEAST).map(str::to_ascii_lowercase)
}

/// What a person would write down to name a partner.
fn names(partner: &Partner) -> impl Iterator<Item = String> {
    let addresses = partner.edi_addresses.split('|').filter_map(|a| a.split_once(':')).map(|(_, id)| id.trim());
    // A short number is an amount or a line of an order sooner than a vendor.
    let telling = |name: &str| {
        let digits = name.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        name.len() >= if digits { 6 } else { LEAST }
    };
    let own = [partner.id.as_str(), &partner.name, &partner.duns, &partner.vendor_number];
    let all = own.into_iter().chain(addresses);
    all.filter(move |name| telling(name)).map(str::to_ascii_lowercase).collect::<Vec<_>>().into_iter()
}

fn automaton(reader: &mut Reader<'_>, words: &[String]) -> Option<AhoCorasick> {
    let built = AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(words);
    match built {
        Ok(automaton) => Some(automaton),
        Err(error) => {
            reader.fault(FILE, 0, format!("the names cannot be searched for: {error}"), "write fewer");
            None
        }
    }
}

/// Neither a letter nor a digit before or after it.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|t| t.chars().next_back());
    let after = text.get(range.end..).and_then(|t| t.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// Bytes before `at` that may belong to a name of a host or a mailbox.
fn back(text: &str, at: usize, more: &[char]) -> usize {
    let name = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_') || more.contains(c);
    let len: usize = text.get(..at).unwrap_or_default().chars().rev().take_while(name).map(char::len_utf8).sum();
    at - len
}

/// The whole address whose domain ends here.
fn mail(text: &str, hit: Range<usize>) -> Option<Range<usize>> {
    let start = back(text, hit.start, &['@', '+', '\'', '%']);
    let after = text.get(hit.end..).and_then(|t| t.chars().next());
    let within = text.get(start..hit.start)?;
    let at_border = within.ends_with(['@', '.']);
    (within.contains('@') && at_border && !after.is_some_and(char::is_alphanumeric)).then_some(start..hit.end)
}

/// The whole name of the host that ends here.
fn host(text: &str, hit: Range<usize>) -> Option<Range<usize>> {
    let start = back(text, hit.start, &[]);
    let within = text.get(start..hit.start)?;
    let after = text.get(hit.end..).and_then(|t| t.chars().next());
    ((within.is_empty() || within.ends_with('.')) && !after.is_some_and(char::is_alphanumeric))
        .then_some(start..hit.end)
}
