//! How often somebody may ask.

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{sleep, timeout};
use unistatus_core::config::DbUrl;
use unistatus_core::schema::Status;

use crate::support::{Answer, Cast, MemoryStore, Redis, TestApp, service, target};

async fn limited(store: MemoryStore, limit: u32, redis: Option<&str>) -> TestApp {
    let app = TestApp::with(store, |options| {
        options.rate_limit = NonZeroU32::new(limit);
        options.redis_url = redis.map(DbUrl::new);
        options.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app
}

fn store() -> MemoryStore {
    MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])])
}

async fn from(app: &TestApp, address: &str) -> Answer {
    app.send("GET", "/api/status", &[("X-Forwarded-For", address)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_as_many_as_the_limit_are_answered() {
    let app = limited(store(), 50, None).await;
    let answers = join_all((0..120).map(|_| from(&app, "192.0.2.1"))).await;
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(answered, 50);
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (429, Some("TooManyRequests")));
    // The clock of the tests stands half a second behind a minute.
    let told =
        ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"].map(|name| refused.header(name));
    assert_eq!(told, [Some("50"), Some("0"), Some("60"), Some("60")]);
    let mut left: Vec<u32> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.header("ratelimit-remaining").unwrap().parse().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, (0..50).collect::<Vec<_>>());

    assert_eq!(from(&app, "192.0.2.2").await.status, 200, "another address");
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(from(&app, "192.0.2.1").await.status, 200, "another minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_the_server_is_not_counted_and_errors_are() {
    let app = limited(store(), 2, None).await;
    for path in ["/healthz", "/readyz", "/check", "/metrics"] {
        for _ in 0..4 {
            let answer = app.get(path).await;
            assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, None), "{path}");
        }
    }
    assert_eq!(app.get("/nowhere").await.header("ratelimit-remaining"), Some("1"));
    let wrong = app.send("GET", "/api/status", &[("X-API-KEY", "wrong")]).await;
    assert_eq!((wrong.status, wrong.header("ratelimit-remaining")), (401, Some("0")));
    let guess = app.send("GET", "/api/status", &[("X-API-KEY", "wrong")]).await;
    assert_eq!(guess.status, 429, "who guesses is counted by where they are");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_counted_wherever_it_is_used() {
    let store = store();
    let cast = Cast::of(&store).await;
    let app = limited(store, 3, None).await;
    let ask = async |key: &str, from: &str| {
        let headers = [("X-API-KEY", key), ("X-Forwarded-For", from)];
        app.send("GET", "/api/status", &headers).await
    };
    // The first time nobody knows yet whose it is.
    assert_eq!(ask(&cast.read, "192.0.2.9").await.status, 200);
    for (number, status) in [(1, 200), (2, 200), (3, 200), (4, 429)] {
        assert_eq!(ask(&cast.read, &format!("192.0.2.{number}")).await.status, status, "{number}");
    }
    assert_eq!(ask(&cast.write, "192.0.2.1").await.status, 200);
    assert_eq!(from(&app, "192.0.2.1").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_limit_nothing_is_told_of_one() {
    let app = TestApp::ready(store()).await;
    assert_eq!(app.get("/api/status").await.header("ratelimit-limit"), None);
}

/// Waits until what one counted shows at the other.
async fn until_together(one: &TestApp, two: &TestApp) {
    let together = async {
        for network in 0_u32.. {
            // Each time another one, of which nothing was counted before.
            let address = format!("2001:db8:{:x}:{:x}::1", network >> 16, network & 0xffff);
            from(one, &address).await;
            if from(two, &address).await.header("ratelimit-remaining") == Some("38") {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_mins(1), together).await.expect("they do not come together");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_count_together_in_redis_and_each_alone_while_it_is_gone() {
    let Some(mut redis) = Redis::start().await else { return };
    let (one, two) = (limited(store(), 40, Some(&redis.url())).await, limited(store(), 40, Some(&redis.url())).await);
    until_together(&one, &two).await;
    let answers = join_all((0..100).map(|number| from(if number % 2 == 0 { &one } else { &two }, "192.0.2.1"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 40, "of both together");

    redis.kill();
    let answers = join_all((0..100).map(|number| from(if number % 2 == 0 { &one } else { &two }, "192.0.2.2"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 80, "40 of each");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)), "nothing breaks");

    redis.restart().await;
    until_together(&one, &two).await;
}
