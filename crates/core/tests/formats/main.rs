//! The formats against recorded documents: what each file of `../shared/fixtures` shows, file by file, and that no
//! format takes a document of another family for its own. The recordings are not part of the project; where they are
//! absent the tests say so and pass.

mod common;
mod html;
mod rest;
mod rss;
