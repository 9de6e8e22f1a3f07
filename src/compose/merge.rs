//! One part of a compose file laid over another.
//!
//! The rules are the Compose Specification's, 13-merge.md, as its reference implementation, compose-go, follows them in
//! `override/merge.go` and `override/uncity.go`: maps merge key by key, lists are appended, everything else is replaced,
//! but for the keys in the table below. So a user's part that is merged here means what the same part would mean in a
//! `compose.override.yaml`. Where two values are of kinds that cannot be merged, the one laid over wins.

use super::interpolation::literal;
use super::model::{File, Map, Value, map};

/// How the values of a key are merged.
#[derive(Clone, Copy)]
enum Rule {
    /// The value laid over wins.
    Replace,
    /// Both are lists; an item replaces the one that has the same identity.
    Unique(fn(&Value) -> String),
    /// Names with values, as a map or as a list of `NAME=value`.
    Pairs,
    /// As `Pairs`, but one name may have several values.
    Hosts,
    /// Names of other things, as a list or as a map with more to say about each.
    Names(fn() -> Value),
    /// A map, or the text that stands for its `context`.
    Build,
    /// The options of one logging driver mean nothing to another.
    Logging,
    /// The ranges of a network, told apart by their subnet.
    Subnets,
}

/// Where which rule holds; `*` stands for any one name.
///
/// Beside the lists that compose-go keeps without doubles stand here those that the schema wants without doubles, since
/// Compose refuses a file in which one is said twice.
const RULES: &[(&str, Rule)] = &[
    ("networks.*.ipam.config", Rule::Subnets),
    ("networks.*.labels", Rule::Pairs),
    ("services.*.annotations", Rule::Pairs),
    ("services.*.build", Rule::Build),
    ("services.*.build.additional_contexts", Rule::Pairs),
    ("services.*.build.args", Rule::Pairs),
    ("services.*.build.extra_hosts", Rule::Hosts),
    ("services.*.build.labels", Rule::Pairs),
    ("services.*.build.platforms", Rule::Unique(whole)),
    ("services.*.build.ssh", Rule::Pairs),
    ("services.*.build.tags", Rule::Unique(whole)),
    ("services.*.cap_add", Rule::Unique(whole)),
    ("services.*.cap_drop", Rule::Unique(whole)),
    ("services.*.command", Rule::Replace),
    ("services.*.configs", Rule::Unique(config_target)),
    ("services.*.depends_on", Rule::Names(started)),
    ("services.*.deploy.labels", Rule::Pairs),
    ("services.*.device_cgroup_rules", Rule::Unique(whole)),
    ("services.*.devices", Rule::Unique(device_target)),
    ("services.*.dns", Rule::Unique(whole)),
    ("services.*.dns_opt", Rule::Unique(whole)),
    ("services.*.dns_search", Rule::Unique(whole)),
    ("services.*.entrypoint", Rule::Replace),
    ("services.*.env_file", Rule::Unique(path)),
    ("services.*.environment", Rule::Pairs),
    ("services.*.expose", Rule::Unique(whole)),
    ("services.*.external_links", Rule::Unique(whole)),
    ("services.*.extra_hosts", Rule::Hosts),
    ("services.*.group_add", Rule::Unique(whole)),
    ("services.*.healthcheck.test", Rule::Replace),
    ("services.*.label_file", Rule::Unique(whole)),
    ("services.*.labels", Rule::Pairs),
    ("services.*.links", Rule::Unique(whole)),
    ("services.*.logging", Rule::Logging),
    ("services.*.models", Rule::Names(nothing)),
    ("services.*.networks", Rule::Names(nothing)),
    ("services.*.networks.*.aliases", Rule::Unique(whole)),
    ("services.*.networks.*.link_local_ips", Rule::Unique(whole)),
    ("services.*.ports", Rule::Unique(port)),
    ("services.*.profiles", Rule::Unique(whole)),
    ("services.*.secrets", Rule::Unique(secret_target)),
    ("services.*.security_opt", Rule::Unique(whole)),
    ("services.*.sysctls", Rule::Pairs),
    ("services.*.tmpfs", Rule::Unique(tmpfs_target)),
    ("services.*.ulimits.*", Rule::Replace),
    ("services.*.volumes", Rule::Unique(volume_target)),
    ("services.*.volumes_from", Rule::Unique(whole)),
    ("volumes.*.labels", Rule::Pairs),
];

