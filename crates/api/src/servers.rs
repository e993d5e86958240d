//! The team's own servers: how they come to be, change and go, and what was measured of them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use unistatus_core::access::{self, check_name};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{Check, ProbeId, Server, Timestamp};
use unistatus_core::store::{CheckQuery, Store};

use crate::archive::Archive;
use crate::auth::{CHANGE, Identity};
use crate::error::ApiError;
use crate::query::find_checks;
use crate::snapshot::{Snapshot, TargetView};

/// What became of a wish. Each has its word, which clients can rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server was added.
    Created,
    /// The server has this address now.
    Updated,
    /// The server is gone, and its pings are.
    Deleted,
    /// The wish cannot be understood, or may not be fulfilled; the text says why.
    Wrong(String),
    /// A target has that name.
    NameTaken,
    /// No server has that name.
    NameUnknown,
}

impl Outcome {
    /// Its word.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
            Self::Wrong(_) => "WRONG_REQUEST",
            Self::NameTaken => "NAME_ALREADY_EXIST",
            Self::NameUnknown => "NAME_DID_NOT_FOUND",
        }
    }

    /// The status that it is answered with.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Created => StatusCode::CREATED,
            Self::Updated | Self::Deleted => StatusCode::OK,
            Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::NameTaken => StatusCode::CONFLICT,
            Self::NameUnknown => StatusCode::NOT_FOUND,
        }
    }
}

/// Adds, changes and removes servers, as far as the address policy lets them.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    policy: Arc<AddressPolicy>,
}

impl Servers {
    /// Servers may have the addresses that this policy allows.
    pub(crate) fn new(policy: AddressPolicy) -> Self {
        Self { policy: Arc::new(policy) }
    }

    /// Adds a server.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`]: it is not known then whether it was added.
    pub(crate) async fn add(
        &self,
        who: &Identity,
        archive: &Archive,
        snapshot: &Snapshot,
        (name, address): (&str, &str),
        now: Timestamp,
    ) -> Result<Outcome, ApiError> {
        let address = match self.read(name, address) {
            Ok(address) => address,
            Err(reason) => return Ok(Outcome::Wrong(reason)),
        };
        if snapshot.target(name).is_some_and(|target| !is_of_a_server(target)) {
            return Ok(Outcome::NameTaken);
        }
        let server = Server { id: access::new_id()?, name: name.to_owned(), address, added_at: now };
        let is_added = archive.once(CHANGE, |store| async move { store.add_server(&server).await }).await?;
        Ok(if is_added { done(who, name, Outcome::Created) } else { Outcome::NameTaken })
    }

    /// Gives a server another address.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`]: it is not known then which it has.
    pub(crate) async fn change(
        &self,
        who: &Identity,
        archive: &Archive,
        (name, address): (&str, &str),
    ) -> Result<Outcome, ApiError> {
        let address = match self.read(name, address) {
            Ok(address) => address,
            Err(reason) => return Ok(Outcome::Wrong(reason)),
        };
        let is_changed = archive.once(CHANGE, |store| async move { store.move_server(name, address).await }).await?;
        Ok(if is_changed { done(who, name, Outcome::Updated) } else { Outcome::NameUnknown })
    }

    /// Removes a server, and what was measured of it.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`]: it is not known then whether it is gone.
    pub(crate) async fn remove(&self, who: &Identity, archive: &Archive, name: &str) -> Result<Outcome, ApiError> {
        if let Err(refused) = check_name(name) {
            return Ok(Outcome::Wrong(refused.to_string()));
        }
        let is_removed = archive.once(CHANGE, |store| async move { store.remove_server(name).await }).await?;
        Ok(if is_removed { done(who, name, Outcome::Deleted) } else { Outcome::NameUnknown })
    }

    /// Checks a name and reads an address; the error says what is wrong.
    fn read(&self, name: &str, address: &str) -> Result<IpAddr, String> {
        check_name(name).map_err(|refused| refused.to_string())?;
        let address: IpAddr = address.parse().map_err(|_| "the IP is no IPv4 or IPv6 address".to_owned())?;
        // One of IPv4 in the clothes of IPv6 is reached as what it is.
        let address = address.to_canonical();
        self.policy.check(address).map(|()| address).map_err(|refused| refused.to_string())
    }
}

/// Writes down who changed what.
fn done(who: &Identity, name: &str, outcome: Outcome) -> Outcome {
    tracing::info!(by = who.name, server = name, outcome = outcome.as_str(), "a server was changed");
    outcome
}

/// Whether a target is that of a server, also of one that was just removed.
pub(crate) fn is_of_a_server(target: &TargetView) -> bool {
    target.state().about.server.is_some()
}

/// All servers, by name.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn all(archive: &Archive) -> Result<Vec<Server>, ApiError> {
    archive.turn().await?.ask(|store| async move { store.servers().await }).await
}

/// One server, if there is one of that name.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn named(archive: &Archive, name: &str) -> Result<Option<Server>, ApiError> {
    let find = |store: Arc<dyn Store>| async move { store.server(name).await };
    archive.turn().await?.ask(find).await
}

/// What was measured of a server, newest first.
///
/// # Errors
/// What the archive cannot answer.
pub(crate) async fn checks(
    archive: &Archive,
    server: &Server,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    limit: Option<u32>,
) -> Result<Vec<Check>, ApiError> {
    let query = CheckQuery { probe: ProbeId::of_server(&server.id), from, until, limit };
    find_checks(&archive.turn().await?, query).await
}

/// A latency in milliseconds, to the microsecond.
pub(crate) fn millis(latency: Duration) -> f64 {
    u32::try_from(latency.as_micros())
        .map_or_else(|_| latency.as_secs_f64() * 1000.0, |micros| f64::from(micros) / 1000.0)
}
