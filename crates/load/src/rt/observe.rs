//! RT's histories as lines for the checker: every ticket that belongs to a case, every change of it, in RT's order.

use super::Rt;
use super::wire::{Row, word};
use crate::LoadError;
use checker::{Author, Observed, What};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::path::Path;

impl Rt {
    /// Writes all that RT holds of cases to `to`, anew. `ours` are the pipeline's users, `prefix` is what external ids
    /// begin with. An error where RT does not answer: half a reading would be taken for losses.
    pub async fn observe(&self, ours: &[&str], prefix: &str, to: &Path) -> Result<u64, LoadError> {
        let failed = |source| LoadError::Journal { path: to.to_owned(), source };
        let silent = || LoadError::Silent { act: "a look at Request Tracker".to_owned() };
        let query = format!("'CF.{{{}}}' LIKE '{prefix}'", self.case_field);
        let tickets =
            self.all("/tickets", &[("query", query.as_str()), ("orderby", "id")]).await?.ok_or_else(silent)?;
        let mut file = std::io::BufWriter::new(std::fs::File::create(to).map_err(failed)?);
        let (mut lines, mut seen) = (0, HashSet::new());
        for id in tickets.iter().map(|ticket| word(&ticket["id"])).filter(|id| !id.is_empty()) {
            // Pages shift while tickets are made.
            if !seen.insert(id.clone()) {
                continue;
            }
            let ticket = self.get(&format!("/ticket/{id}"), &[]).await?.ok_or_else(silent)?;
            let mut rows = self.rows(&id).await?.ok_or_else(silent)?;
            rows.sort_by_key(|row| row.id);
            let read = Ticket::of(&id, &ticket, &self.case_field, prefix, ours);
            for row in &rows {
                let text = match row.kind.as_str() {
                    "Create" | "Correspond" | "Comment" => self.text(row.id).await?.ok_or_else(silent)?,
                    _ => String::new(),
                };
                let line = serde_json::to_vec(&read.observed(row, text, &rows)).map_err(|_| LoadError::NotDurable)?;
                file.write_all(&line).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
                lines += 1;
            }
        }
        file.flush().and_then(|()| file.get_ref().sync_data()).map_err(failed)?;
        Ok(lines)
    }
}

struct Ticket<'t> {
    id: &'t str,
    subject: String,
    title: String,
    partner: String,
    /// Name by number, and what it is now.
    fields: BTreeMap<String, (String, String)>,
    ours: &'t [&'t str],
}

impl<'t> Ticket<'t> {
    fn of(id: &'t str, ticket: &Value, case_field: &str, prefix: &str, ours: &'t [&'t str]) -> Self {
        let fields: BTreeMap<String, (String, String)> = ticket["CustomFields"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| (word(&field["id"]), (word(&field["name"]), word(&field["values"][0]))))
            .collect();
        let now = |name: &str| fields.values().find(|(is, _)| is == name).map(|(_, value)| value.clone());
        let external_id = now(case_field).unwrap_or_default();
        let subject = external_id.strip_prefix(prefix).unwrap_or_default().to_owned();
        let partner = now("TG Partner Id").unwrap_or_default();
        Self { id, subject, title: word(&ticket["Subject"]), partner, fields, ours }
    }

    fn observed(&self, row: &Row, text: String, rows: &[Row]) -> Observed {
        let what = match row.kind.as_str() {
            "Create" => What::Created {
                title: self.title.clone(),
                text,
                status: rows.iter().find(|r| r.kind == "Status").map_or_else(|| "new".to_owned(), |r| r.old.clone()),
                fields: self.at_first(rows),
            },
            "Correspond" => What::Said { text },
            "Comment" => What::Noted { text },
            "Status" => What::Status { to: row.new.clone(), text: String::new() },
            "CustomField" => {
                let name = self.fields.get(&row.field).map_or_else(|| row.field.clone(), |(name, _)| name.clone());
                What::Field { name, to: row.new.clone() }
            }
            _ => What::Other { text: String::new() },
        };
        let author = match row.creator.as_str() {
            "RT_System" => Author::System,
            name if self.ours.contains(&name) => Author::Ours,
            _ => Author::Person,
        };
        Observed {
            record: self.id.to_owned(),
            subject: self.subject.clone(),
            partner: self.partner.clone(),
            native: row.id.to_string(),
            author,
            kind: row.kind.clone(),
            what,
        }
    }

    /// RT writes no rows for the fields a ticket is made with: what they were before their first change, or are now.
    fn at_first(&self, rows: &[Row]) -> BTreeMap<String, String> {
        let before = |id: &str| rows.iter().find(|r| r.kind == "CustomField" && r.field == id).map(|r| r.old.clone());
        self.fields
            .iter()
            .map(|(id, (name, now))| (name.clone(), before(id).unwrap_or_else(|| now.clone())))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_history_becomes_what_a_checker_reads() {
        let ticket = json!({"id": 5, "Subject": "[ACME] act-r-1", "CustomFields": [
            {"id": "1", "name": "TG Case Id", "values": ["case/tg/C-9"]},
            {"id": 2, "name": "TG Contact", "values": ["act-r-2 Ann"]},
            {"id": "3", "name": "TG Severity", "values": ["major"]},
            {"id": "4", "name": "TG Partner Id", "values": ["ACME"]}]});
        let row = |id, kind: &str, by: &str, field: &str, old: &str, new: &str| Row {
            id,
            kind: kind.to_owned(),
            creator: by.to_owned(),
            field: field.to_owned(),
            old: old.to_owned(),
            new: new.to_owned(),
        };
        let rows = [
            row(1, "Create", "causeway-partner", "", "", ""),
            row(2, "CustomField", "causeway-sync", "2", "Bob", "act-r-2 Ann"),
            row(3, "Status", "RT_System", "Status", "new", "open"),
            row(4, "Comment", "agent1", "", "", ""),
        ];
        let read = Ticket::of("5", &ticket, "TG Case Id", "case/tg/", &["causeway-sync", "causeway-partner"]);
        let all: Vec<Observed> = rows.iter().map(|row| read.observed(row, "text".to_owned(), &rows)).collect();
        assert!(all.iter().all(|o| o.subject == "C-9" && o.partner == "ACME" && o.record == "5"));
        let authors: Vec<Author> = all.iter().map(|o| o.author).collect();
        assert_eq!(authors, [Author::Ours, Author::Ours, Author::System, Author::Person]);
        let What::Created { status, fields, .. } = &all[0].what else { panic!("{:?}", all[0]) };
        assert_eq!(
            (status.as_str(), fields["TG Contact"].as_str(), fields["TG Severity"].as_str()),
            ("new", "Bob", "major")
        );
        let to = "act-r-2 Ann".to_owned();
        assert_eq!(all[1].what, What::Field { name: "TG Contact".to_owned(), to });
    }
}
