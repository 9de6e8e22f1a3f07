//! The form of `[migrate]` in a preset file: how old files do by hand what the preset does.

mod adds;
mod build;

use crate::data::{Key, Shape};

/// The keys of `[migrate]`.
pub(super) fn keys() -> Vec<Key> {
    vec![
        Key::new(
            "images",
            "The images that such a file is built on, by name.",
            Shape::lines(),
        ),
        Key::new(
            "too-old",
            "How the tags begin of images that the preset cannot build on.",
            Shape::lines(),
        ),
        Key::new(
            "installs",
            "How the commands begin that install packages.",
            Shape::lines(),
        ),
        Key::new(
            "file-flags",
            "The flags before a file that names packages.",
            Shape::lines(),
        ),
        Key::new(
            "file-option",
            "The option that holds those files.",
            Shape::line(),
        ),
        Key::new("flags", "Flags that change nothing here.", Shape::lines()),
        Key::new(
            "upgrade-flags",
            "Those that change something where a package is there already.",
            Shape::lines(),
        ),
        Key::new(
            "flags-option",
            "The option that holds the flags of the installing.",
            Shape::line(),
        ),
        Key::new(
            "value-flags",
            "Flags with a value that go into that option.",
            Shape::lines(),
        ),
        Key::new(
            "passed-flags",
            "Flags without a value that go into that option.",
            Shape::lines(),
        ),
        Key::new(
            "upgrades",
            "What is only installed to install others.",
            Shape::lines(),
        ),
        Key::new(
            "upgrades-of-its-own",
            "What is installed by its name before those files are read.",
            Shape::lines(),
        ),
        Key::new(
            "early-option",
            "The option that holds what is installed by its name before.",
            Shape::line(),
        ),
        Key::new(
            "named-option",
            "The option that holds what is installed by its name where no file says it.",
            Shape::line(),
        ),
        Key::new(
            "archives",
            "How names end that are those of files and not of packages.",
            Shape::lines(),
        ),
        Key::new(
            "bundled-option",
            "The option that holds what the image has and the environment gets too.",
            Shape::line(),
        ),
        Key::new(
            "indexes",
            "The flags by which nothing comes from the usual index.",
            Shape::lines(),
        ),
        Key::new("usual-index", "The usual index.", Shape::line()),
        Key::new(
            "bundled",
            "What images have that the preset's own environment has not.",
            Shape::list(Shape::Table(vec![
                Key::new(
                    "tags",
                    "How the tags of those images begin.",
                    Shape::lines(),
                )
                .required(),
                Key::new("packages", "What they have.", Shape::lines()).required(),
            ])),
        ),
        Key::new(
            "lock",
            "A program that installs what a lock file names: how old files get and call it, and where its files say what.",
            Shape::Table(lock_keys()),
        ),
        Key::new(
            "build",
            "A program that is built in one stage and copied out of it: how old files call what builds it.",
            Shape::Table(build::keys()),
        ),
        Key::new(
            "adds",
            "Commands of which an overlay does the work, and what of them its options say.",
            Shape::Table(adds::keys()),
        ),
        Key::new(
            "builds-wheels",
            "How the commands begin that build packages and install none.",
            Shape::lines(),
        ),
        Key::new(
            "prefix-flags",
            "The flags before a folder that packages are installed below.",
            Shape::lines(),
        ),
        Key::new(
            "find-flags",
            "The flags before a folder in which packages are looked for.",
            Shape::lines(),
        ),
        Key::new(
            "wheel-flags",
            "The flags before a folder that built packages are put into.",
            Shape::lines(),
        ),
        Key::new("installs-in", "The stage that installs.", Shape::line()),
        Key::new(
            "installed-at",
            "The folder that the preset installs into.",
            Shape::line(),
        ),
        Key::new(
            "environments",
            "How the commands begin that make a folder to install into.",
            Shape::lines(),
        ),
        Key::new(
            "tidies",
            "How commands begin that only make a stage smaller from which nothing else is copied.",
            Shape::lines(),
        ),
        Key::new(
            "apart",
            "Programs and folders of which the preset has its own.",
            Shape::lines(),
        ),
        Key::new(
            "forgets",
            "Programs that start others without the variables of the image.",
            Shape::lines(),
        ),
        Key::new("makes-users", "Commands that make users.", Shape::lines()),
        Key::new(
            "users",
            "How a user is made that the preset can make: the commands, and what each flag of theirs says.",
            Shape::Table(user_keys()),
        ),
        Key::new(
            "steady",
            "Commands that do the same whatever variables there are.",
            Shape::lines(),
        ),
        Key::new(
            "settings-in",
            "Folders with what changes how a system or its programs install.",
            Shape::lines(),
        ),
        Key::new(
            "settles",
            "Commands that read what lies there.",
            Shape::lines(),
        ),
        Key::new(
            "steers",
            "How variables begin that change how or from where something is installed.",
            Shape::lines(),
        ),
        Key::new(
            "packages-in",
            "What the paths have in them of folders in which packages lay.",
            Shape::lines(),
        ),
        Key::new(
            "found-by",
            "Variables by which packages were found there.",
            Shape::lines(),
        ),
        Key::new(
            "seeks",
            "What a script has in it that would look for the installed packages where they were.",
            Shape::lines(),
        ),
        Key::new(
            "blind",
            "How commands begin that need no file of the project and nothing that is installed for it.",
            Shape::lines(),
        ),
        Key::new(
            "stays",
            "How commands begin that can stay as they are, behind the installing.",
            Shape::lines(),
        ),
        Key::new(
            "reads",
            "How the lines of those files begin that read other files.",
            Shape::lines(),
        ),
        Key::new(
            "reads-nothing",
            "How those of them begin that only look as if they did.",
            Shape::lines(),
        ),
        Key::new(
            "includes",
            "What stands before the name of such a file.",
            Shape::lines(),
        ),
        Key::new(
            "included-option",
            "The option that holds the files that are read so.",
            Shape::line(),
        ),
        Key::new(
            "moved",
            "Where programs lay that the preset installs elsewhere.",
            Shape::lines(),
        ),
        Key::new(
            "env",
            "Variables that only the installing needed, and that nothing needs any more.",
            Shape::lines(),
        ),
        Key::new(
            "unrelated",
            "Variables that do not change what is installed.",
            Shape::lines(),
        ),
        Key::new(
            "packages",
            "How systems are told to install packages, as `packages` does.",
            Shape::list(Shape::Table(vec![
                Key::new("installs", "How the commands begin.", Shape::lines()).required(),
                Key::new("needs", "Flags without which they do more.", Shape::lines()),
                Key::new("flags", "Flags that change nothing here.", Shape::lines()),
                Key::new(
                    "around",
                    "Commands before and behind that are not needed.",
                    Shape::lines(),
                ),
            ])),
        ),
    ]
}

