//! What all pages have around them.

use serde::Serialize;
use unistatus_core::store::Place;

use super::link;
use super::markup::Markup;
use super::viewer::Viewer;
use crate::routes::current::Current;

/// What the layout of a page needs to know.
#[derive(Debug, Serialize)]
pub(super) struct Frame {
    /// The title, without the name of the product.
    title: String,
    /// Which part of the dashboard it belongs to.
    here: Here,
    /// The address that tells of changes of what the page shows; `None` where it never changes.
    stream: Option<Markup>,
    /// Since when nobody could confirm what is shown, if that is so.
    pub(super) unconfirmed: Option<super::moment::Moment>,
    /// Who looks at it.
    viewer: Viewer,
}

/// A part of the dashboard, as the navigation lists them.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Here {
    /// All targets.
    Overview,
    /// The team's own servers.
    Servers,
    /// What programs say who they are with.
    Keys,
    /// Who may log in.
    Users,
    /// Where one says who one is.
    Login,
    /// Who is logged in, for themselves.
    Account,
    /// What the navigation does not list.
    Elsewhere,
}

impl Frame {
    /// A page that stands still.
    pub(super) fn new(title: impl Into<String>, here: Here, viewer: Viewer) -> Self {
        Self { title: title.into(), here, stream: None, unconfirmed: None, viewer }
    }

    /// A page about what is known now, of one target or of all of them: it follows what changes after the snapshot that
    /// it shows.
    pub(super) fn live(
        title: impl Into<String>,
        here: Here,
        viewer: Viewer,
        current: &Current,
        target: Option<&str>,
    ) -> Self {
        let latest = current.latest();
        // Of one that is not known yet, or that no filter can name, the page hears with all others.
        let target = target.filter(|name| link::can_be_filter(name) && current.snapshot().target(name).is_some());
        Self {
            stream: Some(Markup::link("/api/stream", &stream_query(target, latest.place.as_ref()))),
            unconfirmed: latest.unconfirmed_since.map(|since| super::moment::Moment::of(since, current.now())),
            ..Self::new(title, here, viewer)
        }
    }
}

/// Without the place, every page that is opened would be sent all that is known once more.
fn stream_query(target: Option<&str>, place: Option<&Place>) -> Vec<(&'static str, String)> {
    let target = target.map(|name| ("target", name.to_owned()));
    let place = place.map(|place| ("lastEventId", place.to_string()));
    target.into_iter().chain(place).collect()
}
