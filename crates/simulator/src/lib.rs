//! A stand-in for the outside world: vendors that publish their status in every wire format, live, with faults on
//! demand. It knows the wire formats and nothing else of this project.
//!
//! ```no_run
//! use unistatus_simulator::{Condition, Fault, Options, Simulator, World};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let simulator = Simulator::start(World::demo(1), Options::default()).await?;
//! std::fs::write("targets.toml", simulator.targets_toml())?;
//! simulator.set("github", "git-transport", Condition::MajorOutage)?;
//! simulator.set_fault("slack", Fault::Status(500))?;
//! simulator.wait_for_requests("slack", 1).await?;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! - [`World`]: what is true, now and at any time.
//! - [`formats`]: how each vendor says it; one table.
//! - [`Fault`]: how asking can fail.
//! - [`Access`]: who may ask, with the [`credentials`] that open the door.
//! - [`rollbar`]: a stand-in for an API that is not only read.
//! - [`Simulator`]: every vendor on a port of its own, and a record of who asked.

mod faults;
pub mod formats;
pub mod rollbar;
mod server;

mod world;

pub use faults::{Fault, RetryAfter};
pub use formats::Access;
pub use server::{Clock, Network, Options, Recorded, Simulator, StartError, Unknown, VendorView, credentials};
pub use world::{
    Calendar, Condition, Incident, IncidentKind, NewIncident, Overrides, Region, Service, ServiceState, Speed, Stage,
    Truth, Update, Vendor, World, Zone,
};
