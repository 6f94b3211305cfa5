//! The pipeline on Apache Kafka, a schema registry and Request Tracker, each role a process of its own. The community
//! is simulated: our own contract is the only one there is.
//!
//! Run by `make test`, which starts the servers and says where they are: `E2E_KAFKA`, `E2E_REGISTRY`, `E2E_RT`,
//! `E2E_RT_SECRETS`. Without them every test here is skipped, and says so.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod bad_input;
mod community;
mod files;
mod kills;
mod reset;
mod roles;
mod rt;
mod scenarios;
mod stack;
mod trace;
mod volume;
mod wait;
mod walk;

use libtest_mimic::{Arguments, Trial};
use std::sync::Arc;

type Test = fn(Arc<stack::Stack>) -> futures_lite::Boxed;

fn main() {
    let mut arguments = Arguments::from_args();
    // One installation, one test after the other.
    arguments.test_threads = Some(1);
    // The reset over everything that the others have written; behind it what a reset would do otherwise.
    let parts = [
        walk::TESTS,
        trace::TESTS,
        scenarios::TESTS,
        bad_input::TESTS,
        files::TESTS,
        volume::TESTS,
        kills::TESTS,
        reset::TESTS,
        scenarios::LAST,
    ];
    let tests: Vec<(&str, Test)> = parts.concat();
    let Some(servers) = stack::Servers::from_environment() else {
        eprintln!(
            "SKIPPED: {} tests on real parts: E2E_KAFKA and its like are not set; `make test` sets them",
            tests.len()
        );
        let skipped = |(name, _): &(&str, Test)| Trial::test(*name, || Ok(())).with_ignored_flag(true);
        libtest_mimic::run(&arguments, tests.iter().map(skipped).collect()).exit();
    };
    let runtime = Arc::new(tokio::runtime::Runtime::new().unwrap());
    let listing = arguments.list;
    let stack = (!listing).then(|| Arc::new(runtime.block_on(stack::Stack::start(servers))));
    let trial = |(name, test): (&'static str, Test)| {
        let (stack, runtime) = (stack.clone(), runtime.clone());
        Trial::test(name, move || {
            let stack = stack.ok_or("no installation")?;
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                runtime.block_on(test(stack.clone()));
            }));
            result.map_err(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
                format!("{text}\nlogs of the roles: {}", stack.logs().display()).into()
            })
        })
    };
    let conclusion = libtest_mimic::run(&arguments, tests.into_iter().map(trial).collect());
    if let Some(stack) = stack {
        runtime.block_on(stack.stop());
        if conclusion.has_failed() {
            eprintln!("the logs of the roles are kept: {}", stack.logs().display());
            std::mem::forget(stack);
        }
    }
    conclusion.exit();
}

/// A boxed test.
mod futures_lite {
    pub type Boxed = std::pin::Pin<Box<dyn Future<Output = ()>>>;
}
