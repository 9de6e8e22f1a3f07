//! Writing into a spec: its comments and its layout stay, only what is said changes.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::normal::SHORT;

/// One change of a spec.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Say a key, whatever it said before. The path names tables and then the key.
    Set(Vec<String>, Value),
    /// Say a key no more.
    Unset(Vec<String>),
    /// Add a step to a stage, or say one anew.
    Step {
        /// The stage.
        stage: String,
        /// The step.
        step: String,
        /// Where it stands if it is new: `after` or `before`, and the step next to it.
        anchor: Option<(&'static str, String)>,
        /// The instruction, as a Dockerfile has it.
        dockerfile: String,
    },
    /// Leave out a step of a stage.
    Drop {
        /// The stage.
        stage: String,
        /// The step.
        step: String,
    },
    /// Add a stage.
    Stage {
        /// Its name.
        name: String,
        /// What it is built on: `stage:NAME` or an image.
        from: String,
    },
}

impl Edit {
    /// Says a key by a value that is spelled as TOML. Nothing comes of what is none.
    pub fn spelled(path: &[&str], value: &str) -> Option<Self> {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Some(Self::Set(path, value.parse().ok()?))
    }
}

/// A spec with these changes. Nothing comes of a text that is no TOML.
pub fn edit(text: &str, edits: &[Edit]) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    for edit in edits {
        apply(&mut document, edit);
    }
    Some(document.to_string())
}

fn apply(document: &mut DocumentMut, edit: &Edit) {
    match edit {
        Edit::Set(path, value) => set(document, path, value.clone()),
        Edit::Unset(path) => unset(document, path),
        Edit::Step {
            stage,
            step,
            anchor,
            dockerfile,
        } => {
            let path = |key: &str| {
                ["stages", stage, "steps", step, key]
                    .map(ToOwned::to_owned)
                    .to_vec()
            };
            if let Some((side, anchor)) = anchor {
                set(document, &path(side), anchor.as_str().into());
            }
            set(document, &path("dockerfile"), dockerfile.as_str().into());
        }
        Edit::Drop { stage, step } => {
            let path = ["stages".to_owned(), stage.clone(), "drop".to_owned()];
            let mut dropped = match item(document, &path) {
                Some(Item::Value(Value::Array(array))) => array.clone(),
                _ => Array::new(),
            };
            dropped.push(step.as_str());
            set(document, &path, Value::Array(dropped));
        }
        Edit::Stage { name, from } => {
            set(
                document,
                &["stages".to_owned(), name.clone(), "from".to_owned()],
                from.as_str().into(),
            );
        }
    }
}

fn item<'a>(document: &'a DocumentMut, path: &[String]) -> Option<&'a Item> {
    path.iter()
        .try_fold(document.as_item(), |item, key| item.get(key))
}

fn set(document: &mut DocumentMut, path: &[String], mut value: Value) {
    let Some((last, tables)) = short(document, path).split_last() else {
        return;
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let mut is_inline = false;
    for (depth, key) in tables.iter().enumerate() {
        if depth == 0 {
            lengthen(table, key);
        }
        let next = table.entry(key).or_insert_with(|| {
            let mut new = Table::new();
            // A header for a table that only holds other tables would say nothing.
            new.set_implicit(true);
            Item::Table(new)
        });
        if !next.is_table_like() {
            *next = Item::Table(Table::new());
        }
        is_inline = next.is_inline_table();
        let Some(found) = next.as_table_like_mut() else {
            return;
        };
        table = found;
    }
    if let Some(old) = table.get_mut(last).and_then(Item::as_value_mut) {
        if let (Some(old), Some(new)) = (old.as_array_mut(), value.as_array())
            && relist(old, new)
        {
            return;
        }
        // What stands around a value, its comment too, stays with it.
        *value.decor_mut() = old.decor().clone();
        *old = value;
        return;
    }
    // The blank before the brace that ends an inline table belongs to its last value.
    let last_value = table.iter_mut().last().map(|(_, item)| item);
    if let Some(Item::Value(before)) = last_value.filter(|_| is_inline) {
        before.decor_mut().set_suffix("");
    }
    table.insert(last, Item::Value(value));
}

/// The path of a key, or of its short form where the spec has that and no more is to be said.
fn short<'a>(document: &DocumentMut, path: &'a [String]) -> &'a [String] {
    let [key, long] = path else {
        return path;
    };
    let is_short = |item: &Item| item.is_value() && !item.is_inline_table();
    let has_short = SHORT.contains(&(key, long)) && document.get(key).is_some_and(is_short);
    if has_short { &path[..1] } else { path }
}

