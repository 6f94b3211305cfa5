use super::super::request::{Action, NewTicket, Note, Question, Reply, Update};
use super::super::setup::{Author, INITIAL, Role, Rules, STATUSES, may_become};
use super::*;

fn user(role: Role) -> Author {
    Author { name: format!("{role:?}"), role }
}
fn agent() -> Author {
    user(Role::Agent)
}
fn rules(reply_opens: bool) -> Rules {
    Rules { owners: ["ann".to_owned()].into(), reply_opens }
}
fn run(model: &mut Model, rules: &Rules, who: &Author, ticket: u64, action: Action) -> Result<Vec<What>, Refusal> {
    let marker = action.marker().to_owned();
    let decided = model.decide(rules, who, (ticket > 0).then_some(ticket), action)?;
    let mut made = Vec::new();
    for (author, what) in decided.changes {
        let (id, ticket_id) = (model.next_change_id(), decided.ticket_id);
        made.push(what.clone());
        let (marker, environment) = (marker.clone(), "T".to_owned());
        model.apply(Change { id, ticket_id, what, author, at: 1, marker, environment });
    }
    Ok(made)
}
fn new() -> NewTicket {
    NewTicket { queue: "Partner Cases".into(), title: "t".into(), ..NewTicket::default() }
}
fn create(new: NewTicket) -> Action {
    Action::Create(Box::new(new))
}
fn status(to: &str) -> Action {
    Action::Update(Box::new(Update { status: Some(to.to_owned()), ..Update::default() }))
}
fn reply() -> Action {
    Action::Reply(Reply { text: "hello".into(), ..Reply::default() })
}
fn field(name: &str, value: &str) -> Action {
    Action::Update(Box::new(Update { fields: [(name.to_owned(), value.to_owned())].into(), ..Update::default() }))
}
fn ask() -> Action {
    Action::Ask(Question { text: "which line?".into(), ..Question::default() })
}

/// A model with one ticket in the given status, by the shortest way there.
fn in_status(to: &str) -> Model {
    let (mut ways, mut at) = (vec![vec!["new"]], 0);
    while ways[at].last() != Some(&to) {
        let way = ways[at].clone();
        let (_, moves) = STATUSES.iter().find(|(name, _)| Some(name) == way.last()).unwrap();
        let onward = moves.iter().filter(|next| !way.contains(next));
        ways.extend(onward.map(|next| [way.clone(), vec![*next]].concat()));
        at += 1;
    }
    let mut model = Model::default();
    run(&mut model, &rules(false), &agent(), 0, create(new())).unwrap();
    for step in &ways[at][1..] {
        run(&mut model, &rules(false), &agent(), 1, status(step)).unwrap();
    }
    model
}

#[test]
fn every_unlisted_move_of_a_status_is_refused_and_every_listed_one_is_taken() {
    for (from, _) in STATUSES {
        for (to, _) in STATUSES {
            let mut model = in_status(from);
            let before = model.clone();
            let moved = run(&mut model, &rules(false), &user(Role::Pipeline), 1, status(to));
            if from == to {
                assert_eq!(moved, Ok(vec![]), "{from} stays");
            } else if may_become(from, to) {
                assert_eq!(moved, Ok(vec![What::StatusChanged { from: from.into(), to: to.into() }]));
                assert_eq!(model.ticket(1).unwrap().state.status, to);
                continue;
            } else {
                assert_eq!(moved, Err(Refusal::Transition { from: from.into(), to: to.into() }));
            }
            assert_eq!(model, before);
        }
        assert_eq!(
            run(&mut in_status(from), &rules(false), &agent(), 1, status("done")),
            Err(Refusal::Unknown("status"))
        );
        let made =
            run(&mut Model::default(), &rules(false), &agent(), 0, create(NewTicket { status: from.into(), ..new() }));
        assert_eq!(made.is_ok(), INITIAL.contains(&from), "made as {from}");
        let asked = run(&mut in_status(from), &rules(false), &agent(), 1, ask());
        assert_eq!(
            asked.is_ok(),
            from == "waiting-partner" || may_become(from, "waiting-partner"),
            "asked while {from}"
        );
    }
}

