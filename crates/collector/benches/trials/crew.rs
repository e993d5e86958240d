//! Three collectors, one job.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;
use unistatus_core::schema::{Status, Timestamp};
use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_core::store::{Store, TargetState};
use unistatus_simulator::{Condition, Fault, Simulator};

use crate::asks::Asks;
use crate::findings::{Findings, percent};
use crate::program::Program;
use crate::world::{self, SERVICE};
use crate::{INTERVAL, in_time};

/// How many collectors there are.
const COLLECTORS: usize = 3;
/// How long it may take until what a killed collector asked is asked again.
const TAKE_OVER: Duration = Duration::from_secs(15);
/// How long a collector is stopped for.
const PAUSE: Duration = Duration::from_mins(1);
/// For how long it is looked whether something is written late.
const LATE: Duration = Duration::from_secs(20);

/// Tries it. `None` where there is no MongoDB.
pub(crate) async fn run(targets: usize, undisturbed: Duration) -> Option<Findings> {
    let mongo = TestMongo::start()?;
    let database = Database::on(&mongo);
    let simulator = world::start(targets).await;
    let mut crew = Crew { programs: BTreeMap::new(), database: &database, simulator: &simulator };
    for number in 0..COLLECTORS {
        crew.join(number);
    }
    let mut findings = Findings::default();
    crew.share(undisturbed, &mut findings).await;
    crew.lose_one(&mut findings).await;
    crew.pause_one(database.open().await.as_ref(), &mut findings).await;
    for (number, program) in crew.programs {
        program.signal("TERM").await;
        let code = program.ends().await.code;
        findings.promise(&format!("exit code of collector {number} after SIGTERM"), code, code == 0);
    }
    simulator.stop().await;
    Some(findings)
}

struct Crew<'a> {
    programs: BTreeMap<usize, Program>,
    database: &'a Database,
    simulator: &'a Simulator,
}

