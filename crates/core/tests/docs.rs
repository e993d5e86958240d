//! The documentation's examples, tried.

#![expect(clippy::unwrap_used, reason = "tests report by panicking")]

use std::path::{Path, PathBuf};

use unistatus_core::catalog::{Selection, assemble};

/// The blocks of a Markdown file that are marked as TOML.
fn toml_blocks(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn every_targets_file_in_the_documentation_can_be_used() {
    for (file, count) in [("README.md", 1), ("docs/targets.md", 3)] {
        let blocks = toml_blocks(file);
        assert_eq!(blocks.len(), count, "{file}");
        for block in blocks {
            let set = assemble(&Selection::None, &[(PathBuf::from(file), block.clone())]);
            assert_eq!(set.map(|set| set.len()).map_err(|error| error.to_string()), Ok(1), "{block}");
        }
    }
}
