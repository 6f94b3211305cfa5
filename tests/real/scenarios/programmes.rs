//! Onboardings: agents begin them and their tasks as tickets of Request Tracker, partners answer in a space.

use super::patience;
use super::people::{People, internal};
use super::seen::{said_at, text, ticket};
use crate::stack::Stack;
use crate::wait::until;
use reqwest::Method;
use serde_json::{Map, Value, json};
use testkit::scenario::{Agent, NewProgramme, NewTask, Partner, TaskLine, TicketView, View, day, document};
use testkit::scenario::{readiness_line, sentinel};

const QUEUE: &str = "Partner Onboarding";

/// A programme's ticket, and its tasks: by what the scenario calls them, and by number.
#[derive(Clone, Debug)]
pub struct Programme {
    pub ticket: u64,
    tasks: Vec<(String, u64)>,
}

impl Programme {
    pub fn subject(&self) -> String {
        format!("onboarding/rt/{}", self.ticket)
    }

    pub fn task(&self, name: &str) -> u64 {
        let found = self.tasks.iter().find(|(named, _)| named == name);
        found.unwrap_or_else(|| panic!("there is no task {name}")).1
    }

    fn name(&self, number: &str) -> String {
        let found = self.tasks.iter().find(|(_, task)| task.to_string() == number);
        found.map_or_else(|| number.to_owned(), |(name, _)| name.clone())
    }
}

/// A day as Request Tracker takes it; its users live in UTC.
fn moment(date: &str) -> String {
    if date.len() == 10 { format!("{date} 00:00:00") } else { date.to_owned() }
}

