//! Connections: bounded in number, each serving one request after the other, as Kafka does.

use crate::core::{Core, Peer};
use crate::faults::Fault;
use crate::wire;
use bytes::BytesMut;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// A request that has begun must be there after this long, and an answer taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Accepts until `stop` turns true; every connection is closed when this returns.
pub async fn run(core: Arc<Core>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(core.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    let Ok(place) = places.clone().try_acquire_owned() else {
                        tracing::warn!(%from, "too many connections, refusing one");
                        continue;
                    };
                    let core = core.clone();
                    connections.spawn(async move {
                        if let Err(error) = serve(&core, stream, from).await {
                            tracing::debug!(%from, %error, "connection closed");
                        }
                        drop(place);
                    });
                }
                Err(error) => tracing::warn!(%error, "cannot accept a connection"),
            },
            Some(_) = connections.join_next() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    connections.shutdown().await;
}

async fn serve(core: &Core, stream: TcpStream, from: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let reached = stream.local_addr()?;
    let mut peer = Peer { client: String::new(), host: from.ip().to_string(), reached };
    let mut stream = BufReader::with_capacity(16 << 10, stream);
    loop {
        let size = match stream.read_u32().await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            size => size?,
        };
        if size > core.limits.request {
            tracing::warn!(%from, size, limit = core.limits.request, "request is too large");
            return Ok(());
        }
        let permit = core.requests.acquire_many(size / 1024 + 1).await.map_err(io::Error::other)?;
        let mut frame = BytesMut::zeroed(size as usize);
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut frame)).await??;
        let fault = wire::key_of(&frame).and_then(|key| core.faults.next(key));
        if fault == Some(Fault::CutBefore) {
            return Ok(());
        }
        let answer = match wire::serve(core, &mut peer, frame.freeze()).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%from, client = peer.client, %error, "closing a connection");
                return Ok(());
            }
        };
        drop(permit);
        match fault {
            Some(Fault::CutAfter | Fault::CutBefore) => return Ok(()),
            Some(Fault::Late(delay)) => tokio::time::sleep(delay).await,
            None => {}
        }
        if let Some(answer) = answer {
            tokio::time::timeout(PATIENCE, stream.write_all(&answer)).await??;
        }
    }
}
