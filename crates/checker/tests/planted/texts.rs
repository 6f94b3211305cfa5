use super::{World, only};
use checker::Kind;
use serde_json::json;

fn remove_effect(of: &str, internal: bool) -> World {
    let mut world = World::ordinary();
    let lines = if internal { &mut world.desk } else { &mut world.community };
    lines.remove(World::effect(lines, of));
    world
}

#[test]
fn a_lost_comment() {
    only(&remove_effect("act-t1-3", true).judged(), Kind::Lost, "C-1", "act-t1-3", "people");
}

#[test]
fn a_lost_reply() {
    only(&remove_effect("act-t1-6", false).judged(), Kind::Lost, "C-1", "act-t1-6", "people");
}

#[test]
fn a_lost_case_is_one_finding_and_not_one_for_each_of_its_acts() {
    let mut world = World::ordinary();
    let case = world.open("ACME");
    world.comment(&case.case);
    world.comment(&case.case);
    let ticket = 104;
    world.desk.retain(|line| line["changes"][0]["ticket_id"] != ticket);
    world.community.retain(|line| !(line["change"]["case_id"] == "C-5" && line["change"]["actor"]["side"] == "host"));
    only(&world.judged(), Kind::Lost, "C-5", &case.token, "people");
}

#[test]
fn what_was_accepted_and_is_not_even_in_its_own_system() {
    let mut world = World::ordinary();
    let comment = world.comment("C-1");
    world.community.pop();
    world.desk.pop();
    only(&world.judged(), Kind::Lost, "C-1", &comment.token, "people");
}

#[test]
fn a_comment_twice() {
    let mut world = World::ordinary();
    let again = world.desk[World::effect(&world.desk, "act-t1-2")].clone();
    world.desk.push(again);
    only(&world.judged(), Kind::Duplicated, "C-1", "act-t1-2", "desk");
}

#[test]
fn a_second_ticket() {
    let mut world = World::ordinary();
    let mut again = world.desk[World::effect(&world.desk, "act-t1-1")].clone();
    again["changes"][0]["ticket_id"] = json!(900);
    world.desk.push(again);
    only(&world.judged(), Kind::Duplicated, "C-1", "act-t1-1", "desk");
}

#[test]
fn a_second_ticket_without_the_words_of_the_first() {
    let mut world = World::ordinary();
    let mut again = world.desk[World::effect(&world.desk, "act-t1-1")].clone();
    let change = &mut again["changes"][0];
    change["ticket_id"] = json!(900);
    change["payload"]["title"] = json!("");
    change["payload"]["description"] = json!("");
    world.desk.push(again);
    only(&world.judged(), Kind::Duplicated, "C-1", "", "desk");
}

#[test]
fn a_text_cut_short() {
    let mut world = World::ordinary();
    let at = World::effect(&world.desk, "act-t1-2");
    world.desk[at]["changes"][0]["payload"]["text"] = json!("act-t1-2 any news, Gr");
    only(&world.judged(), Kind::Torn, "C-1", "act-t1-2", "desk");
}

#[test]
fn a_letter_that_became_another() {
    let mut world = World::ordinary();
    let at = World::effect(&world.desk, "act-t1-2");
    world.desk[at]["changes"][0]["payload"]["text"] = json!("act-t1-2 any news, GrA¼Ãe");
    only(&world.judged(), Kind::Torn, "C-1", "act-t1-2", "desk");
}

#[test]
fn a_ticket_made_without_one_of_its_fields() {
    let mut world = World::ordinary();
    let at = World::effect(&world.desk, "act-t1-1");
    world.desk[at]["changes"][0]["payload"]["fields"] = json!({});
    only(&world.judged(), Kind::Torn, "C-1", "act-t1-1", "desk");
}

#[test]
fn a_text_on_another_case_of_the_same_partner() {
    let mut world = World::ordinary();
    let at = World::effect(&world.desk, "act-t1-2");
    world.desk[at]["changes"][0]["ticket_id"] = json!(102);
    only(&world.judged(), Kind::Misplaced, "C-1", "act-t1-2", "desk");
    // The same once that ticket is there.
    let line = world.desk.remove(at);
    world.desk.push(line);
    only(&world.judged(), Kind::Misplaced, "C-1", "act-t1-2", "desk");
}

#[test]
fn a_comment_that_came_back_to_its_partner() {
    let mut world = World::ordinary();
    let comment = world.comment("C-1");
    world.posted("C-1", &format!("{} any news, Grüße", comment.token));
    only(&world.judged(), Kind::Echoed, "C-1", &comment.token, "community");
}

#[test]
fn a_reply_that_came_back_to_its_agent() {
    let mut world = World::ordinary();
    let reply = world.reply("C-1");
    let text = format!("{} we look into it", reply.token);
    world.in_desk("C-1", "partner-voice", "replied", json!({"text": text}));
    only(&world.judged(), Kind::Echoed, "C-1", &reply.token, "desk");
}

#[test]
fn an_effect_that_nobody_caused() {
    let mut world = World::ordinary();
    world.posted("C-1", "act-t1-9999 words of nobody");
    only(&world.judged(), Kind::Uncaused, "C-1", "act-t1-9999", "community");
    let mut world = World::ordinary();
    world.posted("C-1", "words of nobody");
    only(&world.judged(), Kind::Uncaused, "C-1", "", "community");
}

#[test]
fn what_people_wrote_without_a_token_may_cross_as_often_as_they_wrote_it() {
    let mut world = World::ordinary();
    let payload = json!({"note_id": "n", "text": "a visitor's words", "format": "plain"});
    world.at_community("C-1", "partner", "comment-added", payload);
    world.in_desk("C-1", "partner-voice", "replied", json!({"text": "a visitor's words"}));
    assert!(world.judged().is_clean(), "{}", world.judged());
    world.in_desk("C-1", "partner-voice", "replied", json!({"text": "a visitor's words"}));
    only(&world.judged(), Kind::Uncaused, "C-1", "", "desk");
}

#[test]
fn an_act_that_was_settled_as_not_taken_and_is_there() {
    let mut world = World::ordinary();
    let comment = world.comment("C-1");
    let mut asked = world.people.pop().unwrap();
    asked["line"] = json!("asked");
    world.people.push(asked);
    assert!(world.judged().is_clean(), "it may have been taken, and was");
    world.people.push(json!({"line": "settled", "token": comment.token, "taken": false}));
    only(&world.judged(), Kind::Uncaused, "C-1", &comment.token, "community");
}
