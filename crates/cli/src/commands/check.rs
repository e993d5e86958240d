//! `unistatus check`: whether the database answers, or a server serves.

use http::Method;
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};

use crate::api::{self, Absent, Resource};
use crate::output;

/// Whether the database answers a real question
///
/// Examples:
///   unistatus check
///   unistatus check --url http://127.0.0.1:8080
///   unistatus check --ready --url http://127.0.0.1:8080     how a container looks at itself
///
/// Exit codes: 0, 3 where it does not, or the API cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Print what the API answers
    #[arg(long)]
    json: bool,
    /// Ask whether the server serves, which an API does without its database, too. With --url; also of a collector's port
    #[arg(long)]
    ready: bool,
}

/// Asks it.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    api::with(&flags, Absent::Fail, async |api| {
        let (path, refused) = if arguments.ready {
            ("/readyz", "the server is not ready")
        } else {
            ("/check", "the database does not answer")
        };
        let answer = api.ask(Method::GET, &Resource::new(path), None).await?;
        let is_fine = answer.status.is_success();
        if arguments.json {
            output::print_json(&answer.body)?;
        } else if is_fine {
            output::print("OK")?;
        }
        if is_fine { Ok(()) } else { Err(Failure::new(exit::UNREACHABLE, refused)) }
    })
    .await
}
