//! What the traits promise, as questions to any backend.
//!
//! [`store_conformance!`](crate::store_conformance) makes one test of each case:
//!
//! ```ignore
//! mod sqlite { unistatus_core::store_conformance!(Some(Database::sqlite())); }
//! ```

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a case reports by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a case reports by panicking")]

mod accounts;
mod asking;
mod checks;
mod commits;
mod feed;
mod fences;
mod gaps;
mod handles;
mod health;
mod history;
mod late;
mod leases;
mod races;
mod reports;
mod retention;
mod servers;
mod templates;
mod transfers;
mod turns;
mod values;
mod watching;
mod windows;

use std::fmt::Debug;
use std::time::Duration;

pub use accounts::*;
pub use asking::*;
pub use checks::*;
pub use commits::*;
pub use feed::*;
pub use fences::*;
pub use gaps::*;
pub use handles::*;
pub use health::*;
pub use history::*;
pub use late::*;
pub use leases::*;
pub use races::*;
pub use reports::*;
pub use retention::*;
pub use servers::*;
pub use templates::*;
pub use transfers::*;
pub use turns::*;
pub use values::*;
pub use watching::*;
pub use windows::*;

use super::{Commit, Outcome, Store, StoreError, TargetState};

/// Makes one test of each case of the suite, on the fresh database that the expression gives; without one (`None`) the
/// test is skipped.
#[macro_export]
macro_rules! store_conformance {
    ($database:expr) => {
        $crate::store_conformance! { $database =>
            a_first_commit_is_found_as_it_was_made
            the_same_commit_again_changes_nothing
            a_commit_for_another_base_writes_nothing
            what_contradicts_itself_is_refused
            a_huge_target_is_written_or_refused
            health_alone_leaves_the_state_as_it_is
            health_never_goes_backwards
            health_alone_needs_its_revision
            events_keep_their_order
            incidents_are_replaced_and_ordered
            a_retired_target_is_hidden_and_kept
            targets_are_ordered_by_bytes
            absent_is_not_empty
            any_name_is_kept
            what_people_want_to_know_is_kept
            targets_are_found_by_their_names
            dimensions_keep_their_types
            instants_keep_their_milliseconds
            thousands_of_services_are_kept
            of_two_writers_one_wins
            of_two_first_writers_one_wins
            many_targets_are_written_at_once
            a_reader_sees_whole_commits
            what_was_written_is_there_after_reopening
            a_closed_store_is_unavailable
            a_fresh_database_is_empty
            a_watch_begins_with_its_moment
            a_watch_reports_every_handle
            a_watch_reports_health
            a_watch_misses_nothing
            a_cancelled_wait_loses_nothing
            events_are_found_newest_first
            pages_of_events_make_up_the_whole
            what_arrives_disturbs_no_pages
            incidents_are_found_newest_first
            pages_of_incidents_make_up_the_whole
            a_window_holds_what_was_a_status_inside_it
            a_window_is_of_one_target_or_of_all
            a_gap_is_written_with_its_commit
            a_gap_that_is_none_is_refused
            a_window_has_the_gaps_that_touch_it
            behind_every_place_is_the_rest
            an_unknown_place_has_nothing_behind_it
            a_watch_tells_the_events_of_its_changes
            a_watch_and_the_places_agree
            what_ended_before_the_retention_is_forgotten
            for_ever_forgets_nothing
            a_place_before_what_was_forgotten_is_unknown
            checks_are_found_newest_first
            a_check_is_told_once
            checks_keep_their_values
            any_target_has_its_own_checks
            thousands_of_checks_are_kept
            checks_are_no_change
            rollups_are_replaced_and_ordered
            rollups_are_put_by_many
            old_checks_are_forgotten
            a_turn_is_one_holders
            of_many_who_want_a_turn_one_gets_it
            the_roll_names_who_reported
            who_does_not_report_is_struck_off
            who_leaves_leaves_its_leases_vacant
            who_is_not_on_the_roll_holds_nothing
            a_vacant_lease_tells_who_had_it_last
            a_lease_is_opened_given_up_and_closed
            tokens_rise
            of_many_who_take_leases_each_goes_to_one
            of_many_who_come_and_go_each_lease_goes_to_one
            any_name_has_a_lease
            ten_thousand_leases_are_taken_at_once
            a_lease_that_was_taken_fences_what_was_made_before
            the_first_commit_is_fenced
            what_was_written_before_a_lease_was_taken_is_known
            what_is_made_under_no_lease_goes_on
            nothing_lands_after_a_lease_was_taken
            what_comes_late_enters_the_history_once
            what_comes_late_lies_where_it_was_seen
            what_comes_late_is_told_last
            what_comes_too_early_waits
            what_comes_late_may_last_until_the_end_of_a_gap
            what_comes_late_and_contradicts_itself_is_refused
            what_comes_late_and_goes_on_from_elsewhere_is_refused
            those_who_enter_at_once_make_one_history
            who_asks_what_is_no_change
            a_server_is_added_once
            of_many_who_add_a_server_one_does
            a_server_moves
            a_removed_server_leaves_no_checks
            of_many_who_remove_a_server_one_does
            a_key_is_added_once
            a_revoked_key_stays_revoked
            the_last_use_of_a_key_never_goes_backwards
            a_user_is_added_once
            of_many_who_add_a_user_one_does
            who_is_changed_is_logged_out
            a_user_who_was_changed_meanwhile_stays_so
            the_last_admin_stays
            of_many_who_remove_each_other_one_stays
            who_is_removed_at_a_login_has_no_session
            a_session_begins_and_ends
            all_sign_with_one_key
            a_template_is_added_once
            templates_are_listed_oldest_first
            a_template_is_replaced_at_its_revision
            of_many_who_replace_a_template_none_is_lost
            a_template_is_removed_at_its_revision
            of_many_who_remove_a_template_one_does
            a_report_is_kept_byte_for_byte
            a_report_that_is_too_large_is_refused
            reports_are_listed_newest_first
            reports_are_removed
            what_is_copied_answers_as_before
            to_copy_twice_is_to_copy_once
            what_is_copied_is_copied_as_it_is_now
            pages_of_all_that_is_kept_make_up_the_whole
            what_was_written_before_a_copy_is_known_after_it
            what_was_fenced_before_a_copy_is_fenced_after_it
            places_of_the_source_are_unknown_in_its_copy
            the_half_of_a_copy_is_not_opened
            collectors_live_until_their_time_is_over
            what_nobody_finds_is_not_copied
        }
    };
    ($database:expr => $($case:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            if let Some(database) = $database {
                $crate::store::conformance::$case(&database).await;
            }
        }
    )+};
}

