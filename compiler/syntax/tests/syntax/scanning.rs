//! The scanner and the cache: nothing of a file is lost, and an edit parses one item again.

use crate::render::{parsed, report, slice};
use mu_base::{Code, FileId};
use mu_syntax::{Cache, MAX_SOURCE, ast::ItemKind, parse, parse_bytes, trivia};

const ALL: &str = include_str!("../programs/all.mu");

/// The ranges of the items and the tail, one after the other.
fn joined(text: &str) -> String {
    let file = parsed(text);
    let mut end = 0;
    let mut out = String::new();
    for range in file.items.iter().map(|item| item.range).chain([file.tail]) {
        assert_eq!(range.start, end, "a gap");
        end = range.end;
        out.push_str(slice(text, range));
    }
    out
}

#[test]
fn ranges_of_items_give_the_file_back() {
    for text in [
        ALL,
        "",
        "\n\n",
        "// only a comment",
        "\u{feff}use a\r\n\r\nuse b",
        "}\nuse a {\n{ x",
        "a b\nc \"",
        "use a // why\n/// docs",
    ] {
        assert_eq!(joined(text), text);
    }
}

#[test]
fn every_comment_is_listed() {
    let text = "//! module\nuse a // why\n\n/// docs\nfn f() -> f32 {\n    // inner\n    1.0 // \"//\"\n}\n// end";
    let comments: Vec<_> = trivia(text).into_iter().map(|c| (slice(text, c.span).to_owned(), c.trailing)).collect();
    let expected = [
        ("//! module", false),
        ("// why", true),
        ("/// docs", false),
        ("// inner", false),
        ("// \"//\"", true),
        ("// end", false),
    ];
    assert!(comments.iter().map(|(text, trailing)| (text.as_str(), *trailing)).eq(expected), "{comments:?}");
    assert_eq!(trivia("const x = \"// no\"").len(), 0);
}

#[test]
fn doc_comments_belong_to_what_follows_them() {
    let text = "//! The module\n//! of tests.\n\n/// A record.\n///\n/// Of one field.\nrecord R {\n    /// The field.\n    x: f32\n    y: f32\n}\nuse a\n";
    let file = parsed(text);
    assert_eq!(file.docs, "The module\nof tests.");
    assert_eq!(file.items[0].docs, "A record.\n\nOf one field.");
    assert_eq!(file.items[1].docs, "");
    let ItemKind::Record { fields, .. } = &file.items[0].tree.kind else { panic!() };
    assert_eq!((fields[0].docs.as_str(), fields[1].docs.as_str()), ("The field.", ""));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_no_tree() {
    let windows = format!("\u{feff}{}", ALL.replace('\n', "\r\n"));
    let (plain, other) = (parsed(ALL), parsed(&windows));
    assert!(other.diagnostics.is_empty(), "{}", report(&windows, &other.diagnostics));
    assert_eq!(plain.items.len(), other.items.len());
    assert_eq!(plain.docs, other.docs);
    let print = |file| {
        let text = mu_syntax::dump(&file);
        text.lines().filter(|line| !line.starts_with("// ")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(print(plain), print(other));
}

#[test]
fn an_edit_parses_one_item() {
    let mut cache = Cache::default();
    let items = parse(FileId(0), ALL, &mut cache).items.len() as u64;
    assert_eq!(cache.parsed(), items);
    parse(FileId(1), ALL, &mut cache);
    assert_eq!(cache.parsed(), items, "the same text in another file");
    let moved = format!("// a new first line\n{ALL}");
    parse(FileId(0), &moved, &mut cache);
    assert_eq!(cache.parsed(), items, "items only moved");
    let edited = moved.replace("best.score >= 0.8", "best.score >= 0.9");
    parse(FileId(0), &edited, &mut cache);
    assert_eq!(cache.parsed(), items + 1, "one item edited");
    let documented = edited.replace("/// A patient.", "/// A person.");
    parse(FileId(0), &documented, &mut cache);
    assert_eq!(cache.parsed(), items + 1, "docs are no part of the tree");
}

#[test]
fn ten_edits_in_ten_thousand_lines_parse_ten_items() {
    let text: String = (0..5_000).map(|i| format!("fn f{i}(a: f32) -> f32 {{ a + {i}.0 }}\n\n")).collect();
    let mut cache = Cache::default();
    assert!(parse(FileId(0), &text, &mut cache).diagnostics.is_empty());
    let mut edited = text;
    for i in 0..10 {
        edited = edited.replace(&format!(" + {}.0", i * 500), " + 7.5");
        assert!(parse(FileId(0), &edited, &mut cache).diagnostics.is_empty());
    }
    assert_eq!(cache.parsed(), 5_010);
}

#[test]
fn diagnostics_of_cached_items_move_with_them() {
    let mut cache = Cache::default();
    let text = "fn f(a: f32) -> f32 { a; }\n";
    let moved = format!("use a\n\n{text}");
    let place = |text: &str, cache: &mut Cache| parse(FileId(3), text, cache).diagnostics[0].place().unwrap();
    let first = place(text, &mut cache);
    let second = place(&moved, &mut cache);
    assert_eq!((slice(text, first.span), slice(&moved, second.span)), (";", ";"));
    assert_eq!(second.file, FileId(3));
}

#[test]
fn bytes_that_are_no_text_are_one_diagnostic() {
    let (text, file) = parse_bytes(FileId(0), b"use a\nuse b\xff\n", &mut Cache::default());
    assert_eq!((file.diagnostics.len(), file.diagnostics[0].code), (1, Code::NotUtf8));
    assert_eq!(slice(&text, file.diagnostics[0].place().unwrap().span), "\u{fffd}");
    assert!(file.diagnostics[0].message.contains("byte 11"));
    let (_, file) = parse_bytes(FileId(0), &vec![b' '; MAX_SOURCE + 1], &mut Cache::default());
    assert_eq!((file.diagnostics.len(), file.diagnostics[0].code), (1, Code::SourceTooLarge));
    let (_, file) = parse_bytes(FileId(0), &vec![b' '; MAX_SOURCE], &mut Cache::default());
    assert!(file.diagnostics.is_empty());
    let (_, file) = parse_bytes(FileId(0), b"", &mut Cache::default());
    assert!(file.diagnostics.is_empty() && file.items.is_empty());
}
