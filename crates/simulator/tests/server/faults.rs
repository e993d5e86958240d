//! Every fault, as an asker meets it.

use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use unistatus_simulator::{Fault, Options, RetryAfter, Simulator, Unknown, World};

use super::client::{Answer, ask};

async fn start() -> (Simulator, String) {
    let world = World::demo(1).only(&["github", "gitlab", "aws"]).quiet();
    let simulator = Simulator::start(world, Options::manual()).await.unwrap();
    let url = simulator.vendor("github").unwrap().url;
    (simulator, url)
}

async fn github(fault: Fault) -> io::Result<Answer> {
    let (simulator, url) = start().await;
    simulator.set_fault("github", fault).unwrap();
    ask(&url, &[]).await
}

/// What github answers without a fault.
async fn usual() -> Vec<u8> {
    let (_simulator, url) = start().await;
    ask(&url, &[]).await.unwrap().body
}

#[tokio::test]
async fn delayed_and_dripped_answers_are_right_in_the_end() {
    assert_eq!(github(Fault::Delay(1)).await.unwrap().body, usual().await);
    let dripped = github(Fault::SlowDrip(0)).await.unwrap();
    assert_eq!(dripped.body, usual().await);
    assert_eq!(dripped.header("content-length"), None);
}

#[tokio::test]
async fn hanging_requests_stay_in_flight_until_the_vendor_stops() {
    let (simulator, url) = start().await;
    simulator.set_fault("github", Fault::Hang).unwrap();
    let askers: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { ask(&url, &[]).await })
        })
        .collect();
    simulator.wait_for_requests("github", 3).await.unwrap();
    assert_eq!(simulator.in_flight("github"), Ok(3));
    assert_eq!(simulator.max_in_flight("github"), Ok(3));
    assert!(askers.iter().all(|asker| !asker.is_finished()));
    simulator.stop().await;
    for asker in askers {
        assert!(asker.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let answer = github(Fault::TooManyRequests(RetryAfter::Seconds(30))).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")));

    let answer = github(Fault::Unavailable(RetryAfter::Date(3600))).await.unwrap();
    assert_eq!(answer.status, 503);
    let date = DateTime::parse_from_rfc2822(answer.header("retry-after").unwrap()).unwrap();
    assert!(date > Utc::now() + TimeDelta::minutes(30));
}

#[tokio::test]
async fn any_status_can_be_answered() {
    for code in [403, 404, 500, 502, 599] {
        assert_eq!(github(Fault::Status(code)).await.unwrap().status, code);
    }
    assert_eq!(github(Fault::Status(7)).await.unwrap().status, 500, "no status code");
}

#[tokio::test]
async fn connections_end_by_reset_or_without_an_answer() {
    assert_eq!(github(Fault::Reset).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(github(Fault::Close).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_truncated_gzip_is_complete_for_http_only() {
    let answer = github(Fault::TruncatedGzip).await.unwrap();
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert_eq!(answer.inflated().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn an_oversized_body_is_valid_for_who_reads_it_all() {
    let answer = github(Fault::Oversized(300_000)).await.unwrap();
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.body.len(), 300_000);
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok());
}

#[tokio::test]
async fn a_gzip_bomb_is_small_on_the_wire() {
    let answer = github(Fault::BOMB).await.unwrap();
    assert!(answer.body.len() < 256 * 1024, "{} bytes", answer.body.len());
    let inflated = answer.inflated().unwrap();
    assert!(inflated.len() > 16 << 20);
    assert!(serde_json::from_slice::<serde_json::Value>(&inflated).is_ok());
}

#[tokio::test]
async fn redirects_lead_in_a_circle_or_elsewhere() {
    let answer = github(Fault::RedirectLoop).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/api/v2/summary.json")));

    let (simulator, url) = start().await;
    simulator.set_fault("github", Fault::RedirectTo("gitlab".into())).unwrap();
    let gitlab = simulator.vendor("gitlab").unwrap().url;
    assert_eq!(ask(&url, &[]).await.unwrap().header("location"), Some(gitlab.as_str()));
    let nobody = simulator.set_fault("github", Fault::RedirectTo("nobody".into()));
    assert_eq!(nobody, Err(Unknown::Vendor { name: "nobody".into() }));
}

#[tokio::test]
async fn a_login_page_is_a_success_to_http() {
    let answer = github(Fault::LoginPage).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(answer.text().contains("type=\"password\""));
}

#[tokio::test]
async fn a_changed_shape_is_valid_but_nothing_that_is_known() {
    let (simulator, github) = start().await;
    for vendor in ["github", "gitlab", "aws"] {
        simulator.set_fault(vendor, Fault::ChangedShape).unwrap();
    }
    let json: serde_json::Value = serde_json::from_slice(&ask(&github, &[]).await.unwrap().body).unwrap();
    assert!(json.get("components").is_none());
    let html = ask(&simulator.vendor("gitlab").unwrap().url, &[]).await.unwrap();
    assert!(html.text().starts_with("<!DOCTYPE html>") && !html.text().contains("statusio"));
    let xml = ask(&simulator.vendor("aws").unwrap().url, &[]).await.unwrap();
    assert!(xml.text().starts_with("<?xml") && rss::Channel::read_from(xml.body.as_slice()).is_err());
}

#[tokio::test]
async fn bodies_can_be_empty_or_mislabelled() {
    let empty = github(Fault::EmptyBody).await.unwrap();
    assert_eq!((empty.status, empty.body.len()), (200, 0));

    let mislabelled = github(Fault::WrongCharset("utf-16".into())).await.unwrap();
    assert_eq!(mislabelled.header("content-type"), Some("application/json; charset=utf-16"));
    assert_eq!(mislabelled.body, usual().await);
}

#[tokio::test]
async fn faults_last_as_long_as_they_are_asked_to() {
    let (simulator, url) = start().await;
    let status = async || ask(&url, &[]).await.unwrap().status;
    simulator.set_fault_for("github", Fault::Status(500), 2).unwrap();
    assert_eq!([status().await, status().await, status().await], [500, 500, 200]);
    simulator.set_fault("github", Fault::Status(500)).unwrap();
    assert_eq!([status().await, status().await, status().await], [500, 500, 500]);
    simulator.clear_fault("github").unwrap();
    assert_eq!(status().await, 200);
    simulator.set_fault_for("github", Fault::Status(500), 0).unwrap();
    assert_eq!(status().await, 200);

    let faulty: Vec<_> = simulator.requests("github").unwrap().iter().map(|request| request.faulty).collect();
    assert_eq!(faulty, [true, true, false, true, true, true, false, false]);
}
