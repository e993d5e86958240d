//! `unistatus history`: how it was.

use serde::Deserialize;
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;

use crate::api::{self, Absent, Resource};
use crate::output::{self, cell};

/// How a target's services were: uptime, downtime and outages of a window
///
/// Examples:
///   unistatus history github
///   unistatus history github Actions --from 2026-05-01T00:00:00Z
///   unistatus history github --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z --json
///
/// Exit codes: 0, 2 for a name or a window that is none, 3 for a database or an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The target's name
    target: String,
    /// The service's name
    service: Option<String>,
    /// The beginning of the window; 90 days before its end where it is not given
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The end of the window; now where it is not given
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct History {
    from: String,
    to: String,
    services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(rename = "service")]
    name: String,
    uptime: Option<f64>,
    seconds: Seconds,
}

#[derive(Deserialize)]
struct Seconds {
    outage: f64,
    degraded: f64,
    maintenance: f64,
    unknown: f64,
}

/// Prints what was.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let Arguments { target, service, from, to, json } = &arguments;
    api::with(&flags, Absent::Fail, async |api| {
        let resource = Resource::new("/api/history").join(target);
        let resource = service.iter().fold(resource, |resource, service| resource.join(service));
        let resource = resource.with_any("from", from.as_deref()).with_any("to", to.as_deref());
        if *json {
            return output::print_json(&api.get(&resource).await?.body);
        }
        // No list of the answer is shown.
        let History { from, to, services } = api.get(&resource.with("fields", "dimensions")).await?.read()?;
        output::print(&output::grid(
            &["SERVICE", "UPTIME", "OUTAGE", "DEGRADED", "MAINTENANCE", "UNKNOWN"],
            services.iter().map(|service| {
                let Seconds { outage, degraded, maintenance, unknown } = service.seconds;
                let spans = [outage, degraded, maintenance, unknown].map(|seconds| cell(&span(seconds)));
                [cell(&service.name), cell(&percent(service.uptime))].into_iter().chain(spans).collect()
            }),
        ))?;
        eprintln!("From {from} to {to}.");
        Ok(())
    })
    .await
}

/// A share in hundredths. What is less than everything is never told as everything.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.3} %", (share * 100_000.0).floor() / 1000.0))
}

/// A length of time, in the two units that tell most.
fn span(seconds: f64) -> String {
    let whole = std::time::Duration::try_from_secs_f64(seconds.round()).unwrap_or_default();
    let told = humantime::format_duration(whole).to_string();
    told.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_lengths_are_told_shortly_and_never_better_than_they_are() {
        assert_eq!(percent(Some(1.0)), "100.000 %");
        assert_eq!(percent(Some(0.999_999_9)), "99.999 %");
        assert_eq!(percent(None), "unknown");
        assert_eq!((span(0.0), span(59.6), span(93_784.0)), ("0s".to_owned(), "1m".to_owned(), "1day 2h".to_owned()));
    }
}
