//! Tools that bring Kafka and the registry up to the contract. Run by a person or a deployment, never by a service.

use codec::{Codec, RegistryConfig, contract};
use runtime::service::{self, chain};
use runtime::{KafkaConfig, admin};
use serde::Deserialize;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// The sections a tool needs; a role's file may hold more.
#[derive(Deserialize)]
pub struct KafkaSection {
    pub kafka: KafkaConfig,
}

#[derive(Deserialize)]
struct RegistrySection {
    registry: RegistryConfig,
}

pub fn kafka(file: Option<&Path>) -> Result<KafkaConfig, ExitCode> {
    let config = service::load::<KafkaSection>(file).map_err(|mistakes| service::report(&mistakes))?.kafka;
    let mistakes = config.check();
    if mistakes.is_empty() { Ok(config) } else { Err(service::report(&mistakes)) }
}

/// The registry's section, opened.
pub fn codec(file: Option<&Path>) -> Result<Codec, ExitCode> {
    let config = service::load::<RegistrySection>(file).map_err(|mistakes| service::report(&mistakes))?.registry;
    Codec::new(config).map_err(|mistakes| service::report(&mistakes))
}

/// Runs what blocks, and may wait for the registry.
pub fn within(work: impl FnOnce() -> ExitCode) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => {
            let _entered = runtime.enter();
            work()
        }
        Err(error) => failed(&error),
    }
}

/// What an operator is known by in what is written: `--by`, else the name of the account.
pub fn operator(by: Option<String>) -> String {
    let account = || ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let name = by.or_else(account).unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    if name.is_empty() { "operator".to_owned() } else { name }
}

/// True where a person says yes, or said so beforehand.
pub fn confirmed(yes: bool, question: &str) -> bool {
    if yes {
        return true;
    }
    if !std::io::stdin().is_terminal() {
        eprintln!("causeway: {question} Nothing was done: say --yes where nobody can be asked");
        return false;
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// How far a long act has come: one line that is written over on a terminal, a line now and then elsewhere.
pub fn progress(all: usize) -> impl FnMut(usize) {
    let terminal = std::io::stderr().is_terminal();
    let step = (all / 20).max(1);
    let mut said = 0;
    move |done| {
        if terminal {
            eprint!("\r{done} of {all}{}", if done >= all { "\n" } else { "" });
        } else if done >= all || done >= said + step {
            eprintln!("{done} of {all}");
            said = done;
        }
    }
}

pub fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("causeway: {}", chain(error));
    ExitCode::FAILURE
}

/// Runs a future on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map(|runtime| runtime.block_on(future)).map_err(|error| failed(&error))
}

fn finish(result: Result<ExitCode, ExitCode>) -> ExitCode {
    result.unwrap_or_else(|code| code)
}

pub fn topics_apply(file: Option<&Path>, replication: i32) -> ExitCode {
    finish(kafka(file).and_then(|config| {
        Ok(match block_on(admin::apply(&config, replication))? {
            Ok(done) => {
                for line in done {
                    println!("{line}");
                }
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        })
    }))
}

pub fn topics_check(file: Option<&Path>) -> ExitCode {
    finish(kafka(file).map(|config| {
        let names: Vec<&str> = contract::topics().topics.iter().map(|topic| topic.name.as_str()).collect();
        match admin::verify_partitions(&config, &names) {
            Ok(_) => {
                println!("{} topics as the contract says", names.len());
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        }
    }))
}

pub fn schemas_apply(file: Option<&Path>) -> ExitCode {
    let config = match service::load::<RegistrySection>(file) {
        Ok(section) => section.registry,
        Err(mistakes) => return service::report(&mistakes),
    };
    let mistakes = config.check();
    if !mistakes.is_empty() {
        return service::report(&mistakes);
    }
    finish(block_on(contract::register_all(&config)).map(|result| match result {
        Ok(report) => {
            for (subject, applied, id) in report.subjects {
                println!("{applied:?} {subject} id {id}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }))
}
