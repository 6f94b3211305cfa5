use super::super::action::Action as Any;
use super::super::model::{Model, Refusal, Who};
use super::action::{Action, Answer, Ask, Open, Post, SetStatus, SetTaskStatus, Submit, UpsertTask};
use super::wire::Space;
use domain::{ProgrammeStatus as P, TaskStatus as T};

struct World {
    model: Model,
    now: i64,
}

const ID: &str = "O-000001";

impl World {
    fn new() -> Self {
        let mut world = Self { model: Model::default(), now: 0 };
        world.host(None, open("onboarding/rt/1", "ACME")).unwrap();
        world
    }

    fn act(&mut self, who: &Who, id: Option<&str>, action: Action) -> Result<String, Refusal> {
        self.now += 1;
        let draft = self.model.decide(who, id, Any::Onboarding(action), self.now)?;
        let change = draft.into_change(self.model.next_change_id(), self.now, "T", None);
        // As from the journal.
        let text = serde_json::to_string(&change).unwrap();
        self.model.apply(serde_json::from_str(&text).unwrap());
        Ok(change.case_id)
    }

    fn host(&mut self, id: Option<&str>, action: Action) -> Result<String, Refusal> {
        self.act(&Who::Host, id, action)
    }

    fn partner(&mut self, action: Action) -> Result<String, Refusal> {
        self.act(&Who::Partner("ACME".to_owned()), Some(ID), action)
    }

    fn space(&self) -> &Space {
        self.model.space(ID).unwrap()
    }

    fn task(&mut self, id: &str, side: &str, depends_on: &[&str]) {
        let depends_on = depends_on.iter().map(|id| (*id).to_owned()).collect();
        let task = UpsertTask {
            task_id: id.to_owned(),
            title: format!("task {id}"),
            instructions: String::new(),
            owner_side: side.to_owned(),
            mandatory: true,
            document_type: String::new(),
            depends_on,
            due_at: Some(5),
            reason: String::new(),
        };
        self.host(Some(ID), Action::UpsertTask(task)).unwrap();
    }

    fn set(&mut self, id: &str, status: T) -> Result<String, Refusal> {
        let (task_id, label, reason) = (id.to_owned(), "l".to_owned(), String::new());
        self.host(Some(ID), Action::SetTaskStatus(SetTaskStatus { task_id, status, label, reason }))
    }

    fn submit(&mut self, id: &str) -> Result<String, Refusal> {
        let submit = Submit { answer: "here".to_owned(), ..Submit::default() };
        self.partner(Action::Submit { task_id: id.to_owned(), submit })
    }
}

fn open(reference: &str, partner: &str) -> Action {
    let (external_reference, partner_id) = (reference.to_owned(), partner.to_owned());
    Action::Open(Open { external_reference, partner_id, programme: "Supplier".to_owned(), target_live_at: None })
}

fn status(status: P) -> Action {
    Action::SetStatus(SetStatus { status, label: "l".to_owned(), reason: String::new() })
}

#[test]
fn a_reference_has_one_space_and_one_partner() {
    let mut world = World::new();
    assert_eq!(world.host(None, open("onboarding/rt/1", "ACME")).unwrap(), ID);
    assert_eq!(world.host(None, open("onboarding/rt/1", "GLOBEX")), Err(Refusal::Taken));
    assert_eq!(world.host(None, open("onboarding/rt/2", "ACME")).unwrap(), "O-000002");
    assert_eq!(world.partner(open("onboarding/rt/3", "ACME")), Err(Refusal::Forbidden));
    let other = Who::Partner("GLOBEX".to_owned());
    let asked = Action::Ask(Ask { task_id: String::new(), author: String::new(), text: "?".to_owned() });
    assert_eq!(world.act(&other, Some(ID), asked), Err(Refusal::UnknownCase));
}

