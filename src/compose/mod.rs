//! Compose files: what one holds, how a user's part is merged into a generated one, and how it is written.
//!
//! The words are the Compose Specification's (<https://github.com/compose-spec/compose-spec>); where its text leaves
//! something open, its reference implementation (compose-go) decides. This room does not know where a file's values
//! come from.

mod comments;
pub mod interpolation;
pub mod merge;
mod model;
mod parse;
mod places;
mod read;
pub mod shape;
mod write;

pub use comments::{Comment, comments, within_texts};
pub use model::{File, Map, Value, map};
pub use parse::{Content, ParseError, Tree, parse};
pub use places::{Part, Places};
pub use read::read;
pub use write::write;
