//! The client of Rollbar, against its stand-in.

use std::time::Duration;

use serde_json::{Value, json};
use unistatus_core::config::Hidden;
use unistatus_core::rollbar::{
    Account, ItemChange, ItemFilter, ItemLevel, ItemRef, ItemStatus, Listing, MOST, NewItem, Place, RawValue, Rollbar,
    RollbarError, TokenScope,
};
use unistatus_simulator::rollbar::{Project, StandIn, Trouble, item, tokens};

use crate::support::{account, rollbar};

/// A stand-in with so many items, and a client that may do everything.
async fn both(items: usize) -> (StandIn, Rollbar) {
    let rollbar = rollbar(Project::of(items)).await;
    let client = Rollbar::new(&account(&rollbar)).unwrap();
    (rollbar, client)
}

/// A client that shows another token.
fn with_token(rollbar: &StandIn, token: &str) -> Rollbar {
    Rollbar::new(&Account { token: Hidden::new(token), ..account(rollbar) }).unwrap()
}

/// A client that waits for so long in all.
fn within(rollbar: &StandIn, total: Duration) -> Rollbar {
    let mut account = account(rollbar);
    account.limits.total = total;
    Rollbar::new(&account).unwrap()
}

fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

fn values(listing: &Listing) -> Vec<Value> {
    listing.items.iter().map(|item| value(item)).collect()
}

fn occurrence() -> NewItem {
    let json =
        json!({"data": {"environment": "production", "level": "critical", "body": {"message": {"body": "Oh."}}}});
    NewItem::read(json.to_string().as_bytes()).unwrap()
}

const SOME: ItemRef = ItemRef::Id(272_505_001);

#[tokio::test]
async fn whatever_the_limit_all_items_come_once_and_in_order() {
    for (count, limit) in
        [(0, Some(5)), (1, Some(1)), (99, Some(7)), (100, Some(100)), (101, Some(100)), (250, Some(33)), (1205, None)]
    {
        let (rollbar, client) = both(count).await;
        let (mut listed, mut place) = (Vec::new(), Some(Place::START));
        while let Some(from) = place {
            let listing = client.items(&ItemFilter::default(), from, limit).await.unwrap();
            assert!(listing.items.len() <= limit.unwrap_or(MOST), "{count} by {limit:?}");
            assert!(listing.next.is_none() || listing.items.len() == limit.unwrap_or(MOST), "{count} by {limit:?}");
            listed.extend(values(&listing));
            place = listing.next;
        }
        assert_eq!(listed, rollbar.with_project(|project| project.items().to_vec()), "{count} by {limit:?}");
    }
}

#[tokio::test]
async fn a_list_is_not_asked_for_further_than_it_is_wanted() {
    let (rollbar, client) = both(450).await;
    let listing = client.items(&ItemFilter::default(), Place::START, Some(120)).await.unwrap();
    assert_eq!((listing.items.len(), listing.next.is_some(), rollbar.asked().len()), (120, true, 2));
    let document = serde_json::to_value(&listing).unwrap();
    assert_eq!(document["items"].as_array().unwrap().len(), 120);
    let asked = &rollbar.asked()[1];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/items/"));
    assert_eq!(asked.query, [("page".to_owned(), "2".to_owned())]);
    assert!(asked.user_agent.contains("contact: ops@example.org"), "{}", asked.user_agent);
}

/// Whether an item is wanted.
type Choice = fn(&Value) -> bool;

