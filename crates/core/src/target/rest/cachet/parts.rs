//! Which documents make up an answer of Cachet's, and where they are.

use serde_json::Value;
use url::Url;

use super::{attributes, recognise};
use crate::target::rest::json::{list, text};
use crate::target::{ParseError, Part};

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The components themselves.
    Components,
    /// The names of their groups.
    Groups,
    /// How the page is as a whole.
    Status,
    /// Incidents, open and closed.
    Incidents,
}

/// The newest hundred incidents. Years of closed ones lie below them, and no open one stays that long.
const NEWEST: &str = "sort=id&order=desc&per_page=100";

/// The same for Cachet 3, which puts the newest first by itself.
const NEWEST_3: &str = "per_page=100";

/// The address of the next document: the next page of a list, else the next kind of which none is there yet.
pub(in crate::target::rest) fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    let Some(first) = parts.first() else { return Ok(None) };
    let Some(page) = read(first)? else { return Ok(None) };
    recognise(&page)?;
    for (kind, address) in addresses(first.url, &page) {
        let Some(last) = of(parts, &address).last() else { return Ok(Some(address)) };
        match (kind, read(last)?) {
            (Kind::Components | Kind::Groups, Some(document)) => {
                if let Some(next) = next_page(&document, &address)? {
                    return Ok(Some(next));
                }
            }
            (Kind::Components, None) => {
                return Err(ParseError::malformed(format!(
                    "the list of components breaks off: nothing at {}",
                    last.url
                )));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Where each kind is: beside the components, if these are where Cachet has them.
pub(super) fn addresses(components: &Url, page: &Value) -> Vec<(Kind, Url)> {
    let mut addresses = vec![(Kind::Components, components.clone())];
    let Some(api) = components.path().trim_end_matches('/').strip_suffix("/components") else { return addresses };
    let mut add = |kind, path: &str, query| {
        let mut url = components.clone();
        url.set_path(&format!("{api}/{path}"));
        url.set_query(query);
        addresses.push((kind, url));
    };
    let is_newer = list(page, "data").iter().any(|row| !std::ptr::eq(attributes(row), row));
    // The components of Cachet 3 do not say their groups' ids.
    if !is_newer {
        add(Kind::Groups, "components/groups", None);
    }
    add(Kind::Status, "status", None);
    add(Kind::Incidents, "incidents", Some(if is_newer { NEWEST_3 } else { NEWEST }));
    addresses
}

/// The documents at an address, of a list all its pages.
pub(super) fn documents(parts: &[Part<'_>], address: &Url) -> Result<Vec<Value>, ParseError> {
    of(parts, address).filter_map(|part| read(part).transpose()).collect()
}

fn of<'a, 'b>(parts: &'a [Part<'b>], address: &Url) -> impl Iterator<Item = &'a Part<'b>> {
    parts.iter().filter(|part| part.url.path() == address.path())
}

fn read(part: &Part<'_>) -> Result<Option<Value>, ParseError> {
    part.document.map(|document| document.json()).transpose()
}

/// The address of the page after this one, made of the list's own: behind a proxy Cachet links to a host or scheme it
/// was not asked at, and Cachet 3 forgets the other parameters.
fn next_page(list: &Value, address: &Url) -> Result<Option<Url>, ParseError> {
    let pagination = list.pointer("/meta/pagination/links").or_else(|| list.get("links")).unwrap_or(&Value::Null);
    let Some(link) = text(pagination, "next_page").or_else(|| text(pagination, "next")) else { return Ok(None) };
    let linked = address.join(&link).ok();
    let number = linked.and_then(|url| Some(url.query_pairs().find(|(name, _)| name == "page")?.1.into_owned()));
    let Some(number) = number else {
        return Err(ParseError::malformed(format!("the list goes on at \"{link}\", which is no numbered page of it")));
    };
    let others = address.query_pairs().filter(|(name, _)| name != "page");
    let mut next = address.clone();
    next.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &number);
    Ok(Some(next))
}
