//! The resources of a service, and how a cluster runs it.
//!
//! 05-services.md and deploy.md of the specification.

use super::texts::{SIZE, WHOLE};
use super::{count, duration, integer, key, number, open, pairs, set, size, text, ulimits, whole};
use crate::data::{Key, Shape};

pub(super) fn of_service() -> Vec<Key> {
    vec![
        key(
            "deploy",
            "How many containers run, and with which resources.",
            deploy(),
        ),
        key("cpus", "How many processors the service may use.", number()),
        key(
            "cpuset",
            "Which processors the service may use, such as `0-3`.",
            text(),
        ),
        key(
            "cpu_count",
            "How many processors the container sees.",
            Shape::OneOf(vec![Shape::Text(WHOLE), Shape::Integer(0, i64::MAX)]),
        ),
        key(
            "cpu_percent",
            "How much of the processors the service may use, in percent.",
            Shape::OneOf(vec![Shape::Text(WHOLE), Shape::Integer(0, 100)]),
        ),
        key(
            "cpu_shares",
            "The weight of the service where processors are scarce.",
            count(),
        ),
        key(
            "cpu_quota",
            "The processor time that the service has in each period.",
            count(),
        ),
        key("cpu_period", "The length of that period.", count()),
        key(
            "cpu_rt_runtime",
            "The real-time processor time that the service has in each period.",
            count(),
        ),
        key("cpu_rt_period", "The length of that period.", count()),
        key(
            "mem_limit",
            "How much memory the service may use, such as `512m`.",
            size(Shape::Number),
        ),
        key(
            "mem_reservation",
            "How much memory the service keeps where memory is scarce.",
            size(whole()),
        ),
        key(
            "mem_swappiness",
            "How readily the service's memory is swapped out, from 0 to 100.",
            size(whole()),
        ),
        key(
            "memswap_limit",
            "How much memory and swap the service may use.",
            size(Shape::Number),
        ),
        key(
            "oom_kill_disable",
            "Whether the service survives when memory runs out.",
            super::flag(),
        ),
        key(
            "oom_score_adj",
            "How readily the service is ended when memory runs out, from -1000 to 1000.",
            Shape::OneOf(vec![Shape::Text(WHOLE), Shape::Integer(-1000, 1000)]),
        ),
        key(
            "pids_limit",
            "How many processes the service may have.",
            count(),
        ),
        key(
            "ulimits",
            "Limits on the processes of the service.",
            ulimits(),
        ),
        key(
            "blkio_config",
            "Limits on the use of block devices.",
            blkio_config(),
        ),
        key(
            "gpus",
            "The GPUs that the service may use.",
            Shape::OneOf(vec![Shape::choice(&["all"]), Shape::list(open(device()))]),
        ),
    ]
}

/// The schema takes a text for a weight, but Compose does not.
fn blkio_config() -> Shape {
    let limits = || {
        Shape::list(Shape::Table(vec![
            key("path", "The path of the device.", text()),
            key("rate", "The limit, in each second.", size(whole())),
        ]))
    };
    Shape::Table(vec![
        key(
            "weight",
            "The weight of the service where devices are busy, from 10 to 1000.",
            whole(),
        ),
        key(
            "weight_device",
            "The same for one device.",
            Shape::list(Shape::Table(vec![
                key("path", "The path of the device.", text()),
                key("weight", "The weight, from 10 to 1000.", whole()),
            ])),
        ),
        key(
            "device_read_bps",
            "How many bytes are read from a device.",
            limits(),
        ),
        key(
            "device_read_iops",
            "How many times a device is read from.",
            limits(),
        ),
        key(
            "device_write_bps",
            "How many bytes are written to a device.",
            limits(),
        ),
        key(
            "device_write_iops",
            "How many times a device is written to.",
            limits(),
        ),
    ])
}

