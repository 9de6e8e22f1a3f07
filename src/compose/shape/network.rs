//! How a service is reached and what it reaches, and the networks of a project.
//!
//! 05-services.md and 06-networks.md of the specification.

use super::texts::SWITCH;
use super::{
    driver_options, extension, flag, hosts, integer, key, map, named, open, pairs, set, text,
    text_or_set, whole,
};
use crate::data::{Key, Shape};

pub(super) fn of_service() -> Vec<Key> {
    vec![
        key(
            "ports",
            "Ports of the container that the host publishes.",
            set(Shape::OneOf(vec![whole(), text(), port()])),
        ),
        key(
            "expose",
            "Ports that other services may reach, unpublished.",
            set(Shape::OneOf(vec![text(), whole()])),
        ),
        key(
            "networks",
            "The networks that the service is in.",
            networks(),
        ),
        key(
            "network_mode",
            "A network that Compose does not make, such as `host`.",
            text(),
        ),
        key("hostname", "The name of the host in the container.", text()),
        key("domainname", "The domain of that host.", text()),
        key("mac_address", "The container's MAC address.", text()),
        key("dns", "The name servers that are asked.", text_or_set()),
        key("dns_opt", "Options of asking name servers.", set(text())),
        key(
            "dns_search",
            "Domains in which names are looked up.",
            text_or_set(),
        ),
        key(
            "extra_hosts",
            "Addresses of hosts that cannot be looked up.",
            hosts(),
        ),
        key(
            "links",
            "Services that are reached under another name.",
            set(text()),
        ),
        key(
            "external_links",
            "Containers of other projects that are reached under a name.",
            set(text()),
        ),
    ]
}

fn port() -> Shape {
    open(vec![
        key("target", "The port in the container.", integer()),
        key(
            "published",
            "The port, or range of ports, of the host.",
            Shape::OneOf(vec![whole(), text()]),
        ),
        key("host_ip", "The address of the host.", text()),
        key("protocol", "`tcp` or `udp`.", text()),
        key(
            "app_protocol",
            "What is spoken there, such as `http`.",
            text(),
        ),
        key("mode", "`host` or `ingress`.", text()),
        key("name", "A name for people.", text()),
    ])
}

fn networks() -> Shape {
    let about = open(vec![
        key(
            "aliases",
            "More names of the service in the network.",
            set(text()),
        ),
        key("ipv4_address", "The fixed IPv4 address.", text()),
        key("ipv6_address", "The fixed IPv6 address.", text()),
        key("link_local_ips", "Link-local addresses.", set(text())),
        key("mac_address", "The MAC address in the network.", text()),
        key(
            "interface_name",
            "The name of the interface in the container.",
            text(),
        ),
        key(
            "driver_opts",
            "Options of the network's driver.",
            driver_options(),
        ),
        key(
            "priority",
            "In which order the networks are joined.",
            Shape::Number,
        ),
        key(
            "gw_priority",
            "Which network has the default gateway.",
            Shape::Number,
        ),
    ]);
    Shape::OneOf(vec![set(text()), named(about)])
}

/// A network of the project.
pub(super) fn network() -> Shape {
    let range = open(vec![
        key("subnet", "The range, such as `172.28.0.0/16`.", text()),
        key("ip_range", "The part that containers get.", text()),
        key("gateway", "The address of the gateway.", text()),
        key(
            "aux_addresses",
            "Addresses that no container gets, by the name of their host.",
            map(text()),
        ),
    ]);
    open(vec![
        key(
            "name",
            "The name of the network, without the project's.",
            text(),
        ),
        key("driver", "The network's driver.", text()),
        key("driver_opts", "The driver's options.", driver_options()),
        key(
            "external",
            "Whether the network is already there.",
            external(),
        ),
        key(
            "internal",
            "Whether the network is cut off from outside.",
            flag(),
        ),
        key(
            "attachable",
            "Whether containers outside of Compose may join.",
            flag(),
        ),
        key("enable_ipv4", "Whether the network has IPv4.", flag()),
        key("enable_ipv6", "Whether the network has IPv6.", flag()),
        key(
            "ipam",
            "The addresses of the network.",
            open(vec![
                key("driver", "What hands out addresses.", text()),
                key("config", "The ranges of addresses.", Shape::list(range)),
                key("options", "The driver's options.", map(text())),
            ]),
        ),
        key("labels", "Labels of the network.", pairs()),
    ])
}

/// Whether something is there already. The table with its name is an old form of the same.
pub(super) fn external() -> Shape {
    let name = key(
        "name",
        "The name; better said by `name` beside `external`.",
        text(),
    );
    Shape::OneOf(vec![
        Shape::Boolean,
        Shape::Text(SWITCH),
        Shape::Table(vec![name, extension()]),
    ])
}
