//! The address of a store: what is accepted, and what is said of the rest.

use unistatus_core::store::{StoreError, open};

/// What is said of an address that cannot serve.
pub(crate) async fn refusal(address: &str) -> String {
    match open(address).await {
        Err(StoreError::Unsuitable(message)) => message,
        other => panic!("{address}: {other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_address_is_answered_with_what_is_accepted() {
    for address in ["", "unistatus.db", "postgres://u:s3cr3t@h/d", "SQLITE:a.db", "mongodbx://h"] {
        let refusal = refusal(address).await;
        assert!(refusal.contains("sqlite:PATH") && refusal.contains("mongodb://"), "{refusal}");
        assert!(!refusal.contains("s3cr3t"), "{refusal}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_unsuitable() {
    for address in ["mongodb:", "mongodb://", "mongodb://h:port/d", "mongodb://h/d?w=-1", "mongodb://u:s3cr3t@@h/d"] {
        let refusal = refusal(address).await;
        assert!(refusal.contains("cannot be read"), "{refusal}");
        assert!(!refusal.contains("s3cr3t"), "{refusal}");
    }
}