#[tokio::test]
async fn filters_choose_as_rollbar_does() {
    let (rollbar, client) = both(60).await;
    rollbar.with_project(|project| {
        let mut items = project.items().to_vec();
        items[3]["assigned_user_id"] = json!(7);
        items[4]["assigned_team_id"] = json!(8);
        items[5]["snooze_enabled"] = json!(true);
        *project = Project::with(items);
    });
    let none = ItemFilter::default;
    let cases: [(ItemFilter, Choice); 9] = [
        (ItemFilter { statuses: vec![ItemStatus::Active], ..none() }, |item| item["status"] == "active"),
        (ItemFilter { levels: vec![ItemLevel::Critical, ItemLevel::Error], ..none() }, |item| {
            item["level"] == "critical" || item["level"] == "error"
        }),
        (ItemFilter { environments: vec!["staging".to_owned()], ..none() }, |item| item["environment"] == "staging"),
        (ItemFilter { frameworks: vec!["rails".to_owned()], ..none() }, |_| false),
        (ItemFilter { assigned_user: Some("assigned".to_owned()), ..none() }, |item| {
            item["assigned_user_id"] == 7 || item["assigned_team_id"] == 8
        }),
        (ItemFilter { assigned_teams: vec!["8".to_owned()], ..none() }, |item| item["assigned_team_id"] == 8),
        (ItemFilter { is_snoozed: Some(true), ..none() }, |item| item["snooze_enabled"] == true),
        (ItemFilter { ids: vec![272_505_002, 272_505_009], ..none() }, |item| {
            item["counter"] == 2 || item["counter"] == 9
        }),
        (ItemFilter { query: Some("number 1".to_owned()), ..none() }, |item| {
            item["title"].as_str().unwrap().contains("number 1")
        }),
    ];
    for (filter, is_wanted) in cases {
        let listing = client.items(&filter, Place::START, None).await.unwrap();
        let items = rollbar.with_project(|project| project.items().to_vec());
        assert_eq!(values(&listing), items.into_iter().filter(is_wanted).collect::<Vec<_>>(), "{filter:?}");
    }
}

#[tokio::test]
async fn an_item_is_found_by_its_id_and_by_its_number_as_it_was_sent() {
    let odd = json!({"id": 5, "counter": 6, "z": 1.0, "a": 18_446_744_073_709_551_615_u64, "title": "é\u{2028}\"\\"});
    let rollbar = rollbar(Project::with(vec![odd.clone()])).await;
    let client = Rollbar::new(&account(&rollbar)).unwrap();
    for item in [ItemRef::Id(5), ItemRef::Counter(6)] {
        assert_eq!(client.item(item).await.unwrap().get(), odd.to_string(), "{item}");
    }
    for item in [ItemRef::Id(6), ItemRef::Counter(5)] {
        assert_eq!(client.item(item).await.unwrap_err(), RollbarError::ItemNotFound, "{item}");
    }
}

