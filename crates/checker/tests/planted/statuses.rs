use super::{World, only};
use checker::Kind;
use serde_json::json;

/// The position of the line that tells the case this status.
fn told(world: &World, case: &str, to: &str) -> usize {
    let is = |line: &serde_json::Value| {
        let change = &line["change"];
        change["case_id"] == case && change["status"] == to && change["actor"]["side"] == "host"
    };
    world.community.iter().rposition(is).unwrap()
}

#[test]
fn statuses_in_the_wrong_order() {
    let mut world = World::ordinary();
    let (open, held) = (told(&world, "C-1", "in-progress"), told(&world, "C-1", "on-hold"));
    world.community.swap(open, held);
    only(&world.judged(), Kind::Reordered, "C-1", "act-t1-8", "desk");
}

#[test]
fn a_genuine_change_of_status_that_was_dropped() {
    let mut world = World::ordinary();
    world.community.remove(told(&world, "C-1", "on-hold"));
    only(&world.judged(), Kind::Dropped, "C-1", "act-t1-8", "desk");
}

#[test]
fn a_status_lost_between_two_others() {
    let mut world = World::ordinary();
    world.status("C-1", "waiting-partner", "pending-partner");
    world.community.remove(told(&world, "C-1", "on-hold"));
    only(&world.judged(), Kind::Lost, "C-1", "act-t1-8", "desk");
    let mut journals = world.journals();
    journals.rules.every_status = false;
    assert!(checker::check(&journals).unwrap().is_clean(), "a later one took its place");
}

#[test]
fn a_case_closed_at_the_case_system_only() {
    let mut world = World::ordinary();
    world.community.remove(told(&world, "C-3", "closed"));
    let verdict = world.judged();
    only(&verdict, Kind::Dropped, "C-3", "", "desk");
    assert!(verdict.findings[0].detail.contains("closed"), "{verdict}");
}

#[test]
fn an_acceptance_that_never_closed_the_ticket() {
    let mut world = World::ordinary();
    world.community.remove(told(&world, "C-3", "closed"));
    world.desk.pop();
    only(&world.judged(), Kind::Dropped, "C-3", "act-t1-44", "community");
}

#[test]
fn a_rejection_that_opened_what_had_been_resolved_anew() {
    let mut world = World::ordinary();
    world.status("C-1", "open", "in-progress");
    world.resolve("C-1");
    world.reject("C-1");
    assert!(world.judged().is_clean(), "{}", world.judged());
    world.resolve("C-1");
    // It arrives once more, too late, and nobody tells the community.
    world.in_desk("C-1", "pipeline", "status-changed", json!({"from": "resolved", "to": "open"}));
    let accepted = world.accept("C-1");
    world.desk.pop();
    world.community.pop();
    only(&world.judged(), Kind::Dropped, "C-1", &accepted.token, "community");
}

#[test]
fn a_withdrawal_that_never_reached_the_case_system() {
    let mut world = World::ordinary();
    let cancelled = |line: &serde_json::Value| line["changes"][0]["payload"]["to"] == "cancelled";
    world.desk.retain(|line| !cancelled(line));
    only(&world.judged(), Kind::Dropped, "C-2", "act-t1-41", "community");
}

#[test]
fn a_status_that_came_back_to_its_partner() {
    let mut world = World::ordinary();
    world.at_community("C-2", "host", "status-changed", json!({"from": "cancelled", "to": "cancelled", "reason": ""}));
    only(&world.judged(), Kind::Echoed, "C-2", "act-t1-41", "community");
}

#[test]
fn a_status_that_nobody_set() {
    let mut world = World::ordinary();
    let at = told(&world, "C-1", "on-hold");
    let mut line = world.community[at].clone();
    line["change"]["status"] = json!("rejected");
    world.community.insert(at, line);
    only(&world.judged(), Kind::Uncaused, "C-1", "", "community");
    let mut world = World::ordinary();
    world.in_desk("C-1", "pipeline", "status-changed", json!({"from": "stalled", "to": "cancelled"}));
    only(&world.judged(), Kind::Uncaused, "C-1", "", "desk");
}

#[test]
fn a_genuine_change_of_a_field_that_was_dropped() {
    let mut world = World::ordinary();
    world.desk.remove(World::effect(&world.desk, "act-t1-10"));
    only(&world.judged(), Kind::Dropped, "C-1", "act-t1-10", "people");
}

#[test]
fn a_change_of_a_field_that_a_later_one_took_the_place_of_is_no_finding() {
    let mut world = World::ordinary();
    world.desk.remove(World::effect(&world.desk, "act-t1-9"));
    let verdict = world.judged();
    assert!(verdict.is_clean() && verdict.overwritten == 1, "{verdict}");
}
