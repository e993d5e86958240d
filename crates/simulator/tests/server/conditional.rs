//! Conditional requests, encodings, and what is written down of who asked.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use unistatus_simulator::formats::Validators;
use unistatus_simulator::{Condition, Options, Simulator, World};

use super::client::{ask, send};

async fn start(vendor: &str) -> (Simulator, String) {
    let simulator = Simulator::start(World::demo(1).only(&[vendor]).quiet(), Options::manual()).await.unwrap();
    let url = simulator.vendor(vendor).unwrap().url;
    (simulator, url)
}

#[tokio::test]
async fn nothing_is_sent_twice_until_something_changes() {
    let (simulator, url) = start("github").await;
    let first = ask(&url, &[]).await.unwrap();
    let (etag, modified) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());

    simulator.advance(Duration::from_hours(1));
    let by_tag = ask(&url, &[("If-None-Match", etag)]).await.unwrap();
    assert_eq!((by_tag.status, by_tag.body.len(), by_tag.header("etag")), (304, 0, Some(etag)));
    assert_eq!(ask(&url, &[("If-Modified-Since", modified)]).await.unwrap().status, 304);

    simulator.set("github", "Runners", Condition::MajorOutage).unwrap();
    let changed = ask(&url, &[("If-None-Match", etag), ("If-Modified-Since", modified)]).await.unwrap();
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(etag));
    assert_eq!(changed.header("last-modified"), Some("Mon, 05 Jan 2026 09:00:00 GMT"));
}

#[tokio::test]
async fn vendors_may_ignore_conditions_or_know_none() {
    let (simulator, url) = start("github").await;
    let first = ask(&url, &[]).await.unwrap();
    let condition = [("If-None-Match", first.header("etag").unwrap())];
    simulator.set_validators("github", Validators::Ignored).unwrap();
    let ignored = ask(&url, &condition).await.unwrap();
    assert_eq!((ignored.status, ignored.header("etag")), (200, first.header("etag")));
    simulator.set_validators("github", Validators::Absent).unwrap();
    let bare = ask(&url, &condition).await.unwrap();
    assert_eq!((bare.status, bare.header("etag"), bare.header("last-modified")), (200, None, None));

    let (_openai, url) = start("openai").await;
    assert_eq!(ask(&url, &[]).await.unwrap().header("etag"), None, "incident.io sends none");
}

#[tokio::test]
async fn bodies_are_compressed_for_who_takes_it() {
    let (_simulator, url) = start("github").await;
    let plain = ask(&url, &[]).await.unwrap();
    let zipped = ask(&url, &[("Accept-Encoding", "gzip, br")]).await.unwrap();
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert_eq!(zipped.header("vary"), Some("Accept-Encoding"));
    assert_eq!(zipped.inflated().unwrap(), plain.body);
    assert_eq!(zipped.header("etag"), plain.header("etag"));
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let (_simulator, url) = start("github").await;
    let root = url.strip_suffix("api/v2/summary.json").unwrap();
    assert_eq!(ask(&format!("{root}nowhere"), &[]).await.unwrap().status, 404);
    assert_eq!(ask(&format!("{root}api/v2/status.json?now=1"), &[]).await.unwrap().status, 200);
    let posted = send(&url, "POST", &[], "{}").await.unwrap();
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
    let head = send(&url, "HEAD", &[], "").await.unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let (simulator, url) = start("github").await;
    let (host, _) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    for count in 1..=3 {
        stream.write_all(b"GET /api/v2/status.json HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        simulator.wait_for_requests("github", count).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
}

#[tokio::test]
async fn requests_are_written_down() {
    let (simulator, url) = start("github").await;
    simulator.advance(Duration::from_secs(7));
    ask(&url, &[("User-Agent", "tester/1"), ("If-None-Match", "\"x\""), ("X-Other", "y")]).await.unwrap();
    simulator.wait_for_requests("github", 1).await.unwrap();
    let requests = simulator.requests("github").unwrap();
    let [request] = requests.as_slice() else { panic!("one request expected: {requests:?}") };
    assert_eq!(request.at, Duration::from_secs(7));
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/api/v2/summary.json"));
    assert_eq!(request.header("user-agent"), Some("tester/1"));
    assert_eq!(request.header("if-none-match"), Some("\"x\""));
    assert_eq!(request.header("x-other"), None);
    assert_eq!((request.in_flight, request.faulty), (1, false));
}

#[tokio::test]
async fn only_the_newest_requests_are_kept_and_all_are_counted() {
    let options = Options { keep_requests: 2, ..Options::manual() };
    let simulator = Simulator::start(World::demo(1).only(&["npm"]), options).await.unwrap();
    let url = simulator.vendor("npm").unwrap().url;
    for number in 0..4 {
        ask(&format!("{url}?{number}"), &[]).await.unwrap();
    }
    let paths: Vec<_> = simulator.requests("npm").unwrap().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/api/v2/summary.json?2", "/api/v2/summary.json?3"]);
    assert_eq!(simulator.count("npm"), Ok(4));
}