fn fields<const N: usize>(given: [(&str, &str); N]) -> Map<String, Value> {
    given
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

impl People<'_> {
    pub async fn starts(&self, new: &NewProgramme) -> Programme {
        let fields = fields([
            ("TG Programme", &new.programme),
            ("TG Partner Id", &new.by),
            ("TG Target Live", &new.target),
            ("TG Milestones", &new.milestones),
        ]);
        let (subject, content) = (internal("Onboarding"), internal("agreed by telephone"));
        let body = json!({"Queue": QUEUE, "Subject": subject, "Content": content, "CustomFields": fields});
        Programme { ticket: self.makes_ticket(&body).await, tasks: Vec::new() }
    }

    async fn adds(&self, programme: &mut Programme, new: &NewTask) {
        let before = new.depends_on.split_whitespace().map(|name| programme.task(name).to_string());
        let fields = fields([
            ("TG Owner Side", &new.side),
            ("TG Mandatory", &new.mandatory),
            ("TG Document Type", &new.document),
            ("TG Depends On", &before.collect::<Vec<_>>().join(", ")),
            ("TG Shown To Partner", &new.shown),
            ("TG Instructions", &new.instructions),
        ]);
        let shown = new.side == "PARTNER" || new.shown == "yes";
        let title = if shown { new.title.clone() } else { internal(&new.title) };
        let mut body = json!({
            "Queue": QUEUE, "Subject": title, "Content": internal("for colleagues"), "CustomFields": fields,
            "MemberOf": programme.ticket.to_string(),
        });
        if !new.due.is_empty() {
            body["Due"] = moment(&new.due).into();
        }
        let ticket = self.makes_ticket(&body).await;
        programme.tasks.push((new.task.clone(), ticket));
    }

    /// An agent, at the programme or at one of its tasks.
    pub async fn acts_in(&self, programme: &mut Programme, act: &Agent) {
        if let Agent::AddsTask(new) = act {
            self.adds(programme, new).await;
        } else if let Agent::AtTask { task, act } = act {
            self.acts_at(programme.task(task), act).await;
        } else {
            self.acts_at(programme.ticket, act).await;
        }
    }

    async fn acts_at(&self, ticket: u64, act: &Agent) {
        if let Agent::SetsStatus { to, reason } = act {
            if !reason.is_empty() {
                self.sets(ticket, &json!({"CustomFields": {"TG Public Reason": reason}})).await;
            }
            let said = self.sets(ticket, &json!({"Status": to})).await;
            // Nothing is said where it is so already; a step that the lifecycle lacks is refused with status 200.
            let said = said.as_array().cloned().unwrap_or_default();
            let moved = said.iter().map(text).any(|line| line.contains("changed from") || line.contains("deleted"));
            assert!(moved || said.is_empty(), "ticket {ticket} to {to}: {said:?}");
            return;
        }
        if let Agent::SetsField { field, value, shared: true } = act
            && ["Due", "Subject"].contains(&field.as_str())
        {
            let value = if field == "Due" { moment(value) } else { value.clone() };
            self.sets(ticket, &json!({field: value})).await;
            return;
        }
        self.agent_does(ticket, act).await;
    }

    async fn sets(&self, ticket: u64, body: &Value) -> Value {
        self.rt(Method::PUT, &format!("/ticket/{ticket}"), Some(body)).await
    }

    pub async fn space(&self, stack: &Stack, programme: &Programme) -> Option<Value> {
        let subject = programme.subject();
        stack.community.spaces().await.into_iter().find(|space| space["external_reference"] == subject)
    }

    /// Whether the community took it.
    pub async fn answers_in(&self, stack: &Stack, partner: &str, programme: &Programme, act: &Partner) -> bool {
        let what = format!("a space of {}", programme.subject());
        let space = until(&what, patience(), || self.space(stack, programme)).await;
        let id = text(&space["id"]);
        let task = |name: &str| if name.is_empty() { String::new() } else { programme.task(name).to_string() };
        let (path, body) = match act {
            Partner::AcceptsInvitation { contact, text } => {
                ("invitation/acceptance".to_owned(), json!({"contact": {"name": contact}, "comment": text}))
            }
            Partner::DeclinesInvitation { text } => ("invitation/decline".to_owned(), json!({"comment": text})),
            Partner::LetsTheInvitationExpire => {
                let url = format!("{}/control/onboarding/{id}/expiry", stack.community.base);
                return reqwest::Client::new().post(url).send().await.unwrap().status().is_success();
            }
            Partner::Submits { task: name, text, document: named } => {
                let documents: Vec<_> = document(named).into_iter().collect();
                (format!("tasks/{}/submission", task(name)), json!({"answer": text, "documents": documents}))
            }
            Partner::Asks { task: name, text } => {
                ("questions".to_owned(), json!({"task_id": task(name), "text": text}))
            }
            Partner::Opens(_)
            | Partner::Comments { .. }
            | Partner::ChangesDetails { .. }
            | Partner::RevisesComment { .. }
            | Partner::Withdraws { .. }
            | Partner::Accepts { .. }
            | Partner::Rejects { .. }
            | Partner::SendsFiles { .. }
            | Partner::Raises(_)
            | Partner::CorrectsLine { .. }
            | Partner::GivesEvidence { .. }
            | Partner::Confirms { .. }
            | Partner::Contests { .. }
            | Partner::LetsTheOfferLapse
            | Partner::Shares(_)
            | Partner::AddsVersion { .. }
            | Partner::Views => panic!("nobody does that in a space: {act:?}"),
        };
        self.community(partner, Method::POST, &format!("onboarding/{id}/{path}"), &body).await.is_some()
    }
}

