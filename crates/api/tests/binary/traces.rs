//! Traces go where the settings say, and nowhere else.

use unistatus_core::telemetry::testkit::Receiver;

use crate::api;
use crate::process::Process;

/// Milliseconds between batches: what is waited for is not that of the end.
const OFTEN: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "100");

async fn end(process: Process) -> String {
    process.signal("TERM");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_as_part_of_its_clients_trace() {
    let receiver = Receiver::start();
    let mut process = api().env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env(OFTEN.0, OFTEN.1).start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    client.send("GET", "/api/status/nobody", &[("traceparent", traceparent), ("X-Request-Id", "mine-1")]).await;
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
        receiver.until_it_has(text);
    }
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    let parent = 0xb7ad_6b71_6920_3331_u64.to_be_bytes();
    assert!(receiver.has(trace) && receiver.has(parent));
    end(process).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_the_service_wins() {
    let receiver = Receiver::start();
    let mut process =
        api().env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("OTEL_SERVICE_NAME", "status-of-us").start();
    process.client().await.get("/healthz").await;
    // What was not sent yet is sent at the end.
    end(process).await;
    assert!(receiver.has("status-of-us") && !receiver.has("unistatus-api"));
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
