use crate::Ready;
use adapter_internal_desk::DeskFeed;
use adapter_internal_rt::RtFeed;
use domain::{FileClaim, InternalEvent, NativeId, SystemId};
use ports::{ByteStream, Change, Cursor, Feed, FeedError, OpenError, Page};

/// The changes of whichever case system is configured.
pub enum AnyFeed {
    Rt(Box<RtFeed>),
    Desk(Box<DeskFeed>),
}

impl AnyFeed {
    pub fn new(ready: Ready) -> Result<Self, String> {
        Ok(match ready {
            Ready::Rt(ready) => Self::Rt(Box::new(RtFeed::new(*ready)?)),
            Ready::Desk(ready) => Self::Desk(Box::new(DeskFeed::new(*ready)?)),
        })
    }
}

impl Feed for AnyFeed {
    type Event = InternalEvent;

    fn system(&self) -> &SystemId {
        match self {
            Self::Rt(feed) => feed.system(),
            Self::Desk(feed) => feed.system(),
        }
    }

    async fn begin(&mut self) -> Result<Cursor, FeedError> {
        match self {
            Self::Rt(feed) => feed.begin().await,
            Self::Desk(feed) => feed.begin().await,
        }
    }

    async fn fetch(&mut self, from: &Cursor) -> Result<Page<InternalEvent>, FeedError> {
        match self {
            Self::Rt(feed) => feed.fetch(from).await,
            Self::Desk(feed) => feed.fetch(from).await,
        }
    }

    async fn reread(&mut self, entity: &NativeId, change: &str) -> Result<Option<Change<InternalEvent>>, FeedError> {
        match self {
            Self::Rt(feed) => feed.reread(entity, change).await,
            Self::Desk(feed) => feed.reread(entity, change).await,
        }
    }

    async fn open(&mut self, file: &FileClaim<()>, from: u64) -> Result<ByteStream, OpenError> {
        match self {
            Self::Rt(feed) => feed.open(file, from).await,
            Self::Desk(feed) => feed.open(file, from).await,
        }
    }
}
