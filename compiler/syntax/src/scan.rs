//! The item scanner: one linear pass over a file that finds its items before any of them is parsed.
//!
//! It knows comments, texts, brackets and where a newline separates, and nothing else of the language. It also writes the text
//! that the grammar reads: as long as the source, with comments blanked and only separating newlines kept, so that every place
//! in it is a place in the source.

use crate::grammar::Rule;

/// How deep brackets, and expressions that begin with a word, may be nested in an item.
pub(crate) const MAX_NESTING: usize = 200;

/// The words that start an item, and the rule that parses it.
pub(crate) const ITEMS: [(&str, Rule); 15] = [
    ("use", Rule::use_item),
    ("labels", Rule::labels_item),
    ("dimension", Rule::dimension_item),
    ("unit", Rule::unit_item),
    ("record", Rule::record_item),
    ("trait", Rule::trait_item),
    ("task", Rule::task_item),
    ("builtin", Rule::builtin_item),
    ("dataset", Rule::dataset_item),
    ("model", Rule::model_item),
    ("slot", Rule::slot_item),
    ("const", Rule::const_item),
    ("fn", Rule::fn_item),
    ("deploy", Rule::deploy_item),
    ("test", Rule::test_item),
];

/// What makes an item broken before the grammar sees it. Places are in bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The bracket at `at` is open where the item ends, or where the bracket at `closer` closes another one.
    Unclosed { at: usize, closer: Option<usize> },
    /// The quote at `at` has no other on its line, which ends at `end`.
    UnclosedText { at: usize, end: usize },
    /// The bracket closes nothing.
    Unopened { at: usize },
    /// What starts here is nested deeper than [`MAX_NESTING`].
    TooDeep { at: usize },
    /// A character that is no part of any text.
    Control { at: usize },
}

/// An item, or a stretch of text that starts like none.
#[derive(Debug)]
pub(crate) struct Found {
    /// From the end of the item before it to the end of its last line.
    pub range: (usize, usize),
    /// From its first word to its last sign.
    pub proper: (usize, usize),
    /// `None`: it is no item.
    pub rule: Option<Rule>,
    pub problem: Option<Problem>,
    /// Places in [`Scan::docs`]: before the item, and inside it.
    pub docs: (usize, usize),
    pub inner_docs: (usize, usize),
}

#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub items: Vec<Found>,
    /// What the grammar reads.
    pub clean: String,
    /// Each doc comment, from its first slash to the end of its line.
    pub docs: Vec<(usize, usize)>,
    /// Each comment that documents the module.
    pub module_docs: Vec<(usize, usize)>,
    /// Every comment, those that document included.
    pub comments: Vec<(usize, usize)>,
    /// Where the last item's range ends.
    pub tail: usize,
}

struct Bracket {
    open: u8,
    at: usize,
    /// Whether it counts as a level.
    counted: bool,
    /// How many expressions that begin with a word, and how many `<`, are open inside.
    words: usize,
    angles: usize,
}

struct Scanner<'a> {
    text: &'a [u8],
    clean: Vec<u8>,
    at: usize,
    /// The first newline since the last token.
    newline: Option<usize>,
    /// Whether the last token leaves its line open.
    open_line: bool,
    last_end: usize,
    /// Whether the current item has gone on where it should have ended.
    continued: bool,
    brackets: Vec<Bracket>,
    /// The sum of what the open brackets count, and those of no bracket.
    nested: usize,
    current: Option<Found>,
    scan: Scan,
}

/// Finds the items of a file.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        clean: text.as_bytes().to_vec(),
        at: 0,
        newline: None,
        open_line: false,
        last_end: 0,
        continued: false,
        brackets: vec![Bracket { open: 0, at: 0, counted: false, words: 0, angles: 0 }],
        nested: 0,
        current: None,
        scan: Scan::default(),
    };
    scanner.run();
    scanner.scan.clean = String::from_utf8(scanner.clean).unwrap_or_default();
    scanner.scan
}

