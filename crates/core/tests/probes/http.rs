//! What HTTP probes make of answers, and of there being none.

use tokio::net::TcpListener;
use unistatus_core::schema::FailureClass;

use crate::support::{Asker, Measured, Server, answer, degraded, entry, ok, outage, targets};

/// What is measured of a server that gives these answers.
async fn measure(answers: &[impl AsRef<str>], probe: &str) -> (Server, Measured) {
    let server = Server::start(answers).await;
    let measured = Asker::new().measure(&entry("HTTP", &server.url(), probe)).await;
    (server, measured)
}

#[tokio::test]
async fn an_answer_as_it_should_be_is_measured_and_leaves_no_trace_in_the_state() {
    let (server, measured) = measure(&[answer("200 OK", "", "fine")], "").await;
    assert_eq!(measured.verdict(), ok());
    assert_eq!((measured.http_status, measured.bytes), (Some(200), 4));
    assert_eq!((measured.check.sent, measured.check.lost), (1, 0));
    assert!(measured.check.latency.is_some());
    assert_eq!((measured.service.name.as_str(), measured.service.dimensions.len()), ("it", 0));
    let [request] = <[String; 1]>::try_from(server.requests()).unwrap();
    assert!(request.starts_with("GET /health HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", server.address)), "{request}");
    assert!(request.contains("user-agent: Unistatus/"), "{request}");
}

