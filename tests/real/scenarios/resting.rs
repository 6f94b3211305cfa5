//! Cases that are looked at again after everything has crossed.

use super::people::{People, Thing};
use super::{Play, patience};
use crate::stack::Stack;
use crate::wait::until;
use std::collections::BTreeMap;
use testkit::scenario::{Depth, Open, Scenario, sentinel};

/// A case that cannot have a sentinel of its own: its ticket was merged away, or nothing said about it is repeated.
pub struct Resting {
    pub scenario: Scenario,
    pub things: BTreeMap<String, Thing>,
    pub case: String,
}

/// Something said later on another ticket has crossed, and every group has read to its end: what a resting case has not
/// become by now it will not become. Gives the names of those that are not as expected.
pub async fn watch(stack: &Stack, ended: Vec<Resting>) -> Vec<String> {
    if ended.is_empty() {
        return Vec::new();
    }
    let people = People::new(stack);
    let other = people.opens(&sentinel_case()).await;
    let subject = format!("case/tg/{other}");
    let ticket =
        until("the last sentinel's ticket", patience(), || async { stack.rt.tickets(&subject).await.first().copied() })
            .await;
    stack.rt.reply(ticket, &sentinel::text(3)).await;
    until("the last sentinel at the community", patience(), || async {
        people.case(&other).await.to_string().contains(&sentinel::text(3)).then_some(())
    })
    .await;
    crate::reset::settled(stack).await;
    let mut wrong = Vec::new();
    for Resting { scenario, things, case } in ended {
        let play = Play { stack, scenario: &scenario, people: People::new(stack), things };
        for (_, expect) in scenario.expect.iter().filter(|(named, _)| *named == case) {
            let differences = play.differences(&case, expect, Depth::Everything).await;
            if !differences.is_empty() {
                println!("{}: case {case} after everything has crossed: {differences:#?}", scenario.name);
                wrong.push(scenario.name.clone());
            }
        }
    }
    wrong
}

pub fn sentinel_case() -> Open {
    Open {
        by: "ACME".to_owned(),
        title: sentinel::text(0),
        description: String::new(),
        severity: "MINOR".to_owned(),
        category: "ORDER".to_owned(),
        document: String::new(),
    }
}
