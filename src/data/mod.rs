//! TOML as a tree in which every key and value knows its place, and the shapes that trees are checked against.
//!
//! The spec, the presets and the parts of a compose file that a spec holds are all read this way: one reader,
//! one kind of error, and one description of each key that also yields its documentation and its JSON Schema.
//! This room does not know what any key means.

mod node;
mod schema;
mod shape;

pub use node::{Entry, Node, Table, Value, key, parse, quoted};
pub use schema::json_schema;
pub use shape::{Key, Shape, TextRule, check, check_below, check_template};
