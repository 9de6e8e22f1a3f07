//! The compose file: every service that the plan names, with what the user adds in compose's own words.

use crate::compose::{self, File, Map, Value, interpolation, map};
use crate::dockerfile::{Check, CommandLine};
use crate::plan::{self, BuildArg, Mounted, Plan, SecretOrigin, Service};
use crate::stamp;

/// The text of the compose file that goes to `path`.
pub(super) fn text(plan: &Plan, path: &str) -> String {
    let mut file = File {
        header: stamp::header(&plan.marks).to_vec(),
        ..File::default()
    };
    for service in &plan.services {
        let mut generated = generated(service, plan, path);
        compose::merge::service(&mut generated, service.own.clone());
        file.section("services")
            .insert(service.name.clone(), generated.into());
        for (volume, _) in &service.volumes {
            file.section("volumes")
                .insert(volume.clone(), Value::Map(Map::new()));
        }
    }
    for (name, origin) in &plan.secrets {
        let (key, value) = match origin {
            SecretOrigin::Env(name) => ("environment", name),
            SecretOrigin::File(path) => ("file", path),
        };
        let secret = map([(key, interpolation::literal(value).into())]);
        file.section("secrets").insert(name.clone(), secret.into());
    }
    compose::merge::file(&mut file, plan.rest.clone());
    stamp::seal(&compose::write(&file), &plan.marks.whole, &plan.marks)
}

/// What the plan says of a service, in the order in which people write it.
fn generated(service: &Service, plan: &Plan, path: &str) -> Map {
    let mut made = map([("image", interpolation::literal(&service.image).into())]);
    if plan.outputs.dockerfile.is_some() {
        made.insert("build".to_owned(), build(service, plan, path).into());
    }
    if service.init {
        made.insert("init".to_owned(), true.into());
    }
    if !service.ports.is_empty() {
        made.insert(
            "ports".to_owned(),
            service.ports.iter().map(String::as_str).collect(),
        );
    }
    if !service.volumes.is_empty() {
        let mounts = service
            .volumes
            .iter()
            .map(|(name, path)| interpolation::literal(&format!("{name}:{path}")));
        made.insert("volumes".to_owned(), mounts.collect());
    }
    if !service.secrets.is_empty() {
        made.insert(
            "environment".to_owned(),
            Value::Map(service.secrets.iter().map(variable).collect()),
        );
        made.insert(
            "secrets".to_owned(),
            service.secrets.iter().map(secret).collect(),
        );
    }
    if let Some(check) = plan::healthcheck(&plan.stages, &service.target) {
        made.insert("healthcheck".to_owned(), check_of(check).into());
    }
    made
}

fn build(service: &Service, plan: &Plan, path: &str) -> Map {
    // The project is the context, and compose takes paths from the folder that its file lies in.
    let above = "../".repeat(path.matches('/').count());
    let context = if above.is_empty() {
        "."
    } else {
        above.trim_end_matches('/')
    };
    let mut build = map([("context", context.into())]);
    let dockerfile = plan.outputs.dockerfile.as_deref().unwrap_or_default();
    if dockerfile != "Dockerfile" {
        build.insert(
            "dockerfile".to_owned(),
            interpolation::literal(dockerfile).into(),
        );
    }
    build.insert("target".to_owned(), service.target.as_str().into());
    let mut args: Map = service
        .args
        .iter()
        .map(|arg| (arg.name.clone(), argument(arg)))
        .collect();
    if service.inline_cache {
        args.insert("BUILDKIT_INLINE_CACHE".to_owned(), 1.into());
        build.insert(
            "cache_from".to_owned(),
            Value::List(vec![last_image(service).into()]),
        );
    }
    if !args.is_empty() {
        build.insert("args".to_owned(), args.into());
    }
    if !service.build_secrets.is_empty() {
        build.insert(
            "secrets".to_owned(),
            service.build_secrets.iter().map(String::as_str).collect(),
        );
    }
    if !service.platforms.is_empty() {
        build.insert(
            "platforms".to_owned(),
            service.platforms.iter().map(String::as_str).collect(),
        );
    }
    build
}

/// The image of the last build, under the name that it was pushed by.
fn last_image(service: &Service) -> String {
    let image = match service.own.get("image") {
        Some(Value::Text(image)) => image,
        _ => &service.image,
    };
    let name = image.rsplit('/').next().unwrap_or_default();
    if name.contains([':', '@']) {
        image.clone()
    } else {
        format!("{image}:latest")
    }
}

/// A build argument comes from the environment that compose runs in; without a default there it must.
fn argument(arg: &BuildArg) -> Value {
    match arg.default.as_deref() {
        None => Value::Null,
        // Compose would hand over as text what a Dockerfile expands, so such a default is left to the Dockerfile.
        Some(default) if default.contains(['$', '{', '}', '\\']) => Value::Null,
        Some(default) => format!("${{{}:-{default}}}", arg.name).into(),
    }
}

/// The variable in which a service finds the path of a secret's file.
fn variable(secret: &Mounted) -> (String, Value) {
    let default = || format!("/run/secrets/{}", secret.name);
    let path = secret.target.clone().unwrap_or_else(default);
    (
        secret.variable.clone(),
        interpolation::literal(&path).into(),
    )
}

fn secret(secret: &Mounted) -> Value {
    match &secret.target {
        None => secret.name.as_str().into(),
        Some(target) => map([
            ("source", secret.name.as_str().into()),
            ("target", interpolation::literal(target).into()),
        ])
        .into(),
    }
}

fn check_of(check: &Check) -> Map {
    let literal = |text: &str| Value::from(interpolation::literal(text));
    let test = match check.command() {
        CommandLine::Exec(words) => std::iter::once("CMD".into())
            .chain(words.iter().map(|word| literal(word)))
            .collect(),
        CommandLine::Shell(line) => Value::List(vec!["CMD-SHELL".into(), literal(line.as_str())]),
    };
    let mut made = map([("test", test)]);
    let times = [
        ("interval", &check.interval),
        ("timeout", &check.timeout),
        ("start_period", &check.start_period),
        ("start_interval", &check.start_interval),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            made.insert(name.to_owned(), time.as_str().into());
        }
    }
    if let Some(retries) = check.retries {
        made.insert("retries".to_owned(), i64::from(retries).into());
    }
    made
}
