//! What the overview shows: the trouble first, with the services that are in it; then every target, by groups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use unistatus_core::schema::{Kind, Status, Timestamp};

use super::headline::{Count, Headline};
use crate::contract::Served;
use crate::dashboard::form::Fields;
use crate::dashboard::frame::Frame;
use crate::dashboard::look::Look;
use crate::dashboard::markup::Markup;
use crate::dashboard::moment::Moment;
use crate::dashboard::rows::shown_name;
use crate::dashboard::{category, link, target};
use crate::select::{Selected, Selection};
use crate::servers::is_of_a_server;
use crate::snapshot::{Snapshot, TargetView};

/// How many services of one target are listed; its own page has all.
const LISTED: usize = 8;
/// So many targets in trouble show their services unasked.
const OPEN: usize = 12;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct OverviewPage {
    frame: Frame,
    headline: Headline,
    counts: Vec<Count>,
    form: Form,
    /// Targets whose services are listed: those in trouble, and those of which some services are asked for.
    cards: Vec<Card>,
    are_open: bool,
    groups: Vec<Group>,
    /// How many targets are shown.
    shown: usize,
    /// How many there are.
    total: usize,
    is_filtered: bool,
}

/// The fields that filter, as they are filled in.
#[derive(Debug, Serialize)]
struct Form {
    q: String,
    status: String,
    category: String,
    kind: String,
    statuses: [&'static str; 4],
    /// The categories that targets have: their names and what they are called.
    categories: Vec<(String, String)>,
    /// The types that targets have.
    kinds: Vec<&'static str>,
}

/// A target and its services.
#[derive(Debug, Serialize)]
struct Card {
    id: String,
    title: String,
    link: Option<Markup>,
    look: Look,
    services: Vec<Line>,
    /// How many more there are of the sort that is listed.
    more: usize,
    /// How many there are of any sort.
    count: usize,
}

/// A service.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    link: Option<Markup>,
    look: Look,
    note: Option<String>,
    since: Option<Moment>,
}

/// Targets of one sort.
#[derive(Debug, Serialize)]
struct Group {
    id: String,
    title: String,
    look: Look,
    targets: Vec<Tile>,
}

/// A target.
#[derive(Debug, Serialize)]
struct Tile {
    id: String,
    title: String,
    link: Option<Markup>,
    look: Look,
    count: usize,
}

/// Where a target is shown. Our own servers and probes stand before what vendors say.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Servers,
    Probes,
    Category(String),
    Other,
}

impl OverviewPage {
    /// What is shown of what is known, as far as it is asked for.
    pub(super) fn new(
        frame: Frame,
        snapshot: &Snapshot,
        fields: &Fields,
        selection: &Selection,
        now: Timestamp,
    ) -> Self {
        let looks: Vec<(Look, String)> =
            snapshot.targets().iter().map(|target| (Look::worst(target.services()), target::title(target))).collect();
        let looks: Vec<(Look, &str)> = looks.iter().map(|(look, title)| (*look, title.as_str())).collect();
        let selected: Vec<Selected<'_>> = selection.targets(snapshot, None).collect();
        let mut cards: Vec<Card> = selected.iter().filter_map(|selected| Card::of(selected, now)).collect();
        cards.sort_by_cached_key(|card| (Reverse(card.look), card.title.to_lowercase()));
        Self {
            frame,
            headline: Headline::of(&looks),
            counts: Count::all(&looks),
            form: Form::of(snapshot, fields),
            are_open: cards.len() <= OPEN,
            cards,
            shown: selected.len(),
            groups: groups(&selected),
            total: snapshot.targets().len(),
            is_filtered: !fields.is_empty(),
        }
    }
}

impl Form {
    fn of(snapshot: &Snapshot, fields: &Fields) -> Self {
        let states = || snapshot.targets().iter().map(|target| target.state());
        let categories: BTreeSet<&str> = states().filter_map(|state| state.about.category.as_deref()).collect();
        let kinds: BTreeSet<Kind> = states().map(|state| state.kind).collect();
        let value = |name| fields.value(name).to_owned();
        Self {
            q: value("q"),
            status: value("status"),
            category: value("category"),
            kind: value("type"),
            statuses: Status::ALL.map(Status::as_str),
            categories: categories.into_iter().map(|name| (name.to_owned(), category::title(name))).collect(),
            kinds: kinds.into_iter().map(Kind::as_str).collect(),
        }
    }
}

impl Card {
    /// The card of a target; `None` where the tile says everything: nothing is wrong, and nothing of it was looked for.
    fn of(selected: &Selected<'_>, now: Timestamp) -> Option<Self> {
        let target = selected.target;
        let count = target.state().services.len();
        let is_part = selected.services.len() < count;
        let mut listed: Vec<&Served<'_>> =
            selected.services.iter().filter(|service| is_part || Look::of(service).is_trouble()).collect();
        if listed.is_empty() {
            return None;
        }
        // The sort is stable: among equals the source's order holds.
        listed.sort_by_key(|service| Reverse(Look::of(service)));
        Some(Self {
            id: format!("c-{}", link::segment(target.name())),
            title: target::title(target),
            link: target::page(target),
            look: Look::worst(target.services()),
            more: listed.len().saturating_sub(LISTED),
            services: listed.into_iter().take(LISTED).map(|service| Line::of(target, service, now)).collect(),
            count,
        })
    }
}

impl Line {
    fn of(target: &TargetView, service: &Served<'_>, now: Timestamp) -> Self {
        let dimensions = service.dimensions();
        Self {
            name: shown_name(service.name()),
            link: target::page_of(target, service.name()),
            look: Look::of(service),
            note: dimensions.get(unistatus_core::schema::dimension_names::REGION).map(ToString::to_string),
            since: service.last_timestamp().map(|since| Moment::of(since, now)),
        }
    }
}

impl Place {
    fn of(target: &TargetView) -> Self {
        let state = target.state();
        match &state.about.category {
            _ if is_of_a_server(target) => Self::Servers,
            _ if state.kind.is_probe() => Self::Probes,
            Some(name) => Self::Category(category::title(name)),
            None => Self::Other,
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Servers => "Servers".to_owned(),
            Self::Probes => "Own probes".to_owned(),
            Self::Category(title) => title.clone(),
            Self::Other => "Other".to_owned(),
        }
    }
}

/// The targets by groups, each ordered by what people call them, so that a target keeps its place on a wall.
fn groups(selected: &[Selected<'_>]) -> Vec<Group> {
    let mut places: BTreeMap<Place, Vec<Tile>> = BTreeMap::new();
    for Selected { target, .. } in selected {
        places.entry(Place::of(target)).or_default().push(Tile {
            id: format!("t-{}", link::segment(target.name())),
            title: target::title(target),
            link: target::page(target),
            look: Look::worst(target.services()),
            count: target.state().services.len(),
        });
    }
    let is_only = places.len() == 1;
    let group = |(place, mut targets): (Place, Vec<Tile>)| {
        targets.sort_by_cached_key(|tile| tile.title.to_lowercase());
        let title = if is_only && place == Place::Other { "All targets".to_owned() } else { place.title() };
        let look = targets.iter().map(|tile| tile.look).max().unwrap_or(Look::Quiet);
        Group { id: format!("g-{}", link::segment(&title)), title, look, targets }
    };
    places.into_iter().map(group).collect()
}
