//! Each ask is a span, where traces are taken.

use unistatus_core::store::testkit::Database;
use unistatus_core::telemetry::testkit::Receiver;
use unistatus_simulator::Fault;

use crate::support::{Program, in_time, only, start, targets};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ask_tells_its_target_and_its_outcome() {
    let receiver = Receiver::start();
    let simulator = start(only(&["github", "npm"])).await;
    simulator.set_fault("npm", Fault::Status(500)).unwrap();
    let database = Database::sqlite();
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let file = targets(&simulator, &["github", "npm"]);
    let program = Program::collect_with(database.address(), &file, &environment);
    // A second ask is made after the first has ended.
    in_time("it asks", simulator.wait_for_requests("github", 2)).await.unwrap();
    in_time("it asks", simulator.wait_for_requests("npm", 2)).await.unwrap();
    let texts = ["POST /v1/traces", "unistatus-collector", "ask github", "ask npm", "outcome", "failed", "http_status"];
    for text in texts.into_iter().chain(["commit"]) {
        receiver.until_it_has(text);
    }
    program.end("TERM").await;
}
