//! From bytes to lines and columns, and from the compiler's paths to the user's.

use mu_base::{FileId, Loc, Sources};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The folder of the standard library in the compiler's paths; it is no folder on the disk.
const STANDARD: &str = "std/";

/// A place as people count: from 1, columns in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

/// A range as people count; `end` is the place after its last character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Range {
    pub file: String,
    pub start: Position,
    pub end: Position,
}

/// All files of a report, ready to be looked up.
pub struct Places {
    files: BTreeMap<FileId, File>,
}

struct File {
    shown: String,
    text: Arc<str>,
    /// The offset of each line's first byte.
    lines: Vec<usize>,
}

impl Places {
    pub fn new(sources: &Sources, folder: &str) -> Places {
        let index = |text: &str| std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        let file = |source: &mu_base::Source| File {
            shown: shown(folder, &source.path),
            text: source.text.clone(),
            lines: index(&source.text),
        };
        Places { files: sources.iter().map(|(id, source)| (id, file(source))).collect() }
    }

    /// The path as the user would write it.
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(&file).map_or("", |file| &file.shown)
    }

    pub fn text(&self, file: FileId) -> &str {
        self.files.get(&file).map_or("", |file| &file.text)
    }

    /// The place in bytes, cut to what the file holds.
    pub fn bytes(&self, loc: Loc) -> (usize, usize) {
        let text = self.text(loc.file);
        let start = text.floor_char_boundary(loc.span.start as usize);
        let end = text.ceil_char_boundary((loc.span.end as usize).min(text.len()));
        (start, end.max(start))
    }

    pub fn range(&self, loc: Loc) -> Range {
        let (start, end) = self.bytes(loc);
        let Some(file) = self.files.get(&loc.file) else {
            let none = Position { line: 1, column: 1, offset: 0 };
            return Range { file: String::new(), start: none, end: none };
        };
        Range { file: file.shown.clone(), start: file.position(start), end: file.position(end) }
    }
}

impl File {
    fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        Position { line, column, offset }
    }
}

/// `src/main.mu` of the project `examples/digits` is `examples/digits/src/main.mu`; `..` is resolved where it can be.
fn shown(folder: &str, path: &str) -> String {
    if path.starts_with(STANDARD) || path.starts_with('/') {
        return path.to_owned();
    }
    let absolute = folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mu_base::Span;

    fn range(text: &str, start: u32, end: u32) -> (usize, usize, usize, usize) {
        let mut sources = Sources::default();
        let file = sources.add("a.mu", text);
        let range = Places::new(&sources, ".").range(Loc { file, span: Span { start, end } });
        (range.start.line, range.start.column, range.end.line, range.end.column)
    }

    #[test]
    fn columns_count_unicode_scalar_values_from_one() {
        assert_eq!(range("", 0, 0), (1, 1, 1, 1));
        assert_eq!(range("ab\ncd", 3, 5), (2, 1, 2, 3));
        assert_eq!(range("äö x", 5, 6), (1, 4, 1, 5));
        assert_eq!(range("a\r\n\u{1F469}b", 7, 8), (2, 2, 2, 3));
    }

    #[test]
    fn places_outside_of_the_text_are_cut_to_it() {
        assert_eq!(range("ab", 7, 9), (1, 3, 1, 3));
        assert_eq!(range("ä", 1, 1), (1, 1, 1, 2));
        assert_eq!(range("abc", 2, 1), (1, 3, 1, 3));
    }

    #[test]
    fn paths_are_shown_from_where_the_user_stands() {
        assert_eq!(shown(".", "src/main.mu"), "src/main.mu");
        assert_eq!(shown("examples/digits", "src/main.mu"), "examples/digits/src/main.mu");
        assert_eq!(shown("tests/run/x/", "../../../examples/m/a.mu"), "examples/m/a.mu");
        assert_eq!(shown("x", "../../m/a.mu"), "../m/a.mu");
        assert_eq!(shown("/tmp/x", "../a.mu"), "/tmp/a.mu");
        assert_eq!(shown("x", "std/core.mu"), "std/core.mu");
    }
}
