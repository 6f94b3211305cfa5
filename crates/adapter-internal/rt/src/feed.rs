//! What changed in RT: the transactions of tickets, by ascending id.

mod cursor;
mod outward;
mod programme;
mod record;
mod row;
mod text;

use crate::api::{Api, PAGE};
use crate::config::Ready;
use crate::error::of_feed;
use crate::http::Failure;
use crate::query;
use crate::wire::Row;
pub use record::TASK_OF;

use cursor::Seen;
use domain::{FileClaim, InternalEvent, NativeId, SystemId};
use ports::{ByteStream, Change, Cursor, Feed, FeedError, OpenError, Page};
use row::{Extra, Needs};
use std::collections::{BTreeMap, BTreeSet};

/// Intervals in one query: keeps its address below what web servers take.
const MAX_GAPS: usize = 40;
/// Names of users by id; forgotten all at once when there are too many.
const MAX_NAMES: usize = 10_000;

const ALL_ROWS: &str = "ObjectType = 'RT::Ticket'";

/// One Request Tracker's changes. Each call has its own limit of time: a page of messages takes many. Holds nothing that the cursor does not hold, but names.
pub struct RtFeed {
    api: Api,
    names: BTreeMap<String, String>,
    /// The cursor was compared with RT's newest row once since the start.
    compared: bool,
}

/// One query's rows, and what it proves.
struct Reading {
    rows: Vec<Row>,
    began: i64,
    /// There may be more.
    full: bool,
}

impl RtFeed {
    pub fn new(ready: Ready) -> Result<Self, String> {
        Ok(Self { api: Api::new(ready)?, names: BTreeMap::new(), compared: false })
    }

    fn hold_back(&self) -> i64 {
        i64::try_from(self.api.ready.hold_back.as_secs()).unwrap_or(i64::MAX / 4)
    }

    async fn read(&self, sql: &str) -> Result<Reading, FeedError> {
        let (rows, began) = self.api.rows(sql, self.api.default_deadline()).await.map_err(of_feed)?;
        // Without a clock of the server nothing is ever old enough; rows are still reported.
        Ok(Reading { full: rows.len() >= PAGE, rows, began: began.unwrap_or(i64::MIN / 4) })
    }

    /// A database that was put back to an older state gives old ids to new rows: they would pass unseen.
    async fn compare(&mut self, seen: &Seen) -> Result<(), FeedError> {
        if !self.compared {
            let (newest, _) =
                self.api.newest_rows(ALL_ROWS, "1", self.api.default_deadline()).await.map_err(of_feed)?;
            let newest = newest.first().map_or(0, |row| row.id);
            if newest < seen.watermark {
                let reason = format!("RT's newest row is {newest}, the cursor stands at {}", seen.watermark);
                return Err(FeedError::CursorLost { reason });
            }
            self.compared = true;
        }
        Ok(())
    }

    async fn changes(&mut self, rows: &[Row]) -> Result<Vec<Change<InternalEvent>>, FeedError> {
        let ids: BTreeSet<u64> = rows.iter().map(|row| row.object_id).collect();
        let records = record::read(&self.api, &ids).await.map_err(of_feed)?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let unknown = record::Record::Not("not-visible");
            let record = records.get(&row.object_id).unwrap_or(&unknown);
            let extra = match (record, row::needs(row)) {
                (record::Record::Ours(known), _) if known.outward.is_some_and(|first| row.id < first) => Extra::Nothing,
                (record::Record::Ours(known), _) if outward::shares(row, known) => {
                    Extra::Gesture(outward::files(&self.api, row).await.map_err(of_feed)?)
                }
                (record::Record::Ours(_), Needs::Text) => {
                    let (text, files) = text::read(&self.api, row.id).await.map_err(of_feed)?;
                    Extra::Text(text, files)
                }
                (record::Record::Ours(_), Needs::Owner) => Extra::Owner(self.name(&row.new_value).await?),
                (record::Record::Ours(_), Needs::Nothing) | (record::Record::Merged(_) | record::Record::Not(_), _) => {
                    Extra::Nothing
                }
            };
            changes.push(row::change(&self.api.ready, row, record, extra));
        }
        Ok(changes)
    }

    async fn name(&mut self, id: &str) -> Result<String, FeedError> {
        if let Some(name) = self.names.get(id) {
            return Ok(name.clone());
        }
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(id.to_owned());
        }
        let name = match self.api.user_name(id, self.api.default_deadline()).await {
            Ok(name) if !name.is_empty() => name,
            // Nobody is user 6 to 12, and users may be hidden: the number is then all there is.
            Ok(_) | Err(crate::http::Failure::Status { status: 400..=499, .. }) => id.to_owned(),
            Err(other) => return Err(of_feed(other)),
        };
        if self.names.len() >= MAX_NAMES {
            self.names.clear();
        }
        self.names.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}

