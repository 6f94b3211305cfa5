//! Judges what a run of `make chaos` has left in its folder (`CHAOS_KEEP`). What was still under way when it ended is lost
//! to it; everything else it finds is so.
//!
//! `cargo run -p checker --example judge -- FOLDER`

use checker::{Internal, Journals, Rules, Source, check};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("name the folder of the run");
        return ExitCode::FAILURE;
    };
    match judge(Path::new(&folder)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}: {folder}");
            ExitCode::FAILURE
        }
    }
}

fn judge(folder: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    let mut people = Vec::new();
    for entry in std::fs::read_dir(folder.join("people"))? {
        people.push(Source::file(entry?.path()));
    }
    let (desk, rt) = (folder.join("case-system/changes.jsonl"), folder.join("rt/changes.jsonl"));
    let internal = if rt.is_file() { Internal::Observed(Source::file(rt)) } else { Internal::Desk(Source::file(desk)) };
    let community = Source::file(folder.join("community/changes.jsonl"));
    let verdict = check(&Journals { people, community, internal, rules: Rules::default() })?;
    print!("{verdict}");
    Ok(verdict.is_clean())
}
