//! From what the scanner and pest found wrong to one diagnostic an item, in words of the language.

use crate::build::{RESERVED, here};
use crate::grammar::Rule;
use crate::scan::{self, MAX_NESTING, Problem};
use mu_base::{Code, Diagnostic, Span, suggest};
use pest::error::{Error, ErrorVariant, InputLocation};

/// A problem of an item that starts at `start`.
pub(crate) fn of_problem(problem: Problem, text: &str, start: usize) -> Diagnostic {
    let span = |from: usize, to: usize| here(Span::new(from - start, to - start));
    let sign = |at: usize| text[at..].chars().next().unwrap_or(' ');
    match problem {
        Problem::Unclosed { at, closer } => {
            let open = sign(at);
            let diagnostic = Diagnostic::error(Code::UnclosedBlock, format!("this `{open}` is never closed"))
                .at(span(at, at + 1), "opened here");
            let diagnostic = match closer {
                Some(closer) => {
                    let text = format!("`{}` closes another one", sign(closer));
                    diagnostic.because(span(closer, closer + 1), text)
                }
                None => diagnostic,
            };
            diagnostic.help(format!("write the `{}` that belongs to it", closing(open)))
        }
        Problem::UnclosedText { at, end } => {
            Diagnostic::error(Code::UnclosedBlock, "this text is not closed on its line")
                .at(span(at, at + 1), "opened here")
                .help(if text[at..end].ends_with("\\\"") {
                    "`\\\"` is a quote inside the text; write `\"` at its end"
                } else {
                    "write `\"` at its end; a line break inside a text is written `\\n`"
                })
        }
        Problem::Unopened { at } => Diagnostic::error(Code::SyntaxError, format!("this `{}` closes nothing", sign(at)))
            .at(span(at, at + 1), "no bracket is open here")
            .help("remove it"),
        Problem::TooDeep { at } => {
            Diagnostic::error(Code::NestingTooDeep, format!("more than {MAX_NESTING} levels are nested here"))
                .at(span(at, at + 1), "one level too many")
                .help("move an inner part to a function of its own")
        }
        Problem::Control { at } => {
            let code = sign(at) as u32;
            Diagnostic::error(Code::SyntaxError, format!("the control character U+{code:04X} is no part of a program"))
                .at(span(at, at + 1), "here")
                .help(format!("remove it; inside a text it is written `\\u{{{code:x}}}`"))
        }
    }
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// A stretch of text that starts like no item.
pub(crate) fn of_stray(text: &str) -> Diagnostic {
    let (found, end) = token_at(text, 0);
    let here = here(Span::new(0, end));
    if text.starts_with('#') || text.starts_with("/*") {
        return Diagnostic::error(Code::SyntaxError, format!("{found} starts no comment"))
            .at(here, "not known here")
            .help("a comment starts with `//` and ends with its line");
    }
    if let Some((meant, end)) = scan::likely_keyword(text.as_bytes(), 0) {
        let message = format!("`{}` starts no item", shown(&text[..end]));
        return Diagnostic::error(Code::SyntaxError, message)
            .at(here, "not known")
            .help(format!("did you mean `{meant}`?"))
            .fix(format!("write `{meant}`"), here, meant);
    }
    let words = scan::ITEMS.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>();
    Diagnostic::error(Code::SyntaxError, format!("expected an item, found {found}"))
        .at(here, "starts no item")
        .help(format!("an item starts with one of {}", words.join(" ")))
}

/// Where the grammar stopped. `text` is the item as written, `clean` what the grammar read.
pub(crate) fn of_grammar(error: &Error<Rule>, text: &str, clean: &str) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let at = at + clean[at..].len() - clean[at..].trim_start_matches([' ', '\t']).len();
    let positives = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let (found, end) =
        if clean[at..].starts_with('\n') { ("the end of the line".to_owned(), at) } else { token_at(text, at) };
    let place = here(Span::new(at, end.max(at)));
    let token = &text[at..end];
    if let Some(diagnostic) = mistake(token, at, text, clean, positives) {
        return diagnostic;
    }
    let expected = expected(positives);
    let message = match expected.as_str() {
        _ if RESERVED.contains(&token) && expected.contains("a name") => {
            format!("expected {expected}, found the reserved word `{token}`")
        }
        "" => format!("{found} does not belong here"),
        _ => format!("expected {expected}, found {found}"),
    };
    let diagnostic = Diagnostic::error(Code::SyntaxError, message).at(place, "not expected here");
    let words = positives.iter().filter_map(|rule| keyword(*rule));
    match suggest::nearest(token, words.collect::<Vec<_>>()) {
        Some(meant) if !token.is_empty() && !RESERVED.contains(&token) => {
            diagnostic.help(format!("did you mean `{meant}`?")).fix(format!("write `{meant}`"), place, meant)
        }
        _ => match advice(positives, token, line_before(text, at)) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        },
    }
}

