//! A program in an image that has nothing else but what the program is linked with.

use std::fs;

use super::{Engine, Project};
use crate::support::tests;

const MAKEFILE: &str = "squeeze: squeeze.c\n\t$(CC) -o $@ $< -lz\n";

const PROGRAM: &str = r#"
#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(void) {
    const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    Bytef packed[128];
    uLongf length = sizeof packed;
    if (compress(packed, &length, (const Bytef *)text, strlen(text)) != Z_OK) return 1;
    return puts(length < strlen(text) ? "smaller" : "larger") < 0;
}
"#;

#[test]
fn a_program_with_shared_libraries_runs_in_an_empty_image() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let spec = tests("golden/make-bundles-libraries-and-loader-for-scratch/dockwright.toml");
    let project = Project::of(&engine, &fs::read_to_string(spec).unwrap()).unwrap();
    project.write("Makefile", MAKEFILE);
    project.write("squeeze.c", PROGRAM);
    assert_eq!(project.image().run(&["/squeeze"]).unwrap(), "smaller\n");
}
