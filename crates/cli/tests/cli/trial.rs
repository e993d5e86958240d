//! `unistatus targets test`: what a target yields, and why, line by line.

use std::net::TcpListener;

use insta::assert_snapshot;
use serde_json::Value;
use unistatus_simulator::{Condition, Fault, Options, Simulator, World};

use crate::process::{Ended, Program};
use crate::unistatus;

const JQ: &str = r#"[[target]]
name = "intranet"
type = "REST"
format = "jq"
endpoint = "http://127.0.0.1:9000/health.json"
words = { green = "OK", "planned work" = "maintenance" }
jq = '.checks[] | {name, status: .light, lastTimestamp: .at, dimensions: {region: .dc}}'
"#;

const HEALTH: &str = r#"{"checks": [
    {"name": "db", "light": "green", "at": "2026-01-02T03:04:05+01:00", "dc": "eu"},
    {"name": "web", "light": "Planned  work", "at": null, "dc": null},
    {"name": "mail", "light": "puce", "at": 1767323045, "dc": "us"}]}"#;

const SELECTORS: &str = r#"[[target]]
name = "factory"
type = "HTML"
format = "selectors"
endpoint = "http://127.0.0.1:9000/status"
exclude = ["Test *"]
words = { Running = "OK", Stopped = "Outage" }

[target.selectors]
marker = "table.machines"
row = "table.machines tbody tr"
name = "td.machine"
status = "td.state"
region = "@data-hall"
updated = "time @datetime"
"#;

const MACHINES: &str = r#"<!DOCTYPE html><title>Factory</title><table class="machines"><tbody>
    <tr data-hall="A"><td class="machine">Press</td><td class="state">Running</td><td><time datetime="1767323045">then</time></td></tr>
    <tr data-hall="B"><td class="machine">Mill</td><td class="state">stopped</td></tr>
    <tr><td class="machine">Lathe</td><td class="state"></td></tr>
    <tr><td class="machine">Test Bench</td><td class="state">Humming</td></tr></tbody></table>"#;

const RULES: &str = r#"[[target]]
name = "courier"
type = "RSS"
format = "rules"
endpoint = "http://127.0.0.1:9000/notices.rss"
words = { delayed = "Degraded", "back to normal" = "OK" }

[target.rules]
expect_title = ': notices$'
service = { from = "title", pattern = '^\[[^\]]+\] (?<service>.+): ' }
region = { from = "title", pattern = '^\[(?<region>[^\]]+)\]' }
group_by = { from = "title", pattern = '^(?<group>.+): ' }
closed = [{ from = "body", pattern = 'All is well' }]
state = [{ from = "title", pattern = ': (?<word>[^:]+)$' }]
"#;

const NOTICES: &str = r"<rss><channel><title>Courier: notices</title>
    <item><title>[cgn] Tracking: delayed</title><guid>5</guid><pubDate>Tue, 4 Aug 2026 12:00:00 GMT</pubDate></item>
    <item><title>[cgn] Pick-up: stuck</title><guid>4</guid><pubDate>Tue, 4 Aug 2026 11:00:00 GMT</pubDate></item>
    <item><title>[cgn] Tracking: back to normal</title><guid>3</guid><pubDate>Tue, 4 Aug 2026 10:00:00 GMT</pubDate></item>
    <item><title>[ams] Pick-up: delayed</title><guid>2</guid><description>All is well.</description></item>
    <item><title>Our new lorries</title><guid>1</guid></item></channel></rss>";

/// Tries a targets file on a recorded answer.
fn from(targets: &str, recorded: &str) -> Program {
    let arguments = ["targets", "test", "targets.toml", "--from", "recorded"];
    unistatus(arguments).file("targets.toml", targets).file("recorded", recorded)
}

