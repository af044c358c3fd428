//! Reads the text form.

use super::lex::{Lexer, Token};
use crate::decision::{Alternative, Decision};
use crate::depth::MAX_DEPTH;
use crate::ir::{Asset, Attr, Block, Constant, Entry, FuncId, Function, Inst, Kind, Model, Param, Program, ValueId};
use crate::op::Op;
use crate::tensor::DType;
use crate::types::{Dim, Type};
use std::collections::BTreeMap;
use std::fmt;

/// Where and why a text is no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for TextError {}

/// Reads a program. What it says is not verified: that is [`crate::verify`]'s part.
pub fn parse(source: &str) -> Result<Program, TextError> {
    let mut lexer = Lexer::new(source);
    let mut tokens = Vec::new();
    loop {
        let (at, token) = lexer.next()?;
        if token == Token::End {
            tokens.push((at, token));
            break;
        }
        tokens.push((at, token));
    }
    tokens.reverse();
    let (at, token) = tokens.pop().unwrap_or((0, Token::End));
    let mut parser = Parser { lexer, tokens, at, token, depth: 0, functions: BTreeMap::new(), types: Vec::new() };
    parser.program()
}

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    /// What comes after `token`, last first.
    tokens: Vec<(usize, Token)>,
    /// Where `token` starts.
    at: usize,
    token: Token,
    depth: u32,
    functions: BTreeMap<String, FuncId>,
    /// The types of the values of the function being read, as far as they were given.
    types: Vec<Option<Type>>,
}

type Parsed<T> = Result<T, TextError>;

// Tokens.
impl Parser<'_> {
    pub(super) fn error(&self, message: impl Into<String>) -> TextError {
        self.lexer.error(self.at, message.into())
    }

    fn expected(&self, what: &str) -> TextError {
        self.error(format!("expected {what}, found {}", self.token))
    }

    /// Goes to the next token; stays at the end.
    fn advance(&mut self) -> Token {
        let (at, token) = self.tokens.pop().unwrap_or((self.at, Token::End));
        self.at = at;
        std::mem::replace(&mut self.token, token)
    }

    fn is_punct(&self, punct: &str) -> bool {
        matches!(&self.token, Token::Punct(p) if *p == punct)
    }

    pub(super) fn punct(&mut self, punct: &str) -> Parsed<()> {
        if !self.is_punct(punct) {
            return Err(self.expected(&format!("`{punct}`")));
        }
        self.advance();
        Ok(())
    }

    /// Goes past the word where it stands here.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(&self.token, Token::Word(w) if w == word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    pub(super) fn text(&mut self) -> Parsed<String> {
        let Token::Text(text) = &mut self.token else { return Err(self.expected("a text")) };
        let text = std::mem::take(text);
        self.advance();
        Ok(text)
    }

    pub(super) fn bytes(&mut self) -> Parsed<Vec<u8>> {
        let Token::Bytes(bytes) = &mut self.token else { return Err(self.expected("bytes")) };
        let bytes = std::mem::take(bytes);
        self.advance();
        Ok(bytes)
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let Token::Number(number) = &self.token else { return Err(self.expected("a number")) };
        let value = number.parse().map_err(|_| self.error(format!("`{number}` is out of range here")))?;
        self.advance();
        Ok(value)
    }

    pub(super) fn f32(&mut self) -> Parsed<f32> {
        if let Some(bits) = self.nan(u64::from(f32::NAN.to_bits()))? {
            let bits = u32::try_from(bits).map_err(|_| self.error("too many bits for an f32"))?;
            return Ok(f32::from_bits(bits));
        }
        if self.take_word("inf") { Ok(f32::INFINITY) } else { self.number() }
    }

    pub(super) fn f64(&mut self) -> Parsed<f64> {
        if let Some(bits) = self.nan(f64::NAN.to_bits())? {
            return Ok(f64::from_bits(bits));
        }
        if self.take_word("inf") { Ok(f64::INFINITY) } else { self.number() }
    }

    /// The bits of `nan` or `nan(bits)`.
    fn nan(&mut self, plain: u64) -> Parsed<Option<u64>> {
        if !self.take_word("nan") {
            return Ok(None);
        }
        if !self.is_punct("(") {
            return Ok(Some(plain));
        }
        self.punct("(")?;
        let bits = self.number()?;
        self.punct(")")?;
        Ok(Some(bits))
    }

    /// Items between two brackets, separated by commas.
    pub(super) fn list<T>(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.punct(open)?;
        let mut items = Vec::new();
        while !self.is_punct(close) {
            if !items.is_empty() {
                self.punct(",")?;
            }
            items.push(item(self)?);
        }
        self.punct(close)?;
        Ok(items)
    }

    fn nested<T>(&mut self, item: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let item = item(self);
        self.depth -= 1;
        item
    }
}