/// What both systems show of a programme, in the words of the scenarios.
pub async fn view(stack: &Stack, people: &People<'_>, programme: &Programme) -> View {
    let space = people.space(stack, programme).await.unwrap_or_default();
    let comments = space["comments"].as_array().into_iter().flatten();
    let comments = comments.map(|said| format!("{}: {}", text(&said["author"]), text(&said["text"])));
    let mut tasks: Vec<String> =
        space["tasks"].as_object().into_iter().flatten().map(|(id, task)| task_seen(programme, id, task)).collect();
    tasks.sort();
    let milestones = space["milestones"].as_object().into_iter().flatten();
    View {
        status: text(&space["status"]),
        label: text(&space["status_label"]),
        reason: text(&space["status_reason"]),
        comments: comments.filter(|line| !sentinel::is_one(line)).collect(),
        programme: text(&space["programme"]),
        tasks,
        milestones: milestones.map(|(code, seen)| milestone(code, seen)).collect(),
        readiness: readiness(programme, &space["readiness"]),
        tickets: vec![tickets(stack, people, programme).await],
        ..View::default()
    }
}

fn dated(at: &Value) -> String {
    at.as_i64().map(day).unwrap_or_default()
}

fn task_seen(programme: &Programme, id: &str, task: &Value) -> String {
    let waits = task["waits_for"].as_array().into_iter().flatten();
    let waits: Vec<String> = waits.map(|id| programme.name(&text(id))).collect();
    let [status, title, document, reason] = ["status", "title", "document_type", "reason"].map(|key| text(&task[key]));
    TaskLine {
        id: &programme.name(id),
        status: &status,
        title: &title,
        document: &document,
        due: &dated(&task["due_at"]),
        waits: &waits,
        reason: &reason,
    }
    .to_string()
}

fn milestone(code: &str, seen: &Value) -> String {
    let mut line = format!("{code} {}", text(&seen["state"]));
    for (word, said) in
        [("", dated(&seen["date"])), ("before ", dated(&seen["previous_date"])), ("because ", text(&seen["reason"]))]
    {
        if !said.is_empty() {
            line += &format!(" {word}{said}");
        }
    }
    line
}

fn readiness(programme: &Programme, seen: &Value) -> String {
    if seen.is_null() {
        return String::new();
    }
    let number = |key: &str| seen[key].as_i64().unwrap_or_default();
    let blockers: Vec<(String, String)> = seen["blockers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (programme.name(&text(&one["task_id"])), text(&one["document_type"])))
        .collect();
    let blockers = blockers.iter().map(|(id, document)| (id.as_str(), document.clone()));
    readiness_line(&text(&seen["state"]), (number("done"), number("total")), blockers, number("hidden"))
}

/// The programme's ticket, with what stands on those of its tasks.
async fn tickets(stack: &Stack, people: &People<'_>, programme: &Programme) -> TicketView {
    let mut seen = ticket(stack, people, programme.ticket).await;
    for (name, id) in &programme.tasks {
        seen.tasks.push(format!("{name} {}", stack.rt.status(*id).await));
        let (_, internal) = said_at(stack, *id).await;
        seen.internal.extend(internal.into_iter().map(|(who, said)| format!("{who} at {name}: {said}")));
    }
    seen
}

/// Both ways, about the programme. False where nobody at the community would read it.
pub async fn sentinels_cross(
    stack: &Stack,
    people: &People<'_>,
    programme: &Programme,
    partner: &str,
    name: &str,
) -> bool {
    let status = stack.rt.status(programme.ticket).await;
    let goes_on = ["new", "open", "waiting-partner", "stalled"].contains(&status.as_str());
    if !goes_on || people.space(stack, programme).await.is_none() {
        return false;
    }
    let said = sentinel::text(1);
    stack.rt.reply(programme.ticket, &said).await;
    until(&format!("{name} at the community"), patience(), || async {
        people.space(stack, programme).await?.to_string().contains(&said).then_some(())
    })
    .await;
    let asked = Partner::Asks { task: String::new(), text: sentinel::text(2) };
    if people.answers_in(stack, partner, programme, &asked).await {
        until(&format!("{name} in Request Tracker"), patience(), || async {
            let (_, internal) = said_at(stack, programme.ticket).await;
            internal.iter().any(|(_, said)| said.contains(&sentinel::text(2))).then_some(())
        })
        .await;
    }
    true
}
