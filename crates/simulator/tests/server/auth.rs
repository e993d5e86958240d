//! Who may read, and tokens.

use std::time::Duration;

use serde_json::Value;
use unistatus_simulator::formats::{Dialect, find_dialect};
use unistatus_simulator::{Access, Fault, Options, Simulator, World, credentials};

use super::client::{Answer, ask, send};

/// `simulated-user:simulated:password`
const BASIC: &str = "c2ltdWxhdGVkLXVzZXI6c2ltdWxhdGVkOnBhc3N3b3Jk";
/// `simulated-client:simulated%2Bsecret+%26+100%25%3D`
const CLIENT_BASIC: &str = "c2ltdWxhdGVkLWNsaWVudDpzaW11bGF0ZWQlMkJzZWNyZXQrJTI2KzEwMCUyNSUzRA==";
/// A request for a token, as a form.
const FORM: &str = "grant_type=client_credentials&client_id=simulated-client\
                    &client_secret=simulated%2Bsecret+%26+100%25%3D&scope=status.read";
const URLENCODED: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

struct Vendor {
    simulator: Simulator,
    url: String,
    token_url: String,
}

impl Vendor {
    async fn with(access: Access) -> Self {
        let world = World::demo(1).only(&["github"]).quiet();
        let simulator = Simulator::start(world, Options::manual()).await.unwrap();
        simulator.set_access("github", access).unwrap();
        let url = simulator.vendor("github").unwrap().url;
        let token_url = url.replace("/api/v2/summary.json", credentials::TOKEN_PATH);
        Self { simulator, url, token_url }
    }

    /// The status of the page for who sends this header, and what the answer asks for.
    async fn page(&self, name: &str, value: &str) -> (u16, Option<String>) {
        let answer = ask(&self.url, &[(name, value)]).await.unwrap();
        (answer.status, answer.header("www-authenticate").map(str::to_owned))
    }

    async fn page_for(&self, token: &str) -> u16 {
        self.page("Authorization", &format!("Bearer {token}")).await.0
    }

    async fn ask_for_token(&self, headers: &[(&str, &str)], form: &str) -> (Answer, Value) {
        let answer = send(&self.token_url, "POST", headers, form).await.unwrap();
        let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer, json)
    }

    async fn token(&self) -> String {
        let (answer, issued) = self.ask_for_token(&[URLENCODED], FORM).await;
        assert_eq!(answer.status, 200, "{issued}");
        issued["access_token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn each_access_wants_its_own_credentials() {
    for (access, name, value, wrong, challenge) in [
        (
            Access::Bearer,
            "Authorization",
            "bearer simulated-token",
            "Bearer x",
            "Bearer realm=\"github\", error=\"invalid_token\"",
        ),
        (Access::Bearer, "Authorization", "Bearer simulated-token", BASIC, "Bearer realm=\"github\""),
        (Access::Header, "x-api-key", "simulated-key", "key", "ApiKey realm=\"github\", header=\"X-Api-Key\""),
        (
            Access::Basic,
            "Authorization",
            &format!("Basic {BASIC}"),
            "Basic eA==",
            "Basic realm=\"github\", charset=\"UTF-8\"",
        ),
    ] {
        let vendor = Vendor::with(access).await;
        assert_eq!(vendor.page(name, value).await, (200, None), "{access:?}");
        assert_eq!(vendor.page(name, wrong).await, (401, Some(challenge.to_owned())), "{access:?}");
        assert_eq!(vendor.page("X-Other", value).await.0, 401, "{access:?}");
        let posted = send(&vendor.url, "POST", &[(name, value)], "").await.unwrap();
        assert_eq!(posted.status, 405, "{access:?}");
        vendor.simulator.set_access("github", Access::Open).unwrap();
        assert_eq!(vendor.page("X-Other", value).await.0, 200);
    }
}

#[tokio::test]
async fn a_dialect_may_be_closed_from_the_start_and_say_where_it_lives() {
    let slack = find_dialect("slack").unwrap();
    assert_eq!(slack.access, Access::Open);
    let closed: &'static Dialect = Box::leak(Box::new(Dialect {
        name: "closed",
        access: Access::OAuth2,
        mapping: "auth = { oauth2 = { token_url = \"{origin}/oauth2/v2.0/token\" } }\n",
        ..*slack
    }));
    let simulator = Simulator::start(World::uniform(1, 1, &[closed]).quiet(), Options::manual()).await.unwrap();
    let vendor = simulator.vendors().next().unwrap();
    assert_eq!(ask(&vendor.url, &[]).await.unwrap().status, 401);
    let file: toml::Table = toml::from_str(&simulator.targets_toml()).unwrap();
    let token_url = file["target"][0]["auth"]["oauth2"]["token_url"].as_str().unwrap();
    assert_eq!(Some(token_url.len() - credentials::TOKEN_PATH.len()), token_url.find(credentials::TOKEN_PATH));
    assert_eq!(send(token_url, "POST", &[URLENCODED], FORM).await.unwrap().status, 200);
    assert!(vendor.mapping.contains(token_url));
}

