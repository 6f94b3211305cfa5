mod document;

use crate::{Heard, Tracked, due, next};
use domain::discrepancy::{Line, OutcomeAnswer, PartnerEvent as D, Raised};
use domain::onboarding::{self, InternalEvent as O, Task, TaskSubmitted};
use domain::outcome::{Done, FieldHash};
use domain::timer::{Kind, Rule};
use domain::{
    Actor, CommandRef, ContentHash, Envelope, Environment, InternalEvent, Marked, MessageId, Meta, Outcome,
    PartnerEvent, PartnerId, ServiceLevelEvent, Subject, SystemId, Timestamp, Visibility,
};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn subject() -> Subject {
    Subject::try_from("case/tg/1".to_owned()).unwrap()
}

fn meta(at: i64, change: &str) -> Meta {
    let system = SystemId::new("tg").unwrap();
    Meta {
        id: MessageId::of_event(&system, "1", change, &subject()),
        subject: subject(),
        system,
        partner_id: PartnerId::new("ACME").ok(),
        kind: String::new(),
        occurred_at: Timestamp(at),
        recorded_at: Timestamp(at),
        source_version: String::new(),
        causation_id: None,
        actor: Actor::default(),
        visibility: Visibility::Host,
        environment: Environment::Production,
        ext: Default::default(),
        mapping_version: 0,
        cause: None,
    }
}

fn said(at: i64, event: D) -> Envelope<PartnerEvent> {
    Envelope { meta: meta(at, &format!("{at}")), payload: PartnerEvent::Discrepancy(event) }
}

fn stands(at: i64, offset: i64, status: &str) -> Envelope<Outcome> {
    let meta = meta(at, &format!("{at}/{offset}"));
    let command = CommandRef {
        id: meta.id,
        kind: "partner.discrepancy.set-status".to_owned(),
        hash: ContentHash::default(),
        offset,
    };
    let fields = vec![FieldHash { field: "status".to_owned(), hash: ContentHash::of_bytes(status.as_bytes()) }];
    let done = Done {
        command,
        native_id: "1".to_owned(),
        reference: Marked::default(),
        effects: Vec::new(),
        fields,
        version: String::new(),
        created: false,
    };
    Envelope { meta, payload: Outcome::Done(done) }
}

fn rules() -> Vec<Rule> {
    let rule = |id: &str, kind, fires, deadline| Rule { id: id.to_owned(), kind, fires, deadline };
    vec![
        rule("asked", Kind::PartnerAsked, 3 * DAY, None),
        rule("soon", Kind::OutcomeOffered, 12 * DAY, Some(14 * DAY)),
        rule("passed", Kind::OutcomeOffered, 14 * DAY, Some(14 * DAY)),
        rule("dispute-soon", Kind::DisputeDeadline, -2 * DAY, Some(0)),
        rule("dispute-passed", Kind::DisputeDeadline, 0, Some(0)),
        rule("task-passed", Kind::TaskDue, 0, Some(0)),
    ]
}

fn words(found: &[Envelope<ServiceLevelEvent>]) -> Vec<String> {
    let word = |fact: &Envelope<ServiceLevelEvent>| {
        let ServiceLevelEvent::Timer(event) = &fact.payload;
        format!("{} {} {}", fact.meta.kind, event.due().rule, event.due().item).trim().to_owned()
    };
    found.iter().map(word).collect()
}

fn at(tracked: &Tracked, now: i64) -> Vec<Envelope<ServiceLevelEvent>> {
    due(&subject(), tracked, &rules(), Timestamp(now))
}

#[test]
fn a_reminder_is_due_once_and_not_before_its_time() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::AtPartner(&stands(0, 7, "outcome-proposed")));
    assert_eq!(next(&subject(), &tracked, &rules(), Timestamp(0)), Some(Timestamp(12 * DAY)));
    assert_eq!(at(&tracked, 12 * DAY - 1), []);
    let found = at(&tracked, 12 * DAY);
    assert_eq!(words(&found), ["service-level.timer.reminder-due soon"]);
    assert!(tracked.fold(Heard::Said(&found[0])));
    assert!(!tracked.fold(Heard::Said(&found[0])));
    assert_eq!(at(&tracked, 13 * DAY), []);
    assert_eq!(words(&at(&tracked, 14 * DAY)), ["service-level.timer.deadline-passed passed"]);
}