#[tokio::test]
async fn items_are_reported_changed_and_put_aside() {
    let (rollbar, client) = both(2).await;
    let reported = value(&client.report(&occurrence()).await.unwrap());
    assert!(reported["uuid"].is_string(), "{reported}");
    let new = rollbar.with_project(|project| project.items()[0].clone());
    assert_eq!((&new["title"], &new["level"], &new["counter"]), (&json!("Oh."), &json!("critical"), &json!(3)));

    let change = ItemChange::read(br#"{"status":"resolved","resolved_in_version":"aabbcc1"}"#).unwrap();
    let changed = value(&client.change(ItemRef::Counter(3), &change).await.unwrap());
    assert_eq!(changed, rollbar.with_project(|project| project.items()[0].clone()));
    assert_eq!((&changed["status"], &changed["resolved_in_version"]), (&json!("resolved"), &json!("aabbcc1")));

    let status = |rollbar: &StandIn| rollbar.with_project(|project| project.items()[2]["status"].clone());
    client.put_aside(SOME).await.unwrap();
    assert_eq!(status(&rollbar), "archived");
    rollbar.with_project(Project::archive_nothing);
    client.put_aside(SOME).await.unwrap();
    assert_eq!(status(&rollbar), "muted");

    for outcome in [
        client.change(ItemRef::Id(1), &change).await.map(drop),
        client.change(ItemRef::Counter(99), &change).await.map(drop),
        client.put_aside(ItemRef::Id(1)).await,
    ] {
        assert_eq!(outcome, Err(RollbarError::ItemNotFound));
    }
}

#[tokio::test]
async fn what_cannot_be_read_was_changed_all_the_same() {
    let (rollbar, _) = both(1).await;
    let client = with_token(&rollbar, tokens::WRITE);
    let changed = client.change(SOME, &ItemChange::to(ItemStatus::Muted)).await.unwrap();
    assert_eq!(changed.get(), r#"{"id":272505001}"#);
    assert_eq!(rollbar.with_project(|project| project.items()[0]["status"].clone()), "muted");
}

#[tokio::test]
async fn a_token_that_is_not_good_for_it_is_told_with_what_it_takes() {
    let (rollbar, _) = both(1).await;
    let change = ItemChange::to(ItemStatus::Muted);
    for (token, said) in [(tokens::WRONG, "invalid access token"), (tokens::POST, "insufficient privileges")] {
        let client = with_token(&rollbar, token);
        for (error, scope) in [
            (client.item(SOME).await.unwrap_err(), TokenScope::Read),
            (client.items(&ItemFilter::default(), Place::START, None).await.unwrap_err(), TokenScope::Read),
            (client.change(SOME, &change).await.unwrap_err(), TokenScope::Write),
        ] {
            assert_eq!(error, RollbarError::TokenRefused { status: 403, said: said.to_owned(), scope });
        }
    }
    let error = with_token(&rollbar, tokens::READ).report(&occurrence()).await.unwrap_err();
    assert!(error.to_string().contains("the scope post_server_item"), "{error}");
    assert_eq!(rollbar.with_project(|project| project.items().len()), 1);
}

#[tokio::test]
async fn only_what_is_safe_or_was_not_taken_is_sent_again() {
    let again = |status| Trouble::Status { status, retry_after: Some(0) };
    let silent = |status| Trouble::Status { status, retry_after: None };
    for (trouble, reads, changes) in [
        (silent(502), 2, 1),
        (silent(503), 2, 1),
        (again(504), 2, 1),
        (Trouble::Close, 2, 1),
        (again(429), 2, 2),
        (Trouble::Limited { seconds: 0 }, 2, 2),
        (silent(429), 1, 1),
        (silent(500), 1, 1),
        (silent(422), 1, 1),
    ] {
        // A connection that was used before may be gone for other reasons.
        let (rollbar, client) = both(1).await;
        rollbar.trouble(trouble, Some(1));
        let listed = client.items(&ItemFilter::default(), Place::START, None).await;
        assert_eq!((listed.is_ok(), rollbar.asked().len()), (reads == 2, reads), "{trouble:?}: {listed:?}");

        let (rollbar, client) = both(0).await;
        rollbar.trouble(trouble, Some(1));
        let reported = client.report(&occurrence()).await;
        assert_eq!((reported.is_ok(), rollbar.asked().len()), (changes == 2, changes), "{trouble:?}: {reported:?}");
        let items = rollbar.with_project(|project| project.items().len());
        assert_eq!(items, changes - 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn what_lasts_is_given_up_after_three_attempts() {
    let (rollbar, client) = both(1).await;
    rollbar.trouble(Trouble::Status { status: 503, retry_after: None }, None);
    let error = client.item(SOME).await.unwrap_err();
    assert_eq!(error, RollbarError::Unavailable { problem: "it answers 503".to_owned(), is_safe: true });
    assert_eq!(rollbar.asked().len(), 3);
    rollbar.well();
    client.item(SOME).await.unwrap();
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_left_to_who_asks() {
    let (rollbar, client) = both(1).await;
    for trouble in [Trouble::Status { status: 429, retry_after: Some(3600) }, Trouble::Limited { seconds: 3600 }] {
        rollbar.trouble(trouble, None);
        let before = rollbar.asked().len();
        assert_eq!(client.item(SOME).await.unwrap_err(), RollbarError::Limited { seconds: 3600 }, "{trouble:?}");
        assert_eq!(rollbar.asked().len(), before + 1);
    }
}

#[tokio::test]
async fn rollbars_refusals_are_repeated_in_its_words() {
    let (rollbar, client) = both(1).await;
    let empty = NewItem::read(br#"{"data":{}}"#).unwrap();
    let refused = |status, said: &str| RollbarError::Refused { status, said: said.to_owned() };
    let expected = refused(422, "Invalid format. data.environment is required");
    assert_eq!(client.report(&empty).await.unwrap_err(), expected);
    for (status, expected) in [
        (400, refused(400, "This is made up")),
        (401, RollbarError::TokenRefused { status: 401, said: "This is made up".to_owned(), scope: TokenScope::Read }),
        (404, RollbarError::ItemNotFound),
        (413, refused(413, "This is made up")),
        (422, refused(422, "This is made up")),
        (418, RollbarError::Unavailable { problem: "it answers 418".to_owned(), is_safe: true }),
        (500, RollbarError::Unavailable { problem: "it answers 500".to_owned(), is_safe: true }),
    ] {
        rollbar.trouble(Trouble::Status { status, retry_after: None }, Some(1));
        assert_eq!(client.item(SOME).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_such() {
    let (rollbar, client) = both(1).await;
    for trouble in [Trouble::Half, Trouble::LoginPage, Trouble::ChangedShape] {
        rollbar.trouble(trouble, None);
        for outcome in [
            client.item(SOME).await.map(drop),
            client.items(&ItemFilter::default(), Place::START, None).await.map(drop),
            client.report(&occurrence()).await.map(drop),
            client.put_aside(SOME).await,
        ] {
            assert!(matches!(outcome, Err(RollbarError::Unreadable { .. })), "{trouble:?}: {outcome:?}");
        }
    }
    rollbar.trouble(Trouble::Oversized(2 * 1024 * 1024), None);
    let before = rollbar.asked().len();
    let error = client.item(SOME).await.unwrap_err().to_string();
    assert!(error.contains("larger than 1 MiB"), "{error}");
    assert_eq!(rollbar.asked().len(), before + 1, "it does not get smaller");
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off_and_said_to_be_in_doubt_where_it_is() {
    let (rollbar, _) = both(1).await;
    let client = within(&rollbar, Duration::from_millis(200));
    for trouble in
        [Trouble::Hang, Trouble::SlowDrip(Duration::from_millis(100)), Trouble::Late(Duration::from_hours(1))]
    {
        rollbar.trouble(trouble, None);
        let read = client.item(SOME).await.unwrap_err();
        assert_eq!(read, RollbarError::TooSlow { seconds: 0, is_safe: true }, "{trouble:?}");
        let changed = client.put_aside(SOME).await.unwrap_err();
        assert!(changed.to_string().ends_with("; whether it was done is not known."), "{trouble:?}: {changed}");
    }
}

#[tokio::test]
async fn no_more_are_asked_at_a_time_than_may_be() {
    let (rollbar, _) = both(1).await;
    let mut account = account(&rollbar);
    account.limits.at_once = 2;
    let client = Rollbar::new(&account).unwrap();
    rollbar.trouble(Trouble::Late(Duration::from_millis(20)), None);
    let answers = futures_util::future::join_all((0..8).map(|_| client.item(SOME))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(rollbar.most_at_once() <= 2, "{}", rollbar.most_at_once());
}

#[tokio::test]
async fn nobody_there_is_told_and_nothing_was_done() {
    let (gone, client) = both(1).await;
    drop(gone);
    // Its port is closed once its task was told to stop.
    let error = loop {
        match client.report(&occurrence()).await {
            Err(error @ RollbarError::Unavailable { is_safe: true, .. }) => break error,
            _ => tokio::task::yield_now().await,
        }
    };
    assert!(error.to_string().contains("no connection"), "{error}");
}

#[tokio::test]
async fn the_token_is_in_nothing_that_comes_back() {
    let teller = item(1, "error", "active", "production", &format!("I know {}!", tokens::ALL));
    let rollbar = rollbar(Project::with(vec![teller])).await;
    let client = Rollbar::new(&account(&rollbar)).unwrap();
    let told = client.item(ItemRef::Counter(1)).await.unwrap();
    assert!(!told.get().contains(tokens::ALL) && told.get().contains("I know *****"), "{told}");
    rollbar.trouble(Trouble::Telltale, None);
    let error = client.item(SOME).await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}"), format!("{client:?}")] {
        assert!(!shown.contains(tokens::ALL), "{shown}");
    }
}
