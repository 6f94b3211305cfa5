//! The community's change feed. Pages come in the order of the feed, which keeps each case's own order.

mod read;

use crate::client::{Answer, Client, Failure, Parts};
use crate::config::Ready;
use crate::wire;
use domain::{FileClaim, NativeId, PartnerEvent, SystemId};
use ports::{ByteStream, Change, Cursor, Feed, FeedError, OpenError, Page};
use reqwest::Method;
use std::time::Duration;

/// One community as a feed.
#[derive(Clone, Debug)]
pub struct HttpFeed {
    client: Client,
    system: SystemId,
    timeout: Duration,
    page_size: String,
}

impl HttpFeed {
    pub fn new(ready: &Ready) -> Result<Self, Failure> {
        Ok(Self {
            client: Client::new(ready)?,
            system: ready.system.clone(),
            timeout: ready.timeout,
            page_size: ready.page_size.to_string(),
        })
    }

    async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let parts = Parts { query, ..Parts::default() };
        let answer = self.client.send(Method::GET, segments, parts, self.timeout).await.map_err(|e| match e {
            Failure::Misconfigured(reason) => FeedError::Misconfigured { reason: reason.to_owned() },
            failure @ (Failure::NotSent(_) | Failure::Unanswered(_)) => unavailable(failure.to_string(), None),
        })?;
        let status = answer.status.as_u16();
        match status {
            200 => Ok(answer),
            410 => Err(FeedError::CursorLost { reason: "the community answers 410".to_owned() }),
            401 if self.client.renew_token() => Err(unavailable("the token was exchanged", None)),
            404 if wire::Problem::read(&answer.body).code == "change-unknown" => Ok(answer),
            408 | 429 | 500..=599 => Err(unavailable(format!("status {status}"), answer.retry_after)),
            _ => Err(FeedError::Misconfigured { reason: format!("the community answers {status}") }),
        }
    }
}

fn unavailable(reason: impl Into<String>, retry_after: Option<Duration>) -> FeedError {
    FeedError::Unavailable { reason: reason.into(), retry_after }
}

/// What is kept on the log as a cursor.
fn cursor(text: String) -> Result<Cursor, FeedError> {
    if text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Cursor(text))
    } else {
        Err(unavailable("the cursor is not as the contract says", None))
    }
}

impl Feed for HttpFeed {
    type Event = PartnerEvent;

    fn system(&self) -> &SystemId {
        &self.system
    }

    async fn begin(&mut self) -> Result<Cursor, FeedError> {
        let answer = self.get(&["v1", "cursor"], &[]).await?;
        let begin: wire::Begin = serde_json::from_slice(&answer.body)
            .map_err(|_| unavailable("the cursor was not answered as the contract says", None))?;
        cursor(begin.cursor)
    }

    async fn fetch(&mut self, from: &Cursor) -> Result<Page<PartnerEvent>, FeedError> {
        let mut query = vec![("limit", self.page_size.as_str())];
        if !from.0.is_empty() {
            query.push(("after", from.0.as_str()));
        }
        let answer = self.get(&["v1", "changes"], &query).await?;
        let page: wire::Page<'_> = serde_json::from_slice(&answer.body)
            .map_err(|_| unavailable("the page was not answered as the contract says", None))?;
        let changes: Vec<_> = page.changes.iter().map(|raw| read::change(&self.system, raw.get())).collect();
        let next = cursor(page.next)?;
        // A page that leads nowhere must not be asked for again at once.
        let more = page.has_more && next != *from;
        Ok(Page { changes, next, more })
    }

    async fn reread(&mut self, entity: &NativeId, change: &str) -> Result<Option<Change<PartnerEvent>>, FeedError> {
        let answer = self.get(&["v1", "changes", change], &[]).await?;
        if answer.status.as_u16() == 404 {
            return Ok(None);
        }
        let text = std::str::from_utf8(&answer.body).map_err(|_| unavailable("the change is no text", None))?;
        let read = read::change(&self.system, text);
        if read.entity == *entity && read.id == change {
            Ok(Some(read))
        } else {
            Err(unavailable("another change was answered than was asked for", None))
        }
    }

    async fn open(&mut self, file: &FileClaim<()>, from: u64) -> Result<ByteStream, OpenError> {
        let unavailable = |reason: String, retry_after| OpenError::Unavailable { reason, retry_after };
        match self.client.download(&file.source_id, from, self.timeout).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(answer)) => match (answer.status.as_u16(), wire::Problem::read(&answer.body).code.as_str()) {
                (404 | 410, "file-unknown") => Err(OpenError::Gone),
                (401, _) if self.client.renew_token() => Err(unavailable("the token was exchanged".to_owned(), None)),
                (status, _) => Err(unavailable(format!("status {status} to a download"), answer.retry_after)),
            },
            Err(failure) => Err(unavailable(failure.to_string(), None)),
        }
    }
}
