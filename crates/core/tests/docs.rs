//! The documentation's examples, tried.

#![expect(clippy::unwrap_used, reason = "tests report by panicking")]

use std::path::{Path, PathBuf};

use unistatus_core::catalog::{self, Selection, assemble};

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
}

/// The blocks of a Markdown file that are marked as TOML.
fn toml_blocks(file: &str) -> Vec<String> {
    text(file).split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn every_targets_file_in_the_documentation_can_be_used() {
    for (file, count) in [("README.md", 1), ("docs/targets.md", 3), ("docs/catalog.md", 1)] {
        let blocks = toml_blocks(file);
        assert_eq!(blocks.len(), count, "{file}");
        for block in blocks {
            let set = assemble(&Selection::None, &[(PathBuf::from(file), block.clone())]);
            assert_eq!(set.map(|set| set.len()).map_err(|error| error.to_string()), Ok(1), "{block}");
        }
    }
}

#[test]
fn every_entry_that_the_documentation_tells_of_is_in_the_catalog_as_told() {
    let text = text("docs/catalog.md");
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
