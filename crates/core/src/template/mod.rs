//! Templates of messages: texts in the language of `MiniJinja`, filled in with a change of status.
//!
//! Whoever may write can write a template, so it is nothing to be trusted: one may loop for ever, double a text until no
//! memory is left, or nest until the stack ends. Therefore all that reads a template, the check of its syntax too, happens
//! in a process of its own, which may not have much of anything ([`Renderer`]):
//!
//! ```text
//! Renderer → our own program, asked to render → limits (memory, time, files) → MiniJinja → answer, or a death that says why
//! ```
//!
//! A program that has a [`Renderer`] calls [`serve_if_asked`] before anything else.

mod child;
mod context;
mod draft;
mod error;
mod job;
mod renderer;
mod work;

pub use child::serve_if_asked;
pub use context::{context, example};
pub use draft::{Draft, DraftError};
pub use error::{Fault, RenderError};
pub use renderer::Renderer;

use serde::Serialize;

use crate::access::{self, AccessError};
use crate::schema::Timestamp;
use crate::store::ByAge;

/// A template, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Identifies it: a UUID.
    pub id: String,
    /// What people call it; others may have the same name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is filled in.
    pub content: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Counts its changes: 1 where there was none.
    pub revision: u64,
}

impl Template {
    /// A new one.
    ///
    /// # Errors
    /// [`AccessError::Random`] where the system has no random numbers.
    pub fn new(draft: Draft, now: Timestamp) -> Result<Self, AccessError> {
        let Draft { name, description, content } = draft;
        let id = access::new_id()?;
        Ok(Self { id, name, description, content, created_at: now, modified_at: now, revision: 1 })
    }

    /// The same with another wording, at its next revision.
    #[must_use]
    pub fn reworded(&self, draft: Draft, now: Timestamp) -> Self {
        let Draft { name, description, content } = draft;
        let (id, created_at, revision) = (self.id.clone(), self.created_at, self.revision.saturating_add(1));
        Self { id, name, description, content, created_at, modified_at: now, revision }
    }

    /// What people wrote of it.
    pub fn draft(&self) -> Draft {
        let Self { name, description, content, .. } = self.clone();
        Draft { name, description, content }
    }

    /// Where it stands in the list of all.
    pub fn place(&self) -> ByAge {
        ByAge { created_at: self.created_at, id: self.id.clone() }
    }
}
