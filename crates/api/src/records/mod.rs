//! What the store keeps of the past, in the words of the API.

mod event;
mod history;
mod incident;

pub(crate) use event::EventRecord;
pub(crate) use history::{HistoryRecord, Part, ServiceRecord};
pub(crate) use incident::IncidentRecord;