/// Mistakes of people who know other languages.
fn mistake(token: &str, at: usize, text: &str, clean: &str, positives: &[Rule]) -> Option<Diagnostic> {
    let expects = |rule: Rule| positives.contains(&rule);
    let error =
        |message: &str, span: Span, label: &str| Diagnostic::error(Code::SyntaxError, message).at(here(span), label);
    let rest = &text[at..];
    let swap = |length: usize, message: &str, help: &str, written: &str| {
        let span = Span::new(at, at + length);
        let title = if written.is_empty() { "remove it".to_owned() } else { format!("write `{}`", written.trim()) };
        Some(error(message, span, "not known here").help(help).fix(title, here(span), written))
    };
    let (before, before_at) = word_before(clean, at);
    if before == "return" {
        let span = Span::new(before_at, before_at + before.len());
        let help = "the last expression of a block is its value";
        return Some(error("there is no `return`", span, "not needed").help(help).fix("remove it", here(span), ""));
    }
    if before == "fn" {
        let span = Span::new(before_at, before_at + before.len());
        return Some(
            error("a function cannot stand inside a block", span, "inside a block")
                .help("move it to the top of the file"),
        );
    }
    if matches!(before, "var" | "mut" | "const" | "val") && expects(Rule::infix) {
        let span = Span::new(before_at, before_at + before.len());
        return Some(error("a local name is given with `let`", span, "not known here").help("write `let`").fix(
            "write `let`",
            here(span),
            "let",
        ));
    }
    match token.chars().next() {
        Some('=') if rest.starts_with("=>") => {
            let help = "a case of a `match` is `PATTERN -> VALUE`; every element of a list is visited by `for x in list { ... }`";
            Some(error("there is no `=>`", Span::new(at, at + 2), "not known here").help(help))
        }
        Some('/') if rest.starts_with("/*") => {
            let help = "a comment starts with `//` and ends with its line";
            Some(error("there is no `/*`", Span::new(at, at + 2), "not known here").help(help))
        }
        Some('%') if expects(Rule::infix) => {
            let help = "it is the unit of ratios: `97%`";
            Some(error("`%` is no operation", Span::new(at, at + 1), "not after a value").help(help))
        }
        Some(c) if !c.is_ascii() && c.is_alphabetic() => {
            let help = "names have letters from `a` to `z`, digits and `_`; other letters stand in texts";
            Some(error(&format!("`{c}` is no letter of a name"), Span::new(at, at + c.len_utf8()), "here").help(help))
        }
        Some('=') if !rest.starts_with("==") && (expects(Rule::infix) || expects(Rule::compare_op)) => {
            swap(1, "`=` does not compare", "to compare, write `==`; to name a value, write `let`", "==")
        }
        Some('&') if rest.starts_with("&&") => swap(2, "there is no `&&`", "write `and`", "and"),
        Some('|') if rest.starts_with("||") => swap(2, "there is no `||`", "write `or`", "or"),
        Some('|') => swap(1, "there is no `|`", "a pipe is written `|>`", "|>"),
        Some('!') if !rest.starts_with("!=") => swap(1, "there is no `!`", "write `not`", "not "),
        Some(';') => swap(1, "a line needs no `;` at its end", "write one statement or entry on each line", ""),
        Some('\'') => {
            let span = Span::new(at, at + 1);
            Some(error("a text stands in double quotes", span, "a single quote").help("write `\"` on both sides"))
        }
        Some('#') => swap(1, "there is no `#`", "a comment starts with `//`", "//"),
        Some('(') if expects(Rule::infix) && text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
            let span = Span::new(at, at + 1);
            let help = "a function is called by its name: write `x |> f(a)` or `f(x, a)` for `x.f(a)`";
            Some(error("a field cannot be called", span, "a call").help(help))
        }
        Some(':') if expects(Rule::arrow) => {
            swap(1, "expected `->` before the type of the result, found `:`", "write `->`", "->")
        }
        _ => None,
    }
}

