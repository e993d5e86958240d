//! A project and its items: what may be asked of them, as Rollbar documents it.

use serde_json::{Map, Value, json};

use super::BASE;
use super::tokens::scopes;
use super::wire::{Answer, Question};

/// How many items a page has.
const PAGE: usize = 100;
/// The number of the project.
const PROJECT: u64 = 12345;
/// The id of the item with the number 0.
const FIRST: u64 = 272_505_000;
/// When the item with the number 0 was first seen.
const EPOCH: u64 = 1_767_600_000;

const LEVELS: [&str; 5] = ["critical", "error", "warning", "info", "debug"];
const STATUSES: [&str; 4] = ["active", "resolved", "muted", "archived"];
/// What can be changed, and what Rollbar says where it cannot be so.
const CHANGES: [(&str, Check); 8] = [
    ("status", |value| value.as_str().is_some_and(|word| STATUSES.contains(&word))),
    ("level", |value| value.as_str().is_some_and(|word| LEVELS.contains(&word))),
    ("title", |value| value.as_str().is_some_and(|text| (1..=255).contains(&text.chars().count()))),
    ("resolved_in_version", |value| value.as_str().is_some_and(|text| text.chars().count() <= 40)),
    ("assigned_user_id", |value| value.is_null() || value.is_u64()),
    ("assigned_team_id", |value| value.is_null() || value.is_u64()),
    ("snooze_enabled", Value::is_boolean),
    ("snooze_expiration_in_seconds", Value::is_u64),
];

type Check = fn(&Value) -> bool;

/// A project of Rollbar's.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its items, newest occurrence first.
    items: Vec<Value>,
    /// Whether items can be archived by a change.
    archives: bool,
}

impl Default for Project {
    fn default() -> Self {
        Self { items: Vec::new(), archives: true }
    }
}

/// An item as lists have it. Its id and its times follow from its number.
pub fn item(counter: u64, level: &str, status: &str, environment: &str, title: &str) -> Value {
    json!({
        "id": FIRST + counter, "counter": counter, "project_id": PROJECT, "public_item_id": null,
        "environment": environment, "platform": "linux", "framework": "django", "language": "python",
        "title": title, "level": level, "status": status, "hash": format!("{counter:040x}"),
        "first_occurrence_id": 7_000 + counter, "first_occurrence_timestamp": EPOCH + counter,
        "last_occurrence_id": 8_000 + counter, "last_occurrence_timestamp": EPOCH + 3600 + counter,
        "last_activated_timestamp": EPOCH + counter, "last_resolved_timestamp": null,
        "total_occurrences": counter, "unique_occurrences": null, "assigned_user_id": null, "assigned_team_id": null,
        "resolved_in_version": null, "snooze_enabled": false, "integrations_data": null, "group_status": 1,
    })
}

impl Project {
    /// A project with so many items of all levels, statuses and some environments; the newest has the highest number.
    pub fn of(items: usize) -> Self {
        let made = (1_u64..).take(items).map(|counter| {
            let pick = |words: &[&'static str], every: u64| {
                let place = usize::try_from(counter / every).unwrap_or_default() % words.len();
                words.get(place).copied().unwrap_or_default()
            };
            let environment = pick(&["production", "staging"], 7);
            item(counter, pick(&LEVELS, 1), pick(&STATUSES, 3), environment, &format!("Error number {counter}"))
        });
        let mut items: Vec<_> = made.collect();
        items.reverse();
        Self { items, ..Self::default() }
    }

    /// A project with these items, newest occurrence first.
    pub fn with(items: Vec<Value>) -> Self {
        Self { items, ..Self::default() }
    }

    /// The items, newest occurrence first.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// Refuses from now on that items be archived, which is not documented for all.
    pub fn archive_nothing(&mut self) {
        self.archives = false;
    }

    /// Answers a question.
    pub(super) fn answer(&mut self, question: &Question) -> Answer {
        let (method, path) = (question.asked.method.as_str(), question.asked.path.as_str());
        let scope = match method {
            "GET" => "read",
            "POST" => "post_server_item",
            _ => "write",
        };
        match scopes(&question.token) {
            [] => return Answer::refusal(403, "invalid access token"),
            scopes if !scopes.contains(&scope) => return Answer::refusal(403, "insufficient privileges"),
            _ => {}
        }
        if !question.is_readable {
            return Answer::refusal(400, "Invalid JSON");
        }
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        match (method, segments.as_slice()) {
            ("GET", ["items"]) => self.list(question),
            ("GET", ["item", id]) => self.found("id", id).map_or_else(missing, Answer::result),
            ("GET", ["item_by_counter", counter]) => {
                let found = self.found("counter", counter).and_then(|item| item["id"].as_u64());
                found.map_or_else(missing, |id| moved(id, &question.token))
            }
            ("PATCH", ["item", id]) => self.change(id, &question.asked.body),
            ("POST", ["item"]) => self.report(&question.asked.body),
            _ => Answer::refusal(404, "Not found"),
        }
    }