fn fine(ended: &Ended) -> &str {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    &ended.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn own_mappings_are_explained_line_by_line() {
    assert_snapshot!("jq", fine(&from(JQ, HEALTH).run().await));
    assert_snapshot!("selectors", fine(&from(SELECTORS, MACHINES).run().await));
    assert_snapshot!("rules", fine(&from(RULES, NOTICES).run().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_built_in_format_shows_its_words_and_what_is_open() {
    let summary = r#"{"page": {"id": "p", "name": "Acme", "updated_at": "2026-08-04T12:00:00Z"},
        "status": {"indicator": "minor", "description": "Partly"},
        "components": [{"id": "a", "name": "API", "status": "operational"},
                       {"id": "b", "name": "Web", "status": "partial_outage"},
                       {"id": "c", "name": "Mail", "status": "napping"}],
        "incidents": [{"id": "i", "name": "Slow pages", "status": "identified", "impact": "minor",
                       "created_at": "2026-08-04T11:00:00Z", "components": [{"id": "b"}], "incident_updates": []}]}"#;
    let target = "[[target]]\nname = \"acme\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";
    assert_snapshot!("statuspage", fine(&from(target, summary).run().await));

    let json = from(target, summary).args(["--json"]).run().await;
    let tried: Value = serde_json::from_str(fine(&json)).unwrap();
    let acme = &tried[0];
    assert_eq!((&acme["target"], &acme["error"]), (&"acme".into(), &Value::Null));
    assert_eq!(acme["services"][3]["status"], "Unknown");
    assert_eq!(acme["words"][3], serde_json::json!({"word": "napping", "meaning": null, "count": 1}));
    assert_eq!(acme["incidents"][0]["title"], "Slow pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_fails_names_the_expression_the_input_and_what_was_expected() {
    let login = "<!DOCTYPE html><title>Sign in</title>";
    for (targets, recorded, told) in [
        (
            JQ,
            r#"{"checks": [{"name": "db", "light": "green"}, {"light": "green"}]}"#,
            "intranet: jq: name is null in output 2 of `.checks[] | {name, status: .light, lastTimestamp: .at, dimensions: \
             {region: .dc}}`, which is {\"dimensions\":{\"region\":null},\"lastTimestamp\":null,\"name\":null,\
             \"status\":\"green\"}; expected the service's name as text",
        ),
        (
            SELECTORS,
            login,
            "factory: the page \"Sign in\", where a page was expected that selectors.marker \"table.machines\" matches",
        ),
        (
            RULES,
            "<rss><channel><title>Courier: notices</title><item><title>Hello</title></item></channel></rss>",
            "courier: rules.service: `^\\[[^\\]]+\\] (?<service>.+): ` matches the title of none of the feed's 1 entries, such as \
             \"Hello\"; expected a match in at least one of them",
        ),
    ] {
        let ended = from(targets, recorded).run().await;
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.starts_with(&format!("unistatus: {told}")), "{}", ended.stderr);
        assert!(ended.stdout.contains("\n\nNothing is known of it: "), "{}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_target_of_a_file_is_asked_once() {
    let simulator = Simulator::start(World::demo(1).only(&["github", "npm", "intranet"]).quiet(), Options::manual());
    let simulator = simulator.await.unwrap();
    simulator.set("github", "Runners", Condition::MajorOutage).unwrap();
    let test = || unistatus(["targets", "test", "own.toml"]).file("own.toml", &simulator.targets_toml());
    let ended = test().run().await;
    let said = fine(&ended);
    let places: Vec<_> = ["github: REST statuspage at ", "intranet: REST jq at ", "npm: REST statuspage at "]
        .iter()
        .map(|heading| said.find(heading).unwrap_or_else(|| panic!("{heading} in {said}")))
        .collect();
    assert!(places.is_sorted(), "{said}");
    assert!(
        said.contains("\n  1× \"major_outage\" means Outage\n") && said.contains("\noutput 1\n    jq: {"),
        "{said}"
    );
    for vendor in ["github", "npm", "intranet"] {
        assert_eq!(simulator.count(vendor).unwrap(), 1, "{vendor}");
    }

    // What cannot be read weighs more than what cannot be reached.
    simulator.set_fault("npm", Fault::Status(500)).unwrap();
    let ended = test().run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.stderr, "unistatus: npm: the source answered 500 Internal Server Error\n");
    simulator.set_fault("github", Fault::LoginPage).unwrap();
    let ended = test().args(["--json"]).run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let tried: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(tried[0]["error"].as_str().unwrap().contains("HTML"), "{tried}");
    assert_eq!(tried[1]["error"], Value::Null);
    assert_eq!(tried[2]["services"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_an_own_target_first_then_one_of_the_catalog() {
    let own = JQ.replace("name = \"intranet\"", "name = \"github\"\naliases = [\"hub\"]");
    for name in ["github", "hub"] {
        let program = unistatus(["targets", "test", name, "--targets", "own.toml", "--from", "recorded"]);
        let ended = program.file("own.toml", &own).file("recorded", HEALTH).run().await;
        assert!(fine(&ended).starts_with("github: REST jq at "), "{}", ended.stdout);
    }
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let ended = unistatus(["targets", "test", "github", "--from", "page"]).file("page", page).run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("github: REST statuspage at https://www.githubstatus.com/"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tried_is_told() {
    let two = JQ.to_owned() + SELECTORS;
    for (arguments, code, told) in [
        (&["githup"][..], 2, "no target is called \"githup\"; near it: github"),
        (&["GITHUP"], 2, "no target is called \"GITHUP\"; near it: github"),
        (&["none.toml"], 2, "there is no file none.toml"),
        (&["two.toml", "--from", "recorded"], 2, "two.toml has 2 targets, and --from is the answer of one; expected"),
        (&["one.toml", "--from", "none"], 2, "none cannot be read: No such file"),
        (&["empty.toml"], 2, "empty.toml names no target"),
        (&["broken.toml"], 78, "broken.toml:2: name: invalid type"),
    ] {
        let program = unistatus(["targets", "test"].into_iter().chain(arguments.iter().copied()));
        let program = program.file("two.toml", &two).file("one.toml", JQ).file("empty.toml", "");
        let ended = program.file("broken.toml", "[[target]]\nname = 5\n").run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("unistatus: ") && ended.stderr.contains(told), "{}", ended.stderr);
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = JQ.replace("127.0.0.1:9000", &closed.to_string());
    let ended = unistatus(["targets", "test", "own.toml"]).file("own.toml", &own).run().await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("unistatus: intranet: no connection"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_shows_what_each_attempt_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (open, closed) =
        (listener.local_addr().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let probe = |name: &str, endpoint: &std::net::SocketAddr| {
        let keys = "probe = { retries = 1, pause = \"1ms\" }";
        format!("[[target]]\nname = \"{name}\"\ntype = \"TCP\"\nendpoint = \"{endpoint}\"\n{keys}\n")
    };
    let own = probe("down", &closed) + &probe("up", &open);
    let test = || unistatus(["targets", "test", "own.toml"]).file("own.toml", &own);
    let ended = test().run().await;
    let said = fine(&ended);
    for told in [
        format!("down: TCP at {closed}\n\nattempt 1\n    => refused: {closed}: Connection refused"),
        "\nattempt 2\n    => refused: ".to_owned(),
        "reason=refused".to_owned(),
        format!("up: TCP at {open}\n\nattempt 1\n    address: 127.0.0.1\n    latency: "),
        "    => answered\n".to_owned(),
    ] {
        assert!(said.contains(&told), "{told:?} in {said}");
    }
    let json = test().args(["--json"]).run().await;
    let tried: Value = serde_json::from_str(fine(&json)).unwrap();
    assert_eq!((&tried[0]["services"][0]["status"], tried[0].get("format")), (&"Outage".into(), None));
    assert_eq!(
        (&tried[1]["services"][0]["status"], &tried[1]["lines"][0]["outcome"]),
        (&"OK".into(), &"answered".into())
    );

    // A probe reads nothing, and verifying is trying.
    let up = unistatus(["targets", "test", "own.toml", "--from", "recorded"]);
    let ended = up.file("own.toml", &probe("up", &open)).file("recorded", "{}").run().await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("up: a TCP target measures, and reads no document"), "{}", ended.stderr);
    let ended =
        unistatus(["targets", "verify", "up", "down", "--targets", "own.toml"]).file("own.toml", &own).run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("unreachable") && ended.stdout.contains("1 of 2 targets are fine."),
        "{}",
        ended.stdout
    );
}
