//! The pages about the team's own servers, and what probes measured.

use std::sync::Arc;
use std::time::Duration;

use unistatus_core::access::Scope;
use unistatus_core::checks::roll_up;
use unistatus_core::schema::{About, Check, Kind, ProbeId, Server, Service, Status, dimension_names};
use unistatus_core::store::testkit::{Author, Database, service};
use unistatus_core::store::{Commit, Store};

use crate::links::{HOSTILE, pages};
use crate::person::Person;
use crate::support::{Answer, MemoryStore, NOW, TestApp, add_user, at, target};
use crate::world::{Stage, about, browse, fresh};

/// A server that was added so long before the tests begin; its id is its name.
pub(crate) fn server(name: &str, age: Duration) -> Server {
    let added_at = at(NOW).minus(age);
    Server { id: name.to_owned(), name: name.to_owned(), address: "192.0.2.7".parse().unwrap(), added_at }
}

/// A check of the server of this id at so long before the tests begin, with an answer unless it is lost.
pub(crate) fn ping(id: &str, ago: Duration, micros: Option<u64>) -> Check {
    Check {
        probe: ProbeId::of_server(id),
        at: at(NOW).minus(ago),
        status: if micros.is_some() { Status::Ok } else { Status::Outage },
        latency: micros.map(Duration::from_micros),
        sent: 4,
        lost: if micros.is_some() { 0 } else { 4 },
    }
}

/// The commit that a collector makes of the first ping of the server of this id, or of one that changed its status.
pub(crate) fn pinged(author: &mut Author, id: &str, status: Status) -> Commit {
    let key = "probe".to_owned();
    let mut named = Service { key, ..service("", status) };
    if status == Status::Outage {
        named.dimensions.insert(dimension_names::REASON.to_owned(), "timeout".into());
    }
    let mut commit = fresh(author.change(vec![named]));
    commit.health.interval_ms = 10_000;
    let name = commit.target.clone();
    let change = commit.change.as_mut().unwrap();
    change.services[0].name = name;
    change.kind = Kind::Ping;
    "192.0.2.7".clone_into(&mut change.endpoint);
    change.about = About { server: Some(id.to_owned()), ..About::default() };
    commit
}

/// The path of a server's page.
fn path(name: &str) -> String {
    name.bytes().fold("/servers/".to_owned(), |path, byte| path + &format!("%{byte:02X}"))
}

/// A server over a database of its own.
struct World {
    app: TestApp<Arc<dyn Store>>,
    _database: Database,
}

impl World {
    async fn new() -> Self {
        let database = Database::sqlite();
        let app = TestApp::ready(database.open().await).await;
        Self { app, _database: database }
    }

    /// Adds a server with these checks, and waits until its target is known.
    async fn with(self, server: &Server, checks: &[Check]) -> Self {
        self.app.store.add_server(server).await.unwrap();
        self.app.store.record(checks).await.unwrap();
        self.app.store.commit(&pinged(&mut Author::new(&server.name), &server.id, Status::Ok)).await.unwrap();
        let listed = serde_json::to_string(&server.name).unwrap();
        self.app.until("/api/status", |answer| answer.body.contains(&listed)).await;
        self
    }

    async fn page(&self, path: &str) -> String {
        let answer = browse(&self.app, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }
}

/// What a page says under a heading of its figures.
fn figure<'a>(page: &'a str, name: &str) -> &'a str {
    let heading = format!("<dt>{name}</dt><dd>");
    page.split_once(&heading).expect(name).1.split("</dd>").next().unwrap()
}

/// How many rows the numbers in words have.
fn rows(page: &str) -> usize {
    let table = page.split_once("id=\"measured-lines\"").unwrap().1.split("</table>").next().unwrap();
    table.matches("<th scope=\"row\">").count()
}

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[actix_web::test]
async fn without_servers_the_list_says_how_to_add_one() {
    let world = World::new().await;
    let page = world.page("/servers").await;
    assert!(page.contains("No servers yet") && page.contains("POST /api/servers"), "{page}");
    assert!(world.page("/").await.contains("<a href=\"/servers\">Servers</a>"));
    assert!(page.contains("<a href=\"/servers\" aria-current=\"page\">"));
}