/// Lays one part of a service over a service.
pub fn service(base: &mut Map, over: Map) {
    maps(base, over, &mut vec!["services".to_owned(), String::new()]);
}

/// Puts keys of a service in the place of what it says, as Compose does with what has the tag `!override`. Of what says
/// nothing, an empty list or map, nothing stays. What stands below `build` are keys of their own.
pub fn replace(base: &mut Map, by: Map) {
    for (name, value) in by {
        match (base.get_mut(&name), value) {
            (Some(Value::Map(build)), Value::Map(by)) if name == "build" => replace(build, by),
            (_, Value::Map(by)) if by.is_empty() => {
                base.shift_remove(&name);
            }
            (_, Value::List(by)) if by.is_empty() => {
                base.shift_remove(&name);
            }
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

/// Lays sections of a compose file over a file; the header stays.
pub fn file(base: &mut File, over: Map) {
    maps(&mut base.sections, over, &mut Vec::new());
}

fn maps(base: &mut Map, over: Map, path: &mut Vec<String>) {
    for (name, value) in over {
        match base.get_mut(&name) {
            Some(old) => {
                path.push(name);
                values(old, value, path);
                path.pop();
            }
            None => {
                base.insert(name, value);
            }
        }
    }
}

fn values(base: &mut Value, over: Value, path: &mut Vec<String>) {
    match rule(path) {
        Some(Rule::Replace) => *base = over,
        Some(Rule::Unique(identity)) => unique(base, over, identity),
        Some(Rule::Pairs) => pairs(base, over),
        Some(Rule::Hosts) => {
            let mut hosts = lines(take(base));
            hosts.extend(lines(over));
            *base = without_doubles(hosts, whole);
        }
        Some(Rule::Names(about)) => names(base, over, about, path),
        Some(Rule::Build) => {
            *base = with_context(take(base));
            plain(base, with_context(over), path);
        }
        Some(Rule::Logging) => match (base.get("driver"), over.get("driver")) {
            (Some(old), Some(new)) if old != new => *base = over,
            _ => plain(base, over, path),
        },
        Some(Rule::Subnets) => subnets(base, over, path),
        None => plain(base, over, path),
    }
}

fn rule(path: &[String]) -> Option<Rule> {
    let matches = |pattern: &str| {
        let mut names = path.iter();
        pattern
            .split('.')
            .all(|part| names.next().is_some_and(|name| part == "*" || part == name))
            && names.next().is_none()
    };
    let (_, rule) = RULES.iter().find(|(pattern, _)| matches(pattern))?;
    Some(*rule)
}

fn plain(base: &mut Value, over: Value, path: &mut Vec<String>) {
    match (base, over) {
        (_, Value::Null) => {}
        (Value::Map(base), Value::Map(over)) => maps(base, over, path),
        (Value::List(base), Value::List(over)) => base.extend(over),
        (base, over) => *base = over,
    }
}

fn take(value: &mut Value) -> Value {
    std::mem::replace(value, Value::Null)
}

/// The items of a list, or the one value that stands for a list of one.
fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::List(items) => items,
        other => vec![other],
    }
}

fn unique(base: &mut Value, over: Value, identity: fn(&Value) -> String) {
    let mut all = items(take(base));
    all.extend(items(over));
    *base = without_doubles(all, identity);
}

/// Of the items that are the same thing the last one counts, at the place of the first.
fn without_doubles(items: Vec<Value>, identity: fn(&Value) -> String) -> Value {
    let mut unique = indexmap::IndexMap::new();
    for item in items {
        unique.insert(identity(&item), item);
    }
    unique.into_values().collect()
}

/// Two maps stay one; if either side is a list, the result is one, as Compose itself does it.
fn pairs(base: &mut Value, over: Value) {
    match (&mut *base, over) {
        (_, Value::Null) => {}
        (Value::Map(base), Value::Map(over)) => base.extend(over),
        (_, over) => {
            let mut all = lines(take(base));
            all.extend(lines(over));
            *base = without_doubles(all, |line| {
                let line = whole(line);
                match line.split_once('=') {
                    Some((name, _)) => name.to_owned(),
                    None => line,
                }
            });
        }
    }
}

/// Names and values as a list of `NAME=value`.
fn lines(value: Value) -> Vec<Value> {
    let Value::Map(map) = value else {
        return items(value);
    };
    let mut lines = Vec::new();
    for (name, value) in map {
        // Compose replaces variables in the items of a list, but not in the names of a map.
        let name = literal(&name);
        match value {
            Value::Null => lines.push(name.into()),
            value => lines.extend(
                items(value)
                    .iter()
                    .map(|value| format!("{name}={}", whole(value)).into()),
            ),
        }
    }
    lines
}

fn names(base: &mut Value, over: Value, about: fn() -> Value, path: &mut Vec<String>) {
    if let (Value::List(_), Value::List(_)) = (&*base, &over) {
        unique(base, over, whole);
        return;
    }
    let named = |value: Value| match value {
        Value::List(names) => Value::Map(
            names
                .iter()
                .map(|name| (whole(name), about()))
                .collect::<Map>(),
        ),
        other => other,
    };
    *base = named(take(base));
    plain(base, named(over), path);
}

fn nothing() -> Value {
    Value::Null
}

/// What the short form of `depends_on` stands for.
fn started() -> Value {
    map([
        ("condition", "service_started".into()),
        ("required", true.into()),
    ])
    .into()
}

fn with_context(build: Value) -> Value {
    match build {
        Value::Text(_) => map([("context", build)]).into(),
        other => other,
    }
}

fn subnets(base: &mut Value, over: Value, path: &mut Vec<String>) {
    let mut all = items(take(base));
    for range in items(over) {
        let same = all
            .iter_mut()
            .find(|old| old.get("subnet") == range.get("subnet"));
        match same {
            Some(old) => plain(old, range, path),
            None => all.push(range),
        }
    }
    *base = Value::List(all);
}

/// The identity of what is only the same where all of it is.
pub(super) fn whole(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(_) | Value::Map(_) => format!("{value:?}"),
    }
}

