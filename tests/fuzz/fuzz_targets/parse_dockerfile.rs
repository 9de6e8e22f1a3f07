//! Any bytes as a Dockerfile: they come back whole, nothing panics, and what was read prints and reads again.

#![no_main]

use dockwright::dockerfile::{Escape, Instruction, parse, print_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let document = parse(bytes);
    assert_eq!(document.to_bytes(), bytes, "every byte belongs to an item");
    for mistake in document.mistakes() {
        assert!(mistake.range.start <= mistake.range.end && mistake.range.end <= bytes.len());
        assert!(!mistake.to_string().is_empty());
    }
    let head = match document.escape() {
        Escape::Backslash => "",
        Escape::Backtick => "# escape=`\n",
    };
    for statement in document.statements() {
        let place = &statement.place;
        assert!(place.range.start <= place.span.start && place.span.end <= place.range.end);
        let printed = print_with(&statement.instruction, document.escape());
        let again = parse(format!("{head}{printed}\n").as_bytes());
        let instructions: Vec<&Instruction> = again
            .statements()
            .map(|statement| &statement.instruction)
            .collect();
        assert_eq!(instructions, [&statement.instruction], "{printed}");
        assert_eq!(print_with(instructions[0], document.escape()), printed);
    }
});
