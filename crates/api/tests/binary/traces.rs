//! Traces go where the settings say, and nowhere else.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::api;
use crate::process::Process;

/// Takes whatever is sent to it, one request a connection.
struct Receiver {
    endpoint: String,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<u8>>> = Arc::default();
        let all = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                all.lock().await.extend(take(stream).await);
            }
        });
        Self { endpoint, taken }
    }

    /// Whether it was sent these bytes. Protobuf writes texts and ids as they are.
    async fn has(&self, bytes: &[u8]) -> bool {
        self.taken.lock().await.windows(bytes.len()).any(|window| window == bytes)
    }
}

async fn take(mut stream: TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the sender left in the middle");
        let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if request.len() >= end + 4 + length.parse::<usize>().unwrap() {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    request
}

async fn end(process: Process) -> String {
    process.signal("TERM");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_as_part_of_its_clients_trace() {
    let receiver = Receiver::start().await;
    let mut process = api().env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint).start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    client.send("GET", "/api/status/nobody", &[("traceparent", traceparent), ("X-Request-Id", "mine-1")]).await;
    // What was not sent yet is sent at the end.
    end(process).await;
    for text in [
        "POST /v1/traces HTTP/1.1\r\n",
        "application/x-protobuf",
        "unistatus-api",
        "GET /api/status/{target}",
        "http.response.status_code",
        "mine-1",
        // What the store was asked.
        "targets",
    ] {
        assert!(receiver.has(text.as_bytes()).await, "{text}");
    }
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    let parent = 0xb7ad_6b71_6920_3331_u64.to_be_bytes();
    assert!(receiver.has(&trace).await && receiver.has(&parent).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_the_service_wins() {
    let receiver = Receiver::start().await;
    let mut process =
        api().env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint).env("OTEL_SERVICE_NAME", "status-of-us").start();
    process.client().await.get("/healthz").await;
    end(process).await;
    assert!(receiver.has(b"status-of-us").await && !receiver.has(b"unistatus-api").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_is_told_of_once_and_harms_nothing() {
    let mut process = api().env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1").start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    process.until_logged(|log| log.contains("traces cannot be sent").then_some(())).await;
    for _ in 0..20 {
        assert_eq!(client.get("/api/status").await.status, 200);
    }
    let log = end(process).await;
    assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
}
