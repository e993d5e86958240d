//! What people write of a template, and how much of it they may.

use crate::access::{AccessError, check_name};

/// What people write of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What they call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is filled in.
    pub content: String,
}

/// Why a draft is no template, before anybody reads its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] AccessError),
    /// A description that is too long.
    #[error("a description has {} bytes at the most", Draft::LONGEST_DESCRIPTION)]
    Description,
    /// A content that is too long.
    #[error("a template has {} bytes at the most", Draft::LONGEST_CONTENT)]
    Content,
}

impl Draft {
    /// How many bytes a description may have.
    pub const LONGEST_DESCRIPTION: usize = 1024;
    /// How many bytes a content may have.
    pub const LONGEST_CONTENT: usize = 64 * 1024;

    /// Checks the name and the lengths. Whether the content is a template is for the [`Renderer`](super::Renderer) to say.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn check(&self) -> Result<(), DraftError> {
        check_name(&self.name)?;
        if self.description.len() > Self::LONGEST_DESCRIPTION {
            return Err(DraftError::Description);
        }
        if self.content.len() > Self::LONGEST_CONTENT {
            return Err(DraftError::Content);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_has_bounds() {
        let fine = Draft { name: "ü".repeat(64), description: "d".repeat(1024), content: "c".repeat(65_536) };
        let name = Err(DraftError::Name(AccessError::Name));
        for (draft, expected) in [
            (fine.clone(), Ok(())),
            (Draft { description: String::new(), content: String::new(), ..fine.clone() }, Ok(())),
            (Draft { name: String::new(), ..fine.clone() }, name),
            (Draft { name: "ü".repeat(65), ..fine.clone() }, name),
            (Draft { name: "a\nb".to_owned(), ..fine.clone() }, name),
            (Draft { description: "ü".repeat(513), ..fine.clone() }, Err(DraftError::Description)),
            (Draft { content: "c".repeat(65_537), ..fine }, Err(DraftError::Content)),
        ] {
            assert_eq!(draft.check(), expected, "{}", draft.name);
        }
        assert_eq!(DraftError::Content.to_string(), "a template has 65536 bytes at the most");
    }
}
