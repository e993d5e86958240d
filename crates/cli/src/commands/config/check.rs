//! `unistatus config check`: whether a start would take the settings and the targets.

use std::collections::BTreeMap;
use std::error::Error;

use unistatus_api::Options;
use unistatus_core::catalog::{Selection, TargetSet, TargetsSource};
use unistatus_core::causes::with_causes;
use unistatus_core::config::{Examined, Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::secrets::Secrets;
use unistatus_core::store;
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;

use crate::output;

/// Reads what a start would read, and tells what came of it.
pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    let Examined { settings, mut faults } = Settings::examine(&flags);
    let targets = TargetsSource::new(settings.catalog.clone(), settings.targets_file.clone()).load();
    let targets = keep(&mut faults, targets).map(|(targets, _)| targets);
    keep(&mut faults, store::check_address(settings.db_url.reveal()).await);
    keep(&mut faults, Fetcher::new(Limits::default(), settings.contact.as_deref(), settings.secrets.clone()));
    keep(&mut faults, Options::of(&settings).check());
    let Some(targets) = targets.filter(|_| faults.is_empty()) else {
        return Err(Failure::new(exit::CONFIG, faults.join("\n")));
    };
    for warning in warnings(&targets, &settings.secrets) {
        eprintln!("{}", output::printable(&warning));
    }
    output::print(&summary(&settings, &targets).map(|line| output::printable(&line)).join("\n"))
}

/// What came of something; what is wrong with it goes to the faults.
fn keep<T>(faults: &mut Vec<String>, result: Result<T, impl Error>) -> Option<T> {
    result.inspect_err(|error| faults.push(with_causes(error))).ok()
}

/// What a start would take, and an operator may not have meant.
fn warnings(targets: &TargetSet, secrets: &Secrets) -> Vec<String> {
    let missing = |(name, error)| format!("warning: target \"{name}\" is not asked: {error}");
    let entries = targets.entries().map(|entry| &entry.spec);
    entries
        .flat_map(|spec| spec.missing_secrets(secrets).into_iter().map(|error| (spec.name(), error)))
        .map(missing)
        .collect()
}

/// What a start would run with, in lines.
fn summary(settings: &Settings, targets: &TargetSet) -> [String; 3] {
    let mut own = BTreeMap::<&str, usize>::new();
    for file in targets.entries().filter_map(|entry| entry.file()) {
        *own.entry(file).or_default() += 1;
    }
    let of_catalog = targets.len() - own.values().sum::<usize>();
    let mut parts = Vec::new();
    if settings.catalog != Selection::None {
        parts.push(format!("{of_catalog} of the catalog (CATALOG={})", settings.catalog));
    }
    parts.extend(own.iter().map(|(file, count)| format!("{count} of {file}")));
    let parts = if parts.is_empty() { "CATALOG=none, and none of your own".to_owned() } else { parts.join(", ") };
    let targets = format!("targets   {}: {parts}", targets.len());
    ["OK".to_owned(), targets, format!("database  {}", settings.db_url)]
}
