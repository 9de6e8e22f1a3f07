//! The form of `[migrate.build]`: how old files build a program in one stage and copy it out of it.

use crate::data::{Key, Shape};

/// The keys of `[migrate.build]`.
pub(super) fn keys() -> Vec<Key> {
    let line = |name, help| Key::new(name, help, Shape::line()).required();
    let lines = |name, help| Key::new(name, help, Shape::lines());
    vec![
        lines(
            "images",
            "The images that such programs are built and run on, by name.",
        )
        .required(),
        lines("runs-on", "Images that they are only run on."),
        lines("begins", "How the commands begin that build.").required(),
        lines("beside", "Targets that build nothing which is copied out."),
        lines("folder-flags", "Flags before the folder that is built in."),
        line("folder-option", "The option that holds that folder."),
        lines(
            "jobs-flags",
            "Flags before the number of jobs; without one there is no limit.",
        ),
        lines(
            "all-jobs",
            "What a shell is given for as many jobs as there are processors.",
        ),
        line("jobs-option", "The option that holds the number of jobs."),
        lines("flags", "Flags that change nothing here."),
        line("targets-option", "The option that holds the targets."),
        line(
            "variables-option",
            "The option that holds the variables that it is given.",
        ),
        line(
            "artifacts-option",
            "The option that holds what is copied out, and where it lands.",
        ),
        line(
            "artifacts-step",
            "The step of the stage that runs which copies it.",
        ),
        line(
            "prepares-in",
            "The stage that has what builds, and no sources.",
        ),
        line("builds-in", "The stage that builds."),
        line("build-step", "The step of that stage which builds."),
        Key::new(
            "brings",
            "Packages that bring others of the compiler which the preset installs.",
            Shape::list(Shape::Table(vec![
                line("package", "The package."),
                lines("packages", "What it brings.").required(),
                Key::new(
                    "recommended",
                    "Whether they come only where what is recommended is installed.",
                    Shape::Boolean,
                ),
            ])),
        ),
        line(
            "cache-option",
            "The option that says whether objects come from a cache.",
        ),
        lines(
            "upsets-cache",
            "Words by which a file has a compiler or a cache of its own.",
        ),
        lines("objects", "How the names of objects end."),
        lines("sources", "How the names end of what objects are made of."),
        lines(
            "scripts",
            "How the names end of files that say how something is built.",
        ),
        Key::new(
            "reads",
            "Programs that such files may call, and what these read that the preset keeps out.",
            Shape::list(Shape::Table(vec![
                line("program", "The program."),
                line("folder", "What it reads."),
            ])),
        ),
    ]
}
