//! What the store keeps of the past, in the words of the API.

mod event;
mod history;
mod incident;

pub(crate) use event::EventRecord;
pub(crate) use history::{
    BucketRecord, HistoryRecord, IntervalRecord, Part, SecondsRecord, ServiceRecord, TotalsRecord,
};
pub(crate) use incident::{IncidentRecord, service_names};
