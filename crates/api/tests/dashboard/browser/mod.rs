//! The dashboard in headless Chromium.

mod access;
mod accessible;
mod chromium;
mod large;
mod live;
mod page;
mod servers;

use std::time::Duration;

use chromium::Chromium;

/// How long a test waits for what must come. Reached only where it fails; a browser is slow on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long between two looks at what must come.
const LOOK: Duration = Duration::from_millis(20);
