use crate::Ready;
use adapter_internal_desk::DeskTarget;
use adapter_internal_rt::RtTarget;
use domain::{Envelope, InternalCommand};
use ports::{Applied, BlobStore, CallContext, CallError, Capability, Doubles, Look, Target};
use std::sync::Arc;

/// Whichever case system is configured, made to obey.
pub enum AnyTarget {
    Rt(Box<RtTarget>),
    Desk(Box<DeskTarget>),
}

impl AnyTarget {
    /// `blobs` holds the bytes of the files that commands carry.
    pub fn new(ready: Ready, blobs: Option<Arc<dyn BlobStore>>) -> Result<Self, String> {
        Ok(match ready {
            Ready::Rt(ready) => Self::Rt(Box::new(RtTarget::new(*ready)?.with_blobs(blobs))),
            Ready::Desk(ready) => Self::Desk(Box::new(DeskTarget::new(*ready)?.with_blobs(blobs))),
        })
    }
}

impl Target for AnyTarget {
    type Command = InternalCommand;

    fn capability(&self, kind: &str) -> Capability {
        match self {
            Self::Rt(target) => target.capability(kind),
            Self::Desk(target) => target.capability(kind),
        }
    }

    fn max_calls(&self) -> usize {
        match self {
            Self::Rt(target) => target.max_calls(),
            Self::Desk(target) => target.max_calls(),
        }
    }

    async fn apply(&self, command: &Envelope<InternalCommand>, context: &CallContext) -> Result<Applied, CallError> {
        match self {
            Self::Rt(target) => target.apply(command, context).await,
            Self::Desk(target) => target.apply(command, context).await,
        }
    }

    async fn look(&self, command: &Envelope<InternalCommand>, context: &CallContext) -> Result<Look, CallError> {
        match self {
            Self::Rt(target) => target.look(command, context).await,
            Self::Desk(target) => target.look(command, context).await,
        }
    }

    async fn look_twice(
        &self,
        command: &Envelope<InternalCommand>,
        context: &CallContext,
    ) -> Result<Doubles, CallError> {
        match self {
            Self::Rt(target) => target.look_twice(command, context).await,
            Self::Desk(target) => target.look_twice(command, context).await,
        }
    }
}
