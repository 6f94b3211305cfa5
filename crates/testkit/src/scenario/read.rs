//! Reads scenario files. Strict: a key that nobody knows is refused, with its line.

mod keys;

use super::{Act, Agent, Expect, File, Level, Open, Partner, Raise, Scenario, Share, Step};
use super::{NewPaper, NewProgramme, NewTask};
use crate::scenario::expect::{DocumentExpect, TicketExpect};
use crate::scenario::step::file_line_of;
use keys::Keys;
use std::path::Path;

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Fault {
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl Fault {
    fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

/// All scenarios below a folder, by name. A folder without any is refused, and so is a file that is no scenario.
pub fn read_folder(root: &Path) -> Result<Vec<Scenario>, Fault> {
    read_folder_as(root, &str::to_owned)
}

/// The same, each file told otherwise first, such as on another day.
pub fn read_folder_as(root: &Path, told: &dyn Fn(&str) -> String) -> Result<Vec<Scenario>, Fault> {
    let entries = |dir: &Path| {
        let listed = std::fs::read_dir(dir).and_then(|entries| entries.map(|e| Ok(e?.path())).collect());
        let mut listed: Vec<_> = listed.map_err(|e| Fault::new(&dir.display().to_string(), 0, e.to_string()))?;
        listed.sort();
        Ok(listed)
    };
    let mut scenarios = Vec::new();
    for dir in entries(root)? {
        let shown = dir.display().to_string();
        if !dir.is_dir() {
            return Err(Fault::new(&shown, 0, "scenarios lie in a folder of their use case"));
        }
        let before = scenarios.len();
        for file in entries(&dir)? {
            let shown = file.display().to_string();
            if file.extension().is_none_or(|e| e != "toml") {
                return Err(Fault::new(&shown, 0, "not a scenario: its name does not end in .toml"));
            }
            let text = std::fs::read_to_string(&file).map_err(|e| Fault::new(&shown, 0, e.to_string()))?;
            let part = |path: Option<&std::ffi::OsStr>| path.unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("{}/{}", part(dir.file_name()), part(file.file_stem()));
            scenarios.push(read(&name, &shown, &told(&text))?);
        }
        if scenarios.len() == before {
            return Err(Fault::new(&shown, 0, "a folder without scenarios"));
        }
    }
    Ok(scenarios)
}

/// One file; `file` is what mistakes are reported under.
pub fn read(name: &str, file: &str, text: &str) -> Result<Scenario, Fault> {
    let mut keys = Keys::parse(file, text)?;
    let title = keys.required("title")?;
    let levels = levels(&mut keys)?;
    let mut steps = Vec::new();
    for mut table in keys.tables("step")? {
        steps.push(step(&mut table)?);
    }
    let mut expectations = Vec::new();
    for mut table in keys.tables("expect")? {
        let case = table.text_or("case", "case")?;
        expectations.push((case, expect(table)?));
    }
    keys.finish()?;
    let scenario = Scenario { name: name.to_owned(), title, levels, steps, expect: expectations };
    whole(&scenario, file)?;
    Ok(scenario)
}

fn levels(keys: &mut Keys) -> Result<Vec<Level>, Fault> {
    let (levels, why) = (keys.texts("levels")?, keys.text("why")?);
    let Some(words) = levels else {
        return match why {
            None => Ok(Level::ALL.to_vec()),
            Some(_) => Err(keys.fault(1, "`why` explains `levels`, which are not given")),
        };
    };
    let mut known = Vec::new();
    for word in &words {
        let level = Level::ALL.into_iter().find(|level| level.as_str() == word);
        known.push(level.ok_or_else(|| keys.fault(1, format!("level `{word}` is none of mapping, simulation, real")))?);
    }
    if known.is_empty() || (known.len() < Level::ALL.len() && why.is_none_or(|why| why.trim().is_empty())) {
        return Err(keys.fault(1, "a scenario that leaves out a level says in `why` what that level cannot express"));
    }
    Ok(known)
}

/// Steps act on cases that were opened, and every case is judged in the end.
fn whole(scenario: &Scenario, file: &str) -> Result<(), Fault> {
    let opened = scenario.cases();
    for (at, step) in scenario.steps.iter().enumerate() {
        let opens = |step: &Step| step.opens_as().is_some();
        let own = matches!(step.act, Act::Agent(Agent::OpensOwnTicket { .. }));
        let before = scenario.steps[..at].iter().any(|earlier| {
            earlier.case == step.case
                && (opens(earlier) || matches!(earlier.act, Act::Agent(Agent::OpensOwnTicket { .. })))
        });
        if step.crosses && (at == 0 || scenario.steps[at - 1].then.is_some()) {
            return Err(Fault::new(file, step.line, "nothing that is on its way is there to cross"));
        }
        if before == (opens(step) || own) {
            let what = if before { "is opened a second time" } else { "was not opened before" };
            return Err(Fault::new(file, step.line, format!("case `{}` {what}", step.case)));
        }
    }
    for (case, expect) in &scenario.expect {
        if !opened.contains(&case) {
            return Err(Fault::new(file, expect.line, format!("no partner opens case `{case}`")));
        }
    }
    match opened.iter().find(|case| !scenario.expect.iter().any(|(named, _)| named == **case)) {
        _ if opened.is_empty() => Err(Fault::new(file, 1, "no partner opens a case")),
        Some(case) => Err(Fault::new(file, 1, format!("nothing is expected of case `{case}` in the end"))),
        None => Ok(()),
    }
}

fn step(keys: &mut Keys) -> Result<Step, Fault> {
    let line = keys.line;
    let (partner, agent, time) = (keys.text("partner")?, keys.text("agent")?, keys.text("time")?);
    let case = keys.text_or("case", "case")?;
    let then = keys.table("then")?.map(expect).transpose()?;
    let refused = partner.is_some() && keys.flag("refused")?;
    let crosses = keys.flag("crosses")?;
    let act = match (partner, agent, time) {
        (Some(verb), None, None) => Act::Partner(partner_does(keys, &verb)?),
        (None, Some(verb), None) if verb != "adds task" => match keys.text("task")? {
            Some(task) => Act::Agent(Agent::AtTask { task, act: Box::new(agent_does(keys, &verb)?) }),
            None => Act::Agent(agent_does(keys, &verb)?),
        },
        (None, Some(verb), None) => Act::Agent(agent_does(keys, &verb)?),
        (None, None, Some(verb)) if verb == "passes" => Act::Time { passes: days(keys)? },
        _ => return Err(keys.fault(line, "a step says what either `partner` or `agent` does, or that `time` passes")),
    };
    keys.finish()?;
    Ok(Step { line, case, act, refused, crosses, then })
}

/// `by = "P15D"`, in milliseconds.
fn days(keys: &mut Keys) -> Result<i64, Fault> {
    let by = keys.required("by")?;
    let days = by.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')).and_then(|days| days.parse::<u16>().ok());
    days.map(|days| i64::from(days) * 86_400_000)
        .ok_or_else(|| keys.fault(keys.line, format!("`{by}` is not such as P15D")))
}

fn partner_does(keys: &mut Keys, verb: &str) -> Result<Partner, Fault> {
    Ok(match verb {
        "opens" => Partner::Opens(Box::new(Open {
            by: keys.text_or("by", "ACME")?,
            title: keys.required("title")?,
            description: keys.text_or("description", "The total differs from the order.")?,
            severity: keys.text_or("severity", "MAJOR")?,
            category: keys.text_or("category", "INVOICE")?,
            document: keys.text_or("document", "")?,
        })),
        "comments" => Partner::Comments { text: keys.required("text")?, format: keys.text_or("format", "plain")? },
        "sends files" => {
            Partner::SendsFiles { text: keys.text_or("text", "")?, files: keys.texts("files")?.unwrap_or_default() }
        }
        "changes details" => Partner::ChangesDetails {
            field: keys.required("field")?,
            value: keys.required("value")?,
            reason: keys.text_or("reason", "")?,
        },
        "revises comment" => Partner::RevisesComment { from: keys.required("from")?, to: Some(keys.required("to")?) },
        "removes comment" => Partner::RevisesComment { from: keys.required("text")?, to: None },
        "withdraws" => Partner::Withdraws { reason: keys.text_or("reason", "")? },
        "accepts" => Partner::Accepts { text: keys.text_or("text", "")? },
        "rejects" => Partner::Rejects { text: keys.text_or("text", "")? },
        "raises" => Partner::Raises(Box::new(raise(keys)?)),
        "corrects line" => Partner::CorrectsLine { line: keys.required("line")?, reason: keys.text_or("reason", "")? },
        "gives evidence" => {
            Partner::GivesEvidence { text: keys.required("text")?, document: keys.text_or("document", "")? }
        }
        "confirms" => Partner::Confirms { text: keys.text_or("text", "")? },
        "contests" => {
            Partner::Contests { text: keys.text_or("text", "")?, lines: keys.texts("lines")?.unwrap_or_default() }
        }
        "lets the offer lapse" => Partner::LetsTheOfferLapse,
        "accepts invitation" => {
            Partner::AcceptsInvitation { contact: keys.text_or("contact", "Ann")?, text: keys.text_or("text", "")? }
        }
        "declines invitation" => Partner::DeclinesInvitation { text: keys.text_or("text", "")? },
        "lets the invitation expire" => Partner::LetsTheInvitationExpire,
        "submits" => Partner::Submits {
            task: keys.required("task")?,
            text: keys.required("text")?,
            document: keys.text_or("document", "")?,
        },
        "asks" => Partner::Asks { task: keys.text_or("task", "")?, text: keys.required("text")? },
        "shares" => Partner::Shares(Box::new(share(keys)?)),
        "adds version" => Partner::AddsVersion {
            file: file(keys)?,
            note: keys.text_or("note", "")?,
            valid_to: keys.text_or("valid_to", "")?,
        },
        "views" => Partner::Views,
        other => return Err(keys.fault(keys.line, format!("no partner `{other}`"))),
    })
}

fn raise(keys: &mut Keys) -> Result<Raise, Fault> {
    Ok(Raise {
        by: keys.text_or("by", "ACME")?,
        title: keys.required("title")?,
        description: keys.text_or("description", "What came is not what was ordered.")?,
        kind: keys.text_or("kind", "QTY_SHORT")?,
        code: keys.text_or("code", "")?,
        code_list: keys.text_or("code_list", "")?,
        site: keys.text_or("site", "")?,
        document: keys.text_or("document", "220 4500001")?,
        amount: keys.text_or("amount", "")?,
        lines: keys.texts("lines")?.unwrap_or_default(),
    })
}

fn share(keys: &mut Keys) -> Result<Share, Fault> {
    Ok(Share {
        by: keys.text_or("by", "ACME")?,
        title: keys.required("title")?,
        description: keys.text_or("description", "")?,
        type_code: keys.text_or("type", "380")?,
        type_list: keys.text_or("list", "")?,
        references: keys.texts("references")?.unwrap_or_else(|| vec!["220 4500001".to_owned()]),
        file: file(keys)?,
        valid_to: keys.text_or("valid_to", "")?,
        parent: keys.text_or("parent", "")?,
    })
}

fn file(keys: &mut Keys) -> Result<File, Fault> {
    Ok(File {
        name: keys.text_or("file", "document.pdf")?,
        media_type: keys.text_or("media_type", "application/pdf")?,
        bytes: keys.text_or("bytes", "")?,
        size: keys.number("size")?.unwrap_or(0),
    })
}

fn agent_does(keys: &mut Keys, verb: &str) -> Result<Agent, Fault> {
    Ok(match verb {
        "replies" => Agent::Replies { text: keys.required("text")? },
        "sends files" => {
            Agent::SendsFiles { text: keys.text_or("text", "")?, files: keys.texts("files")?.unwrap_or_default() }
        }
        "notes" => Agent::Notes { text: keys.required("text")? },
        "sets status" => Agent::SetsStatus { to: keys.required("to")?, reason: keys.text_or("reason", "")? },
        "sets field" => Agent::SetsField {
            field: keys.required("field")?,
            value: keys.required("value")?,
            shared: keys.flag("shared")?,
        },
        "merges" => Agent::Merges { into: keys.required("into")? },
        "assigns" => Agent::Assigns { to: keys.required("to")? },
        "changes priority" => Agent::ChangesPriority { to: keys.required("to")? },
        "opens own ticket" => {
            Agent::OpensOwnTicket { title: keys.required("title")?, use_case: keys.text_or("use_case", "")? }
        }
        "starts programme" => Agent::StartsProgramme(Box::new(NewProgramme {
            by: keys.text_or("by", "ACME")?,
            programme: keys.text_or("programme", "supplier-edi")?,
            target: keys.text_or("target", "2026-09-01")?,
            milestones: keys.text_or("milestones", "")?,
        })),
        "adds task" => Agent::AddsTask(Box::new(NewTask {
            task: keys.required("task")?,
            title: keys.required("title")?,
            instructions: keys.text_or("instructions", "")?,
            side: keys.text_or("side", "PARTNER")?,
            mandatory: keys.text_or("mandatory", "")?,
            document: keys.text_or("document", "")?,
            depends_on: keys.text_or("depends_on", "")?,
            due: keys.text_or("due", "")?,
            shown: keys.text_or("shown", "")?,
        })),
        "begins document" => Agent::BeginsDocument(Box::new(NewPaper {
            by: keys.text_or("by", "ACME")?,
            kind: keys.text_or("type", "OWN NDA")?,
            order: keys.text_or("order", "")?,
            invoice: keys.text_or("invoice", "")?,
            shipment: keys.text_or("shipment", "")?,
            parent: keys.text_or("parent", "")?,
        })),
        "puts file" => Agent::PutsFile { text: keys.text_or("text", "")?, file: file(keys)? },
        "hears of expiry" => Agent::HearsOfExpiry {
            version: keys.number("version")?.unwrap_or(1),
            valid_to: keys.required("valid_to")?,
            days_left: keys.number("days_left")?.unwrap_or(0),
        },
        "requires information" => Agent::RequiresInformation { question: keys.required("question")? },
        "resolves" => Agent::Resolves { note: keys.required("note")?, code: keys.text_or("code", "")? },
        "closes" => Agent::Closes,
        "reopens" => Agent::Reopens { reason: keys.text_or("reason", "")? },
        other => return Err(keys.fault(keys.line, format!("no agent `{other}`"))),
    })
}

fn expect(mut keys: Keys) -> Result<Expect, Fault> {
    let mut ticket = TicketExpect::default();
    if let Some(mut table) = keys.table("ticket")? {
        ticket = TicketExpect {
            queue: table.text("queue")?,
            status: table.text("status")?,
            priority: table.text("priority")?,
            title: table.text("title")?,
            owner: table.text("owner")?,
            public: table.texts("public")?,
            internal: table.texts("internal")?,
            files: table.texts("files")?.map(|files| files.iter().map(|text| file_line_of(text)).collect()),
            tasks: table.texts("tasks")?,
            refers_to: table.text("refers_to")?,
            fields: table.table("fields")?.map(Keys::all_texts).transpose()?.unwrap_or_default(),
        };
        table.finish()?;
    }
    let mut document = DocumentExpect::default();
    if let Some(mut table) = keys.table("document")? {
        document = DocumentExpect {
            version: table.number("version")?,
            offered: table.number("offered")?,
            decision: table.text("decision")?,
            corrections: table.texts("corrections")?,
            code: table.text("code")?,
            renewal: table.text("renewal")?,
            title: table.text("title")?,
            references: table.texts("references")?,
            file: table.text("file")?.map(|text| file_line_of(&text)),
            valid_to: table.text("valid_to")?,
        };
        table.finish()?;
    }
    let line = keys.line;
    let reference = match keys.text("reference")?.as_deref() {
        None => None,
        Some("ticket") => Some(true),
        Some("none") => Some(false),
        Some(other) => return Err(keys.fault(line, format!("reference `{other}` is neither `ticket` nor `none`"))),
    };
    let tickets = keys.number("tickets")?.map(usize::try_from).transpose();
    let expect = Expect {
        line,
        status: keys.text("status")?,
        label: keys.text("label")?,
        reason: keys.text("reason")?,
        reference,
        comments: keys.texts("comments")?,
        question: keys.text("question")?,
        resolution: keys.text("resolution")?,
        resolution_code: keys.text("resolution_code")?,
        evidence: keys.texts("evidence")?,
        outcome: keys.texts("outcome")?,
        round: keys.number("round")?,
        escalated: keys.text("escalated")?,
        closure: keys.text("closure")?,
        settlement: keys.text("settlement")?,
        programme: keys.text("programme")?,
        tasks: keys.texts("tasks")?,
        milestones: keys.texts("milestones")?,
        readiness: keys.text("readiness")?,
        document,
        tickets: tickets.map_err(|_| keys.fault(line, "`tickets` is below zero"))?,
        ticket,
        held: keys.texts("held")?,
        skipped: keys.texts("skipped")?,
    };
    keys.finish()?;
    Ok(expect)
}

#[cfg(test)]
mod tests;
