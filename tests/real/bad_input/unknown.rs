//! A partner that the community knows and the bundle does not.

use super::{acknowledged, dead_letters, edit_bundle, held, said_by_partner, ticket};
use crate::community::Community;
use crate::stack::Stack;
use std::sync::Arc;

pub async fn test(stack: Arc<Stack>) {
    let initech = Community::new(stack.community.base.clone(), "initech-token".to_owned());
    let case = initech.open("Who are we").await;
    let subject = format!("case/tg/{case}");
    for text in ["one", "two", "three"] {
        initech.comment(&case, text).await;
    }
    let letters = held(&stack, &subject, 4).await;
    assert_eq!(letters.len(), 4, "{letters:#?}");
    assert!(letters.iter().all(|l| l.contains("unknown-partner") && l.contains("INITECH")), "{letters:#?}");

    // A stranger holds up nobody.
    let known = stack.community.open("We are known").await;
    ticket(&stack, &format!("case/tg/{known}")).await;
    assert!(stack.rt.tickets(&subject).await.is_empty(), "no ticket for a stranger");

    let line = "GLOBEX,carriers,";
    let with = format!("INITECH,suppliers,en,TP,2020-01-01,,111222333,V-10003,01:111222333,,\n{line}");
    edit_bundle(&stack, &[("partners.csv", line, &with)]).await;
    let said = stack.tool(&["dlq", "redrive", "--class", "HOLD", "--reason", "unknown-partner", "--key", &subject]);
    assert!(said.contains("4 sent back"), "{said}");

    let ticket = ticket(&stack, &subject).await;
    assert_eq!(said_by_partner(&stack, ticket, 3).await, ["one", "two", "three"]);
    acknowledged(&stack, &case).await;
    assert_eq!(dead_letters(&stack, "HOLD", &subject), Vec::<String>::new());
    assert_eq!(stack.rt.tickets(&subject).await, [ticket]);
}
