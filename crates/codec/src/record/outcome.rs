use super::meta_out_of_range;
use super::sealed::Sealed;
use crate::wire::{Reader, WriteError};
use domain::outcome::{
    Barrier, Done, Doubt, Intent, NotApplied, Outcome as O, Parked, Refused, Skipped, Superseded, Waiting,
};
use domain::{Envelope, Outcome, Visibility};

macro_rules! outcomes {
    ($($variant:ident),+) => {
        impl Sealed for Envelope<Outcome> {
            fn schema(&self) -> (&'static str, Option<usize>) {
                use std::sync::LazyLock;
                match &self.payload {
                    $(O::$variant(_) => {
                        const NAME: &str = concat!("causeway.outcomes.", stringify!($variant));
                        static INDEX: LazyLock<Option<usize>> = LazyLock::new(|| crate::embedded::index_of(NAME));
                        (NAME, *INDEX)
                    })+
                }
            }

            fn names() -> &'static [&'static str] {
                &[$(concat!("causeway.outcomes.", stringify!($variant))),+]
            }

            fn write(&self, index: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
                match &self.payload {
                    $(O::$variant(payload) => {
                        crate::wire::write(index, &super::Whole { meta: &self.meta, payload }, out)
                    })+
                }
            }

            fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>> {
                match name {
                    $(concat!("causeway.outcomes.", stringify!($variant)) => Some(
                        reader.read::<super::Read<$variant>>().map(|read| Envelope {
                            meta: read.meta,
                            payload: O::$variant(read.payload),
                        }),
                    ),)+
                    _ => None,
                }
            }

            fn widened(&self, audience: &dyn Fn(&'static str) -> Visibility) -> Option<&'static str> {
                let O::Done(done) = &self.payload else { return None };
                let read_back = self.meta.visibility.and(audience("reference"));
                let widened = done.reference.visibility() > read_back && !done.reference.for_host().is_empty();
                widened.then_some("reference")
            }

            fn mark(&mut self, audience: &dyn Fn(&'static str) -> Visibility) {
                if let O::Done(done) = &mut self.payload {
                    done.reference.mark(self.meta.visibility.and(audience("reference")));
                }
            }

            fn out_of_range(&self) -> Option<&'static str> {
                let attempts = match &self.payload {
                    O::Intent(o) => o.attempt,
                    O::NotApplied(o) => o.attempt,
                    O::Doubt(o) => o.attempt,
                    O::Waiting(o) => o.attempts,
                    O::Parked(o) => o.attempts,
                    O::Done(_) | O::Refused(_) | O::Skipped(_) | O::Superseded(_) | O::Barrier(_) => 0,
                };
                match self.payload.command() {
                    _ if attempts < 0 => Some("attempts are negative"),
                    Some(command) if command.offset < 0 => Some("the command's offset is negative"),
                    Some(_) | None => meta_out_of_range(&self.meta),
                }
            }
        }
    };
}

outcomes!(Intent, Done, NotApplied, Doubt, Refused, Skipped, Superseded, Waiting, Parked, Barrier);
