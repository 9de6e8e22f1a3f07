//! The options within `--mount` and `--device`, read and listed: fields with commas between them.

use super::{
    instruction::Device,
    invalid::Invalid,
    mistake::{self, MistakeKind},
    mount::{Access, Choice, Mount, MountKind, SecretEnv, Sharing, is_size},
    quoting::Escape,
    words::{FlagText, FlagWord, Word},
};

/// The fields of one record. A field in double quotes may hold commas, and doubled quotes.
fn fields(record: &str) -> Option<Vec<String>> {
    if record.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let mut field = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted;
            loop {
                let (before, after) = rest.split_once('"')?;
                field.push_str(before);
                rest = after;
                let Some(after) = rest.strip_prefix('"') else {
                    break;
                };
                field.push('"');
                rest = after;
            }
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            field.push_str(&rest[..end]);
            rest = &rest[end..];
            if field.contains('"') {
                return None;
            }
        }
        fields.push(field);
        match rest.strip_prefix(',') {
            // A comma at the very end behind a quoted field begins one more field, an empty one.
            Some(after) => rest = after,
            None => return Some(fields),
        }
    }
}

/// A switch as Go writes it.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A number without a sign, small enough for 32 bits.
fn number(text: &str, radix: u32) -> Option<u32> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    u32::from_str_radix(text, radix).ok().filter(|_| is_digits)
}

/// Reads one `--mount`.
pub(super) fn mount(value: &str, escape: Escape) -> Result<Mount, MistakeKind> {
    let fields = fields(value).ok_or_else(|| MistakeKind::OptionList(value.to_owned()))?;
    let mut mount = Mount::of(MountKind::Bind);
    for field in &fields {
        option(&mut mount, field, escape)?;
    }
    whole(&mount)?;
    Ok(mount)
}

fn option(mount: &mut Mount, field: &str, escape: Escape) -> Result<(), MistakeKind> {
    let (name, value) = match field.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (field, None),
    };
    let key = name.to_lowercase();
    let Some(value) = value else {
        return bare_option(mount, &key, field);
    };
    let wrong = |known: Vec<&'static str>| MistakeKind::Value {
        of: key.clone(),
        value: value.to_owned(),
        known,
    };
    if key == "from" && value.find('$').is_some_and(|at| at + 1 < value.len()) {
        return Err(MistakeKind::FromVariable(value.to_owned()));
    }
    let word = match Word::read(value, escape) {
        Ok(word) => FlagWord::from_word(word),
        Err(Invalid::Word(error)) => return Err(MistakeKind::Word(error)),
        Err(other) => return Err(MistakeKind::Invalid(other)),
    };
    let optional = || Some(word.clone()).filter(|word| !word.as_str().is_empty());
    match key.as_str() {
        "type" => {
            mount.kind = choose(&word, |text| {
                let lower = text.to_lowercase();
                MountKind::ALL.into_iter().find(|kind| kind.word() == lower)
            })
            .ok_or_else(|| wrong(mistake::mount_kinds()))?;
        }
        "from" => mount.from = Some(FlagText::read(value)).filter(|from| !from.as_str().is_empty()),
        "source" | "src" => mount.source = optional(),
        "target" | "dst" | "destination" => mount.target = optional(),
        "id" => mount.id = optional(),
        "readonly" | "ro" => {
            mount.access = Some(
                match choose(&word, boolean).ok_or_else(|| wrong(Vec::new()))? {
                    Choice::Fixed(true) => Access::ReadOnly,
                    Choice::Fixed(false) => Access::ReadWrite,
                    Choice::Variable(variable) => Access::ReadOnlyIf(variable),
                },
            );
        }
        "readwrite" | "rw" => {
            mount.access = Some(
                match choose(&word, boolean).ok_or_else(|| wrong(Vec::new()))? {
                    Choice::Fixed(true) => Access::ReadWrite,
                    Choice::Fixed(false) => Access::ReadOnly,
                    Choice::Variable(variable) => Access::ReadWriteIf(variable),
                },
            );
        }
        "required" => {
            allow(mount, "required", &[MountKind::Secret, MountKind::Ssh])?;
            mount.required = Some(choose(&word, boolean).ok_or_else(|| wrong(Vec::new()))?);
        }
        "size" => {
            allow(mount, "size", &[MountKind::Tmpfs])?;
            choose(&word, |text| is_size(text).then_some(())).ok_or_else(|| wrong(Vec::new()))?;
            mount.size = Some(word);
        }
        "sharing" => {
            let sharing = choose(&word, |text| {
                let lower = text.to_lowercase();
                Sharing::ALL
                    .into_iter()
                    .find(|sharing| sharing.word() == lower)
            });
            mount.sharing = Some(sharing.ok_or_else(|| wrong(mistake::sharings()))?);
        }
        "mode" => {
            mount.mode =
                Some(choose(&word, |text| number(text, 8)).ok_or_else(|| wrong(Vec::new()))?);
        }
        "uid" => {
            mount.uid =
                Some(choose(&word, |text| number(text, 10)).ok_or_else(|| wrong(Vec::new()))?);
        }
        "gid" => {
            mount.gid =
                Some(choose(&word, |text| number(text, 10)).ok_or_else(|| wrong(Vec::new()))?);
        }
        "env" => mount.env = Some(optional().map_or(SecretEnv::Default, SecretEnv::Name)),
        _ => return Err(MistakeKind::MountKey(key)),
    }
    Ok(())
}

