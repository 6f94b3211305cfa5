//! A run from the first start to the judgement.

use crate::act::{Act, mix};
use crate::people::{People, judged};
use crate::perform::perform;
use crate::settings::Settings;
use crate::stack::Stack;
use crate::{planted, reset, stages};
use faults::dice::Dice;
use faults::proxy::Door;
use faults::schedule::Schedule;
use faults::target::Trouble;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Between two looks at who has ended by itself.
const LOOK: Duration = Duration::from_millis(200);

pub async fn run(settings: Settings) -> bool {
    println!("{settings:?}");
    let began = Instant::now();
    let stack = Stack::start(settings).await;
    println!("up after {:.1} s", began.elapsed().as_secs_f64());
    if stack.settings.blind {
        for system in [&stack.community, &stack.case_system] {
            let simulated = system.simulated.as_ref().expect("CHAOS_BLIND needs the simulated case system");
            simulated.target.trouble(Trouble::BlindSearch(Duration::from_secs(30)), 1).await.unwrap();
        }
    }
    let over = Arc::new(AtomicBool::new(false));
    let watch = tokio::spawn(look_after(stack.clone(), over.clone()));
    let mut fallen = BTreeMap::new();
    // Without any time, what an earlier run has left in its folder is judged.
    if stack.settings.time > Duration::ZERO {
        let people = People::begin(&stack);
        fallen = fall(&stack, began).await;
        people.have_done(stack.settings.events).await;
        let done = people.end().await;
        println!("{:.1} s: people did {} acts: {:?}", began.elapsed().as_secs_f64(), done.acts, done.counts);
    }
    heal(&stack).await;
    let healed = Instant::now();
    let verdict = judged(&stack).await;
    let mut clean = verdict.is_clean();
    println!("judged {:.1} s after all was healed", healed.elapsed().as_secs_f64());
    tell(&stack, &fallen).await;
    print!("{verdict}");
    let settings = &stack.settings;
    if settings.failing > Duration::ZERO {
        clean &= stages::failing(&stack, settings.failing).await;
    }
    if settings.down > Duration::ZERO {
        clean &= stages::down(&stack, settings.down).await;
    }
    if settings.failing + settings.down > Duration::ZERO {
        let verdict = judged(&stack).await;
        clean &= verdict.is_clean();
        print!("{verdict}");
    }
    if settings.reset {
        clean &= reset::everything_again(&stack).await;
    }
    if settings.planted {
        clean &= planted::corrected(&stack).await;
    }
    clean &= stages::memory(&stack);
    over.store(true, Ordering::Relaxed);
    watch.await.unwrap();
    println!("seed {}", stack.settings.seed);
    stack.stop().await;
    clean
}

/// Everything of the schedule, each in a task of its own: what concerns one role waits for its turn, the rest overlaps.
async fn fall(stack: &Arc<Stack>, began: Instant) -> BTreeMap<String, u64> {
    let mut schedule = Schedule::new(stack.settings.seed, &mix(&stack.settings), stack.settings.time);
    println!("{schedule}");
    let (mut acts, mut fallen) = (JoinSet::new(), BTreeMap::new());
    while let Some((wait, act)) = schedule.next() {
        // The moment is the point: nothing could be waited for that would not choose it.
        tokio::time::sleep(wait).await;
        let dice = Dice::new(schedule.dice().below(u64::MAX));
        if !matches!(act, Act::Cut(..)) {
            *fallen.entry(act.to_string()).or_default() += 1;
        }
        acts.spawn(one(stack.clone(), act, dice, began));
    }
    acts.join_all().await;
    fallen
}

async fn one(stack: Arc<Stack>, act: Act, dice: Dice, began: Instant) {
    let at = began.elapsed().as_secs_f64();
    let said = perform(stack, act, dice).await;
    if !matches!(act, Act::Cut(..)) {
        println!("{at:.1}-{:.1} s: {act}: {said}", began.elapsed().as_secs_f64());
    }
}

async fn look_after(stack: Arc<Stack>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        for (role, member) in &stack.roles {
            // Who is having something done to it is looked after by whoever does it.
            if let Ok(mut member) = member.try_lock() {
                stack.peaks.look(role, member.process.id());
                member.look_after();
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn heal(stack: &Stack) {
    stack.kafka.faults().calm();
    stack.kafka.set_door(Door::Open);
    stack.registry.set_door(Door::Open);
    for system in [&stack.community, &stack.case_system] {
        system.proxy.set_door(Door::Open);
        system.proxy.faults().calm();
        system.heal(0).await.unwrap();
    }
    stack.all_ready().await;
}

async fn tell(stack: &Stack, fallen: &BTreeMap<String, u64>) {
    println!("{} faults that fell:", fallen.values().sum::<u64>());
    for (what, times) in fallen {
        println!("  {times:>5}  {what}");
    }
    println!("{} calls that met a fault:", stack.kafka.faults().befell().values().sum::<u64>());
    for ((api, what), times) in stack.kafka.faults().befell() {
        println!("  {times:>5}  call {} {what}, of {}", api.0, stack.kafka.faults().seen(api));
    }
    for (name, system) in [("community", &stack.community), ("case system", &stack.case_system)] {
        for ((api, what), times) in system.proxy.faults().befell() {
            println!("  {times:>5}  requests to the {name} ({}) {what}, of {}", api.0, system.proxy.faults().seen(api));
        }
        let Some(simulated) = &system.simulated else { continue };
        let stats = simulated.target.stats().await.unwrap();
        let (faults, refused, keys) = (&stats["faults"], &stats["refused"], &stats["idempotency_hits"]);
        println!("{name}, since its last start: {faults} faults, refused {refused}, answered from the key {keys}");
    }
    let mut ended = Vec::new();
    for member in stack.roles.values() {
        ended.append(&mut member.lock().await.ended);
    }
    println!("{} ended by themselves and were started again", ended.len());
    for words in ended {
        println!("  {}", words.replace('\n', "\n      "));
    }
}
