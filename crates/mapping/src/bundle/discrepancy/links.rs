//! Links that lead an agent from the ticket into the systems that know more.

use crate::read::{Reader, Row, Table, shown};

/// What of a discrepancy a link is made of, once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Each business document of the type.
    Document,
    /// Each tracking number of the carrier.
    Tracking,
    /// Each serial shipping container code.
    Sscc,
    /// Each line, by its buyer's item number or its GTIN.
    Item,
}

impl About {
    const ALL: [(&'static str, Self); 4] =
        [("document", Self::Document), ("tracking", Self::Tracking), ("sscc", Self::Sscc), ("item", Self::Item)];
}

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) label: String,
    pub(crate) about: About,
    /// Type code of the document, or SCAC of the carrier; `*` fits any.
    pub(crate) which: String,
    pub(crate) url: String,
}

/// What `{name}` may be in an address.
const NAMES: [&str; 5] = ["number", "partner", "vendor_number", "site", "case"];

pub(crate) fn read(reader: &mut Reader<'_>) -> Vec<Link> {
    let (file, columns) = ("discrepancy/links.csv", ["label", "about", "which", "url"]);
    let mut links = Vec::new();
    let Some(text) = reader.optional(file) else { return links };
    let table = Table::parse(reader, file, text, &columns, &|_| false, "label,about,which,url");
    for row in &table.rows {
        links.extend(link(reader, &table, row));
    }
    links
}

fn link(reader: &mut Reader<'_>, table: &Table, row: &Row) -> Option<Link> {
    let [label, about, which, url] = ["label", "about", "which", "url"].map(|column| table.cell(row, column));
    if label.is_empty() || which.is_empty() {
        let mend = "write what agents read, and `*` or the type code or carrier";
        reader.fault(&table.file, row.line, "the label or `which` is empty", mend);
    }
    let found = About::ALL.iter().find(|(word, _)| *word == about);
    if found.is_none() {
        let known: Vec<_> = About::ALL.iter().map(|(word, _)| *word).collect();
        let what = format!("nothing of a discrepancy is called `{}`", shown(about));
        reader.fault(&table.file, row.line, what, format!("known: {}", known.join(", ")));
    }
    let sound = sound(url);
    if !sound {
        let what = format!("`{}` is not an address", shown(url));
        let names: Vec<_> = NAMES.iter().map(|name| format!("{{{name}}}")).collect();
        let mend = format!("begin with https://host/ and use {} after it", names.join(" "));
        reader.fault(&table.file, row.line, what, mend);
    }
    let about = found.filter(|_| sound)?.1;
    Some(Link { label: label.to_owned(), about, which: which.to_owned(), url: url.to_owned() })
}

/// The host is fixed: what a partner wrote never decides where an agent's browser goes.
fn sound(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else { return false };
    let Some((host, path)) = rest.split_once('/') else { return false };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
    if host.is_empty() || !host.bytes().all(plain) || !url.bytes().all(|b| b.is_ascii_graphic()) {
        return false;
    }
    let bare = NAMES.iter().fold(path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), ""));
    path.contains("{number}") && !bare.contains(['{', '}', '<', '>', '"'])
}

#[cfg(test)]
mod tests {
    use super::sound;

    #[test]
    fn an_address_has_a_fixed_host_and_known_names_only() {
        assert!(sound("https://erp.example/orders?no={number}&plant={site}"));
        for bad in [
            "ftp://erp.example/{number}",
            "https://{partner}.example/{number}",
            "https://user@erp.example/{number}",
            "https://erp.example/{nummer}",
            "https://erp.example/orders",
            "https://erp.example",
            "https://erp.example/{number",
            "javascript:alert({number})",
        ] {
            assert!(!sound(bad), "{bad}");
        }
    }
}