/// How long anything may take before a case fails rather than hangs.
const PATIENCE: Duration = Duration::from_mins(1);

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it should not take that long")
}

async fn state(store: &dyn Store, target: &str) -> TargetState {
    store.target(target).await.expect("it can be read").expect("it is known")
}

/// The whole of what a store has of a target, to compare before and after.
async fn everything(store: &dyn Store, target: &str) -> impl PartialEq + Debug + use<> {
    let state = store.target(target).await.expect("it can be read");
    (
        state,
        store.events(target).await.expect("it has events"),
        store.incidents(target).await.expect("it has incidents"),
    )
}

async fn applies(store: &dyn Store, commit: &Commit) {
    assert_eq!(store.commit(commit).await.expect("it can be written"), Outcome::Applied, "{commit:?}");
}

async fn is_known(store: &dyn Store, commit: &Commit) {
    assert_eq!(store.commit(commit).await.expect("it can be sent again"), Outcome::AlreadyApplied, "{commit:?}");
}

async fn conflicts(store: &dyn Store, commit: &Commit, revision: u64) {
    match store.commit(commit).await {
        Err(StoreError::Conflict { target, expected, found }) => {
            assert_eq!((target, expected, found), (commit.target.clone(), commit.base, revision));
        }
        other => panic!("{other:?} for {commit:?}"),
    }
}

async fn is_refused(store: &dyn Store, commit: &Commit) {
    match store.commit(commit).await {
        Err(StoreError::Invalid { target, message }) => assert!(target == commit.target && !message.is_empty()),
        other => panic!("{other:?} for {}", commit.target),
    }
}