impl Crew<'_> {
    fn join(&mut self, number: usize) {
        self.programs.insert(number, world::collector(number, self.database, self.simulator));
    }

    /// Nobody comes or goes.
    async fn share(&self, time: Duration, findings: &mut Findings) {
        world::shared_by(self.simulator, COLLECTORS).await;
        let targets = self.simulator.vendors().count();
        println!("\n{COLLECTORS} collectors, {targets} targets every {INTERVAL:?}, for {time:?}");
        let begun = self.simulator.elapsed();
        tokio::time::sleep(time).await;
        let asks = Asks::since(self.simulator, begun);
        let intervals = self.simulator.elapsed().saturating_sub(begun).as_secs_f64() / INTERVAL.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "these are thousands")]
        let per_interval = asks.count() as f64 / intervals / targets as f64;
        let once = format!("{per_interval:.4}");
        findings.promise("asks of each target per interval", once, (0.999..1.001).contains(&per_interval));
        say_doubles(&asks, findings);
        findings.promise(
            "times that a target was not asked for an interval and a half",
            asks.missing(),
            asks.missing() == 0,
        );
        Findings::note("longest time between two asks of a target", format!("{:.2?}", asks.longest_pause()));
        for (number, count) in asks.by_collector() {
            let share = percent(count * COLLECTORS, asks.count());
            let of_even = format!("{share:.1} % of an even one");
            findings.promise(&format!("share of collector {number}"), of_even, (80.0..=120.0).contains(&share));
        }
    }

    /// One is killed, and another one comes.
    async fn lose_one(&mut self, findings: &mut Findings) {
        let victim = 0;
        println!("\ncollector {victim} is killed (SIGKILL)");
        let before = self.simulator.elapsed().saturating_sub(3 * INTERVAL);
        let its = Asks::since(self.simulator, before).last_by(victim);
        self.programs.remove(&victim).unwrap().kill().await;
        let killed = self.simulator.elapsed();
        let waited = self.asked_by_others(&its, victim, killed).await;
        Findings::note("targets that it asked", its.len());
        let longest = format!("{waited:.2?}");
        findings.promise("until the last of them was asked again", longest, waited <= TAKE_OVER);
        self.join(COLLECTORS);
        world::shared_by(self.simulator, COLLECTORS).await;
        say_doubles(&Asks::since(self.simulator, before), findings);
    }

    /// One is stopped in the middle of its asks and goes on a minute later, when all that it saw is wrong.
    async fn pause_one(&mut self, store: &dyn Store, findings: &mut Findings) {
        let victim = 1;
        println!("\ncollector {victim} is stopped for {PAUSE:?} (SIGSTOP, SIGCONT)");
        let before = self.simulator.elapsed().saturating_sub(3 * INTERVAL);
        let its = Asks::since(self.simulator, before).last_by(victim);
        for target in &its {
            self.simulator.set_fault(target, Fault::Delay(1_000)).unwrap();
        }
        tokio::time::sleep(2 * INTERVAL).await;
        let under_way: usize = its.iter().map(|target| self.simulator.in_flight(target).unwrap()).sum();
        let paused = self.programs.get_mut(&victim).unwrap();
        paused.signal("STOP").await;
        let (stopped, on) = (self.simulator.elapsed(), Instant::now() + PAUSE);
        let waited = self.asked_by_others(&its, victim, stopped).await;
        Findings::note("targets that it asked, and asks that were under way", format!("{}, {under_way}", its.len()));
        findings.promise("until the last of them was asked again", format!("{waited:.2?}"), waited <= TAKE_OVER);
        for target in &its {
            self.simulator.clear_fault(target).unwrap();
            self.simulator.set(target, SERVICE, Condition::MajorOutage).unwrap();
        }
        let its: BTreeSet<String> = its.into_iter().collect();
        in_time("the outages are known", async {
            while !all_out(&store.targets_named(&its).await.unwrap()) {
                tokio::time::sleep(INTERVAL).await;
            }
        })
        .await;
        tokio::time::sleep_until(on).await;
        let late = self.late_writes(store, &its, victim).await;
        findings.promise("late writes of its that landed", late, late == 0);
        let mut events = 0;
        for target in &its {
            let all = store.events(target).await.unwrap();
            events += all.iter().filter(|event| event.service == SERVICE && event.from.is_some()).count();
        }
        findings.promise("changes in their history (one each)", events, events == its.len());
        world::shared_by(self.simulator, COLLECTORS).await;
        say_doubles(&Asks::since(self.simulator, before), findings);
    }

    /// Lets the one that was stopped go on, and counts what goes back in any of these targets.
    async fn late_writes(&mut self, store: &dyn Store, its: &BTreeSet<String>, victim: usize) -> usize {
        let mut known = written(&store.targets_named(its).await.unwrap());
        let paused = self.programs.get_mut(&victim).unwrap();
        paused.signal("CONT").await;
        let until = Instant::now() + LATE;
        let mut late = 0;
        while Instant::now() < until {
            let now = written(&store.targets_named(its).await.unwrap());
            late += now.iter().zip(&known).filter(|(now, before)| now.0 != before.0 || now.1 < before.1).count();
            known = now;
            tokio::time::sleep(INTERVAL / 10).await;
        }
        self.programs.get_mut(&victim).unwrap().says("this collector was struck off").await;
        late
    }

    /// Waits until all of these were asked by others after this moment; how long the last of them had to wait.
    async fn asked_by_others(&self, targets: &[String], victim: usize, after: Duration) -> Duration {
        in_time("all are asked again", async {
            loop {
                let asks = Asks::since(self.simulator, after);
                let first: Option<Vec<Duration>> =
                    targets.iter().map(|target| Some(asks.first_not_by(target, victim)?.at)).collect();
                if let Some(first) = first {
                    return first.into_iter().max().unwrap_or_default().saturating_sub(after);
                }
                tokio::time::sleep(INTERVAL / 10).await;
            }
        })
        .await
    }
}

fn say_doubles(asks: &Asks, findings: &mut Findings) {
    let (doubles, all) = (asks.doubles(), asks.count());
    let found = format!("{doubles} of {all} ({:.3} %)", percent(doubles, all));
    findings.promise("asks twice in an interval", found, doubles * 1_000 < all);
}

fn all_out(states: &[TargetState]) -> bool {
    let is_out = |state: &TargetState| {
        state.services.iter().any(|service| service.name == SERVICE && service.status == Status::Outage)
    };
    states.iter().all(is_out)
}

/// What must not change of these targets, and what must not go back.
fn written(states: &[TargetState]) -> Vec<(u64, Timestamp)> {
    states.iter().map(|state| (state.revision, state.health.last_attempt)).collect()
}
