use super::sealed::Sealed;
use super::{meta_out_of_range, variants};
use domain::timer::{self, Event};
use domain::{Envelope, ServiceLevelEvent};

impl Sealed for Envelope<ServiceLevelEvent> {
    variants!(
        ("causeway.service_level.events.timer", [ServiceLevelEvent Timer], Event, {
            ReminderDue(timer::Due),
            DeadlinePassed(timer::Due),
        })
    );

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}