#[test]
fn an_answer_in_time_ends_the_waiting_and_a_second_offer_begins_it_anew() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::AtPartner(&stands(0, 7, "outcome-proposed")));
    tracked.fold(Heard::Partner(&said(DAY, D::OutcomeContested(OutcomeAnswer::default()))));
    assert_eq!(at(&tracked, 30 * DAY), []);
    tracked.fold(Heard::AtPartner(&stands(2 * DAY, 9, "outcome-proposed")));
    assert_eq!(words(&at(&tracked, 14 * DAY)), ["service-level.timer.reminder-due soon"]);
}

#[test]
fn a_reminder_of_a_deadline_that_has_passed_is_not_given_any_more() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::AtPartner(&stands(0, 7, "outcome-proposed")));
    assert_eq!(words(&at(&tracked, 20 * DAY)), ["service-level.timer.deadline-passed passed"]);
}

fn raised(day: &str) -> D {
    let line = |no: &str| Line { line_no: no.to_owned(), dispute_deadline: day.to_owned(), ..Line::default() };
    D::Raised(Box::new(Raised { lines: vec![line("1"), line("2")], ..Raised::default() }))
}

#[test]
fn each_line_has_a_deadline_of_its_own_that_moves_with_the_line() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, raised("1970-01-10"))));
    let soon: Vec<String> = words(&at(&tracked, 9 * DAY));
    assert_eq!(soon.len(), 2);
    for fact in at(&tracked, 9 * DAY) {
        tracked.fold(Heard::Said(&fact));
    }
    let moved = domain::discrepancy::LineCorrected {
        line_no: "1".to_owned(),
        lines: vec![Line { line_no: "1".to_owned(), dispute_deadline: "1970-01-20".to_owned(), ..Line::default() }],
        reason: String::new(),
    };
    tracked.fold(Heard::Partner(&said(DAY, D::LineCorrected(moved))));
    assert_eq!(at(&tracked, 15 * DAY), [], "line 2 is gone and line 1 has time");
    assert_eq!(words(&at(&tracked, 19 * DAY)), ["service-level.timer.reminder-due dispute-soon 1"]);
}

#[test]
fn one_word_that_leads_through_several_statuses_counts_by_its_last() {
    let (first, last) = (stands(5, 10, "under-investigation"), stands(5, 11, "evidence-requested"));
    for order in [[&first, &last], [&last, &first]] {
        let mut tracked = Tracked::default();
        for record in order {
            tracked.fold(Heard::AtPartner(record));
        }
        assert_eq!(words(&at(&tracked, 4 * DAY)), ["service-level.timer.reminder-due asked"]);
    }
}

#[test]
fn what_is_settled_is_waited_for_no_more() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, raised("1970-01-10"))));
    tracked.fold(Heard::AtPartner(&stands(3, 4, "settled")));
    assert_eq!(next(&subject(), &tracked, &rules(), Timestamp(0)), None);
}

#[test]
fn a_state_survives_its_bytes() {
    let mut tracked = Tracked::default();
    tracked.fold(Heard::Partner(&said(0, raised("1970-01-10"))));
    tracked.fold(Heard::AtPartner(&stands(3, 4, "outcome-proposed")));
    let bytes = serde_json::to_vec(&tracked).unwrap();
    assert_eq!(serde_json::from_slice::<Tracked>(&bytes).unwrap(), tracked);
}

fn task(recorded: i64, day: &str) -> Envelope<InternalEvent> {
    let task =
        Task { task_id: "41".to_owned(), owner_side: "PARTNER".to_owned(), due_at: day.to_owned(), ..Task::default() };
    let payload = InternalEvent::Onboarding(O::TaskChanged(task));
    Envelope { meta: meta(recorded, &format!("{recorded}{day}")), payload }
}

