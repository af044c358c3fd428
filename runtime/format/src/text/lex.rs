//! The tokens of the text form.

use super::parse::TextError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Letters, digits, `_` and `.`, starting with a letter or `_`.
    Word(String),
    /// An unsigned or negative number as it is spelled.
    Number(String),
    Text(String),
    /// `x"00ff"`
    Bytes(Vec<u8>),
    /// `%3`
    Value(u32),
    /// `@name` or `@"name"`
    Func(String),
    Punct(&'static str),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(word) | Token::Number(word) => write!(f, "`{word}`"),
            Token::Text(_) => write!(f, "a text"),
            Token::Bytes(_) => write!(f, "bytes"),
            Token::Value(id) => write!(f, "`%{id}`"),
            Token::Func(name) => write!(f, "`@{name}`"),
            Token::Punct(punct) => write!(f, "`{punct}`"),
            Token::End => write!(f, "the end"),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const PUNCTS: [&str; 23] = [
    "->", "<=", ">=", "==", "!=", "(", ")", "{", "}", "[", "]", "<", ">", "=", ",", ":", "#", "+", "-", "*", "/", "?",
    "!",
];

pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a str) -> Lexer<'a> {
        Lexer { source, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// An error at byte `at`.
    pub(super) fn error(&self, at: usize, message: String) -> TextError {
        let before = self.source.get(..at).unwrap_or(self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        TextError { line, column, message }
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with(';') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The next token and where it starts.
    pub(super) fn next(&mut self) -> Result<(usize, Token), TextError> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let mut chars = rest.chars();
        let (first, second) = (chars.next(), chars.next());
        let token = match (first, second) {
            (None, _) => Token::End,
            (Some('x'), Some('"')) => {
                self.at += 2;
                let digits = self.take_while(|c| c.is_ascii_hexdigit());
                let bytes = decode_hex(digits).filter(|_| self.rest().starts_with('"'));
                self.at += 1;
                Token::Bytes(bytes.ok_or_else(|| self.error(start, "broken hexadecimal bytes".into()))?)
            }
            (Some('"'), _) => Token::Text(self.text(start)?),
            (Some('@'), Some('"')) => {
                self.at += 1;
                Token::Func(self.text(start)?)
            }
            (Some('@'), _) => {
                self.at += 1;
                Token::Func(self.take_while(is_word).to_string())
            }
            (Some('%'), _) => {
                self.at += 1;
                let digits = self.take_while(|c| c.is_ascii_digit());
                Token::Value(digits.parse().map_err(|_| self.error(start, "expected a number after `%`".into()))?)
            }
            (Some('-'), Some('0'..='9' | 'i')) => {
                self.at += 1;
                Token::Number(format!("-{}", self.number()))
            }
            (Some('0'..='9'), _) => Token::Number(self.number().to_string()),
            (Some(c), _) if is_word(c) => Token::Word(self.take_while(is_word).to_string()),
            (Some(c), _) => {
                let punct = PUNCTS.into_iter().find(|p| rest.starts_with(p));
                let punct = punct.ok_or_else(|| self.error(start, format!("unexpected character {c:?}")))?;
                self.at += punct.len();
                Token::Punct(punct)
            }
        };
        Ok((start, token))
    }

    /// Digits, a point, an exponent with its sign, or a word such as `inf`; whether it is a number the reader of it decides.
    fn number(&mut self) -> &'a str {
        let rest = self.rest();
        let mut last = ' ';
        let end = rest.find(|c: char| {
            let exponent = matches!(last, 'e' | 'E') && matches!(c, '+' | '-');
            last = c;
            !(c.is_ascii_alphanumeric() || c == '.' || exponent)
        });
        let end = end.unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A text in double quotes with the escapes of JSON.
    fn text(&mut self, start: usize) -> Result<String, TextError> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|b| {
            let end = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            end
        });
        let end = end.ok_or_else(|| self.error(start, "a text without its closing quote".into()))? + 2;
        self.at += end;
        serde_json::from_str(&rest[..end]).map_err(|e| self.error(start, format!("broken text: {e}")))
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

/// Whether a name can be written without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_word)
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok()).collect()
}