/// Makes a list another one, and leaves the layout and the comments of the items that stay. Nothing is done, and that is
/// told, where these would have to change their order.
fn relist(list: &mut Array, new: &Array) -> bool {
    let word = |value: &Value| value.clone().decorated("", "").to_string();
    let old: Vec<String> = list.iter().map(word).collect();
    let new: Vec<(String, &Value)> = new.iter().map(|value| (word(value), value)).collect();
    let stay: Vec<&String> = old
        .iter()
        .filter(|item| new.iter().any(|(word, _)| word == *item))
        .collect();
    let kept: Vec<&String> = new
        .iter()
        .map(|(word, _)| word)
        .filter(|word| old.contains(word))
        .collect();
    if stay != kept {
        return false;
    }
    for index in (0..old.len()).rev() {
        if !stay.contains(&&old[index]) {
            remove(list, index);
        }
    }
    for (index, (word, value)) in new.iter().enumerate() {
        if !old.contains(word) {
            let above = index.checked_sub(1).and_then(|above| list.get(above));
            let prefix = above.or(list.get(index)).map(before).unwrap_or_default();
            // A comment is that of the item that it stands with.
            let line = prefix.rfind('\n').map_or("", |line| &prefix[line..]);
            let prefix = if line.is_empty() && index > 0 {
                " "
            } else {
                line
            };
            list.insert_formatted(index, (*value).clone().decorated(prefix, ""));
        }
    }
    true
}

/// What stands before a value.
fn before(value: &Value) -> String {
    let prefix = value
        .decor()
        .prefix()
        .and_then(toml_edit::RawString::as_str);
    prefix.unwrap_or_default().to_owned()
}

/// Takes an item out of a list. A comment behind an item on its line stands before the next one, as TOML is read.
fn remove(list: &mut Array, index: usize) {
    let removed = before(&list.remove(index));
    let next = match list.get(index) {
        Some(next) => before(next),
        None => list.trailing().as_str().unwrap_or_default().to_owned(),
    };
    let line = |text: &str| text.find('\n').unwrap_or(text.len());
    let (of_earlier, of_next) = (&removed[..line(&removed)], &next[line(&next)..]);
    let prefix = if of_earlier.contains('#') {
        format!("{of_earlier}{of_next}")
    } else if next.contains('\n') {
        of_next.to_owned()
    } else if index == 0 {
        removed
    } else {
        next
    };
    match list.get_mut(index) {
        Some(next) => next.decor_mut().set_prefix(prefix),
        None => list.set_trailing(prefix),
    }
}

