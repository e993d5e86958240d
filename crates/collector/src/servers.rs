//! The servers that were added through the API, as targets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use unistatus_core::catalog::TargetSet;
use unistatus_core::causes::with_causes;
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::Server;
use unistatus_core::store::{Store, StoreError, TargetState};
use unistatus_core::target::probe;
use unistatus_core::target::spec::Configured;

/// The servers, as the store had them last.
#[derive(Debug)]
pub(crate) struct OwnServers {
    store: Arc<dyn Store>,
    policy: AddressPolicy,
    servers: Vec<Server>,
    /// Whether the store told which there are, ever.
    are_known: bool,
    /// Whether it was said that the store does not tell.
    is_away: bool,
    /// The names of servers that give way to a target of the same name, and of which that was said.
    outranked: BTreeSet<String>,
    /// Whether the list was searched for servers that were removed.
    is_list_searched: bool,
}

impl OwnServers {
    /// None are known yet.
    pub(crate) const fn new(store: Arc<dyn Store>, policy: AddressPolicy) -> Self {
        Self {
            store,
            policy,
            servers: Vec::new(),
            are_known: false,
            is_away: false,
            outranked: BTreeSet::new(),
            is_list_searched: false,
        }
    }

    /// Whether the store told which there are, ever.
    pub(crate) const fn are_known(&self) -> bool {
        self.are_known
    }

    /// Asks the store; whether there are others now than before. While it is away, those that were known stay.
    pub(crate) async fn poll(&mut self) -> bool {
        match self.store.servers().await {
            Ok(servers) => {
                self.is_away = false;
                self.are_known = true;
                let changed = servers != self.servers;
                self.servers = servers;
                changed
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_away, true) {
                    tracing::warn!(
                        error = with_causes(&error),
                        "which servers there are cannot be read; the known ones stay"
                    );
                }
                false
            }
        }
    }

    /// The targets of servers that are no more and are listed all the same: nobody was there to retire them. Tells them
    /// once, and none while the store is away.
    pub(crate) async fn listed_though_removed(&mut self) -> Vec<TargetState> {
        if self.is_list_searched {
            return Vec::new();
        }
        match listed_though_removed(self.store.as_ref()).await {
            Err(error) if error.is_transient() => Vec::new(),
            found => {
                self.is_list_searched = true;
                found.unwrap_or_else(|error| {
                    tracing::warn!(error = with_causes(&error), "servers that were removed may stay on the list");
                    Vec::new()
                })
            }
        }
    }

    /// All that is to be asked: the operator's targets, and the servers that have no name of theirs.
    pub(crate) fn beside(&mut self, targets: &TargetSet) -> BTreeMap<String, Configured> {
        let name = |configured: &Configured| configured.target.identity().name.clone();
        let mut all: BTreeMap<String, Configured> =
            targets.iter().map(|configured| (name(configured), configured.clone())).collect();
        let mut outranked = BTreeSet::new();
        for server in &self.servers {
            if all.contains_key(&server.name) {
                outranked.insert(server.name.clone());
            } else {
                all.insert(server.name.clone(), probe::of_server(server, &self.policy));
            }
        }
        for name in outranked.difference(&self.outranked) {
            tracing::warn!(name, "a server is not asked: a target of the targets file has its name");
        }
        self.outranked = outranked;
        all
    }
}

async fn listed_though_removed(store: &dyn Store) -> Result<Vec<TargetState>, StoreError> {
    // In this order: whoever is listed and is no server afterwards will never be one again.
    let listed = store.targets().await?;
    let servers = store.servers().await?;
    let is_removed = |id: &String| !servers.iter().any(|server| server.id == *id);
    Ok(listed
        .into_iter()
        .filter(|state| !state.retired && state.about.server.as_ref().is_some_and(is_removed))
        .collect())
}
