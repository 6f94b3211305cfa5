//! Kills the whole server of a running Request Tracker with SIGKILL while the adapter writes. Needs root, and
//! `CAUSEWAY_RT_KILL=1` beside what `deploy/local/rt.sh` and the other tests need: nothing else may use that RT.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "shared with the other test binary")]
#[path = "real/agent.rs"]
mod agent;
#[allow(dead_code, reason = "shared with the other test binary")]
#[path = "real/fixture.rs"]
mod fixture;

use domain::{Envelope, InternalCommand};
use fixture::{Case, Rt, context};
use ports::{CallContext, CallError, Look, Target};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;

const ROUNDS: usize = 5;
const WRITERS: usize = 4;
/// Acknowledged commands before the kill; differs from round to round, so that it meets other moments.
const AFTER: [usize; ROUNDS] = [3, 5, 8, 11, 14];

type Sent = (Case, Envelope<InternalCommand>, Result<String, CallError>);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_every_command_is_there_once_or_not_at_all_and_a_look_tells_which() {
    let Some(rt) = Rt::get() else { return };
    if std::env::var("CAUSEWAY_RT_KILL").is_err() {
        eprintln!("SKIPPED: CAUSEWAY_RT_KILL is not set");
        return;
    }
    let rt = Arc::new(rt);
    let (mut acknowledged, mut found, mut absent) = (0, 0, 0);
    for after in AFTER {
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let done = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> =
            (0..WRITERS).map(|_| tokio::spawn(write(rt.clone(), sent.clone(), done.clone()))).collect();
        while done.load(Ordering::SeqCst) < after {
            tokio::task::yield_now().await;
        }
        let group = std::fs::read_to_string(rt.home.join("run/rt.pid")).unwrap();
        assert!(Command::new("kill").args(["-KILL", "--", &format!("-{}", group.trim())]).status().unwrap().success());
        for writer in writers {
            writer.await.unwrap();
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../deploy/local/rt.sh");
        assert!(Command::new(script).arg("start").status().unwrap().success());

        let target = rt.target();
        for (case, command, result) in sent.lock().await.drain(..) {
            let creates = case.ticket.is_empty();
            let of = |case: &Case| if creates { context(None) } else { case.context(&command) };
            let look = target.look(&command, &of(&case)).await.unwrap();
            match (&result, look) {
                (Ok(id), Look::Applied(there)) => {
                    assert_eq!(&there.native_id, id);
                    acknowledged += 1;
                }
                (Err(CallError::Unknown { .. }), Look::Applied(_)) => found += 1,
                (Err(CallError::Unknown { .. } | CallError::NotApplied { .. }), Look::Absent) => {
                    target.apply(&command, &of(&case)).await.unwrap();
                    absent += 1;
                }
                (result, look) => panic!("{} was {result:?} and is {look:?}", command.meta.kind),
            }
            let count = if creates {
                rt.agent().tickets_of(case.subject.as_str()).await.len()
            } else {
                let Look::Applied(there) = target.look(&command, &of(&case)).await.unwrap() else {
                    panic!("not there")
                };
                there.effects.len()
            };
            assert_eq!(count, 1, "{} for {}", command.meta.kind, case.subject);
        }
    }
    println!(
        "{ROUNDS} kills: {acknowledged} acknowledged and there, {found} unknown and found, {absent} absent and repeated"
    );
}

async fn write(rt: Arc<Rt>, sent: Arc<Mutex<Vec<Sent>>>, done: Arc<AtomicUsize>) {
    let target = rt.target();
    loop {
        let case = Case::new();
        let create = case.create();
        let made = target.apply(&create, &context(None)).await.map(|a| a.native_id);
        sent.lock().await.push((case.clone(), create, made.clone()));
        let Ok(ticket) = made else { return };
        done.fetch_add(1, Ordering::SeqCst);
        let case = Case { ticket, ..case };
        for command in [case.say("s"), case.note("n")] {
            let context: CallContext = case.context(&command);
            let result = target.apply(&command, &context).await.map(|a| a.native_id);
            let failed = result.is_err();
            sent.lock().await.push((case.clone(), command, result));
            if failed {
                return;
            }
            done.fetch_add(1, Ordering::SeqCst);
        }
    }
}
