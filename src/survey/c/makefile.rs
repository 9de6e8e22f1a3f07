//! Reading a Makefile, without running anything: its variables, its rules, and what the default target comes to.

use indexmap::IndexMap;

/// How deep variables are followed, and how long a text may grow.
const DEPTH: usize = 20;
const LONGEST: usize = 20_000;

/// A Makefile as far as it is understood.
#[derive(Debug, Default)]
pub(super) struct Makefile {
    variables: IndexMap<String, String>,
    /// The rules, in their order.
    pub(super) rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    /// What it makes.
    pub(super) targets: Vec<String>,
    /// What it needs.
    pub(super) needs: Vec<String>,
    /// Its commands, as they are written.
    pub(super) recipe: Vec<String>,
    /// The line.
    pub(super) line: usize,
}

/// Reads a Makefile. `files` lists the files beside it, for `$(wildcard ...)`.
pub(super) fn read(text: &str, files: &[&str]) -> Makefile {
    let mut makefile = Makefile::default();
    let mut raw: Vec<(usize, String, String, Vec<String>)> = Vec::new();
    // For each condition that is open: whether its lines count now, and whether an earlier way of it was taken.
    let mut conditions: Vec<(bool, bool)> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let mut line = line.to_owned();
        while line.ends_with('\\') {
            line.pop();
            match lines.next() {
                Some((_, next)) => {
                    line.push(' ');
                    line.push_str(next.trim_start());
                }
                None => break,
            }
        }
        let first = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        let condition = line
            .trim()
            .strip_prefix("else")
            .map_or(line.trim(), str::trim_start);
        match first.as_str() {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let holds = makefile.holds(condition, files);
                conditions.push((holds, holds));
                continue;
            }
            "else" => {
                if let Some((counts, taken)) = conditions.last_mut() {
                    let holds =
                        !*taken && (condition.is_empty() || makefile.holds(condition, files));
                    *counts = holds;
                    *taken |= holds;
                }
                continue;
            }
            "endif" => {
                conditions.pop();
                continue;
            }
            _ => {}
        }
        if conditions.iter().any(|(counts, _)| !counts) {
            continue;
        }
        // Before the first rule, a line that begins with a tab is a line like any other.
        if let (Some(command), Some((.., recipe))) = (line.strip_prefix('\t'), raw.last_mut()) {
            recipe.push(command.trim().to_owned());
            continue;
        }
        let line = line.split('#').next().unwrap_or_default().trim();
        let others = [
            "include", "-include", "sinclude", "define", "endef", "vpath", "unexport",
        ];
        if line.is_empty() || others.contains(&first.as_str()) {
            continue;
        }
        let line = line
            .strip_prefix("export ")
            .or(line.strip_prefix("override "))
            .unwrap_or(line);
        if let Some((name, sign, value)) = assignment(line) {
            makefile.assign(name, sign, value);
        } else if let Some((targets, rest)) = line.split_once(':') {
            let rest = rest.trim_start_matches(':');
            let (needs, command) = rest.split_once(';').unwrap_or((rest, ""));
            let recipe = if command.is_empty() {
                Vec::new()
            } else {
                vec![command.trim().to_owned()]
            };
            // A variable of one target alone.
            if assignment(needs.trim()).is_none() {
                raw.push((at + 1, targets.to_owned(), needs.to_owned(), recipe));
            }
        }
    }
    for (line, targets, needs, recipe) in raw {
        let words = |text: &str| -> Vec<String> {
            let text = makefile.expand(text, files, 0);
            text.split_whitespace().map(str::to_owned).collect()
        };
        makefile.rules.push(Rule {
            targets: words(&targets),
            needs: words(needs.split('|').next().unwrap_or_default()),
            recipe,
            line,
        });
    }
    makefile
}

/// A variable's name, the sign of its assignment, and its value.
fn assignment(line: &str) -> Option<(&str, &str, &str)> {
    let at = line.find('=')?;
    let (before, value) = (&line[..at], line[at + 1..].trim());
    let name = before.trim_end_matches([':', '?', '+', '!']);
    let sign = &before[name.len()..];
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then_some((name, sign, value))
}

impl Makefile {
    fn assign(&mut self, name: &str, sign: &str, value: &str) {
        let old = self.variables.get(name).cloned();
        let value = match (sign, old) {
            ("+", Some(old)) => format!("{old} {value}"),
            ("?", Some(_)) => return,
            // A simple variable may be made of what it was before.
            (":" | "::", Some(old)) => value
                .replace(&format!("$({name})"), &old)
                .replace(&format!("${{{name}}}"), &old),
            _ => value.to_owned(),
        };
        self.variables.insert(name.to_owned(), value);
    }

