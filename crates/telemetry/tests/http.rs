//! Clients that are slow, greedy or gone hold nothing.

// Helpers here are called from tests only.
#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Duration;
use telemetry::admin::{self, Health};
use telemetry::http::{self, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Everything here must be over long before.
const PATIENCE: Duration = Duration::from_secs(10);

fn limits() -> Limits {
    let short = Duration::from_millis(200);
    Limits { header_timeout: short, body_timeout: short, max_body: 1_000, grace: PATIENCE, ..Limits::default() }
}

struct Server {
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn start(router: Router, limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(http::serve(listener, router, limits, async move {
        let _ = stopped.await;
    }));
    Server { address, stop: Some(stop), ended }
}

fn echo() -> Router {
    Router::new().route("/", post(|body: Bytes| async move { format!("{} bytes", body.len()) }))
}

async fn send(address: std::net::SocketAddr, bytes: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(bytes.as_bytes()).await.unwrap();
    socket
}

/// All that comes until the server closes.
async fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut bytes)).await.expect("the server closed").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut() {
    let server = start(echo(), limits()).await;
    let text = rest(send(server.address, "POST / HTTP/1.1\r\nhost: x\r\nx-slow: ").await).await;
    assert!(!text.contains("200"), "{text}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut() {
    let server = start(echo(), limits()).await;
    assert!(!rest(send(server.address, "").await).await.contains("200"));
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut() {
    let server = start(echo(), limits()).await;
    let text = rest(send(server.address, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await).await;
    assert!(text.starts_with("HTTP/1.1 4"), "{text}");
}

#[tokio::test]
async fn a_body_beyond_its_size_is_refused_also_without_a_length() {
    let server = start(echo(), limits()).await;
    let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1_001));
    let head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let text = rest(send(server.address, &format!("{head}{chunk}")).await).await;
    assert!(text.starts_with("HTTP/1.1 4"), "{text}");
    let fits =
        format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(1_000));
    assert!(rest(send(server.address, &fits).await).await.ends_with("1000 bytes"));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_and_are_served_when_one_ends() {
    let server = start(echo(), Limits { max_connections: 1, ..limits() }).await;
    let silent = send(server.address, "").await;
    let request = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n\r\na";
    let waiting = send(server.address, request).await;
    assert!(rest(waiting).await.ends_with("1 bytes"), "served once the silent one was cut");
    drop(silent);
}

#[tokio::test]
async fn a_request_under_way_ends_before_the_server_does() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (begun.clone(), go_on.clone());
    let slow = move || async move {
        tell.notify_one();
        wait.notified().await;
        "done"
    };
    let mut server = start(Router::new().route("/", get(slow)), limits()).await;
    let socket = send(server.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    timeout(PATIENCE, begun.notified()).await.unwrap();
    server.stop.take().unwrap().send(()).unwrap();
    go_on.notify_one();
    assert!(rest(socket).await.ends_with("done"));
    timeout(PATIENCE, server.ended).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_request_that_outlives_the_grace_is_cut() {
    let begun = Arc::new(Notify::new());
    let tell = begun.clone();
    let never = move || async move {
        tell.notify_one();
        std::future::pending::<()>().await;
    };
    let mut server =
        start(Router::new().route("/", get(never)), Limits { grace: Duration::from_millis(100), ..limits() }).await;
    let socket = send(server.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    timeout(PATIENCE, begun.notified()).await.unwrap();
    server.stop.take().unwrap().send(()).unwrap();
    timeout(PATIENCE, server.ended).await.unwrap().unwrap().unwrap();
    assert_eq!(rest(socket).await, "");
}

#[tokio::test]
async fn the_admin_port_shows_metrics_life_and_readiness() {
    let health = Health::default();
    let server = start(admin::router(health.clone()), limits()).await;
    let ask = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        async move { rest(send(server.address, &request).await).await }
    };
    telemetry::facts::Skipped { topic: "t", rule: "r\"\n" }.emit();
    let metrics = ask("/metrics").await;
    assert!(metrics.contains("causeway_records_skipped_total{rule=\"r\\\"\\n\",topic=\"t\"} 1\n"), "{metrics}");
    assert!(ask("/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(ask("/readyz").await.ends_with("not ready: starting\n"));
    health.set_ready();
    assert!(ask("/readyz").await.starts_with("HTTP/1.1 200"));
    assert!(ask("/").await.starts_with("HTTP/1.1 404"));
}
