//! Reads a document, unless it is one that would cost much just to be understood.
//!
//! The parser and the validation of the library follow what lies in each other, fragments that are spread again and
//! again, and types that refer to each other, as far as they go; a few hundred bytes can be made to go very far. So what
//! is asked is measured before anybody follows it.

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// How many brackets of any kind a document may open, and so how deep they may lie in each other: the parser needs some
/// of its stack for each.
const MOST_BRACKETS: usize = 600;
/// How many fields a document may have in all, each fragment counted wherever it is spread.
const MOST_FIELDS: usize = 1_000;
/// How many lists of introspection may lie in each other: the usual query has one inside of the list of all types.
const MOST_LISTS: usize = 2;
/// The lists of introspection that lead from a type to others.
const LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Reads a document.
///
/// # Errors
/// What the parser does not understand, and what exceeds the bounds.
pub(super) fn read(query: &str) -> Result<ExecutableDocument, ServerError> {
    let brackets = query.bytes().filter(|byte| matches!(byte, b'{' | b'[' | b'(')).count();
    if brackets > MOST_BRACKETS {
        return Err(ServerError::new(format!("A query may open {MOST_BRACKETS} brackets at the most."), None));
    }
    let document = parse_query(query)?;
    let mut measure = Measure { document: &document, left: MOST_FIELDS };
    for (_, operation) in document.operations.iter() {
        measure.walk(&operation.node.selection_set.node, 0)?;
    }
    for fragment in document.fragments.values() {
        measure.walk(&fragment.node.selection_set.node, 0)?;
    }
    Ok(document)
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// How many more fields there may be.
    left: usize,
}

impl<'a> Measure<'a> {
    /// Counts what is selected; `lists` of introspection lie around it.
    fn walk(&mut self, set: &'a SelectionSet, lists: usize) -> Result<(), ServerError> {
        for selection in &set.items {
            // A spread counts, too: those that spread each other in a circle have no end.
            self.left = self.left.checked_sub(1).ok_or_else(|| {
                ServerError::new(
                    format!(
                        "A query may have {MOST_FIELDS} fields at the most, each fragment counted where it is spread."
                    ),
                    None,
                )
            })?;
            match &selection.node {
                Selection::Field(field) => {
                    let lists = lists + usize::from(LISTS.contains(&field.node.name.node.as_str()));
                    if lists > MOST_LISTS {
                        return Err(ServerError::new("The query follows types from one to the next.", Some(field.pos)));
                    }
                    self.walk(&field.node.selection_set.node, lists)?;
                }
                Selection::InlineFragment(fragment) => self.walk(&fragment.node.selection_set.node, lists)?,
                Selection::FragmentSpread(spread) => {
                    // One that there is not is an error of the validation.
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.walk(&fragment.node.selection_set.node, lists)?;
                    }
                }
            }
        }
        Ok(())
    }
}
