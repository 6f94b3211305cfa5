use super::{World, only};
use checker::Kind;

#[test]
fn two_comments_the_wrong_way_round() {
    let mut world = World::ordinary();
    let (first, second) = (World::effect(&world.desk, "act-t1-2"), World::effect(&world.desk, "act-t1-3"));
    world.desk.swap(first, second);
    only(&world.judged(), Kind::Reordered, "C-1", "act-t1-2", "desk");
}

#[test]
fn two_replies_the_wrong_way_round() {
    let mut world = World::ordinary();
    let (first, second) = (World::effect(&world.community, "act-t1-5"), World::effect(&world.community, "act-t1-6"));
    world.community.swap(first, second);
    only(&world.judged(), Kind::Reordered, "C-1", "act-t1-5", "community");
}

#[test]
fn acts_of_different_cases_owe_each_other_no_order() {
    let mut world = World::ordinary();
    let (one, other) = (World::effect(&world.desk, "act-t1-2"), World::effect(&world.desk, "act-t1-23"));
    // Each behind the making of its ticket.
    let line = world.desk.remove(one);
    world.desk.insert(other, line);
    let verdict = world.judged();
    assert_eq!(verdict.found.get(&Kind::Reordered), Some(&1), "behind its own neighbours it is late:\n{verdict}");
    let mut world = World::ordinary();
    let (a, b) = (world.comment("C-1"), world.comment("C-3"));
    let (one, other) = (World::effect(&world.desk, &a.token), World::effect(&world.desk, &b.token));
    world.desk.swap(one, other);
    assert!(world.judged().is_clean());
}

#[test]
fn an_old_value_after_the_new_one() {
    let mut world = World::ordinary();
    let (first, second) = (World::effect(&world.desk, "act-t1-9"), World::effect(&world.desk, "act-t1-10"));
    world.desk.swap(first, second);
    only(&world.judged(), Kind::Reordered, "C-1", "act-t1-9", "desk");
}
