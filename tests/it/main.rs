//! The one integration test binary: linking once is what two cores can afford.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "these are tests: they read files and may end in a panic"
)]

mod cli;
mod compare;
mod docs;
mod drift;
mod engine;
mod golden;
mod init;
mod migrate;
mod parser;
mod properties;
mod random;
mod support;
mod systems;
mod tidy;
