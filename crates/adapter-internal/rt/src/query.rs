//! TicketSQL and TransactionSQL. RT escapes with a backslash inside single quotes.

use std::fmt::Write;

/// A quoted literal.
pub fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('\'');
    for c in value.chars() {
        if matches!(c, '\'' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
    out
}

/// `CF.{field} = value`. RT compares without case and finds nothing, with status 200, for a field it does not know.
pub fn by_field(field: &str, value: &str) -> String {
    format!("CF.{{{field}}} = {}", quoted(value))
}

pub fn any_ticket(ids: impl IntoIterator<Item = u64>) -> String {
    let mut out = String::new();
    for id in ids {
        let _ = write!(out, "{}id = {id}", if out.is_empty() { "" } else { " OR " });
    }
    out
}

/// A ticket that was merged into another one; a search that does not ask for it leaves it out.
pub fn merged(id: u64, into: u64) -> String {
    format!("id = {id} AND EffectiveId = {into}")
}

/// Rows of one ticket. `ObjectType` first: with it RT filters by rights in SQL, without it after cutting the page.
pub fn rows_of(ticket: u64) -> String {
    format!("ObjectType = 'RT::Ticket' AND ObjectId = {ticket}")
}

/// Rows of any ticket with an id in one of the open intervals `(after, before)`; the last one has no end.
pub fn rows_between(gaps: &[(u64, Option<u64>)]) -> String {
    let mut out = String::from("ObjectType = 'RT::Ticket' AND (");
    for (i, (after, before)) in gaps.iter().enumerate() {
        let or = if i == 0 { "" } else { " OR " };
        let _ = match before {
            Some(before) => write!(out, "{or}(id > {after} AND id < {before})"),
            None => write!(out, "{or}id > {after}"),
        };
    }
    out.push(')');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        assert_eq!(quoted(r"a' OR id > 0 \"), r"'a\' OR id > 0 \\'");
        assert_eq!(by_field("TG Case Id", "case/tg/1"), "CF.{TG Case Id} = 'case/tg/1'");
    }

    #[test]
    fn gaps_become_intervals() {
        assert_eq!(
            rows_between(&[(5, Some(9)), (20, None)]),
            "ObjectType = 'RT::Ticket' AND ((id > 5 AND id < 9) OR id > 20)"
        );
        assert_eq!(any_ticket([1, 2]), "id = 1 OR id = 2");
    }
}
