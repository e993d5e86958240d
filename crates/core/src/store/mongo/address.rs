//! The address of a MongoDB, and what the driver is told beside it.

use std::time::Duration;

use mongodb::error::ErrorKind;
use mongodb::options::ClientOptions;

use super::error::failed;
use crate::store::StoreError;

/// How long a server is looked for, and how long a connection to it may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The database where the address names none.
const DATABASE: &str = "unistatus";

/// An address, read.
pub(super) struct Address {
    /// What the driver connects with.
    pub(super) options: ClientOptions,
    /// The name of the database.
    pub(super) database: String,
}

impl Address {
    /// Reads an address; one with `+srv` asks the DNS.
    pub(super) async fn read(address: &str) -> Result<Self, StoreError> {
        let mut options = match ClientOptions::parse(address).await {
            Ok(options) => options,
            Err(error) => {
                return Err(match *error.kind {
                    ErrorKind::InvalidArgument { message, .. } => unreadable(address, &message),
                    _ => failed("find the servers of this address", error),
                });
            }
        };
        options.app_name.get_or_insert_with(|| "unistatus".to_owned());
        options.server_selection_timeout.get_or_insert(PATIENCE);
        options.connect_timeout.get_or_insert(PATIENCE);
        // The store says with each question what it wants; the driver prefers what stands here even to a snapshot.
        options.read_concern = None;
        // And from the primary: a secondary may not know yet what was written.
        options.selection_criteria = None;
        let database = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
        Ok(Self { options, database })
    }

    /// Which servers it names, in whatever order, and which database: no user, no password, no options.
    pub(super) fn location(&self) -> String {
        let mut hosts: Vec<String> = self.options.hosts.iter().map(ToString::to_string).collect();
        hosts.sort();
        format!("mongodb://{}/{}", hosts.join(","), self.database)
    }
}

/// Says what the driver says of an address, unless it repeats a part that may be a password.
fn unreadable(address: &str, complaint: &str) -> StoreError {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    // A password that is not encoded may hold any of the characters that end the authority; so up to the last "@".
    let end = address.rfind('@').or_else(|| address.find(['/', '?'])).unwrap_or(address.len());
    let authority = address.get(..end).unwrap_or_default();
    let repeats =
        authority.split([':', '@', '/', ',', '?', '%']).any(|part| !part.is_empty() && complaint.contains(part));
    let complaint = if repeats { "" } else { complaint };
    let colon = if repeats { "" } else { ": " };
    StoreError::Unsuitable(format!(
        "the address of the MongoDB cannot be read{colon}{complaint}; expected is \
         mongodb://[USER:PASSWORD@]HOST[:PORT][,HOST…]/DATABASE, with the characters : / ? # [ ] @ % in a user or a \
         password percent-encoded"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refusal(address: &str) -> String {
        match Address::read(address).await {
            Err(error @ StoreError::Unsuitable(_)) => error.to_string(),
            other => panic!("{:?}", other.map(|address| address.database)),
        }
    }

    #[tokio::test]
    async fn the_database_is_the_path() {
        for (address, database) in [
            ("mongodb://h", "unistatus"),
            ("mongodb://h/", "unistatus"),
            ("mongodb://u:p@h/watch?authSource=admin", "watch"),
        ] {
            assert_eq!(Address::read(address).await.unwrap().database, database, "{address}");
        }
    }

    #[tokio::test]
    async fn a_location_is_the_same_however_the_address_is_written() {
        for address in ["mongodb://u:s3cr3t@b:1,a/db?replicaSet=rs0", "mongodb://A:27017,b:1/db"] {
            assert_eq!(Address::read(address).await.unwrap().location(), "mongodb://a:27017,b:1/db", "{address}");
        }
    }

    #[tokio::test]
    async fn a_bad_address_is_explained_without_its_password() {
        assert!(refusal("mongodb://h/a?w=-1").await.contains("cannot be read: "));
        for address in [
            "mongodb://user:s3cr3t%@host/db",
            "mongodb://user:s3c/r3t@host:port/db",
            "mongodb://user:s3c@r3t@host/db",
            "mongodb://user:s3cr3t",
            "mongodb://user:12345678@host:port/",
        ] {
            let refusal = refusal(address).await;
            assert!(refusal.contains("percent-encoded"), "{refusal}");
            for part in ["s3c", "r3t", "12345678"] {
                assert!(!refusal.contains(part), "{refusal}");
            }
        }
    }
}
