//! Every dialect of the simulated world, fetched and read by real targets: what is read is what is true.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use unistatus_core::catalog::{Selection, TargetSet, assemble};
use unistatus_core::schema::{FailureClass, Scalar, Service, Status, Timestamp, Validators, dimension_names};
use unistatus_core::secrets::Secrets;
use unistatus_core::target::{
    Answer, CollectError, Context, Coverage, Fetcher, Observation, Parser, Prober, Report, find_format,
};
use unistatus_simulator::formats::{DIALECTS, Tells, azure_region, find_dialect};
use unistatus_simulator::{
    Condition, Fault, Incident, IncidentKind, Network, Options, Simulator, Stage, Truth, VendorView, World,
};

use crate::support::{limits, status_of};

/// A world whose clock stands still, and one who asks it.
struct Asker {
    simulator: Simulator,
    targets: TargetSet,
    fetcher: Fetcher,
}

impl Asker {
    async fn of(world: World) -> Self {
        let simulator = Simulator::start(world, Options::manual()).await.unwrap();
        let file = (PathBuf::from("targets.toml"), simulator.targets_toml());
        let targets = assemble(&Selection::None, &[file]).unwrap();
        Self { simulator, targets, fetcher: Fetcher::new(limits(), None, Secrets::default()).unwrap() }
    }

    async fn observe(&self, vendor: &str, validators: &Validators) -> Result<Observation, CollectError> {
        let now = Timestamp::from(self.simulator.now());
        let prober = Prober::new(Secrets::default());
        let context = Context { fetcher: &self.fetcher, prober: &prober, validators, now, interval: None };
        self.targets.get(vendor).unwrap().target.collect(&context).await
    }

    async fn ask(&self, vendor: &str) -> Result<Report, CollectError> {
        match self.observe(vendor, &Validators::default()).await?.answer {
            Answer::Report(report) => Ok(report),
            Answer::Unchanged => panic!("{vendor} was not asked whether it has changed"),
        }
    }

    /// Asks every vendor and compares what it says with what is true.
    async fn compare(&self) {
        for vendor in self.simulator.vendors() {
            let report = self.ask(&vendor.name).await.unwrap_or_else(|error| panic!("{vendor:?}: {error}"));
            self.simulator.truth(&vendor.name, |truth| compare(&vendor, truth, &report)).unwrap();
        }
    }
}

#[tokio::test]
async fn every_dialect_says_what_is_true_at_any_time() {
    let demo = Asker::of(World::demo(1)).await;
    let uniform = Asker::of(World::uniform(2 * DIALECTS.len(), 4, &[])).await;
    for _ in 0..12 {
        demo.compare().await;
        uniform.compare().await;
        demo.simulator.advance(Duration::from_secs(187));
        uniform.simulator.advance(Duration::from_secs(187));
    }
}

