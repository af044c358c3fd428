//! From pest's pairs to the typed tree. The grammar has already accepted the text, so a builder that finds something else
//! gives `None`, never a panic. What the grammar cannot say (a number out of range, a setting given twice) is said here.

mod expr;
mod item;
mod require;
mod types;

use crate::ast::{ItemKind, Name, Str, UnitExpr};
use crate::errors::shown;
use crate::grammar::Rule;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, FileId, Loc, Span};
use pest::iterators::Pair;
use std::str::FromStr;

type P<'i> = Pair<'i, Rule>;

/// How high a tree may be, so that every walk over it may be recursive.
pub(crate) const MAX_HEIGHT: usize = 400;

/// More mistakes of one item are not told.
const MAX_DIAGNOSTICS: usize = 20;

/// Words that no program can use as names.
pub(crate) const RESERVED: [&str; 17] = [
    "if", "then", "else", "match", "for", "in", "scan", "with", "let", "next", "assert", "and", "or", "not", "none",
    "true", "false",
];

/// A place inside the item; the file is put in when the item is placed.
pub(crate) fn here(span: Span) -> Loc {
    Loc { file: FileId(0), span }
}

pub(crate) struct Builder<'a> {
    /// Doc comments inside the item, in order: where each starts, and its line.
    docs: std::iter::Peekable<std::vec::IntoIter<(u32, &'a str)>>,
    pub diagnostics: Vec<Diagnostic>,
    /// The height of what was built since the last [`Builder::nest`].
    height: usize,
    pub too_deep: bool,
}

/// The tree of an item whose text the grammar accepted.
pub(crate) fn build(pair: P<'_>, docs: Vec<(u32, &str)>) -> (Option<ItemKind>, Vec<Diagnostic>) {
    let mut builder =
        Builder { docs: docs.into_iter().peekable(), diagnostics: Vec::new(), height: 0, too_deep: false };
    let kind = builder.item(pair);
    let mut diagnostics = builder.diagnostics;
    diagnostics.sort_by_key(Diagnostic::place);
    diagnostics.truncate(MAX_DIAGNOSTICS);
    (kind.filter(|_| !builder.too_deep), diagnostics)
}

/// Where a pair stands; pest counts the spaces after it in.
fn span(pair: &P<'_>) -> Span {
    let whole = pair.as_span();
    Span::new(whole.start(), whole.start() + whole.as_str().trim_end().len())
}

fn name(pair: &P<'_>) -> Name {
    Name { text: pair.as_str().to_owned(), span: span(pair) }
}

/// `a.b.c`, each name with its own place.
fn path(pair: &P<'_>) -> Vec<Name> {
    let mut at = pair.as_span().start();
    let mut names = Vec::new();
    for part in pair.as_str().split('.') {
        names.push(Name { text: part.to_owned(), span: Span::new(at, at + part.len()) });
        at += part.len() + 1;
    }
    names
}