impl Feed for RtFeed {
    type Event = InternalEvent;

    fn system(&self) -> &SystemId {
        &self.api.ready.system
    }

    /// Rows of now count as seen; a row that is in an open transaction now does not, and will be reported.
    async fn begin(&mut self) -> Result<Cursor, FeedError> {
        let hold_back = self.hold_back();
        let mut recent: Vec<Row> = Vec::new();
        let mut sql = ALL_ROWS.to_owned();
        loop {
            let by = self.api.default_deadline();
            let (rows, began) = self.api.newest_rows(&sql, "100", by).await.map_err(of_feed)?;
            let began =
                began.ok_or_else(|| FeedError::Unavailable { reason: "RT tells no time".into(), retry_after: None })?;
            let old = |row: &Row| crate::time::of_w3c(&row.created).is_some_and(|at| at + hold_back + 2 <= began);
            let settled = rows.iter().find(|row| old(row)).map(|row| row.id);
            let last = rows.last().map(|row| row.id);
            let full = rows.len() >= PAGE;
            recent.extend(rows);
            if let (None, Some(last), true) = (settled, last, full) {
                sql = format!("{ALL_ROWS} AND id < {last}");
                continue;
            }
            let mut seen = Seen::new(settled.unwrap_or(0));
            for row in recent.iter().rev() {
                seen.insert(row.id);
                if row.id > seen.watermark {
                    seen.mark(row.id, crate::time::of_w3c(&row.created).unwrap_or(began), hold_back);
                }
            }
            self.compared = true;
            return Ok(seen.to_cursor());
        }
    }

    async fn fetch(&mut self, from: &Cursor) -> Result<Page<InternalEvent>, FeedError> {
        let mut seen = Seen::parse(from)?;
        self.compare(&seen).await?;
        let hold_back = self.hold_back();
        let mut gaps = seen.gaps(MAX_GAPS);
        let mut fresh: Vec<Row> = Vec::new();
        let mut began = i64::MAX;
        // Pages that hold nothing new occur only where the gaps were too many to name: go on to the first that does.
        let more = loop {
            let reading = self.read(&query::rows_between(&gaps)).await?;
            began = began.min(reading.began);
            let last = reading.rows.last().map(|row| row.id);
            fresh.extend(reading.rows.into_iter().filter(|row| !seen.contains(row.id)));
            match last {
                Some(last) if reading.full && fresh.is_empty() => gaps = vec![(last, None)],
                _ => break reading.full,
            }
        };
        for row in &fresh {
            seen.insert(row.id);
            seen.mark(row.id, crate::time::of_w3c(&row.created).unwrap_or(began), hold_back);
        }
        // With more to come, this reading has covered its own rows and nothing above the last of them.
        let covered = if more { fresh.last().map_or(0, |row| row.id) } else { u64::MAX };
        seen.settle(covered, began, hold_back);
        Ok(Page { changes: self.changes(&fresh).await?, next: seen.to_cursor(), more })
    }

    async fn reread(&mut self, entity: &NativeId, change: &str) -> Result<Option<Change<InternalEvent>>, FeedError> {
        let (Ok(ticket), Ok(id)) = (entity.as_str().parse::<u64>(), change.parse::<u64>()) else { return Ok(None) };
        // A row of a task is told at its programme: the row's own number finds it, and who it is about is compared.
        let rows = self.read(&format!("{ALL_ROWS} AND id = {id}")).await?.rows;
        let rows: Vec<Row> = rows.into_iter().filter(|row| row.id == id).collect();
        let found = self.changes(&rows).await?.into_iter().next();
        Ok(found.filter(|change| change.entity.as_str() == ticket.to_string()))
    }

    async fn open(&mut self, file: &FileClaim<()>, from: u64) -> Result<ByteStream, OpenError> {
        let Ok(id) = file.source_id.parse() else { return Err(OpenError::Gone) };
        match self.api.client.attachment(id, from, self.api.default_deadline()).await {
            Ok(bytes) => Ok(bytes),
            // A right that was lost looks the same: the file is not shown to us.
            Err(Failure::Status { status: 403 | 404, .. } | Failure::Merged(_)) => Err(OpenError::Gone),
            Err(Failure::Status { status, retry_after, .. }) => {
                Err(OpenError::Unavailable { reason: format!("RT answered {status} to a download"), retry_after })
            }
            Err(Failure::NotSent(reason) | Failure::Unclear(reason) | Failure::Unusable(reason)) => {
                Err(OpenError::Unavailable { reason, retry_after: None })
            }
        }
    }
}