    fn found(&self, key: &str, number: &str) -> Option<&Value> {
        let number: u64 = number.parse().ok()?;
        self.items.iter().find(|item| item[key] == number)
    }

    fn list(&self, question: &Question) -> Answer {
        let Some(page) = question.all("page").first().map_or(Some(1), |page| page.parse::<usize>().ok()) else {
            return Answer::refusal(422, "Invalid page");
        };
        for (name, known) in [("status", &STATUSES[..]), ("level", &LEVELS[..])] {
            if question.all(name).iter().any(|word| !known.contains(word)) {
                return Answer::refusal(422, &format!("Invalid {name}"));
            }
        }
        if !question.all("assigned_user").is_empty() && !question.all("assigned_team").is_empty() {
            return Answer::refusal(422, "assigned_team cannot be combined with assigned_user");
        }
        let listed: Vec<_> = self.items.iter().filter(|item| is_asked_for(item, question)).collect();
        let items: Vec<_> = listed.iter().skip(page.saturating_sub(1) * PAGE).take(PAGE).collect();
        Answer::result(&json!({"page": page, "total_count": listed.len(), "items": items}))
    }

    fn change(&mut self, id: &str, change: &Value) -> Answer {
        let archives = self.archives;
        let Some(item) = id.parse::<u64>().ok().and_then(|id| self.items.iter_mut().find(|item| item["id"] == id))
        else {
            return Answer::refusal(400, "Item not found in this project.");
        };
        let mut made = Map::new();
        for (name, value) in change.as_object().into_iter().flatten() {
            let check = CHANGES.iter().find(|(known, _)| known == name).map(|(_, check)| check);
            let is_possible = check.is_some_and(|check| check(value)) && (archives || value != "archived");
            if !is_possible {
                return Answer::refusal(422, &format!("Invalid {name}"));
            }
            made.insert(name.clone(), value.clone());
        }
        for (name, value) in &made {
            item[name] = value.clone();
        }
        Answer::result(&made.into())
    }

    fn report(&mut self, body: &Value) -> Answer {
        let data = &body["data"];
        let Some(environment) = data["environment"].as_str().filter(|name| (1..=255).contains(&name.len())) else {
            return Answer::refusal(422, "Invalid format. data.environment is required.");
        };
        let kinds = ["trace", "trace_chain", "message", "crash_report"];
        if kinds.iter().filter(|kind| data["body"][**kind].is_object() || data["body"][**kind].is_array()).count() != 1
        {
            return Answer::refusal(422, "Invalid format. data.body is required.");
        }
        let level = data["level"].as_str().unwrap_or("error");
        let counter = self.items.iter().filter_map(|item| item["counter"].as_u64()).max().unwrap_or_default() + 1;
        let title =
            data["title"].as_str().or(data["body"]["message"]["body"].as_str()).unwrap_or("Something went wrong");
        self.items.insert(0, item(counter, level, "active", environment, title));
        let uuid = data["uuid"].as_str().map_or_else(|| format!("{counter:032x}"), str::to_owned);
        Answer::result(&json!({"id": null, "uuid": uuid}))
    }
}

fn missing() -> Answer {
    Answer::refusal(404, "Item not found")
}

/// Where an item is. It repeats the token, as Rollbar does.
fn moved(id: u64, token: &str) -> Answer {
    let path = format!("{BASE}/item/{id}");
    let uri = format!("{path}?access_token={token}");
    Answer::moved(&json!({"itemId": id, "path": path, "uri": uri}), uri.clone())
}

/// Whether a list with these filters has an item.
fn is_asked_for(item: &Value, question: &Question) -> bool {
    let is_any = |name: &str| {
        let words = question.all(name);
        words.is_empty() || words.iter().any(|word| item[name] == **word)
    };
    let has_user = item["assigned_user_id"].is_u64();
    let is_users = |user: &str| match user {
        "assigned" => has_user || item["assigned_team_id"].is_u64(),
        "unassigned" => !has_user && !item["assigned_team_id"].is_u64(),
        // The stand-in knows no names: those of users are their ids.
        id => says(&item["assigned_user_id"], id),
    };
    let ids: Vec<u64> = question.all("ids").iter().flat_map(|ids| ids.split(',')).flat_map(str::parse).collect();
    let query = question.all("query").join(" ").to_lowercase();
    let is_snoozed = question.all("is_snoozed").first().is_none_or(|wanted| says(&item["snooze_enabled"], wanted));
    let is_teams = |team: &&str| says(&item["assigned_team_id"], team);
    let teams = question.all("assigned_team");
    ["status", "level", "environment", "framework"].into_iter().all(is_any)
        && question.all("assigned_user").into_iter().all(is_users)
        && (teams.is_empty() || teams.iter().any(is_teams))
        && (ids.is_empty() || item["id"].as_u64().is_some_and(|id| ids.contains(&id)))
        && item["title"].as_str().unwrap_or_default().to_lowercase().contains(&query)
        && is_snoozed
}

/// Whether a value is what a word of a query says.
fn says(value: &Value, word: &str) -> bool {
    serde_json::from_str::<Value>(word).is_ok_and(|wanted| wanted == *value)
}
