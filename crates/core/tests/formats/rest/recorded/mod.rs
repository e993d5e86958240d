//! What each recorded document shows, file by file and format by format.

mod apple;
mod aws;
mod azure_devops;
mod betterstack;
mod cachet;
mod concur;
mod google_incidents;
mod heroku;
mod ibm;
mod incident_io;
mod instatus;
mod meta;
mod microsoft_status;
mod msgraph;
mod salesforce;
mod slack;
mod sorry;
mod statusio;
mod statuspage;
mod uptime_kuma;
mod zscaler;

use std::collections::BTreeSet;

use unistatus_core::schema::Status;
use unistatus_core::schema::{IncidentKind, Kind, Service};
use unistatus_core::target::Coverage;

use self::Page::Maintained;
use super::read;
use crate::common::{components, count, page, read_as_listed};

/// How the page as a whole is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Page {
    Is(Status),
    /// Degraded by planned maintenance alone.
    Maintained,
}

/// What one document shows to one format.
#[derive(Clone, Copy)]
struct Shown {
    format: &'static str,
    file: &'static str,
    coverage: Coverage,
    /// Status, name and time of the page.
    page: Option<(Page, &'static str, &'static str)>,
    /// How many components are OK, Unknown, Degraded, Outage.
    counts: [usize; 4],
    /// How many of them are under maintenance, are in a group, have a region, are named by an open incident.
    maintained: usize,
    grouped: usize,
    regional: usize,
    named: usize,
    /// How many incidents and maintenances are not over, and how many are told of at all.
    open: [usize; 2],
    told: usize,
    /// Key, name, status and time of one component.
    spot: Option<(&'static str, &'static str, Status, &'static str)>,
}

const fn shown(format: &'static str, file: &'static str, coverage: Coverage) -> Shown {
    Shown {
        format,
        file,
        coverage,
        page: None,
        counts: [0; 4],
        maintained: 0,
        grouped: 0,
        regional: 0,
        named: 0,
        open: [0; 2],
        told: 0,
        spot: None,
    }
}

const fn is(status: Status) -> Page {
    Page::Is(status)
}

impl Shown {
    const fn page(self, page: Page, name: &'static str, time: &'static str) -> Self {
        Self { page: Some((page, name, time)), ..self }
    }

    const fn counts(self, counts: [usize; 4]) -> Self {
        Self { counts, ..self }
    }

    const fn maintained(self, maintained: usize) -> Self {
        Self { maintained, ..self }
    }

    const fn grouped(self, grouped: usize) -> Self {
        Self { grouped, ..self }
    }

    const fn regional(self, regional: usize) -> Self {
        Self { regional, ..self }
    }

    const fn named(self, named: usize) -> Self {
        Self { named, ..self }
    }

    const fn open(self, incidents: usize, maintenances: usize) -> Self {
        Self { open: [incidents, maintenances], ..self }
    }

    const fn told(self, told: usize) -> Self {
        Self { told, ..self }
    }

    const fn spot(self, key: &'static str, name: &'static str, status: Status, time: &'static str) -> Self {
        Self { spot: Some((key, name, status, time)), ..self }
    }
}

/// A table per family, in a file each. Every pair of file and format that is in none of them must be refused.
const TABLES: &[&[Shown]] = &[
    apple::SHOWN,
    aws::SHOWN,
    azure_devops::SHOWN,
    betterstack::SHOWN,
    cachet::SHOWN,
    concur::SHOWN,
    google_incidents::SHOWN,
    heroku::SHOWN,
    ibm::SHOWN,
    incident_io::SHOWN,
    instatus::SHOWN,
    meta::SHOWN,
    microsoft_status::SHOWN,
    msgraph::SHOWN,
    salesforce::SHOWN,
    slack::SHOWN,
    sorry::SHOWN,
    statusio::SHOWN,
    statuspage::SHOWN,
    uptime_kuma::SHOWN,
    zscaler::SHOWN,
];

#[test]
fn every_recorded_document_shows_what_it_should_and_nothing_to_other_formats() {
    let all: Vec<&Shown> = TABLES.iter().copied().flatten().collect();
    let files = read_as_listed(Kind::Rest, &all.iter().map(|row| (row.file, row.format)).collect::<Vec<_>>());
    for row in all {
        if let Some(bytes) = files.get(row.file) {
            check(row, bytes);
        }
    }
}

fn check(row: &Shown, bytes: &[u8]) {
    let file = row.file;
    let report = read(row.format, bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(report.coverage, row.coverage, "{file}");
    assert!(report.unknown_words.is_empty(), "{file}: {:?}", report.unknown_words);

    let page = page(&report);
    let seen = page.map(|page| (page.name.as_str(), time(page)));
    assert_eq!(seen, row.page.map(|(_, name, time)| (name, time.to_owned())), "{file}");
    let state = page.map(|page| if is_maintained(page) { Maintained } else { Page::Is(page.status) });
    assert_eq!(state, row.page.map(|(page, ..)| page), "{file}: the page");
    assert!(page.is_none_or(|page| std::ptr::eq(page, &raw const report.services[0])), "{file}: the page comes first");

    assert_eq!(count(components(&report)), row.counts, "{file}");
    let having = |name: &str| components(&report).filter(|service| service.dimensions.contains_key(name)).count();
    assert_eq!(components(&report).filter(|service| is_maintained(service)).count(), row.maintained, "{file}");
    assert_eq!(
        [having("group"), having("region"), having("incident")],
        [row.grouped, row.regional, row.named],
        "{file}"
    );
    let keys: BTreeSet<_> = report.services.iter().map(|service| &service.key).collect();
    assert_eq!(keys.len(), report.services.len(), "{file}: keys are unique");

    let open = |kind| report.incidents.iter().filter(|told| told.is_open() && told.kind == kind).count();
    assert_eq!([open(IncidentKind::Incident), open(IncidentKind::Maintenance)], row.open, "{file}: what is open");
    assert_eq!(report.incidents.len(), row.told, "{file}: what is told");
    assert!(report.incidents.iter().all(|incident| !incident.title.is_empty()), "{file}: a headline each");

    if let Some((key, name, status, at)) = row.spot {
        let service = report.services.iter().find(|service| service.key == key);
        let service = service.unwrap_or_else(|| panic!("{file} names no {key}"));
        assert_eq!((service.name.as_str(), service.status, time(service).as_str()), (name, status, at), "{file}");
    }
}

fn is_maintained(service: &Service) -> bool {
    service.dimensions.get("maintenance") == Some(&true.into())
}

fn time(service: &Service) -> String {
    service.last_timestamp.map_or_else(String::new, |at| at.to_string())
}
