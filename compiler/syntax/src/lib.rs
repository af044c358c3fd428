//! Source text to syntax trees. Never fails: what cannot be parsed becomes a broken item and diagnostics.
//!
//! A linear scanner finds the items, pest parses each one alone, and the builder makes the typed tree. The lossless form of a
//! file is its text, the ranges of its items, which cover it without gaps, and [`trivia`], which lists comments.

// The parser that pest makes without its own guard of the stack names this crate; the scanner guards nesting.
extern crate alloc;

pub mod ast;
mod build;
mod cache;
mod dump;
mod errors;
mod grammar;
mod scan;

pub use cache::Cache;
pub use dump::dump;

use ast::{ItemKind, Name};
use grammar::{Grammar, Rule};
use mu_base::{Code, Diagnostic, FileId, Loc, Span};
use pest::Parser;
use scan::{Found, Scan};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The largest source file, in bytes.
pub const MAX_SOURCE: usize = 8 << 20;

/// One item of a file.
#[derive(Debug, Clone)]
pub struct Item {
    /// In the file: the item with the trivia and doc comments before it, to the end of its last line. The ranges of a file's
    /// items and its [`File::tail`] follow each other without gaps.
    pub range: Span,
    /// Where the item's first word stands in the file; the tree's spans are relative to it.
    pub offset: u32,
    /// The doc comment before the item, without slashes.
    pub docs: String,
    pub tree: Arc<Tree>,
}

/// What an item's text says, wherever it stands.
#[derive(Debug)]
pub struct Tree {
    pub kind: ItemKind,
    /// Places are relative to the item's first word, in no particular file; [`File::diagnostics`] has them in place.
    pub diagnostics: Vec<Diagnostic>,
    /// Of the item's text; the same in every run.
    pub hash: u64,
}

/// A file as parsed.
#[derive(Debug, Clone)]
pub struct File {
    /// The module's doc comment, without slashes.
    pub docs: String,
    pub items: Vec<Item>,
    /// What stands after the last item.
    pub tail: Span,
    /// Of all items, placed in the file, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file. Items whose text is in the cache are not parsed again.
pub fn parse(file: FileId, text: &str, cache: &mut Cache) -> File {
    if text.len() > MAX_SOURCE {
        return rejected(too_large(file, text.len()));
    }
    stacker::maybe_grow(STACK, 2 * STACK, || parse_items(file, text, cache))
}

/// What the deepest item that the scanner lets through needs, in bytes, with room to spare: four times an unoptimised build's.
const STACK: usize = 16 << 20;

fn parse_items(file: FileId, text: &str, cache: &mut Cache) -> File {
    let scan = scan::scan(text);
    let mut parsed = File {
        docs: doc_text(scan.module_docs.iter().map(|(start, end)| &text[*start..*end])),
        items: Vec::with_capacity(scan.items.len()),
        tail: Span::new(scan.tail, text.len()),
        diagnostics: Vec::new(),
    };
    for found in &scan.items {
        let (start, end) = found.proper;
        let tree = cache.tree(&text[start..end], || parse_item(text, &scan, found));
        parsed.diagnostics.extend(tree.diagnostics.iter().map(|diagnostic| placed(diagnostic, file, start as u32)));
        let docs = &scan.docs[found.docs.0..found.docs.1];
        parsed.items.push(Item {
            range: Span::new(found.range.0, found.range.1),
            offset: start as u32,
            docs: doc_text(docs.iter().map(|(start, end)| &text[*start..*end])),
            tree,
        });
    }
    parsed
}

/// Parses the bytes of a file. What is no UTF-8 or larger than [`MAX_SOURCE`] gives an empty file and one diagnostic; its text
/// is then shown with replacement characters, or is empty.
pub fn parse_bytes(file: FileId, bytes: &[u8], cache: &mut Cache) -> (Arc<str>, File) {
    if bytes.len() > MAX_SOURCE {
        return (Arc::from(""), rejected(too_large(file, bytes.len())));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (Arc::from(text), parse(file, text, cache)),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("the file is not UTF-8: byte {at} is part of no character");
            // In the shown text a replacement character of three bytes stands there.
            let place = Loc { file, span: Span::new(at, at + 3) };
            let diagnostic =
                Diagnostic::error(Code::NotUtf8, message).at(place, "here").help("save the file as UTF-8 text");
            (Arc::from(String::from_utf8_lossy(bytes)), rejected(diagnostic))
        }
    }
}

