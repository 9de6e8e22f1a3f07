//! Values of a fixed kind: ports, signals, permissions.

/// Whether a text is a port as `EXPOSE` takes it: `80`, `80-90/udp`, and, out of use, with an address
/// and a port of the host before it.
pub(super) fn is_port(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let (address, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [address @ .., host, container] => (address.join(":"), *host, *container),
        [] => return false,
    };
    let (numbers, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = protocol.to_lowercase();
    if !matches!(protocol.as_str(), "" | "tcp" | "udp" | "sctp") {
        return false;
    }
    let is_bare = !address.starts_with('[');
    let bare = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&address);
    let is_address = bare.parse::<std::net::IpAddr>().is_ok() || (is_bare && bare.is_empty());
    let Some(container) = port_range(numbers) else {
        return false;
    };
    let fits = host.is_empty()
        || port_range(host).is_some_and(|host| {
            let same_length = host.1 - host.0 == container.1 - container.0;
            same_length || container.0 == container.1
        });
    is_address && fits
}

fn port_range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (start, end) = (port_number(first)?, port_number(last)?);
    (start <= end).then_some((start, end))
}

/// A whole number up to 65,535; a sign may stand before it, as Go reads it.
fn port_number(text: &str) -> Option<u32> {
    text.parse::<i32>()
        .ok()
        .filter(|port| (0..=65_535).contains(port))
        .and_then(|port| u32::try_from(port).ok())
}

/// Whether a text names a signal of Linux, or is a number other than 0.
pub(super) fn is_signal(text: &str) -> bool {
    const NAMES: [&str; 36] = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT",
        "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
        "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
        "RTMIN", "RTMAX",
    ];
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let counted = |base: &str, sign: char, most: u32| {
        let count = name
            .strip_prefix(base)
            .and_then(|rest| rest.strip_prefix(sign));
        count.is_some_and(|count| {
            let plain = !count.starts_with(['0', '+']);
            plain
                && count
                    .parse::<u32>()
                    .is_ok_and(|count| (1..=most).contains(&count))
        })
    };
    NAMES.contains(&name) || counted("RTMIN", '+', 15) || counted("RTMAX", '-', 14)
}

/// Whether a text is the permissions of a file: up to `7777`, or as `chmod` writes them, `u+x,go=r`.
pub(super) fn is_mode(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(|clause| {
        let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        rest.starts_with(['+', '-', '='])
            && rest
                .split(['+', '-', '='])
                .skip(1)
                .all(|permissions| permissions.chars().all(|c| "rwxXstugo".contains(c)))
    })
}
