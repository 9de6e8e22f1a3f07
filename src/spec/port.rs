//! A port, as Compose writes it in its short form.

/// One port that the service listens on, and where compose publishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The address and port on the host, as compose takes them: `127.0.0.1:9000` or `${PORT:-80}`.
    pub published: String,
    /// The port in the container.
    pub container: u16,
    /// `tcp` unless it says otherwise.
    pub protocol: Protocol,
}

/// What is spoken on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP, which is not written out.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// How compose writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl Port {
    /// The port in the container, as a Dockerfile exposes it.
    pub fn exposed(&self) -> String {
        match self.protocol {
            Protocol::Tcp => self.container.to_string(),
            Protocol::Udp => format!("{}/udp", self.container),
        }
    }

    /// What is published on the host, as its address, or nothing, and its port.
    pub fn host(published: &str) -> (&str, &str) {
        // A variable's default may hold colons, so what ends in one is taken from its beginning.
        let variable = published.ends_with('}').then(|| published.find("${"));
        match variable.flatten() {
            Some(at) => {
                let (address, port) = published.split_at(at);
                (address.trim_end_matches(':'), port)
            }
            None => published.rsplit_once(':').unwrap_or(("", published)),
        }
    }

    /// Reads `[[address:]host:]container[/protocol]`; the error says what would be right.
    ///
    /// Source: the short syntax of `ports` in the Compose Specification, without ranges.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "must be a port such as `8080`, `53/udp` or `127.0.0.1:9000:9000`".to_owned();
        let (ports, protocol) = match text.rsplit_once('/') {
            Some((ports, "tcp")) => (ports, Protocol::Tcp),
            Some((ports, "udp")) => (ports, Protocol::Udp),
            Some(_) => {
                return Err("must end in `/tcp` or `/udp` where it names a protocol".to_owned());
            }
            None => (text, Protocol::Tcp),
        };
        let (published, container) = match ports.rsplit_once(':') {
            Some((published, container)) => (Some(published), container),
            None => (None, ports),
        };
        let number = |digits: &str| {
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
                return Err(wrong());
            }
            match digits.parse::<u16>() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!(
                    "has the port {digits}, and a port is between 1 and 65535"
                )),
            }
        };
        let container = number(container)?;
        if let Some(published) = published {
            let (address, host) = Self::host(published);
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '[' | ']');
            if !address.chars().all(plain) {
                return Err(wrong());
            }
            if host.starts_with("${") {
                if host.chars().any(|c| c.is_whitespace() || c == '"') {
                    return Err(wrong());
                }
            } else {
                number(host)?;
            }
        }
        Ok(Self {
            published: published.map_or_else(|| container.to_string(), ToOwned::to_owned),
            container,
            protocol,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Port;

    #[test]
    fn reads_the_short_forms_of_compose() {
        for (text, published, container) in [
            ("8080", "8080", 8080),
            ("53/udp", "53", 53),
            ("80:8080", "80", 8080),
            ("127.0.0.1:9000:9001", "127.0.0.1:9000", 9001),
            ("[::1]:9000:9001", "[::1]:9000", 9001),
            ("${PORT:-80}:8080", "${PORT:-80}", 8080),
            ("127.0.0.1:${PORT:-80}:8080", "127.0.0.1:${PORT:-80}", 8080),
        ] {
            let port = Port::parse(text).unwrap();
            assert_eq!(
                (port.published.as_str(), port.container),
                (published, container),
                "{text}"
            );
        }
        for text in [
            "",
            "0",
            "70000",
            "x",
            "80:",
            ":80",
            "80/sctp",
            "80:x",
            "a b:80:80",
            "${X\n}:80",
            "}:80",
        ] {
            assert!(Port::parse(text).is_err(), "{text}");
        }
    }
}
