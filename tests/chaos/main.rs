//! The whole pipeline under faults, judged by what both systems hold in the end.
//!
//! Six roles as processes of their own, two simulated systems that journal to disk, people at both who go on whatever
//! happens, and between the roles and all they talk to proxies that cut and delay. Faults fall by a seeded schedule;
//! then everything is healed, and when all is quiet an independent checker reads the journals.
//!
//! Run by `make chaos`, which starts fresh servers and says where they are (`CHAOS_KAFKA`, `CHAOS_REGISTRY`), or with
//! `CHAOS_BROKER=embedded`, which needs none. Every figure is set by the environment: see `settings.rs`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod act;
mod config;
mod log;
mod member;
mod memory;
mod people;
mod perform;
mod planted;
mod ports;
mod reset;
mod rt;
mod run;
mod settings;
mod stack;
mod stages;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, folder, kafka, registry] = arguments.as_slice()
        && word == "--serve-broker"
    {
        return log::serve(folder, kafka, registry);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        println!("the_pipeline_under_faults: test");
        return ExitCode::SUCCESS;
    }
    let Some(settings) = settings::Settings::from_environment() else {
        eprintln!("SKIPPED: the pipeline under faults: CHAOS_KAFKA and its like are not set; `make chaos` sets them");
        return ExitCode::SUCCESS;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clean = runtime.block_on(run::run(settings));
    // As cargo's own harness says it, for those who count.
    let (word, passed) = if clean { ("ok", 1) } else { ("FAILED", 0) };
    println!("test result: {word}. {passed} passed; {} failed; 0 ignored", 1 - passed);
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
