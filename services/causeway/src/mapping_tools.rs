//! `causeway mapping`: what operators ask of a bundle before it goes live. Prints; decides nothing.

use domain::PartnerId;
use mapping::Bundle;
use std::path::Path;
use std::process::ExitCode;

pub fn load(folder: &Path) -> Result<Bundle, ExitCode> {
    Bundle::load(folder).map_err(|faults| {
        for fault in &faults {
            eprintln!("{}/{fault}", folder.display());
        }
        eprintln!("{} mistakes", faults.len());
        ExitCode::from(runtime::service::BAD_CONFIGURATION)
    })
}

pub fn check(folder: &Path) -> ExitCode {
    match load(folder) {
        Ok(bundle) => {
            println!("bundle {} version {} is complete, digest {}", bundle.link(), bundle.version(), bundle.digest());
            ExitCode::SUCCESS
        }
        Err(code) => code,
    }
}

pub fn test(folder: &Path) -> ExitCode {
    let bundle = match load(folder) {
        Ok(bundle) => bundle,
        Err(code) => return code,
    };
    let results = mapping::run_tests(&bundle);
    let failed = results.iter().filter(|result| result.failure.is_some()).count();
    for result in &results {
        println!("{result}");
    }
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

pub fn fields(folder: &Path, partner: &str) -> ExitCode {
    let bundle = match load(folder) {
        Ok(bundle) => bundle,
        Err(code) => return code,
    };
    let partner = match PartnerId::new(partner) {
        Ok(partner) => partner,
        Err(error) => {
            eprintln!("causeway: {error}");
            return ExitCode::from(runtime::service::BAD_CONFIGURATION);
        }
    };
    for crossing in mapping::exposure(&bundle, &partner) {
        println!("{crossing}");
    }
    ExitCode::SUCCESS
}