/// Every pair of statuses of a task: the host gets there where the life allows it, and nowhere else.
#[test]
fn a_task_takes_the_transitions_of_its_life_and_no_other() {
    for from in T::ALL {
        for to in T::ALL {
            let mut world = World::new();
            world.task("1", "PARTNER", &[]);
            lead(&mut world, from);
            assert_eq!(world.space().tasks["1"].status, from);
            let allowed = from == to || (from.may_become(to) && !from.is_handing_in(to));
            assert_eq!(world.set("1", to).is_ok(), allowed, "{from:?} -> {to:?}");
            let handed_in = world.submit("1").is_ok();
            let now = if allowed { to } else { from };
            assert_eq!(handed_in, now == T::Active, "handed in from {now:?}");
        }
    }
}

fn lead(world: &mut World, to: T) {
    let way: &[T] = match to {
        T::New => &[],
        T::Active | T::Submitted => &[T::Active],
        T::Completed => &[T::Active, T::Completed],
        T::Returned => &[T::Active, T::Completed, T::Returned],
        T::OnHold | T::Waived | T::Cancelled => &[to],
    };
    for step in way {
        world.set("1", *step).unwrap();
    }
    if to == T::Submitted {
        world.submit("1").unwrap();
    }
}

#[test]
fn what_comes_before_has_to_be_done_before() {
    let mut world = World::new();
    world.task("1", "HOST", &[]);
    world.task("2", "PARTNER", &["1", "99"]);
    world.set("2", T::Active).unwrap();
    assert_eq!(world.space().waits_for(&world.space().tasks["2"]), ["1"]);
    assert_eq!(world.submit("2"), Err(Refusal::Blocked));
    assert_eq!(world.submit("1"), Err(Refusal::Forbidden), "the house's own task");
    assert_eq!(world.submit("99"), Err(Refusal::UnknownTask));
    world.set("1", T::Active).unwrap();
    world.set("1", T::Completed).unwrap();
    world.submit("2").unwrap();
    assert_eq!(world.space().comments.len(), 1);
    assert_eq!(world.space().overdue(100), ["2"]);
    assert!(world.space().overdue(1).is_empty());
}

#[test]
fn an_invitation_is_answered_once() {
    for (action, then) in [
        (Action::Accept(Answer::default()), P::Registered),
        (Action::Decline(Answer::default()), P::Declined),
        (Action::Expire, P::Expired),
    ] {
        let mut world = World::new();
        assert!(world.partner(action.clone()).is_err(), "nobody is invited yet");
        world.host(Some(ID), status(P::Invited)).unwrap();
        world.partner(action.clone()).unwrap();
        assert_eq!(world.space().status, then);
        assert!(world.partner(action).is_err());
        assert_eq!(world.host(Some(ID), status(P::Invited)).is_ok(), then == P::Expired);
    }
    let mut world = World::new();
    world.host(Some(ID), status(P::Invited)).unwrap();
    assert!(world.host(Some(ID), status(P::Declined)).is_err(), "the partner's word");
    assert!(world.host(Some(ID), status(P::Live)).is_err());
}

#[test]
fn a_task_that_is_over_changes_no_more_and_a_comment_names_a_task_that_is_there() {
    let mut world = World::new();
    world.task("1", "PARTNER", &[]);
    world.set("1", T::Waived).unwrap();
    let again = UpsertTask {
        task_id: "1".to_owned(),
        title: "t".to_owned(),
        instructions: String::new(),
        owner_side: "PARTNER".to_owned(),
        mandatory: false,
        document_type: String::new(),
        depends_on: Vec::new(),
        due_at: None,
        reason: String::new(),
    };
    assert_eq!(world.host(Some(ID), Action::UpsertTask(again)), Err(Refusal::Final));
    let post = |task_id: &str| {
        let (task_id, note_key, text) = (task_id.to_owned(), "k".to_owned(), "t".to_owned());
        Action::Post(Post { task_id, note_key, author_label: String::new(), text })
    };
    assert_eq!(world.host(Some(ID), post("7")), Err(Refusal::UnknownTask));
    world.host(Some(ID), post("")).unwrap();
    world.host(Some(ID), post("1")).unwrap();
}
