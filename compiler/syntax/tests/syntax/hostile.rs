//! Input that no one would write: it is parsed in linear time, without a panic, and a mistake stays in its item.

use crate::render::parsed;
use mu_base::{Code, FileId};
use mu_syntax::{Cache, ast::ItemKind, dump, parse, parse_bytes};
use proptest::prelude::*;

const ALL: &str = include_str!("../programs/all.mu");

/// The text between `head` and `tail`, nested; only this item is broken, and only by its nesting.
fn too_deep(item: &str) {
    let text = format!("use a\n{item}\nfn after() -> bool {{ true }}\n");
    let file = parsed(&text);
    let codes: Vec<Code> = file.diagnostics.iter().map(|d| d.code).collect();
    let shown = &item[..item.len().min(40)];
    assert_eq!(codes, [Code::NestingTooDeep], "{shown}");
    assert_eq!(file.items.len(), 3, "{shown}");
    assert!(matches!(file.items[1].tree.kind, ItemKind::Broken { name: Some(_) }), "{shown}");
    assert!(matches!(file.items[2].tree.kind, ItemKind::Fn(_)), "{shown}");
}

#[test]
fn nesting_of_any_kind_is_guarded() {
    const DEEP: usize = 10_000;
    let around = |open: &str, close: &str| format!("const x = {}1{}", open.repeat(DEEP), close.repeat(DEEP));
    too_deep(&around("(", ")"));
    too_deep(&around("[", "]"));
    too_deep(&around("f(", ")"));
    too_deep(&around("1 + (", ")"));
    too_deep(&around("if a { ", "} else { 2 }"));
    too_deep(&around("if a then ", " else 2"));
    too_deep(&around("if ", " then 1 else 2"));
    too_deep(&around("R { x: ", " }"));
    too_deep(&around("match a { none -> ", " }"));
    too_deep(&around("match ", " { none -> 1 }"));
    too_deep(&around("for x in ", " { x }"));
    too_deep(&format!("const x = {}1", "-".repeat(DEEP)));
    too_deep(&format!("const x = {}1", "not ".repeat(DEEP)));
    too_deep(&format!("const x = 1{}", " + 1".repeat(DEEP)));
    too_deep(&format!("const x = 1{}", " or a".repeat(DEEP)));
    too_deep(&format!("const x = 1{}", " |> f".repeat(DEEP)));
    too_deep(&format!("const x = a{}", ".b".repeat(DEEP)));
    too_deep(&format!("const x = a{}", "[0]".repeat(DEEP)));
    too_deep(&format!("const x = a{}", " in m".repeat(DEEP)));
    too_deep(&format!("const x = {}2", "if a { 1 } else ".repeat(DEEP)));
    too_deep(&format!("const x: {}f32{} = 1", "List<".repeat(DEEP), ", 1>".repeat(DEEP)));
    too_deep(&format!("const x: f32[1{}] = 1", " + N".repeat(DEEP)));
    too_deep(&format!("slot s: t {{\n    require a{} > 1\n}}", " + a".repeat(DEEP)));
    too_deep(&format!("slot s: t {{\n    require {}a{} > 1\n}}", "(".repeat(DEEP), ")".repeat(DEEP)));
}

#[test]
fn reasonable_nesting_is_no_error() {
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("if a then ", " else 2"), ("if a { ", "} else { 2 }")] {
        let text = format!("const x = {}1{}", open.repeat(190), close.repeat(190));
        let file = parsed(&text);
        assert!(file.diagnostics.is_empty(), "{open} {:?}", file.diagnostics);
        assert!(!dump(&file).is_empty());
    }
    let long = format!("const x = [{}]", "a < 1, ".repeat(50_000));
    assert!(parsed(&long).diagnostics.is_empty());
    let branches = "let y = if a then 1 else 2\n".repeat(10_000);
    assert!(parsed(&format!("fn f() -> i64 {{\n{branches}y\n}}")).diagnostics.is_empty());
}

#[test]
fn a_program_cut_off_anywhere_still_parses_to_something() {
    let mut cache = Cache::default();
    for end in (0..=ALL.len()).filter(|end| ALL.is_char_boundary(*end)) {
        let file = parse(FileId(0), &ALL[..end], &mut cache);
        assert!(file.diagnostics.len() <= 1, "{end}: {:?}", file.diagnostics);
        assert_eq!(file.tail.end as usize, end);
    }
}

