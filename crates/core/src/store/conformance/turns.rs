//! The right to ask a target.

use std::time::Duration;

use futures_util::future::join_all;

use super::in_time;
use crate::schema::Timestamp;
use crate::store::testkit::Database;

const LONG: Duration = Duration::from_hours(1);

/// One has a turn, whoever else wants it; who has it may take it again; what ends is free.
pub async fn a_turn_is_one_holders(database: &Database) {
    let store = &*database.open().await;
    let take =
        async |target: &str, holder: &str, span| store.take_turn(target, holder, span, Timestamp::now()).await.unwrap();
    assert!(take("github", "a", LONG).await);
    assert!(take("$where: \"1\"", "$a", LONG).await, "another target is free");
    assert!(!take("github", "b", LONG).await);
    assert!(take("github", "a", LONG).await);
    store.end_turn("github", "b").await.unwrap();
    assert!(!take("github", "b", LONG).await, "only its holder ends it");
    store.end_turn("github", "a").await.unwrap();
    store.end_turn("github", "a").await.unwrap();
    assert!(take("github", "b", Duration::ZERO).await);
    assert!(take("github", "a", LONG).await, "it ran out");
    assert!(!take("github", "b", LONG).await);
}

/// Of many who want a turn at once exactly one gets it, be it new or one that ran out.
pub async fn of_many_who_want_a_turn_one_gets_it(database: &Database) {
    let handles = [database.open().await, database.open().await];
    for round in 0..5 {
        let target = format!("target {round}");
        if round % 2 == 1 {
            assert!(handles[0].take_turn(&target, "before", Duration::ZERO, Timestamp::now()).await.unwrap());
        }
        let holders: Vec<String> = (0..12).map(|n| format!("holder {n}")).collect();
        let take = holders.iter().enumerate().map(|(n, holder)| {
            let handle = &handles[n % 2];
            handle.take_turn(&target, holder, LONG, Timestamp::now())
        });
        let taken = in_time(join_all(take)).await.into_iter().filter(|taken| *taken.as_ref().unwrap()).count();
        assert_eq!(taken, 1, "{target}");
    }
}