impl Scanner<'_> {
    fn run(&mut self) {
        if self.text.starts_with("\u{feff}".as_bytes()) {
            self.blank(0, 3);
            self.at = 3;
        }
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\r' => {
                    self.blank(self.at, self.at + 1);
                    self.at += 1;
                }
                b'\n' => {
                    self.newline.get_or_insert(self.at);
                    self.blank(self.at, self.at + 1);
                    self.at += 1;
                }
                b'/' if self.peek(1) == b'/' => self.comment(),
                _ => self.token(byte),
            }
        }
        self.finish(self.newline.map_or(self.text.len(), |n| n + 1));
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn blank(&mut self, from: usize, to: usize) {
        self.clean[from..to].fill(b' ');
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].iter().position(|b| *b == b'\n').map_or(self.text.len(), |n| from + n)
    }

    fn comment(&mut self) {
        let end = self.line_end(self.at);
        let body = &self.text[self.at..end];
        self.scan.comments.push((self.at, end));
        if body.starts_with(b"///") && !body.starts_with(b"////") {
            self.scan.docs.push((self.at, end));
        } else if body.starts_with(b"//!") && self.current.is_none() && self.scan.docs.is_empty() {
            self.scan.module_docs.push((self.at, end));
        }
        self.blank(self.at, end);
        self.at = end;
    }

    fn token(&mut self, byte: u8) {
        let first = self.newline.is_some() || self.current.is_none();
        if first {
            self.line_start();
        }
        let start = self.at;
        if byte.is_ascii_alphabetic() || byte == b'_' {
            self.word();
        } else if byte.is_ascii_digit() {
            self.at = word_end(self.text, self.at);
            self.open_line = false;
        } else {
            self.sign(byte);
        }
        self.last_end = self.at;
        debug_assert!(self.at > start);
    }

    /// Before the first token of a line: does an item start here, and does the newline before it separate?
    fn line_start(&mut self) {
        let level = self.brackets.len() - 1;
        let closes = level > 0 && matches!(self.text[self.at], b')' | b']' | b'}');
        let joins = self.open_line || closes || joins_line_before(self.text, self.at);
        let separates = self.newline.is_some() && !joins;
        let column_0 = self.at == 0 || self.text[self.at - 1] == b'\n';
        let rule = item_at(self.text, self.at);
        let starts = match rule {
            None => false,
            Some(_) if self.current.is_none() || level == 0 && separates => true,
            // An item that was not closed ends where the next one clearly starts.
            Some(_) => (level == 0 || column_0) && item_is_named(self.text, self.at),
        };
        if starts || level == 0 && separates && !self.continues(column_0) || self.current.is_none() {
            self.begin(rule.filter(|_| starts));
        } else if separates && self.brackets.last().is_some_and(|b| b.open == b'{' || b.open == 0) {
            if let Some(at) = self.newline {
                self.clean[at] = b'\n';
            }
            self.end_of_line();
        }
        self.newline = None;
    }

    /// Whether a line outside brackets that starts no item is a part of the item before it, although it should not be: it is
    /// indented, or closes what such lines opened. So a forgotten `{` is one mistake.
    fn continues(&mut self, column_0: bool) -> bool {
        let of_item = self.current.as_ref().is_some_and(|current| current.rule.is_some());
        self.continued = of_item && (!column_0 || self.continued && self.text[self.at] == b'}');
        self.continued
    }

    /// What was nested without brackets ends with its line.
    fn end_of_line(&mut self) {
        if let Some(bracket) = self.brackets.last_mut() {
            self.nested -= bracket.words + bracket.angles;
            bracket.words = 0;
            bracket.angles = 0;
        }
    }

    fn begin(&mut self, rule: Option<Rule>) {
        // Lines that start like no item are one stretch, and belong to the broken item before them.
        if let Some(current) = self.current.as_ref().filter(|_| rule.is_none())
            && (current.problem.is_some() || current.rule.is_none() && likely_keyword(self.text, self.at).is_none())
        {
            return self.end_of_line();
        }
        self.finish(self.newline.map_or(self.at, |n| n + 1));
        let from = self.scan.tail;
        let docs = self.scan.docs.partition_point(|d| d.0 < from);
        let here = self.scan.docs.len();
        self.current = Some(Found {
            range: (from, from),
            proper: (self.at, self.at),
            rule,
            problem: None,
            docs: (docs, here),
            inner_docs: (here, here),
        });
    }

    /// Ends the current item; its range ends at `end`.
    fn finish(&mut self, end: usize) {
        let Some(mut item) = self.current.take() else { return };
        item.proper.1 = self.last_end;
        item.range.1 = end.max(self.last_end);
        item.inner_docs.1 = self.scan.docs.partition_point(|d| d.0 < self.last_end);
        if self.brackets.len() > 1 && item.problem.is_none() {
            item.problem = self.brackets.last().map(|b| Problem::Unclosed { at: b.at, closer: None });
        }
        self.scan.tail = item.range.1;
        self.scan.items.push(item);
        self.brackets.truncate(1);
        self.brackets[0] = Bracket { open: 0, at: 0, counted: false, words: 0, angles: 0 };
        self.nested = 0;
        self.open_line = false;
        self.continued = false;
    }

    /// The first problem of an item counts.
    fn problem(&mut self, problem: Problem) {
        if let Some(item) = &mut self.current {
            item.problem.get_or_insert(problem);
        }
    }

    fn count_nesting(&mut self) {
        self.nested += 1;
        if self.nested > MAX_NESTING {
            self.problem(Problem::TooDeep { at: self.at });
        }
    }

    fn word(&mut self) {
        let end = word_end(self.text, self.at);
        let word = &self.text[self.at..end];
        self.open_line = false;
        match word {
            b"if" | b"match" | b"for" | b"scan" => {
                self.count_nesting();
                if let Some(bracket) = self.brackets.last_mut() {
                    bracket.words += 1;
                }
            }
            b"and" | b"or" => {
                self.open_line = true;
                if let Some(bracket) = self.brackets.last_mut() {
                    self.nested -= bracket.angles;
                    bracket.angles = 0;
                }
            }
            b"not" | b"then" | b"else" | b"in" => self.open_line = true,
            _ => {}
        }
        // A word before a colon is a name, whatever it is.
        if self.open_line && is_labelled(self.text, end) {
            self.open_line = false;
        }
        self.at = end;
    }

    fn sign(&mut self, byte: u8) {
        let next = self.peek(1);
        let (length, open_line) = match (byte, next) {
            (b'=' | b'<' | b'>' | b'!', b'=') | (b'|', b'>') | (b'-', b'>') => (2, true),
            (b'.', b'.') => (2, false),
            (b'=' | b'<' | b'+' | b'-' | b'*' | b'/' | b',' | b':', _) => (1, true),
            (b'>', _) => (1, self.at > 0 && self.text[self.at - 1] == b' '),
            (b'(' | b'[' | b'{', _) => {
                // The block of an `if` is counted with its word.
                let counted = byte != b'{' || self.brackets.last().is_none_or(|b| b.words == 0);
                if counted {
                    self.count_nesting();
                }
                self.brackets.push(Bracket { open: byte, at: self.at, counted, words: 0, angles: 0 });
                (1, true)
            }
            (b')' | b']' | b'}', _) => {
                self.close(byte);
                (1, false)
            }
            (b'"', _) => (self.text_length(), false),
            _ => {
                if byte.is_ascii_control() {
                    self.problem(Problem::Control { at: self.at });
                }
                let rest = self.text[self.at + 1..].iter().take_while(|b| **b & 0xc0 == 0x80).count();
                (1 + if byte >= 0x80 { rest } else { 0 }, false)
            }
        };
        match (byte, length) {
            (b',', _) => {
                if let Some(bracket) = self.brackets.last_mut() {
                    self.nested -= bracket.words;
                    bracket.words = 0;
                }
            }
            // A type's arguments are nested like brackets; a comparison is forgotten with its line.
            (b'<', 1) if !next.is_ascii_whitespace() => {
                self.count_nesting();
                if let Some(bracket) = self.brackets.last_mut() {
                    bracket.angles += 1;
                }
            }
            (b'>', 1) => {
                if let Some(bracket) = self.brackets.last_mut().filter(|b| b.angles > 0) {
                    bracket.angles -= 1;
                    self.nested -= 1;
                }
            }
            _ => {}
        }
        self.at += length;
        self.open_line = open_line;
    }

    fn close(&mut self, closer: u8) {
        let open = match closer {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let Some(depth) = self.brackets.iter().rposition(|b| b.open == open) else {
            // In an item that has gone on too long the grammar says what is missing.
            if !self.continued {
                self.problem(Problem::Unopened { at: self.at });
            }
            return;
        };
        while self.brackets.len() > depth {
            let Some(bracket) = self.brackets.pop() else { break };
            self.nested -= usize::from(bracket.counted) + bracket.words + bracket.angles;
            if bracket.open != open {
                self.problem(Problem::Unclosed { at: bracket.at, closer: Some(self.at) });
            }
        }
    }

    /// How many bytes the text literal here has; one that is not closed ends with its line.
    fn text_length(&mut self) -> usize {
        let mut at = self.at + 1;
        loop {
            match self.text.get(at) {
                Some(b'"') => return at + 1 - self.at,
                Some(b'\\') if self.text.get(at + 1).is_some_and(|b| *b != b'\n') => at += 2,
                None | Some(b'\n') => {
                    self.problem(Problem::UnclosedText { at: self.at, end: at });
                    return at - self.at;
                }
                Some(byte) => {
                    if byte.is_ascii_control() && *byte != b'\t' && *byte != b'\r' {
                        self.problem(Problem::Control { at });
                    }
                    at += 1;
                }
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_end(text: &[u8], from: usize) -> usize {
    from + text[from..].iter().take_while(|b| is_word(**b)).count()
}

fn skip_spaces(text: &[u8], from: usize) -> usize {
    from + text[from..].iter().take_while(|b| **b == b' ' || **b == b'\t').count()
}

fn is_labelled(text: &[u8], word_end: usize) -> bool {
    text.get(skip_spaces(text, word_end)) == Some(&b':')
}

/// Whether a line that starts so continues the one before it.
fn joins_line_before(text: &[u8], at: usize) -> bool {
    match (text[at], text.get(at + 1)) {
        (b'|' | b'-', Some(b'>')) | (b',' | b'{', _) => true,
        (b'.', next) => next != Some(&b'.'),
        _ => {
            let end = word_end(text, at);
            matches!(&text[at..end], b"and" | b"or" | b"then" | b"else" | b"with" | b"where") && !is_labelled(text, end)
        }
    }
}

fn item_at(text: &[u8], at: usize) -> Option<Rule> {
    let word = &text[at..word_end(text, at)];
    ITEMS.iter().find(|(keyword, _)| keyword.as_bytes() == word).map(|(_, rule)| *rule)
}

/// Whether a name or a text follows the word, as it does in an item and nowhere else.
fn item_is_named(text: &[u8], at: usize) -> bool {
    let end = word_end(text, at);
    let next = skip_spaces(text, end);
    next > end && text.get(next).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b == b'"')
}

/// The word of an item that was likely meant by the word here, and the word's end.
pub(crate) fn likely_keyword(text: &[u8], at: usize) -> Option<(&'static str, usize)> {
    let end = word_end(text, at);
    let word = std::str::from_utf8(&text[at..end]).unwrap_or_default();
    let meant = match word {
        "import" | "from" | "using" | "include" => "use",
        "def" | "func" | "function" | "fun" => "fn",
        "struct" | "class" | "type" => "record",
        "enum" => "labels",
        "let" | "var" | "val" => "const",
        _ => mu_base::suggest::nearest(word, ITEMS.iter().map(|(keyword, _)| *keyword))?,
    };
    Some((meant, end))
}
