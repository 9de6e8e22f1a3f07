//! What a plan was made from, as digests.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// What a plan was made from: a later run can tell what has changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The file name of the spec.
    pub spec_name: String,
    /// What the spec says, but for what only compose reads.
    pub build: String,
    /// What the spec says, whole.
    pub whole: String,
    /// What the presets in use say, and how families do things.
    pub presets: String,
}

/// The digest of a text: the first 16 hexadecimal digits of its SHA-256. It finds changes, not forgers.
pub fn digest(text: &str) -> String {
    let mut digits = String::new();
    for byte in &Sha256::digest(text.as_bytes())[..8] {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
