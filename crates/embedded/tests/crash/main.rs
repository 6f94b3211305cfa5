//! A process that hosts the broker is killed with SIGKILL at random moments, over and over, while transactions are
//! written. Afterwards every transaction that was committed is whole, none that was aborted is visible, those of which
//! nobody knows are whole or absent, and the offsets that went with them agree. The killed process is this binary.

#![allow(clippy::unwrap_used, reason = "a check that meets what it did not expect has failed")]

mod load;

use embedded::{Broker, Options};
use libtest_mimic::{Arguments, Trial};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ROUNDS: u32 = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, folder, address] = arguments.as_slice()
        && word == "--serve"
    {
        return serve(Path::new(folder), address);
    }
    let rounds = std::env::var("CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let name = "a broker that is killed over and over loses no transaction and tears none";
    let trial = Trial::test(name, move || {
        killed_over_and_over(rounds);
        Ok(())
    });
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn serve(folder: &Path, address: &str) -> ExitCode {
    let options = Options {
        folder: folder.to_owned(),
        kafka: address.parse().expect("an address"),
        registry: ([127, 0, 0, 1], 0).into(),
        ..Options::default()
    };
    match Broker::start(options) {
        Ok(running) => {
            println!("{}", running.kafka_address());
            loop {
                std::thread::park();
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A broker in a process of its own, and where it listens.
fn started(folder: &Path, address: &str) -> (Child, String) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--serve", &folder.to_string_lossy(), address])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        if let Some(address) = line.strip_suffix('\n') {
            return (child, address.to_owned());
        }
        // Something else may have taken the port for a moment, as the end of an outgoing connection.
        child.wait().expect("its end");
        assert!(Instant::now() < deadline, "the broker does not come back");
    }
}

/// Good enough to choose moments with.
struct Dice(u64);
impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn killed_over_and_over(rounds: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos() as u64 | 1;
    println!("{rounds} rounds, seed {seed}");
    let mut dice = Dice(seed);
    let (mut child, address) = started(folder.path(), "127.0.0.1:0");
    load::make_topic(&address);
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let (histories, seen) = std::thread::scope(|scope| {
        let (stop, at) = (&stop, address.as_str());
        let writers: Vec<_> = (0..3).map(|writer| scope.spawn(move || load::write(at, writer, stop))).collect();
        let reader = scope.spawn(move || load::watch(at, stop));
        for _ in 0..rounds {
            // The moment is the point: nothing could be waited for that would not choose it.
            std::thread::park_timeout(Duration::from_micros(200_000 + dice.below(500_000)));
            child.kill().expect("SIGKILL");
            child.wait().expect("its end");
            (child, _) = started(folder.path(), at);
        }
        stop.store(true, Ordering::SeqCst);
        let histories: Vec<_> = writers.into_iter().map(|writer| writer.join().expect("a writer")).collect();
        (histories, reader.join().expect("a reader"))
    });
    let took = began.elapsed();
    // One more time, so that what is checked is what a restart finds.
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    (child, _) = started(folder.path(), &address);
    let report = load::verify(&address, &histories, &seen);
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    println!("{rounds} kills in {took:?}: {report}");
}
