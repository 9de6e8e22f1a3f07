//! How fast the library is: parsing, one spec to its files, many stages, matching ignore files.
//!
//! `cargo bench --bench library`; docs/benchmarks.md has the figures.
#![allow(
    missing_docs,
    reason = "the macros of criterion make functions without any"
)]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dockwright::compile::Compiler;
use dockwright::diag::Sources;
use dockwright::dockerfile::ignore::Ignore;
use dockwright::files::OutputFile;
use dockwright::{dockerfile, render, spec};

const CURATION: &str = include_str!("../systems/curation/dockwright.toml");
const POGOCACHE: &str = include_str!("../systems/pogocache/dockwright.toml");

/// Everything that `generate` does but for the disk: the presets that are built in are read as well.
fn generate(text: &str) -> Vec<OutputFile> {
    let mut sources = Sources::default();
    let source = sources.add("dockwright.toml", text);
    let draft = spec::parse(text, source).expect("the spec has the right form");
    let plan = Compiler::new(&mut sources)
        .compile(&draft, "dockwright.toml", &sources)
        .expect("the spec has no mistake");
    render::render(&plan).expect("what is rendered reads back")
}

/// A Dockerfile as people write them, repeated up to a size in bytes.
fn repeated(size: usize) -> String {
    let piece = "# The program\nFROM debian:trixie-slim AS build\nARG VERSION=1.2\nENV A=1 \\\n    B=\"two words\"\n\
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked <<EOF\nset -e\napt-get update\napt-get install --yes \
        git\nEOF\n\nCOPY --chown=1000:1000 src/ include/ /app/\nRUN make -C /app && \\\n    make -C /app install\n\
        HEALTHCHECK --interval=30s CMD [\"nc\", \"-z\", \"127.0.0.1\", \"80\"]\nCMD [\"program\", \"--flag\"]\n";
    piece.repeat(size.div_ceil(piece.len()))
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    let large = repeated(10_000_000);
    let many = format!("FROM scratch\n{}", "ENV A=b\n".repeat(1_000_000));
    for (name, text) in [("10 MB", large), ("a million lines", many)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| dockerfile::parse(black_box(text.as_bytes())));
        });
    }
}

fn spec_to_files(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spec to files");
    for (name, text) in [("curation", CURATION), ("pogocache", POGOCACHE)] {
        group.bench_function(name, |bencher| bencher.iter(|| generate(black_box(text))));
    }
    // What every run does before it looks at a spec.
    group.bench_function("read the presets", |bencher| {
        bencher.iter(|| Compiler::new(&mut Sources::default()));
    });
}

/// A spec with this many stages of its own, each with a copy and a command.
fn with_stages(count: usize) -> String {
    let mut text = POGOCACHE.to_owned();
    for number in 0..count {
        let _ = write!(
            text,
            "\n[stages.extra-{number}]\nnote = \"One of many\"\nfrom = \"stage:toolchain\"\n\n\
             [stages.extra-{number}.steps.sources]\ncopy = [\"deps/part-{number}\"]\n\n\
             [stages.extra-{number}.steps.build]\nrun = \"make -C deps/part-{number}\"\ncache = [\"/root/.cache/ccache\"]\n"
        );
    }
    text
}

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stages");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    for count in [100, 200, 400, 800, 1600] {
        let text = with_stages(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| generate(black_box(&text)));
        });
    }
}

fn ignore(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ignore");
    let files = generate(CURATION);
    let generated = files
        .iter()
        .find(|file| file.path == ".dockerignore")
        .expect("the spec asks for an ignore file");
    let mut long = String::new();
    for number in 0..1000 {
        let _ = writeln!(
            long,
            "folder-{number}/**/*.log\n!folder-{number}/keep/*.log"
        );
    }
    let paths: Vec<String> = (0..10_000)
        .map(|number| format!("folder-{}/sub/{number}/file.log", number % 1000))
        .collect();
    group.throughput(Throughput::Elements(paths.len() as u64));
    for (name, text) in [
        ("a generated file", generated.text.as_str()),
        ("2,000 rules", &long),
    ] {
        let rules = Ignore::parse(text.as_bytes()).expect("every rule is right");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                paths
                    .iter()
                    .filter(|path| rules.excludes(black_box(path)))
                    .count()
            });
        });
    }
}

criterion_group!(benches, parse, spec_to_files, stages, ignore);
criterion_main!(benches);
