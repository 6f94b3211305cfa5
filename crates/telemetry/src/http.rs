//! An accept loop that no slow client can hold: `axum::serve` has neither a header nor a body deadline.

mod bounded;

use axum::Router;
use bounded::Bounded;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Bytes of a request's head.
const MAX_HEAD: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To read a request's head; also how long a connection may idle between requests.
    pub header_timeout: Duration,
    /// To read a request's whole body.
    pub body_timeout: Duration,
    pub max_body: usize,
    /// Beyond it connections wait in the kernel's backlog.
    pub max_connections: usize,
    /// For open requests once the end has been asked for.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            max_body: 1 << 20,
            max_connections: 1_000,
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves HTTP/1.1 until `shutdown` resolves, then lets open requests end within the grace and cuts the rest.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let (ending, end) = watch::channel(());
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let mut open = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        while open.try_join_next().is_some() {}
        let accepted = async {
            let slot = slots.clone().acquire_owned().await.map_err(std::io::Error::other)?;
            listener.accept().await.map(|(socket, _)| (socket, slot))
        };
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => match accepted {
                Ok((socket, slot)) => {
                    let (router, end) = (router.clone(), end.clone());
                    open.spawn(async move {
                        connection(socket, router, limits, end).await;
                        drop(slot);
                    });
                }
                // Out of file handles, or a client that left at once: wait for a connection to end, but not for ever.
                Err(error) => {
                    tracing::warn!(%error, "connection not accepted");
                    let _ = timeout(Duration::from_secs(1), open.join_next()).await;
                }
            },
        }
    }
    drop((listener, end));
    let _ = ending.send(());
    let drained = timeout(limits.grace, async { while open.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(open = open.len(), "requests cut at the end of the grace");
    }
    open.shutdown().await;
    Ok(())
}

async fn connection(socket: TcpStream, router: Router, limits: Limits, mut end: watch::Receiver<()>) {
    let service = Bounded { router, timeout: limits.body_timeout, max: limits.max_body };
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(socket), service)
    );
    let result = tokio::select! {
        result = &mut connection => result,
        _ = end.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended early");
    }
}
