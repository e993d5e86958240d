//! `unistatus items change`: changes something of an item.

use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use serde_json::{Map, Value};
use unistatus_core::exit::{self, Failure};

use super::of;
use crate::api::Api;
use crate::{input, output};

/// Change something of an item; what is not given stays
///
/// Examples:
///   unistatus items change 272505123 --status muted
///   unistatus items change '#456' --resolved-in aabbcc1
///   unistatus items change '#456' --assigned-user 7 --snooze 2h
///   unistatus items show '#456' --json > item.json; unistatus items change '#456' --from item.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Its id, or # and its number
    id: String,
    #[command(flatten)]
    fields: Fields,
    /// Make it what this item is, in a file, as far as that can be changed; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "Fields")]
    from: Option<PathBuf>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Fields {
    /// active, resolved, muted or archived
    #[arg(long, value_name = "WORD")]
    status: Option<String>,
    /// critical, error, warning, info or debug
    #[arg(long, value_name = "WORD")]
    level: Option<String>,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Whose it is: the id of a user, or `nobody`
    #[arg(long, value_name = "ID", value_parser = assignee)]
    assigned_user: Option<Value>,
    /// Which team's it is: the id of a team, or `nobody`
    #[arg(long, value_name = "ID", value_parser = assignee)]
    assigned_team: Option<Value>,
    /// The version that it is resolved in; it is resolved then
    #[arg(long, value_name = "VERSION")]
    resolved_in: Option<String>,
    /// For how long nobody is to hear of it, such as 2h; `off` for not any more
    #[arg(long, value_name = "SPAN", value_parser = snooze)]
    snooze: Option<Snooze>,
}

/// Whether nobody is to hear of an item for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Snooze {
    Off,
    For(Duration),
}

fn assignee(text: &str) -> Result<Value, &'static str> {
    match text {
        "nobody" => Ok(Value::Null),
        text => text.parse::<u64>().map(Value::from).map_err(|_| "expected is the number that is an id, or nobody"),
    }
}

fn snooze(text: &str) -> Result<Snooze, &'static str> {
    match text {
        "off" => Ok(Snooze::Off),
        text => humantime::parse_duration(text)
            .ok()
            .filter(|span| span.as_secs() > 0)
            .map(Snooze::For)
            .ok_or("expected is a length of time such as 90s, 2h or 7d, or off"),
    }
}

/// A change to send.
pub(super) struct Change {
    id: String,
    method: Method,
    body: Value,
    json: bool,
}

impl Arguments {
    pub(super) fn read(self) -> Result<Change, Failure> {
        let Self { id, fields, from, json } = self;
        let (method, body) = match from {
            Some(path) => (Method::PUT, input::json(&path)?),
            None => (Method::PATCH, fields.json()?),
        };
        Ok(Change { id, method, body, json })
    }
}

impl Fields {
    /// The change in Rollbar's words.
    fn json(self) -> Result<Value, Failure> {
        let Self { status, level, title, assigned_user, assigned_team, resolved_in, snooze } = self;
        let status = status.or_else(|| resolved_in.as_ref().map(|_| "resolved".to_owned()));
        let span = snooze.and_then(|snooze| match snooze {
            Snooze::For(span) => Some(Value::from(span.as_secs())),
            Snooze::Off => None,
        });
        let change: Map<String, Value> = [
            ("status", status.map(Value::from)),
            ("level", level.map(Value::from)),
            ("title", title.map(Value::from)),
            ("assigned_user_id", assigned_user),
            ("assigned_team_id", assigned_team),
            ("resolved_in_version", resolved_in.map(Value::from)),
            ("snooze_enabled", snooze.map(|snooze| Value::from(snooze != Snooze::Off))),
            ("snooze_expiration_in_seconds", span),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
        if change.is_empty() {
            let message = "nothing is to be changed; `unistatus items change --help` lists what can be";
            return Err(Failure::new(exit::USAGE, message));
        }
        Ok(change.into())
    }
}

impl Change {
    pub(super) async fn send(self, api: &Api) -> Result<(), Failure> {
        let answer = api.ask(self.method, &of(&self.id), Some(&self.body)).await?.of("item", &self.id)?;
        if self.json { output::print_json(&answer.body) } else { Ok(()) }
    }
}