/// What the community was told of the programme (`status`) or of the task.
fn told(at: i64, offset: i64, field: &str, status: &str) -> Envelope<Outcome> {
    let mut record = stands(at, offset, status);
    let Outcome::Done(done) = &mut record.payload else { unreachable!() };
    done.command.kind = "partner.onboarding.set-task-status".to_owned();
    field.clone_into(&mut done.fields[0].field);
    record
}

fn handed_in(at: i64) -> Envelope<PartnerEvent> {
    let submitted = TaskSubmitted { task_id: "41".to_owned(), ..TaskSubmitted::default() };
    let payload = PartnerEvent::Onboarding(onboarding::PartnerEvent::TaskSubmitted(submitted));
    Envelope { meta: meta(at, &format!("{at}")), payload }
}

const AT_TASK: &str = "task/41/status";

#[test]
fn a_task_has_its_date_only_while_the_partner_is_waited_for() {
    let mut tracked = Tracked::default();
    let now = 11 * DAY;
    let mut hear = |heard: Heard<'_>| {
        tracked.fold(heard);
        words(&at(&tracked, now))
    };
    let overdue = ["service-level.timer.deadline-passed task-passed 41"];
    assert_eq!(hear(Heard::Internal(&task(1, "1970-01-10T00:00:00Z"))), [""; 0], "nobody was asked");
    assert_eq!(hear(Heard::AtPartner(&told(2, 1, AT_TASK, "active"))), overdue);
    assert_eq!(hear(Heard::AtPartner(&told(3, 2, "status", "paused"))), [""; 0], "the programme rests");
    assert_eq!(hear(Heard::AtPartner(&told(4, 3, "status", "configuring"))), overdue);
    assert_eq!(hear(Heard::Partner(&handed_in(5))), [""; 0]);
    assert_eq!(hear(Heard::AtPartner(&told(6, 4, AT_TASK, "returned"))), [""; 0]);
    assert_eq!(hear(Heard::AtPartner(&told(6, 5, AT_TASK, "active"))), overdue);
    assert_eq!(hear(Heard::Internal(&task(7, "1970-01-20"))), [""; 0], "it has another date");
    assert_eq!(hear(Heard::Internal(&task(8, ""))), [""; 0], "it has none");
    assert_eq!(hear(Heard::Internal(&task(9, "1970-01-10"))), overdue);
    assert_eq!(hear(Heard::AtPartner(&told(10, 6, AT_TASK, "waived"))), [""; 0]);
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(
        statuses in prop::collection::vec((0..6i64, 0..10usize), 1..12),
        order in prop::collection::vec(0..100usize, 0..100),
    ) {
        let all = domain::DiscrepancyStatus::ALL;
        let outcomes: Vec<_> = statuses.iter().enumerate()
            .map(|(offset, (at, status))| stands(*at, offset as i64, all[status % all.len()].as_str())).collect();
        let events: Vec<_> = statuses.iter()
            .map(|(at, _)| said(*at, D::OutcomeConfirmed(OutcomeAnswer::default()))).collect();
        let tasks: Vec<_> = statuses.iter().map(|(at, day)| task(*at, &format!("1970-01-0{day}"))).collect();
        let answers: Vec<_> = statuses.iter().map(|(at, _)| handed_in(*at)).collect();
        let asked: Vec<_> = statuses.iter().enumerate()
            .map(|(offset, (at, status))| {
                let (field, all) = if status % 3 == 0 { ("status", ["paused", "live"]) } else { (AT_TASK, ["active", "new"]) };
                told(*at, 20 + offset as i64, field, all[status % 2])
            })
            .collect();
        let records: Vec<Heard<'_>> = outcomes.iter().chain(&asked).map(Heard::AtPartner)
            .chain(events.iter().chain(&answers).map(Heard::Partner))
            .chain(tasks.iter().map(Heard::Internal))
            .collect();
        let mut straight = Tracked::default();
        for record in &records {
            straight.fold(*record);
        }
        let mut shuffled = Tracked::default();
        for at in order {
            shuffled.fold(records[at % records.len()]);
        }
        for record in records.iter().rev() {
            shuffled.fold(*record);
        }
        prop_assert_eq!(straight, shuffled);
    }
}