#[test]
fn a_program_with_a_letter_missing_has_few_mistakes() {
    let mut cache = Cache::default();
    for (at, removed) in ALL.char_indices().step_by(2) {
        let text = format!("{}{}", &ALL[..at], &ALL[at + removed.len_utf8()..]);
        let found = parse(FileId(0), &text, &mut cache).diagnostics;
        assert!(found.len() <= 2, "without byte {at}, {removed:?}: {found:#?}");
    }
}

#[test]
fn a_hundred_thousand_lines_are_parsed_once_each() {
    let text: String = (0..100_000).map(|i| format!("const c{i}: f32 = {i}.5 * (1.0 + 2.0)\n")).collect();
    let mut cache = Cache::default();
    let file = parse(FileId(0), &text, &mut cache);
    assert!(file.diagnostics.is_empty());
    assert_eq!((file.items.len(), cache.parsed()), (100_000, 100_000));
}

#[test]
fn a_word_of_a_megabyte_has_a_short_message() {
    let long = "a1".repeat(500_000);
    let digits = "1".repeat(1_000_000);
    for text in [
        format!("{long} b"),
        format!("slot s: t {{ {long} }}"),
        format!("fn {long} {long}"),
        format!("const x = {digits}"),
        format!("const x = \"{}\"", "\\q".repeat(500_000)),
        format!("const x = 1 m^{digits}"),
        format!("const x: f32[{digits}] = 1"),
    ] {
        let file = parsed(&text);
        assert!((1..=20).contains(&file.diagnostics.len()));
        assert!(file.diagnostics.iter().all(|d| d.message.len() < 300), "{}", &text[..20]);
    }
}

#[test]
fn a_hundred_thousand_lines_of_prose_are_one_mistake() {
    let file = parsed(&"nothing but prose, line after line\n".repeat(100_000));
    assert_eq!(file.diagnostics.len(), 1);
}

/// Words and signs of the language, from which programs that are nearly right are made.
const PARTS: [&str; 64] = [
    "use ", "labels ", "unit ", "record ", "trait ", "task ", "builtin ", "dataset ", "model ", "slot ", "const ",
    "fn ", "deploy ", "test ", "if ", "then ", "else ", "match ", "for ", "in ", "scan ", "with ", "let ", "next ",
    "assert ", "and ", "or ", "not ", "none", "true", "a", "b.c", "R", "f32", "1", "2.5", "97%", "5 ms", "\"text\"",
    "\"", "\\", "(", ")", "[", "]", "{", "}", "<", ">", ", ", ": ", " = ", " -> ", " |> ", " == ", " <= ", " + ",
    " - ", "/", "..", "\n", "\n", "// c\n", "/// d\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (text, file) = parse_bytes(FileId(0), &bytes, &mut Cache::default());
        for diagnostic in &file.diagnostics {
            for label in &diagnostic.labels {
                prop_assert!(text.get(label.loc.span.start as usize..label.loc.span.end as usize).is_some());
            }
        }
    }

    #[test]
    fn random_characters_never_panic_and_none_is_lost(text in "(?s).{0,200}") {
        covered(&text)?;
    }

    #[test]
    fn random_parts_never_panic_and_none_is_lost(parts in proptest::collection::vec(0..PARTS.len(), 0..120)) {
        let text: String = parts.into_iter().map(|part| PARTS[part]).collect();
        covered(&text)?;
    }
}

/// The ranges cover the text, and every label is a place in it.
fn covered(text: &str) -> Result<(), TestCaseError> {
    let file = parsed(text);
    let mut end = 0;
    for range in file.items.iter().map(|item| item.range).chain([file.tail]) {
        prop_assert_eq!(range.start, end);
        prop_assert!(text.get(range.start as usize..range.end as usize).is_some());
        end = range.end;
    }
    prop_assert_eq!(end as usize, text.len());
    for label in file.diagnostics.iter().flat_map(|d| &d.labels) {
        prop_assert!(text.get(label.loc.span.start as usize..label.loc.span.end as usize).is_some());
    }
    dump(&file);
    Ok(())
}
