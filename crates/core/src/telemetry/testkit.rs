//! A receiver of traces, for tests.

#![expect(clippy::expect_used, reason = "a test kit reports by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a test kit reports by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A guard against waiting for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes whatever is sent to it, one request a connection, until the process ends.
#[derive(Debug)]
pub struct Receiver {
    endpoint: String,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Receiver {
    /// Listens on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let taken: Arc<Mutex<Vec<u8>>> = Arc::default();
        let all = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                // Whoever leaves in the middle sent nothing.
                let request = read(&mut stream).unwrap_or_default();
                all.lock().expect("nobody panics with it").extend(request);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { endpoint, taken }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` would say.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Waits until it was sent these bytes.
    pub fn until_it_has(&self, bytes: impl AsRef<[u8]>) {
        let deadline = Instant::now() + PATIENCE;
        while !self.has(&bytes) {
            assert!(Instant::now() < deadline, "never sent: {}", String::from_utf8_lossy(bytes.as_ref()));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it was sent these bytes. Protobuf writes texts and ids as they are.
    pub fn has(&self, bytes: impl AsRef<[u8]>) -> bool {
        find(&self.taken.lock().expect("nobody panics with it"), bytes.as_ref()).is_some()
    }
}

/// A whole request; `None` where the connection ends before.
fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(buffer.get(..read)?);
        let Some(end) = find(&request, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(request.get(..end)?).to_lowercase();
        let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
        if request.len() >= end + 4 + length {
            return Some(request);
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