/// What to do, where the expected parts and the line so far tell it.
fn advice(positives: &[Rule], token: &str, line: &str) -> Option<String> {
    let expects = |rule: Rule| positives.contains(&rule);
    let first = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    let advice = if expects(Rule::kw_then) {
        "write `if a then b else c` or `if a { b } else { c }`"
    } else if expects(Rule::kw_else) {
        "an `if` is a value, so it needs an `else`"
    } else if expects(Rule::arrow) && token == "{" {
        "every function states the type of its result: `-> TYPE`"
    } else if expects(Rule::comma) && first == "metric" {
        "a metric says which way is better: `, higher is better` or `, lower is better`"
    } else if expects(Rule::pipe) && !expects(Rule::infix) && !token.is_empty() {
        "`|>` binds loosest of all: put what stands before in parentheses"
    } else if expects(Rule::expr) && token == "{" && line.trim_end().ends_with("->") {
        "a case has one expression as its value: move the block to a function of its own"
    } else if let Some(meant) = suggest::nearest(first, ENTRIES).filter(|meant| *meant != first) {
        return Some(format!("did you mean `{meant}` by `{first}`?"));
    } else if expects(Rule::nl) && !token.is_empty() {
        "one separator inside every block: write each statement or entry on a line of its own"
    } else {
        return None;
    };
    Some(advice.to_owned())
}

/// Words of entries that a setting may be by mistake.
const ENTRIES: [&str; 5] = ["budget", "minimize", "maximize", "prefer", "select"];

/// The keyword a rule stands for.
fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::kw_if => "if",
        Rule::kw_then => "then",
        Rule::kw_else => "else",
        Rule::kw_in => "in",
        Rule::kw_with => "with",
        Rule::kw_expect => "expect",
        Rule::kw_fn => "fn",
        Rule::kw_where | Rule::condition => "where",
        Rule::kw_from => "from",
        Rule::kw_file | Rule::file => "file",
        Rule::kw_hub | Rule::hub => "hub",
        Rule::kw_truth | Rule::truth => "truth",
        Rule::kw_metric | Rule::metric => "metric",
        Rule::kw_sha256 | Rule::sha256 => "sha256",
        Rule::kw_revision | Rule::revision => "revision",
        Rule::kw_license | Rule::license => "license",
        Rule::kw_net | Rule::net => "net",
        Rule::kw_classes | Rule::classes => "classes",
        Rule::kw_origin | Rule::origin => "origin",
        Rule::kw_claim | Rule::claim => "claim",
        Rule::kw_adapt | Rule::adapt => "adapt",
        Rule::kw_require | Rule::require => "require",
        Rule::kw_budget | Rule::budget => "budget",
        Rule::kw_minimize | Rule::minimize => "minimize",
        Rule::kw_maximize | Rule::maximize => "maximize",
        Rule::kw_prefer | Rule::prefer => "prefer",
        Rule::kw_select | Rule::at_request => "select",
        Rule::kw_at => "at",
        Rule::kw_request => "request",
        Rule::kw_by => "by",
        Rule::kw_as | Rule::as_claimed => "as",
        Rule::kw_claimed => "claimed",
        Rule::confidence => "with",
        Rule::kw_confidence => "confidence",
        Rule::kw_on => "on",
        Rule::kw_per | Rule::per => "per",
        Rule::higher => "higher",
        Rule::lower => "lower",
        _ => return None,
    })
}

