//! Servers that were added through the API.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::{Host, Ping, PingTarget, Retries, Thresholds};
use crate::networks::AddressPolicy;
use crate::schema::{About, Kind, Server};
use crate::target::Identity;
use crate::target::spec::Configured;

/// The `PING` target that a server is, under its name. The policy is asked at each ask: where it refuses the address,
/// nothing is sent, and the ask fails as not configured.
pub fn of_server(server: &Server, policy: &AddressPolicy) -> Configured {
    let identity = Identity {
        name: server.name.clone(),
        endpoint: server.address.to_string(),
        kind: Kind::Ping,
        about: About {
            category: Some(Server::CATEGORY.to_owned()),
            server: Some(server.id.clone()),
            ..About::default()
        },
        every: None,
        floor: Duration::ZERO,
    };
    let ping = Ping { guard: Some(policy.clone()), ..Ping::new(Host::Address(server.address)) };
    let target = PingTarget::new(identity, ping, Retries::default(), Thresholds::usual(Kind::Ping));
    Configured { target: Arc::new(target), format: "", definition: definition(server, policy) }
}

/// The fingerprint of a server: another one where it was removed and added again, or its address or the policy changed.
fn definition(server: &Server, policy: &AddressPolicy) -> String {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    (&server.id, &server.name, server.address, format!("{policy:?}")).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Timestamp;

    #[test]
    fn a_server_is_a_target_of_its_name_and_another_address_makes_it_another() {
        let server = Server {
            id: "6b1c".to_owned(),
            name: "Büro, 2. Stock".to_owned(),
            address: "192.0.2.7".parse().unwrap(),
            added_at: Timestamp::from_secs(1_700_000_000).unwrap(),
        };
        let policy = AddressPolicy::default();
        let configured = of_server(&server, &policy);
        let identity = configured.target.identity();
        assert_eq!((identity.name.as_str(), identity.endpoint.as_str()), ("Büro, 2. Stock", "192.0.2.7"));
        assert_eq!((identity.kind, identity.interval(Duration::from_secs(10)).as_secs()), (Kind::Ping, 10));
        let definition = |server: &Server, policy: &AddressPolicy| of_server(server, policy).definition;
        assert_eq!(configured.definition, definition(&server.clone(), &policy.clone()));
        let elsewhere = Server { address: "192.0.2.8".parse().unwrap(), ..server.clone() };
        let anew = Server { id: "7c2d".to_owned(), ..server.clone() };
        let other = AddressPolicy::allowing("127.0.0.0/8".parse().unwrap());
        for changed in [definition(&elsewhere, &policy), definition(&anew, &policy), definition(&server, &other)] {
            assert_ne!(configured.definition, changed);
        }
    }
}
