//! What the pages tell of: a small world with some trouble in it.

use std::sync::Arc;
use std::time::Duration;

use unistatus_core::schema::{About, Check, IncidentUpdate, Kind, Service, Status};
use unistatus_core::store::testkit::{Author, Database, health, incident, service};
use unistatus_core::store::{Commit, Store, TargetState};

use crate::servers::{ping, pinged, server};
use crate::support::{Answer, Client, NOW, TestApp, at};

/// What browsers say that they accept.
pub(crate) const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

/// Asks as a browser does.
pub(crate) async fn browse(client: &Client, path: &str) -> Answer {
    client.send("GET", path, &[BROWSER]).await
}

/// A server over a database, and those who write into it.
pub(crate) struct Stage {
    pub(crate) app: TestApp<Arc<dyn Store>>,
    pub(crate) github: Author,
    _database: Database,
}

impl Stage {
    /// The small world.
    pub(crate) async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    /// The small world, and more.
    pub(crate) async fn with(more: Vec<Commit>) -> Self {
        let database = Database::sqlite();
        let store = database.open().await;
        let mut github = Author::new("github");
        let mut first = about(github.change(services("Pages", Status::Ok)), "GitHub", Some("code"));
        let change = first.change.as_mut().unwrap();
        let mut told = incident("slow", Some(at("2026-05-04T10:00:00Z")));
        "Slow <pushes>".clone_into(&mut told.title);
        told.url = Some("javascript:alert(1)".to_owned());
        told.services = vec!["Actions".to_owned()];
        let update =
            |text: &str| IncidentUpdate { at: told.started_at, state: Some(told.state), text: text.to_owned() };
        told.updates = vec![update("The cause is known."), update("We look into it.")];
        change.incidents = vec![told];
        let mut probe = about(Author::new("gateway").change(vec![service("gateway", Status::Ok)]), "Gateway", None);
        probe.change.as_mut().unwrap().kind = Kind::Ping;
        let stripe =
            about(Author::new("stripe").change(vec![service("API", Status::Degraded)]), "Stripe", Some("payments"));
        for commit in [first, probe, stripe].into_iter().chain(more) {
            store.commit(&fresh(commit)).await.unwrap();
        }
        Self { app: TestApp::ready(store).await, github, _database: database }
    }

    /// And a server that was pinged for a day, not always with an answer, and one that never was.
    pub(crate) async fn with_server(self) -> Self {
        let (name, day) = ("web/1", Duration::from_hours(24));
        let pings: Vec<Check> = (0..1440)
            .map(|number| {
                let answer = 9_000 + u64::from(number) * 7_919 % 4_000 + if number % 97 < 5 { 20_000 } else { 0 };
                ping(name, Duration::from_mins(1) * number, ((number % 240).abs_diff(120) > 6).then_some(answer))
            })
            .collect();
        for (name, age) in [(name, 30 * day), ("new", Duration::ZERO)] {
            self.app.store.add_server(&server(name, age)).await.unwrap();
        }
        self.app.store.record(&pings).await.unwrap();
        self.app.store.commit(&pinged(&mut Author::new(name), name, Status::Ok)).await.unwrap();
        self.app.until("/api/status", |answer| answer.body.contains(name)).await;
        self
    }

    /// The address of the server.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.app.address)
    }

    /// Gives one of GitHub's services another status.
    pub(crate) async fn turn(&mut self, name: &str, status: Status) {
        let mut commit = about(self.github.change(services(name, status)), "GitHub", Some("code"));
        commit.change.as_mut().unwrap().events.retain(|event| event.service == name);
        self.app.store.commit(&fresh(commit)).await.unwrap();
    }
}

/// GitHub's services, all of them fine but for one.
fn services(name: &str, status: Status) -> Vec<Service> {
    ["Actions", "Pages", "Git Operations"]
        .map(|each| service(each, if each == name { status } else { Status::Ok }))
        .into()
}

/// A commit that says what people call its target.
pub(crate) fn about(mut commit: Commit, title: &str, category: Option<&str>) -> Commit {
    commit.change.as_mut().unwrap().about = About {
        title: Some(title.to_owned()),
        category: category.map(str::to_owned),
        homepage: Some(format!("https://{}.test/", commit.target)),
        server: None,
    };
    commit
}

/// A commit that was made by a success at the moment the tests begin.
pub(crate) fn fresh(mut commit: Commit) -> Commit {
    commit.health = health(at(NOW));
    commit
}

/// A state with so many services.
pub(crate) fn with_services(name: &str, count: usize) -> TargetState {
    let services = (0..count).map(|number| crate::support::service(&format!("Service {number}"), Status::Ok, &[]));
    crate::support::target(name, services)
}