/// The keys of `[migrate.users]`.
fn user_keys() -> Vec<Key> {
    vec![
        Key::new("user", "The command that makes a user.", Shape::line()).required(),
        Key::new("group", "The command that makes a group.", Shape::line()).required(),
        Key::new(
            "changes",
            "Further commands that make or change users and groups.",
            Shape::lines(),
        ),
        Key::new(
            "settings",
            "Files that change what these commands do.",
            Shape::lines(),
        ),
        Key::new(
            "shell",
            "The shell of a user for whom none is named.",
            Shape::line(),
        )
        .required(),
        Key::new(
            "home-flags",
            "Flags by which the user gets a home.",
            Shape::lines(),
        ),
        Key::new(
            "homeless-flags",
            "Flags by which the user gets none.",
            Shape::lines(),
        ),
        Key::new(
            "system-flags",
            "Flags by which the numbers are those of the system.",
            Shape::lines(),
        ),
        Key::new(
            "usual-flags",
            "Flags that change nothing here.",
            Shape::lines(),
        ),
        Key::new(
            "uid-flags",
            "Flags before the user's number.",
            Shape::lines(),
        ),
        Key::new(
            "gid-flags",
            "Flags before the group or its number.",
            Shape::lines(),
        ),
        Key::new("shell-flags", "Flags before the shell.", Shape::lines()),
        Key::new("folder-flags", "Flags before the home.", Shape::lines()),
    ]
}

