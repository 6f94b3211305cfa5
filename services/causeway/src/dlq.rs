//! `causeway dlq`: a workflow for people. Nothing is dropped by it.

use crate::cli::{Dlq, Select};
use crate::tools::{failed, kafka};
use runtime::dead_letter::class;
use runtime::redrive::{self, Filter};
use std::path::Path;
use std::process::ExitCode;

impl From<Select> for Filter {
    fn from(select: Select) -> Self {
        Self { class: select.class, topic: select.topic, key: select.key, reason: select.reason }
    }
}

pub fn run(file: Option<&Path>, command: Dlq) -> ExitCode {
    let config = match kafka(file) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let select = match &command {
        Dlq::List { select } | Dlq::Redrive { select, .. } => select.clone(),
    };
    let letters = match redrive::list(&config, &select.into()) {
        Ok(letters) => letters,
        Err(error) => return failed(&error),
    };
    match command {
        Dlq::List { .. } => {
            for letter in &letters {
                println!("{letter}");
            }
            println!("{} open", letters.len());
            ExitCode::SUCCESS
        }
        Dlq::Redrive { dry_run, max_redrives, .. } => {
            // A sink answers a refused command from its memory: sent back as it is, it would be gone from here and
            // tried nowhere. It stays listed until the mapping makes another command of its cause.
            let goes = |l: &redrive::DeadLetter| l.redrives < max_redrives && l.class != class::REFUSED;
            let (again, tired): (Vec<_>, Vec<_>) = letters.into_iter().partition(goes);
            for letter in &tired {
                let why = if letter.class == class::REFUSED { "refused for good" } else { "came back too often" };
                println!("left: {why}: {letter}");
            }
            if dry_run {
                for letter in &again {
                    println!("would send to {}: {letter}", letter.source);
                }
                println!("{} would be sent, {} left", again.len(), tired.len());
                return ExitCode::SUCCESS;
            }
            let all = again.len();
            match redrive::redrive(&config, &again, |done| eprintln!("{done} of {all}")) {
                Ok(()) => {
                    println!("{all} sent back, {} left", tired.len());
                    ExitCode::SUCCESS
                }
                Err(error) => failed(&error),
            }
        }
    }
}
