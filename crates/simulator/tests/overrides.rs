//! What is set by hand, on top of the script.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking, as tests do")]

use std::time::Duration;

use unistatus_simulator::{Condition, NewIncident, Options, ServiceState, Simulator, Stage, Unknown, World};

const MINUTE: Duration = Duration::from_mins(1);

async fn start(world: World) -> Simulator {
    Simulator::start(world.only(&["github"]), Options::manual()).await.unwrap()
}

fn state(simulator: &Simulator, place: usize) -> ServiceState {
    simulator.truth("github", |truth| truth.state(place)).unwrap().unwrap()
}

/// The titles of what is open.
fn open(simulator: &Simulator) -> Vec<String> {
    let titles = simulator.truth("github", |truth| {
        truth.events().filter(|incident| incident.is_open()).map(|incident| incident.title.clone()).collect()
    });
    titles.unwrap()
}

#[tokio::test]
async fn the_time_of_a_service_moves_only_when_its_condition_does() {
    let simulator = start(World::demo(1).quiet()).await;
    let before = state(&simulator, 0);
    simulator.advance(MINUTE);
    simulator.set("github", "git-transport", Condition::Operational).unwrap();
    simulator.release("github", "git-transport").unwrap();
    assert_eq!(state(&simulator, 0), before);

    simulator.set("github", "git-transport", Condition::Degraded).unwrap();
    let degraded = state(&simulator, 0);
    assert!(degraded.since > before.since);
    simulator.advance(MINUTE);
    simulator.set("github", "git-transport", Condition::Degraded).unwrap();
    assert_eq!(state(&simulator, 0), degraded);

    simulator.release("github", "git-transport").unwrap();
    let released = state(&simulator, 0);
    assert_eq!(released.condition, Condition::Operational);
    assert!(released.since > degraded.since);
    simulator.advance(MINUTE);
    simulator.release("github", "git-transport").unwrap();
    assert_eq!(state(&simulator, 0), released, "to release it again changes nothing");
}

#[tokio::test]
async fn what_is_set_wins_over_the_script_until_it_is_released() {
    let simulator = start(World::demo(1)).await;
    let troubled = loop {
        let place = simulator
            .truth("github", |truth| truth.services().position(|(_, state)| state.condition > Condition::Maintenance));
        match place.unwrap() {
            Some(place) => break place,
            None => simulator.advance(MINUTE),
        }
    };
    let scripted = state(&simulator, troubled);
    let service = simulator.truth("github", |truth| truth.vendor.services[troubled].id.clone()).unwrap();
    let posted = open(&simulator);

    simulator.set("github", &service, Condition::Maintenance).unwrap();
    assert_eq!(state(&simulator, troubled).condition, Condition::Maintenance);
    let named = simulator.truth("github", |truth| {
        truth.posted().filter(|one| one.is_active()).any(|one| one.services.contains(&troubled))
    });
    assert_eq!(named, Ok(false), "the script's incident leaves it out");

    simulator.release("github", &service).unwrap();
    assert_eq!(state(&simulator, troubled).condition, scripted.condition);
    assert_eq!(open(&simulator), posted);
}

#[tokio::test]
async fn a_service_set_in_trouble_has_one_open_event_for_feeds() {
    let simulator = start(World::demo(1).quiet()).await;
    let set = |condition| simulator.set("github", "Runners", condition).unwrap();
    set(Condition::Degraded);
    assert_eq!(open(&simulator), ["Slow answers from Runners"]);
    set(Condition::MajorOutage);
    assert_eq!(open(&simulator), ["Slow answers from Runners"], "it got worse, and stays one incident");
    set(Condition::Maintenance);
    assert_eq!(open(&simulator), ["Planned work on Runners"], "planned work is something else");
    set(Condition::Operational);
    assert!(open(&simulator).is_empty());
    let posted = simulator.truth("github", |truth| truth.posted().count());
    assert_eq!(posted, Ok(0), "the vendor itself posted nothing");
}

#[tokio::test]
async fn old_incidents_are_forgotten_and_open_ones_never() {
    let simulator = start(World::demo(1).quiet()).await;
    let incident = |title: String| NewIncident { title, condition: Condition::Degraded, services: vec![] };
    simulator.open_incident("github", incident("the first".into())).unwrap();
    for number in 0..50 {
        let id = simulator.open_incident("github", incident(number.to_string())).unwrap();
        simulator.close_incident("github", &id).unwrap();
        simulator.advance(MINUTE);
    }
    let told = simulator.truth("github", |truth| truth.posted().map(|one| one.title.clone()).collect::<Vec<_>>());
    let told = told.unwrap();
    assert_eq!((told.len(), told[0].as_str(), told[10].as_str()), (11, "49", "the first"));
}

#[tokio::test]
async fn names_that_nobody_has_are_said() {
    let simulator = start(World::demo(1)).await;
    let nobody = Unknown::Vendor { name: "nobody".into() };
    assert_eq!(simulator.count("nobody"), Err(nobody.clone()));
    assert_eq!(simulator.wait_for_requests("nobody", 1).await, Err(nobody));
    let error = simulator.set("github", "Teapot", Condition::Degraded).unwrap_err();
    assert_eq!(error.to_string(), "github has no service whose id or name is \"Teapot\"");
    let error = simulator.update_incident("github", "x", Stage::Resolved, "").unwrap_err();
    assert_eq!(error.to_string(), "no incident \"x\" was opened at github");
}