    /// Whether a condition holds, as far as the file itself tells: `ifdef NAME`, `ifeq (a,b)`.
    fn holds(&self, condition: &str, files: &[&str]) -> bool {
        let (word, rest) =
            condition.split_at(condition.find([' ', '\t', '(']).unwrap_or(condition.len()));
        let rest = rest.trim();
        if let "ifdef" | "ifndef" = word {
            let name = self.expand(rest, files, 0);
            let defined = self
                .variables
                .get(name.trim())
                .is_some_and(|value| !value.is_empty());
            return defined == (word == "ifdef");
        }
        let inner = rest
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let sides = match inner {
            Some(inner) => split(inner),
            None => rest
                .split(['"', '\''])
                .filter(|side| !side.trim().is_empty())
                .map(str::to_owned)
                .collect(),
        };
        let side = |at: usize| {
            let text = sides.get(at).map(|side| self.expand(side, files, 0));
            text.unwrap_or_default().trim().to_owned()
        };
        let (one, other) = (side(0), side(1));
        // Whether a library is there is asked where nothing is installed yet; what is asked for will be.
        let probes = |side: &str| side.contains("-config ") && side.contains("&&");
        let equal = one == other || probes(&one) || probes(&other);
        equal == (word == "ifeq")
    }

    /// A variable's value, with everything in it filled in.
    pub(super) fn variable(&self, name: &str, files: &[&str]) -> String {
        self.expand(&format!("$({name})"), files, 0)
    }

    /// A text with its variables and the simpler functions filled in; what is not known stays out.
    pub(super) fn expand(&self, text: &str, files: &[&str], depth: usize) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (inner, next) = match after.chars().next() {
                Some(open @ ('(' | '{')) => {
                    let close = if open == '(' { ')' } else { '}' };
                    match closing(after, open, close) {
                        Some(end) => (&after[1..end], &after[end + 1..]),
                        None => ("", ""),
                    }
                }
                Some('$') => {
                    expanded.push('$');
                    rest = &after[1..];
                    continue;
                }
                Some(sign) => (&after[..sign.len_utf8()], &after[sign.len_utf8()..]),
                None => ("", ""),
            };
            if depth < DEPTH && expanded.len() < LONGEST {
                expanded.push_str(&self.reference(inner, files, depth + 1));
            }
            rest = next;
        }
        expanded.push_str(rest);
        expanded
    }

    /// What stands between `$(` and `)`.
    fn reference(&self, inner: &str, files: &[&str], depth: usize) -> String {
        if let Some((function, arguments)) = inner.split_once([' ', '\t']) {
            let arguments: Vec<String> = split(arguments)
                .iter()
                .map(|argument| self.expand(argument, files, depth).trim().to_owned())
                .collect();
            if let Some(value) = called(function, &arguments, files) {
                return value;
            }
            return String::new();
        }
        // `$(SRC:.c=.o)` and `$(SRC:%.c=%.o)`
        if let Some((name, (from, to))) = inner
            .split_once(':')
            .and_then(|(name, change)| Some((name, change.split_once('=')?)))
        {
            let value = self.reference(name, files, depth);
            let (from, to) = (
                self.expand(from, files, depth),
                self.expand(to, files, depth),
            );
            let pattern = |text: &str| {
                if text.contains('%') {
                    text.to_owned()
                } else {
                    format!("%{text}")
                }
            };
            return substituted(&pattern(&from), &pattern(&to), &value);
        }
        let name = self.expand(inner, files, depth);
        match self.variables.get(&name) {
            Some(value) => self.expand(value, files, depth),
            // What make itself knows, as far as it names a program.
            None => match name.as_str() {
                "MAKE" => "make".to_owned(),
                "CC" => "cc".to_owned(),
                "CXX" => "g++".to_owned(),
                _ => String::new(),
            },
        }
    }

    /// The target that is made when none is named.
    pub(super) fn default_target(&self) -> Option<(&str, usize)> {
        let goal = self.variable(".DEFAULT_GOAL", &[]);
        if !goal.is_empty() {
            let is_goal = |target: &&String| *target == goal.trim();
            return self.rules.iter().find_map(|rule| {
                let target = rule.targets.iter().find(is_goal)?;
                Some((target.as_str(), rule.line))
            });
        }
        self.rules.iter().find_map(|rule| {
            let target = rule.targets.first()?;
            let plain = !target.contains('%') && (!target.starts_with('.') || target.contains('/'));
            plain.then_some((target.as_str(), rule.line))
        })
    }

    /// Whether a library of this name is made here.
    pub(super) fn makes_library(&self, name: &str) -> bool {
        let file = format!("lib{name}.");
        let mut targets = self.rules.iter().flat_map(|rule| &rule.targets);
        targets.any(|target| {
            target
                .rsplit('/')
                .next()
                .is_some_and(|last| last.starts_with(&file))
        })
    }

    /// The rules that a target leads to, itself first; those of `.DEFAULT` where no rule is for it.
    pub(super) fn leading(&self, target: &str) -> Vec<&Rule> {
        let mut found: Vec<&Rule> = Vec::new();
        let mut open = vec![target.to_owned()];
        let mut seen: Vec<String> = Vec::new();
        while let Some(target) = open.pop() {
            if seen.contains(&target) {
                continue;
            }
            let of = |target: &str| {
                let has = |rule: &&Rule| rule.targets.iter().any(|other| other == target);
                self.rules.iter().filter(has).collect::<Vec<&Rule>>()
            };
            let mut rules = of(&target);
            // A file is there already; any other name is handed on.
            if rules.is_empty() && !target.contains('.') {
                rules = of(".DEFAULT");
            }
            for rule in rules {
                found.push(rule);
                open.extend(rule.needs.iter().rev().cloned());
            }
            seen.push(target);
        }
        found
    }
}

