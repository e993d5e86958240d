//! `unistatus watch`: changes as they happen.

use serde::Deserialize;
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Status;
use unistatus_core::shutdown;

use crate::api::{self, Absent, Resource};
use crate::output::{self, cell, status_cell};

/// Print each change of a status as it happens, until Ctrl-C
///
/// Examples:
///   unistatus watch
///   unistatus watch github --url http://127.0.0.1:8080
///   unistatus watch --json | jq .
///
/// Exit codes: 0, 2 for a name that is none, 3 for a database or an API that cannot be reached or goes away.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The target's name
    target: Option<String>,
    /// Print each change as the API tells it, an object a line
    #[arg(long)]
    json: bool,
}

/// A change, as the stream tells it.
#[derive(Deserialize)]
struct Change {
    target: String,
    service: String,
    from: Option<Status>,
    to: Option<Status>,
    at: String,
}

/// Follows the stream.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    api::with(&flags, Absent::Fail, async |api| {
        let resource = Resource::new("/api/stream").with_any("target", arguments.target.as_deref());
        let mut stream = api.follow(&resource).await?;
        eprintln!("Waiting for changes; Ctrl-C ends it.");
        let mut events = Events::default();
        loop {
            let chunk = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                chunk = stream.chunk() => chunk?,
            };
            let Some(chunk) = chunk else { return Err(Failure::new(exit::UNREACHABLE, "the stream has ended")) };
            for change in events.take(&chunk) {
                tell(&change, arguments.json)?;
            }
        }
    })
    .await
}

fn tell(change: &str, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(change.as_bytes());
    }
    let Ok(Change { target, service, from, to, at }) = serde_json::from_str(change) else { return Ok(()) };
    let [from, to] = [from, to].map(|status| status.map_or_else(|| cell("(none)"), status_cell));
    let row = vec![cell(&at), cell(&target), cell(&service), from, cell("→"), to];
    output::print(&output::line(row))
}

/// The changes in a stream of Server-Sent Events, of which any part may come at a time.
#[derive(Default)]
struct Events {
    /// What came of the line that has not ended yet.
    line: Vec<u8>,
    is_change: bool,
    data: String,
}

impl Events {
    /// The data of the changes that end with these bytes.
    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut changes = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => self.is_change = value == "change",
                "data" => self.data.push_str(value),
                "" if line.is_empty() => {
                    let data = std::mem::take(&mut self.data);
                    if std::mem::take(&mut self.is_change) && !data.is_empty() {
                        changes.push(data);
                    }
                }
                // Ids and comments.
                _ => {}
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_in_whatever_parts_they_come() {
        let text = "id: 7\nevent: snapshot\ndata: {\"targets\":[]}\n\n: alive\n\nevent: change\ndata: {\"a\":\"ü\"}\nid: 8\n\n\
                    event: target\ndata: {}\n\nevent: change\ndata: {\"b\":1}\n\nevent: change\ndata: {\"c\"";
        for size in [1, 2, 3, 7, text.len()] {
            let mut events = Events::default();
            let found: Vec<String> = text.as_bytes().chunks(size).flat_map(|part| events.take(part)).collect();
            assert_eq!(found, ["{\"a\":\"ü\"}", "{\"b\":1}"], "{size}");
        }
    }
}
