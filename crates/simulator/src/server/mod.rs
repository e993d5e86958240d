//! Every vendor on a port of its own, in one process.

mod admin;
pub(crate) mod answer;
mod auth;
mod clock;
mod error;
pub(crate) mod listen;
mod network;
mod requests;
mod site;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use auth::credentials;
pub use clock::Clock;
use clock::Timekeeper;
pub use error::{StartError, Unknown};
pub use network::{Network, VendorView};
pub use requests::Recorded;
use site::Site;

use crate::world::World;

/// How a simulator is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of the first vendor, the next one's for the second and so on; `None`: free ports.
    pub base_port: Option<u16>,
    /// The port of the control surface, 0 for a free one; `None`: there is none.
    pub admin_port: Option<u16>,
    /// What moves the timeline.
    pub clock: Clock,
    /// When the timeline begins; `None`: now, or a fixed moment if the clock is manual.
    pub epoch: Option<DateTime<Utc>>,
    /// So many of the newest requests are kept for each vendor. All are counted.
    pub keep_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { base_port: None, admin_port: None, clock: Clock::default(), epoch: None, keep_requests: 256 }
    }
}

impl Options {
    /// A timeline that only [`Network::advance`] moves, from the same moment in every run.
    pub fn manual() -> Self {
        Self { clock: Clock::Manual, ..Self::default() }
    }
}

/// A world that answers. What can be asked of it and set for it is in [`Network`]. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    network: Arc<Network>,
    admin: Option<SocketAddr>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stop_on_drop: DropGuard,
}

impl Deref for Simulator {
    type Target = Network;

    fn deref(&self) -> &Network {
        &self.network
    }
}

impl Simulator {
    /// Starts every vendor of a world on 127.0.0.1. When this returns, all of them answer.
    ///
    /// # Errors
    /// If one cannot listen: its port is taken, or no file descriptor is left. Then none does.
    pub async fn start(world: World, options: Options) -> Result<Self, StartError> {
        let clock = Arc::new(Timekeeper::new(options.clock, options.epoch));
        let mut sites = Vec::new();
        let mut listeners = Vec::new();
        for (place, vendor) in world.into_vendors().into_iter().enumerate() {
            let (listener, address) = bind(&vendor.name, options.base_port, place).await?;
            sites.push(Arc::new(Site::new(vendor, address, Arc::clone(&clock), options.keep_requests)));
            listeners.push(listener);
        }
        let admin = match options.admin_port {
            Some(port) => Some(bind("admin", Some(port), 0).await?),
            None => None,
        };

        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        for (site, listener) in sites.iter().map(Arc::clone).zip(listeners) {
            let handle = move |request| {
                let site = Arc::clone(&site);
                async move { site.respond(request).await }
            };
            tasks.spawn(listen::serve(listener, stop.clone(), tasks.clone(), handle));
        }
        let network = Arc::new(Network::new(sites, clock));
        let admin = admin.map(|(listener, address)| {
            let network = Arc::clone(&network);
            let handle = move |request| {
                let network = Arc::clone(&network);
                async move { Ok(admin::respond(&network, request).await) }
            };
            tasks.spawn(listen::serve(listener, stop.clone(), tasks.clone(), handle));
            address
        });
        Ok(Self { network, admin, tasks, _stop_on_drop: stop.clone().drop_guard(), stop })
    }

    /// Where the control surface listens.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Closes every port and every connection, and waits until that is done.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Listens on the port at `place` from `base`, or on a free one.
async fn bind(who: &str, base: Option<u16>, place: usize) -> Result<(TcpListener, SocketAddr), StartError> {
    let fail = |port| move |source| StartError { who: who.to_owned(), port, source };
    let port = match base {
        None | Some(0) => 0,
        Some(base) => u16::try_from(place).ok().and_then(|place| base.checked_add(place)).ok_or_else(|| {
            fail(base)(io::Error::new(io::ErrorKind::InvalidInput, format!("port {base} + {place} is above 65535")))
        })?,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail(port))?;
    let address = listener.local_addr().map_err(fail(port))?;
    Ok((listener, address))
}

/// What a mutex guards. Nothing here panics while it holds one, and if it did, the data would still be whole.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
