use super::*;
use crate::{to_internal, to_partner};
use domain::onboarding::{
    Blocker, InternalEvent as I, MilestonesChanged, PartnerCommand as C, PartnerEvent as P, Programme,
    ReadinessChanged, Task, TaskComment, TaskSubmitted,
};
use domain::{
    Envelope, Fact, InternalEvent, Marked, PartnerCommand, PartnerEvent, ProgrammeStatus, Subject, TaskStatus,
    Visibility, issue as i,
};
use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) fn as_json(command: &C) -> Value {
    match command {
        C::OpenSpace(c) | C::UpdateSpace(c) => json!(c),
        C::SetStatus(c) => json!(c),
        C::UpsertTask(c) => json!(c),
        C::SetTaskStatus(c) => json!(c),
        C::SetMilestone(c) => json!(c),
        C::SetReadiness(c) => json!(c),
        C::PostComment(c) => json!(c),
    }
}

fn fact(event: I, visibility: Visibility) -> Envelope<Fact<InternalEvent>> {
    let mut meta = meta("rt", "T-1");
    meta.subject = Subject::try_from("onboarding/rt/1".to_owned()).unwrap();
    meta.visibility = visibility;
    Envelope { meta, payload: Fact::Event(InternalEvent::Onboarding(event)) }
}

fn commands(event: I) -> Vec<C> {
    let mapped = to_partner(&STARTER, &fact(event, Visibility::Partner), &cause("internal.events", 9));
    assert_eq!(mapped.held, None);
    let of = |c: Envelope<PartnerCommand>| match c.payload {
        PartnerCommand::Onboarding(command) => command,
        other @ (PartnerCommand::Issue(_) | PartnerCommand::Discrepancy(_) | PartnerCommand::Document(_)) => {
            panic!("{other:?}")
        }
    };
    mapped.commands.into_iter().map(of).collect()
}

fn marked(text: &str, visibility: Visibility) -> Marked<String> {
    #[expect(clippy::disallowed_methods, reason = "a test states the marks that codec would")]
    Marked::new(text.to_owned(), visibility)
}

const STATUSES: [&str; 8] =
    ["new", "open", "waiting-partner", "stalled", "resolved", "closed", "rejected", "cancelled"];

/// Whatever agents do to a task, the commands go along the task's life, never hand in for the partner, and end where X is.
#[test]
fn every_move_of_a_task_in_x_is_a_way_through_its_life_or_held() {
    for side in ["PARTNER", "HOST"] {
        for (from, to) in STATUSES.iter().flat_map(|from| STATUSES.map(|to| (*from, to))) {
            let task = Task {
                task_id: "12".to_owned(),
                title: marked("t", Visibility::Partner),
                owner_side: side.to_owned(),
                from: from.to_owned(),
                status: to.to_owned(),
                ..Task::default()
            };
            let event = fact(I::TaskStatusChanged(task), Visibility::Partner);
            let mapped = to_partner(&STARTER, &event, &cause("internal.events", 9));
            let over = ["rejected", "cancelled"].contains(&from) && from != to;
            assert_eq!(mapped.held.is_some(), over, "{side} {from} -> {to}: {mapped:?}");
            let mut at: Option<TaskStatus> = None;
            for command in &mapped.commands {
                let PartnerCommand::Onboarding(C::SetTaskStatus(c)) = &command.payload else { panic!("{command:?}") };
                assert!(at.is_none_or(|at| at.may_become(c.status) && !at.is_handing_in(c.status)), "{from} -> {to}");
                at = Some(c.status);
            }
            if let ("open", "PARTNER", Some(at)) = (to, side, at) {
                assert!([TaskStatus::Active, TaskStatus::Submitted].contains(&at), "{from} -> {to}: {at:?}");
            }
        }
    }
}

