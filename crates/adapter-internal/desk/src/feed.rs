//! What changed: the case system's log of commits, page by page. Holds nothing that the cursor does not hold.

mod outward;
mod programme;
mod row;

pub use row::USE_CASE;

use crate::api::Api;
use crate::config::Ready;
use crate::error::of_feed;
use crate::http::Failure;
use domain::{FileClaim, InternalEvent, NativeId, SystemId};
use ports::{ByteStream, Change, Cursor, Feed, FeedError, OpenError, Page};
use serde::Deserialize as _;
use serde_json::Value;

/// One simulated case system's changes.
pub struct DeskFeed {
    api: Api,
}

impl DeskFeed {
    pub fn new(ready: Ready) -> Result<Self, String> {
        Ok(Self { api: Api::new(ready)? })
    }

    async fn read(&self, row: Value) -> Result<Change<InternalEvent>, FeedError> {
        let standing = match crate::wire::Change::deserialize(&row) {
            Ok(read) => outward::standing(&self.api, &read).await.map_err(of_feed)?,
            Err(_) => None,
        };
        row::change(&self.api, row, standing).ok_or_else(|| FeedError::Unavailable {
            reason: "a change without ids: is that our case system".into(),
            retry_after: None,
        })
    }
}

impl Feed for DeskFeed {
    type Event = InternalEvent;

    fn system(&self) -> &SystemId {
        &self.api.ready.system
    }

    async fn begin(&mut self) -> Result<Cursor, FeedError> {
        Ok(Cursor(self.api.cursor().await.map_err(of_feed)?.cursor))
    }

    async fn fetch(&mut self, from: &Cursor) -> Result<Page<InternalEvent>, FeedError> {
        let page = self.api.changes(&from.0).await.map_err(of_feed)?;
        let mut changes = Vec::with_capacity(page.changes.len());
        for row in page.changes {
            changes.push(self.read(row).await?);
        }
        Ok(Page { changes, next: Cursor(page.next), more: page.has_more })
    }

    async fn reread(&mut self, entity: &NativeId, change: &str) -> Result<Option<Change<InternalEvent>>, FeedError> {
        match self.api.change(change).await {
            Ok(row) => Ok(Some(self.read(row).await?).filter(|found| found.entity == *entity)),
            Err(Failure::Status { status: 404, code, .. }) if code == "change-unknown" => Ok(None),
            Err(other) => Err(of_feed(other)),
        }
    }

    async fn open(&mut self, file: &FileClaim<()>, from: u64) -> Result<ByteStream, OpenError> {
        match self.api.client.download(&file.source_id, from, self.api.soon()).await {
            Ok(bytes) => Ok(bytes),
            Err(Failure::Status { status: 404, code, .. }) if code == "file-unknown" => Err(OpenError::Gone),
            Err(Failure::Status { status, retry_after, .. }) => {
                Err(OpenError::Unavailable { reason: format!("answered {status} to a download"), retry_after })
            }
            Err(other) => Err(OpenError::Unavailable { reason: other.to_string(), retry_after: None }),
        }
    }
}