#[tokio::test]
async fn every_dialect_tells_of_every_condition() {
    let asker = Asker::of(World::uniform(DIALECTS.len(), Condition::ALL.len(), &[]).quiet()).await;
    let set = |shift: usize| {
        for vendor in asker.simulator.vendors() {
            for (number, condition) in (1..).zip(Condition::ALL.iter().cycle().skip(shift)).take(Condition::ALL.len()) {
                asker.simulator.set(&vendor.name, &format!("Service {number}"), *condition).unwrap();
            }
        }
    };
    // Each service takes each condition, one after the other.
    for shift in 0..=Condition::ALL.len() {
        set(shift);
        asker.compare().await;
        asker.simulator.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn lists_of_several_pages_are_read_whole() {
    let paged = ["sorry"].map(|name| find_dialect(name).unwrap());
    Asker::of(World::uniform(paged.len(), 60, &paged)).await.compare().await;
}

#[tokio::test]
async fn no_dialect_takes_something_else_for_its_document() {
    let asker = Asker::of(World::uniform(DIALECTS.len(), 3, &[]).quiet()).await;
    let network: &Network = &asker.simulator;
    for vendor in network.vendors() {
        network.set(&vendor.name, "Service 2", Condition::MajorOutage).unwrap();
    }
    for vendor in network.vendors() {
        for fault in [Fault::LoginPage, Fault::ChangedShape, Fault::EmptyBody, Fault::Status(204)] {
            network.set_fault(&vendor.name, fault.clone()).unwrap();
            let error = asker.ask(&vendor.name).await.expect_err("it is no document of this dialect");
            assert_eq!(error.class(), FailureClass::Parse, "{vendor:?} with {fault:?}: {error}");
        }
        for other in network.vendors().filter(|other| other.name != vendor.name) {
            network.set_fault(&vendor.name, Fault::RedirectTo(other.name.clone())).unwrap();
            let read = asker.ask(&vendor.name).await;
            assert_eq!(read.is_ok(), is_kin(&vendor, &other), "{} for {}: {read:?}", other.dialect, vendor.dialect);
        }
        network.clear_fault(&vendor.name).unwrap();
    }
}

/// Whether who reads a vendor can read what another one says: if both are read by one format, and where incident.io
/// speaks as Statuspage does. Not the other way: incident.io is told by its ids.
fn is_kin(vendor: &VendorView, other: &VendorView) -> bool {
    let is_compatible = vendor.format == "statuspage" && other.dialect == "incident-io";
    vendor.kind == other.kind && (vendor.format == other.format || is_compatible)
}

#[tokio::test]
async fn what_depends_on_the_time_or_has_parts_is_asked_for_without_conditions() {
    let asker = Asker::of(World::uniform(DIALECTS.len(), 3, &[])).await;
    for vendor in asker.simulator.vendors() {
        asker.simulator.set_validators(&vendor.name, unistatus_simulator::formats::Validators::Honoured).unwrap();
        let first = asker.observe(&vendor.name, &Validators::default()).await.unwrap();
        let again = asker.observe(&vendor.name, &first.validators).await.unwrap();
        let row = find_format(vendor.kind.parse().unwrap(), vendor.format).unwrap();
        let is_conditional = matches!(row.parser, Parser::Builtin(_) | Parser::Mapped(_));
        assert_eq!(again.answer == Answer::Unchanged, is_conditional, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_wrong_charset_spoils_no_name() {
    // Its services have names beyond ASCII.
    let asker = Asker::of(crate::support::only(&["cloudflare"])).await;
    for charset in ["utf-16", "iso-8859-1", "klingon"] {
        asker.simulator.set_fault("cloudflare", Fault::WrongCharset(charset.to_owned())).unwrap();
        asker.compare().await;
    }
}

/// Compares what a vendor says with what is true.
fn compare(vendor: &VendorView, truth: &Truth<'_>, report: &Report) {
    let tells = tells(vendor.dialect);
    assert!(report.unknown_words.is_empty(), "{}: {:?}", vendor.name, report.unknown_words);
    let (page, services): (Vec<&Service>, Vec<&Service>) = report
        .services
        .iter()
        .partition(|service| service.dimensions.get(dimension_names::SCOPE) == Some(&"page".into()));
    match page.as_slice() {
        [] => assert!(!tells.page, "{} does not speak as a page", vendor.name),
        [page] => compare_page(vendor, truth, page),
        _ => panic!("{} speaks as several pages: {page:?}", vendor.name),
    }
    let said: Vec<Said> = services.into_iter().map(Said::of).collect();
    let expected = Said::all_expected(vendor.dialect, truth);
    match report.coverage {
        // A feed of a page knows no services.
        Coverage::Complete if is_feed_of_a_page(tells) => assert!(said.is_empty(), "{} invents {said:?}", vendor.name),
        Coverage::Complete => assert_eq!(said, expected, "{}", vendor.name),
        Coverage::OpenOnly => {
            let mut by_place: BTreeMap<(String, Option<String>), Said> =
                said.into_iter().map(|said| (said.place(), said)).collect();
            for expected in expected {
                match by_place.remove(&expected.place()) {
                    Some(said) => assert_eq!(said, expected, "{}", vendor.name),
                    None => assert_eq!(expected.status, Status::Ok, "{} is silent about {expected:?}", vendor.name),
                }
            }
            assert!(by_place.is_empty(), "{} invents {by_place:?}", vendor.name);
        }
    }
    if tells.incidents {
        compare_incidents(vendor, truth, report);
    }
}

fn compare_page(vendor: &VendorView, truth: &Truth<'_>, page: &Service) {
    // What a feed tells of the page comes from what is posted alone.
    let is_posted = truth.events().any(Incident::is_active);
    let is_well =
        if is_feed_of_a_page(tells(vendor.dialect)) { !is_posted } else { truth.worst() == Condition::Operational };
    if is_well && !is_posted {
        assert_eq!(page.status, Status::Ok, "{}", vendor.name);
    } else if !is_well {
        assert!(page.status > Status::Unknown, "{} is not well: {page:?}", vendor.name);
    }
}

/// Every open incident is told of, and no other one is told to be open but those that a service's trouble implies: some
/// vendors that list services cannot say that one is in trouble without an event.
fn compare_incidents(vendor: &VendorView, truth: &Truth<'_>, report: &Report) {
    let tells = tells(vendor.dialect);
    let all: Vec<_> = if tells.services { truth.posted().collect() } else { truth.events().collect() };
    let is_told = |stage: Stage| stage != Stage::Scheduled || tells.plans;
    let open: Vec<_> = all.into_iter().filter(|one| one.is_open() && is_told(one.stage())).collect();
    for incident in &open {
        let told = report.incidents.iter().find(|told| told.is_open() && told.title.contains(&incident.title));
        let told =
            told.unwrap_or_else(|| panic!("{} is silent about {incident:?}: {:?}", vendor.name, report.incidents));
        if tells.maintenance {
            let is_planned = told.kind == unistatus_core::schema::IncidentKind::Maintenance;
            assert_eq!(is_planned, incident.kind == IncidentKind::Maintenance, "{}: {told:?}", vendor.name);
        }
    }
    for told in report.incidents.iter().filter(|told| told.is_open()) {
        // Who tells of a plan that there is invents nothing, though it need not be told.
        let mut events = truth.events().filter(|one| one.is_open());
        let is_true = events.any(|incident| told.title.contains(&incident.title));
        assert!(is_true, "{} invents {told:?}", vendor.name);
    }
}

/// What is said of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    name: String,
    region: Option<String>,
    status: Status,
    is_maintenance: bool,
}

impl Said {
    fn of(service: &Service) -> Self {
        let region = service.dimensions.get(dimension_names::REGION);
        Self {
            name: service.name.clone(),
            region: region.map(Scalar::to_string),
            status: service.status,
            is_maintenance: service.dimensions.get(dimension_names::MAINTENANCE) == Some(&true.into()),
        }
    }

    fn all_expected(dialect: &str, truth: &Truth<'_>) -> Vec<Self> {
        // Two feeds have no names for services and speak of all of them at once.
        let whole = match dialect {
            "slack-rss" | "slack-atom" => "Slack",
            "meta-rss" => &truth.vendor.title,
            _ => return truth.services().map(|(one, state)| Self::expected(dialect, one, state.condition)).collect(),
        };
        vec![Self::in_condition(dialect, whole.to_owned(), None, truth.worst())]
    }

    fn expected(dialect: &str, service: &unistatus_simulator::Service, condition: Condition) -> Self {
        let region = service.region.as_ref().filter(|_| tells(dialect).regions).map(|region| region.id.clone());
        let name = match (dialect, &region) {
            // The feed of all services has their ids only.
            ("aws-rss", Some(region)) => service.id.trim_end_matches(&format!("-{region}")).to_owned(),
            _ => service.name.clone(),
        };
        let region = match dialect {
            "azure-rss" => region.map(|region| azure_region(&region).to_owned()),
            _ => region,
        };
        Self::in_condition(dialect, name, region, condition)
    }

    fn in_condition(dialect: &str, name: String, region: Option<String>, condition: Condition) -> Self {
        let status = match (dialect, condition) {
            ("jq", Condition::MajorOutage) => Status::Outage,
            ("jq", _) => Status::Ok,
            // Severity is prose, which is not believed, or is not told, or has no word for an outage.
            (
                "azure-rss" | "google-atom" | "instatus-atom" | "instatus-rss" | "meta-rss" | "microsoft-status"
                | "sorry",
                Condition::MajorOutage,
            ) => Status::Degraded,
            _ => status_of(condition),
        };
        let is_maintenance = tells(dialect).maintenance && condition == Condition::Maintenance;
        Self { name, region, status, is_maintenance }
    }

    fn place(&self) -> (String, Option<String>) {
        (self.name.clone(), self.region.clone())
    }
}

fn tells(dialect: &str) -> Tells {
    find_dialect(dialect).unwrap().tells
}

/// Whether all it knows is the page as a whole.
fn is_feed_of_a_page(tells: Tells) -> bool {
    tells.page && !tells.services
}