#[test]
fn every_move_of_a_programme_in_x_is_a_way_through_its_life_or_held() {
    for (from, to) in STATUSES.iter().flat_map(|from| STATUSES.map(|to| (*from, to))) {
        let (from, to, reason) = (from.to_owned(), to.to_owned(), Marked::default());
        let moved = i::StatusChanged { from: from.clone(), to: to.clone(), reason, expected_resolution_at: None };
        let event = fact(I::StatusChanged(moved), Visibility::Partner);
        let mapped = to_partner(&STARTER, &event, &cause("internal.events", 9));
        let same = mapped.skipped == ["same-status"];
        assert_eq!(same, from == to || (from == "cancelled" && to == "rejected"), "{from} -> {to}: {mapped:?}");
        let mut at: Option<ProgrammeStatus> = None;
        for command in &mapped.commands {
            let PartnerCommand::Onboarding(C::SetStatus(c)) = &command.payload else { panic!("{command:?}") };
            assert!(at.is_none_or(|at| at.may_become(c.status)) && c.status != ProgrammeStatus::Declined);
            at = Some(c.status);
        }
    }
}

#[test]
fn a_milestone_is_told_once_for_each_that_changed() {
    let from = "Certified 2026-07-01\nPilot 2026-08-01\nLive 2026-09-01\n".to_owned();
    let to = "Certified 2026-07-01 reached\nLive 2026-10-01\nRegistered\n".to_owned();
    let told = commands(I::MilestonesChanged(MilestonesChanged { from, to, reason: Marked::default() }));
    let told: Vec<_> = told
        .iter()
        .map(|c| match c {
            C::SetMilestone(c) => {
                (c.code.get().as_str(), c.state.as_str(), c.date.is_some(), c.previous_date.is_some())
            }
            other @ (C::OpenSpace(_)
            | C::UpdateSpace(_)
            | C::SetStatus(_)
            | C::UpsertTask(_)
            | C::SetTaskStatus(_)
            | C::SetReadiness(_)
            | C::PostComment(_)) => panic!("{other:?}"),
        })
        .collect();
    let wanted = [
        ("CERTIFIED", "reached", true, false),
        ("LIVE", "planned", true, true),
        ("PILOT", "dropped", false, true),
        ("REGISTERED", "planned", false, false),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn an_answer_stays_outside_where_the_bundle_says_so() {
    let mut files = starter_files();
    let text = files["bundle.toml"].replace("answers = true", "answers = false");
    files.insert("bundle.toml".to_owned(), text);
    let shut = Bundle::from_files(files).unwrap();
    let mut meta = meta("tg", "T-1");
    meta.subject = Subject::try_from("onboarding/rt/1".to_owned()).unwrap();
    let event = PartnerEvent::Onboarding(P::TaskSubmitted(TaskSubmitted::default()));
    let fact = Envelope { meta, payload: Fact::Event(event) };
    let mapped = to_internal(&shut, &fact, &cause("partner.events", 9));
    assert_eq!((mapped.commands.len(), mapped.skipped), (0, vec!["answers-off"]));
    assert_eq!(to_internal(&STARTER, &fact, &cause("partner.events", 9)).commands.len(), 3);
}

#[test]
fn a_link_without_onboarding_holds_it() {
    let mut files = starter_files();
    let text = files["bundle.toml"].replace("[onboarding]\nanswers = true\n", "");
    files.insert("bundle.toml".to_owned(), text);
    files.retain(|file, _| !file.contains("onboarding"));
    for text in files.iter_mut().filter(|(file, _)| file.starts_with("texts/")).map(|(_, text)| text) {
        let mut keep = true;
        let kept = text.lines().filter(|line| {
            keep = if line.starts_with('[') { !line.starts_with("[onboarding") } else { keep };
            keep
        });
        *text = kept.collect::<Vec<_>>().join("\n");
    }
    let bare = Bundle::from_files(files).unwrap();
    let event = fact(I::Started(Programme::default()), Visibility::Partner);
    assert_eq!(to_partner(&bare, &event, &cause("internal.events", 9)).held.unwrap().reason, "no-onboarding");
}

const INSIDE: &str = "canary-inside";

fn visibility() -> impl Strategy<Value = Visibility> {
    prop::sample::select(vec![Visibility::Partner, Visibility::Host, Visibility::Restricted])
}

/// A text that is a canary unless it is marked for the partner.
fn text() -> impl Strategy<Value = Marked<String>> {
    visibility().prop_map(|v| marked(if v == Visibility::Partner { "for you" } else { INSIDE }, v))
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "new",
        "open",
        "waiting-partner",
        "resolved",
        "rejected",
        "PARTNER",
        "HOST",
        "Tax form",
        "supplier-edi",
        "2026-07-01",
        "2026-07-01T00:00:00Z",
        "",
        INSIDE,
        "READY",
        "NOT_READY",
        "Certified 2026-07-01 reached",
    ])
    .prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = I> {
    let task = || {
        (text(), text(), text(), word(), word(), word(), word(), word(), any::<bool>()).prop_map(
            |(title, instructions, reason, owner_side, document_type, due_at, status, from, hidden)| Task {
                task_id: "12".to_owned(),
                title,
                instructions,
                owner_side,
                mandatory: hidden,
                document_type,
                depends_on: vec!["11".to_owned()],
                due_at,
                status,
                from,
                reason,
                hidden,
            },
        )
    };
    let programme = || {
        (word(), word(), word(), word()).prop_map(|(programme, status, target_live_at, milestones)| Programme {
            programme,
            status,
            target_live_at,
            milestones,
        })
    };
    prop_oneof![
        programme().prop_map(I::Started),
        programme().prop_map(I::ProgrammeChanged),
        task().prop_map(I::TaskPublished),
        task().prop_map(I::TaskChanged),
        task().prop_map(I::TaskStatusChanged),
        (word(), word(), text()).prop_map(|(from, to, reason)| {
            I::StatusChanged(i::StatusChanged { from, to, reason, expected_resolution_at: None })
        }),
        (word(), word(), text()).prop_map(|(from, to, reason)| I::MilestonesChanged(MilestonesChanged {
            from,
            to,
            reason
        })),
        (word(), word()).prop_map(|(state, document_type)| {
            let blockers = vec![Blocker { task_id: "12".to_owned(), document_type }];
            I::ReadinessChanged(ReadinessChanged { state, done: 1, total: 2, blockers, hidden: 1 })
        }),
        (text(), word()).prop_map(|(text, format)| {
            let (note_id, author) = (INSIDE.to_owned(), INSIDE.to_owned());
            I::CommentAdded(TaskComment { task_id: "12".to_owned(), note_id, author, text, format })
        }),
        Just(I::Assigned(i::Assigned { owner: INSIDE.to_owned(), group: INSIDE.to_owned() })),
    ]
}

proptest! {
    #[test]
    fn nothing_internal_of_a_programme_is_ever_in_a_command(event in event(), visibility in visibility()) {
        let mut fact = fact(event, visibility);
        fact.meta.actor.id = INSIDE.to_owned();
        fact.meta.ext.insert("cf.TG Blockers".to_owned(), INSIDE.to_owned());
        let mapped = to_partner(&STARTER, &fact, &cause("internal.events", 9));
        let none = mapped.commands.is_empty() && mapped.skipped.is_empty();
        prop_assert_eq!(none, mapped.held.is_some(), "{:?}", mapped);
        for command in &mapped.commands {
            let PartnerCommand::Onboarding(payload) = &command.payload else { panic!("{command:?}") };
            let said = json!({ "meta": command.meta, "payload": as_json(payload) }).to_string();
            prop_assert!(!said.contains(INSIDE), "{}", said);
        }
        prop_assert_eq!(&mapped, &to_partner(&STARTER, &fact, &cause("internal.events", 9)));
    }
}
