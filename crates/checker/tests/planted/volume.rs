use super::World;
use checker::check;

fn world(cases: u64) -> World {
    let mut world = World::default();
    for n in 0..cases {
        let case = world.open(if n % 2 == 0 { "ACME" } else { "GLOBEX" }).case;
        for _ in 0..4 {
            world.comment(&case);
            world.reply(&case);
        }
        world.note(&case);
        world.status(&case, "open", "in-progress");
        world.contact(&case);
        world.status(&case, "stalled", "on-hold");
        world.contact(&case);
        world.status(&case, "open", "in-progress");
        world.resolve(&case);
        world.reply(&case);
        world.comment(&case);
        world.note(&case);
        world.accept(&case);
    }
    world
}

#[test]
fn a_hundred_thousand_acts_without_a_finding_in_linear_work() {
    let work = |cases: u64| {
        let verdict = check(&world(cases).journals()).unwrap();
        assert!(verdict.is_clean(), "{verdict}");
        (verdict.acts, verdict.work)
    };
    let (few, many) = (work(1_000), work(5_000));
    assert_eq!(many.0, 100_000);
    assert_eq!(few.0 * 5, many.0);
    // Counted, not timed: five times the acts, five times the work.
    let (per_few, per_many) = (few.1 as f64 / few.0 as f64, many.1 as f64 / many.0 as f64);
    assert!((per_many / per_few - 1.0).abs() < 0.01, "{per_few} and {per_many} steps an act");
}

#[test]
fn one_case_with_very_many_acts_is_no_more_work_an_act() {
    let work = |acts: u64| {
        let mut world = World::default();
        let case = world.open("ACME").case;
        for n in 0..acts {
            world.comment(&case);
            let (to, told) = if n % 2 == 0 { ("open", "in-progress") } else { ("stalled", "on-hold") };
            world.status(&case, to, told);
        }
        let verdict = check(&world.journals()).unwrap();
        assert!(verdict.is_clean(), "{verdict}");
        verdict.work as f64 / verdict.acts as f64
    };
    let (few, many) = (work(100), work(2_000));
    assert!((many / few - 1.0).abs() < 0.05, "{few} and {many} steps an act");
}
