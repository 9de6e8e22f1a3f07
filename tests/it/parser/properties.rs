//! What holds for all instructions and for all bytes.

use dockwright::dockerfile::{
    Escape, Instruction, Word, parse, print, print_with, variables::Lexer,
};
use proptest::prelude::*;

use super::instructions;

/// What is printed parses to the same instruction, and that prints the same.
pub(crate) fn prints_back(instruction: &Instruction, escape: Escape, about: &str) {
    let printed = print_with(instruction, escape);
    let head = match escape {
        Escape::Backslash => "",
        Escape::Backtick => "# escape=`\n",
    };
    let document = parse(format!("{head}{printed}").as_bytes());
    let again: Vec<&Instruction> = document
        .statements()
        .map(|statement| &statement.instruction)
        .collect();
    assert_eq!(
        again,
        [instruction],
        "{about}\n{printed}\n{:?}",
        document.mistakes()
    );
    assert_eq!(print_with(again[0], escape), printed, "{about}");
    let more = parse(format!("{head}FROM a\n{printed}\nUSER last\n").as_bytes());
    let last = more
        .statements()
        .last()
        .map(|statement| print(&statement.instruction));
    assert_eq!(last.as_deref(), Some("USER last"), "{about}\n{printed}");
}

/// Lines of Dockerfiles in any order, cut anywhere.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => instructions::text().prop_map(String::into_bytes),
        4 => instructions::instruction().prop_map(|instruction| print(&instruction).into_bytes()),
        2 => proptest::sample::select(&[
            "FROM", "RUN ", "COPY ", "ENV ", "ONBUILD ", "ARG ", "LABEL ", "HEALTHCHECK ", "\n", "\r\n", " \\\n",
            "# escape=`\n", "# syntax=a\n", "#", "<<EOF", "\nEOF\n", "--mount=", "type=", ",", "[\"", "\"]", "`\n",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<Vec<u8>>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_parses_to_the_same(instruction in instructions::instruction()) {
        prints_back(&instruction, Escape::Backslash, "made");
    }

    #[test]
    fn any_bytes_come_back_and_what_was_read_prints(bytes in pieces()) {
        let document = parse(&bytes);
        prop_assert_eq!(document.to_bytes(), bytes);
        for statement in document.statements() {
            prints_back(&statement.instruction, document.escape(), "read");
        }
    }

    #[test]
    fn a_literal_word_arrives_as_it_is(text in instructions::text()) {
        if let Ok(word) = Word::literal(&text) {
            prop_assert_eq!(word.text(), Some(text.clone()));
            let expanded = Lexer::new(Escape::Backslash).expand(word.as_str(), &());
            prop_assert_eq!(expanded.map(|expanded| expanded.text), Ok(text));
            prop_assert!(word.variables().is_empty());
        }
    }

    #[test]
    fn a_raw_word_means_what_it_meant(text in instructions::template()) {
        if let Ok(word) = Word::raw(&text) {
            let lexer = Lexer::new(Escape::Backslash);
            let before = lexer.expand(&text, &()).map(|expanded| expanded.text);
            let after = lexer.expand(word.as_str(), &()).map(|expanded| expanded.text);
            prop_assert_eq!(before.ok(), after.ok());
        }
    }
}
