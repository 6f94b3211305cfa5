use super::*;
use axum::routing::get;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let hung = || async {
        let mut response = axum::response::Response::<axum::body::Body>::default();
        response.extensions_mut().insert(HangUp);
        response
    };
    let router = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/never", get(std::future::pending::<&'static str>))
        .route("/hang-up", get(hung));
    let shutdown = async { drop(stopped.await) };
    (address, stop, tokio::spawn(serve(listener, router, limits, shutdown)))
}

/// All that comes back for these bytes until the server closes.
async fn answer(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut back = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut back)).await;
    let _ = read.expect("closed by the server");
    back
}

fn short() -> Limits {
    Limits { connections: 2, header: Duration::from_millis(500), request: Duration::from_millis(500) }
}

#[tokio::test]
async fn a_slow_header_or_an_endless_request_does_not_hold_a_connection() {
    let (address, _stop, _task) = start(short()).await;
    // More than there are connections: none of them is held.
    for _ in 0..3 {
        assert!(!answer(address, "GET / HTTP/1.1\r\nhost: x\r\n").await.contains("200"));
        assert_eq!(answer(address, "GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await, "");
    }
    assert!(answer(address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.ends_with("here"));
}

#[tokio::test]
async fn a_hang_up_sends_not_a_byte() {
    let (address, _stop, _task) = start(Limits::default()).await;
    assert_eq!(answer(address, "GET /hang-up HTTP/1.1\r\nhost: x\r\n\r\n").await, "");
}

#[tokio::test]
async fn shutdown_ends_the_server_and_its_idle_connections() {
    let (address, stop, task) = start(Limits::default()).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut byte = [0];
    idle.read_exact(&mut byte).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