impl Builder<'_> {
    fn error(&mut self, code: Code, message: impl Into<String>, at: Span, label: &str) {
        self.diagnostics.push(Diagnostic::error(code, message).at(here(at), label));
    }

    /// The doc comments that stand before `at` and were not taken yet.
    fn docs_before(&mut self, at: Span) -> String {
        let mut lines = Vec::new();
        while let Some((_, line)) = self.docs.next_if(|(start, _)| *start < at.start) {
            lines.push(line);
        }
        crate::doc_text(lines)
    }

    /// One level of the tree around what `build` makes.
    fn nest<T>(&mut self, build: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let outer = std::mem::take(&mut self.height);
        let built = build(self);
        self.height = outer.max(self.height + 1);
        built
    }

    /// One level more on what was built last; says no where that is one too many.
    fn grow(&mut self, at: Span) -> bool {
        self.height += 1;
        if self.height <= MAX_HEIGHT {
            return true;
        }
        if !self.too_deep {
            self.too_deep = true;
            let message = format!("an expression has more than {MAX_HEIGHT} parts inside each other");
            let diagnostic = Diagnostic::error(Code::NestingTooDeep, message).at(here(at), "this is one too many");
            self.diagnostics.push(diagnostic.help("give a part of it a name with `let`"));
        }
        self.height = 0;
        false
    }

    /// The value of a text literal.
    fn text(&mut self, pair: &P<'_>) -> Str {
        let whole = span(pair);
        let body = pair.as_str().strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or_default();
        if !body.contains('\\') {
            return Str { text: body.to_owned(), span: whole };
        }
        let mut text = String::with_capacity(body.len());
        let mut rest = body;
        while let Some(slash) = rest.find('\\') {
            text.push_str(&rest[..slash]);
            rest = &rest[slash..];
            let (value, length) = escape(rest);
            match value {
                Some(value) => text.push(value),
                None => {
                    let start = whole.start as usize + 1 + body.len() - rest.len();
                    let at = Span::new(start, start + length);
                    let message = format!("`{}` is no escape", shown(&rest[..length]));
                    let diagnostic = Diagnostic::error(Code::BadLiteral, message).at(here(at), "not known in a text");
                    let help = "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{...}` with the number of a character in hexadecimal";
                    self.diagnostics.push(diagnostic.help(help));
                }
            }
            rest = &rest[length..];
        }
        text.push_str(rest);
        Str { text, span: whole }
    }

    /// The value of a decimal literal; one that has none is an error and 0.
    fn decimal(&mut self, literal: &str, at: Span) -> Decimal {
        let value = if literal.contains(['e', 'E']) {
            Decimal::from_scientific(literal).ok()
        } else {
            Decimal::from_str_exact(literal).ok()
        };
        value.unwrap_or_else(|| {
            let message = format!("`{}` is too large, too small or too exact for a decimal number", shown(literal));
            let diagnostic = Diagnostic::error(Code::BadLiteral, message).at(here(at), "at most 28 digits");
            self.diagnostics.push(diagnostic.help("round it"));
            Decimal::ZERO
        })
    }

    fn whole<T: FromStr + Default>(&mut self, pair: &P<'_>) -> T {
        pair.as_str().parse().unwrap_or_else(|_| {
            self.error(
                Code::BadLiteral,
                format!("`{}` is too large", shown(pair.as_str())),
                span(pair),
                "at most 18446744073709551615",
            );
            T::default()
        })
    }

    /// `kg*m/s^2`, `1/s`, `%`
    fn unit(&mut self, pair: &P<'_>) -> UnitExpr {
        let whole = span(pair);
        let text = &pair.as_str()[..(whole.end - whole.start) as usize];
        let mut terms = Vec::new();
        let mut start = 0;
        let mut sign = 1;
        for (at, next) in text.match_indices(['*', '/']).chain([(text.len(), "")]) {
            let factor = &text[start..at];
            let (unit, exponent) = factor.split_once('^').unwrap_or((factor, "1"));
            if !unit.is_empty() && unit != "1" {
                let from = whole.start as usize + start;
                let place = Span::new(from, from + unit.len());
                let exponent = exponent.parse::<i32>().ok().filter(|e| e.abs() <= 100).unwrap_or_else(|| {
                    self.error(
                        Code::BadLiteral,
                        format!("`{}` is no exponent of a unit", shown(exponent)),
                        place,
                        "at most 100",
                    );
                    1
                });
                terms.push((Name { text: unit.to_owned(), span: place }, sign * exponent));
            }
            sign = if next == "/" { -1 } else { 1 };
            start = at + 1;
        }
        UnitExpr { terms, span: whole }
    }
}

/// The character that an escape at the start of `text` stands for, and the escape's length in bytes.
fn escape(text: &str) -> (Option<char>, usize) {
    match text.chars().nth(1) {
        Some('n') => (Some('\n'), 2),
        Some('t') => (Some('\t'), 2),
        Some(same @ ('"' | '\\')) => (Some(same), 2),
        Some('u') => {
            let Some(digits) = text[2..].strip_prefix('{').and_then(|t| t.split_once('}')).map(|(d, _)| d) else {
                return (None, 2);
            };
            let value = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'));
            (value.and_then(char::from_u32), digits.len() + 4)
        }
        Some(other) => (None, 1 + other.len_utf8()),
        None => (None, 1),
    }
}