#[actix_web::test]
async fn a_server_that_was_never_pinged_is_there_and_awaits_its_first_ping() {
    let world = World::new().await;
    world.app.store.add_server(&server("web", MINUTE)).await.unwrap();
    let list = world.page("/servers").await;
    assert!(list.contains("Waiting for its first ping") && list.contains("192.0.2.7"), "{list}");
    assert!(list.contains("<a href=\"/servers/web\">web</a>") && list.contains("data-again=\"5\""));
    let page = world.page("/servers/web").await;
    assert!(page.contains("The first measurement is awaited.") && page.contains("data-again=\"2\""), "{page}");
    assert!(!page.contains("<svg class=\"chart\"") && page.contains("added <time"));
    assert!(
        page.contains("data-stream=\"/api/stream?lastEventId="),
        "it hears of all targets: there is none of it yet"
    );
}

#[actix_web::test]
async fn pings_are_shown_with_their_losses_their_figures_and_the_past() {
    let pings: Vec<Check> = (0..300)
        .map(|number| ping("web", MINUTE * number, (number % 10 != 5).then_some(1_000 + u64::from(number) * 10)))
        .collect();
    let world = World::new().await.with(&server("web", DAY), &pings).await;
    let page = world.page("/servers/web").await;
    assert_eq!(figure(&page, "Asks"), "300");
    assert_eq!(figure(&page, "Lost"), "10.00 %");
    assert_eq!(figure(&page, "Median"), "2.5 ms");
    assert!(page.contains("<svg class=\"chart\"") && page.contains("120 of 1200 lost"), "{page}");
    assert!(page.contains("last ping <time") && page.contains(": 1 ms</span>"), "{page}");
    assert!(page.contains("<svg class=\"bars\"") && page.contains("<dt>90 days</dt>"));
    assert!(page.contains("data-stream=\"/api/stream?target=web&amp;"), "it hears of its own target alone");
    assert!(page.contains("href=\"/targets/web\"") && page.contains("href=\"/api/servers/web\""));
    let list = world.page("/servers").await;
    assert!(list.contains("<dd>1 ms <time") && list.contains("All systems operational"), "{list}");
}

#[actix_web::test]
async fn ranges_are_chosen_by_links_and_another_one_is_refused_with_those_that_are_there() {
    let pings: Vec<Check> = (0..48).map(|number| ping("web", HOUR / 2 * number, Some(1_500))).collect();
    let world = World::new().await.with(&server("web", 2 * DAY), &pings).await;
    for (range, asks) in [("1h", "2"), ("6h", "12"), ("24h", "48"), ("7d", "48"), ("30d", "48"), ("90d", "48")] {
        let page = world.page(&format!("/servers/web?range={range}")).await;
        assert_eq!(figure(&page, "Asks"), asks, "{range}");
        let chosen = format!("<a href=\"/servers/web?range={range}\" aria-current=\"true\">");
        assert!(page.contains(&chosen), "{range}: {page}");
        assert_eq!(page.matches("aria-current=\"true\"").count(), 1);
    }
    let refused = browse(&world.app, "/servers/web?range=2h").await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("accepted are 1h, 6h, 24h, 7d, 30d, 90d"), "{}", refused.body);
    assert_eq!(browse(&world.app, "/servers/web?width=1").await.status, 400);
    assert_eq!(browse(&world.app, "/servers?page=0").await.status, 400);
}

#[actix_web::test]
async fn long_ranges_are_told_from_the_sums_of_hours_and_from_what_has_none_yet() {
    // Every quarter of an hour for ten days, of which only the hours before 11:00 of today have sums. The single checks of
    // the first days are gone.
    let all: Vec<Check> = (0..960).map(|number| ping("web", HOUR / 4 * number, Some(3_000))).collect();
    let eleven = at("2026-05-04T11:00:00Z");
    let kept: Vec<Check> = all.iter().filter(|check| check.at > at(NOW).minus(DAY)).cloned().collect();
    let world = World::new().await.with(&server("web", 9 * DAY), &kept).await;
    let summed = all.iter().filter(|check| check.at < eleven);
    world.app.store.put_rollups(&roll_up(&ProbeId::of_server("web"), summed)).await.unwrap();
    let page = world.page("/servers/web?range=7d").await;
    // From Monday 13:00 on, as the last hour is the one that began at 12:00.
    assert_eq!(figure(&page, "Asks"), (7 * 96 - 3).to_string());
    assert_eq!(rows(&page), 168);
    let page = world.page("/servers/web?range=90d").await;
    assert_eq!(figure(&page, "Asks"), (10 * 96).to_string());
    assert_eq!(figure(&world.page("/servers/web?range=24h").await, "Asks"), "96");
}

