//! What a process costs that nobody traces. Alone in its file: who takes which spans is kept for a whole process.

use unistatus_core::telemetry::{LogFormat, LogLevel, Traces, init};

#[test]
fn without_a_receiver_no_span_is_made_whatever_is_logged() {
    init(LogLevel::Debug, LogFormat::Text, &Traces::to(None, "unistatus-test").unwrap());
    assert!(tracing::info_span!(target: "unistatus_test", "ours").is_disabled());
    assert!(tracing::event_enabled!(target: "unistatus_test", tracing::Level::DEBUG));
}
