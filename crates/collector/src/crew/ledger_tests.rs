use super::*;

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn vacant(names: &[&str]) -> Loads {
    names.iter().map(|name| ((*name).to_owned(), 1)).collect()
}

#[tokio::test(start_paused = true)]
async fn nobody_wants_what_has_been_vacant_for_long_without_a_break() {
    let mut ledger = Ledger::new();
    ledger.are_vacant(&vacant(&["a", "b", "c"]));
    tokio::time::advance(VACANT / 2).await;
    ledger.are_vacant(&vacant(&["a", "b"]));
    assert_eq!(ledger.nobody_wants(), named(&[]));
    tokio::time::advance(VACANT / 2).await;
    ledger.are_vacant(&vacant(&["a", "c"]));
    assert_eq!(ledger.nobody_wants(), named(&["a"]), "b is taken, and c was in between");
    ledger.are_vacant(&vacant(&[]));
    assert_eq!(ledger.nobody_wants(), named(&[]));
    assert_eq!(*ledger.unwanted(), named(&["a"]), "so it was, until others are there");
    ledger.meet_others();
    assert_eq!(*ledger.unwanted(), named(&[]));
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_known_for_a_moment() {
    let mut ledger = Ledger::new();
    ledger.were_given(named(&["a"]));
    tokio::time::advance(VACANT).await;
    ledger.were_given(named(&["b"]));
    assert_eq!(ledger.given(), named(&["a", "b"]));
    tokio::time::advance(VACANT).await;
    ledger.were_given(named(&[]));
    assert_eq!(ledger.given(), named(&["b"]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_given_up_after_something_came_back_and_longer_each_time() {
    let mut ledger = Ledger::new();
    for keep in [KEEP, 2 * KEEP, 4 * KEEP] {
        assert!(ledger.may_give());
        comes_back(&mut ledger).await;
        assert!(!ledger.may_give());
        tokio::time::advance(keep / 2).await;
        assert!(!ledger.may_give());
        tokio::time::advance(keep / 2).await;
    }
    for _ in 0..6 {
        comes_back(&mut ledger).await;
    }
    tokio::time::advance(LONGEST_KEEP).await;
    assert!(ledger.may_give(), "an hour at the most");
    comes_back(&mut ledger).await;
    ledger.meet_others();
    assert!(ledger.may_give(), "others may want it");
    comes_back(&mut ledger).await;
    tokio::time::advance(KEEP).await;
    assert!(ledger.may_give(), "and it begins anew");
}

/// What was given up is vacant until nobody wants it.
async fn comes_back(ledger: &mut Ledger) {
    ledger.were_given(named(&["a"]));
    ledger.are_vacant(&vacant(&["a"]));
    tokio::time::advance(VACANT).await;
    assert_eq!(ledger.nobody_wants(), named(&["a"]));
    ledger.are_vacant(&vacant(&[]));
}

#[tokio::test(start_paused = true)]
async fn loads_are_steady_once_they_were_the_same_for_a_while() {
    let mut ledger = Ledger::new();
    assert!(!ledger.are_steady(&[3, 4], 5));
    tokio::time::advance(STEADY).await;
    assert!(ledger.are_steady(&[3, 4], 5));
    assert!(!ledger.are_steady(&[3, 4], 4));
    tokio::time::advance(STEADY).await;
    assert!(!ledger.are_steady(&[4, 3], 4));
    tokio::time::advance(STEADY).await;
    assert!(ledger.are_steady(&[4, 3], 4));
}
