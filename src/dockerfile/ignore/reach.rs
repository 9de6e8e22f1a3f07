//! Which excluded folders the engine still looks into.

use std::collections::BTreeSet;

/// Where exceptions lead, as far as `fsutil` can see when it walks through a context: not behind a wildcard, but for
/// `/*` and `/**` at the end. With any wildcard further in front it looks into every folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// Exceptions without their end, each with a slash behind.
    places: BTreeSet<Vec<u8>>,
    everywhere: bool,
}

impl Reach {
    /// Exceptions of which nothing is believed.
    pub(super) fn everywhere() -> Self {
        Self {
            everywhere: true,
            ..Self::default()
        }
    }

    /// Takes note of an exception's pattern.
    pub(super) fn add(&mut self, pattern: &[u8]) {
        let place = pattern.strip_suffix(b"/**").unwrap_or(pattern);
        let place = place.strip_suffix(b"/*").unwrap_or(place);
        self.everywhere |= place.iter().any(|byte| b"*[]?^\\".contains(byte));
        self.places.insert([place, b"/"].concat());
    }

    /// Whether an exception may lead into a folder that is excluded.
    pub(super) fn leads_into(&self, folder: &[u8]) -> bool {
        let folder = [folder, b"/"].concat();
        let next = self.places.range(folder.clone()..).next();
        self.everywhere || next.is_some_and(|place| place.starts_with(&folder))
    }
}
