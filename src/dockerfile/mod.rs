//! The Dockerfile language and the files around it.
//!
//! This room knows what the words mean to the engine. It does not know specs, presets or plans, and reads no files.

pub mod ignore;
mod regexp;
