//! What the tests share: a world to ask, a collector inside this process, the real program, and questions to a store.

mod collector;
mod history;
mod http;
mod lock;
mod outage;
mod program;
mod restless;
mod wait;
mod world;

pub(crate) use collector::{INTERVAL, TestCollector, limits};
pub(crate) use history::{assert_whole, changes};
pub(crate) use http::{ask, ask_until};
pub(crate) use lock::{lock, path};
pub(crate) use outage::{Outage, with_an_outage_of_both_stores};
pub(crate) use program::{Ended, Program, outcome};
pub(crate) use restless::{Dice, change_for_ever};
pub(crate) use wait::{in_time, target_until, until};
pub(crate) use world::{only, start, status_of, targets};

/// Makes two tests of each function: one on a fresh SQLite database, one on a fresh MongoDB database (skipped where
/// there is no MongoDB).
macro_rules! on_both_stores {
    ($($case:ident)+) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(unistatus_core::store::testkit::Database::sqlite()).await;
            })+
        }

        mod on_mongo {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(database) = unistatus_core::store::testkit::Database::mongo() {
                    super::$case(database).await;
                }
            })+
        }
    };
}
pub(crate) use on_both_stores;