/// The folders in which a command calls make again.
pub(super) fn delegated(command: &str) -> Vec<String> {
    let words: Vec<&str> = command
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '"'))
        .map(|word| word.trim_start_matches('@'))
        .filter(|word| !word.is_empty())
        .collect();
    let Some(make) = words.iter().position(|word| *word == "make") else {
        return Vec::new();
    };
    let before = words[..make].iter().rposition(|word| *word == "cd");
    let folder = match words[make..].iter().position(|word| *word == "-C") {
        Some(at) => words.get(make + at + 1),
        None => before.and_then(|at| words.get(at + 1)),
    };
    let Some(folder) = folder else {
        return Vec::new();
    };
    // `for dir in a b; do make -C $dir; done`
    let Some(variable) = folder.strip_prefix('$') else {
        return vec![(*folder).trim_matches('/').to_owned()];
    };
    let variable = variable.trim_matches(['{', '}']);
    let list = words.iter().skip_while(|word| **word != variable).skip(1);
    let list = list.skip_while(|word| **word == "in");
    list.take_while(|word| **word != "do")
        .map(|word| word.trim_matches('/').to_owned())
        .collect()
}

/// The end of what is opened at the beginning of a text.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The arguments of a function, which commas part outside of brackets.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// What a function of make gives, for those that depend on nothing but their arguments and the names of files.
fn called(name: &str, arguments: &[String], files: &[&str]) -> Option<String> {
    let words = |at: usize| -> Vec<&str> {
        arguments
            .get(at)
            .map(|text| text.split_whitespace().collect())
            .unwrap_or_default()
    };
    let each = |at: usize, change: &dyn Fn(&str) -> String| -> String {
        let words: Vec<String> = words(at).into_iter().map(change).collect();
        words.join(" ")
    };
    let first = arguments.first().map(String::as_str).unwrap_or_default();
    Some(match name {
        "wildcard" => {
            let found: Vec<&str> = words(0)
                .into_iter()
                .flat_map(|pattern| {
                    files
                        .iter()
                        .copied()
                        .filter(move |file| fits(pattern.trim_start_matches("./"), file))
                })
                .collect();
            found.join(" ")
        }
        "patsubst" => substituted(first, arguments.get(1)?, arguments.get(2)?),
        "subst" => arguments.get(2)?.replace(first, arguments.get(1)?),
        "addprefix" => each(1, &|word| format!("{first}{word}")),
        "addsuffix" => each(1, &|word| format!("{word}{first}")),
        "notdir" => each(0, &|word| {
            word.rsplit('/').next().unwrap_or_default().to_owned()
        }),
        "basename" => each(0, &|word| {
            word.rsplit_once('.')
                .map_or(word, |(before, _)| before)
                .to_owned()
        }),
        "dir" => each(0, &|word| {
            word.rsplit_once('/')
                .map_or("./".to_owned(), |(before, _)| format!("{before}/"))
        }),
        "strip" | "sort" | "firstword" if name == "firstword" => {
            words(0).first().copied().unwrap_or_default().to_owned()
        }
        "strip" | "sort" | "abspath" | "realpath" => words(0).join(" "),
        "filter-out" => {
            let out = words(0);
            let kept: Vec<&str> = words(1)
                .into_iter()
                .filter(|word| !out.contains(word))
                .collect();
            kept.join(" ")
        }
        // Images are those of Linux, wherever they are built.
        "shell" if matches!(first, "uname" | "uname -s") => "Linux".to_owned(),
        // What another command prints is not known, but which libraries it asks for stands in it.
        "shell" => first.to_owned(),
        "or" => arguments
            .iter()
            .find(|argument| !argument.is_empty())
            .cloned()
            .unwrap_or_default(),
        "if" => arguments.get(1).cloned().unwrap_or_default(),
        _ => return None,
    })
}

