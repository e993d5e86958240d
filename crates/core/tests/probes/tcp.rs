//! What TCP probes make of ports.

use tokio::net::TcpListener;

use crate::support::{Asker, entry, ok, outage};

#[tokio::test]
async fn a_port_accepts_or_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let asker = Asker::new();
    for (endpoint, expected) in [
        (format!("127.0.0.1:{port}"), ok()),
        // Whatever else the name resolves to is tried, too.
        (format!("localhost:{port}"), ok()),
        (format!("127.0.0.1:{free}"), outage("refused")),
        (format!("nowhere.invalid:{port}"), outage("dns")),
    ] {
        let measured = asker.measure(&entry("TCP", &endpoint, "")).await;
        assert_eq!(measured.verdict(), expected, "{endpoint}");
        assert_eq!((measured.check.sent, measured.check.lost), (1, u16::from(expected != ok())));
        assert_eq!(measured.check.latency.is_some(), expected == ok());
        assert_eq!((measured.http_status, measured.bytes), (None, 0));
    }
}