/// What `gpus` and the reserved devices of `deploy` have in common.
fn device() -> Vec<Key> {
    vec![
        key(
            "capabilities",
            "What the device must be able to do, such as `gpu`.",
            set(text()),
        ),
        key("driver", "The driver of the device.", text()),
        key(
            "count",
            "How many of them, or `all`.",
            Shape::OneOf(vec![Shape::choice(&["all"]), integer()]),
        ),
        key("device_ids", "Which of them.", set(text())),
        key("options", "The driver's options.", pairs()),
    ]
}

fn deploy() -> Shape {
    open(vec![
        key(
            "mode",
            "`replicated`, or `global` for one container on each machine.",
            text(),
        ),
        key(
            "replicas",
            "How many containers of the service run.",
            integer(),
        ),
        key(
            "resources",
            "What the service may use, and what is kept for it.",
            resources(),
        ),
        key(
            "restart_policy",
            "When and how often a container is started again.",
            open(vec![
                key("condition", "`none`, `on-failure` or `any`.", text()),
                key(
                    "delay",
                    "The time before a container is started again.",
                    duration(),
                ),
                key("max_attempts", "How often it is tried.", integer()),
                key(
                    "window",
                    "How long a container must run to count as started.",
                    duration(),
                ),
            ]),
        ),
        key(
            "placement",
            "Which machines the service runs on.",
            open(vec![
                key(
                    "constraints",
                    "What must be true of a machine.",
                    Shape::list(text()),
                ),
                key(
                    "preferences",
                    "How containers are spread over machines.",
                    Shape::list(open(vec![key(
                        "spread",
                        "The label of machines over whose values they are spread.",
                        text(),
                    )])),
                ),
                key(
                    "max_replicas_per_node",
                    "How many containers run on one machine.",
                    integer(),
                ),
            ]),
        ),
        key(
            "update_config",
            "How the service is updated.",
            update("How many containers are updated at a time."),
        ),
        key(
            "rollback_config",
            "How an update is taken back.",
            update("How many containers are taken back at a time."),
        ),
        key(
            "endpoint_mode",
            "How clients find the service: `vip` or `dnsrr`.",
            text(),
        ),
        key("labels", "Labels of the service.", pairs()),
    ])
}

fn update(parallelism: &'static str) -> Shape {
    open(vec![
        key("parallelism", parallelism, integer()),
        key(
            "delay",
            "The time between one group and the next.",
            duration(),
        ),
        key("failure_action", "What happens if it fails.", text()),
        key(
            "monitor",
            "How long each container is watched for failure.",
            duration(),
        ),
        key(
            "max_failure_ratio",
            "How many may fail, from 0 to 1.",
            number(),
        ),
        key(
            "order",
            "Whether the new container starts first or the old one stops first.",
            Shape::choice(&["start-first", "stop-first"]),
        ),
    ])
}

fn resources() -> Shape {
    let generic = open(vec![key(
        "discrete_resource_spec",
        "A resource that can be counted.",
        open(vec![
            key("kind", "What it is.", text()),
            key("value", "How many of it.", count()),
        ]),
    )]);
    let mut device = device();
    if let Some(capabilities) = device.first_mut() {
        capabilities.required = true;
    }
    open(vec![
        key(
            "limits",
            "What the service may use.",
            open(vec![
                key("cpus", "How many processors, such as `\"0.5\"`.", number()),
                key(
                    "memory",
                    "How much memory, such as `512M`.",
                    Shape::Text(SIZE),
                ),
                key("pids", "How many processes.", integer()),
            ]),
        ),
        key(
            "reservations",
            "What is kept for the service.",
            open(vec![
                key("cpus", "How many processors, such as `\"0.5\"`.", number()),
                key(
                    "memory",
                    "How much memory, such as `512M`.",
                    Shape::Text(SIZE),
                ),
                key("devices", "Which devices.", Shape::list(open(device))),
                key(
                    "generic_resources",
                    "Resources that the platform knows by name.",
                    Shape::list(generic),
                ),
            ]),
        ),
    ])
}
