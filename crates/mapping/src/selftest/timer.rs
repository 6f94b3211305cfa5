//! What is due concerns both sides: a test expects the commands for the case system and those for the community.

use super::{compare, data, verdict};
use crate::bundle::cases::Case;
use crate::{Bundle, to_internal, to_partner};
use domain::timer::Event;
use domain::{Cause, Envelope, Fact, Meta, ServiceLevelEvent};

pub(super) fn run(bundle: &Bundle, case: &Case, meta: &Meta, cause: &Cause) -> Result<(), String> {
    let event = match case.event.as_str() {
        "service-level.timer.reminder-due" => Event::ReminderDue(data(case)?),
        "service-level.timer.deadline-passed" => Event::DeadlinePassed(data(case)?),
        other => return Err(format!("nothing that can be due is called `{other}`")),
    };
    let event = ServiceLevelEvent::Timer(event);
    let inward = Envelope { meta: meta.clone(), payload: Fact::ServiceLevel(Box::new(event.clone())) };
    let outward = Envelope { meta: meta.clone(), payload: Fact::ServiceLevel(Box::new(event)) };
    let (inward, outward) = (to_internal(bundle, &inward, cause), to_partner(bundle, &outward, cause));
    let of = |side: &str, skipped: &[&'static str]| {
        let named = |expect: &&toml::Table| {
            expect.get("command").and_then(|kind| kind.as_str()).is_some_and(|kind| kind.starts_with(side))
        };
        let expect = case.expect.iter().filter(named).cloned().collect();
        Case { expect, skipped: skipped.iter().map(|rule| (*rule).to_owned()).collect(), ..case.clone() }
    };
    verdict(&of("internal.", &inward.skipped), &inward, compare::internal)?;
    verdict(&of("partner.", &outward.skipped), &outward, compare::partner)?;
    let skipped = [inward.skipped, outward.skipped].concat();
    if skipped == case.skipped { Ok(()) } else { Err(format!("skipped by {skipped:?}, expected {:?}", case.skipped)) }
}
