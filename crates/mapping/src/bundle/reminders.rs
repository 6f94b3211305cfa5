//! `reminders.csv`: when who is reminded of what. A link without the file reminds nobody.

use crate::read::{Reader, Row, Table, shown};
use domain::timer::{Kind, Rule};

const FILE: &str = "reminders.csv";
const DAY: i64 = 86_400_000;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Reminder {
    pub(crate) rule: Rule,
    pub(crate) to_partner: bool,
    pub(crate) to_agents: bool,
}

/// Texts that reminders need, by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reminded {
    pub(crate) partners: Vec<String>,
    pub(crate) agents: Vec<String>,
}

impl Reminded {
    pub(crate) fn of(reminders: &[Reminder]) -> Self {
        let ids = |told: fn(&Reminder) -> bool| {
            reminders.iter().filter(|reminder| told(reminder)).map(|reminder| reminder.rule.id.clone()).collect()
        };
        Self { partners: ids(|reminder| reminder.to_partner), agents: ids(|reminder| reminder.to_agents) }
    }
}

/// `confirm_days`: where an offered outcome has its deadline, 0 for nowhere; `None` where the link has no discrepancies.
pub(crate) fn read(reader: &mut Reader<'_>, confirm_days: Option<i64>) -> Vec<Reminder> {
    let Some(text) = reader.optional(FILE) else { return Vec::new() };
    let known = "id,timer,when,tell";
    let table = Table::parse(reader, FILE, text, &["id", "timer", "when", "tell"], &|_| false, known);
    let mut out: Vec<Reminder> = Vec::new();
    for row in &table.rows {
        let Some(reminder) = line(reader, &table, row, confirm_days) else { continue };
        if out.iter().any(|other| other.rule.id == reminder.rule.id) {
            let what = format!("`{}` is there twice", shown(&reminder.rule.id));
            reader.fault(FILE, row.line, what, "every line has an id of its own, chosen for ever");
        }
        out.push(reminder);
    }
    out
}

fn line(reader: &mut Reader<'_>, table: &Table, row: &Row, confirm_days: Option<i64>) -> Option<Reminder> {
    let [id, timer, when, tell] = ["id", "timer", "when", "tell"].map(|column| table.cell(row, column));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || id.len() > 40 || !id.bytes().all(plain) {
        reader.fault(FILE, row.line, format!("`{}` is not an id", shown(id)), "use a-z, 0-9 and '-', at most 40");
    }
    let kind = Kind::parse(timer).ok();
    if kind.is_none() {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let what = format!("`{}` is not a timer", shown(timer));
        reader.fault(FILE, row.line, what, format!("known: {}", known.join(", ")));
    }
    let offset = duration(when);
    if offset.is_none() {
        let what = format!("`{}` is not a duration", shown(when));
        reader.fault(FILE, row.line, what, "write P3D after it, -P2D before it, PT12H in hours, P0D at it");
    }
    let words: Vec<&str> = tell.split('|').map(str::trim).collect();
    if words.iter().any(|word| !["partner", "agents"].contains(word)) {
        let what = format!("`{}` names nobody", shown(tell));
        reader.fault(FILE, row.line, what, "write partner, agents, or partner|agents");
    }
    let (kind, offset) = (kind?, offset?);
    let deadline = match kind {
        // A line about what the link does not have is idle.
        Kind::OutcomeOffered => Some(confirm_days.unwrap_or(1).saturating_mul(DAY)).filter(|days| *days > 0),
        Kind::PartnerAsked
        | Kind::ResolutionOffered
        | Kind::DisputeDeadline
        | Kind::DocumentValidTo
        | Kind::TaskDue => kind.names_deadline().then_some(0),
    };
    if offset < 0 && deadline.is_none() {
        let mend = "count from when the waiting began, such as P3D";
        reader.fault(FILE, row.line, format!("`{timer}` has no deadline that anything could come before"), mend);
    }
    let fires = offset.saturating_add(deadline.unwrap_or(0));
    let rule = Rule { id: id.to_owned(), kind, fires, deadline };
    Some(Reminder { rule, to_partner: words.contains(&"partner"), to_agents: words.contains(&"agents") })
}

/// Milliseconds of `P3D`, `-P2D`, `P1DT12H`, `PT30M`, `PT45S` or `P2W` (ISO 8601, a day of 24 hours); at most ten years.
fn duration(text: &str) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.strip_prefix('P')?;
    let (days, times) = rest.split_once('T').map_or((rest, None), |(days, times)| (days, Some(times)));
    if days.is_empty() && times.is_none() || times.is_some_and(str::is_empty) {
        return None;
    }
    let of_days = parts(days, &[('W', 7 * DAY), ('D', DAY)])?;
    let of_times = parts(times.unwrap_or_default(), &[('H', DAY / 24), ('M', 60_000), ('S', 1_000)])?;
    let millis = of_days.checked_add(of_times)?;
    (millis <= 3_660 * DAY).then_some(sign * millis)
}

fn parts(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut total: i64 = 0;
    for (letter, millis) in units {
        let Some((number, rest)) = text.split_once(*letter) else { continue };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(*millis)?)?;
        text = rest;
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::{DAY, duration};

    #[test]
    fn a_duration_has_a_unit_a_sign_and_an_end() {
        for (text, millis) in [
            ("P3D", 3 * DAY),
            ("-P2D", -2 * DAY),
            ("P0D", 0),
            ("P2W", 14 * DAY),
            ("P1DT12H", DAY * 3 / 2),
            ("PT30M", 1_800_000),
            ("PT45S", 45_000),
            ("-P13DT23H59M15S", 45_000 - 14 * DAY),
        ] {
            assert_eq!(duration(text), Some(millis), "{text}");
        }
        for bad in
            ["", "P", "3D", "PT", "P3", "P-3D", "P3H", "PT3D", "P1DT", "P9999999999999999999D", "P4000D", "P3D2W"]
        {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
