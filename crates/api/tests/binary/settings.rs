//! Settings as the process finds them, and what it says of them.

use std::net::TcpListener;

use crate::api;
use crate::process::{Ended, Program, names_in};

/// The program with no arguments and nothing else told.
fn bare() -> Program {
    Program::new(env!("CARGO_BIN_EXE_api"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let ended = bare().args(["--port", &address.port().to_string()]).run().await;
    assert_eq!(ended.code, Some(78));
    assert_eq!(ended.stderr, format!("api: cannot listen on {address}: the port is taken by another process\n"));
    assert_eq!(ended.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_port_is_named_with_its_layer() {
    let fault =
        |layer: &str| format!("api: APP_PORT ({layer}): \"http\" is not accepted; expected a port from 0 to 65535\n");
    for (program, layer) in [
        (bare().args(["--port", "http"]), "flag"),
        (bare().env("APP_PORT", "http"), "environment"),
        (bare().file(".env", "APP_PORT=http\n"), ".env"),
        (bare().file("unistatus.toml", "app_port = \"http\"\n"), "unistatus.toml"),
        (bare().file("port", "http\n").env("APP_PORT_FILE", "port"), "environment"),
    ] {
        let Ended { code, stdout, stderr, .. } = program.run().await;
        assert_eq!((code, stderr.as_str(), stdout.as_str()), (Some(78), fault(layer).as_str(), ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_are_told_at_once() {
    let ended = bare().env("APP_PORT", "-1").env("LOG_LEVEL", "loud").file(".env", "LOG_FORMAT=xml\n").run().await;
    assert_eq!(ended.code, Some(78));
    assert_eq!(
        ended.stderr,
        "api: APP_PORT (environment): \"-1\" is not accepted; expected a port from 0 to 65535\n\
         api: LOG_LEVEL (environment): \"loud\" is not accepted; expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL\n\
         api: LOG_FORMAT (.env): \"xml\" is not accepted; expected text or json\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_wins_over_the_environment_over_dotenv_over_the_file() {
    // Which layer won shows in the file that is made for the database; each weaker layer names another one.
    for (strongest, wanted) in ["flag", "environment", "dotenv", "file", "unistatus"].into_iter().enumerate() {
        let mut program = api();
        for layer in strongest..4 {
            program = match layer {
                0 => program.args(["--db", "sqlite:flag.db"]),
                1 => program.env("DB_URL", "sqlite:environment.db"),
                2 => program.file(".env", "DB_URL=sqlite:dotenv.db\n"),
                _ => program.file("unistatus.toml", "db_url = \"sqlite:file.db\"\n"),
            };
        }
        let mut process = program.start();
        let client = process.client().await;
        client.until("/readyz", |answer| answer.status == 200).await;
        let made = names_in(process.folder());
        let made: Vec<_> = made.iter().filter_map(|name| name.strip_suffix(".db")).collect();
        assert_eq!(made, [wanted]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_value_leaves_it_to_the_weaker_layer() {
    let program = bare().env("APP_PORT", "").file(".env", "APP_PORT=\n").file("unistatus.toml", "app_port = 0\n");
    assert_ne!(program.start().client().await.address.port(), 8080);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_another_exit_code() {
    for arguments in [&["--bad"][..], &["extra"], &["--port"]] {
        let ended = bare().args(arguments.iter().copied()).run().await;
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    }
    let help = bare().args(["--help"]).run().await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert!(help.stdout.contains("--port <PORT>"), "{}", help.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_an_object_a_line_if_wanted() {
    let mut process = api().env("LOG_FORMAT", "json").env("LOG_LEVEL", "debug").start();
    process.until_logged(|log| log.contains("serving").then_some(())).await;
    process.signal("TERM");
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0));
    let lines = ended.stderr.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let messages: Vec<_> = lines
        .map(|line| {
            for key in ["timestamp", "level", "module"] {
                assert!(line[key].is_string(), "{key} in {line}");
            }
            line["message"].as_str().unwrap().to_owned()
        })
        .collect();
    for message in ["listening", "serving", "ended in good order"] {
        assert!(messages.iter().any(|found| found == message), "{message} in {messages:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_says_what_it_runs_with_and_no_secret() {
    const SECRET: &str = "s3cr3t0123456789s3cr3t0123456789";
    for format in ["text", "json"] {
        let program = api()
            .env("LOG_FORMAT", format)
            .env("LOG_LEVEL", "debug")
            .env("SECRET_KEY_FILE", "key")
            .env("PUBLIC_URL", &format!("https://u:{SECRET}@h"))
            .file("key", SECRET)
            .file(".env", &format!("ADMIN_NAME=root\nADMIN_PASSWORD={SECRET}\n"));
        let mut process = program.start();
        process.until_logged(|log| log.contains("serving").then_some(())).await;
        process.signal("TERM");
        let log = process.ended().await.stderr;
        let lines: Vec<_> = log.lines().filter(|line| line.contains("starting")).collect();
        let settings = format!(
            "\"ADMIN_NAME=root (.env), ADMIN_PASSWORD=*** (.env), APP_PORT=0 (flag), LOG_FORMAT={format} \
             (environment), LOG_LEVEL=DEBUG (environment), PUBLIC_URL=https://***@h (environment), SECRET_KEY=*** \
             (environment, file key)\""
        );
        assert!(lines.len() == 1 && lines[0].contains(&settings), "{log}");
        assert!(lines[0].contains(env!("CARGO_PKG_VERSION")) && !log.contains(SECRET), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_it_is_an_object_too_if_wanted_whatever_the_level() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (program, told) in [
        (bare().args(["--port", &port]).env("LOG_LEVEL", "critical"), "the port is taken by another process"),
        (bare().env("LOG_LEVEL", "loud"), "LOG_LEVEL (environment): \"loud\" is not accepted"),
        (
            bare().args(["--port", "0"]).env("DB_URL", "postgres://h/x").env("LOG_LEVEL", "ERROR"),
            "accepted are sqlite:",
        ),
    ] {
        let ended = program.file("unistatus.toml", "log_format = \"json\"\n").run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        let line: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!((line["level"].as_str(), line["program"].as_str()), (Some("CRITICAL"), Some("api")), "{line}");
        assert!(line["message"].as_str().unwrap().contains(told) && line["timestamp"].is_string(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_logs_have_no_colours() {
    let mut process = api().env("TERM", "xterm").start();
    process.until_logged(|log| log.contains("serving").then_some(())).await;
    assert!(!process.stderr().contains('\u{1b}'), "{}", process.stderr());
}
