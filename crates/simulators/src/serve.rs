//! An accept loop with limits, able to hang up instead of answering: that is one of the faults it serves.

use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Put into a response's extensions by a handler: the connection is closed and the response never sent.
#[derive(Clone, Copy, Debug)]
pub struct HangUp;

#[derive(Debug, thiserror::Error)]
#[error("the connection was closed without an answer")]
struct HungUp;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open at once; further ones wait in the system's backlog.
    pub connections: usize,
    /// From the first byte of a request to the end of its headers, and the longest an idle connection is kept.
    pub header: Duration,
    /// From the end of the headers to the answer, reading the body included.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1000, header: Duration::from_secs(5), request: Duration::from_secs(90) }
    }
}

/// Serves until `shutdown` ends, then lets requests under way finish for five seconds.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: impl Future<Output = ()> + Send) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let (closing, closed) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        tokio::select! {
            () = &mut shutdown => break,
            (Ok(permit), accepted) = accepted => match accepted {
                Ok((stream, _)) => {
                    let (router, closed) = (router.clone(), closed.clone());
                    connections.spawn(async move {
                        connection(stream, router, limits, closed).await;
                        drop(permit);
                    });
                }
                // Out of descriptors, most likely: another task has to end first.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    if connections.join_next().await.is_none() {
                        tokio::task::yield_now().await;
                    }
                }
            },
        }
    }
    let _ = closing.send(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(5), ended).await;
}

async fn connection(stream: TcpStream, router: Router, limits: Limits, mut closed: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let inner = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let answer = tokio::time::timeout(limits.request, inner.call(request));
        async move {
            match answer.await {
                Ok(Ok(response)) if response.extensions().get::<HangUp>().is_none() => Ok(response),
                Ok(Ok(_)) | Err(_) => Err(HungUp),
                Ok(Err(never)) => match never {},
            }
        }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = closed.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

#[cfg(test)]
mod tests;
