//! One connection of a client, and the one to its server that belongs to it.

use super::frame::{self, Api, Head};
use super::{Door, Fault, Shared, Speaks, http, rewrite};
use bytes::Bytes;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

/// Requests that wait for their answers, by correlation id.
type Waiting = Mutex<HashMap<i32, (Head, Option<Fault>)>>;

/// How long the answer to a request is waited for whose client has gone.
pub(super) const STRAY_ANSWER: Duration = Duration::from_secs(10);

/// Until either side ends, a fault cuts it, or the door is shut.
pub async fn serve(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut door = shared.door.subscribe();
    let shut = async move {
        // The sender lives as long as the proxy; without it nobody is left to open the door.
        let _ = door.wait_for(|door| *door == Door::Shut).await;
    };
    let stray = match shared.speaks {
        Speaks::Anything => {
            tokio::select! {
                ended = pass(shared.door.subscribe(), &mut from_client, &mut to_server) => ended?,
                ended = pass(shared.door.subscribe(), &mut from_server, &mut to_client) => ended?,
                () = shut => {}
            }
            None
        }
        Speaks::Http(named) => {
            let upstream = from_server.peer_addr()?;
            let http = http::Connection::new(shared, named);
            let stray = tokio::select! {
                stray = http.requests(&mut from_client, &mut to_server) => stray?,
                ended = http.answers(&mut from_server, &mut to_client) => { ended?; None }
                () = shut => None,
            };
            drop((from_client, to_client, from_server, to_server));
            return match stray {
                Some((request, after)) => http::deliver_late(&request, after, upstream).await,
                None => Ok(()),
            };
        }
        Speaks::Kafka => {
            let waiting = Waiting::default();
            tokio::select! {
                stray = requests(shared, &waiting, &mut from_client, &mut to_server) => stray?,
                ended = answers(shared, &waiting, &mut from_server, &mut to_client) => { ended?; None }
                () = shut => None,
            }
        }
    };
    drop((from_client, to_client));
    if let Some((request, after)) = stray {
        deliver_late(request, after, from_server, to_server).await?;
    }
    Ok(())
}

/// Waits while the network swallows everything.
pub(super) async fn heard(door: &mut watch::Receiver<Door>) {
    let _ = door.wait_for(|door| *door != Door::Silent).await;
}

async fn pass(
    mut door: watch::Receiver<Door>,
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        heard(&mut door).await;
        to.write_all(&buffer[..read]).await?;
    }
}

async fn requests(
    shared: &Shared,
    waiting: &Waiting,
    client: &mut OwnedReadHalf,
    server: &mut OwnedWriteHalf,
) -> io::Result<Option<(Bytes, Duration)>> {
    let mut door = shared.door.subscribe();
    while let Some(request) = frame::read(client).await? {
        heard(&mut door).await;
        let Some(head) = Head::of(&request) else { return Ok(None) };
        let fault = shared.faults.next(head.api);
        match fault {
            Some(Fault::CutBefore) => return Ok(None),
            Some(Fault::Stray(after)) => return Ok(Some((request, after))),
            // The wait is the fault itself, asked for by whoever planned it.
            Some(Fault::Held(after)) => tokio::time::sleep(after).await,
            Some(Fault::Late(_) | Fault::CutAfter) | None => {}
        }
        waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(head.correlation, (head, fault));
        frame::write(server, &request).await?;
    }
    Ok(None)
}

async fn answers(
    shared: &Arc<Shared>,
    waiting: &Waiting,
    server: &mut OwnedReadHalf,
    client: &mut OwnedWriteHalf,
) -> io::Result<()> {
    let mut door = shared.door.subscribe();
    while let Some(answer) = frame::read(server).await? {
        let asked = frame::correlation(&answer)
            .and_then(|correlation| waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&correlation));
        let (head, fault) = asked.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "answer to nothing"))?;
        match fault {
            Some(Fault::CutAfter) => return Ok(()),
            Some(Fault::Late(after)) => tokio::time::sleep(after).await,
            Some(Fault::Held(_) | Fault::CutBefore | Fault::Stray(_)) | None => {}
        }
        heard(&mut door).await;
        let answer = match head.api {
            Api::METADATA | Api::FIND_COORDINATOR | Api::DESCRIBE_CLUSTER => {
                rewrite::answer(shared, head, answer).await?
            }
            _ => answer,
        };
        frame::write(client, &answer).await?;
    }
    Ok(())
}

/// The client has gone; its request arrives all the same, over the connection that it had sent it on.
async fn deliver_late(
    request: Bytes,
    after: Duration,
    mut server_says: OwnedReadHalf,
    mut server: OwnedWriteHalf,
) -> io::Result<()> {
    let deliver = async {
        tokio::time::sleep(after).await;
        frame::write(&mut server, &request).await?;
        std::future::pending::<io::Result<()>>().await
    };
    let last = Head::of(&request).map(|head| head.correlation);
    // What was asked before is still answered, to nobody; the broker must not be held up by it.
    let drain = async {
        while let Some(answer) = frame::read(&mut server_says).await? {
            if frame::correlation(&answer) == last {
                break;
            }
        }
        Ok(())
    };
    let both = async {
        tokio::select! { done = deliver => done, done = drain => done }
    };
    tokio::time::timeout(after + STRAY_ANSWER, both).await?
}
