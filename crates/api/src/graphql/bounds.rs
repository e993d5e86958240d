//! Reads a document, unless it is one that would cost much just to be understood.
//!
//! The parser and the validation of the library follow what lies in each other, fragments that are spread again and
//! again, and types that refer to each other, as far as they go; a few hundred bytes can be made to go very far. So what
//! is asked is measured before anybody follows it.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Pos, Positioned, ServerError};

/// How many brackets of any kind a document may open, and so how deep they may lie in each other: the parser needs some
/// of its stack for each.
const MOST_BRACKETS: usize = 600;
/// How many fields a document may have in all, each fragment counted wherever it is spread.
const MOST_FIELDS: usize = 1_000;
/// How deep fields and fragments may lie in each other, before anybody asks how deep the fields alone do.
const MOST_DEPTH: usize = 50;
/// How many fields the answer to an introspection may have, about. The usual one has sixty thousand as reckoned here.
const MOST_OF_SCHEMA: usize = 100_000;

/// The fields that are about the past, and the argument that makes others so.
const OF_THE_PAST: [&str; 3] = ["history", "events", "incidents"];
const AT: &str = "at";

/// A document that may be answered.
#[derive(Debug)]
pub(super) struct Read {
    /// The document.
    pub(super) document: ExecutableDocument,
    /// Whether anything in it may be about the past, which the archive has to be asked for.
    pub(super) is_about_the_past: bool,
}

/// Reads a document.
///
/// # Errors
/// What the parser does not understand, and what exceeds the bounds.
pub(super) fn read(query: &str) -> Result<Read, ServerError> {
    let brackets = query.bytes().filter(|byte| matches!(byte, b'{' | b'[' | b'(')).count();
    if brackets > MOST_BRACKETS {
        return Err(ServerError::new(format!("A query may open {MOST_BRACKETS} brackets at the most."), None));
    }
    let document = parse_query(query)?;
    let mut measure =
        Measure { document: &document, left: MOST_FIELDS, of_schema: MOST_OF_SCHEMA, is_about_the_past: false };
    for (_, operation) in document.operations.iter() {
        measure.walk(&operation.node.selection_set.node, Place::default())?;
    }
    for fragment in document.fragments.values() {
        measure.walk(&fragment.node.selection_set.node, Place::default())?;
    }
    let is_about_the_past = measure.is_about_the_past;
    Ok(Read { document, is_about_the_past })
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// How many more fields there may be.
    left: usize,
    /// How many more fields the answers to introspection may have.
    of_schema: usize,
    /// Whether anything was about the past.
    is_about_the_past: bool,
}

/// Where in a document something is selected.
#[derive(Clone, Copy, Default)]
struct Place {
    /// How many fields and fragments lie around it.
    depth: usize,
    /// In an introspection: how many times it is answered.
    times: Option<usize>,
}

impl<'a> Measure<'a> {
    /// Counts what is selected.
    fn walk(&mut self, set: &'a SelectionSet, place: Place) -> Result<(), ServerError> {
        let depth = place.depth + 1;
        if depth > MOST_DEPTH {
            return Err(ServerError::new("The query is nested too deep.", None));
        }
        for Positioned { pos, node: selection } in &set.items {
            // A spread counts, too: fragments that spread each other in a circle have no end.
            self.left = self.left.checked_sub(1).ok_or_else(too_many_fields)?;
            match selection {
                Selection::Field(Positioned { node: field, .. }) => {
                    let name = field.name.node.as_str();
                    self.is_about_the_past |= OF_THE_PAST.contains(&name)
                        || field.arguments.iter().any(|(argument, _)| argument.node.as_str() == AT);
                    if let Some(times) = place.times {
                        self.of_schema = self.of_schema.checked_sub(times).ok_or_else(|| too_much_schema(*pos))?;
                    }
                    let times = match name {
                        "__schema" | "__type" => Some(1),
                        _ => place.times.map(|times| times.saturating_mul(length(name))),
                    };
                    self.walk(&field.selection_set.node, Place { depth, times })?;
                }
                Selection::InlineFragment(fragment) => {
                    self.walk(&fragment.node.selection_set.node, Place { depth, ..place })?;
                }
                Selection::FragmentSpread(spread) => {
                    // One that there is not is an error of the validation.
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.walk(&fragment.node.selection_set.node, Place { depth, ..place })?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// How many elements a list of introspection is reckoned to have; what is no list is one.
fn length(name: &str) -> usize {
    match name {
        "types" => 50,
        "fields" | "inputFields" => 8,
        "args" | "enumValues" | "directives" | "interfaces" | "possibleTypes" => 4,
        _ => 1,
    }
}

fn too_much_schema(pos: Pos) -> ServerError {
    ServerError::new("The query asks too much about the schema.", Some(pos))
}

fn too_many_fields() -> ServerError {
    let message =
        format!("A query may have {MOST_FIELDS} fields at the most, each fragment counted where it is spread.");
    ServerError::new(message, None)
}
