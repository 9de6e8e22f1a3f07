//! Instructions of every kind, made at random through the constructors that everyone has.

#![expect(
    clippy::unwrap_used,
    reason = "what the strategies make is valid, and a failure shows it"
)]

use dockwright::dockerfile::{
    Access, Add, Arg, Arguments, Check, CommandLine, Copy, Device, Env, EnvName, Expose, FlagText,
    FlagWord, From, Healthcheck, Heredoc, Instruction, Interval, Label, LabelName, Line,
    Maintainer, Mount, Network, Onbuild, Run, RunCommand, Script, SecretEnv, Security, Sharing,
    ShellLine, StageName, Token, Transfer, TransferSource, Volume, Word,
};
use proptest::{collection::vec, option, prelude::*};

/// Text with everything in it that has a meaning somewhere.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z/.:=,-]{1,6}",
        1 => Just(" ".to_owned()),
        1 => Just("'".to_owned()),
        1 => Just("\"".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("`".to_owned()),
        1 => Just("$".to_owned()),
        1 => Just("${".to_owned()),
        1 => Just("}".to_owned()),
        1 => Just("#".to_owned()),
        1 => Just("[".to_owned()),
        1 => Just("]".to_owned()),
        1 => Just("<<EOF".to_owned()),
        1 => Just("<<-'X'".to_owned()),
        1 => Just("--".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\u{a0}".to_owned()),
        1 => Just("\u{feff}".to_owned()),
        1 => Just("é".to_owned()),
        1 => Just("\u{1f433}".to_owned()),
    ];
    vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// Text with variables in every form.
pub(crate) fn template() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => text(),
        2 => Just("$NAME".to_owned()),
        1 => Just("${NAME}".to_owned()),
        1 => Just("${NAME:-a b}".to_owned()),
        1 => Just("${NAME-\"'}".to_owned()),
        1 => Just("${NAME:+${OTHER:-x}}".to_owned()),
        1 => Just("${NAME:?it must be set}".to_owned()),
        1 => Just("${NAME#*/}".to_owned()),
        1 => Just("${NAME%%.*}".to_owned()),
        1 => Just("${NAME/a b/c}".to_owned()),
        1 => Just("${NAME//a/\\}}".to_owned()),
    ];
    vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// A word, by one of its constructors.
pub(crate) fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        text().prop_filter_map("no word", |text| Word::literal(&text).ok()),
        template().prop_filter_map("no word", |text| Word::template(&text).ok()),
        template().prop_filter_map("no word", |text| Word::raw(&text).ok()),
    ]
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![
        text().prop_filter_map("no token", |text| Token::literal(&text).ok()),
        template().prop_filter_map("no token", |text| Token::template(&text).ok()),
    ]
}

fn flag_word() -> impl Strategy<Value = FlagWord> {
    prop_oneof![
        text().prop_filter_map("no flag", |text| FlagWord::literal(&text).ok()),
        template().prop_filter_map("no flag", |text| FlagWord::template(&text).ok()),
    ]
}

fn flag_text() -> impl Strategy<Value = FlagText> {
    text().prop_filter_map("no flag", |text| FlagText::new(&text).ok())
}

/// The name of a stage behind `--from`, which has no sign in it that would be expanded.
fn source() -> impl Strategy<Value = FlagText> {
    "[a-z0-9./:-]{1,8}".prop_filter_map("no source", |text| FlagText::new(&text).ok())
}

fn name() -> impl Strategy<Value = EnvName> {
    "[A-Za-z_][A-Za-z0-9_]{0,6}".prop_filter_map("no name", |name| EnvName::new(&name).ok())
}

fn label_name() -> impl Strategy<Value = LabelName> {
    text().prop_filter_map("no name", |name| LabelName::new(&name).ok())
}

fn shell_line() -> impl Strategy<Value = ShellLine> {
    text().prop_filter_map("no line", |text| ShellLine::new(&text).ok())
}

fn script() -> impl Strategy<Value = Script> {
    vec(
        prop_oneof![9 => text(), 1 => Just("EOF".to_owned()), 1 => Just("EOF2\r".to_owned())],
        1..5,
    )
    .prop_filter_map("no script", |lines| Script::new(&lines.join("\n")).ok())
}

