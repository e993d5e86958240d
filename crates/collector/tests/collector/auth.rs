//! Sources that want to know who asks: shown the right credentials, never shown to anybody else, and never asked
//! without.

use std::collections::HashMap;
use std::path::PathBuf;

use unistatus_core::catalog::{Selection, TargetSet, assemble};
use unistatus_core::schema::{FailureClass, Timestamp, Validators};
use unistatus_core::secrets::Secrets;
use unistatus_core::store::testkit::Database;
use unistatus_core::target::{CollectError, Context, Fetcher, Observation, Prober};
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Access, Fault, Simulator, VendorView, World, credentials};

use crate::support::{TestCollector, limits, start, target_until};

const BEARER: &str = "{ bearer = \"${SIM_TOKEN}\" }";
const HEADER: &str = "{ header = { name = \"X-Api-Key\", value = \"${SIM_KEY}\" } }";
const BASIC: &str = "{ basic = { username = \"${SIM_USER}\", password = \"${SIM_PASSWORD}\" } }";

/// OAuth 2.0 with the tokens of this vendor.
fn oauth2(issuer: &VendorView) -> String {
    let token_url = issuer.url.replace("/api/v2/summary.json", credentials::TOKEN_PATH);
    let scope = credentials::SCOPE;
    format!(
        "{{ oauth2 = {{ token_url = \"{token_url}\", client_id = \"${{SIM_CLIENT}}\", \
         client_secret = \"${{SIM_SECRET}}\", scope = \"{scope}\" }} }}"
    )
}