#[test]
fn each_role_may_do_its_own_and_no_more() {
    let note = || Action::Note(Note { text: "inside".into(), ..Note::default() });
    let all = [create(new()), reply(), note(), status("open"), ask(), field("Root Cause", "x")];
    let allowed = |role| -> Vec<bool> {
        let each = all.iter().map(|action| {
            let ticket = if matches!(action, Action::Create(_)) { 0 } else { 1 };
            match run(&mut in_status("new"), &rules(false), &user(role), ticket, action.clone()) {
                Ok(_) => true,
                Err(Refusal::Forbidden) => false,
                Err(other) => panic!("{other}"),
            }
        });
        each.collect()
    };
    assert_eq!(allowed(Role::Agent), [true; 6]);
    assert_eq!(allowed(Role::PartnerVoice), [true, true, false, false, false, false]);
    assert_eq!(allowed(Role::Pipeline), [false, false, true, true, false, true]);
    assert_eq!(allowed(Role::System), [false; 6]);
}

#[test]
fn what_is_not_set_up_is_refused_and_changes_nothing() {
    let mut model = in_status("new");
    let before = model.clone();
    let update = |f: &dyn Fn(&mut Update)| {
        let mut update = Update::default();
        f(&mut update);
        Action::Update(Box::new(update))
    };
    let refused = [
        (update(&|u| u.queue = Some("General".into())), Refusal::Unknown("queue")),
        (update(&|u| u.owner = Some("nobody".into())), Refusal::Unknown("owner")),
        (update(&|u| u.priority = Some(101)), Refusal::Unknown("priority: 0 to 100")),
        (update(&|u| u.title = Some(" ".into())), Refusal::Text("title")),
        (field("TG Case Id", "case/tg/1"), Refusal::Unknown("custom field")),
        (field("Case Type", "holiday"), Refusal::Unknown("value of that custom field")),
        (field("Root Cause", &"x".repeat(200_000)), Refusal::Text("a custom field")),
        (update(&|u| u.marker = "two words".into()), Refusal::Unknown("marker: up to 128 visible characters of ASCII")),
        (Action::Reply(Reply::default()), Refusal::Text("text")),
        (Action::Unlink(7), Refusal::Unknown("link")),
    ];
    for (action, refusal) in refused {
        assert_eq!(run(&mut model, &rules(false), &agent(), 1, action), Err(refusal));
    }
    assert_eq!(run(&mut model, &rules(false), &agent(), 2, reply()), Err(Refusal::UnknownTicket));
    assert_eq!(model, before);
}

#[test]
fn one_request_sets_many_things_fields_before_the_status_and_a_repeat_sets_nothing() {
    let mut model = in_status("open");
    let update = Update {
        status: Some("resolved".into()),
        owner: Some("ann".into()),
        priority: Some(90),
        fields: [("Resolution Note".to_owned(), "resent".to_owned())].into(),
        marker: "m1".into(),
        ..Update::default()
    };
    let made = run(&mut model, &rules(false), &agent(), 1, Action::Update(Box::new(update.clone()))).unwrap();
    let kinds: Vec<_> = made.iter().map(What::kind).collect();
    assert_eq!(kinds, ["priority-changed", "owner-changed", "field-changed", "status-changed"]);
    let last = model.log().last().unwrap();
    assert_eq!(last.state.fields["Resolution Note"], "resent", "whoever reads the status sees what was said with it");
    assert_eq!(model.by_marker("m1").count(), 4);
    assert_eq!(run(&mut model, &rules(false), &agent(), 1, Action::Update(Box::new(update))), Ok(vec![]));
    run(&mut model, &rules(false), &agent(), 1, field("Resolution Note", "")).unwrap();
    assert!(model.ticket(1).unwrap().state.fields.is_empty());
    // What an older change shows does not move with the ticket.
    assert_eq!(model.change(5).unwrap().state.fields.len(), 1);
}

#[test]
fn an_answer_opens_what_rests_only_where_that_is_switched_on() {
    for (from, by, opens) in [
        ("new", Role::PartnerVoice, false),
        ("new", Role::Agent, true),
        ("resolved", Role::PartnerVoice, true),
        ("closed", Role::Agent, true),
        ("waiting-partner", Role::PartnerVoice, false),
        ("stalled", Role::Agent, false),
    ] {
        assert_eq!(run(&mut in_status(from), &rules(false), &user(by), 1, reply()).unwrap().len(), 1);
        let mut model = in_status(from);
        assert_eq!(
            run(&mut model, &rules(true), &user(by), 1, reply()).unwrap().len(),
            1 + usize::from(opens),
            "{from}"
        );
        let last = model.log().last().unwrap();
        assert_eq!(last.change.author.role, if opens { Role::System } else { by });
    }
}
