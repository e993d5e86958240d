//! Answers that the simulator gives, one in each of its dialects.

use std::path::PathBuf;

use unistatus_core::catalog::{Selection, assemble};
use unistatus_core::schema::Timestamp;
use unistatus_simulator::formats::{Asked, DIALECTS, Dialect, find_dialect};
use unistatus_simulator::{Condition, Options, Simulator, VendorView, World};
use url::Url;

use crate::answer::Answer;

const SERVICES: usize = 100;
/// One service in so many is in trouble, so that what is told of events has something to tell.
const TROUBLED: usize = 10;

/// An answer in each dialect, in the order of their table.
pub(crate) async fn answers() -> Vec<Answer> {
    let simulator =
        Simulator::start(World::uniform(DIALECTS.len(), SERVICES, &[]).quiet(), Options::manual()).await.unwrap();
    let targets = assemble(&Selection::None, &[(PathBuf::from("targets.toml"), simulator.targets_toml())]).unwrap();
    let mut answers = Vec::new();
    for vendor in simulator.vendors() {
        for number in (1..=SERVICES).step_by(TROUBLED) {
            simulator.set(&vendor.name, &format!("Service {number}"), Condition::MajorOutage).unwrap();
        }
        let spec = &targets.look_up(&vendor.name).unwrap().unwrap().spec;
        let mut answer = Answer {
            title: format!("{} {}", vendor.kind, vendor.dialect),
            format: spec.format().unwrap(),
            parts: Vec::new(),
            asked_at: Some(Timestamp::from(simulator.now())),
        };
        let mut next = Some(Url::parse(&vendor.url).unwrap());
        while let Some(url) = next {
            let document = document(&simulator, &vendor, &url);
            answer.parts.push((url, document));
            next = answer.format.next_part(&answer.as_parts()).unwrap();
        }
        answers.push(answer);
    }
    simulator.stop().await;
    answers
}

/// What a vendor has at an address, if anything.
fn document(simulator: &Simulator, vendor: &VendorView, url: &Url) -> Option<Vec<u8>> {
    let dialect: &Dialect = find_dialect(vendor.dialect).unwrap();
    let page = dialect.page(url.path())?;
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let asked = Asked { origin: url.origin().ascii_serialization(), query };
    Some(simulator.truth(&vendor.name, |truth| page.body(truth, &asked)).unwrap())
}
