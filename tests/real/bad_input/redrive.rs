//! Sub-category, route, status and custom field that the bundle does not know yet: what needs them waits, an operator
//! edits files, nothing is rebuilt, and what waited goes on in its order.

use super::servers::RequestTracker;
use super::{
    acknowledged, dead_letters, edit_bundle, held, refused, said_by_partner, standard_error, start_refused, ticket,
};
use crate::stack::Stack;
use crate::wait::{SOON, until};
use serde_json::{Value, json};
use std::sync::Arc;

const STATUS: &str = "vendor-check";
const FIELD: &str = "TG Sub Category";
const CODE: &str = "FREIGHT";

/// A case of a sub-category that is not in the bundle.
async fn open(stack: &Stack, title: &str) -> String {
    let case = json!({
        "title": title, "description": "Freight was charged twice", "severity": "MAJOR", "category": "INVOICE",
        "sub_category": CODE, "contact": {"name": "Pat Partner", "email": "pat@partner.example"},
    });
    let url = format!("{}/partner/v1/cases", stack.community.base);
    let answer = reqwest::Client::new().post(url).bearer_auth("acme-token").json(&case).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let answer: Value = answer.json().await.unwrap();
    answer["case_id"].as_str().or_else(|| answer["case"]["id"].as_str()).unwrap().to_owned()
}

/// The routes with a column for the sub-category, and a first line that uses it.
fn new_routes(stack: &Stack) -> (String, String) {
    let before = std::fs::read_to_string(stack.bundle().join("routes.csv")).unwrap();
    let mut after = String::new();
    for line in before.lines().filter(|line| !line.starts_with('#')) {
        let (category, rest) = line.split_once(',').unwrap();
        if category == "category" {
            after += &format!("category,sub_category,{rest}\nINVOICE,{CODE},*,*,*,Partner Compliance,95\n");
        } else {
            after += &format!("{category},*,{rest}\n");
        }
    }
    (before, after)
}

pub async fn test(stack: Arc<Stack>) {
    let (community, rt) = (&stack.community, &stack.rt);
    let servers = RequestTracker::of(&stack);
    let _restored = servers.with_status(STATUS, Some(FIELD));

    // A status that only Request Tracker knows.
    let known = community.open("The vendor is asked").await;
    let known_subject = format!("case/tg/{known}");
    let known_ticket = ticket(&stack, &known_subject).await;
    acknowledged(&stack, &known).await;
    rt.set(known_ticket, &json!({"Status": STATUS})).await;
    let letters = held(&stack, &known_subject, 1).await;
    assert!(letters.len() == 1 && letters[0].contains("unknown-status"), "{letters:#?}");
    assert!(letters[0].contains("internal.events") && letters[0].contains(STATUS), "{letters:#?}");

    // A sub-category that only the community knows.
    let case = open(&stack, "Freight is wrong").await;
    let subject = format!("case/tg/{case}");
    let letters = held(&stack, &subject, 1).await;
    assert!(letters[0].contains("unknown-sub-category") && letters[0].contains(CODE), "{letters:#?}");
    for text in ["first", "second", "third"] {
        community.comment(&case, text).await;
    }
    // Another subject passes; what it waits for is behind the comments on the way.
    let other = community.open("Behind it").await;
    acknowledged(&stack, &other).await;
    assert_eq!(dead_letters(&stack, "HOLD", &subject).len(), 1, "comments wait in the sink, not among the dead");
    assert!(rt.tickets(&subject).await.is_empty(), "no ticket yet");

    let older = refused::copy_of_bundle(&stack, "older-bundle");
    let (routes, new_routes) = new_routes(&stack);
    let code = format!("INVOICE,PRICE,-\nINVOICE,{CODE},freight\n");
    let version = edit_bundle(
        &stack,
        &[
            ("codes/sub_category.csv", "INVOICE,PRICE,-\n", &code),
            ("routes.csv", &routes, &new_routes),
            ("statuses.csv", "stalled,on-hold,,\n", &format!("stalled,on-hold,,\n{STATUS},on-hold,,\n")),
            ("fields-in.csv", "contact,TG Contact\n", &format!("contact,TG Contact\nsub_category,{FIELD}\n")),
        ],
    )
    .await;
    let said = stack.tool(&["dlq", "redrive", "--class", "HOLD"]);
    assert!(said.contains("sent back, 0 left"), "{said}");

    let found = ticket(&stack, &subject).await;
    assert_eq!(said_by_partner(&stack, found, 3).await, ["first", "second", "third"]);
    acknowledged(&stack, &case).await;
    let made = rt.ticket(found).await;
    assert_eq!(number(&made["Priority"]), 95, "the new route: {made}");
    let there = format!("id = {found} AND Queue = 'Partner Compliance'");
    assert_eq!(rt.search(&there).await, [found], "the new route's queue");
    let fields = made["CustomFields"].as_array().cloned().unwrap_or_default();
    let field = fields.iter().find(|f| f["name"] == FIELD);
    assert_eq!(field.map(|f| &f["values"]), Some(&json!(["freight"])), "the new field: {made}");
    until("the new status to be on hold for the partner", SOON, || async {
        (community.case(&known).await["status"] == "on-hold").then_some(())
    })
    .await;
    for subject in [&subject, &known_subject] {
        assert_eq!(dead_letters(&stack, "HOLD", subject), Vec::<String>::new());
        assert_eq!(rt.tickets(subject).await.len(), 1, "{subject}");
    }

    older_is_refused(&stack, &older, version);
    rt.set(known_ticket, &json!({"Status": "open"})).await;
    until("work to go on", SOON, || async { (community.case(&known).await["status"] == "in-progress").then_some(()) })
        .await;
}

/// Neither the version before nor other content under the same number comes back unnoticed.
fn older_is_refused(stack: &Stack, older: &std::path::Path, version: i64) {
    let bundle = [("CAUSEWAY_MAPPING__BUNDLE", older.to_string_lossy().into_owned())];
    let refused = |needle: &str| {
        for role in ["transform-partner", "transform-internal"] {
            let output = start_refused(stack, role, &bundle);
            let said = standard_error(&output);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("bundle of link `rt` refused") && said.contains(needle), "{said}");
        }
    };
    refused(&format!("version {} is older than {version}", version - 1));
    let file = older.join("bundle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replacen(&format!("version = {}\n", version - 1), &format!("version = {version}\n"), 1);
    std::fs::write(&file, text).unwrap();
    refused(&format!("version {version} was used with other content"));
    std::fs::remove_dir_all(older).unwrap();
}

/// Request Tracker gives numbers as texts here and there.
fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok())).unwrap_or(-1)
}
