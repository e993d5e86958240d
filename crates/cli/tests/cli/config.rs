//! `unistatus config`: what the settings come to, and whether a start would take them. And what a start says of them.

use std::collections::HashMap;
use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::process::{Ended, Program};
use crate::unistatus;

const SECRET: &str = "s3cr3t0123456789";

fn shown<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Program {
    unistatus(["config", "show"]).args(arguments)
}

fn fine(ended: &Ended) -> &str {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let made = ended.left_behind();
    assert!(!made.iter().any(|name| name.contains("unistatus.db")), "no database is opened: {made:?}");
    &ended.stdout
}

/// The settings by their names.
async fn explained(program: Program) -> HashMap<String, Value> {
    let ended = program.args(["--json"]).run().await;
    let all: Vec<Value> = serde_json::from_str(fine(&ended)).unwrap();
    all.into_iter().map(|setting| (setting["name"].as_str().unwrap().to_owned(), setting)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_settings_are_shown_as_a_table() {
    let program = shown(["--port", "9000", "--log-level", "debug"])
        .env("DB_HOST", "db.example")
        .env("DB_USER", "unistatus")
        .env("DB_PASSWORD_FILE", "password")
        .file("password", SECRET)
        .file(".env", "REDIS_URL=redis://:s3cr3t@redis:6379/0\nADMIN_NAME=root\nADMIN_PASSWORD=s3cr3t0123456789\n")
        .file("unistatus.toml", "catalog = \"GitHub, cloud\"\ncontact = \"\"\ndefault_rate_limit = 600\n");
    assert_snapshot!(fine(&program.run().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_wins_over_the_environment_over_dotenv_over_the_file_over_the_default() {
    const SOURCES: [&str; 5] = ["flag", "environment", ".env", "unistatus.toml", "default"];
    // The flag, and what each layer says, strongest first.
    let settings = [
        ("APP_HOST", "--host", ["0.0.0.0", "1.1.1.1", "2.2.2.2", "3.3.3.3", "127.0.0.1"]),
        ("APP_PORT", "--port", ["1", "2", "3", "4", "8080"]),
        ("DB_URL", "--db", ["sqlite:1", "sqlite:2", "sqlite:3", "sqlite:4", "sqlite:unistatus.db"]),
        ("CATALOG", "--catalog", ["none", "all", "aws", "gcp", "recommended"]),
        ("LOG_LEVEL", "--log-level", ["DEBUG", "WARNING", "ERROR", "CRITICAL", "INFO"]),
        ("LOG_FORMAT", "--log-format", ["json", "text", "json", "json", "text"]),
        ("TARGETS_FILE", "--targets", ["1.toml", "2.toml", "3.toml", "4.toml", ""]),
        ("UNISTATUS_URL", "--url", ["http://a", "http://b", "http://c", "http://d", ""]),
        ("CONTACT", "", ["", "b@example", "c@example", "d@example", ""]),
    ];
    for strongest in 0..SOURCES.len() {
        let (mut program, mut dotenv, mut file) = (shown([]), String::new(), String::new());
        for (name, flag, values) in &settings {
            if strongest == 0 && !flag.is_empty() {
                program = program.args([*flag, values[0]]);
            }
            if strongest <= 1 {
                program = program.env(name, values[1]);
            }
            if strongest <= 2 {
                writeln!(dotenv, "{name}={}", values[2]).unwrap();
            }
            if strongest <= 3 {
                writeln!(file, "{} = \"{}\"", name.to_lowercase(), values[3]).unwrap();
            }
        }
        let explained = explained(program.file(".env", &dotenv).file("unistatus.toml", &file)).await;
        for (name, flag, values) in &settings {
            let layer = if flag.is_empty() { strongest.max(1) } else { strongest };
            let (value, source) = (Some(values[layer]).filter(|value| !value.is_empty()), SOURCES[layer]);
            assert_eq!(explained[*name], json!({"name": name, "value": value, "source": source}), "{source}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_from_a_file_is_shown_with_its_path() {
    let in_environment = shown([]).env("CONTACT_FILE", "contact").file("contact", "ops@example\n");
    let in_dotenv = shown([]).file(".env", "CONTACT_FILE=contact\n").file("contact", "ops@example\r\n");
    for (program, source) in [(in_environment, "environment"), (in_dotenv, ".env")] {
        let expected = json!({"name": "CONTACT", "value": "ops@example", "source": source, "file": "contact"});
        assert_eq!(explained(program).await["CONTACT"], expected);
    }
    let both = shown([]).env("CONTACT_FILE", "contact").env("CONTACT", "x").file("contact", "y").run().await;
    assert_eq!((both.code, both.stdout.as_str()), (Some(78), ""));
    let told = "unistatus: CONTACT and CONTACT_FILE (environment): both are set; expected one of them\n";
    assert_eq!(both.stderr, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_shown_whatever_layer_it_is_from() {
    let key = SECRET.repeat(2);
    let secrets = [
        ("ADMIN_PASSWORD", SECRET.to_owned()),
        ("DB_PASSWORD", SECRET.to_owned()),
        ("SECRET_KEY", key.clone()),
        ("UNISTATUS_API_KEY", SECRET.to_owned()),
        ("ROLLBAR_TOKEN", SECRET.to_owned()),
        ("DB_URL", format!("mongodb://u:{SECRET}@h/db")),
        ("REDIS_URL", format!("redis://:{SECRET}@h")),
        ("PUBLIC_URL", format!("https://u:{SECRET}@h")),
        ("ROLLBAR_URL", format!("https://{SECRET}@h/api/1")),
        ("UNISTATUS_URL", format!("https://u:{SECRET}@h")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://u:{SECRET}@h:4318")),
        ("CORS_ORIGINS", "https://h".to_owned()),
    ];
    let others = [("ADMIN_NAME", "root".to_owned()), ("DB_USER", "u".to_owned())];
    for layer in ["environment", ".env", "unistatus.toml", "file"] {
        for arguments in [&["show"][..], &["show", "--json"], &["check"]] {
            let mut program = unistatus(["config"]).args(arguments.iter().copied()).env("CATALOG", "none");
            let mut text = String::new();
            for (name, value) in secrets.iter().chain(&others) {
                match layer {
                    "environment" => program = program.env(name, value),
                    ".env" => writeln!(text, "{name}='{value}'").unwrap(),
                    "file" => program = program.env(&format!("{name}_FILE"), name).file(name, value),
                    _ => writeln!(text, "{} = '{value}'", name.to_lowercase()).unwrap(),
                }
            }
            let ended = if text.is_empty() { program } else { program.file(layer, &text) }.run().await;
            assert!(!fine(&ended).contains(SECRET), "{layer}: {}", ended.stdout);
            assert!(ended.stdout.contains("***@h"), "{}", ended.stdout);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_by_a_fault() {
    let good = "[[target]]\nname = \"own\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";
    for (name, value) in [
        ("SECRET_KEY", SECRET.to_owned()),
        ("ROLLBAR_TOKEN", format!("{SECRET} ")),
        ("ADMIN_PASSWORD", SECRET.to_owned()),
        ("DB_URL", SECRET.to_owned()),
        ("DB_URL", format!("mongodb://u:{SECRET}@")),
        ("PUBLIC_URL", format!("u:{SECRET}@h")),
        ("ROLLBAR_URL", SECRET.to_owned()),
        ("UNISTATUS_URL", format!("ftp://u:{SECRET}@h")),
        ("UNISTATUS_URL", format!("https://h?key={SECRET}")),
        ("CORS_ORIGINS", format!("https://u:{SECRET}@h/")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("u:{SECRET}@h:4318")),
        ("REDIS_URL", format!("http://u:{SECRET}@h")),
        ("TARGETS_FILE", "own.toml".to_owned()),
    ] {
        let own = format!("{good}auth = {{ bearer = \"{SECRET}\" }}\n");
        let program = unistatus(["config", "check"]).env("DEFAULT_RATE_LIMIT", "1").env(name, &value);
        let ended = program.file("own.toml", &own).run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""), "{name}");
        assert!(ended.stderr.starts_with("unistatus: "), "{}", ended.stderr);
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    }
    let url = format!("http://u:{SECRET}@127.0.0.1:1");
    let unreachable = unistatus(["check", "--url", &url]).run().await;
    assert_eq!(unreachable.code, Some(3), "{}", unreachable.stderr);
    assert!(!unreachable.stderr.contains(SECRET), "{}", unreachable.stderr);
}

/// Two targets of one's own, of which one needs what nobody set.
const OWN: &str = r#"
[[target]]
name     = "intranet"
type     = "REST"
format   = "statuspage"
endpoint = "http://127.0.0.1:1/"

[[target]]
name     = "board"
type     = "HTML"
format   = "statuspage"
endpoint = "https://${BOARD_HOST}/"
auth     = { bearer = "${BOARD_TOKEN}" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_used_is_summed_up_and_what_is_missing_is_named() {
    let check = || unistatus(["config", "check", "--catalog", "github,gcp"]).file("own.toml", OWN);
    let ended = check().file(".env", "TARGETS_FILE=own.toml\nBOARD_HOST=h\n").run().await;
    let told = "warning: target \"board\" is not asked: neither BOARD_TOKEN nor BOARD_TOKEN_FILE is set; expected the \
                value in the one, or the path of a file with it in the other\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), told));
    let summary = "OK\n\
                   targets   4: 2 of the catalog (CATALOG=gcp,github), 2 of own.toml\n\
                   database  sqlite:unistatus.db\n";
    assert_eq!(ended.stdout, summary);
    assert_eq!(ended.left_behind(), [".env", "own.toml"]);

    let whole = check().args(["--targets", "own.toml"]).env("BOARD_HOST", "h").env("BOARD_TOKEN", SECRET).run().await;
    assert_eq!(fine(&whole), summary);
    // Nothing listens there: nobody is asked.
    let away = unistatus(["config", "check", "--catalog", "none", "--db", "mongodb://u:p@127.0.0.1:1/x"]).run().await;
    let summary = "OK\ntargets   0: CATALOG=none, and none of your own\ndatabase  mongodb://***@127.0.0.1:1/x\n";
    assert_eq!(fine(&away), summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_at_once() {
    let broken = "[[target]]\nname = \"own\"\ntype = \"JSON\"\nendpoint = \"ftp://h/\"\n";
    let check = unistatus(["config", "check", "--port", "http", "--targets", "own.toml", "--db", "postgres://h/x"])
        .env("LOG_LEVEL", "loud")
        .env("SECRET_KEY_FILE", "nowhere")
        .env("DEFAULT_RATE_LIMIT", "1")
        .env("REDIS_URL", "http://h")
        .file("own.toml", broken)
        .file(".env", "CATALOG=githup\nCONTACT=two words\n")
        .file("unistatus.toml", "log_fromat = \"json\"\nread_access = \"all\"\n");
    let ended = check.run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""));
    assert!(ended.stderr.lines().all(|line| line.starts_with("unistatus: ")), "{}", ended.stderr);
    for told in [
        ".env:2: a line that cannot be read; expected NAME=value",
        "SECRET_KEY_FILE (environment): nowhere: ",
        "unistatus.toml: log_fromat is no setting; accepted are access_log, ",
        "APP_PORT (flag): \"http\" is not accepted; expected a port from 0 to 65535",
        "LOG_LEVEL (environment): \"loud\" is not accepted; expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        "READ_ACCESS (unistatus.toml): \"all\" is not accepted; expected open or key",
        "own.toml:3: target \"own\", type: \"JSON\" is not a type",
        "the database's address is none that is known; accepted are sqlite:PATH",
        "REDIS_URL is not accepted; expected redis://HOST:PORT/DATABASE",
    ] {
        assert_eq!(ended.stderr.matches(told).count(), 1, "{told} in {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("two words"), "{}", ended.stderr);
    let show = shown([]).env("LOG_LEVEL", "loud").env("APP_PORT", "x").run().await;
    assert_eq!((show.code, show.stderr.lines().count()), (Some(78), 2), "{}", show.stderr);
}

/// Two sources that are away: to read one of them fails, which is a warning; what is measured of the other is what is
/// known of it.
const AWAY: &str = r#"
[[target]]
name     = "intranet"
type     = "REST"
format   = "statuspage"
endpoint = "http://127.0.0.1:1/"

[[target]]
name     = "port"
type     = "TCP"
endpoint = "127.0.0.1:1"
probe    = { retries = 0 }
"#;

/// What `up` logs, line by line, from its start until it is told to end.
async fn logged(program: Program) -> Vec<Value> {
    let arguments = ["up", "1h", "--port", "0", "--catalog", "none", "--db", "sqlite:own.db"];
    let mut process = program
        .args(arguments)
        .args(["--targets", "own.toml"])
        .file("own.toml", AWAY)
        .env("LOG_FORMAT", "json")
        .start();
    process.until_printed(|said| said.ends_with("Ctrl-C ends it.\n").then_some(())).await;
    process.signal("TERM");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_lets_the_right_lines_through() {
    for (level, expected) in [
        ("debug", &["DEBUG", "INFO", "WARNING"][..]),
        ("Info", &["INFO", "WARNING"]),
        ("WARNING", &["WARNING"]),
        ("error", &[]),
        ("critical", &[]),
    ] {
        let lines = logged(unistatus([]).env("LOG_LEVEL", level)).await;
        let mut levels: Vec<_> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
        levels.sort_unstable();
        levels.dedup();
        assert_eq!(levels, expected, "{level}");
        for line in lines {
            for name in ["timestamp", "module", "message"] {
                assert!(line[name].is_string(), "{name} in {line}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_says_what_it_runs_with() {
    let program = unistatus([])
        .env("LOG_LEVEL", "debug")
        .env("SECRET_KEY_FILE", "key")
        .file("key", &SECRET.repeat(2))
        .file(".env", &format!("REDIS_URL=redis://:{SECRET}@127.0.0.1:1/0\n"));
    let lines = logged(program).await;
    let starting = lines.iter().find(|line| line["message"] == "starting").unwrap();
    assert_eq!((&starting["program"], &starting["level"]), (&json!("unistatus"), &json!("INFO")));
    assert_eq!(starting["version"], env!("CARGO_PKG_VERSION"));
    let settings = "APP_PORT=0 (flag), CATALOG=none (flag), DB_URL=sqlite:own.db (flag), LOG_FORMAT=json (environment), \
                    LOG_LEVEL=DEBUG (environment), REDIS_URL=redis://***@127.0.0.1:1/0 (.env), \
                    SECRET_KEY=*** (environment, file key), TARGETS_FILE=own.toml (flag)";
    assert_eq!(starting["settings"], settings);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_does_not_speak_of_what_it_does_not_use() {
    let program = unistatus(["up", "--demo", "--port", "0"]).env("DB_URL", "sqlite:own.db").env("CONTACT", "me");
    let mut process = program.start();
    let line = process
        .until_logged(|log| {
            log.lines().find(|line| line.contains("starting") && line.ends_with('"')).map(str::to_owned)
        })
        .await;
    assert!(line.contains("settings=\"APP_PORT=0 (flag), CONTACT=me (environment)\""), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_is_told_as_it_logs() {
    for program in [
        unistatus(["up", "--port", "http"]).file("unistatus.toml", "log_format = \"json\"\nread_access = \"all\"\n"),
        unistatus(["up", "--db", "postgres://h/x", "--port", "0"])
            .env("LOG_FORMAT", "json")
            .env("LOG_LEVEL", "critical"),
    ] {
        let ended = program.env("CATALOG", "none").run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        let lines: Vec<Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty());
        for line in lines {
            assert_eq!((&line["level"], &line["program"]), (&json!("CRITICAL"), &json!("unistatus")), "{line}");
            assert!(line["message"].as_str().unwrap().contains("accepted"), "{line}");
        }
    }
}
