//! Stores of tests that keep less than a store does.

/// Implements [`Leases`](crate::store::Leases) for a store that no collector shares: it refuses all of it.
#[macro_export]
macro_rules! store_without_leases {
    ($store:ty) => {
        #[::async_trait::async_trait]
        impl $crate::store::Leases for $store {
            async fn report_in(
                &self,
                _: &$crate::store::Member,
                _: ::std::time::Duration,
                _: $crate::schema::Timestamp,
            ) -> Result<$crate::store::Roll, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn strike_off(
                &self,
                _: $crate::schema::Timestamp,
            ) -> Result<::std::collections::BTreeSet<String>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn leave_roll(&self, _: &str) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn open_leases(
                &self,
                _: &::std::collections::BTreeSet<String>,
            ) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn vacant_leases(&self) -> Result<::std::collections::BTreeSet<String>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn take_leases(
                &self,
                _: &str,
                _: &::std::collections::BTreeSet<String>,
            ) -> Result<::std::collections::BTreeMap<String, u64>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn left_leases(
                &self,
                _: &str,
            ) -> Result<::std::collections::BTreeSet<String>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn held_leases(
                &self,
                _: &str,
            ) -> Result<::std::collections::BTreeMap<String, u64>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn give_up_leases(
                &self,
                _: &str,
                _: &::std::collections::BTreeSet<String>,
            ) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn close_lease(&self, _: &str, _: &str) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }
    };
}

/// Implements [`Checks`](crate::store::Checks), [`Turns`](crate::store::Turns), [`Leases`](crate::store::Leases),
/// [`Servers`](crate::store::Servers), [`Accounts`](crate::store::Accounts), [`Templates`](crate::store::Templates) and
/// [`Reports`](crate::store::Reports) for a store that has nothing to do with them: it refuses all of it.
#[macro_export]
macro_rules! store_without_more {
    ($store:ty) => {
        $crate::store_without_leases!($store);

        #[::async_trait::async_trait]
        impl $crate::store::Checks for $store {
            async fn record(&self, _: &[$crate::schema::Check]) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn checks(
                &self,
                _: &$crate::store::CheckQuery,
            ) -> Result<Vec<$crate::schema::Check>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn put_rollups(&self, _: &[$crate::store::Rollup]) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn rollups(
                &self,
                _: &$crate::schema::ProbeId,
                _: $crate::schema::Timestamp,
                _: $crate::schema::Timestamp,
            ) -> Result<Vec<$crate::store::Rollup>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn last_rollup(
                &self,
                _: &$crate::schema::ProbeId,
            ) -> Result<Option<$crate::schema::Timestamp>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn retain_checks(
                &self,
                _: $crate::store::Retention,
                _: $crate::store::Retention,
                _: $crate::schema::Timestamp,
            ) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }

        #[::async_trait::async_trait]
        impl $crate::store::Turns for $store {
            async fn take_turn(
                &self,
                _: &str,
                _: &str,
                _: ::std::time::Duration,
                _: $crate::schema::Timestamp,
            ) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn end_turn(&self, _: &str, _: &str) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }

        #[::async_trait::async_trait]
        impl $crate::store::Servers for $store {
            async fn servers(&self) -> Result<Vec<$crate::schema::Server>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn server(&self, _: &str) -> Result<Option<$crate::schema::Server>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn add_server(&self, _: &$crate::schema::Server) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn move_server(&self, _: &str, _: ::std::net::IpAddr) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn remove_server(&self, _: &str) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }

        #[::async_trait::async_trait]
        impl $crate::store::Accounts for $store {
            async fn add_key(&self, _: &$crate::access::Key) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn keys(&self) -> Result<Vec<$crate::access::Key>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn key(&self, _: &str) -> Result<Option<$crate::access::Key>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn revoke_key(
                &self,
                _: &str,
                _: $crate::schema::Timestamp,
            ) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn key_used(&self, _: &str, _: $crate::schema::Timestamp) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn add_user(&self, _: &$crate::access::User) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn users(&self) -> Result<Vec<$crate::access::User>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn user(&self, _: &str) -> Result<Option<$crate::access::User>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn replace_user(
                &self,
                _: &$crate::access::User,
                _: Option<&$crate::access::User>,
                _: $crate::schema::Timestamp,
            ) -> Result<$crate::store::Replaced, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn begin_session(
                &self,
                _: &$crate::access::Session,
                _: &$crate::access::User,
                _: $crate::schema::Timestamp,
            ) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn session(&self, _: &str) -> Result<Option<$crate::access::Session>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn end_session(&self, _: &str) -> Result<(), $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn signing_key(&self, _: &[u8]) -> Result<Vec<u8>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }

        #[::async_trait::async_trait]
        impl $crate::store::Templates for $store {
            async fn add_template(&self, _: &$crate::template::Template) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn templates(
                &self,
                _: Option<&$crate::store::ByAge>,
                _: Option<u32>,
            ) -> Result<Vec<$crate::template::Template>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn template(&self, _: &str) -> Result<Option<$crate::template::Template>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn replace_template(
                &self,
                _: &$crate::template::Template,
            ) -> Result<$crate::store::Exchanged, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn remove_template(
                &self,
                _: &str,
                _: u64,
            ) -> Result<$crate::store::Exchanged, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }

        #[::async_trait::async_trait]
        impl $crate::store::Reports for $store {
            async fn add_report(&self, _: &$crate::store::Report) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn reports(
                &self,
                _: Option<&$crate::store::ByAge>,
                _: Option<u32>,
            ) -> Result<Vec<$crate::store::ReportSummary>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn report(&self, _: &str) -> Result<Option<$crate::store::Report>, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn remove_report(&self, _: &str) -> Result<bool, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }

            async fn remove_reports(&self) -> Result<u64, $crate::store::StoreError> {
                Err($crate::store::StoreError::corrupt("what is asked for", "this store of a test keeps no such thing"))
            }
        }
    };
}
