use domain::{Envelope, MessageId, Outcome};
use ports::{Applied, CallContext, CallError};

/// What is on its way: from an owner to the log and the target, or back. First the owner's number and its partition.
#[derive(Debug)]
pub(in crate::sim) enum Effect<C> {
    Append(u32, usize, Box<Envelope<Outcome>>),
    /// The request leaves the process.
    Socket(u32, usize, Box<Envelope<C>>, CallContext),
    /// The request takes effect at the target; where `heard`, the answer comes back.
    Arrive(u32, usize, Box<Envelope<C>>, CallContext, bool),
    Answer(u32, usize, MessageId, u32, Result<Applied, CallError>),
    Look(u32, usize, Box<Envelope<C>>, u32),
    LookTwice(u32, usize, MessageId, bool),
    Place(u32, usize),
    Fetch(u32, usize, i64),
}

impl<C> Effect<C> {
    pub(super) const fn owner(&self) -> (u32, usize) {
        match self {
            Self::Append(o, p, _)
            | Self::Socket(o, p, ..)
            | Self::Arrive(o, p, ..)
            | Self::Answer(o, p, ..)
            | Self::Look(o, p, ..)
            | Self::LookTwice(o, p, ..)
            | Self::Place(o, p)
            | Self::Fetch(o, p, _) => (*o, *p),
        }
    }
}
