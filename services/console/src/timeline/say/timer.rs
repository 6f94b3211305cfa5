//! What time has made due.

use super::Said;
use domain::ServiceLevelEvent;
use domain::timer::{Due, Event, Kind};

pub fn service_level(event: &ServiceLevelEvent) -> Said {
    let ServiceLevelEvent::Timer(event) = event;
    let due = event.due();
    let what = match Kind::parse(&due.timer) {
        Ok(Kind::PartnerAsked) => "the partner was asked and has not answered",
        Ok(Kind::ResolutionOffered) => "the proposed answer waits for the partner",
        Ok(Kind::OutcomeOffered) => "the proposed outcome waits for the partner",
        Ok(Kind::DisputeDeadline) => "a line may be disputed until a day",
        Ok(Kind::DocumentValidTo) => "a version of the document is valid until a day",
        Ok(Kind::TaskDue) => "a task of the partner's onboarding has a date",
        Err(_) => "something is due",
    };
    let item = if due.item.is_empty() { String::new() } else { format!(" ({})", due.item) };
    Said::plain(match event {
        Event::ReminderDue(Due { rule, .. }) => format!("Time for a reminder: {what}{item}. Rule {rule}."),
        Event::DeadlinePassed(Due { rule, .. }) => format!("The time is over: {what}{item}. Rule {rule}."),
    })
}
