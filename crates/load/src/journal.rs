//! The people's journal: a line is on disk before its act counts. Lines that come in while the disk is waited for go
//! with the next wait, so that many people cost it no more than one.

use crate::LoadError;
use checker::Line;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

type Waiting = (Vec<u8>, oneshot::Sender<bool>);

#[derive(Clone, Debug)]
pub struct Journal(mpsc::UnboundedSender<Waiting>);

impl Journal {
    /// Continues a journal that is there. The file's end belongs to it until the last clone is gone.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let failed = |source| LoadError::Journal { path: path.to_owned(), source };
        let file = File::options().create(true).append(true).open(path).map_err(failed)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        std::thread::Builder::new().name("people".to_owned()).spawn(|| write(file, receiver)).map_err(failed)?;
        Ok(Self(sender))
    }

    /// Returns when the line is on disk.
    pub async fn say(&self, line: &Line) -> Result<(), LoadError> {
        let mut bytes = serde_json::to_vec(line).map_err(|_| LoadError::NotDurable)?;
        bytes.push(b'\n');
        let (done, durable) = oneshot::channel();
        self.0.send((bytes, done)).map_err(|_| LoadError::NotDurable)?;
        if durable.await.unwrap_or(false) { Ok(()) } else { Err(LoadError::NotDurable) }
    }
}

/// Ends at the first failure: what follows a line that may be half written would be damage.
fn write(mut file: File, mut receiver: mpsc::UnboundedReceiver<Waiting>) {
    while let Some((mut bytes, first)) = receiver.blocking_recv() {
        let mut waiting = vec![first];
        while let Ok((more, done)) = receiver.try_recv() {
            bytes.extend_from_slice(&more);
            waiting.push(done);
        }
        let durable = file.write_all(&bytes).and_then(|()| file.sync_data()).is_ok();
        for done in waiting {
            // Whoever does not wait any more has given up the act.
            let _ = done.send(durable);
        }
        if !durable {
            return;
        }
    }
}
