//! A database that is killed again and again while everything changes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;
use unistatus_core::store::testkit::{Database, TestMongo};

use crate::changes::{self, change};
use crate::findings::Findings;
use crate::program::Program;
use crate::readers::{Answers, read};
use crate::restless::Dice;
use crate::{in_time, world};

/// How many collectors, and how many APIs there are.
const COLLECTORS: usize = 3;
const APIS: usize = 2;
/// How long the database is there between two kills.
const UP: Duration = Duration::from_secs(20);
/// The most time for which it is away.
const AWAY: Duration = Duration::from_secs(20);

/// Tries it, with a database of so many members. `None` where there is no MongoDB.
pub(crate) async fn run(targets: usize, members: usize, kills: usize) -> Option<Findings> {
    let mut mongo = TestMongo::start_set(members)?;
    let database = Database::on(&mongo);
    let simulator = Arc::new(world::start(targets).await);
    let mut collectors: Vec<Program> = Vec::new();
    for number in 0..COLLECTORS {
        collectors.push(world::collector(number, &database, &simulator));
    }
    world::shared_by(&simulator, COLLECTORS).await;
    let mut apis = Vec::new();
    for _ in 0..APIS {
        apis.push(read(&database).await);
    }
    println!("\n{COLLECTORS} collectors, {targets} targets, {APIS} APIs that are read; MongoDB with {members} members");

    let stop = CancellationToken::new();
    let changing = tokio::spawn(change(Arc::clone(&simulator), stop.clone()));
    let mut dice = Dice::thrown();
    for kill in 1..=kills {
        tokio::time::sleep(UP).await;
        block_in_place(|| mongo.kill());
        let away = dice.shorter_than(AWAY);
        println!("kill {kill}: the primary is gone for {away:.1?}");
        tokio::time::sleep(away).await;
        block_in_place(|| mongo.restart());
    }
    tokio::time::sleep(UP).await;
    stop.cancel();
    let courses = changing.await.unwrap();

    let mut findings = Findings::default();
    let store = database.open().await;
    in_time("the last changes are known", async {
        while !changes::is_last_known(store.as_ref(), &courses).await {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
    let told = changes::compare(store.as_ref(), &courses).await;
    Findings::note("changes that lasted two intervals or more", told.made);
    findings.promise("of these in the history", told.kept, told.kept == told.made);
    findings.promise("targets whose history is not what happened, once and in order", told.wrong, told.wrong == 0);
    for (number, api) in apis.into_iter().enumerate() {
        let (Answers { all, failed, unconfirmed, slowest }, code) = api.end().await;
        findings.promise(
            &format!("requests to API {number} that were not answered by 200"),
            format!("{failed} of {all}"),
            failed == 0,
        );
        Findings::note(
            "    answered while the database was away; the slowest of all",
            format!("{unconfirmed}; {slowest:.2?}"),
        );
        findings.promise("    its exit code after SIGTERM", code, code == 0);
    }
    for (number, program) in collectors.into_iter().enumerate() {
        program.signal("TERM").await;
        let code = program.ends().await.code;
        findings.promise(&format!("exit code of collector {number} after SIGTERM"), code, code == 0);
    }
    Some(findings)
}