#[actix_web::test]
async fn pings_of_an_earlier_server_of_the_name_are_not_shown() {
    let pings: Vec<Check> = (0..60).map(|number| ping("web", MINUTE * number, Some(1_000))).collect();
    let world = World::new().await.with(&server("web", DAY), &pings).await;
    for path in ["/servers/web", "/targets/web"] {
        assert_eq!(figure(&world.page(path).await, "Asks"), "60", "{path}");
    }
    let again = Server { id: "another".to_owned(), ..server("web", MINUTE * 30) };
    world.app.store.remove_server("web").await.unwrap();
    world.app.store.add_server(&again).await.unwrap();
    world.app.store.record(&pings).await.unwrap();
    assert!(world.page("/servers/web").await.contains("id=\"awaited\""), "its target is that of the one before");
    world.app.store.record(&[ping("another", MINUTE, Some(1_000))]).await.unwrap();
    world.app.store.commit(&pinged(&mut Author::at("web", 1), "another", Status::Ok)).await.unwrap();
    world.app.until("/api/status/web", |answer| !answer.body.contains("awaited")).await;
    assert_eq!(figure(&world.page("/servers/web").await, "Asks"), "1");
}

#[actix_web::test]
async fn names_may_hold_anything() {
    let mut world = World::new().await;
    let names = HOSTILE.iter().filter(|name| !name.is_empty()).chain(&["Büro, 2. Stock", "a/b c"]);
    for name in names.clone() {
        world = world.with(&server(name, HOUR), &[ping(name, MINUTE, Some(1_000))]).await;
    }
    for name in names.filter(|name| **name != "..") {
        let page = world.page(&path(name)).await;
        assert!(page.contains("<svg class=\"chart\"") && !page.contains("<script>alert"), "{name}: {page}");
    }
    let found = pages(&world.app).await;
    assert!(found.contains_key("/servers/B%C3%BCro%2C%202.%20Stock"), "{:?}", found.keys());
    assert!(found.contains_key("/servers/a%2Fb%20c?range=7d"));
    for (address, html) in found {
        for stranger in ["<script>alert", "<img src=x", " onmouseover=\"", " x='", "49 }}", "100 % 49"] {
            assert!(!html.contains(stranger), "{stranger} in {address}:\n{html}");
        }
    }
}

#[actix_web::test]
async fn what_is_no_server_has_no_page_of_one() {
    let stage = Stage::new().await;
    let none = browse(&stage.app, "/servers/none").await;
    assert_eq!(none.status, 404);
    assert!(none.body.contains("There is nothing here"));
    let json = stage.app.get("/servers/none").await;
    assert_eq!((json.status, &json.json()["error"]["code"]), (404, &"TargetNotFound".into()));
    let target = browse(&stage.app, "/servers/github").await;
    assert_eq!((target.status, target.header("Location")), (303, Some("/targets/github")));
    assert_eq!(browse(&stage.app, "/servers/%FF").await.status, 400);
}

#[actix_web::test]
async fn servers_stand_beside_the_vendors_and_lead_to_their_own_pages() {
    let world = World::new().await.with(&server("web", HOUR), &[]).await;
    let vendor = about(Author::new("github").change(vec![service("Pages", Status::Ok)]), "GitHub", Some("code"));
    world.app.store.commit(&fresh(vendor)).await.unwrap();
    world.app.store.commit(&pinged(&mut Author::at("web", 1), "web", Status::Outage)).await.unwrap();
    world.app.until("/api/status", |answer| answer.body.contains("Outage") && answer.body.contains("Pages")).await;
    let page = world.page("/").await;
    let titles: Vec<&str> = ["g-Servers-title\">Servers</h2>", "g-Code%20hosting-title\">Code hosting</h2>"]
        .into_iter()
        .filter(|title| page.contains(title))
        .collect();
    assert_eq!(titles.len(), 2, "{page}");
    assert_eq!(page.matches("href=\"/servers/web\"").count(), 3, "the tile, the card, and its service");
    assert!(!page.contains("href=\"/targets/web"));
    let page = world.page("/servers/web").await;
    assert!(
        page.contains("timeout") && page.contains("Nothing was measured in the last 24 hours")
            || page.contains("awaited")
    );
}