/// The expected parts as a list, the telling ones only: what can always follow an expression is left out where something else
/// is expected too.
fn expected(positives: &[Rule]) -> String {
    let mut parts = Vec::new();
    let mut minor = Vec::new();
    for &rule in positives {
        let (part, telling) = describe(rule);
        // What may always follow is left out: arguments, an index, a default.
        let follows = match rule {
            Rule::lparen | Rule::lbracket => {
                [Rule::infix, Rule::pipe, Rule::rparen, Rule::rbrace, Rule::EOI].as_slice()
            }
            Rule::eq => [Rule::comma].as_slice(),
            _ => &[],
        };
        if follows.iter().any(|other| positives.contains(other)) {
            continue;
        }
        let list = if telling { &mut parts } else { &mut minor };
        if !part.is_empty() && !list.contains(&part) {
            list.push(part);
        }
    }
    let mut list = if parts.is_empty() { minor } else { parts };
    list.sort_by_key(|part| part.starts_with('`'));
    match list.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Whether it may follow what is complete without it.
fn is_suffix(rule: Rule) -> bool {
    use Rule::{as_claimed, confidence, kw_as, kw_expect, kw_in, kw_on, kw_per, per};
    matches!(rule, kw_in | kw_on | kw_per | per | kw_expect | kw_as | as_claimed | confidence)
}

/// A rule in words, and whether it tells something where others are expected as well.
fn describe(rule: Rule) -> (String, bool) {
    if let Some(word) = keyword(rule) {
        let telling = !is_suffix(rule);
        return (format!("`{word}`"), telling);
    }
    let (part, telling) = match rule {
        Rule::name | Rule::word | Rule::path => ("a name", true),
        Rule::param => ("a parameter", true),
        Rule::generic => ("a generic", true),
        Rule::field | Rule::value_of => ("a field", true),
        Rule::port => ("a tensor", true),
        Rule::text => ("a text in double quotes", true),
        Rule::number | Rule::amount | Rule::quantity => ("a number", true),
        Rule::integer => ("a whole number", true),
        Rule::unit | Rule::unit_inverse => ("a unit", true),
        Rule::type_expr | Rule::type_arg | Rule::tuple => ("a type", true),
        Rule::dim | Rule::dim_sum => ("a dimension", true),
        Rule::expr | Rule::named | Rule::quantified | Rule::prefix | Rule::list | Rule::constant => {
            ("an expression", true)
        }
        Rule::record | Rule::if_expr | Rule::match_expr | Rule::for_expr | Rule::scan_expr => ("an expression", true),
        Rule::let_stmt | Rule::next_stmt | Rule::assert_stmt => ("a statement", true),
        Rule::block => ("`{`", true),
        Rule::arm => ("a case", true),
        Rule::any | Rule::none | Rule::wrap => ("a pattern", true),
        Rule::term | Rule::trait_ref | Rule::license_rule | Rule::license_path => ("a trait", true),
        Rule::compare_op => ("a comparison", true),
        Rule::setting => ("a setting", true),
        Rule::spdx => ("a licence", true),
        Rule::label_source => ("a label in double quotes", true),
        Rule::direction => ("`higher is better` or `lower is better`", true),
        Rule::EOI => ("the end of the item", true),
        Rule::nl => ("a new line", true),
        Rule::comma => ("`,`", true),
        Rule::colon => ("`:`", true),
        Rule::eq => ("`=`", true),
        Rule::arrow => ("`->`", true),
        Rule::lbrace => ("`{`", true),
        Rule::rbrace => ("`}`", true),
        Rule::lparen | Rule::ports | Rule::paren => ("`(`", true),
        Rule::rparen => ("`)`", true),
        Rule::lbracket => ("`[`", true),
        Rule::rbracket => ("`]`", true),
        Rule::rangle => ("`>`", true),
        Rule::le => ("`<=`", true),
        Rule::eqeq => ("`==`", true),
        Rule::infix | Rule::pipe | Rule::in_unit | Rule::term_op | Rule::dim_op => ("an operator", false),
        _ => ("", false),
    };
    (part.to_owned(), telling)
}

/// The word before a place, and where it starts; empty where there is none on the line.
fn word_before(text: &str, at: usize) -> (&str, usize) {
    let head = text[..at].trim_end_matches(' ');
    let start = head.len() - head.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    (&head[start..], start)
}

/// What stands before a place on its line, or on the item's first.
fn line_before(text: &str, at: usize) -> &str {
    text[..at].rsplit('\n').next().unwrap_or_default().trim_start()
}

/// The start of a long token.
pub(crate) fn shown(token: &str) -> String {
    const MOST: usize = 40;
    match token.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &token[..end]),
        None => token.to_owned(),
    }
}

/// The token at a place in words, and its end.
fn token_at(text: &str, at: usize) -> (String, usize) {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else { return ("the end of the item".to_owned(), at) };
    let length = if first.is_ascii_alphanumeric() || first == '_' {
        rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
    } else {
        let two = ["->", "|>", "==", "!=", "<=", ">=", "..", "&&", "||", "=>", "/*"]
            .iter()
            .any(|sign| rest.starts_with(sign));
        if two { 2 } else { first.len_utf8() }
    };
    match first {
        '"' => ("a text".to_owned(), at + length),
        _ => (format!("`{}`", shown(&rest[..length])), at + length),
    }
}
