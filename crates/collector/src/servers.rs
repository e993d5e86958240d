//! The servers that were added through the API, as targets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use unistatus_core::catalog::TargetSet;
use unistatus_core::causes::with_causes;
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::Server;
use unistatus_core::store::Store;
use unistatus_core::target::probe;
use unistatus_core::target::spec::Configured;

/// The servers, as the store had them last.
#[derive(Debug)]
pub(crate) struct OwnServers {
    store: Arc<dyn Store>,
    policy: AddressPolicy,
    servers: Vec<Server>,
    /// Whether it was said that the store does not tell.
    is_away: bool,
    /// The names of servers that give way to a target of the same name, and of which that was said.
    outranked: BTreeSet<String>,
}

impl OwnServers {
    /// None are known yet.
    pub(crate) const fn new(store: Arc<dyn Store>, policy: AddressPolicy) -> Self {
        Self { store, policy, servers: Vec::new(), is_away: false, outranked: BTreeSet::new() }
    }

    /// Asks the store; whether there are others now than before. While it is away, those that were known stay.
    pub(crate) async fn poll(&mut self) -> bool {
        match self.store.servers().await {
            Ok(servers) => {
                self.is_away = false;
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