/// A comment or doc comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From its first slash to the end of its line, in the text that was asked about.
    pub span: Span,
    /// The first sign before it on its line, if any, is no white space.
    pub trailing: bool,
}

/// All comments in a text, such as that of an item's range, in order; with them and the tree nothing of the source is lost.
pub fn trivia(text: &str) -> Vec<Comment> {
    scan::scan(text)
        .comments
        .into_iter()
        .map(|(start, end)| {
            let line = text[..start].rfind('\n').map_or(0, |n| n + 1);
            let trailing = !text[line..start].trim().is_empty();
            Comment { span: Span::new(start, end), trailing }
        })
        .collect()
}

fn rejected(diagnostic: Diagnostic) -> File {
    File { docs: String::new(), items: Vec::new(), tail: Span::default(), diagnostics: vec![diagnostic] }
}

fn too_large(file: FileId, size: usize) -> Diagnostic {
    let message = format!("the file has {size} bytes, more than the {MAX_SOURCE} a source may have");
    Diagnostic::error(Code::SourceTooLarge, message)
        .at(Loc { file, span: Span::default() }, "this file")
        .help("split it into modules, or move data to a file that the program names")
}

fn parse_item(text: &str, scan: &Scan, found: &Found) -> Tree {
    let (start, end) = found.proper;
    let source = &text[start..end];
    let clean = &scan.clean[start..end];
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    let hash = hasher.finish();
    let broken = |diagnostics: Vec<Diagnostic>| Tree {
        kind: ItemKind::Broken { name: found.rule.and_then(|rule| declared(rule, clean)) },
        diagnostics,
        hash,
    };
    if let Some(problem) = found.problem {
        return broken(vec![errors::of_problem(problem, text, start)]);
    }
    let Some(rule) = found.rule else { return broken(vec![errors::of_stray(source)]) };
    let docs = scan.docs[found.inner_docs.0..found.inner_docs.1].iter();
    let docs = docs.map(|(from, to)| ((from - start) as u32, &text[*from..*to])).collect();
    match Grammar::parse(rule, clean) {
        Err(error) => broken(vec![errors::of_grammar(&error, source, clean)]),
        Ok(mut pairs) => match pairs.next().map(|pair| build::build(pair, docs)) {
            Some((Some(kind), diagnostics)) => Tree { kind, diagnostics, hash },
            Some((None, diagnostics)) => broken(diagnostics),
            None => broken(Vec::new()),
        },
    }
}

/// The name that a broken item declares, if it can be read.
fn declared(rule: Rule, clean: &str) -> Option<Name> {
    let words = match rule {
        Rule::use_item | Rule::trait_item | Rule::deploy_item | Rule::test_item => return None,
        Rule::builtin_item => 2,
        _ => 1,
    };
    let mut at = 0;
    for _ in 0..words {
        at += clean[at..].find(|c: char| !is_word(c))?;
        at += clean[at..].find(|c: char| c != ' ' && c != '\t')?;
    }
    let length = clean[at..].find(|c: char| !is_word(c)).unwrap_or(clean.len() - at);
    let text = &clean[at..at + length];
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !build::RESERVED.contains(&text);
    is_name.then(|| Name { text: text.to_owned(), span: Span::new(at, at + length) })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn placed(diagnostic: &Diagnostic, file: FileId, offset: u32) -> Diagnostic {
    let mut diagnostic = diagnostic.clone();
    let place = |loc: &mut Loc| *loc = Loc { file, span: loc.span.shift(offset) };
    diagnostic.labels.iter_mut().for_each(|label| place(&mut label.loc));
    if let Some(fix) = &mut diagnostic.fix {
        fix.edits.iter_mut().for_each(|edit| place(&mut edit.loc));
    }
    diagnostic
}

/// Doc comments without their signs.
fn doc_text<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines = lines.into_iter().map(|line| {
        let line = line.trim_start_matches("///").trim_start_matches("//!").trim_end();
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}
