//! `cargo run -p checker --example check -- <community's changes.jsonl> <case system's changes.jsonl> <people.jsonl>...`
//!
//! Prints the verdict; ends with 1 where something was found or nothing was there to judge.

use checker::{Internal, Journals, Rules, Source, check};
use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [community, internal, people @ ..] = &paths[..] else {
        eprintln!("usage: check <community> <case system> <people>...");
        return ExitCode::from(2);
    };
    let journals = Journals {
        people: people.iter().map(Source::file).collect(),
        community: Source::file(community),
        internal: Internal::Desk(Source::file(internal)),
        rules: Rules::default(),
    };
    match check(&journals) {
        Ok(verdict) => {
            print!("{verdict}");
            ExitCode::from(u8::from(!verdict.is_clean()))
        }
        Err(error) => {
            eprintln!("{error}: {}", error.source);
            ExitCode::from(2)
        }
    }
}