#[actix_web::test]
async fn a_probe_of_the_operators_has_the_chart_on_its_page() {
    let stage = Stage::new().await;
    let pings: Vec<Check> = (0..30)
        .map(|number| Check { probe: ProbeId::of_target("gateway"), ..ping("", MINUTE * number, Some(1_500)) })
        .collect();
    stage.app.store.record(&pings).await.unwrap();
    let page = browse(&stage.app, "/targets/gateway?range=6h").await.body;
    assert_eq!(figure(&page, "Asks"), "30");
    assert!(page.contains("href=\"/targets/gateway?range=7d\"") && !page.contains("<form"), "{page}");
    assert_eq!(browse(&stage.app, "/targets/gateway?range=2d").await.status, 400);
    let other = browse(&stage.app, "/targets/github").await.body;
    assert!(!other.contains("id=\"measured\""));
    assert_eq!(browse(&stage.app, "/targets/github?range=6h").await.status, 400, "it measures nothing");
    assert!(browse(&stage.app, "/").await.body.contains("Own probes"));
}

#[actix_web::test]
async fn many_servers_are_shown_in_parts_and_can_be_searched() {
    let world = World::new().await;
    for number in 0..120 {
        world.app.store.add_server(&server(&format!("web-{number:03}"), HOUR)).await.unwrap();
    }
    let first = world.page("/servers").await;
    assert_eq!(first.matches("class=\"row\"").count(), 50);
    assert!(first.contains("120 servers") && first.contains("href=\"/servers?page=2\""));
    assert_eq!(world.page("/servers?page=3").await.matches("class=\"row\"").count(), 20);
    assert_eq!(world.page("/servers?q=WEB-11").await.matches("class=\"row\"").count(), 10);
    assert!(world.page("/servers?q=nobody").await.contains("Nothing is like that."));
}

#[actix_web::test]
async fn while_the_database_is_away_servers_are_shown_as_they_were_known() {
    let mut web = target("web", [crate::support::service("web", Status::Outage, &[])]);
    web.kind = Kind::Ping;
    web.about.server = Some("web".to_owned());
    web.endpoint = "192.0.2.7".to_owned();
    let store = MemoryStore::new([web]);
    let app = TestApp::ready(store.clone()).await;
    store.set_away(true);
    app.until("/api/status", |answer: &Answer| answer.header("Age").is_some()).await;
    for path in ["/servers", "/servers/web"] {
        let page = browse(&app, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("The past is not shown.") && page.body.contains("Outage"), "{path}: {}", page.body);
        assert!(page.body.contains("192.0.2.7"), "{path}");
    }
    assert_eq!(browse(&app, "/servers/none").await.status, 503, "nobody knows");
}

#[actix_web::test]
async fn who_may_write_adds_a_server_changes_its_address_and_removes_it() {
    let world = World::new().await;
    add_user(&*world.app.store, "will", Scope::Write).await;
    let mut will = Person::logged_in(*world.app, "will").await;
    assert!(will.get("/servers").await.body.contains("<details class=\"sheet\" id=\"new\" open>"));
    for (name, at) in
        [("web 1", "/servers/web%201"), ("CI/CD", "/servers/CI%2FCD"), ("東京", "/servers/%E6%9D%B1%E4%BA%AC")]
    {
        let added = will.post("/servers", &[("name", name), ("address", " 192.0.2.7 ")]).await;
        assert_eq!((added.status, added.header("Location")), (303, Some(at)), "{}", added.body);
        let page = will.get(at).await.body;
        assert!(page.contains("Waiting for its first ping") && page.contains("192.0.2.7"), "{page}");
        let changed = will.post(&format!("{at}/address"), &[("address", "2001:db8::7")]).await;
        assert_eq!((changed.status, changed.header("Location")), (303, Some(at)), "{}", changed.body);
        assert!(will.get(at).await.body.contains("<span>2001:db8::7</span>"));
    }
    let list = will.get("/servers").await.body;
    assert!(list.contains("3 servers") && list.contains("<details class=\"sheet\" id=\"new\">"), "{list}");
    let page = will.get("/servers/CI%2FCD").await.body;
    assert!(page.contains("action=\"/servers/CI%2FCD/remove\"") && page.contains("Remove CI&#x2f;CD"), "{page}");
    let removed = will.post("/servers/CI%2FCD/remove", &[]).await;
    assert_eq!((removed.status, removed.header("Location")), (303, Some("/servers")));
    assert_eq!(will.get("/servers/CI%2FCD").await.status, 404);
    assert!(!will.get("/servers").await.body.contains("CI&#x2f;CD"));
    let dots = will.post("/servers", &[("name", ".."), ("address", "192.0.2.7")]).await;
    assert_eq!(dots.header("Location"), Some("/servers"), "no browser can ask for its page");
}