/// The keys of `[migrate.lock]`.
fn lock_keys() -> Vec<Key> {
    vec![
        Key::new("program", "What the program is called.", Shape::line()),
        Key::new(
            "project",
            "The file that describes a project.",
            Shape::line(),
        ),
        Key::new("file", "The lock file.", Shape::line()),
        Key::new(
            "format-in",
            "Where the lock file says in which form it is written, as a path of keys.",
            Shape::line(),
        ),
        Key::new(
            "formats",
            "How the forms begin that the preset's version reads.",
            Shape::lines(),
        ),
        Key::new(
            "version-option",
            "The option that holds the program's version.",
            Shape::line(),
        ),
        Key::new(
            "variable",
            "The variable that its version is asked for by.",
            Shape::line(),
        ),
        Key::new(
            "oldest",
            "The oldest version that does what the preset asks for.",
            Shape::line(),
        ),
        Key::new(
            "newest",
            "The newest version for images of which the program's own newest one cannot be run.",
            Shape::list(Shape::Table(vec![
                Key::new(
                    "tags",
                    "How the tags of those images begin.",
                    Shape::lines(),
                )
                .required(),
                Key::new("version", "The version.", Shape::line()).required(),
            ])),
        ),
        Key::new(
            "gets",
            "How the commands begin that install the program among the packages of the system.",
            Shape::lines(),
        ),
        Key::new(
            "gets-apart",
            "How the commands begin that install it in an environment of its own.",
            Shape::lines(),
        ),
        Key::new(
            "gets-with",
            "What may be installed by the same commands, and is not needed.",
            Shape::lines(),
        ),
        Key::new(
            "gets-flags",
            "Flags of those commands that change nothing here.",
            Shape::lines(),
        ),
        Key::new(
            "gets-by",
            "Lines that fetch and run a script which installs it, without flags.",
            Shape::lines(),
        ),
        Key::new("images", "Images from which it is copied.", Shape::lines()),
        Key::new("image-files", "What is copied from them.", Shape::lines()),
        Key::new(
            "bases",
            "Images in which it is installed on top of another one, whose tag is told by theirs.",
            Shape::list(Shape::Table(vec![
                Key::new("image", "The image.", Shape::line()).required(),
                Key::new(
                    "begins",
                    "What stands in front of the other one's tag, behind the program's own version if that is there.",
                    Shape::line(),
                )
                .required(),
                Key::new("is", "The other image.", Shape::line()).required(),
            ])),
        ),
        Key::new(
            "environment",
            "What the environment is called that it makes in the working directory.",
            Shape::line(),
        ),
        Key::new(
            "environment-variable",
            "The variable that says where that is.",
            Shape::line(),
        ),
        Key::new(
            "paths",
            "Folders of the path in which the program lies.",
            Shape::lines(),
        ),
        Key::new(
            "settles",
            "How the commands begin that change its settings.",
            Shape::lines(),
        ),
        Key::new(
            "settings",
            "The settings that change nothing here, but for where things go.",
            Shape::lines(),
        ),
        Key::new(
            "settings-file",
            "The file of a project that has such settings.",
            Shape::line(),
        ),
        Key::new(
            "around",
            "Commands behind it that are not needed.",
            Shape::lines(),
        ),
        Key::new(
            "in-system",
            "Settings by which it installs among the packages of the system: a key or a variable, and a value.",
            Shape::lines(),
        ),
        Key::new(
            "in-project",
            "Settings by which its environment lies in the working directory; without any it does.",
            Shape::lines(),
        ),
        Key::new(
            "runs",
            "How the commands begin that start something in its environment.",
            Shape::lines(),
        ),
        Key::new(
            "no-sync-flags",
            "Flags by which these install nothing before; without this key they never do.",
            Shape::lines(),
        ),
        Key::new(
            "interpreter",
            "What starts a source or a module that is named to such a command.",
            Shape::line(),
        ),
        Key::new("sources", "How names of sources end.", Shape::line()).required(),
        Key::new(
            "module-flag",
            "The flag in front of a module that is named to such a command.",
            Shape::line(),
        ),
        Key::new(
            "inline",
            "What a source has in it that says itself what it needs.",
            Shape::line(),
        ),
        Key::new(
            "only-flags",
            "Flags before the only groups that are installed.",
            Shape::lines(),
        ),
        Key::new(
            "with-flags",
            "Flags before groups that are installed too.",
            Shape::lines(),
        ),
        Key::new(
            "without-flags",
            "Flags before groups that are not installed.",
            Shape::lines(),
        ),
        Key::new(
            "main-flags",
            "Flags by which no group is installed but the main one.",
            Shape::lines(),
        ),
        Key::new(
            "extras-flags",
            "Flags before extras that are installed.",
            Shape::lines(),
        ),
        Key::new(
            "every-extra-flags",
            "Flags by which all extras are installed.",
            Shape::lines(),
        ),
        Key::new(
            "every-group-flags",
            "Flags by which all groups are installed.",
            Shape::lines(),
        ),
        Key::new(
            "no-project-flags",
            "Flags by which the project itself is not installed.",
            Shape::lines(),
        ),
        Key::new(
            "dev-flags",
            "Flags by which the group for development is not installed.",
            Shape::lines(),
        ),
        Key::new("dev-group", "What that group is called.", Shape::line()),
        Key::new(
            "no-usual-flags",
            "Flags by which no group is installed that no flag names.",
            Shape::lines(),
        ),
        Key::new(
            "flags-set",
            "Settings that do what a flag does.",
            Shape::list(Shape::Table(vec![
                Key::new("setting", "The variable.", Shape::line()).required(),
                Key::new("flag", "The flag.", Shape::line()).required(),
            ])),
        ),
        Key::new(
            "interpreter-file",
            "The file of a project that names the version of the interpreter to install for.",
            Shape::line(),
        ),
        Key::new(
            "frozen-flags",
            "Flags by which the lock file is not compared with the project.",
            Shape::lines(),
        ),
        Key::new(
            "main-group",
            "What the group of the packages is called that the project always needs, if it is a group.",
            Shape::line(),
        ),
        Key::new(
            "groups-in",
            "Where the project's file has groups: below a path, or at it the one of this name.",
            Shape::list(Shape::Table(vec![
                Key::new("path", "A path of keys.", Shape::line()).required(),
                Key::new(
                    "name",
                    "The group that stands there, if it is one.",
                    Shape::line(),
                ),
                Key::new("since", "The version that knows of it.", Shape::line()),
            ])),
        ),
        Key::new(
            "usual-groups",
            "The groups that are installed unless a flag says otherwise; without any, all that are not optional.",
            Shape::lines(),
        ),
        Key::new(
            "usual-groups-in",
            "Where the project's file names others for that.",
            Shape::line(),
        ),
        Key::new(
            "needs-in",
            "Where the project's file names packages; `*` in a path is a group.",
            Shape::list(Shape::Table(vec![
                Key::new("path", "A path of keys.", Shape::line()).required(),
                Key::new(
                    "group",
                    "The group that needs them, if it is one.",
                    Shape::line(),
                ),
            ])),
        ),
        Key::new(
            "extras-in",
            "Where the project's file has extras.",
            Shape::lines(),
        ),
        Key::new(
            "package-mode",
            "Where the project's file says whether the project is a package.",
            Shape::line(),
        ),
        Key::new(
            "packaged-by",
            "What a project's file has to have for that, if nothing says it.",
            Shape::line(),
        ),
        Key::new(
            "names-in",
            "Where the project's file has its name, from which that of its module follows.",
            Shape::lines(),
        ),
        Key::new(
            "packages-in",
            "Where it says what the project consists of, if not that module.",
            Shape::line(),
        ),
        Key::new(
            "scripts-in",
            "Where it names the programs that the project has.",
            Shape::lines(),
        ),
        Key::new(
            "backends",
            "What builds projects in the same way as the program; without any, what the project's file says.",
            Shape::lines(),
        ),
        Key::new(
            "refuses",
            "What a project's file must not have.",
            Shape::lines(),
        ),
        Key::new(
            "local-sources",
            "The words in a lock file for packages that lie in the project.",
            Shape::lines(),
        ),
        Key::new(
            "brings",
            "The modules that come with the program.",
            Shape::lines(),
        ),
        Key::new(
            "groups-option",
            "The option that holds the groups.",
            Shape::line(),
        ),
        Key::new(
            "extras-option",
            "The option that holds the extras.",
            Shape::line(),
        ),
        Key::new(
            "frozen-option",
            "The option that says that the lock file is not compared with the project.",
            Shape::line(),
        ),
        Key::new(
            "project-option",
            "The option that says that the project is installed where it lies.",
            Shape::line(),
        ),
        Key::new(
            "copy-option",
            "The option that says that a copy of the project is installed.",
            Shape::line(),
        ),
    ]
}
