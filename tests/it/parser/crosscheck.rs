//! Another parser on the same files. Where it reads something else than ours, the case is listed with what
//! differs, so that a new difference shows.

use std::fs;

use dockwright::dockerfile::parse;
use parse_dockerfile::{Instruction, parse as parse_otherwise};

use super::cases;
use crate::support::{Differences, tests};

/// The keyword of an instruction and where it begins.
fn keyword(instruction: &Instruction) -> Option<(&'static str, usize)> {
    let (name, keyword) = match instruction {
        Instruction::Add(add) => ("ADD", &add.add),
        Instruction::Arg(arg) => ("ARG", &arg.arg),
        Instruction::Cmd(cmd) => ("CMD", &cmd.cmd),
        Instruction::Copy(copy) => ("COPY", &copy.copy),
        Instruction::Entrypoint(entrypoint) => ("ENTRYPOINT", &entrypoint.entrypoint),
        Instruction::Env(env) => ("ENV", &env.env),
        Instruction::Expose(expose) => ("EXPOSE", &expose.expose),
        Instruction::From(from) => ("FROM", &from.from),
        Instruction::Healthcheck(healthcheck) => ("HEALTHCHECK", &healthcheck.healthcheck),
        Instruction::Label(label) => ("LABEL", &label.label),
        Instruction::Maintainer(maintainer) => ("MAINTAINER", &maintainer.maintainer),
        Instruction::Onbuild(onbuild) => ("ONBUILD", &onbuild.onbuild),
        Instruction::Run(run) => ("RUN", &run.run),
        Instruction::Shell(shell) => ("SHELL", &shell.shell),
        Instruction::Stopsignal(stopsignal) => ("STOPSIGNAL", &stopsignal.stopsignal),
        Instruction::User(user) => ("USER", &user.user),
        Instruction::Volume(volume) => ("VOLUME", &volume.volume),
        Instruction::Workdir(workdir) => ("WORKDIR", &workdir.workdir),
        _ => return None,
    };
    Some((name, keyword.span.start))
}

#[test]
fn another_parser_reads_the_same_but_for_what_is_listed() {
    let mut list = String::from(
        "# Edge files that the crate parse-dockerfile reads otherwise than we and BuildKit do.\n",
    );
    for case in cases() {
        let bytes = fs::read(&case.path).unwrap();
        let document = parse(&bytes);
        let ours: Vec<(&str, usize)> = document
            .statements()
            .map(|statement| {
                (
                    statement.instruction.keyword(),
                    statement.place.keyword.start,
                )
            })
            .collect();
        let what = match std::str::from_utf8(&bytes) {
            Err(_) => "it takes UTF-8 alone",
            Ok(text) => match parse_otherwise(text) {
                Ok(_) if case.refused => "it accepts the file",
                Err(_) if case.refused => continue,
                Err(_) => "it refuses the file",
                Ok(theirs) => {
                    let theirs: Vec<_> = theirs.instructions.iter().filter_map(keyword).collect();
                    if theirs == ours {
                        continue;
                    }
                    "it reads other instructions, or in other places"
                }
            },
        };
        list.extend([case.name.as_str(), ": ", what, "\n"]);
    }
    let mut differences = Differences::default();
    differences.compare(&tests("parser/parse-dockerfile-differences.txt"), &list);
    differences.finish();
}