#[tokio::test]
async fn a_token_opens_the_page() {
    let vendor = Vendor::with(Access::OAuth2).await;
    assert_eq!(vendor.page("X-Other", "").await, (401, Some("Bearer realm=\"github\"".to_owned())));
    assert_eq!(vendor.page_for(credentials::TOKEN).await, 401);

    let (answer, issued) = vendor.ask_for_token(&[URLENCODED], FORM).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!((&issued["token_type"], &issued["expires_in"]), (&"Bearer".into(), &3600.into()));
    let first = issued["access_token"].as_str().unwrap();

    let basic = format!("Basic {CLIENT_BASIC}");
    let (_, issued) =
        vendor.ask_for_token(&[URLENCODED, ("Authorization", &basic)], "grant_type=client_credentials").await;
    let second = issued["access_token"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!([vendor.page_for(first).await, vendor.page_for(second).await], [200, 200]);
    assert_eq!(vendor.simulator.tokens_issued("github"), Ok(2));
}

#[tokio::test]
async fn tokens_end_with_their_lifetime_or_when_they_are_revoked() {
    let vendor = Vendor::with(Access::OAuth2).await;
    vendor.simulator.set_token_lifetime("github", Duration::from_mins(1)).unwrap();
    let token = vendor.token().await;
    vendor.simulator.advance(Duration::from_secs(59));
    assert_eq!(vendor.page_for(&token).await, 200);
    vendor.simulator.advance(Duration::from_secs(1));
    let (status, challenge) = vendor.page("Authorization", &format!("Bearer {token}")).await;
    assert_eq!((status, challenge.as_deref()), (401, Some("Bearer realm=\"github\", error=\"invalid_token\"")));

    let [one, other] = [vendor.token().await, vendor.token().await];
    vendor.simulator.revoke_tokens("github").unwrap();
    assert_eq!([vendor.page_for(&one).await, vendor.page_for(&other).await], [401, 401]);
    let token = vendor.token().await;
    assert_eq!(vendor.page_for(&token).await, 200);
    assert_eq!(vendor.simulator.tokens_issued("github"), Ok(4));
}

#[tokio::test]
async fn a_bad_request_for_a_token_is_told_why() {
    let vendor = Vendor::with(Access::OAuth2).await;
    let form = |from: &str, to: &str| FORM.replace(from, to);
    for (form, error) in [
        (form("grant_type=client_credentials&", ""), "invalid_request"),
        (form("client_credentials", "password"), "unsupported_grant_type"),
        (form("simulated-client", "somebody"), "invalid_client"),
        (form("simulated%2Bsecret+", "simulated+secret+"), "invalid_client"),
        (form("&client_secret=simulated%2Bsecret+%26+100%25%3D", ""), "invalid_client"),
        (form("status.read", "status.write"), "invalid_scope"),
        (format!("{FORM}&scope=status.read"), "invalid_request"),
    ] {
        let (answer, refused) = vendor.ask_for_token(&[URLENCODED], &form).await;
        assert_eq!((answer.status, &refused["error"]), (400, &error.into()), "{form}");
        assert_eq!((answer.header("cache-control"), answer.header("www-authenticate")), (Some("no-store"), None));
    }
    let (answer, refused) = vendor.ask_for_token(&[("Content-Type", "application/json")], "{}").await;
    assert_eq!((answer.status, &refused["error"]), (400, &"invalid_request".into()));

    // Who tries the header is asked there again, and nobody tries both.
    let grant = "grant_type=client_credentials";
    let (answer, refused) = vendor.ask_for_token(&[URLENCODED, ("Authorization", "Basic eA==")], grant).await;
    assert_eq!((answer.status, &refused["error"]), (401, &"invalid_client".into()));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"github\""));
    let basic = format!("Basic {CLIENT_BASIC}");
    let (answer, refused) = vendor.ask_for_token(&[URLENCODED, ("Authorization", &basic)], FORM).await;
    assert_eq!((answer.status, &refused["error"]), (400, &"invalid_request".into()));

    let (answer, _) = vendor.ask_for_token(&[URLENCODED], &format!("{FORM}&padding={}", "x".repeat(20_000))).await;
    assert_eq!(answer.status, 413);
    assert_eq!(vendor.simulator.tokens_issued("github"), Ok(0));
}

#[tokio::test]
async fn only_who_wants_tokens_issues_them() {
    let vendor = Vendor::with(Access::OAuth2).await;
    let asked = ask(&vendor.token_url, &[]).await.unwrap();
    assert_eq!((asked.status, asked.header("allow")), (405, Some("POST")));
    for (access, status) in [(Access::Open, 405), (Access::Bearer, 401)] {
        vendor.simulator.set_access("github", access).unwrap();
        assert_eq!(vendor.ask_for_token(&[URLENCODED], FORM).await.0.status, status, "{access:?}");
    }
    vendor.simulator.set_access("github", Access::Open).unwrap();
    assert_eq!(ask(&vendor.token_url, &[]).await.unwrap().status, 404);
}

#[tokio::test]
async fn faults_hold_for_tokens_too_and_let_nobody_in() {
    let vendor = Vendor::with(Access::OAuth2).await;
    vendor.simulator.set_fault_for("github", Fault::Status(503), 1).unwrap();
    assert_eq!(vendor.ask_for_token(&[URLENCODED], FORM).await.0.status, 503);
    let token = vendor.token().await;
    for fault in [Fault::Delay(0), Fault::Oversized(1), Fault::TruncatedGzip, Fault::SlowDrip(0)] {
        vendor.simulator.set_fault("github", fault.clone()).unwrap();
        assert_eq!([vendor.page_for("x").await, vendor.page_for(&token).await], [401, 200], "{fault:?}");
        vendor.token().await;
    }
}

#[tokio::test]
async fn what_credentials_were_sent_is_not_written_down() {
    let vendor = Vendor::with(Access::Bearer).await;
    vendor.page_for(credentials::TOKEN).await;
    vendor.page("X-Api-Key", credentials::HEADER_VALUE).await;
    let requests = vendor.simulator.requests("github").unwrap();
    let told: Vec<_> = requests.iter().map(|request| request.has_authorization).collect();
    assert_eq!(told, [true, false]);
    let record = format!("{requests:?}{}", serde_json::to_string(&requests).unwrap());
    assert!(!record.contains("simulated"), "{record}");
    assert!(record.contains("\"hasAuthorization\":true"), "{record}");
}
