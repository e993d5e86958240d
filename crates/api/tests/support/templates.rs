//! What a store in memory keeps of templates and reports.

use std::collections::BTreeMap;

use async_trait::async_trait;
use unistatus_core::store::{ByAge, Exchanged, Report, ReportSummary, Reports, StoreError, Templates};
use unistatus_core::template::Template;

use super::MemoryStore;

/// What is kept, by age.
#[derive(Debug, Default)]
pub(super) struct Papers {
    templates: BTreeMap<ByAge, Template>,
    reports: BTreeMap<ByAge, Report>,
}

impl Papers {
    fn template(&mut self, id: &str) -> Option<&mut Template> {
        self.templates.values_mut().find(|template| template.id == id)
    }

    fn report(&self, id: &str) -> Option<&Report> {
        self.reports.values().find(|report| report.id == id)
    }
}

fn at_most<T>(found: impl Iterator<Item = T>, limit: Option<u32>) -> Vec<T> {
    found.take(limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap())).collect()
}

#[async_trait]
impl Templates for MemoryStore {
    async fn add_template(&self, template: &Template) -> Result<bool, StoreError> {
        let papers = &mut self.open()?.kept.papers;
        let is_new = papers.template(&template.id).is_none();
        papers.templates.extend(is_new.then(|| (template.place(), template.clone())));
        Ok(is_new)
    }

    async fn templates(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<Template>, StoreError> {
        let papers = &self.open()?.kept.papers;
        let all = papers.templates.iter().filter(|(place, _)| behind.is_none_or(|behind| *place > behind));
        Ok(at_most(all.map(|(_, template)| template.clone()), limit))
    }

    async fn template(&self, id: &str) -> Result<Option<Template>, StoreError> {
        Ok(self.open()?.kept.papers.template(id).cloned())
    }

    async fn replace_template(&self, template: &Template) -> Result<Exchanged, StoreError> {
        let papers = &mut self.open()?.kept.papers;
        Ok(match papers.template(&template.id) {
            None => Exchanged::Unknown,
            Some(there) if there.revision + 1 != template.revision => Exchanged::Otherwise,
            Some(there) => {
                there.clone_from(template);
                Exchanged::Done
            }
        })
    }

    async fn remove_template(&self, id: &str, revision: u64) -> Result<Exchanged, StoreError> {
        let papers = &mut self.open()?.kept.papers;
        let Some(there) = papers.template(id).cloned() else { return Ok(Exchanged::Unknown) };
        if there.revision != revision {
            return Ok(Exchanged::Otherwise);
        }
        papers.templates.remove(&there.place());
        Ok(Exchanged::Done)
    }
}

#[async_trait]
impl Reports for MemoryStore {
    async fn add_report(&self, report: &Report) -> Result<bool, StoreError> {
        let papers = &mut self.open()?.kept.papers;
        let is_new = papers.report(&report.id).is_none();
        papers.reports.extend(is_new.then(|| (report.summary().place(), report.clone())));
        Ok(is_new)
    }

    async fn reports(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<ReportSummary>, StoreError> {
        let papers = &self.open()?.kept.papers;
        let all = papers.reports.iter().rev().filter(|(place, _)| behind.is_none_or(|behind| *place < behind));
        Ok(at_most(all.map(|(_, report)| report.summary()), limit))
    }

    async fn report(&self, id: &str) -> Result<Option<Report>, StoreError> {
        Ok(self.open()?.kept.papers.report(id).cloned())
    }

    async fn remove_report(&self, id: &str) -> Result<bool, StoreError> {
        let papers = &mut self.open()?.kept.papers;
        let place = papers.report(id).map(|report| report.summary().place());
        Ok(place.and_then(|place| papers.reports.remove(&place)).is_some())
    }

    async fn remove_reports(&self) -> Result<u64, StoreError> {
        let removed = std::mem::take(&mut self.open()?.kept.papers.reports);
        Ok(u64::try_from(removed.len()).unwrap())
    }
}