// Types and attributes.
impl Parser<'_> {
    fn ty(&mut self) -> Parsed<Type> {
        if self.is_punct("{") {
            return self.nested(|p| Ok(Type::Record(p.list("{", "}", Parser::field)?)));
        }
        let Token::Word(word) = self.token.clone() else { return Err(self.expected("a type")) };
        if let Some(dtype) = DType::from_name(&word) {
            self.advance();
            let dims = if self.is_punct("[") { self.list("[", "]", Parser::dim)? } else { Vec::new() };
            return Ok(Type::Tensor(dtype, dims));
        }
        let simple = match word.as_str() {
            "text" => Some(Type::Text),
            "bytes" => Some(Type::Bytes),
            "image" => Some(Type::Image),
            "audio" => Some(Type::Audio),
            "label" | "ranking" | "option" | "result" | "list" => None,
            _ => return Err(self.expected("a type")),
        };
        self.advance();
        if let Some(simple) = simple {
            return Ok(simple);
        }
        self.punct("<")?;
        let ty = match word.as_str() {
            "label" => Type::Label(self.number()?),
            "ranking" => Type::Ranking(self.number()?),
            "option" => Type::Option(Box::new(self.nested(Parser::ty)?)),
            "result" => Type::Result(Box::new(self.nested(Parser::ty)?)),
            _ => {
                let element = self.nested(Parser::ty)?;
                self.punct(",")?;
                Type::List(Box::new(element), self.number()?)
            }
        };
        self.punct(">")?;
        Ok(ty)
    }

    fn field(&mut self) -> Parsed<(String, Type)> {
        let (Token::Word(name) | Token::Text(name)) = &mut self.token else { return Err(self.expected("a name")) };
        let name = std::mem::take(name);
        self.advance();
        self.punct(":")?;
        Ok((name, self.ty()?))
    }

    /// A name in quotes and its type.
    fn port(&mut self) -> Parsed<(String, Type)> {
        let name = self.text()?;
        self.punct(":")?;
        Ok((name, self.ty()?))
    }

    fn dim(&mut self) -> Parsed<Dim> {
        if self.take_word("_") {
            return Ok(Dim::Any);
        }
        if self.is_punct("<=") {
            self.punct("<=")?;
            return self.number().map(Dim::UpTo);
        }
        self.number().map(Dim::Is)
    }

    fn attr(&mut self) -> Parsed<Attr> {
        Ok(match &self.token {
            Token::Text(_) => Attr::Text(self.text()?),
            Token::Punct("[") => Attr::Ints(self.list("[", "]", Parser::number)?),
            Token::Word(word) if word == "asset" => {
                self.advance();
                Attr::Asset(self.number()?)
            }
            Token::Word(word) if word == "classes" => {
                self.advance();
                Attr::Classes(self.list("[", "]", Parser::number)?)
            }
            Token::Number(number) if !number.contains(['.', 'e', 'i']) => Attr::Int(self.number()?),
            _ => Attr::Float(self.f64()?),
        })
    }
}

