//! Scenarios in which days pass. Here a day is [`DAY`]: the periods of the installation's own bundle are as much shorter for
//! as long as they are played. Nobody's clock is touched.
//!
//! So it is with periods that are counted from when a wait began. What has a date ends with its day by the clock, and is
//! played with dates near today's.

use crate::bad_input::{edit_bundle, restart};
use crate::stack::Stack;
use std::sync::Arc;
use std::time::Duration;
use testkit::scenario::{Act, Level, Scenario};

/// Above what a hop takes, twice over: what is due on another day must not be due on the way.
const DAY: Duration = Duration::from_secs(3);
const MILLIS_A_DAY: i64 = 86_400_000;

pub fn is_about_time(scenario: &Scenario) -> bool {
    scenario.steps.iter().any(|step| matches!(step.act, Act::Time { passes } if passes > 0))
}

fn shortened(millis: i64) -> i64 {
    millis * i64::try_from(DAY.as_secs()).unwrap() / MILLIS_A_DAY
}

/// Until the clock says so: scenarios tell in days how long nobody does anything.
pub async fn wait(passes: i64) {
    let moment = tokio::time::Instant::now() + Duration::from_secs(u64::try_from(shortened(passes)).unwrap());
    tokio::time::sleep_until(moment).await;
}

/// Lines of `reminders.csv`: what is counted from the beginning of a wait. The offer of an outcome counts from its end,
/// which is fourteen days later in whole days.
fn periods() -> Vec<(String, String)> {
    let days = |days: i64| shortened(days * MILLIS_A_DAY);
    let since = [
        ("answer-wanted,partner-asked", 3),
        ("answer-missing,partner-asked", 7),
        ("resolution-unanswered,resolution-offered", 5),
    ];
    let since = since.map(|(line, after)| (format!("{line},P{after}D,"), format!("{line},PT{}S,", days(after))));
    let offered = [("outcome-closing,outcome-offered,-P2D,", 12), ("outcome-expired,outcome-offered,P0D,", 14)];
    let offered = offered.map(|(line, after)| {
        let head = line.rsplit_once(',').and_then(|(line, _)| line.rsplit_once(',')).unwrap().0;
        (line.to_owned(), format!("{head},-PT{}S,", 14 * MILLIS_A_DAY / 1000 - days(after)))
    });
    since.into_iter().chain(offered).collect()
}

/// Tells the roles; the tracker last, since what it says is told by the others.
async fn edit(stack: &Stack, periods: &[(&str, &str)]) {
    let edits: Vec<_> = periods.iter().map(|(before, after)| ("reminders.csv", *before, *after)).collect();
    edit_bundle(stack, &edits).await;
    restart(stack, &["track-service-levels"]).await;
}

pub async fn test(stack: Arc<Stack>) {
    let chosen = super::chosen(|scenario| scenario.runs_at(Level::Real) && is_about_time(scenario));
    if chosen.is_empty() {
        return;
    }
    let periods = periods();
    let forth: Vec<_> = periods.iter().map(|(shipped, short)| (shipped.as_str(), short.as_str())).collect();
    edit(&stack, &forth).await;
    // They mostly wait. What comes after them finds the periods that ship, also when one of them failed.
    let all_at_once = chosen.len();
    let there = stack.clone();
    let played = tokio::spawn(async move { super::play(&there, chosen, all_at_once).await }).await;
    let back: Vec<_> = forth.iter().map(|(shipped, short)| (*short, *shipped)).collect();
    edit(&stack, &back).await;
    assert!(played.is_ok(), "see above");
}
