//! What is due.

use super::{Sample, named};
use crate::any::Any;
use domain::timer::{Due, Event};
use domain::{ServiceLevelEvent, Timestamp};

pub fn all() -> Vec<Sample> {
    let due = || Due {
        timer: "outcome-offered".to_owned(),
        rule: "outcome-soon".to_owned(),
        use_case: "discrepancy".to_owned(),
        item: "1".to_owned(),
        counted_from: Timestamp(1_700_000_000_000),
        deadline: Some(Timestamp(1_701_209_600_000)),
    };
    named(
        "service-level.events",
        "causeway.service_level.events.timer",
        ServiceLevelEvent::kind,
        Any::ServiceLevel,
        vec![
            ("ReminderDue", ServiceLevelEvent::Timer(Event::ReminderDue(due()))),
            ("DeadlinePassed", ServiceLevelEvent::Timer(Event::DeadlinePassed(due()))),
        ],
    )
}
