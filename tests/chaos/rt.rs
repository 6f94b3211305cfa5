//! A real Request Tracker in the place of the simulated case system: its network is ours, and it can be killed. What it
//! holds is read over REST 2 when all is quiet.

use crate::settings::RtAt;
use crate::stack::System;
use checker::{Internal, Journals, Source, Verdict};
use faults::proxy::{Faults, Proxy};
use load::Rt;
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

/// The request that makes a ticket.
const CREATE: &str = "POST /REST/2.0/ticket ";
const AGENT: &str = "agent1";
/// The pipeline's users there; the second one makes the tickets.
const OURS: [&str; 2] = ["causeway-sync", "causeway-partner"];
/// Nothing has moved for so long before it is read.
const QUIET: Duration = Duration::from_secs(6);
/// A second ticket is looked for a minute after the first one was made; a look is made again after another minute.
const SECOND_LOOK: Duration = Duration::from_secs(150);
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

pub async fn system(at: &RtAt, folder: &Path, seed: u64) -> System {
    let upstream = at.url.strip_prefix("http://").expect("CHAOS_RT begins with http://");
    let proxy = Proxy::http(upstream, Faults::seeded(seed), CREATE).await.unwrap();
    let folder = folder.join("rt");
    std::fs::create_dir_all(&folder).unwrap();
    System { url: at.url.clone(), proxy, simulated: None, folder }
}

pub fn agent(at: &RtAt) -> Rt {
    let token = std::fs::read_to_string(at.secrets.join(format!("{AGENT}.token"))).unwrap();
    Rt::new(&at.url, AGENT, token.trim()).unwrap()
}

/// SIGKILL of all its workers at once, and its start.
pub async fn kill_and_start(away: Duration) -> String {
    script("kill").await;
    sleep(away).await;
    script("start").await;
    format!("away for {away:?}")
}

async fn script(word: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/local/rt.sh");
    let output = Command::new(script).arg(word).output().await.unwrap();
    assert!(output.status.success(), "rt.sh {word}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The same as for the simulated systems: again and again while something is missing and something moves.
pub async fn judged(at: &RtAt, journals: &Journals, missing: Duration, at_most: Duration) -> Verdict {
    let rt = agent(at);
    let (Source::File(community), Internal::Observed(Source::File(to))) = (&journals.community, &journals.internal)
    else {
        panic!("journals are files")
    };
    let began = Instant::now();
    let (mut grown, mut before) = (began, (0, 0));
    loop {
        let now = (std::fs::metadata(community).map_or(0, |data| data.len()), newest(&rt).await);
        if now != before {
            (grown, before) = (Instant::now(), now);
        }
        let over = began.elapsed() > at_most;
        if grown.elapsed() < QUIET && !over {
            // A look at a real system costs it something.
            sleep(Duration::from_secs(1)).await;
            continue;
        }
        let doubles = rt.doubles(OURS[1]).await.unwrap();
        let looked = doubles.left == 0 || began.elapsed() > SECOND_LOOK;
        if !looked && !over {
            sleep(BETWEEN_LOOKS).await;
            continue;
        }
        rt.observe(&OURS, &journals.rules.subject_prefix, to).await.unwrap();
        let all = journals.clone();
        let verdict = tokio::task::spawn_blocking(move || checker::check(&all)).await.unwrap().unwrap();
        if looked && (verdict.is_clean() || grown.elapsed() > missing) || over {
            println!("second tickets: {doubles}");
            return verdict;
        }
        sleep(Duration::from_secs(2)).await;
    }
}

async fn newest(rt: &Rt) -> u64 {
    rt.newest_change().await.unwrap().unwrap_or_default()
}
