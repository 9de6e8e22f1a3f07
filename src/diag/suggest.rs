//! "Did you mean": the known word nearest to a misspelt one.

/// How alike two words must be, from 0 to 1, before one is offered for the other.
const ALIKE: f64 = 0.8;

/// The known word that is most like `found`, if one is like enough to be meant; the first listed among equals.
pub fn closest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = found.to_lowercase();
    let mut best = None;
    let mut most = ALIKE;
    for word in known {
        let alike = strsim::jaro_winkler(&found, &word.to_lowercase());
        if alike > most || (best.is_none() && alike >= ALIKE) {
            (most, best) = (alike, Some(word));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_the_word_that_was_meant() {
        assert_eq!(closest("port", ["user", "ports"]), Some("ports"));
        assert_eq!(closest("Ports", ["user", "ports"]), Some("ports"));
        assert_eq!(closest("xyz", ["user", "ports"]), None);
    }
}
