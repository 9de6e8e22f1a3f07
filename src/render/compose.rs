//! The compose file: every service that the plan names, with what the user adds in compose's own words.

use crate::compose::{self, File, Map, Places, Value, interpolation, map};
use crate::diag::Span;
use crate::dockerfile::{Check, CommandLine};
use crate::plan::{self, BuildArg, Mounted, Plan, SecretOrigin, Service};
use crate::stamp;

/// The argument that makes an image carry what a later build needs to take its layers from it.
const INLINE_CACHE: &str = "BUILDKIT_INLINE_CACHE";

/// The text of the compose file that goes to `path`.
pub(super) fn text(plan: &Plan, path: &str) -> String {
    let file = file(plan, path, &mut |_, _| {});
    stamp::seal(&compose::write(&file), &plan.marks.whole, &plan.marks)
}

/// Where the keys of the compose file were said.
pub(super) fn places(plan: &Plan, path: &str) -> Places {
    let mut places = Places::default();
    file(plan, path, &mut |key, origin| places.say(key, origin));
    for service in &plan.services {
        places.below(&["services", &service.name], &service.own.places);
        places.below(&["services", &service.name], &service.replacing.places);
    }
    places.below(&[], &plan.rest.places);
    places
}

/// Takes down where a key was said.
type Said<'a> = dyn FnMut(&[&str], Span) + 'a;

fn file(plan: &Plan, path: &str, said: &mut Said<'_>) -> File {
    let mut file = File {
        header: stamp::header(&plan.marks).to_vec(),
        ..File::default()
    };
    for service in &plan.services {
        said(&["services", &service.name], service.origin);
        let mut generated = generated(service, plan, path, &mut |key, origin| {
            said(&[&["services", &service.name], key].concat(), origin);
        });
        compose::merge::service(&mut generated, service.own.map.clone());
        compose::merge::replace(&mut generated, service.replacing.map.clone());
        file.section("services")
            .insert(service.name.clone(), generated.into());
        for (volume, mounted) in &service.volumes {
            said(&["volumes", volume], mounted.origin);
            file.section("volumes")
                .insert(volume.clone(), Value::Map(Map::new()));
        }
    }
    for secret in &plan.secrets {
        let (key, value) = match &secret.source {
            SecretOrigin::Env(name) => ("environment", name),
            SecretOrigin::File(path) => ("file", path),
        };
        said(&["secrets", &secret.name], secret.origin);
        let made = map([(key, interpolation::literal(value).into())]);
        file.section("secrets")
            .insert(secret.name.clone(), made.into());
    }
    compose::merge::file(&mut file, plan.rest.map.clone());
    file
}

/// What the plan says of a service, in the order in which people write it.
fn generated(service: &Service, plan: &Plan, path: &str, said: &mut Said<'_>) -> Map {
    let mut made = map([("image", interpolation::literal(&service.image).into())]);
    said(&["image"], service.origin);
    if plan.outputs.dockerfile.is_some() {
        let build = build(service, plan, path, said);
        made.insert("build".to_owned(), build.into());
    }
    if let Some(origin) = service.init {
        said(&["init"], origin);
        made.insert("init".to_owned(), true.into());
    }
    if !service.ports.is_empty() {
        let ports = texts("ports", &service.ports, said);
        made.insert("ports".to_owned(), ports);
    }
    if !service.volumes.is_empty() {
        let mounts = service.volumes.iter().map(|(name, path)| {
            let mount = interpolation::literal(&format!("{name}:{}", path.text));
            said(&["volumes", &mount], path.origin);
            mount
        });
        made.insert("volumes".to_owned(), mounts.collect());
    }
    if !service.secrets.is_empty() {
        for secret in &service.secrets {
            said(&["environment", &secret.variable], secret.origin);
            said(&["secrets", &secret.name], secret.origin);
        }
        made.insert(
            "environment".to_owned(),
            Value::Map(service.secrets.iter().map(variable).collect()),
        );
        made.insert(
            "secrets".to_owned(),
            service.secrets.iter().map(secret).collect(),
        );
    }
    if let Some((check, origin)) = plan::healthcheck(&plan.stages, &service.target) {
        said(&["healthcheck"], origin);
        made.insert("healthcheck".to_owned(), check_of(check).into());
    }
    made
}

/// Texts below a key, each with its place.
fn texts(key: &str, texts: &[plan::Said], said: &mut Said<'_>) -> Value {
    for text in texts {
        said(&[key, &text.text], text.origin);
    }
    texts.iter().map(|text| text.text.as_str()).collect()
}

fn build(service: &Service, plan: &Plan, path: &str, said: &mut Said<'_>) -> Map {
    let mut said = |key: &[&str], origin| said(&[&["build"], key].concat(), origin);
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
    let mut args = Map::new();
    for arg in &service.args {
        said(&["args", &arg.name], arg.origin);
        args.insert(arg.name.clone(), argument(arg));
    }
    if let Some(origin) = service.inline_cache {
        said(&["args", INLINE_CACHE], origin);
        said(&["cache_from"], origin);
        args.insert(INLINE_CACHE.to_owned(), 1.into());
        build.insert(
            "cache_from".to_owned(),
            Value::List(vec![last_image(service).into()]),
        );
    }
    if !args.is_empty() {
        build.insert("args".to_owned(), args.into());
    }
    if !service.build_secrets.is_empty() {
        let secrets = texts("secrets", &service.build_secrets, &mut said);
        build.insert("secrets".to_owned(), secrets);
    }
    if !service.platforms.is_empty() {
        let platforms = texts("platforms", &service.platforms, &mut said);
        build.insert("platforms".to_owned(), platforms);
    }
    build
}

/// The image of the last build, under the name that it was pushed by.
fn last_image(service: &Service) -> String {
    let image = match service.own.map.get("image") {
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