fn unset(document: &mut DocumentMut, path: &[String]) {
    let Some((last, tables)) = path.split_last() else {
        return;
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in tables {
        match table.get_mut(key).and_then(Item::as_table_like_mut) {
            Some(next) => table = next,
            None => return,
        }
    }
    table.remove(last);
}

/// Turns the short form of a key into a table, so that there can be more in it.
fn lengthen(table: &mut dyn TableLike, key: &str) {
    let Some(item) = table.get_mut(key) else {
        return;
    };
    let Some(value) = item
        .as_value()
        .filter(|value| !value.is_inline_table())
        .cloned()
    else {
        return;
    };
    let long = match (key, value.as_str()) {
        ("healthcheck", Some(text)) if text != "tcp" => Some("http"),
        _ => SHORT
            .iter()
            .find(|(short, _)| *short == key)
            .map(|(_, long)| *long),
    };
    if let Some(long) = long {
        let mut inline = InlineTable::new();
        let mut value = value;
        value.decor_mut().clear();
        inline.insert(long, value);
        *item = Item::Value(Value::InlineTable(inline));
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, edit};

    fn set(path: &str, value: impl Into<toml_edit::Value>) -> Edit {
        Edit::Set(
            path.split('.').map(ToOwned::to_owned).collect(),
            value.into(),
        )
    }

    #[test]
    fn comments_and_layout_stay() {
        let spec = "# A service.\nname = \"a\"  # its name\nbase = \"python:3.11-slim\" # pinned\n\n[env]\nA = \"1\"\n";
        let edits = [
            set("base", "python:3.12-slim"),
            set("env.B", "2"),
            set("ports", toml_edit::Array::from_iter([80])),
        ];
        let expected = "# A service.\nname = \"a\"  # its name\nbase = \"python:3.12-slim\" # pinned\nports = [80]\n\n[env]\nA = \"1\"\nB = \"2\"\n";
        assert_eq!(edit(spec, &edits).unwrap(), expected);
    }

    #[test]
    fn the_items_of_a_list_keep_their_comments() {
        let spec = "exclude = [\n  \"a\", # first\n  # above\n  \"b\",\n  \"c\", # last\n]\n";
        let list = |items: &[&str]| {
            let list: toml_edit::Array = items.iter().copied().collect();
            edit(spec, &[set("exclude", list)]).unwrap()
        };
        assert_eq!(
            list(&["a", "c"]),
            "exclude = [\n  \"a\", # first\n  \"c\", # last\n]\n"
        );
        assert_eq!(
            list(&["a", "b"]),
            "exclude = [\n  \"a\", # first\n  # above\n  \"b\",\n]\n"
        );
        assert_eq!(
            list(&["b", "c"]),
            "exclude = [\n  # above\n  \"b\",\n  \"c\", # last\n]\n"
        );
        assert_eq!(
            list(&["a", "b", "x", "c"]),
            "exclude = [\n  \"a\", # first\n  # above\n  \"b\",\n  \"x\",\n  \"c\", # last\n]\n"
        );
        let spec = "a = { b = [1, 2], c = 3 }\n";
        let list: toml_edit::Array = [1, 2, 4].into_iter().collect();
        assert_eq!(
            edit(spec, &[set("a.b", list), set("a.d", 5)]).unwrap(),
            "a = { b = [1, 2, 4], c = 3, d = 5 }\n"
        );
    }

    #[test]
    fn a_short_form_grows_into_a_table_only_where_it_must() {
        let packages = toml_edit::Array::from_iter(["a", "b"]);
        let edits = [set("packages.runtime", packages)];
        let spec = "packages = [\"a\"] # all\n";
        assert_eq!(
            edit(spec, &edits).unwrap(),
            "packages = [\"a\", \"b\"] # all\n"
        );
        let spec = "user = \"bot\"\nhealthcheck = \"/health\"\n";
        let edits = [set("user.uid", 1000), set("healthcheck.interval", "10s")];
        let expected = "user = { name = \"bot\", uid = 1000 }\nhealthcheck = { http = \"/health\", interval = \"10s\" }\n";
        assert_eq!(edit(spec, &edits).unwrap(), expected);
    }

    #[test]
    fn steps_are_added_and_dropped() {
        let step = Edit::Step {
            stage: "runtime".to_owned(),
            step: "adopted".to_owned(),
            anchor: Some(("after", "workdir".to_owned())),
            dockerfile: "RUN true".to_owned(),
        };
        let drop = Edit::Drop {
            stage: "runtime".to_owned(),
            step: "labels".to_owned(),
        };
        let expected = "name = \"a\"\n\n[stages.runtime]\ndrop = [\"labels\"]\n\n[stages.runtime.steps.adopted]\nafter = \"workdir\"\ndockerfile = \"RUN true\"\n";
        assert_eq!(edit("name = \"a\"\n", &[step, drop]).unwrap(), expected);
    }
}
