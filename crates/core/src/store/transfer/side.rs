//! One store as it is walked through.

use std::collections::VecDeque;

use super::{Entry, EntryId, Export, Part};
use crate::store::StoreError;

/// The entries of a part of a store, one after the other; a page of them is held at a time.
#[derive(Debug)]
pub(super) struct Side<'a> {
    store: &'a dyn Export,
    part: Part,
    /// The last entry that was read, or that is behind.
    behind: Option<EntryId>,
    waiting: VecDeque<Entry>,
    is_at_end: bool,
}

impl<'a> Side<'a> {
    pub(super) const fn new(store: &'a dyn Export, part: Part) -> Self {
        Self { store, part, behind: None, waiting: VecDeque::new(), is_at_end: false }
    }

    /// The next entries, as many as are read at once; none at the end.
    pub(super) async fn page(&mut self) -> Result<VecDeque<Entry>, StoreError> {
        self.fill().await?;
        Ok(std::mem::take(&mut self.waiting))
    }

    /// The next entry, if its id is not behind this one.
    pub(super) async fn next_up_to(&mut self, id: &EntryId) -> Result<Option<Entry>, StoreError> {
        self.fill().await?;
        let is_up_to = self.waiting.front().is_some_and(|entry| entry.id() <= *id);
        Ok(if is_up_to { self.waiting.pop_front() } else { None })
    }

    /// Goes on behind an entry up to which all was taken, whatever was written there meanwhile.
    pub(super) fn skip_to(&mut self, id: EntryId) {
        if self.waiting.is_empty() {
            self.behind = self.behind.take().max(Some(id));
        }
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        if !self.waiting.is_empty() || self.is_at_end {
            return Ok(());
        }
        self.waiting = self.store.entries(self.part, self.behind.as_ref(), self.part.page()).await?.into();
        match self.waiting.back() {
            Some(last) => self.behind = Some(last.id()),
            None => self.is_at_end = true,
        }
        Ok(())
    }
}
