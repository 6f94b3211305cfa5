//! Our transformer and a raw relay of the same bytes, side by side on one Kafka; `docs/benchmarks.md` says how to read
//! what it prints. `benches/run.sh` starts it.

mod child;
mod error;
mod events;
mod kafka;
mod machine;
mod plan;
mod pure;
mod rebuild;
mod relay;
mod report;
mod transform;
mod usage;

use error::{BenchError, wrong};
use pure::{Pure, Stage};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match start(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {}", runtime::service::chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Without arguments the whole plan; with them one part of it, in a child.
fn start(words: &[&str]) -> Result<(), BenchError> {
    // Two workers as a role has them; warnings of the roles are worth seeing, their chatter is not.
    let executor = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let _entered = executor.enter();
    let config = telemetry::TelemetryConfig { filter: "error".to_owned(), ..Default::default() };
    let _telemetry = telemetry::init("bench", &config)?;
    match words {
        [] => plan::run(&executor),
        ["pure", stage, passes] => match (Stage::from_word(stage), passes.parse()) {
            (Some(stage), Ok(passes)) => Pure::new()?.run(stage, passes),
            _ => wrong("usage: pure STAGE PASSES"),
        },
        [part @ ("transform" | "relay"), run, records] => {
            let records = records.parse().or_else(|_| wrong("the number of records is no number"))?;
            let config = kafka::config(&plan::bootstrap()?, run);
            let usage = match *part {
                "relay" => relay::run(&config, records)?,
                _ => executor.block_on(transform::run(config, records))?,
            };
            println!("{usage}");
            Ok(())
        }
        ["rebuild", folder, records] => {
            let records = records.parse().or_else(|_| wrong("the number of records is no number"))?;
            rebuild::run(folder.as_ref(), records)
        }
        _ => wrong("unknown arguments: run it without any"),
    }
}