fn command_line() -> impl Strategy<Value = CommandLine> {
    prop_oneof![
        vec(any::<String>(), 0..4).prop_map(CommandLine::Exec),
        shell_line().prop_map(CommandLine::Shell),
    ]
}

fn heredoc() -> impl Strategy<Value = Heredoc> {
    let name = "[A-Za-z0-9_.]{1,6}";
    (name, vec(text(), 0..4), any::<bool>()).prop_filter_map(
        "no heredoc",
        |(name, lines, is_literal)| {
            let content = lines.join("\n");
            if is_literal {
                Heredoc::literal(&name, &content).ok()
            } else {
                Heredoc::template(&name, &content).ok()
            }
        },
    )
}

fn transfer() -> impl Strategy<Value = Transfer> {
    let source = prop_oneof![
        3 => word().prop_map(TransferSource::Path),
        1 => heredoc().prop_map(TransferSource::Inline),
    ];
    (vec(source, 1..4), word()).prop_filter_map("no transfer", |(sources, destination)| {
        Transfer::new(sources, destination).ok()
    })
}

fn mount() -> impl Strategy<Value = Mount> {
    let access = prop_oneof![Just(Access::ReadOnly), Just(Access::ReadWrite)];
    let sharing = proptest::sample::select(&Sharing::ALL[..]);
    let bind = (
        flag_word(),
        option::of(source()),
        option::of(flag_word()),
        option::of(access.clone()),
    )
        .prop_map(|(target, from, source, access)| {
            let mut mount = Mount::bind(target);
            if let Some(from) = from {
                mount = mount.with_from(from).unwrap();
            }
            if let Some(source) = source {
                mount = mount.with_source(source).unwrap();
            }
            if let Some(access) = access {
                mount = mount.with_access(access).unwrap();
            }
            mount
        });
    let cache = (
        flag_word(),
        option::of(flag_word()),
        option::of(sharing),
        option::of(0..0o7777_u32),
        any::<u32>(),
    )
        .prop_map(|(target, id, sharing, mode, owner)| {
            let mut mount = Mount::cache(target);
            if let Some(id) = id {
                mount = mount.with_id(id);
            }
            if let Some(sharing) = sharing {
                mount = mount.with_sharing(sharing).unwrap();
            }
            if let Some(mode) = mode {
                mount = mount
                    .with_mode(mode)
                    .unwrap()
                    .with_uid(owner)
                    .unwrap()
                    .with_gid(owner)
                    .unwrap();
            }
            mount
        });
    let tmpfs =
        (flag_word(), option::of("[1-9][0-9]{0,3}(k|m|gib)?")).prop_map(|(target, size)| {
            let mount = Mount::tmpfs(target);
            match size {
                Some(size) => mount.with_size(FlagWord::literal(&size).unwrap()).unwrap(),
                None => mount,
            }
        });
    let env = prop_oneof![
        Just(SecretEnv::Default),
        flag_word().prop_map(SecretEnv::Name)
    ];
    let secret = (
        flag_word(),
        option::of(flag_word()),
        option::of(env),
        any::<bool>(),
    )
        .prop_map(|(id, target, env, required)| {
            let mut mount = Mount::secret(id).with_required(required).unwrap();
            if let Some(target) = target {
                mount = mount.with_target(target);
            }
            if let Some(env) = env {
                mount = mount.with_env(env).unwrap();
            }
            mount
        });
    prop_oneof![bind, cache, tmpfs, secret, Just(Mount::ssh())]
}

fn run() -> impl Strategy<Value = Run> {
    let command = prop_oneof![
        3 => script().prop_map(RunCommand::Script),
        1 => vec(any::<String>(), 0..4).prop_map(RunCommand::Exec),
    ];
    let device = (flag_text(), any::<bool>()).prop_filter_map("no device", |(name, required)| {
        Some(Device { name, required })
    });
    (
        vec(mount(), 0..3),
        option::of(proptest::sample::select(&Network::ALL[..])),
        option::of(proptest::sample::select(&Security::ALL[..])),
        vec(device, 0..2),
        command,
    )
        .prop_map(|(mounts, network, security, devices, command)| Run {
            mounts,
            network,
            security,
            devices,
            command,
        })
}

