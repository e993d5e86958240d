//! `unistatus status`: what is known now.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::{Dimensions, Status};

use crate::api::{self, Absent, Answer, Api, Resource};
use crate::output::{self, Row, printable};

/// What is known now of all targets, of one, or of one of its services
///
/// Examples:
///   unistatus status
///   unistatus status github
///   unistatus status github "Git Operations" --json
///   unistatus status github --exit-code || echo "not all is well"
///
/// Exit codes: 0, 1 with --exit-code where something is not OK, 2 for a name that is not known, 3 for a database or
/// an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The target's name
    target: Option<String>,
    /// The service's name: exactly, else without regard to case
    service: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
    /// End with 1 where something is not OK
    #[arg(long)]
    exit_code: bool,
}

const STATUS: &str = "/api/status";
const TARGETS: &str = "/api/targets";

/// Prints what is known.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let rows = api::with(&flags, Absent::Fail, async |api| match &arguments.target {
        Some(target) => of_target(api, target, &arguments).await,
        None => of_all(api, &arguments).await,
    });
    let worst = Status::worst(rows.await?.iter().map(|row| row.status));
    match worst {
        Some(worst) if arguments.exit_code && worst != Status::Ok => Err(Failure::new(exit::NOT_OK, "")),
        _ => Ok(()),
    }
}

/// The body of `/api/status`.
#[derive(Deserialize)]
struct All {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    name: String,
    last_timestamp: String,
    status: Status,
    dimensions: Dimensions,
}

impl Target {
    fn rows(self) -> impl Iterator<Item = Row> {
        let target = self.name;
        self.services.into_iter().map(move |Service { name, last_timestamp, status, dimensions }| {
            let target = target.clone();
            Row { target, service: name, last_timestamp, status, dimensions }
        })
    }
}

/// How the collection of a target goes.
#[derive(Deserialize)]
struct Collection {
    name: String,
    services: usize,
    failure: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

#[derive(Deserialize)]
struct Collections {
    targets: Vec<Collection>,
}

/// Prints everything.
async fn of_all(api: &Api, arguments: &Arguments) -> Result<Vec<Row>, Failure> {
    let answer = api.get(&Resource::new(STATUS)).await?;
    let rows: Vec<Row> = answer.read::<All>()?.targets.into_iter().flat_map(Target::rows).collect();
    if arguments.json {
        output::print_json(&answer.body)?;
    } else {
        output::print(&output::table(&rows))?;
        tell_of_those_without(&api.get(&Resource::new(TARGETS)).await?.read::<Collections>()?.targets);
    }
    Ok(rows)
}

/// Prints what is known of a target, or of its services of a name.
async fn of_target(api: &Api, target: &str, arguments: &Arguments) -> Result<Vec<Row>, Failure> {
    let path = Resource::new(STATUS).join(target);
    let path = arguments.service.iter().fold(path, |path, service| path.join(service));
    let answer = named(api, &path, target, arguments.service.as_deref()).await?;
    let rows: Vec<Row> = answer.read()?;
    if arguments.json {
        output::print_json(&answer.body)?;
    } else {
        output::print(&output::table(&rows))?;
        if rows.is_empty() {
            let collection: Collection = read(api, &Resource::new(TARGETS).join(target)).await?;
            tell_of_those_without(&[collection]);
        }
    }
    Ok(rows)
}

async fn read<T: DeserializeOwned>(api: &Api, path: &Resource) -> Result<T, Failure> {
    api.get(path).await?.read()
}

/// Asks for what has a name, and says how to find the names that are known.
async fn named(api: &Api, path: &Resource, target: &str, service: Option<&str>) -> Result<Answer, Failure> {
    let answer = api.ask(http::Method::GET, path, None).await?;
    if answer.status != http::StatusCode::NOT_FOUND {
        return answer.fine();
    }
    let message = match service {
        Some(service) if answer.refusal().code == "ServiceNotFound" => {
            format!("target \"{target}\" has no service \"{service}\"; `unistatus status {target}` lists those it has")
        }
        _ => format!("target \"{target}\" is not known; `unistatus status` lists those that are"),
    };
    Err(Failure::new(exit::USAGE, printable(&message)))
}

/// Says of which targets no services are known, and why: an empty table looks like a fault.
fn tell_of_those_without(targets: &[Collection]) {
    if targets.is_empty() {
        eprintln!("No target has been asked yet.");
    }
    let without = || targets.iter().filter(|target| target.services == 0);
    let silent: Vec<&str> =
        without().filter(|target| target.failure.is_none()).map(|target| target.name.as_str()).collect();
    if !silent.is_empty() {
        eprintln!("{}", printable(&format!("No services are known of: {}", silent.join(", "))));
    }
    for Collection { name, failure, .. } in without() {
        if let Some(Reason { message }) = failure {
            eprintln!("{}", printable(&format!("No services are known of {name}: {message}")));
        }
    }
}
