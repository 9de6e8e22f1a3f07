//! Users, as an instruction or a compose file names them.

/// Whether a user, with a group or without, is the one who may do everything. A number may have zeros before it.
pub fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    name == "root" || (!name.is_empty() && name.bytes().all(|byte| byte == b'0'))
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn knows_root() {
        for user in ["root", "0", "0:0", "root:app", "00"] {
            assert!(is_root(user), "{user}");
        }
        for user in ["", "app", "1000:0", "$USER", "rooted"] {
            assert!(!is_root(user), "{user}");
        }
    }
}
