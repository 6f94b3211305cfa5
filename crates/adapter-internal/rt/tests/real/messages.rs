use crate::fixture::{Rt, unique};
use ports::Look;

#[tokio::test]
async fn a_partners_words_are_correspondence_and_ours_stay_inside() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let (say, note) = (case.say("hello <b>✓</b> 😀"), case.note("their credit is bad"));
    let said = case.apply(&target, &say).await.unwrap();
    let noted = case.apply(&target, &note).await.unwrap();
    let row = |id: &str| format!("ObjectType = 'RT::Ticket' AND ObjectId = {} AND id = {id}", case.ticket);
    let rows = rt.agent().rows(&row(&said.effects[0])).await;
    assert_eq!(
        (rows[0]["Type"].as_str(), rows[0]["Creator"]["id"].as_str()),
        (Some("Correspond"), Some("causeway-partner"))
    );
    let rows = rt.agent().rows(&row(&noted.effects[0])).await;
    assert_eq!((rows[0]["Type"].as_str(), rows[0]["Creator"]["id"].as_str()), (Some("Comment"), Some("causeway-sync")));
    // The voice of partners cannot even read a note: what it can read is what a partner may see.
    let as_partner =
        rt.user("partner").rows(&format!("ObjectType = 'RT::Ticket' AND ObjectId = {}", case.ticket)).await;
    assert!(as_partner.iter().any(|r| r["Type"] == "Correspond"));
    assert!(!as_partner.iter().any(|r| r["Type"] == "Comment"), "an internal note is visible to the partner's voice");
}

#[tokio::test]
async fn the_marker_is_in_the_row_of_the_message_and_finds_it() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    for command in [case.say("x"), case.note("x")] {
        let marker = command.meta.id.to_string();
        assert_eq!(case.look(&target, &command).await, Ok(Look::Absent));
        let done = case.apply(&target, &command).await.unwrap();
        assert_eq!(done.effects.len(), 1);
        let sql = format!("ObjectType = 'RT::Ticket' AND ObjectId = {} AND id = {}", case.ticket, done.effects[0]);
        assert_eq!(rt.agent().rows(&sql).await[0]["Data"], format!("causeway:{marker}\n"));
        assert!(
            matches!(case.look(&target, &command).await, Ok(Look::Applied(found)) if found.effects == done.effects)
        );
    }
}

#[tokio::test]
async fn an_answer_to_our_subject_is_not_ours() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let command = case.note(&unique());
    for subject in [format!("Re: causeway:{}", command.meta.id), format!("causeway:{}", command.meta.id)] {
        let body = serde_json::json!({ "Subject": subject, "Content": "x", "ContentType": "text/plain" });
        let (status, _) = rt.agent().post(&format!("/ticket/{}/comment", case.ticket), body).await;
        assert_eq!(status, 201);
        assert_eq!(case.look(&target, &command).await, Ok(Look::Absent), "{subject}");
    }
}
