use super::super::action::*;
use super::super::wire::*;
use super::*;

fn new_case() -> NewCase {
    serde_json::from_value(serde_json::json!({
        "title": "ASN missing", "description": "no 856 since Monday", "severity": "high", "category": "asn"
    }))
    .unwrap()
}

fn partner() -> Who {
    Who::Partner("acme".to_owned())
}

fn run(model: &mut Model, who: &Who, case: Option<&str>, action: Action) -> Result<Change, Refusal> {
    let draft = model.decide(who, case, action, 1)?;
    let change = draft.into_change(model.next_change_id(), 1, "T", None);
    model.apply(change.clone());
    Ok(change)
}

/// A model with one case in the given status, with a resolution on offer where it is resolved.
fn in_status(status: CaseStatus) -> (Model, String) {
    let mut model = Model::default();
    let id = run(&mut model, &partner(), None, Action::Open(Box::new(new_case()))).unwrap().case_id;
    for to in CaseStatus::Submitted.path(status).unwrap() {
        let action = if to == CaseStatus::Resolved { propose() } else { set(to) };
        run(&mut model, &Who::Host, Some(&id), action).unwrap();
    }
    (model, id)
}

fn set(status: CaseStatus) -> Action {
    Action::SetStatus(SetStatus { status, label: "x".into(), reason: String::new(), expected_resolution_at: None })
}
fn propose() -> Action {
    Action::ProposeResolution(ProposeResolution {
        resolution_version: "r1".into(),
        code: String::new(),
        note: "resent".into(),
    })
}
fn reason() -> Reason {
    Reason { reason: "r".into() }
}
fn answer(accepted: bool, version: &str) -> Action {
    let answer = Answer { comment: String::new() };
    Action::AnswerResolution { resolution_version: version.into(), accepted, answer }
}
fn details(field: &str) -> Action {
    let fields = [(field.to_owned(), "low".to_owned())].into();
    Action::ChangeDetails(ChangeDetails { fields, reason: String::new() })
}
fn comment() -> Action {
    Action::AddComment(AddComment {
        text: "hello".into(),
        author: String::new(),
        format: String::new(),
        files: Vec::new(),
    })
}

#[test]
fn every_action_in_every_status_keeps_to_the_state_machine() {
    let actions = || {
        let mut all: Vec<Action> = CaseStatus::ALL.into_iter().map(set).collect();
        all.extend([
            Action::Acknowledge(Acknowledge { reference: "7".into() }),
            Action::RequestInformation(RequestInformation { question: "which?".into(), due_at: None }),
            propose(),
            Action::Close(Close { closure: "agent".into(), text: String::new() }),
            Action::Reopen(reason()),
            Action::Withdraw(reason()),
            answer(true, "r1"),
            answer(false, "r1"),
            details("severity"),
            comment(),
            Action::PostComment(PostComment {
                note_key: "n".into(),
                author_label: "Desk".into(),
                text: "hi".into(),
                files: Vec::new(),
            }),
        ]);
        all
    };
    let (mut taken, mut refused) = (0, 0);
    for status in CaseStatus::ALL {
        for who in [Who::Host, partner()] {
            for action in actions() {
                let (mut model, id) = in_status(status);
                let before = model.clone();
                match run(&mut model, &who, Some(&id), action.clone()) {
                    Ok(change) => {
                        taken += 1;
                        let Status::Case(to) = change.status else { panic!("{change:?}") };
                        assert!(status == to || status.may_become(to), "{status:?} -> {to:?} by {action:?}");
                        let case = model.case(&id).unwrap();
                        assert_eq!((case.status, case.version), (to, before.case(&id).unwrap().version + 1));
                    }
                    Err(_) => {
                        refused += 1;
                        assert_eq!(model, before, "a refusal changes nothing");
                    }
                }
            }
        }
    }
    assert_eq!(taken + refused, 9 * 2 * 20);
    assert!(taken > 50 && refused > 200, "{taken} taken, {refused} refused");
}

#[test]
fn every_status_the_host_may_not_set_is_refused_by_name() {
    for from in CaseStatus::ALL {
        for to in CaseStatus::ALL {
            let (mut model, id) = in_status(from);
            let result = run(&mut model, &Who::Host, Some(&id), set(to));
            if from == to || from.may_become(to) {
                assert_eq!(result.unwrap().status, Status::Case(to));
            } else {
                assert_eq!(result, Err(Refusal::Transition { from: from.as_str(), to: to.as_str() }));
            }
        }
    }
}

#[test]
fn another_partners_case_is_unknown_whatever_is_asked_of_it() {
    let (mut model, id) = in_status(CaseStatus::Resolved);
    let other = Who::Partner("globex".to_owned());
    for action in [details("severity"), comment(), Action::Withdraw(reason()), answer(true, "r1")] {
        assert_eq!(run(&mut model, &other, Some(&id), action), Err(Refusal::UnknownCase));
    }
}

#[test]
fn only_the_resolution_on_offer_is_answered_and_only_once() {
    let (mut model, id) = in_status(CaseStatus::Resolved);
    assert_eq!(run(&mut model, &partner(), Some(&id), answer(true, "r0")), Err(Refusal::NotOnOffer));
    assert_eq!(
        run(&mut model, &partner(), Some(&id), answer(true, "r1")).unwrap().status,
        Status::Case(CaseStatus::Resolved)
    );
    assert_eq!(model.case(&id).unwrap().resolution.as_ref().unwrap().answer, "accepted");
    assert_eq!(run(&mut model, &partner(), Some(&id), answer(false, "r1")), Err(Refusal::NotOnOffer));
}

#[test]
fn an_acknowledgement_adds_the_reference_and_moves_only_a_case_nobody_has_moved() {
    for status in CaseStatus::ALL {
        let (mut model, id) = in_status(status);
        let ack = Action::Acknowledge(Acknowledge { reference: "4711".into() });
        let after = run(&mut model, &Who::Host, Some(&id), ack).unwrap().status;
        let expected = if status == CaseStatus::Submitted { CaseStatus::Acknowledged } else { status };
        assert_eq!(after, Status::Case(expected));
        assert_eq!(model.case(&id).unwrap().reference, "4711");
    }
}

#[test]
fn a_field_no_partner_may_change_is_refused() {
    let (mut model, id) = in_status(CaseStatus::InProgress);
    assert_eq!(run(&mut model, &partner(), Some(&id), details("priority")), Err(Refusal::Field));
    assert_eq!(run(&mut model, &partner(), Some(&id), details("requested_resolution_at")), Err(Refusal::Field));
    run(&mut model, &partner(), Some(&id), details("severity")).unwrap();
    assert_eq!(model.case(&id).unwrap().details.severity, "low");
}