/// The right values of all that the above refer to.
fn secrets() -> HashMap<String, String> {
    [
        ("SIM_TOKEN", credentials::TOKEN),
        ("SIM_KEY", credentials::HEADER_VALUE),
        ("SIM_USER", credentials::USERNAME),
        ("SIM_PASSWORD", credentials::PASSWORD),
        ("SIM_CLIENT", credentials::CLIENT_ID),
        ("SIM_SECRET", credentials::CLIENT_SECRET),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Vendors that speak Statuspage, `vendor-0001` and so on.
async fn vendors(count: usize) -> Simulator {
    start(World::uniform(count, 2, &[find_dialect("statuspage").unwrap()])).await
}

fn entry(name: &str, url: &str, auth: &str) -> String {
    format!(
        "[[target]]\nname = \"{name}\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"{url}\"\nauth = {auth}\n"
    )
}

/// One who asks, with these secrets and a target for each vendor.
struct Asker {
    targets: TargetSet,
    fetcher: Fetcher,
}

impl Asker {
    fn new(simulator: &Simulator, auth: &str, secrets: HashMap<String, String>) -> Self {
        let entries = simulator.vendors().map(|vendor| entry(&vendor.name, &vendor.url, auth));
        let targets = assemble(&Selection::None, &[(PathBuf::from("targets.toml"), entries.collect())]).unwrap();
        Self { targets, fetcher: Fetcher::new(limits(), None, Secrets::new(secrets, HashMap::new())).unwrap() }
    }

    async fn ask(&self, vendor: &str) -> Result<Observation, CollectError> {
        let none = Validators::default();
        let (fetcher, prober) = (&self.fetcher, Prober::new(Secrets::default()));
        let context = Context { fetcher, prober: &prober, validators: &none, now: Timestamp::now(), interval: None };
        self.targets.get(vendor).unwrap().target.collect(&context).await
    }
}

const VENDOR: &str = "vendor-0001";

#[tokio::test]
async fn the_right_credentials_open_the_door_and_wrong_ones_do_not() {
    let simulator = vendors(1).await;
    let issuer = oauth2(&simulator.vendor(VENDOR).unwrap());
    for (access, auth, secret) in [
        (Access::Bearer, BEARER, "SIM_TOKEN"),
        (Access::Header, HEADER, "SIM_KEY"),
        (Access::Basic, BASIC, "SIM_PASSWORD"),
        (Access::OAuth2, issuer.as_str(), "SIM_SECRET"),
    ] {
        simulator.set_access(VENDOR, access).unwrap();
        Asker::new(&simulator, auth, secrets()).ask(VENDOR).await.unwrap();

        let mut wrong = secrets();
        wrong.insert(secret.to_owned(), "wr0ng".to_owned());
        let error = Asker::new(&simulator, auth, wrong).ask(VENDOR).await.unwrap_err();
        assert_eq!(error.class(), FailureClass::HttpStatus, "{auth}: {error}");
        assert!(!error.to_string().contains("wr0ng"), "{error}");

        let before = simulator.count(VENDOR).unwrap();
        let mut missing = secrets();
        missing.remove(secret);
        let error = Asker::new(&simulator, auth, missing).ask(VENDOR).await.unwrap_err();
        assert_eq!(error.class(), FailureClass::NotConfigured, "{auth}: {error}");
        assert!(error.to_string().contains(&format!("neither {secret} nor {secret}_FILE is set")), "{error}");
        assert_eq!(simulator.count(VENDOR).unwrap(), before, "nothing is asked");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_anew_when_it_is_refused() {
    let simulator = vendors(2).await;
    let issuer = simulator.vendor(VENDOR).unwrap();
    simulator.set_access(VENDOR, Access::OAuth2).unwrap();
    let asker = Asker::new(&simulator, &oauth2(&issuer), secrets());
    // All at once, too.
    let (first, second) = tokio::join!(asker.ask(VENDOR), asker.ask(VENDOR));
    first.and(second).unwrap();
    asker.ask(VENDOR).await.unwrap();
    assert_eq!(simulator.tokens_issued(VENDOR).unwrap(), 1);

    simulator.revoke_tokens(VENDOR).unwrap();
    asker.ask(VENDOR).await.unwrap();
    assert_eq!(simulator.tokens_issued(VENDOR).unwrap(), 2);

    // A source that refuses every token of that issuer: one more token is tried, and not one after the other.
    simulator.set_access("vendor-0002", Access::OAuth2).unwrap();
    let error = asker.ask("vendor-0002").await.unwrap_err();
    assert_eq!(error.http_status(), Some(401));
    assert_eq!(simulator.tokens_issued(VENDOR).unwrap(), 3);
    assert_eq!(simulator.count("vendor-0002").unwrap(), 2);
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_somebody_else() {
    let simulator = vendors(2).await;
    let issuer = oauth2(&simulator.vendor(VENDOR).unwrap());
    for (access, auth) in [(Access::Bearer, BEARER), (Access::Basic, BASIC), (Access::OAuth2, issuer.as_str())] {
        simulator.set_access(VENDOR, access).unwrap();
        simulator.clear_fault(VENDOR).unwrap();
        let asker = Asker::new(&simulator, auth, secrets());
        asker.ask(VENDOR).await.unwrap();
        simulator.set_fault(VENDOR, Fault::RedirectTo("vendor-0002".to_owned())).unwrap();
        asker.ask(VENDOR).await.unwrap();
        let led_to = simulator.requests("vendor-0002").unwrap().pop().unwrap();
        assert!(!led_to.has_authorization, "{auth}");
        assert!(simulator.requests(VENDOR).unwrap().pop().unwrap().has_authorization, "{auth}");
    }
}

#[tokio::test]
async fn an_issuer_in_trouble_is_told_from_the_source() {
    let simulator = vendors(2).await;
    let asker = Asker::new(&simulator, &oauth2(&simulator.vendor(VENDOR).unwrap()), secrets());
    for (fault, class) in [
        (Fault::Status(500), FailureClass::HttpStatus),
        (Fault::LoginPage, FailureClass::Parse),
        (Fault::EmptyBody, FailureClass::Parse),
        (Fault::Close, FailureClass::Connection),
        (Fault::Unavailable(unistatus_simulator::RetryAfter::Seconds(9)), FailureClass::RateLimited),
    ] {
        simulator.set_access(VENDOR, Access::OAuth2).unwrap();
        simulator.set_fault(VENDOR, fault.clone()).unwrap();
        let error = asker.ask("vendor-0002").await.unwrap_err();
        assert_eq!(error.class(), class, "{fault:?}: {error}");
        let said = error.to_string();
        assert!(said.starts_with("no token from 127.0.0.1: ") && !said.contains(credentials::CLIENT_SECRET), "{said}");
        assert_eq!(error.retry_after().is_some(), class == FailureClass::RateLimited);
    }
    assert_eq!(simulator.count("vendor-0002").unwrap(), 0, "the source was not bothered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_not_configured_is_on_the_list_and_stops_nothing() {
    let simulator = vendors(2).await;
    let url = |vendor: &str| simulator.vendor(vendor).unwrap().url;
    let targets = entry("closed", &url(VENDOR), "{ bearer = \"${UNISTATUS_TEST_NOBODY_SET_THIS}\" }")
        + &entry("open", &url("vendor-0002"), "").replace("auth = ", "");
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, &targets).await;
    let store = collector.store.as_ref();
    target_until(store, "open", "it is asked again and again", |state| {
        !state.services.is_empty() && state.health.last_success.is_some()
    })
    .await;
    let closed = target_until(store, "closed", "it is listed", |state| state.health.failure.is_some()).await;
    let failure = closed.health.failure.unwrap();
    assert_eq!((closed.services.len(), failure.class), (0, FailureClass::NotConfigured));
    assert!(failure.message.starts_with("not configured: neither UNISTATUS_TEST_NOBODY_SET_THIS nor"), "{failure:?}");
    assert_eq!(simulator.count(VENDOR).unwrap(), 0, "nothing is asked");
    collector.stop().await;
}
