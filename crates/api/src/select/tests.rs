//! The selection beside a naive one, which filters the JSON of everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use unistatus_core::schema::{Dimensions, Kind, Scalar, Service, Status};
use unistatus_core::store::TargetState;

use super::*;
use crate::contract::{Collection, Property, Row, ServiceFields, TargetList};
use crate::snapshot::testing;

const NAMES: [&str; 5] = ["aws", "git", "github", "gitlab", "zoom"];
const SERVICES: [&str; 5] = ["API", "api", "Git Operations", "Straße", ""];
const CATEGORIES: [&str; 3] = ["cloud", "code", "our-own"];
const VALUES: [(&str, &str); 7] = [
    ("region", "eu"),
    ("region", "us"),
    ("maintenance", "true"),
    ("load", "1.0"),
    ("slots", "-3"),
    ("stale", "true"),
    ("lastKnownStatus", "OK"),
];

fn dimensions() -> impl Strategy<Value = Dimensions> {
    let all = [
        ("region", Scalar::from("eu")),
        ("region", Scalar::from("us")),
        ("maintenance", Scalar::Bool(true)),
        ("maintenance", Scalar::from("true")),
        ("load", Scalar::Float(1.0)),
        ("slots", Scalar::Integer(-3)),
    ];
    subsequence(all.to_vec(), 0..4)
        .prop_map(|some| some.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    let service = (select(&SERVICES[..]), select(&Status::ALL[..]), dimensions());
    prop::collection::vec(service, 0..5).prop_map(|services| {
        let services = services.into_iter().enumerate();
        services
            .map(|(position, (name, status, dimensions))| Service {
                key: format!("key {position}"),
                dimensions,
                ..testing::service(name, status)
            })
            .collect()
    })
}

fn state() -> impl Strategy<Value = TargetState> {
    let about = (prop::option::of(select(&["Amazon", "Git, hubbed"][..])), prop::option::of(select(&CATEGORIES[..])));
    (services(), select(&Kind::ALL[..]), about, any::<bool>()).prop_map(
        |(services, kind, (title, category), silent)| {
            let mut state = testing::target("", services);
            state.kind = kind;
            state.about.title = title.map(str::to_owned);
            state.about.category = category.map(str::to_owned);
            if silent {
                state.health.last_success = Some(testing::at(-testing::BELIEVED_SECS - 1));
            }
            state
        },
    )
}

fn snapshot() -> impl Strategy<Value = Arc<Snapshot>> {
    prop::collection::btree_map(select(&NAMES[..]), state(), 0..5).prop_map(|states| {
        let states = states.into_iter().map(|(name, state)| TargetState { name: name.to_owned(), ..state });
        Snapshot::of(states.collect(), testing::at(0))
    })
}

/// What may be asked, as text: the naive way reads it anew.
#[derive(Clone, Debug)]
struct Asked {
    kinds: Vec<Kind>,
    names: Vec<&'static str>,
    categories: Vec<&'static str>,
    statuses: Vec<Status>,
    dimensions: Vec<(&'static str, &'static str)>,
    q: Option<&'static str>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let q = prop::option::of(select(&["", "GIT", "amaz", "api", "STRASSE", "STRAẞE", "nowhere"][..]));
    (
        subsequence(Kind::ALL.to_vec(), 0..3),
        subsequence(NAMES.to_vec(), 0..3),
        subsequence(CATEGORIES.to_vec(), 0..2),
        subsequence(Status::ALL.to_vec(), 0..3),
        prop_oneof![Just(Vec::new()), subsequence(VALUES.to_vec(), 0..3)],
        q,
    )
        .prop_map(|(kinds, names, categories, statuses, dimensions, q)| Asked {
            kinds,
            names,
            categories,
            statuses,
            dimensions,
            q,
        })
}

impl Asked {
    fn services(&self) -> ServiceFilter {
        let mut dimensions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.dimensions {
            dimensions.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        ServiceFilter { statuses: self.statuses.clone(), dimensions }
    }

    fn selection(&self) -> Selection {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Selection {
            targets: TargetFilter {
                kinds: self.kinds.clone(),
                names: owned(&self.names),
                categories: owned(&self.categories),
            },
            services: self.services(),
            q: self.q.map(Needle::new),
        }
    }

    /// Whether the JSON of a service passes, but for `q`.
    fn takes(&self, service: &Value) -> bool {
        let written = |name: &str| match &service["dimensions"][name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let has = |name: &str| self.dimensions.iter().any(|&(other, value)| other == name && written(name) == value);
        (self.statuses.is_empty() || self.statuses.iter().any(|status| service["status"] == status.as_str()))
            && self.dimensions.iter().all(|(name, _)| has(name))
    }

    fn finds(&self, name: &Value) -> bool {
        let q = self.q.unwrap_or_default().to_lowercase();
        name.as_str().unwrap().to_lowercase().contains(&q)
    }

    /// Everything without what does not pass; `about` is the list of `/api/targets`.
    fn naive(&self, everything: &Value, about: &Value) -> Value {
        let mut targets = everything["targets"].as_array().unwrap().clone();
        targets.retain_mut(|target| {
            let about = about.as_array().unwrap().iter().find(|about| about["name"] == target["name"]).unwrap();
            let is_meant = (self.kinds.is_empty() || self.kinds.iter().any(|kind| target["type"] == kind.as_str()))
                && (self.names.is_empty() || self.names.iter().any(|name| target["name"] == *name))
                && (self.categories.is_empty() || self.categories.iter().any(|name| about["category"] == *name));
            let is_found = self.finds(&target["name"]) || self.finds(&about["title"]);
            let services = target["services"].as_array_mut().unwrap();
            services.retain(|service| self.takes(service) && (is_found || self.finds(&service["name"])));
            let keeps_empty = is_found && self.statuses.is_empty() && self.dimensions.is_empty();
            is_meant && (keeps_empty || !services.is_empty())
        });
        json!({ "targets": targets })
    }
}

fn everything(snapshot: &Snapshot) -> Value {
    serde_json::from_slice(snapshot.status().bytes()).unwrap()
}

fn list(selected: &[Selected<'_>], fields: TargetFields) -> Value {
    let targets = selected.iter().map(|selected| selected.entry(fields)).collect();
    serde_json::to_value(TargetList { targets }).unwrap()
}

#[test]
fn a_row_that_is_gone_is_stepped_over_and_one_that_moved_is_found() {
    let services = ["a", "b", "c", "d"];
    let view = |names: &[&str]| {
        let keyed = |name: &&str| Service { key: (*name).to_owned(), ..testing::service(name, Status::Ok) };
        Snapshot::of(vec![testing::target("t", names.iter().map(keyed))], testing::at(0))
    };
    let before = view(&services);
    let everything = RowSelection::default();
    let places: Vec<RowPlace> =
        everything.rows(before.target("t").unwrap(), None, None).map(|(place, _)| place).collect();
    for (now, behind, rest) in [
        (&["a", "b", "c", "d"][..], 1, "cd"),
        (&["a", "c", "d"], 1, "cd"),
        (&["new", "a", "b", "c", "d"], 1, "cd"),
        (&["b", "a", "d"], 1, "ad"),
        (&["a"], 3, ""),
        (&[], 0, ""),
    ] {
        let now = view(now);
        let rows = everything.rows(now.target("t").unwrap(), None, Some(&places[behind]));
        let found: String = rows.map(|(_, service)| service.name()).collect();
        assert_eq!(found, rest);
    }
}

proptest! {
    #[test]
    fn to_select_is_to_filter_the_json_of_everything(snapshot in snapshot(), asked in asked()) {
        let everything = everything(&snapshot);
        let collections = snapshot.targets().iter().map(|target| Collection::of(target.state(), target.is_stale()));
        let about = serde_json::to_value(collections.collect::<Vec<_>>()).unwrap();
        let selection = asked.selection();
        let selected: Vec<Selected<'_>> = selection.targets(&snapshot, None).collect();
        prop_assert_eq!(list(&selected, TargetFields::ALL), asked.naive(&everything, &about));
    }

    #[test]
    fn everything_is_rendered_byte_for_byte_as_its_body(snapshot in snapshot()) {
        let selection = Selection::default();
        let targets = selection.targets(&snapshot, None).map(|selected| selected.entry(TargetFields::ALL)).collect();
        prop_assert_eq!(&serde_json::to_vec(&TargetList { targets }).unwrap(), snapshot.status().bytes());
        for target in snapshot.targets() {
            let selection = RowSelection::default();
            let rows = selection.rows(target, None, None);
            let rows: Vec<Row<'_>> =
                rows.map(|(_, service)| Row::new(target.name(), service, ServiceFields::ALL)).collect();
            prop_assert_eq!(&serde_json::to_vec(&rows).unwrap(), target.rows().bytes());
        }
    }

    #[test]
    fn pages_of_any_size_make_the_whole(snapshot in snapshot(), asked in asked(), size in 1..4_usize) {
        let selection = asked.selection();
        let whole: Vec<String> =
            selection.targets(&snapshot, None).map(|selected| selected.target.name().to_owned()).collect();
        let mut paged: Vec<String> = Vec::new();
        loop {
            let behind = paged.last().cloned();
            let page = selection.targets(&snapshot, behind.as_deref()).take(size);
            let before = paged.len();
            paged.extend(page.map(|selected| selected.target.name().to_owned()));
            if paged.len() == before {
                break;
            }
        }
        prop_assert_eq!(paged, whole);
    }

    #[test]
    fn rows_are_those_that_pass_and_their_pages_make_the_whole(
        snapshot in snapshot(),
        asked in asked(),
        size in 1..4_usize,
        name in prop::option::of(select(&SERVICES[..])),
    ) {
        let selection = RowSelection { services: asked.services(), q: asked.q.map(Needle::new) };
        for target in snapshot.targets() {
            let named = name.map(|name| target.positions_named(name));
            let row = |service| serde_json::to_value(Row::new(target.name(), service, ServiceFields::ALL)).unwrap();
            let all: Vec<Value> = match name {
                None => serde_json::from_slice(target.rows().bytes()).unwrap(),
                Some(name) => {
                    target.rows_named(name).map(|rows| serde_json::from_slice(rows.bytes()).unwrap()).unwrap_or_default()
                }
            };
            let passing: Vec<Value> =
                all.into_iter().filter(|row| asked.takes(row) && asked.finds(&row["service"])).collect();
            let mut paged: Vec<Value> = Vec::new();
            let mut behind: Option<RowPlace> = None;
            loop {
                let page: Vec<_> = selection.rows(target, named.as_deref(), behind.as_ref()).take(size).collect();
                let Some((last, _)) = page.last() else { break };
                behind = Some(last.clone());
                paged.extend(page.into_iter().map(|(_, service)| row(service)));
            }
            prop_assert_eq!(paged, passing);
        }
    }

    #[test]
    fn fields_only_remove(
        snapshot in snapshot(),
        of_targets in subsequence(Property::OF_TARGETS.to_vec(), 0..6),
        of_services in subsequence(Property::OF_SERVICES.to_vec(), 0..3),
    ) {
        let selection = Selection::default();
        let selected: Vec<Selected<'_>> = selection.targets(&snapshot, None).collect();
        let mut expected = everything(&snapshot);
        let has = |property| of_targets.contains(&property);
        let has_services = has(Property::Services) || Property::OF_SERVICES.into_iter().any(has);
        for target in expected["targets"].as_array_mut().unwrap() {
            for service in target["services"].as_array_mut().unwrap() {
                keep(service, &["name"], &of_targets);
            }
            keep(target, if has_services { &["name", "services"] } else { &["name"] }, &of_targets);
        }
        prop_assert_eq!(list(&selected, TargetFields::of(&of_targets)), expected);

        for target in snapshot.targets() {
            let mut rows: Value = serde_json::from_slice(target.rows().bytes()).unwrap();
            for row in rows.as_array_mut().unwrap() {
                keep(row, &["target", "service"], &of_services);
            }
            let fields = ServiceFields::of(&of_services);
            let found: Vec<Row<'_>> =
                target.services().map(|service| Row::new(target.name(), service, fields)).collect();
            prop_assert_eq!(serde_json::to_value(found).unwrap(), rows);
        }
    }
}

/// Removes every property but these.
fn keep(object: &mut Value, always: &[&str], named: &[Property]) {
    let is_named = |key: &str| named.iter().any(|property| property.as_str() == key);
    object.as_object_mut().unwrap().retain(|key, _| always.contains(&key.as_str()) || is_named(key));
}