fn field(value: &Value, name: &str, default: &str) -> String {
    value.get(name).map_or(default.to_owned(), whole)
}

fn path(value: &Value) -> String {
    match value {
        Value::Map(_) => field(value, "path", ""),
        other => whole(other),
    }
}

fn config_target(value: &Value) -> String {
    mount_target(value, "")
}

fn secret_target(value: &Value) -> String {
    mount_target(value, "/run/secrets")
}

/// A secret's target may be said without the folder that it lies in then.
fn mount_target(value: &Value, folder: &str) -> String {
    let target = match value {
        Value::Map(_) => field(value, "target", &field(value, "source", "")),
        other => whole(other),
    };
    if target.starts_with('/') {
        target
    } else {
        format!("{folder}/{target}")
    }
}

/// `TARGET`, `SOURCE:TARGET` or `SOURCE:TARGET:MODE`; 05-services.md, "Short syntax" of `volumes`.
fn volume_target(value: &Value) -> String {
    match value {
        Value::Map(_) => field(value, "target", ""),
        other => short_target(&whole(other)),
    }
}

/// `TARGET` or `TARGET:OPTIONS`.
fn tmpfs_target(value: &Value) -> String {
    let short = whole(value);
    match short.split_once(':') {
        Some((target, _)) => target.to_owned(),
        None => short,
    }
}

/// As of a volume; a device alone is its own target.
fn device_target(value: &Value) -> String {
    match value {
        Value::Map(_) => field(value, "target", &field(value, "source", "")),
        other => short_target(&whole(other)),
    }
}

fn short_target(short: &str) -> String {
    let fields = fields(short);
    fields
        .get(1)
        .or(fields.first())
        .cloned()
        .unwrap_or_default()
}

/// `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`; 05-services.md, "Short syntax" of `ports`.
fn port(value: &Value) -> String {
    let (ip, published, target, protocol);
    if let Value::Map(_) = value {
        ip = field(value, "host_ip", "0.0.0.0");
        published = field(value, "published", "");
        target = field(value, "target", "");
        protocol = field(value, "protocol", "tcp");
    } else {
        let short = whole(value);
        let (numbers, after) = short.rsplit_once('/').unwrap_or((&short, "tcp"));
        let mut fields = fields(numbers);
        target = fields.pop().unwrap_or_default();
        published = fields.pop().unwrap_or_default();
        ip = match fields.join(":") {
            empty if empty.is_empty() => "0.0.0.0".to_owned(),
            ip => ip.trim_matches(['[', ']']).to_owned(),
        };
        protocol = after.to_owned();
    }
    format!("{ip} {published} {target} {protocol}")
}