// Items, blocks and instructions.
impl Parser<'_> {
    fn program(&mut self) -> Parsed<Program> {
        let mut program = Program::default();
        while self.token != Token::End {
            let Token::Word(word) = self.token.clone() else { return Err(self.expected("an item")) };
            self.advance();
            match word.as_str() {
                "labels" => {
                    self.place(program.labels.len())?;
                    program.labels.push(self.list("[", "]", Parser::text)?);
                }
                "asset" => {
                    self.place(program.assets.len())?;
                    let name = self.text()?;
                    self.word("sha256")?;
                    program.assets.push(Asset { name, sha256: self.text()? });
                }
                "model" => {
                    self.place(program.models.len())?;
                    let name = self.text()?;
                    self.word("sha256")?;
                    let sha256 = self.text()?;
                    let inputs = self.list("(", ")", Parser::port)?;
                    self.punct("->")?;
                    let outputs = self.list("(", ")", Parser::port)?;
                    program.models.push(Model { name, sha256, inputs, outputs });
                }
                "const" => {
                    self.place(program.constants.len())?;
                    let (name, ty) = self.port()?;
                    self.punct("=")?;
                    let value = self.value(&ty)?;
                    program.constants.push(Constant { name, ty, value });
                }
                "decision" => {
                    self.place(program.decisions.len())?;
                    program.decisions.push(self.decision()?);
                }
                "func" => {
                    let function = self.function()?;
                    let id = FuncId::try_from(program.functions.len()).map_err(|_| self.error("too many functions"))?;
                    if self.functions.insert(function.name.clone(), id).is_some() {
                        return Err(self.error(format!("a second function `{}`", function.name)));
                    }
                    program.functions.push(function);
                }
                "entry" => program.entries.push(self.entry()?),
                _ => return Err(self.error(format!("`{word}` starts no item"))),
            }
        }
        Ok(program)
    }

    /// The number of an item, which says its place in the table, and `=`.
    fn place(&mut self, next: usize) -> Parsed<()> {
        let at = self.at;
        if self.number::<usize>()? != next {
            return Err(self.lexer.error(at, format!("expected {next}: items are numbered in order")));
        }
        self.punct("=")
    }

    fn entry(&mut self) -> Parsed<Entry> {
        let name = self.text()?;
        self.punct("=")?;
        let function = self.callee()?;
        let params = self.list("(", ")", Parser::port)?;
        let params = params.into_iter().map(|(name, ty)| Param { name, ty }).collect();
        self.punct("->")?;
        let result = self.ty()?;
        let docs = if matches!(self.token, Token::Text(_)) { self.text()? } else { String::new() };
        Ok(Entry { name, function, params, result, docs })
    }

    fn decision(&mut self) -> Parsed<Decision> {
        let slot = self.text()?;
        let terms = self.list("(", ")", Parser::text)?;
        let options = self.list("[", "]", |p| {
            let card = p.text()?;
            Ok(Alternative { card, values: p.list("[", "]", Parser::f64)? })
        })?;
        self.word("breaks")?;
        Ok(Decision { slot, terms, options, breaks: self.list("[", "]", Parser::f64)? })
    }

    fn callee(&mut self) -> Parsed<FuncId> {
        let Token::Func(name) = &self.token else { return Err(self.expected("a function")) };
        let id = *self.functions.get(name).ok_or_else(|| self.error(format!("no function `{name}` stands before")))?;
        self.advance();
        Ok(id)
    }

    fn function(&mut self) -> Parsed<Function> {
        let Token::Func(name) = self.token.clone() else { return Err(self.expected("a function's name")) };
        self.advance();
        self.types = Vec::new();
        let params = self.list("(", ")", Parser::definition)?;
        self.punct("->")?;
        let result = self.ty()?;
        let body = self.block(params)?;
        let types = std::mem::take(&mut self.types);
        let values = types.into_iter().collect::<Option<Vec<Type>>>();
        let values = values.ok_or_else(|| self.error(format!("`{name}` leaves a number out between its values")))?;
        Ok(Function { name, result, values, body })
    }

    /// `%3: f32`, where a value is defined.
    fn definition(&mut self) -> Parsed<ValueId> {
        /// More than any function has; keeps a hostile number from allocating a table.
        const MOST_VALUES: usize = 1 << 20;
        let id = self.used()?;
        self.punct(":")?;
        let ty = self.ty()?;
        let place = id as usize;
        if place >= MOST_VALUES {
            return Err(self.error(format!("`%{id}` is too large a number")));
        }
        if place >= self.types.len() {
            self.types.resize(place + 1, None);
        }
        match self.types.get_mut(place) {
            Some(slot @ None) => *slot = Some(ty),
            _ => return Err(self.error(format!("`%{id}` is defined twice"))),
        }
        Ok(id)
    }

    fn used(&mut self) -> Parsed<ValueId> {
        let Token::Value(id) = self.token else { return Err(self.expected("a value")) };
        self.advance();
        Ok(id)
    }

    fn args(&mut self) -> Parsed<Vec<ValueId>> {
        self.list("(", ")", Parser::used)
    }

    /// A block with the parameters that stand before its brace, if any.
    fn inner(&mut self) -> Parsed<Block> {
        self.nested(|p| {
            let params = if p.is_punct("(") { p.list("(", ")", Parser::definition)? } else { Vec::new() };
            p.block(params)
        })
    }

    fn block(&mut self, params: Vec<ValueId>) -> Parsed<Block> {
        self.punct("{")?;
        let mut insts = Vec::new();
        while matches!(self.token, Token::Value(_)) {
            let result = self.definition()?;
            self.punct("=")?;
            let kind = self.kind(result)?;
            insts.push(Inst { result, kind });
        }
        self.word("yield")?;
        let mut yields = Vec::new();
        while !self.is_punct("}") {
            if !yields.is_empty() {
                self.punct(",")?;
            }
            yields.push(self.used()?);
        }
        self.punct("}")?;
        Ok(Block { params, insts, yields })
    }

    fn kind(&mut self, result: ValueId) -> Parsed<Kind> {
        let word = match &self.token {
            Token::Word(word) => word.clone(),
            Token::Punct(punct) => punct.to_string(),
            _ => return Err(self.expected("an instruction")),
        };
        if let Some(op) = Op::from_name(&word) {
            self.advance();
            let attrs = if self.is_punct("[") { self.list("[", "]", Parser::attr)? } else { Vec::new() };
            return Ok(Kind::Op { op, attrs, args: self.args()? });
        }
        let at = self.at;
        self.advance();
        Ok(match word.as_str() {
            "literal" => {
                let ty = self.types.get(result as usize).cloned().flatten();
                let ty = ty.ok_or_else(|| self.error("a literal without a type"))?;
                Kind::Literal(self.value(&ty)?)
            }
            "const" => Kind::Const(self.number()?),
            "call" => Kind::Call { function: self.callee()?, args: self.args()? },
            "dispatch" => {
                let decision = self.number()?;
                let functions = self.list("[", "]", Parser::callee)?;
                Kind::Dispatch { decision, functions, args: self.args()? }
            }
            "infer" => Kind::Infer { model: self.number()?, args: self.args()? },
            "record" => Kind::Record(self.args()?),
            "list" => Kind::List(self.args()?),
            "field" => Kind::Field { record: self.used()?, index: self.number()? },
            "some" => Kind::Some(self.used()?),
            "none" => Kind::None,
            "ok" => Kind::Ok(self.used()?),
            "err" => Kind::Err(self.used()?),
            "if" => {
                let condition = self.used()?;
                let then = self.inner()?;
                self.word("else")?;
                Kind::If { condition, then, otherwise: self.inner()? }
            }
            "match" => {
                let subject = self.used()?;
                self.word("present")?;
                let present = self.inner()?;
                self.word("absent")?;
                Kind::Match { subject, present, absent: self.inner()? }
            }
            "for" => {
                let list = self.used()?;
                let filter = if self.take_word("where") { Some(self.inner()?) } else { None };
                self.word("do")?;
                Kind::For { list, filter, body: self.inner()? }
            }
            "scan" => {
                let list = self.used()?;
                self.word("init")?;
                let init = self.args()?;
                self.word("do")?;
                Kind::Scan { list, init, body: self.inner()? }
            }
            _ => return Err(self.lexer.error(at, format!("no instruction or operation is called `{word}`"))),
        })
    }
}
