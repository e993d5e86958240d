//! A password appears nowhere, whatever goes wrong.

use serde_json::json;
use unistatus_core::access::{NewKey, Scope, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::testkit::{Database, TestMongo};

use unistatus_simulator::rollbar::{Project, StandIn, Trouble, tokens};

use crate::api;
use crate::process::Program;

const SECRET: &str = "s3cr3t";

fn assert_secret_is_kept(said: &str) {
    assert!(!said.contains(SECRET), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_never_told_by_what_ends_it() {
    let url = |rest: &str| format!("mongodb://user:{SECRET}{rest}");
    for program in [
        // Addresses that cannot be read.
        api().env("DB_URL", &url("")),
        api().env("DB_URL", &url("@")),
        api().env("DB_URL", &url("%@host/db")),
        api().env("DB_URL", &url("/x@host:port/db")),
        api().env("DB_URL", &url("@host/db?w=-1")),
        api().env("DB_URL", &format!("postgres://user:{SECRET}@host/db")),
        api().env("DB_URL", SECRET),
        // Files that cannot be read.
        api().file(".env", &format!("DB_URL=\"{}\n", url("@host/db"))),
        api().file(".env", &format!("DB_PASSWORD={SECRET} {SECRET}\n")),
        api().file("unistatus.toml", &format!("db_url = \"{}\n", url("@host/db"))),
        api().file("unistatus.toml", &format!("db_url = [\"{}\"]\n", url("@host/db"))),
        // A user without a host, and other settings that are wrong.
        api().env("DB_HOST", "127.0.0.1").env("DB_PASSWORD", SECRET),
        api().env("DB_HOST", "127.0.0.1").env("DB_USER", "u").env("DB_PASSWORD", SECRET).env("DB_PORT", "x"),
        api().env("DB_PASSWORD_FILE", "secret").env("DB_PASSWORD", "x").file("secret", SECRET),
        api().env("DB_URL", &url("@host/db")).env("LOG_FORMAT", "x"),
        // What gives access, and cannot be used: too short, alone, or of another kind.
        api().env("ADMIN_NAME", "root").env("ADMIN_PASSWORD", SECRET),
        api().env("ADMIN_NAME", "").env("ADMIN_PASSWORD", SECRET),
        api().env("SECRET_KEY", SECRET),
        api().env("DEFAULT_RATE_LIMIT", "1").env("REDIS_URL", &format!("http://user:{SECRET}@host")),
        api().env("DEFAULT_RATE_LIMIT", "1").env("REDIS_URL", &format!("redis://user:{SECRET}@host:port")),
    ] {
        let ended = program.env("LOG_LEVEL", "debug").run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("api: ") || ended.stderr.contains("\napi: "), "{}", ended.stderr);
        assert_secret_is_kept(&ended.stderr);
        assert_secret_is_kept(&ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_never_logged_while_it_waits() {
    let url = format!("mongodb://user:{SECRET}@127.0.0.1:1/db");
    let parts = |program: Program| {
        program.env("DB_HOST", "127.0.0.1").env("DB_PORT", "1").env("DB_USER", "user").env("DB_PASSWORD", SECRET)
    };
    for program in
        [api().env("DB_URL", &url), api().args(["--db", &url]), parts(api()), parts(api().env("LOG_FORMAT", "json"))]
    {
        let mut process = program.env("LOG_LEVEL", "debug").start();
        let client = process.client().await;
        process.until_logged(|log| log.contains("waiting for the database").then_some(())).await;
        assert_secret_is_kept(&client.get("/api/status").await.body);
        process.signal("INT");
        let ended = process.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("127.0.0.1:1"), "it says what it waits for: {}", ended.stderr);
        assert_secret_is_kept(&ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_never_told_of_a_database_that_answers() {
    // A server that knows of no users lets nobody in who says a name.
    let Some(mongo) = TestMongo::shared() else { return };
    let database = Database::on(mongo);
    let url = database.address().replace("mongodb://", &format!("mongodb://user:{SECRET}@"));
    let ended = api().env("DB_URL", &url).env("LOG_LEVEL", "debug").run().await;
    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("does not let this user in"), "{}", ended.stderr);
    assert_secret_is_kept(&ended.stderr);

    // Nor of one that is served.
    let sqlite = Database::sqlite();
    let mut process = api().env("DB_URL", sqlite.address()).env("DB_PASSWORD", SECRET).env("DB_USER", "u").start();
    process.until_logged(|log| log.contains("serving").then_some(())).await;
    assert_secret_is_kept(&process.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_changed_is_never_logged() {
    let [old, new, wrong] = ["correct horse", "battery staple", "correct battery"];
    let database = Database::sqlite();
    let ann = User::create("ann", old, Scope::Read, Timestamp::from_secs(0).unwrap()).unwrap();
    assert!(database.open().await.add_user(&ann).await.unwrap());
    let program = api().env("DB_URL", database.address()).env("LOG_LEVEL", "debug").env("ACCESS_LOG", "all");
    let mut process = program.start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    let json_sent = ("Content-Type", "application/json");
    let login = json!({"name": "ann", "password": old}).to_string();
    let login = client.post("/api/login", &[json_sent], &login).await.json();
    let token = login["token"].as_str().unwrap();
    for (current, status) in [(wrong, 403), (old, 200)] {
        let bearer = ("Authorization", format!("Bearer {token}"));
        let body = json!({"current": current, "new": new}).to_string();
        let answer = client.send_body("PUT", "/api/password", &[(bearer.0, &bearer.1), json_sent], &body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    process.signal("TERM");
    let log = process.ended().await.stderr;
    for said in
        ["a password was not changed: the current one is wrong", "a user changed their password", "/api/password"]
    {
        assert!(log.contains(said), "{said} in {log}");
    }
    for secret in [old, new, wrong, token] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_rollbar_is_never_told() {
    let rollbar = StandIn::start(Project::of(3)).await.unwrap();
    let database = Database::sqlite();
    let key = NewKey::create("k", Scope::Admin, None, Timestamp::from_secs(0).unwrap()).unwrap();
    assert!(database.open().await.add_key(&key.key).await.unwrap());
    let program = api()
        .env("DB_URL", database.address())
        .env("LOG_LEVEL", "debug")
        .env("ACCESS_LOG", "all")
        .env("ROLLBAR_URL", &rollbar.url())
        .env("ROLLBAR_TOKEN_FILE", "token")
        .file("token", &format!("{}\n", tokens::ALL));
    let mut process = program.start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    let headers = [("X-API-KEY", key.secret.as_str()), ("Content-Type", "application/json")];
    let mut told = Vec::new();
    let refused = |status| Some(Trouble::Status { status, retry_after: Some(0) });
    for (trouble, status) in [
        (None, 200),
        (Some(Trouble::Telltale), 502),
        (refused(401), 502),
        (refused(429), 429),
        (refused(503), 502),
        (Some(Trouble::Close), 502),
        (Some(Trouble::LoginPage), 502),
    ] {
        match trouble {
            Some(trouble) => rollbar.trouble(trouble, None),
            None => rollbar.well(),
        }
        for path in ["/api/items", "/api/items/%232"] {
            let answer = client.send("GET", path, &headers).await;
            assert_eq!(answer.status, status, "{trouble:?}: {}", answer.body);
            told.push(format!("{answer:?}"));
        }
        let answer = client.send_body("PATCH", "/items/%232", &headers, r#"{"status":"muted"}"#).await;
        told.push(format!("{answer:?}"));
    }
    for path in ["/metrics", "/api/openapi.json", "/check"] {
        told.push(format!("{:?}", client.get(path).await));
    }
    process.signal("TERM");
    let log = process.ended().await.stderr;
    for said in ["Rollbar is asked again", "Rollbar does not answer as it should", "an item of Rollbar was changed"] {
        assert!(log.contains(said), "{said} in {log}");
    }
    for said in told.iter().chain([&log]) {
        assert!(!said.contains(tokens::ALL), "{said}");
    }
    assert!(told.iter().any(|said| said.contains("access token ****")), "Rollbar repeated it");

    for (name, value) in [("ROLLBAR_TOKEN", "s3cr3t s3cr3t"), ("ROLLBAR_TOKEN", SECRET)] {
        let ended = api().env(name, value).run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        assert!(ended.stderr.contains("ROLLBAR_TOKEN (environment): not accepted"), "{}", ended.stderr);
        assert_secret_is_kept(&ended.stderr);
    }
}
