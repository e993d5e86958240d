//! Templates of messages: how they come to be, change, go, and are filled in. For whoever has the store at hand.

use unistatus_core::access::AccessError;
use unistatus_core::schema::{Event, Timestamp};
use unistatus_core::store::{Exchanged, Store, StoreError};
use unistatus_core::template::{Draft, DraftError, RenderError, Renderer, Template, context, example};

/// Why something cannot be done with a template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A name or a length that is none.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// What shall be its content is no template.
    #[error("it is no template")]
    NoTemplate(#[source] RenderError),
    /// It cannot be filled in.
    #[error("it cannot be rendered")]
    NotRendered(#[source] RenderError),
    /// There is none of that id.
    #[error("it does not exist")]
    Unknown,
    /// It is not as whoever changes it believes.
    #[error("it was changed meanwhile")]
    Changed,
    /// No id can be made.
    #[error(transparent)]
    Id(#[from] AccessError),
    /// The store does not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found to be a template.
#[derive(Clone, Debug)]
pub(crate) struct Content(String);

impl Content {
    /// Checks what shall be a template.
    ///
    /// # Errors
    /// [`TemplateError::Draft`] where it is too long, [`TemplateError::NoTemplate`].
    pub(crate) async fn checked(renderer: &Renderer, content: String) -> Result<Self, TemplateError> {
        if content.len() > Draft::LONGEST_CONTENT {
            return Err(DraftError::Content.into());
        }
        renderer.check(&content).await.map_err(TemplateError::NoTemplate)?;
        Ok(Self(content))
    }
}

/// What changes of a template; what is not given stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct TemplateChange {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What is filled in.
    pub content: Option<Content>,
}

impl TemplateChange {
    fn of(&self, template: &Template) -> Draft {
        let was = template.draft();
        Draft {
            name: self.name.clone().unwrap_or(was.name),
            description: self.description.clone().unwrap_or(was.description),
            content: self.content.clone().map_or(was.content, |Content(content)| content),
        }
    }
}

/// Adds a template.
///
/// # Errors
/// [`TemplateError::Draft`], [`TemplateError::Id`], [`TemplateError::Store`].
pub(crate) async fn add(
    store: &dyn Store,
    name: String,
    description: String,
    Content(content): Content,
    now: Timestamp,
) -> Result<Template, TemplateError> {
    let draft = Draft { name, description, content };
    draft.check()?;
    let template = Template::new(draft, now)?;
    // An id has 122 random bits: that it is there already means that they are none.
    if store.add_template(&template).await? { Ok(template) } else { Err(AccessError::Random.into()) }
}

/// Changes a template where `is_meant` says so of what is there; what somebody else changes at the same time is not
/// overwritten but looked at. Answers the template as it is now.
///
/// # Errors
/// [`TemplateError::Unknown`], [`TemplateError::Changed`], [`TemplateError::Draft`], [`TemplateError::Store`].
pub(crate) async fn change(
    store: &dyn Store,
    id: &str,
    change: &TemplateChange,
    is_meant: impl Fn(&Template) -> bool,
    now: Timestamp,
) -> Result<Template, TemplateError> {
    loop {
        let template = found(store, id).await?;
        let draft = change.of(&template);
        // Before the condition, which is for what would be done else (RFC 9110, section 13.2.1).
        draft.check()?;
        if !is_meant(&template) {
            return Err(TemplateError::Changed);
        }
        if draft == template.draft() {
            return Ok(template);
        }
        let changed = template.reworded(draft, now);
        match store.replace_template(&changed).await? {
            Exchanged::Done => return Ok(changed),
            Exchanged::Unknown => return Err(TemplateError::Unknown),
            Exchanged::Otherwise => {}
        }
    }
}

/// Removes a template where `is_meant` says so of what is there.
///
/// # Errors
/// [`TemplateError::Unknown`], [`TemplateError::Changed`], [`TemplateError::Store`].
pub(crate) async fn remove(
    store: &dyn Store,
    id: &str,
    is_meant: impl Fn(&Template) -> bool,
) -> Result<(), TemplateError> {
    loop {
        let template = found(store, id).await?;
        if !is_meant(&template) {
            return Err(TemplateError::Changed);
        }
        match store.remove_template(id, template.revision).await? {
            Exchanged::Done => return Ok(()),
            Exchanged::Unknown => return Err(TemplateError::Unknown),
            Exchanged::Otherwise => {}
        }
    }
}

async fn found(store: &dyn Store, id: &str) -> Result<Template, TemplateError> {
    store.template(id).await?.ok_or(TemplateError::Unknown)
}

/// Fills a template in with a change of status, or with an example of one.
///
/// # Errors
/// [`TemplateError::NotRendered`].
pub(crate) async fn render(
    renderer: &Renderer,
    template: &Template,
    event: Option<&Event>,
    now: Timestamp,
) -> Result<String, TemplateError> {
    let context = event.map_or_else(|| context(&example(now)), context);
    renderer.render(&template.content, context).await.map_err(TemplateError::NotRendered)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::records::EventRecord;

    #[test]
    fn templates_know_what_the_list_of_changes_tells() {
        let event = example(Timestamp::from_secs(1_777_896_000).unwrap());
        let mut known = context(&event);
        let told = json!(EventRecord::from(&event));
        assert_eq!(known.remove("event").as_ref(), Some(&told));
        assert_eq!(Value::Object(known), told);
    }
}