#[actix_web::test]
async fn what_cannot_be_done_is_told_beside_the_form_with_what_was_typed() {
    let world = World::new().await.with(&server("web", HOUR), &[]).await;
    let vendor = about(Author::new("github").change(vec![service("Pages", Status::Ok)]), "GitHub", Some("code"));
    world.app.store.commit(&fresh(vendor)).await.unwrap();
    world.app.until("/api/status", |answer| answer.body.contains("github")).await;
    add_user(&*world.app.store, "will", Scope::Write).await;
    let mut will = Person::logged_in(*world.app, "will").await;
    let long = "x".repeat(65);
    for (name, address, status, said) in [
        ("web", "192.0.2.8", 409, "Something of this name is watched already."),
        ("github", "192.0.2.8", 409, "Something of this name is watched already."),
        ("new", "999.1.1.1", 400, "The IP is no IPv4 or IPv6 address."),
        ("new", "dns.google", 400, "The IP is no IPv4 or IPv6 address."),
        ("new", "127.0.0.1", 400, "ADDRESS_ALLOW"),
        ("", "192.0.2.8", 400, "A name has 1 to 64 characters, and no control character."),
        (&long, "192.0.2.8", 400, "A name has 1 to 64 characters, and no control character."),
    ] {
        let page = will.post("/servers", &[("name", name), ("address", address)]).await;
        assert_eq!((page.status, page.header("Cache-Control")), (status, Some("no-store")), "{name} {address}");
        assert!(page.body.contains(said), "{name} {address}: {}", page.body);
        for typed in [name, address] {
            assert!(page.body.contains(&format!("value=\"{typed}\"")), "{typed}: {}", page.body);
        }
        assert!(page.body.contains("id=\"v-web\""), "and the list stays");
    }
    let hostile = will.post("/servers", &[("name", "\"><script>alert(1)"), ("address", "<b>")]).await;
    assert!(hostile.status == 400 && !hostile.body.contains("<script>alert") && !hostile.body.contains("<b>"));
    let page = will.post("/servers/web/address", &[("address", "::g")]).await;
    assert!(page.status == 400 && page.body.contains("The IP is no IPv4 or IPv6 address."), "{}", page.body);
    assert!(page.body.contains("value=\"::g\"") && page.body.contains("<span>192.0.2.7</span>"));
    assert!(!page.body.contains("data-stream"), "nothing can be asked for at this address");
    for gone in ["/servers/none/address", "/servers/none/remove"] {
        assert_eq!(will.post(gone, &[("address", "192.0.2.8")]).await.status, 404, "{gone}");
    }
}

#[actix_web::test]
async fn only_who_may_write_is_shown_the_forms() {
    let world = World::new().await;
    world.app.store.add_server(&server("web", HOUR)).await.unwrap();
    for (name, scope) in [("rea", Scope::Read), ("ada", Scope::Admin)] {
        add_user(&*world.app.store, name, scope).await;
    }
    let is_shown = |page: &str| page.contains("method=\"post\" action=\"/servers");
    for path in ["/servers", "/servers/web"] {
        assert!(!is_shown(&world.page(path).await), "{path}");
        assert!(!is_shown(&Person::logged_in(*world.app, "rea").await.get(path).await.body), "{path}");
        assert!(is_shown(&Person::logged_in(*world.app, "ada").await.get(path).await.body), "{path}");
    }
}
