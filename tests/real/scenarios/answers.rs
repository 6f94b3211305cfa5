//! What partners answer in an onboarding reaches Request Tracker, and does not where the bundle keeps it outside.

use super::people::People;
use super::programmes::Programme;
use super::{patience, seen};
use crate::bad_input::edit_bundle;
use crate::stack::Stack;
use crate::wait::until;
use std::sync::Arc;
use testkit::scenario::{Agent, NewProgramme, NewTask, Partner};

const ON: &str = "answers = true";
const OFF: &str = "answers = false";

fn at(task: &str, act: Agent) -> Agent {
    Agent::AtTask { task: task.to_owned(), act: Box::new(act) }
}

/// A task of the partner's, waited for.
async fn task(stack: &Stack, people: &People<'_>, programme: &mut Programme, name: &str) {
    let none = String::new;
    let new = NewTask {
        task: name.to_owned(),
        title: format!("Task {name}"),
        instructions: none(),
        side: "PARTNER".to_owned(),
        mandatory: none(),
        document: none(),
        depends_on: none(),
        due: none(),
        shown: none(),
    };
    people.acts_in(programme, &Agent::AddsTask(Box::new(new))).await;
    let asks = Agent::SetsStatus { to: "waiting-partner".to_owned(), reason: none() };
    people.acts_in(programme, &at(name, asks)).await;
    let active = format!("{name} active Task {name}");
    until(&active, patience(), || async {
        super::programmes::view(stack, people, programme).await.tasks.contains(&active).then_some(())
    })
    .await;
}

async fn hands_in(stack: &Stack, people: &People<'_>, programme: &Programme, task: &str) {
    let act = Partner::Submits { task: task.to_owned(), text: format!("For {task}"), document: String::new() };
    assert!(people.answers_in(stack, "ACME", programme, &act).await, "task {task} may be handed in");
}

/// The status of a task's ticket, and what stands on it.
async fn stands(stack: &Stack, programme: &Programme, task: &str) -> (String, Vec<String>) {
    let ticket = programme.task(task);
    let (_, internal) = seen::said_at(stack, ticket).await;
    (stack.rt.status(ticket).await, internal.into_iter().map(|(who, said)| format!("{who}: {said}")).collect())
}

async fn arrives(stack: &Stack, programme: &Programme, task: &str) {
    let wanted = ("open".to_owned(), vec![format!("causeway: ACME handed in: For {task}")]);
    until(&format!("the answer at task {task}"), patience(), || async {
        (stands(stack, programme, task).await == wanted).then_some(())
    })
    .await;
}

/// After the test of the reset: what was kept outside would come in with it once answers are let in again.
pub async fn test(stack: Arc<Stack>) {
    let (stack, people) = (&stack, People::new(&stack));
    let new = NewProgramme {
        by: "ACME".to_owned(),
        programme: "supplier-edi".to_owned(),
        target: String::new(),
        milestones: String::new(),
    };
    let mut programme = people.starts(&new).await;
    for name in ["1", "2", "3"] {
        task(stack, &people, &mut programme, name).await;
    }
    hands_in(stack, &people, &programme, "1").await;
    arrives(stack, &programme, "1").await;

    edit_bundle(stack, &[("bundle.toml", ON, OFF)]).await;
    hands_in(stack, &people, &programme, "2").await;
    let question = Partner::Asks { task: String::new(), text: "Does anybody read this?".to_owned() };
    assert!(people.answers_in(stack, "ACME", &programme, &question).await, "the community takes a question");
    crate::reset::settled(stack).await;
    let untouched = ("waiting-partner".to_owned(), Vec::new());
    assert_eq!(stands(stack, &programme, "2").await, untouched, "answers are off");

    // What comes behind it has arrived, and it has not.
    edit_bundle(stack, &[("bundle.toml", OFF, ON)]).await;
    hands_in(stack, &people, &programme, "3").await;
    arrives(stack, &programme, "3").await;
    assert_eq!(stands(stack, &programme, "2").await, untouched, "answers were off");
    assert_eq!(seen::said_at(stack, programme.ticket).await.1, [], "a question, too, is an answer");
    assert_eq!(seen::held(stack, &programme.subject()), [""; 0], "nothing waits for a person");
    println!("2 answers reached their tasks, 1 answer and 1 question stayed outside while answers were off");
}