fn copy() -> impl Strategy<Value = Copy> {
    (
        option::of(source()),
        option::of(flag_word()),
        option::of("[0-7]{3,4}"),
        any::<bool>(),
        any::<bool>(),
        vec(flag_text(), 0..2),
        transfer(),
    )
        .prop_map(|(from, chown, chmod, link, parents, exclude, files)| Copy {
            from,
            chown,
            chmod: chmod.map(|mode| FlagWord::literal(&mode).unwrap()),
            link,
            parents,
            exclude,
            files,
        })
}

fn add() -> impl Strategy<Value = Add> {
    (
        option::of(flag_word()),
        any::<bool>(),
        option::of(any::<bool>()),
        option::of(any::<bool>()),
        vec(flag_text(), 0..2),
        transfer(),
    )
        .prop_map(|(chown, link, keep_git_dir, unpack, exclude, files)| Add {
            chown,
            link,
            keep_git_dir,
            unpack,
            exclude,
            ..Add::new(files)
        })
}

fn healthcheck() -> impl Strategy<Value = Healthcheck> {
    let interval =
        || option::of("[1-9][0-9]?(ms|s|m)".prop_map(|text| Interval::new(&text).unwrap()));
    let check = (
        interval(),
        interval(),
        interval(),
        interval(),
        option::of(0..100_u32),
        command_line(),
    );
    prop_oneof![
        1 => Just(Healthcheck::None),
        4 => check.prop_filter_map("no check", |(interval, timeout, start_period, start_interval, retries, command)| {
            let mut check = Check::new(command).ok()?;
            check.interval = interval;
            check.timeout = timeout;
            check.start_period = start_period;
            check.start_interval = start_interval;
            check.retries = retries;
            Some(Healthcheck::Command(Box::new(check)))
        }),
    ]
}

/// Instructions of every kind.
pub(crate) fn instruction() -> BoxedStrategy<Instruction> {
    let from = (
        option::of(flag_word()),
        token(),
        option::of("[a-z][a-z0-9]{0,2}((-|--|__?|[.])[a-z0-9]{1,2}){0,2}"),
    )
        .prop_map(|(platform, image, name)| {
            Instruction::From(From {
                platform,
                image,
                name: name.map(|name| StageName::new(&name).unwrap()),
            })
        });
    let arg = vec((name(), option::of(word())), 1..4)
        .prop_map(|list| Instruction::Arg(Arg::new(list).unwrap()));
    let env =
        vec((name(), word()), 1..4).prop_map(|list| Instruction::Env(Env::new(list).unwrap()));
    let label = vec((label_name(), word()), 1..4)
        .prop_map(|list| Instruction::Label(Label::new(list).unwrap()));
    let port =
        "[1-9][0-9]{0,3}(/udp|/tcp)?".prop_filter_map("no port", |port| Token::literal(&port).ok());
    let expose = vec(port, 1..4).prop_map(|list| Instruction::Expose(Expose::new(list).unwrap()));
    let volume = vec(word(), 1..4).prop_filter_map("no volume", |list| {
        Volume::new(list).ok().map(Instruction::Volume)
    });
    let shell = vec(any::<String>(), 1..4)
        .prop_map(|list| Instruction::Shell(Arguments::new(list).unwrap()));
    let signal = prop_oneof!["(SIG)?(TERM|INT|QUIT|KILL)", "[1-9]"]
        .prop_map(|signal| Instruction::StopSignal(Word::literal(&signal).unwrap()));
    let maintainer = text().prop_filter_map("no maintainer", |text| {
        let line = Line::new(&text).ok()?;
        Maintainer::new(line).ok().map(Instruction::Maintainer)
    });
    let plain = prop_oneof![
        from,
        arg,
        env,
        label,
        run().prop_map(Instruction::Run),
        copy().prop_map(Instruction::Copy),
        add().prop_map(Instruction::Add),
        command_line().prop_map(Instruction::Cmd),
        command_line().prop_map(Instruction::Entrypoint),
        healthcheck().prop_map(Instruction::Healthcheck),
        word().prop_map(Instruction::Workdir),
        word().prop_map(Instruction::User),
        expose,
        volume,
        shell,
        signal,
        maintainer,
    ]
    .boxed();
    let onbuild = plain.clone().prop_filter_map("no trigger", |instruction| {
        Onbuild::new(instruction).ok().map(Instruction::Onbuild)
    });
    prop_oneof![9 => plain, 1 => onbuild].boxed()
}
