//! Letting it fall.

use crate::act::{Act, Side};
use crate::stack::{Stack, System};
use faults::dice::Dice;
use faults::proxy::{Api, Door, Fault};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

impl Stack {
    fn system(&self, side: Side) -> &System {
        match side {
            Side::Community => &self.community,
            Side::CaseSystem => &self.case_system,
        }
    }
}

/// Does it, and whatever makes it good again. Says what the dice chose. Every wait in here is the fault itself: how long
/// somebody is away.
pub async fn perform(stack: Arc<Stack>, act: Act, mut dice: Dice) -> String {
    match act {
        Act::Kill(role) => {
            let mut member = stack.roles[role].lock().await;
            member.kill();
            let away = if dice.once_in(3) { dice.between(Duration::ZERO, secs(5)) } else { Duration::ZERO };
            sleep(away).await;
            member.start();
            format!("away for {away:?}")
        }
        Act::KillAndTear(role) => {
            let mut member = stack.roles[role].lock().await;
            member.kill();
            let state = member.state.clone().unwrap();
            let said = if dice.once_in(3) {
                faults::state::delete(&state).unwrap();
                "deleted".to_owned()
            } else {
                let torn = faults::state::tear(&state, &mut dice).unwrap();
                torn.iter().map(|(_, damage)| format!("{damage:?}")).collect::<Vec<_>>().join(", ")
            };
            member.start();
            said
        }
        Act::KillAndBlank(role) => {
            let mut member = stack.roles[role].lock().await;
            member.kill();
            let blanked = faults::state::blank(&member.state.clone().unwrap(), &mut dice).unwrap();
            member.start();
            format!("{} files", blanked.len())
        }
        Act::FullDisk(role) => {
            let mut member = stack.roles[role].lock().await;
            // Some state files are larger than that, so that it may not even start.
            let (blocks, time) = (64 + dice.below(256), dice.between(secs(2), secs(6)));
            member.kill();
            member.process.limit_files(Some(blocks));
            member.start();
            sleep(time).await;
            let still = member.process.is_running();
            member.kill();
            member.process.limit_files(None);
            member.start();
            format!("{blocks} blocks for {time:?}, running: {still}")
        }
        Act::Skew(role) => {
            let mut member = stack.roles[role].lock().await;
            let library = faults::clock_library().expect("libfaketime: install it, or set CHAOS_FAKETIME");
            // A sink's word on when a call ends is taken by the target and by the next owner: their clocks may differ by as
            // much as `settle_ms` allows. For all others time is only something to write down.
            let most = if role.starts_with("sink") { 400 } else { 3_600_000 };
            let millis = i64::try_from(dice.below(2 * most)).unwrap() - i64::try_from(most).unwrap();
            let time = dice.between(secs(3), secs(10));
            member.kill();
            member.process.skew_clock(&library, Some(millis));
            member.start();
            sleep(time).await;
            member.kill();
            member.process.skew_clock(&library, None);
            member.start();
            format!("{millis} ms for {time:?}")
        }
        Act::DieAt(role, point) => {
            let mut member = stack.roles[role].lock().await;
            let nth = 1 + dice.below(4);
            member.kill();
            member.process.set_variable("CAUSEWAY_CRASH_AT", Some(&format!("{point}:{nth}")));
            member.start();
            // Its own word, so that an end for any other reason is not taken for it.
            let died = member.ends_within(secs(20)).await && member.process.last_words(20).contains("asked to die at");
            member.kill();
            member.process.set_variable("CAUSEWAY_CRASH_AT", None);
            member.start();
            format!("time {nth}, came there: {died}")
        }
        Act::Terminate(role) => {
            let mut member = stack.roles[role].lock().await;
            let drained = member.stop().await;
            member.start();
            drained.map_or_else(|error| error.to_string(), |()| "drained".to_owned())
        }
        Act::Pause(role) => {
            let mut member = stack.roles[role].lock().await;
            let time = stack.settings.session + dice.between(Duration::ZERO, secs(6));
            let paused = member.process.pause();
            sleep(time).await;
            if paused.is_ok() {
                member.process.resume().unwrap()
            } else {
                member.look_after()
            }
            format!("{time:?} {paused:?}")
        }
        Act::Takeover(role) => takeover(&stack, role, dice).await,
        Act::KillBroker => stack.log.kill_and_start(&mut dice).await,
        Act::FullBroker => stack.log.fill(stack.settings.disk.as_deref(), dice.between(secs(3), secs(12))).await,
        Act::PauseBroker => {
            let time = dice.between(secs(1), secs(8));
            let who = stack.log.pause(&mut dice, time).await;
            format!("{who} for {time:?}")
        }
        Act::Cut(api, fault) => {
            stack.kafka.faults().plan(api, fault, 1);
            String::new()
        }
        Act::Network(door) => {
            let time = dice.between(Duration::from_millis(200), secs(8));
            stack.kafka.set_door(door);
            sleep(time).await;
            stack.kafka.set_door(Door::Open);
            format!("for {time:?}")
        }
        Act::Reach(side, door) => {
            let time = dice.between(Duration::from_millis(200), secs(6));
            let proxy = &stack.system(side).proxy;
            proxy.set_door(door);
            sleep(time).await;
            proxy.set_door(Door::Open);
            format!("for {time:?}")
        }
        Act::Registry(door) => {
            let time = dice.between(secs(1), secs(10));
            // Somebody who must ask it now. First its turn, then the fault: nobody is to wait for us behind a shut door.
            let role = crate::stack::ROLES[usize::try_from(dice.below(6)).unwrap()];
            let mut member = stack.roles[role].lock().await;
            stack.registry.set_door(door);
            member.kill();
            member.start();
            drop(member);
            sleep(time).await;
            stack.registry.set_door(Door::Open);
            format!("for {time:?}, {role} started meanwhile")
        }
        Act::Trouble(side, trouble) => {
            let system = stack.system(side);
            let every = 1 + u32::try_from(dice.below(3)).unwrap();
            let time = dice.between(secs(1), secs(8));
            // A system that is being killed just now cannot be told.
            let simulated = system.simulated.as_ref().expect("a system that can be told");
            let told = simulated.target.trouble(trouble, every).await;
            sleep(time).await;
            let _ = simulated.target.heal().await;
            format!("every {every}, for {time:?} {}", told.map_or_else(|e| e.to_string(), |()| String::new()))
        }
        Act::KillSystem(side) => {
            let system = stack.system(side);
            let Some(simulated) = &system.simulated else {
                return crate::rt::kill_and_start(dice.between(Duration::ZERO, secs(3))).await;
            };
            let mut process = simulated.process.lock().await;
            process.kill().unwrap();
            let away = dice.between(Duration::ZERO, secs(3));
            sleep(away).await;
            process.start().unwrap();
            process.ready(&format!("{}/control/stats", system.url), secs(30)).await.unwrap();
            format!("away for {away:?}")
        }
        Act::FloodPartner => {
            let (seed, time) = (dice.below(u64::MAX), dice.between(secs(1), secs(3)));
            let acts = crate::people::flood(&stack, format!("flood{seed}"), seed, time).await;
            format!("{acts} acts in {time:?}")
        }
        Act::Stray => {
            let (timeout, settle) = crate::config::call_times(&stack.settings);
            let after = timeout + settle + dice.between(Duration::from_millis(500), secs(8));
            stack.case_system.proxy.faults().plan(Api::HTTP_NAMED, Fault::Stray(after), 1);
            format!("{after:?} after it was sent")
        }
        Act::FloodHooks(side) => flood_hooks(stack.hooks[usize::from(side == Side::CaseSystem)]).await,
    }
}

