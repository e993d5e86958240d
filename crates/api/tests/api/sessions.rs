//! Logging in and out.

use std::time::Duration;

use serde_json::json;
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::config::ReadAccess;
use unistatus_core::schema::Status;
use unistatus_core::store::{Accounts, Replaced};

use crate::support::{Answer, Client, MemoryStore, NOW, Stream, TestApp, add_user, at, service, target};

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn app() -> TestApp {
    let store = MemoryStore::new([]);
    add_user(&store, "ann", Scope::Write).await;
    TestApp::ready(store).await
}

async fn log_in(client: &Client, name: &str, password: &str) -> Answer {
    client.post("/api/login", &[JSON], &json!({"name": name, "password": password}).to_string()).await
}

/// The cookie that a browser sends from now on.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_a_token_and_the_same_as_a_cookie() {
    let app = app().await;
    let answer = log_in(&app, "ann", "correct horse").await;
    let body = answer.json();
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!((&body["scope"], &body["expiresAt"]), (&"write".into(), &"2026-05-04T12:30:00.000Z".into()));
    let token = body["token"].as_str().unwrap();
    assert_eq!(
        answer.header("set-cookie").unwrap(),
        format!("unistatus_session={token}; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax")
    );
    let told = app.send("GET", "/api/session", &[("Authorization", &format!("Bearer {token}"))]).await.json();
    let wanted =
        json!({"name": "ann", "scope": "write", "kind": "user", "expiresAt": body["expiresAt"], "csrfToken": null});
    assert_eq!(told, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_while_they_log_in_has_no_session() {
    let app = app().await;
    app.store.remove_at_login("ann");
    let answer = log_in(&app, "ann", "correct horse").await;
    assert_eq!((answer.status, answer.header("set-cookie")), (401, None));
    assert_eq!(app.store.sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_secure_where_people_come_by_https() {
    let store = MemoryStore::new([]);
    add_user(&store, "ann", Scope::Write).await;
    let public = TestApp::with(store.clone(), |options| options.public_url = Some("https://us.test".to_owned())).await;
    assert!(log_in(&public, "ann", "correct horse").await.header("set-cookie").unwrap().ends_with("; Secure"));
    let behind = TestApp::with(store, |options| options.trusted_proxies = "127.0.0.1".parse().unwrap()).await;
    let body = r#"{"name":"ann","password":"correct horse"}"#;
    let forwarded = behind.post("/api/login", &[JSON, ("X-Forwarded-Proto", "https")], body).await;
    assert!(forwarded.header("set-cookie").unwrap().ends_with("; Secure"));
    assert!(log_in(&behind, "ann", "correct horse").await.header("set-cookie").unwrap().ends_with("; SameSite=Lax"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_counts_on_every_server() {
    let app = app().await;
    let other = TestApp::ready(app.store.clone()).await;
    let cookie = cookie(&log_in(&app, "ann", "correct horse").await);
    let session = async |client: &Client| client.send("GET", "/api/session", &[("Cookie", cookie.as_str())]).await;
    let csrf = session(&other).await.json()["csrfToken"].as_str().unwrap().to_owned();
    let refused = app.send_body("POST", "/api/logout", &[("Cookie", cookie.as_str())], "").await;
    assert_eq!(refused.status, 403);
    let headers = [("Cookie", cookie.as_str()), ("X-CSRF-Token", csrf.as_str())];
    let gone = other.send_body("POST", "/api/logout", &headers, "").await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    assert!(gone.header("set-cookie").unwrap().starts_with("unistatus_session=; Path=/; Max-Age=0;"));
    let after = session(&app).await;
    assert_eq!(after.status, 401);
    assert!(after.header("set-cookie").unwrap().contains("Max-Age=0"), "the browser forgets it, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_stays_logged_in_for_a_day_of_work() {
    let app = app().await;
    let mut cookie = cookie(&log_in(&app, "ann", "correct horse").await);
    for step in 1..=36 {
        app.clock.advance(Duration::from_mins(20));
        let answer = app.send("GET", "/api/session", &[("Cookie", &cookie)]).await;
        // The session ends after twelve hours.
        assert_eq!(answer.status, if step < 36 { 200 } else { 401 }, "{step}");
        if step < 35 {
            cookie = self::cookie(&answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_after_half_an_hour() {
    let app = app().await;
    let token = log_in(&app, "ann", "correct horse").await.json()["token"].as_str().unwrap().to_owned();
    let headers = [("Authorization", format!("Bearer {token}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    app.clock.advance(Duration::from_mins(29));
    let answer = app.send("GET", "/api/session", &headers).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.send("GET", "/api/session", &headers).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_and_a_wrong_password_are_told_apart_by_nobody() {
    let app = app().await;
    let answers = [log_in(&app, "ann", "wrong horse").await, log_in(&app, "nobody", "correct horse").await];
    for answer in &answers {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, r#"{"error":{"code":"Unauthorized","message":"The name or the password is wrong."}}"#);
        assert_eq!(answer.header("set-cookie"), None);
    }
    for body in [r#"{"name":"ann"}"#, "{", r#"["ann","correct horse"]"#] {
        assert_eq!(app.post("/api/login", &[JSON], body).await.status, 400, "{body}");
    }
    assert_eq!(app.post("/api/login", &[], r#"{"name":"ann","password":"correct horse"}"#).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_often_has_to_wait_and_then_may_try_again() {
    let app = app().await;
    for _ in 0..5 {
        assert_eq!(log_in(&app, "ann", "wrong horse").await.status, 401);
    }
    let wait = log_in(&app, "ann", "correct horse").await;
    assert_eq!((wait.status, wait.header("retry-after")), (429, Some("1")));
    assert_eq!(wait.json()["error"]["code"], "TooManyRequests");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(log_in(&app, "ann", "correct horse").await.status, 200);
    assert_eq!(log_in(&app, "ann", "wrong horse").await.status, 401, "it begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_is_out_at_once() {
    let app = app().await;
    let cookie = cookie(&log_in(&app, "ann", "correct horse").await);
    assert_eq!(app.send("GET", "/api/session", &[("Cookie", &cookie)]).await.status, 200);
    let ann = app.store.user("ann").await.unwrap().unwrap();
    assert_eq!(app.store.replace_user(&ann, None, at(NOW)).await.unwrap(), Replaced::Done);
    assert_eq!(app.send("GET", "/api/session", &[("Cookie", &cookie)]).await.status, 401);
    assert_eq!(app.send("GET", "/api/targets", &[("Cookie", &cookie)]).await.status, 200, "reading is open");
}

/// A server that lets nobody read unasked, with Ann who may write.
async fn closed() -> TestApp {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    for (name, scope) in [("ann", Scope::Write), ("ada", Scope::Admin)] {
        add_user(&store, name, scope).await;
    }
    let app = TestApp::with(store, |options| options.read_access = ReadAccess::Key).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app
}

async fn with_cookie(client: &Client, path: &str, cookie: &str) -> Answer {
    client.send("GET", path, &[("Cookie", cookie)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_what_it_was_opened_with() {
    let app = closed().await;
    let key = NewKey::create("wall", Scope::Read, None, at(NOW)).unwrap();
    let ends =
        NewKey::create("for a while", Scope::Read, Some(at(NOW).plus(Duration::from_hours(1))), at(NOW)).unwrap();
    for new in [&key, &ends] {
        assert!(app.store.add_key(&new.key).await.unwrap());
    }
    let login = log_in(&app, "ann", "correct horse").await;
    let (cookie, bearer) = (cookie(&login), format!("Bearer {}", login.json()["token"].as_str().unwrap()));
    let of_browser = log_in(&app, "ada", "correct horse").await;
    let of_browser = self::cookie(&of_browser);
    let mut streams = Vec::new();
    for who in [
        ("X-API-KEY", key.secret.as_str()),
        ("Cookie", &cookie),
        ("X-API-KEY", &ends.secret),
        ("Authorization", &bearer),
        ("Cookie", &of_browser),
    ] {
        let mut stream = Stream::open_as(app.address, "/api/stream", who).await;
        stream.next_of("snapshot").await;
        stream.until_heartbeat(2).await;
        streams.push(stream);
    }
    let [mut by_key, mut by_cookie, mut by_ending, mut by_token, mut by_browser] =
        <[Stream; 5]>::try_from(streams).ok().unwrap();
    assert!(app.store.revoke_key(&key.key.id, at(NOW)).await.unwrap());
    app.store.update("github", |state| state.services[0].status = Status::Outage);
    assert_eq!(by_key.next().await, None, "nothing is told after it was taken back");
    for stream in [&mut by_cookie, &mut by_ending, &mut by_token, &mut by_browser] {
        stream.next_of("target").await;
    }
    let ann = app.store.user("ann").await.unwrap().unwrap();
    app.store.set_away(true);
    by_cookie.until_heartbeat(4).await;
    app.store.set_away(false);
    assert_eq!(app.store.replace_user(&ann, None, at(NOW)).await.unwrap(), Replaced::Done);
    assert_eq!((by_cookie.next().await, by_token.next().await), (None, None));
    by_browser.until_heartbeat(6).await;
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(by_ending.next().await, None, "it expired");
    // The token of then is over, and the session goes on.
    by_browser.until_heartbeat(8).await;
    app.clock.advance(Duration::from_hours(12));
    while by_browser.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_one_reader_is_kept_for_no_other() {
    let app = closed().await;
    let cookie = cookie(&log_in(&app, "ann", "correct horse").await);
    let kept = |answer: &Answer| (answer.status, answer.header("cache-control").unwrap().to_owned());
    for path in ["/api/status", "/api/events", "/api/targets/github", "/api/openapi.json"] {
        assert_eq!(kept(&with_cookie(&app, path, &cookie).await), (200, "private, no-cache".to_owned()), "{path}");
    }
    let open = self::app().await;
    let cookie = self::cookie(&log_in(&open, "ann", "correct horse").await);
    assert_eq!(kept(&with_cookie(&open, "/api/status", &cookie).await), (200, "no-cache".to_owned()));
    open.clock.advance(Duration::from_mins(16));
    let renewed = with_cookie(&open, "/api/status", &cookie).await;
    assert!(renewed.header("set-cookie").is_some());
    assert_eq!(kept(&renewed), (200, "private, no-cache".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_logged_in_reads_on_while_the_database_is_away_and_gets_out() {
    let app = closed().await;
    let first = cookie(&log_in(&app, "ann", "correct horse").await);
    app.clock.advance(Duration::from_mins(14));
    let session = with_cookie(&app, "/api/session", &first).await;
    let csrf = session.json()["csrfToken"].as_str().unwrap().to_owned();
    app.clock.advance(Duration::from_mins(2));
    app.store.set_away(true);
    let renewed = with_cookie(&app, "/api/status", &first).await;
    assert_eq!(renewed.status, 200);
    let second = cookie(&renewed);
    assert_ne!(first, second);
    assert_eq!(with_cookie(&app, "/api/status", &second).await.status, 200, "the new one is as good as the old one");
    let headers = [("Cookie", second.as_str()), ("X-CSRF-Token", csrf.as_str())];
    let out = app.send_body("POST", "/api/logout", &headers, "").await;
    assert_eq!(out.status, 503);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"), "the browser forgets it, whatever goes wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_is_worth_nothing_is_forgotten_where_reading_is_closed_too() {
    let app = closed().await;
    let login = log_in(&app, "ann", "correct horse").await;
    let ann = app.store.user("ann").await.unwrap().unwrap();
    assert_eq!(app.store.replace_user(&ann, None, at(NOW)).await.unwrap(), Replaced::Done);
    let refused = with_cookie(&app, "/api/status", &cookie(&login)).await;
    assert!(refused.status == 401 && refused.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_are_posted_need_no_more_proof_than_others() {
    let app = closed().await;
    let cookie = cookie(&log_in(&app, "ann", "correct horse").await);
    let headers = [("Cookie", cookie.as_str()), JSON];
    let answer = app.post("/graphql", &headers, r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_slowed_down_for_a_database_that_is_away() {
    let app = app().await;
    app.store.set_away(true);
    for _ in 0..20 {
        assert_eq!(log_in(&app, "ann", "correct horse").await.status, 503);
    }
    app.store.set_away(false);
    assert_eq!(log_in(&app, "ann", "correct horse").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_be_named_by_itself_to_be_taken_back() {
    let app = closed().await;
    let [mine, lost] = ["mine", "lost"].map(|name| NewKey::create(name, Scope::Admin, None, at(NOW)).unwrap());
    for new in [&mine, &lost] {
        assert!(app.store.add_key(&new.key).await.unwrap());
    }
    let path = format!("/api/keys/{}", lost.secret);
    assert_eq!(app.send("DELETE", &path, &[("X-API-KEY", &mine.secret)]).await.status, 204);
    assert_eq!(app.send("GET", "/api/status", &[("X-API-KEY", &lost.secret)]).await.status, 401);
}