#[tokio::test]
async fn the_status_is_one_of_those_expected() {
    for (status, probe, expected) in [
        ("204 No Content", "", ok()),
        ("404 Not Found", "", outage("http_status")),
        ("500 Internal Server Error", "", outage("http_status")),
        ("304 Not Modified", "", outage("http_status")),
        ("302 Found", "redirects = 0", ok()),
        ("302 Found", "", outage("http_status")),
        ("401 Unauthorized", "status = 401", ok()),
        ("200 OK", "status = 401", outage("http_status")),
        ("404 Not Found", "status = [\"200-299\", 404]", ok()),
        ("301 Moved Permanently", "status = \"301\"", ok()),
    ] {
        let (server, measured) = measure(&[answer(status, "", "")], probe).await;
        assert_eq!(measured.verdict(), expected, "{status} where {probe:?}");
        let attempts = if expected == ok() { 1 } else { 3 };
        assert_eq!((server.requests().len(), measured.check.sent), (attempts, 1));
        assert_eq!(measured.http_status, status[..3].parse().ok());
    }
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_they_lead_somewhere() {
    let to = |location: &str| answer("302 Found", &format!("location: {location}\r\n"), "");
    let fine = answer("200 OK", "", "");
    for (answers, probe, expected) in [
        (vec![to("/elsewhere"), fine.clone()], "", ok()),
        (vec![to("/a"), to("/b"), to("c"), to("?d"), to("/e"), fine.clone()], "", ok()),
        (vec![to("/a"), to("/b"), fine.clone()], "redirects = 1", outage("redirect")),
        (vec![to("/round-and-round")], "", outage("redirect")),
        (vec![to("ftp://127.0.0.1/")], "", outage("redirect")),
        (vec![to("http://")], "", outage("redirect")),
        (vec![to("http://nowhere.invalid/")], "", outage("dns")),
        (vec![to("/elsewhere")], "redirects = 0, status = \"200-299\"", outage("http_status")),
        // An answer that is expected is the last one.
        (vec![to("/elsewhere"), answer("500 No", "", "")], "status = 302", ok()),
    ] {
        let (_, measured) =
            measure(&answers, &format!("{probe}{}retries = 0", if probe.is_empty() { "" } else { ", " })).await;
        assert_eq!(measured.verdict(), expected, "{answers:?} where {probe:?}");
    }
}

#[tokio::test]
async fn what_is_meant_for_the_endpoint_goes_nowhere_else() {
    let other = Server::start(&[answer("200 OK", "", "")]).await;
    let asker = Asker::with_secrets(&[("TOKEN", "t0ken"), ("PIN", "1234")]);
    let ask = async |status: &str, location: &str, probe: &str| {
        let answers = [answer(status, &format!("location: {location}\r\n"), ""), answer("200 OK", "", "")];
        let server = Server::start(&answers).await;
        let measured = asker.measure(&entry("HTTP", &server.url(), &format!("retries = 0, {probe}"))).await;
        (measured, server.requests())
    };
    let headers = "headers = { Authorization = \"Bearer ${TOKEN}\", X-Plain = \"text\" }";
    let (measured, requests) = ask("302 Found", "/b", headers).await;
    assert_eq!(measured.verdict(), ok());
    for request in requests {
        assert!(request.contains("authorization: Bearer t0ken\r\nx-plain: text\r\n"), "{request}");
    }
    let (measured, _) = ask("302 Found", &other.url(), headers).await;
    assert_eq!(measured.verdict(), ok());
    let [request] = <[String; 1]>::try_from(other.requests()).unwrap();
    assert!(!request.contains("t0ken") && !request.contains("x-plain"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", other.address)), "{request}");

    let post = "method = \"POST\", body = \"pin=${PIN}\"";
    for (status, then) in [("302 Found", "GET /b "), ("303 See Other", "GET /b "), ("307 Temporary", "POST /b ")] {
        let (measured, requests) = ask(status, "/b", post).await;
        assert_eq!(measured.verdict(), ok(), "{status}");
        assert!(requests[0].starts_with("POST /health ") && requests[0].ends_with("\r\n\r\npin=1234"), "{requests:?}");
        assert!(requests[1].starts_with(then), "{requests:?}");
        assert_eq!(requests[1].ends_with("pin=1234"), then.starts_with("POST"), "{requests:?}");
    }
    let (measured, _) = ask("307 Temporary", &other.url(), post).await;
    assert_eq!(measured.verdict(), outage("redirect"));
    assert_eq!(other.requests().len(), 1);
}

#[tokio::test]
async fn the_body_is_as_it_should_be() {
    let mebibyte = "x".repeat(1024 * 1024);
    for (body, probe, expected) in [
        ("all is well", "contains = \"is well\"", ok()),
        ("all is well", "contains = \"is bad\"", outage("body")),
        (r#"{"up": true}"#, "jq = \".up\"", ok()),
        (r#"{"up": false}"#, "jq = \".up\"", outage("body")),
        (r#"{"up": true}"#, "jq = \".up\", contains = \"down\"", outage("body")),
        ("<html>", "jq = \".up\"", outage("body")),
        (&format!("{mebibyte}end"), "", ok()),
        (&format!("begin{mebibyte}"), "contains = \"begin\"", ok()),
        (&format!("{mebibyte}end"), "contains = \"end\"", outage("body")),
        (&format!("{}ready{mebibyte}", &mebibyte[..900 * 1024]), "contains = \"ready\"", ok()),
        (&format!("[true,\"{mebibyte}\"]"), "jq = \".[0]\"", outage("body")),
    ] {
        let (_, measured) = measure(&[answer("200 OK", "", body)], probe).await;
        assert_eq!(measured.verdict(), expected, "{body:.20} where {probe:?}");
    }
}

#[tokio::test]
async fn a_filter_that_takes_too_long_is_given_up() {
    let slow = "jq = \"last(range(4e7)) > 0\", timeout = \"1s\", retries = 0";
    let (_, measured) = measure(&[answer("200 OK", "", "null")], slow).await;
    assert_eq!(measured.verdict(), outage("body"));
}

#[tokio::test]
async fn silence_and_what_is_no_answer_are_outages() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    for (answer, timeout, expected) in [
        ("", "2s", outage("timeout")),
        (cut, "30s", outage("connection")),
        ("SSH-2.0-x\r\n", "30s", outage("connection")),
    ] {
        let (server, measured) = measure(&[answer], &format!("timeout = \"{timeout}\", retries = 1")).await;
        assert_eq!(measured.verdict(), expected, "{answer:?}");
        assert_eq!((measured.check.sent, measured.check.lost, server.requests().len()), (1, 1, 2));
    }
    let (_, measured) = measure(&[""], "timeout = \"50ms\", retries = 0").await;
    assert_eq!((measured.check.latency, measured.http_status), (None, None));
}

#[tokio::test]
async fn what_a_retry_makes_good_is_no_failure() {
    let bad = answer("503 Service Unavailable", "", "");
    let answers = [bad.clone(), bad.clone(), answer("200 OK", "", ""), bad];
    let (server, measured) = measure(&answers, "").await;
    assert_eq!(measured.verdict(), ok());
    assert_eq!((measured.check.sent, measured.check.lost, server.requests().len()), (1, 0, 3));
    let (server, measured) = measure(&answers, "retries = 1").await;
    assert_eq!((measured.verdict(), server.requests().len()), (outage("http_status"), 2));
    assert!(measured.check.latency.is_some(), "it was answered, though not well");
}

#[tokio::test]
async fn a_slow_answer_is_degraded() {
    let (_, measured) =
        measure(&[answer("200 OK", "", "")], "degraded = { latency = \"1ms\" }, timeout = \"30s\"").await;
    let is_slow = measured.check.latency.unwrap().as_millis() >= 1;
    assert_eq!(measured.verdict(), if is_slow { degraded("latency") } else { ok() });
}

#[tokio::test]
async fn a_secret_that_is_missing_is_no_outage_and_nothing_is_sent() {
    let server = Server::start(&[answer("200 OK", "", "")]).await;
    let targets = targets(&entry("HTTP", &server.url(), "headers = { Authorization = \"Bearer ${TOKEN}\" }"));
    let entry = targets.entries().next().unwrap();
    let configured = targets.get("it").unwrap();
    assert!(entry.spec.missing_secret(&unistatus_core::secrets::Secrets::default()).is_some());
    let error = Asker::new().collect(&*configured.target).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NotConfigured);
    assert!(error.to_string().contains("neither TOKEN nor TOKEN_FILE is set"), "{error}");
    let error = Asker::with_secrets(&[("TOKEN", "a\nb")]).collect(&*configured.target).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NotConfigured);
    assert!(error.to_string().contains("the header authorization cannot be sent"), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn nobody_there_is_an_outage() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let asker = Asker::new();
    for (endpoint, expected) in [
        (format!("http://{free}/"), outage("refused")),
        ("http://nowhere.invalid/".to_owned(), outage("dns")),
        (format!("https://{free}/"), outage("refused")),
    ] {
        let measured = asker.measure(&entry("HTTP", &endpoint, "")).await;
        assert_eq!(measured.verdict(), expected, "{endpoint}");
        assert_eq!((measured.check.sent, measured.check.lost, measured.check.latency), (1, 1, None));
    }
}

#[tokio::test]
async fn whoever_sets_a_probe_up_is_told_of_each_attempt() {
    let server = Server::start(&[answer("500 No", "", ""), answer("200 OK", "", "")]).await;
    let targets = targets(&entry("HTTP", &server.url(), ""));
    let explanation = Asker::new().examine(&*targets.get("it").unwrap().target).await;
    let [first, second] = &explanation.lines[..] else { panic!("{explanation:?}") };
    assert_eq!(first.piece, "attempt 1");
    assert!(first.outcome.starts_with("http_status: it answered 500"), "{first:?}");
    assert_eq!(second.outcome, "answered");
    let found: Vec<_> = second.found.iter().map(|found| found.by.as_str()).collect();
    assert_eq!(found, ["address", "HTTP status", "latency"]);
    assert_eq!(explanation.report.unwrap().services.len(), 1);
}
