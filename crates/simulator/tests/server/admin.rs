//! The control surface.

use serde_json::{Value, json};
use unistatus_simulator::{Condition, Options, Simulator, World};

use super::client::{ask, send};

struct Control {
    simulator: Simulator,
    root: String,
}

impl Control {
    async fn start() -> Self {
        let world = World::demo(1).only(&["github", "gitlab"]).quiet();
        let options = Options { admin_port: Some(0), ..Options::manual() };
        let simulator = Simulator::start(world, options).await.unwrap();
        let root = format!("http://{}", simulator.admin().unwrap());
        Self { simulator, root }
    }

    /// Sends an order: status and JSON.
    async fn order(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let answer = send(&format!("{}{path}", self.root), method, &[], body).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    async fn github(&self) -> u16 {
        ask(&self.simulator.vendor("github").unwrap().url, &[]).await.unwrap().status
    }
}

#[tokio::test]
async fn vendors_are_listed_with_all_that_is_set() {
    let control = Control::start().await;
    let (status, vendors) = control.order("GET", "/vendors", "").await;
    assert_eq!(status, 200);
    assert_eq!(vendors[0]["name"], "github");
    assert_eq!((&vendors[1]["type"], &vendors[1]["format"]), (&json!("HTML"), &json!("statusio")));
    assert_eq!((&vendors[0]["fault"], &vendors[0]["requests"]), (&Value::Null, &json!(0)));

    let (_, github) = control.order("GET", "/vendors/github", "").await;
    assert_eq!(github["services"][0]["id"], "git-transport");
    assert_eq!(github["services"][0]["condition"], "operational");
}

#[tokio::test]
async fn faults_are_set_and_cleared() {
    let control = Control::start().await;
    assert_eq!(control.order("PUT", "/vendors/github/fault", r#"{"fault":{"status":503},"requests":1}"#).await.0, 204);
    assert_eq!([control.github().await, control.github().await], [503, 200]);
    assert_eq!(control.order("PUT", "/vendors/github/fault", r#"{"fault":{"status":500}}"#).await.0, 204);
    let (_, github) = control.order("GET", "/vendors/github", "").await;
    assert_eq!(github["fault"], json!({ "fault": { "status": 500 }, "requests": null }));
    assert_eq!(control.order("DELETE", "/vendors/github/fault", "").await.0, 204);
    assert_eq!(control.github().await, 200);

    let (_, log) = control.order("GET", "/vendors/github/requests", "").await;
    assert_eq!((&log["count"], &log["maxInFlight"]), (&json!(3), &json!(1)));
    assert_eq!(log["requests"][0]["faulty"], true);
    assert_eq!(log["requests"][0]["path"], "/api/v2/summary.json");
}

#[tokio::test]
async fn conditions_and_incidents_are_set_by_hand() {
    let control = Control::start().await;
    let condition = || {
        let state = control.simulator.truth("github", |truth| truth.state(0)).unwrap();
        state.unwrap().condition
    };
    let path = "/vendors/github/services/Git%20Transport";
    assert_eq!(control.order("PUT", path, r#"{"condition":"majorOutage"}"#).await.0, 204);
    assert_eq!(condition(), Condition::MajorOutage);
    assert_eq!(control.order("DELETE", path, "").await.0, 204);
    assert_eq!(condition(), Condition::Operational);

    let order = r#"{"title":"Odd","condition":"degraded","services":["runners"]}"#;
    let (status, opened) = control.order("POST", "/vendors/github/incidents", order).await;
    assert_eq!(status, 200);
    let path = format!("/vendors/github/incidents/{}", opened["id"].as_str().unwrap());
    assert_eq!(control.order("PUT", &path, r#"{"stage":"resolved","text":"Fine."}"#).await.0, 204);
    let open = control.simulator.truth("github", |truth| truth.posted().filter(|one| one.is_open()).count());
    assert_eq!(open, Ok(0));

    assert_eq!(control.order("PUT", "/vendors/github/validators", r#"{"validators":"absent"}"#).await.0, 204);
    assert_eq!(control.order("POST", "/advance", r#"{"seconds":60}"#).await.0, 204);
    assert_eq!(control.simulator.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn access_is_set_and_tokens_are_revoked() {
    let control = Control::start().await;
    let order = r#"{"access":"oauth2","tokenSeconds":60}"#;
    assert_eq!(control.order("PUT", "/vendors/github/access", order).await.0, 204);
    assert_eq!(control.github().await, 401);
    let (_, github) = control.order("GET", "/vendors/github", "").await;
    assert_eq!((&github["access"], &github["tokensIssued"]), (&json!("oauth2"), &json!(0)));
    assert_eq!(control.order("DELETE", "/vendors/github/tokens", "").await.0, 204);
    assert_eq!(control.order("PUT", "/vendors/github/access", r#"{"access":"open"}"#).await.0, 204);
    assert_eq!(control.github().await, 200);
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let control = Control::start().await;
    for (method, path, body, status, message) in [
        ("GET", "/vendors/nobody", "", 404, "there is no vendor \"nobody\""),
        ("PUT", "/vendors/github/services/none", r#"{"condition":"degraded"}"#, 404, "no service"),
        ("PUT", "/vendors/github/incidents/none", r#"{"stage":"resolved"}"#, 404, "no incident"),
        ("PUT", "/vendors/github/fault", r#"{"fault":"sulk"}"#, 400, "unknown variant `sulk`"),
        ("PUT", "/vendors/github/fault", "", 400, "the body is not what is expected"),
        ("PUT", "/vendors/github/services/runners", r#"{"condition":"fine"}"#, 400, "unknown variant `fine`"),
        ("PUT", "/vendors/github/access", r#"{"access":"ajar"}"#, 400, "unknown variant `ajar`"),
        ("PATCH", "/vendors", "", 404, "there is no PATCH /vendors"),
    ] {
        let (got, error) = control.order(method, path, body).await;
        assert_eq!(got, status, "{method} {path}");
        let said = error["error"]["message"].as_str().unwrap();
        assert!(said.contains(message), "{method} {path}: {said}");
    }
}

#[tokio::test]
async fn the_targets_file_names_every_vendor_and_what_its_format_needs() {
    let options = Options { admin_port: Some(0), ..Options::manual() };
    let simulator = Simulator::start(World::demo(1), options).await.unwrap();
    let url = format!("http://{}/targets.toml", simulator.admin().unwrap());
    let file = ask(&url, &[]).await.unwrap();
    assert_eq!(file.text(), simulator.targets_toml());

    let file: toml::Table = toml::from_str(file.text()).unwrap();
    let targets = file["target"].as_array().unwrap();
    assert_eq!(targets.len(), simulator.vendors().count());
    for (target, vendor) in targets.iter().zip(simulator.vendors()) {
        assert_eq!(target["name"].as_str(), Some(vendor.name.as_str()));
        assert_eq!(target["type"].as_str(), Some(vendor.kind));
        assert_eq!(target["format"].as_str(), Some(vendor.format));
        assert_eq!(target["endpoint"].as_str(), Some(vendor.url.as_str()));
        let mapped = ["jq", "selectors", "rules"].contains(&vendor.format);
        assert_eq!(target.get(vendor.format).is_some(), mapped, "{}", vendor.name);
    }
}
