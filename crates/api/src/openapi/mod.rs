//! The words in which the API documents itself, as `OpenAPI` 3.1.
//!
//! What a route takes and answers is documented beside it, from the tables that its code reads: there is no second list
//! of words, bounds or codes. Here is what the routes share, and what makes one document of them.

mod access;
pub(crate) mod answers;
pub(crate) mod parameters;
pub(crate) mod schemas;

use utoipa::IntoResponses;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Header, InfoBuilder, LicenseBuilder, OpenApi, RefOr};

use answers::Internal;

/// What the operations are grouped by, and what is said of each group.
const TAGS: [(&str, &str); 9] = [
    ("Status", "How everything is now, and how it was known to be at an instant."),
    ("Past", "What changed, what went wrong, and how long services were how."),
    ("Targets", "What is asked, and how the asking goes."),
    ("GraphQL", "The same questions, several at a time."),
    ("Servers", "The team's own servers: what is pinged, and what came of it."),
    ("Templates", "The texts of messages, filled in with what changed."),
    ("Items", "The team's Rollbar project: what its programs reported."),
    ("Access", "Who may do what."),
    ("Server", "For whoever runs it, and for programs."),
];

const DESCRIPTION: &str = "\
The availability of everything a team depends on, in one schema: what is known now, its history and its changes as they \
happen.

- Reads of what is known now are served from memory and never wait for the database; the past is read from it.
- Answers carry a strong `ETag`; ask with `If-None-Match` and most are a `304`.
- All lists take `limit` and `cursor`; the address of the next page is in the `Link` header.
- A parameter or a value that is not known is a `400` that lists what is accepted.
- `HEAD` works wherever `GET` does; a method that a resource does not have is a `405` with `Allow`.
- Reading is open unless the server says otherwise; what changes something takes a key or a login. A credential that is \
wrong is refused also where none is needed.
- Every error of every route has one shape and a stable code; only `/api/servers` has words of its own.";

/// Completes a document of which the operations and the schemas are there: what holds for all of them is said once.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Unistatus")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
        .build();
    let tag = |(name, description)| TagBuilder::new().name(name).description(Some(description)).build();
    document.tags = Some(TAGS.map(tag).to_vec());
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            access::complete(path, operation);
            complete_operation(operation);
        }
    }
    document.components.get_or_insert_default().security_schemes.extend(access::schemes());
    document
}

/// The operations of a resource.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let changing = item.post.iter_mut().chain(&mut item.put).chain(&mut item.patch).chain(&mut item.delete);
    item.get.iter_mut().chain(changing)
}

/// Adds the errors and the headers that follow from what a route says of itself: whatever may be answered by 304 has
/// what a client needs to ask so, and whatever takes a cursor leads to the next page.
fn complete_operation(operation: &mut Operation) {
    let is_cursor =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == "cursor");
    let has_pages = operation.parameters.iter().flatten().any(is_cursor);
    let responses = &mut operation.responses.responses;
    responses.extend(Internal::responses());
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.extend([owned(answers::request_id_header())]);
        }
    }
    if !responses.contains_key("304") {
        let pages = responses.get_mut("200").filter(|_| has_pages);
        if let Some(RefOr::T(response)) = pages {
            response.headers.extend([owned(answers::link_header())]);
        }
        return;
    }
    for (status, has_body) in [("200", true), ("304", false)] {
        let Some(RefOr::T(response)) = responses.get_mut(status) else { continue };
        response.headers.extend(answers::caching_headers().map(owned));
        response.headers.extend(has_body.then(|| owned(answers::coding_header())));
        response.headers.extend(has_pages.then(|| owned(answers::link_header())));
    }
}

fn owned((name, header): (&str, Header)) -> (String, RefOr<Header>) {
    (name.to_owned(), RefOr::T(header))
}
