//! What a preset says belongs to the digest of the presets: a change of it is never taken for anybody's edit.

use std::fs;

use dockwright::compile::Compiler;
use dockwright::diag::Sources;
use dockwright::drift;
use dockwright::files::OutputFile;
use dockwright::preset::Preset;
use dockwright::{render, spec};
use toml::Table;

use super::specs;
use crate::random::Random;
use crate::support::{tests, unstamped};

/// What a spec comes to with a preset of its own; nothing where one of the two is refused.
fn generate(text: &str, preset: &str) -> Option<Vec<OutputFile>> {
    let mut sources = Sources::default();
    let mut compiler = Compiler::new(&mut sources);
    let preset = Preset::parse("ours", "ours.toml", preset, &mut sources).ok()?;
    compiler.add(preset).ok()?;
    let draft = spec::parse(text, sources.add("dockwright.toml", text)).ok()?;
    let plan = compiler.compile(&draft, "dockwright.toml", &sources).ok()?;
    render::render(&plan).ok()
}

/// The spec of a golden case with a copy of its preset in the place of that, and the copy.
fn with_copy(text: &str) -> Option<(String, String)> {
    let table: Table = text.parse().ok()?;
    let said = ["preset", "package-manager"]
        .iter()
        .find_map(|key| table.get(*key));
    let name = said?.as_str()?;
    let preset = fs::read_to_string(tests("..").join(format!("presets/{name}.toml"))).ok()?;
    let keys = ["preset", "language", "package-manager"];
    let is_kept = |line: &&str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        !keys.contains(&key)
    };
    let rest: Vec<&str> = text.lines().filter(is_kept).collect();
    let rest = rest
        .join("\n")
        .replace(&format!("[options.{name}"), "[options.ours");
    Some((format!("preset = \"ours\"\n{rest}\n"), preset))
}

#[test]
fn a_preset_that_changed_makes_files_outdated_and_nothing_else() {
    let mut outdated = 0;
    let mut random = Random::new(4);
    for text in specs() {
        let Some((spec, preset)) = with_copy(&text) else {
            continue;
        };
        let Some(before) = generate(&spec, &preset) else {
            continue;
        };
        for _ in 0..6 {
            // A letter more in a word of the preset: in a value, in a script, in a name.
            let letters = preset
                .char_indices()
                .filter(|(_, c)| c.is_ascii_lowercase());
            let letters: Vec<usize> = letters.map(|(at, _)| at).collect();
            let (above, below) = preset.split_at(letters[random.below(letters.len())]);
            let Some(after) = generate(&spec, &format!("{above}x{below}")) else {
                continue;
            };
            let pairs = before.iter().zip(&after);
            for (old, new) in pairs.filter(|(old, new)| old.path == new.path) {
                let verdict = drift::judge(&new.text, Some(&old.text));
                let same = unstamped(&old.text) == unstamped(&new.text);
                let expected = if same { "in-sync" } else { "outdated" };
                assert_eq!(verdict.words(), expected, "{} of {spec}", new.path);
                outdated += usize::from(!same);
            }
        }
    }
    assert!(outdated > 20, "only {outdated} files changed");
}
