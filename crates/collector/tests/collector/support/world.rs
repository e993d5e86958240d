//! The simulated world, and its words in ours.

use std::fmt::Write as _;

use unistatus_core::schema::Status;
use unistatus_simulator::{Condition, Options, Simulator, VendorView, World};

/// Starts a world in which nothing happens but what the test makes happen. Its clock runs.
pub(crate) async fn start(world: World) -> Simulator {
    let options = Options { keep_requests: 10_000, ..Options::default() };
    Simulator::start(world.quiet(), options).await.unwrap()
}

/// The vendors of these names of the demo.
pub(crate) fn only(vendors: &[&str]) -> World {
    let world = World::demo(1).only(vendors);
    assert_eq!(world.vendors().len(), vendors.len(), "not all of {vendors:?} are in the demo");
    world
}

/// A targets file that names some of a simulator's vendors.
pub(crate) fn targets(simulator: &Simulator, vendors: &[&str]) -> String {
    vendors.iter().fold(String::new(), |mut toml, name| {
        let VendorView { kind, format, url, mapping, .. } = simulator.vendor(name).unwrap();
        write!(
            toml,
            "[[target]]\nname = \"{name}\"\ntype = \"{kind}\"\nformat = \"{format}\"\nendpoint = \"{url}\"\n{mapping}\n"
        )
        .unwrap();
        toml
    })
}

/// What a condition is called here, where a vendor's format has words for all of them.
pub(crate) fn status_of(condition: Condition) -> Status {
    match condition {
        Condition::Operational => Status::Ok,
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => Status::Degraded,
        Condition::MajorOutage => Status::Outage,
    }
}