/// The parts of a short syntax between colons. A colon in a variable, or after a Windows drive, parts nothing.
fn fields(short: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut braces = 0_usize;
    for c in short.chars() {
        match c {
            '{' | '[' => braces += 1,
            '}' | ']' => braces = braces.saturating_sub(1),
            _ => {}
        }
        let last = fields.last().map_or("", String::as_str);
        let drive = last.len() == 1 && last.starts_with(|c: char| c.is_ascii_alphabetic());
        if c == ':' && braces == 0 && !drive {
            fields.push(String::new());
        } else if let Some(last) = fields.last_mut() {
            last.push(c);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{file, port, service, volume_target};
    use crate::compose::{File, Map, Value, read};
    use crate::data;
    use crate::diag::Sources;

    /// Maps are written as TOML, and compared as what their debugging output says, which shows the order too.
    fn value(text: &str) -> Map {
        let mut sources = Sources::default();
        let node = data::parse(text, sources.add("test", text)).unwrap();
        match read(&node, &sources) {
            (Value::Map(map), mistakes) if mistakes.is_empty() => map,
            (_, mistakes) => panic!("{text}: {mistakes:?}"),
        }
    }

    fn check(base: &str, over: &str, expected: &str) {
        let mut merged = value(base);
        service(&mut merged, value(over));
        assert_eq!(
            format!("{merged:#?}"),
            format!("{:#?}", value(expected)),
            "{base}\n{over}"
        );
    }

    #[test]
    fn maps_merge_scalars_replace_and_lists_are_appended() {
        check(
            "image = 'a'\ndeploy = { resources = { limits = { cpus = '1', memory = '1G' } } }",
            "deploy = { replicas = 2, resources = { limits = { cpus = '2' } } }\nrestart = 'always'",
            "image = 'a'\ndeploy = { resources = { limits = { cpus = '2', memory = '1G' } }, replicas = 2 }\nrestart = 'always'",
        );
        check(
            "deploy = { placement = { constraints = ['a'] } }\ninit = true",
            "deploy = { placement = { constraints = ['b', 'a'] } }\ninit = false",
            "deploy = { placement = { constraints = ['a', 'b', 'a'] } }\ninit = false",
        );
    }

    #[test]
    fn commands_replace() {
        check(
            "command = ['a', 'b']\nentrypoint = ['c']\n[healthcheck]\ntest = ['CMD', 'd']\nretries = 3",
            "command = ['e']\nentrypoint = 'f'\n[healthcheck]\ntest = 'g'",
            "command = ['e']\nentrypoint = 'f'\n[healthcheck]\ntest = 'g'\nretries = 3",
        );
    }

    #[test]
    fn what_has_an_identity_is_replaced_where_it_stands() {
        check(
            "tmpfs = '/run'\nvolumes = ['data:/data', '/tmp/x']\nsecrets = ['a', { source = 'b', target = 'c' }]",
            "tmpfs = ['/tmp:size=1m', '/run:size=1m']\nvolumes = [{ type = 'bind', source = '.', target = '/data' }, '${D:-./d}:/d:ro']\nsecrets = [{ source = 'n', target = '/run/secrets/c' }, 'a']",
            "tmpfs = ['/run:size=1m', '/tmp:size=1m']\nvolumes = [{ type = 'bind', source = '.', target = '/data' }, '/tmp/x', '${D:-./d}:/d:ro']\nsecrets = ['a', { source = 'n', target = '/run/secrets/c' }]",
        );
        check(
            "ports = [8080, '127.0.0.1:9000:9000', '53:53/udp']\nprofiles = ['dev']\nenv_file = '.env'\ndns = '1.1.1.1'",
            "ports = ['8080', { host_ip = '127.0.0.1', target = 9000, published = '9000', mode = 'host' }, '53:53']\nprofiles = ['test', 'dev']\nenv_file = [{ path = '.env', required = false }, 'more']\ndns = ['8.8.8.8']",
            "ports = ['8080', { host_ip = '127.0.0.1', target = 9000, published = '9000', mode = 'host' }, '53:53/udp', '53:53']\nprofiles = ['dev', 'test']\nenv_file = [{ path = '.env', required = false }, 'more']\ndns = ['1.1.1.1', '8.8.8.8']",
        );
    }

    #[test]
    fn names_with_values_merge_as_map_or_list() {
        check(
            "environment = { A = '1', B = 2 }\nlabels = ['x=1', 'y']",
            "environment = { B = '3', C = true }\nlabels = { y = 'z' }",
            "environment = { A = '1', B = '3', C = true }\nlabels = ['x=1', 'y=z']",
        );
        check(
            "environment = { A = '1', B = 2.5, 'C$' = false }",
            "environment = ['B', '${D}=4']",
            "environment = ['A=1', 'B', 'C$=false', '${D}=4']",
        );
        check(
            "extra_hosts = { a = ['1.1.1.1', '2.2.2.2'] }",
            "extra_hosts = ['a=2.2.2.2', 'a=3.3.3.3']",
            "extra_hosts = ['a=1.1.1.1', 'a=2.2.2.2', 'a=3.3.3.3']",
        );
    }

    #[test]
    fn names_of_other_things_merge_as_list_or_map() {
        check(
            "networks = ['a']\ndepends_on = ['x']",
            "networks = ['b', 'a']\ndepends_on = { y = { condition = 'service_healthy' } }",
            "networks = ['a', 'b']\ndepends_on = { x = { condition = 'service_started', required = true }, y = { condition = 'service_healthy' } }",
        );
        let mut merged = value("networks = ['a']");
        service(&mut merged, value("networks = { b = { priority = 1 } }"));
        assert_eq!(merged["networks"].get("a"), Some(&Value::Null));
    }

    #[test]
    fn a_build_may_be_a_text_and_logging_depends_on_the_driver() {
        check(
            "build = '.'",
            "build = { ssh = ['default'] }",
            "build = { context = '.', ssh = ['default'] }",
        );
        check(
            "logging = { driver = 'a', options = { x = '1' } }",
            "logging = { options = { y = '2' } }",
            "logging = { driver = 'a', options = { x = '1', y = '2' } }",
        );
        check(
            "logging = { driver = 'a', options = { x = '1' } }",
            "logging = { driver = 'b' }",
            "logging = { driver = 'b' }",
        );
    }

    #[test]
    fn sections_of_a_file_merge_too() {
        let mut merged = File {
            header: vec!["kept".to_owned()],
            sections: value(
                "[services.a]\nimage = 'a'\nports = ['1:1']\n[networks.n.ipam]\nconfig = [{ subnet = 's', gateway = 'g' }]",
            ),
        };
        file(
            &mut merged,
            value(
                "[services.a]\nports = ['2:2', '1:1']\n[services.b]\nimage = 'b'\n[networks.n.ipam]\nconfig = [{ subnet = 't' }, { subnet = 's', gateway = 'h' }]",
            ),
        );
        let expected = value(
            "[services.a]\nimage = 'a'\nports = ['1:1', '2:2']\n[services.b]\nimage = 'b'\n[networks.n.ipam]\nconfig = [{ subnet = 's', gateway = 'h' }, { subnet = 't' }]",
        );
        assert_eq!(merged.header, ["kept"]);
        assert_eq!(
            merged
                .sections
                .sorted_by(|a, _, b, _| a.cmp(b))
                .collect::<Vec<_>>(),
            expected
                .sorted_by(|a, _, b, _| a.cmp(b))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn short_syntaxes_are_taken_apart() {
        for (short, target) in [
            ("/data", "/data"),
            ("data:/data", "/data"),
            ("data:/data:ro", "/data"),
            ("${A:-b}:/data", "/data"),
            ("C:\\x:/data", "/data"),
            ("", ""),
        ] {
            assert_eq!(volume_target(&short.into()), target, "{short}");
        }
        for (short, identity) in [
            ("80", "0.0.0.0  80 tcp"),
            ("8080:80", "0.0.0.0 8080 80 tcp"),
            ("[::1]:8080:80/udp", "::1 8080 80 udp"),
            ("127.0.0.1::80", "127.0.0.1  80 tcp"),
            ("${P:-80}:80", "0.0.0.0 ${P:-80} 80 tcp"),
            ("", "0.0.0.0   tcp"),
        ] {
            assert_eq!(port(&short.into()), identity, "{short}");
        }
    }
}
