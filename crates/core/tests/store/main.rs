//! Both backends: the conformance suite, and what is asked of one of them only.

#![expect(clippy::unwrap_used, reason = "tests report by panicking")]

mod address;
mod kill;
mod leases;
mod measured;
mod migrate;
mod model;
mod mongo;
mod sqlite;

mod conformance {
    mod sqlite {
        use unistatus_core::store::testkit::Database;

        unistatus_core::store_conformance!(Some(Database::sqlite()));
    }

    mod mongo {
        use unistatus_core::store::testkit::Database;

        unistatus_core::store_conformance!(Database::mongo());
    }
}