/// An option that is named alone.
fn bare_option(mount: &mut Mount, key: &str, field: &str) -> Result<(), MistakeKind> {
    match key {
        "readonly" | "ro" => mount.access = Some(Access::ReadOnly),
        "readwrite" | "rw" => mount.access = Some(Access::ReadWrite),
        "required" => {
            allow(mount, "required", &[MountKind::Secret, MountKind::Ssh])?;
            mount.required = Some(Choice::Fixed(true));
        }
        _ => return Err(MistakeKind::MountField(field.to_owned())),
    }
    Ok(())
}

/// A value that is known and fits, or one that a variable has a part in.
fn choose<T>(word: &FlagWord, read: impl Fn(&str) -> Option<T>) -> Option<Choice<T>> {
    match word.word().text() {
        Some(text) => read(&text).map(Choice::Fixed),
        None => Some(Choice::Variable(word.clone())),
    }
}

fn allow(mount: &Mount, option: &'static str, kinds: &[MountKind]) -> Result<(), MistakeKind> {
    match mount.kind {
        Choice::Fixed(kind) if !kinds.contains(&kind) => Err(MistakeKind::MountOption {
            kind: kind.word(),
            option: option.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What can only be said when all options are read.
fn whole(mount: &Mount) -> Result<(), MistakeKind> {
    const OWNED: &[MountKind] = &[MountKind::Secret, MountKind::Ssh, MountKind::Cache];
    const NOT_SECRET: &[MountKind] = &[
        MountKind::Bind,
        MountKind::Cache,
        MountKind::Tmpfs,
        MountKind::Ssh,
    ];
    const NOT_SSH: &[MountKind] = &[
        MountKind::Bind,
        MountKind::Cache,
        MountKind::Tmpfs,
        MountKind::Secret,
    ];
    let rules: [(bool, &'static str, &[MountKind]); 6] = [
        (mount.mode.is_some(), "mode", OWNED),
        (mount.uid.is_some(), "uid", OWNED),
        (mount.gid.is_some(), "gid", OWNED),
        (mount.sharing.is_some(), "sharing", &[MountKind::Cache]),
        (mount.from.is_some(), "from", NOT_SECRET),
        (mount.source.is_some(), "source", NOT_SSH),
    ];
    for (is_set, option, kinds) in rules {
        if is_set {
            allow(mount, option, kinds)?;
        }
    }
    let is_file = matches!(
        mount.kind,
        Choice::Fixed(MountKind::Secret | MountKind::Ssh)
    );
    let target = mount
        .target
        .as_ref()
        .and_then(|target| target.word().text());
    if !is_file && target.as_deref() == Some("/") {
        return Err(MistakeKind::MountRoot);
    }
    if mount.kind == Choice::Fixed(MountKind::Secret) {
        if mount.source.is_none() && mount.target.is_none() && mount.id.is_none() {
            return Err(MistakeKind::SecretWithoutName);
        }
        if mount.source.is_some() && mount.id.is_some() {
            return Err(MistakeKind::SecretWithTwoNames);
        }
    }
    Ok(())
}

/// Reads one `--device`.
pub(super) fn device(value: &str) -> Result<Device, MistakeKind> {
    let fields = fields(value).ok_or_else(|| MistakeKind::OptionList(value.to_owned()))?;
    let mut name = String::new();
    let mut required = false;
    for field in &fields {
        match field.split_once('=') {
            None if field.eq_ignore_ascii_case("required") => required = true,
            None if name.is_empty() => name.clone_from(field),
            None => return Err(MistakeKind::MountField(field.clone())),
            Some((key, value)) => match key.to_lowercase().as_str() {
                "name" if name.is_empty() => value.clone_into(&mut name),
                "name" => return Err(MistakeKind::DeviceName(name)),
                "required" => {
                    required = boolean(value).ok_or_else(|| MistakeKind::Value {
                        of: "required".to_owned(),
                        value: value.to_owned(),
                        known: Vec::new(),
                    })?;
                }
                _ if name.is_empty() => name.clone_from(field),
                other => return Err(MistakeKind::MountKey(other.to_owned())),
            },
        }
    }
    Ok(Device {
        name: FlagText::read(&name),
        required,
    })
}

/// The options of a mount, one after the other, as they are printed.
pub(super) fn fields_of(mount: &Mount, spell: impl Fn(&FlagWord) -> String) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = |name: &str, value: Option<String>| {
        fields.extend(value.map(|value| format!("{name}={value}")));
    };
    let word = |word: &Option<FlagWord>| word.as_ref().map(&spell);
    field(
        "type",
        chosen(Some(&mount.kind), &spell, |kind| kind.word().to_owned()),
    );
    field("id", word(&mount.id));
    field(
        "from",
        mount.from.as_ref().map(|from| from.as_str().to_owned()),
    );
    field("source", word(&mount.source));
    field("target", word(&mount.target));
    field(
        "sharing",
        chosen(mount.sharing.as_ref(), &spell, |sharing| {
            sharing.word().to_owned()
        }),
    );
    match &mount.access {
        Some(Access::ReadOnly) => fields.push("readonly".to_owned()),
        Some(Access::ReadWrite) => fields.push("rw".to_owned()),
        Some(Access::ReadOnlyIf(word)) => fields.push(format!("readonly={}", spell(word))),
        Some(Access::ReadWriteIf(word)) => fields.push(format!("rw={}", spell(word))),
        None => {}
    }
    if mount.required == Some(Choice::Fixed(true)) {
        fields.push("required".to_owned());
    }
    let mut field = |name: &str, value: Option<String>| {
        fields.extend(value.map(|value| format!("{name}={value}")));
    };
    if mount.required != Some(Choice::Fixed(true)) {
        field(
            "required",
            chosen(mount.required.as_ref(), &spell, ToString::to_string),
        );
    }
    field("size", word(&mount.size));
    field(
        "mode",
        chosen(mount.mode.as_ref(), &spell, |mode| format!("{mode:04o}")),
    );
    field(
        "uid",
        chosen(mount.uid.as_ref(), &spell, ToString::to_string),
    );
    field(
        "gid",
        chosen(mount.gid.as_ref(), &spell, ToString::to_string),
    );
    field(
        "env",
        mount.env.as_ref().map(|env| match env {
            SecretEnv::Default => String::new(),
            SecretEnv::Name(name) => spell(name),
        }),
    );
    fields
}

fn chosen<T>(
    choice: Option<&Choice<T>>,
    spell: impl Fn(&FlagWord) -> String,
    show: impl Fn(&T) -> String,
) -> Option<String> {
    choice.map(|choice| match choice {
        Choice::Fixed(value) => show(value),
        Choice::Variable(word) => spell(word),
    })
}
