//! Tickets that were made twice. RT leaves the external id out of the second one, so that it is known by its title, which
//! holds the token of the act that opened the case.

use super::Rt;
use super::wire::word;
use crate::LoadError;
use std::collections::BTreeMap;
use std::fmt;

/// Where the pipeline puts a second ticket that nobody has worked on.
const CLOSED: &str = "rejected";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubles {
    pub tickets: u64,
    /// Beyond the first one of their title.
    pub made: u64,
    pub closed: u64,
    /// Of those made, neither closed nor marked for a person.
    pub left: u64,
}

impl fmt::Display for Doubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tickets, made, closed, left } = self;
        write!(f, "{made} made beside {} tickets, {closed} closed, {left} left", tickets - made)
    }
}

impl Rt {
    /// Counts among the tickets that `by` has made.
    pub async fn doubles(&self, by: &str) -> Result<Doubles, LoadError> {
        let silent = || LoadError::Silent { act: "a look at Request Tracker".to_owned() };
        let query = format!("Creator = '{by}'");
        let asked = [("query", query.as_str()), ("orderby", "id"), ("fields", "Subject,Status")];
        let tickets = self.all("/tickets", &asked).await?.ok_or_else(silent)?;
        let mut by_title: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
        for ticket in &tickets {
            let id = word(&ticket["id"]).parse().unwrap_or_default();
            by_title.entry(word(&ticket["Subject"])).or_default().insert(id, word(&ticket["Status"]));
        }
        let mut found = Doubles::default();
        for same in by_title.values() {
            let (made, closed) = (same.len() as u64 - 1, same.values().skip(1).filter(|s| *s == CLOSED).count() as u64);
            found.tickets += same.len() as u64;
            found.made += made;
            found.closed += closed;
            found.left += made - closed;
        }
        Ok(found)
    }

    /// The highest transaction there is: it moves with every change anybody makes. `None` without an answer.
    pub async fn newest_change(&self) -> Result<Option<u64>, LoadError> {
        let asked =
            [("query", "ObjectType='RT::Ticket' AND id > 0"), ("orderby", "id"), ("order", "DESC"), ("per_page", "1")];
        let found = self.get("/transactions", &asked).await?;
        Ok(found.map(|found| word(&found["items"][0]["id"]).parse().unwrap_or_default()))
    }
}
