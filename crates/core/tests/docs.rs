//! The documentation's examples, tried.

#![expect(clippy::unwrap_used, reason = "tests report by panicking")]

use std::path::{Path, PathBuf};

use serde::Deserialize;
use unistatus_core::catalog::{self, Selection, assemble};
use unistatus_core::target::spec::TargetSpec;
use unistatus_core::target::{Document, Filter};

#[derive(Deserialize)]
struct TargetsFile {
    target: Vec<TargetSpec>,
}

/// A Markdown file of the project.
fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
}

/// The blocks of code of a Markdown text, each with its language.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    text.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

#[test]
fn every_targets_file_in_the_documentation_can_be_used() {
    for (file, count) in [("README.md", 2), ("docs/targets.md", 5), ("docs/mappings.md", 4), ("docs/catalog.md", 1)] {
        let text = read(file);
        let blocks: Vec<_> = blocks(&text).into_iter().filter(|(language, _)| *language == "toml").collect();
        assert_eq!(blocks.len(), count, "{file}");
        for (_, block) in blocks {
            let set = assemble(&Selection::None, &[(PathBuf::from(file), block.to_owned())]);
            assert_eq!(set.map(|set| set.len()).map_err(|error| error.to_string()), Ok(1), "{block}");
        }
    }
}

#[test]
fn every_example_of_a_mapping_makes_what_it_says() {
    let text = read("docs/mappings.md");
    let mut examples = 0;
    for section in text.split("\n## ").skip(1) {
        let [("toml", entry), (_, document), ("text", expected)] = blocks(section)[..] else {
            panic!("an entry, an answer and what it makes: {section}");
        };
        let file: TargetsFile = toml::from_str(entry).unwrap();
        let report = file.target[0].format().unwrap().parse(&Document::new(document.as_bytes())).unwrap();
        let services = report.finish(&Filter::default()).unwrap().services;
        let width = services.iter().map(|service| service.name.len()).max().unwrap();
        let lines = services.iter().map(|service| {
            let dimensions = service.dimensions.iter().map(|(name, value)| format!("{name}={value}"));
            let dimensions = dimensions.collect::<Vec<_>>().join(" ");
            let line = format!("{:<8}  {:<width$}  {dimensions}", service.status.to_string(), service.name);
            format!("{}\n", line.trim_end())
        });
        assert_eq!(lines.collect::<String>(), expected, "{section}");
        examples += 1;
    }
    assert_eq!(examples, 4);
}

#[test]
fn every_entry_that_the_documentation_tells_of_is_in_the_catalog_as_told() {
    let text = read("docs/catalog.md");
    let (_, table) = text.split_once("| service | entry | type | format | remarks |\n").unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows {
        let [_, _, name, kind, format, remarks, _] = row[..] else { panic!("{row:?}") };
        let spec = &catalog::find(name).unwrap().unwrap_or_else(|| panic!("there is no {name}")).spec;
        assert_eq!((spec.name(), spec.kind_word(), spec.format_name()), (name, kind, Some(format)));
        assert_eq!(spec.is_unverified(), remarks.contains("unverified"), "{name}");
    }
}