/// Words of one pattern brought into another, where `%` stands for the same text.
fn substituted(from: &str, to: &str, words: &str) -> String {
    let (before, after) = from.split_once('%').unwrap_or((from, ""));
    let changed: Vec<String> = words
        .split_whitespace()
        .map(|word| {
            let stem = word
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after));
            match stem {
                Some(stem) => to.replacen('%', stem, 1),
                None => word.to_owned(),
            }
        })
        .collect();
    changed.join(" ")
}

/// Whether a path fits a pattern, in which `*` stands for a part of a name.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path.strip_prefix(before).is_some_and(|rest| {
            let name = rest.split('/').next().unwrap_or_default();
            (0..=name.len()).any(|end| rest.is_char_boundary(end) && fits(after, &rest[end..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{delegated, read};

    #[test]
    fn variables_and_rules_are_followed() {
        let text = "SRC = $(wildcard src/*.c)\nOBJ := $(SRC:.c=.o)\nBIN ?= tool\nall: $(BIN)\n$(BIN): $(OBJ)\n\t$(CC) -o $@ $^ -lm \\\n\t  -lz\n";
        let makefile = read(text, &["src/a.c", "src/b.c", "a.h"]);
        assert_eq!(makefile.default_target().unwrap().0, "all");
        let rules = makefile.leading("all");
        assert_eq!(rules[1].targets, ["tool"]);
        assert_eq!(rules[1].needs, ["src/a.o", "src/b.o"]);
        assert!(rules[1].recipe[0].ends_with("-lz"));
    }

    #[test]
    fn conditions_are_followed_as_far_as_the_file_tells() {
        let text = "UNAME := $(shell uname -s)\nifeq ($(UNAME), Linux)\n\tLIBS += -lrt\nelse ifeq ($(UNAME),Darwin)\nLIBS += -lmac\nelse\nLIBS += -lother\nendif\nifdef DEBUG\nLIBS += -ldebug\nendif\nifneq \"$(CC)\" \"emcc\"\nLIBS += -lz\nendif\nall: x\n";
        assert_eq!(read(text, &[]).variable("LIBS", &[]), "-lrt -lz");
    }

    #[test]
    fn folders_in_which_make_is_called_again() {
        assert_eq!(delegated("cd src && make all"), ["src"]);
        assert_eq!(delegated("@make -C lib/x install"), ["lib/x"]);
        assert_eq!(
            delegated("for d in a b; do make -C $d all; done"),
            ["a", "b"]
        );
        assert!(delegated("cc -o make-it x.c").is_empty());
    }

    #[test]
    fn what_no_rule_is_for_is_handed_on() {
        let text = "SUBDIRS = src\ndefault: all\n\n.DEFAULT:\n\tfor d in $(SUBDIRS); do $(MAKE) -C $$d $@; done\n";
        let makefile = read(text, &[]);
        let rules = makefile.leading(makefile.default_target().unwrap().0);
        let command = makefile.expand(&rules[1].recipe[0], &[], 0);
        assert_eq!(delegated(&command), ["src"]);
    }

    #[test]
    fn a_goal_may_be_a_variable() {
        let text =
            "BIN := build\n.DEFAULT_GOAL := $(BIN) \ntest: x\n$(BIN): main.c\n\tcc -o $@ $^\n";
        assert_eq!(read(text, &[]).default_target(), Some(("build", 4)));
    }

    #[test]
    fn a_circle_of_variables_ends() {
        let makefile = read("A = $(B)x\nB = $(A)y\nall: $(A)\n", &[]);
        assert_eq!(makefile.default_target().unwrap().0, "all");
        assert_eq!(makefile.leading("all").len(), 1);
    }
}
