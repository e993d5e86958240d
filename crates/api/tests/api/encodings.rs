//! The same body in fewer bytes.

use std::io::Read;

use unistatus_core::schema::Status;
use unistatus_core::store::TargetState;

use crate::support::{Answer, TestApp, service, target};

/// Enough that all of it, a target of it and a selection of it are worth encoding.
fn many() -> impl Iterator<Item = TargetState> {
    let services = |count| (0..count).map(|number| service(&format!("Service {number}"), Status::Ok, &[]));
    ["aws", "azure", "github", "zoom"].into_iter().map(move |name| target(name, services(20)))
}

const PATHS: [&str; 5] =
    ["/api/status", "/api/status/github", "/api/status?status=OK", "/api/status/github?fields=status", "/api/targets"];
const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

fn decoded(answer: &Answer) -> String {
    let bytes = answer.bytes.as_slice();
    let mut text = String::new();
    match answer.header("content-encoding") {
        Some("gzip") => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap(),
        Some("br") => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text).unwrap(),
        Some("zstd") => zstd::Decoder::new(bytes).unwrap().read_to_string(&mut text).unwrap(),
        other => panic!("{other:?} is no coding of ours"),
    };
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_coding_decodes_to_the_body_as_it_is() {
    let app = TestApp::spawn(many()).await;
    for path in PATHS {
        let plain = app.get(path).await;
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("Accept-Encoding")));
        for coding in CODINGS {
            let encoded = app.send("GET", path, &[("Accept-Encoding", coding)]).await;
            assert_eq!(encoded.header("content-encoding"), Some(coding), "{path}");
            assert_eq!(decoded(&encoded), plain.body, "{path} in {coding}");
            assert!(encoded.bytes.len() < plain.bytes.len() / 2, "{path} in {coding}");
            assert_eq!(encoded.header("content-length"), Some(encoded.bytes.len().to_string().as_str()));
            for header in ["vary", "cache-control", "content-type"] {
                assert_eq!(encoded.header(header), plain.header(header), "{header} of {path} in {coding}");
            }
            let head = app.send("HEAD", path, &[("Accept-Encoding", coding)]).await;
            for header in ["content-encoding", "content-length", "etag", "vary"] {
                assert_eq!(head.header(header), encoded.header(header), "{header} of {path} in {coding}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_coding_has_its_own_tag() {
    let app = TestApp::spawn(many()).await;
    for path in PATHS {
        let plain = app.get(path).await.header("etag").unwrap().to_owned();
        for (coding, suffix) in [("gzip", "-gz\""), ("br", "-br\""), ("zstd", "-zst\"")] {
            let accept = ("Accept-Encoding", coding);
            // Asked before the body was ever encoded: the tag is known without it.
            let tag = plain.trim_end_matches('"').to_owned() + suffix;
            let held = app.send("GET", path, &[accept, ("If-None-Match", &tag)]).await;
            assert_eq!((held.status, held.header("etag")), (304, Some(tag.as_str())), "{path} in {coding}");
            assert_eq!((held.header("vary"), held.header("content-encoding")), (Some("Accept-Encoding"), None));
            assert_eq!(app.send("GET", path, &[accept]).await.header("etag"), Some(tag.as_str()));
            assert_eq!(app.send("GET", path, &[accept, ("If-None-Match", &plain)]).await.status, 200);
            assert_eq!(app.send("GET", path, &[("If-None-Match", &tag)]).await.status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_chooses() {
    let app = TestApp::spawn(many()).await;
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("gzip;q=1, br;q=0.5", Some("gzip")),
        ("*", Some("zstd")),
        ("*, zstd;q=0", Some("br")),
        ("identity", None),
        ("deflate", None),
        ("gzip;q=0", None),
        ("identity;q=0, compress", None),
        ("*;q=0", None),
    ] {
        let answer = app.send("GET", "/api/status", &[("Accept-Encoding", accepted)]).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accepted}");
    }
    let two = app.send("GET", "/api/status", &[("Accept-Encoding", "deflate"), ("Accept-Encoding", "zstd")]).await;
    assert_eq!(two.header("content-encoding"), Some("zstd"));
}

#[tokio::test(flavor = "multi_thread")]
async fn small_bodies_and_errors_are_sent_as_they_are() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    for path in ["/api/status", "/api/status/github", "/api/targets/github", "/api/status/nowhere"] {
        let answer = app.send("GET", path, &[("Accept-Encoding", "br")]).await;
        assert_eq!(answer.header("content-encoding"), None, "{path}");
        assert_eq!(answer.body, app.get(path).await.body, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_encoded_anew() {
    let app = TestApp::spawn(many()).await;
    let accept = [("Accept-Encoding", "br")];
    let before = app.send("GET", "/api/status", &accept).await;
    app.store.update("github", |state| state.services[0].status = Status::Outage);
    app.until("/api/status", |answer| answer.body.contains("Outage")).await;
    let after = app.send("GET", "/api/status", &accept).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert!(decoded(&after).contains("Outage"));
}
