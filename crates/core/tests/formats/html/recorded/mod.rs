//! What each recorded page shows, file by file and format by format, read off the pages by other means.

mod azure;
mod azure_devops;
mod google;
mod hund;
mod statuspage;

use std::collections::BTreeSet;

use unistatus_core::schema::{IncidentState, Kind, Service, Status};
use unistatus_core::target::Coverage;

use super::read;
use crate::common::{all_recordings, components, count, page, read_as_listed};

/// What one page shows to one format.
#[derive(Clone, Copy)]
struct Shown {
    format: &'static str,
    file: &'static str,
    /// Name, status and time of the page as a whole.
    page: Option<(&'static str, Status, &'static str)>,
    /// How many components are OK, Unknown, Degraded, Outage.
    counts: [usize; 4],
    /// How many of them are in a group, have a region, are named by an open incident.
    grouped: usize,
    regional: usize,
    named: usize,
    /// How many incidents go on, and how many maintenances lie ahead.
    told: [usize; 2],
    /// Key, name, status, and group or region of one component.
    spot: (&'static str, &'static str, Status, &'static str),
}

const fn shown(format: &'static str, file: &'static str) -> Shown {
    Shown {
        format,
        file,
        page: None,
        counts: [0; 4],
        grouped: 0,
        regional: 0,
        named: 0,
        told: [0; 2],
        spot: ("", "", Status::Unknown, ""),
    }
}

impl Shown {
    const fn page(self, name: &'static str, status: Status, time: &'static str) -> Self {
        Self { page: Some((name, status, time)), ..self }
    }

    const fn counts(self, counts: [usize; 4]) -> Self {
        Self { counts, ..self }
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

    const fn told(self, going_on: usize, ahead: usize) -> Self {
        Self { told: [going_on, ahead], ..self }
    }

    const fn spot(self, key: &'static str, name: &'static str, status: Status, place: &'static str) -> Self {
        Self { spot: (key, name, status, place), ..self }
    }
}

/// A table per family, in a file each. Every pair of file and format that is in none of them must be refused.
const TABLES: &[&[Shown]] = &[azure::SHOWN, azure_devops::SHOWN, google::SHOWN, hund::SHOWN, statuspage::SHOWN];

#[test]
fn every_recorded_page_shows_what_it_should_and_nothing_to_other_formats() {
    let all: Vec<&Shown> = TABLES.iter().copied().flatten().collect();
    let files = read_as_listed(Kind::Html, &all.iter().map(|row| (row.file, row.format)).collect::<Vec<_>>());
    for row in all {
        if let Some(bytes) = files.get(row.file) {
            check(row, bytes);
        }
    }
}

#[test]
fn a_recorded_page_that_is_cut_short_is_refused() {
    const PIECES: usize = 9;
    let files = all_recordings("html");
    for row in TABLES.iter().copied().flatten() {
        let Some(bytes) = files.get(row.file) else { continue };
        for piece in 1..PIECES {
            let cut = &bytes[..bytes.len() * piece / PIECES];
            assert!(read(row.format, cut).is_err(), "{}: {piece}/{PIECES}", row.file);
        }
    }
}

fn check(row: &Shown, bytes: &[u8]) {
    let file = row.file;
    let report = read(row.format, bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(report.coverage, Coverage::Complete, "{file}: a page names every service");
    assert!(report.unknown_words.is_empty(), "{file}: {:?}", report.unknown_words);

    let page = page(&report);
    let seen = page.map(|page| (page.name.as_str(), page.status, time(page)));
    assert_eq!(seen, row.page.map(|(name, status, time)| (name, status, time.to_owned())), "{file}: the page");
    assert!(page.is_none_or(|page| std::ptr::eq(page, &raw const report.services[0])), "{file}: the page comes first");

    assert_eq!(count(components(&report)), row.counts, "{file}");
    let having = |name: &str| components(&report).filter(|service| service.dimensions.contains_key(name)).count();
    let dimensions = [having("group"), having("region"), having("incident")];
    assert_eq!(dimensions, [row.grouped, row.regional, row.named], "{file}: groups, regions, incidents");
    assert!(
        components(&report).all(|it| it.last_timestamp.is_none()),
        "{file}: no page tells when a component changed"
    );
    let keys: BTreeSet<_> = report.services.iter().map(|it| &it.key).collect();
    assert_eq!(keys.len(), report.services.len(), "{file}: keys are unique");
    let is_plain = |name: &str| !name.is_empty() && !name.contains("  ") && !name.contains(['?', '<', '‡']);
    assert!(report.services.iter().all(|it| is_plain(&it.name)), "{file}");

    let ahead = report.incidents.iter().filter(|it| it.state == IncidentState::Scheduled).count();
    let going_on = report.incidents.iter().filter(|it| it.is_open()).count() - ahead;
    assert_eq!([going_on, ahead], row.told, "{file}");

    let (key, name, status, place) = row.spot;
    let service = components(&report).find(|service| service.key == key);
    let service = service.unwrap_or_else(|| panic!("{file} names no {key}"));
    let found = ["group", "region"].iter().find_map(|name| service.dimensions.get(*name));
    let found = found.map_or_else(String::new, ToString::to_string);
    assert_eq!((service.name.as_str(), service.status, found.as_str()), (name, status, place), "{file}");
}

fn time(service: &Service) -> String {
    service.last_timestamp.map_or_else(String::new, |at| at.to_string())
}
