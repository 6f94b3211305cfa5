use super::{World, only};
use checker::Kind;
use serde_json::json;

#[test]
fn an_internal_note_at_the_community() {
    let mut world = World::ordinary();
    world.posted("C-1", "canary-t1-4 it was our fault");
    only(&world.judged(), Kind::Leaked, "C-1", "canary-t1-4", "community");
}

#[test]
fn an_internal_text_hidden_in_a_field_nobody_reads() {
    let mut world = World::ordinary();
    let at = World::effect(&world.community, "act-t1-5");
    world.community[at]["change"]["ext"] = json!({"cause": "because of canary-t1-4"});
    only(&world.judged(), Kind::Leaked, "C-1", "canary-t1-4", "community");
}

#[test]
fn a_text_of_one_partner_in_the_case_of_another() {
    let mut world = World::ordinary();
    let at = World::effect(&world.community, "act-t1-5");
    let change = &mut world.community[at]["change"];
    (change["case_id"], change["partner_id"]) = (json!("C-2"), json!("GLOBEX"));
    only(&world.judged(), Kind::Leaked, "C-2", "act-t1-5", "community");
}

#[test]
fn a_partners_own_words_shown_to_another() {
    let mut world = World::ordinary();
    world.posted("C-2", "act-t1-2 any news, Grüße");
    only(&world.judged(), Kind::Leaked, "C-2", "act-t1-2", "community");
}

#[test]
fn a_text_of_one_partner_on_the_ticket_of_another() {
    let mut world = World::ordinary();
    let at = World::effect(&world.desk, "act-t1-2");
    let mut line = world.desk.remove(at);
    line["changes"][0]["ticket_id"] = json!(101);
    world.desk.push(line);
    only(&world.judged(), Kind::Misplaced, "C-1", "act-t1-2", "desk");
}