/// Two instances, one of which stands still past its session, perhaps in the middle of a call; then it goes on as if it
/// still owned what it had. In the end one is left.
async fn takeover(stack: &Arc<Stack>, role: &'static str, mut dice: Dice) -> String {
    let mut first = stack.roles[role].lock().await;
    let mut second = stack.member(role, 1);
    second.start();
    // It may come up slowly, or be refused by what else is falling; then it takes over late, or not at all.
    let up = second.is_ready().await;
    let side = if role.ends_with("partner") { Side::Community } else { Side::CaseSystem };
    let slow = role.starts_with("sink") && !dice.once_in(4);
    let swallowed = slow && dice.once_in(2);
    if slow {
        // So that calls are under way: slow ones, or some that have not arrived and will, later than anybody waits.
        if swallowed {
            stack.system(side).proxy.set_door(Door::Silent);
        } else {
            stack.system(side).slow_down(Duration::from_millis(400)).await;
        }
        sleep(dice.between(Duration::from_millis(400), Duration::from_millis(1_500))).await;
    }
    let (early, late) = if dice.once_in(2) { (&mut *first, &mut second) } else { (&mut second, &mut *first) };
    let time = stack.settings.session + dice.between(Duration::ZERO, secs(6));
    let paused = early.process.pause();
    if slow && !swallowed {
        let _ = stack.system(side).heal(stack.settings.errors).await;
    }
    sleep(time).await;
    if swallowed {
        stack.system(side).proxy.set_door(Door::Open);
    }
    if paused.is_ok() {
        early.process.resume().unwrap()
    } else {
        early.look_after()
    }
    // Both go on for a while, and the group settles; or one of them dies at once.
    let together = dice.between(Duration::ZERO, secs(4));
    sleep(together).await;
    if dice.once_in(2) {
        late.kill()
    } else {
        early.kill()
    }
    second.kill();
    first.start();
    first.ended.append(&mut second.ended);
    format!(
        "stopped {paused:?} for {time:?}, together for {together:?}, second up: {up}, slow calls: {slow}, swallowed: {swallowed}"
    )
}

/// Strangers who shout at the hook: nothing of it is believed, and nobody else is held up for long.
async fn flood_hooks(port: u16) -> String {
    const REQUESTS: usize = 2_000;
    const AT_ONCE: usize = 32;
    let http = reqwest::Client::builder().timeout(secs(5)).build().unwrap();
    let url = format!("http://127.0.0.1:{port}/hooks");
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..AT_ONCE {
        let (http, url) = (http.clone(), url.clone());
        tasks.spawn(async move {
            let mut taken = 0;
            for n in 0..REQUESTS / AT_ONCE {
                let body = if n % 10 == 0 { vec![b'{'; 300_000] } else { b"{\"type\":\"case.changed\"}".to_vec() };
                let forged = http.post(&url).header("webhook-id", format!("{task}-{n}"));
                let forged = forged.header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA");
                taken += usize::from(forged.body(body).send().await.is_ok_and(|a| a.status().is_success()));
            }
            taken
        });
    }
    let taken: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(taken, 0, "a forged webhook was taken");
    format!("{REQUESTS} forged")
}
