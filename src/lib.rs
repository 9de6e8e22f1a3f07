//! dockwright compiles a short description of a service into the files that build and run it.

pub mod adopt;
pub mod cli;
pub mod compare;
pub mod compile;
pub mod compose;
pub mod data;
pub mod diag;
pub mod dockerfile;
pub mod drift;
pub mod expr;
pub mod files;
pub mod migrate;
pub mod plan;
pub mod preset;
pub mod render;
pub mod spec;
pub mod stamp;
pub mod survey;
