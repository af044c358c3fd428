//! Expressions, statements and blocks.

use super::types::find;
use super::{Builder, P, here, name, span};
use crate::ast::{Arg, Arm, BinaryOp, Block, Expr, ExprKind, Name, Pattern, Stmt, UnaryOp};
use crate::grammar::Rule;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span};
use pest::iterators::Pairs;
use std::iter::Peekable;

type Kids<'i> = Peekable<Pairs<'i, Rule>>;

/// How tight an operator binds, and what it is.
fn operator(text: &str) -> (u8, BinaryOp) {
    match text {
        "or" => (1, BinaryOp::Or),
        "and" => (CONJUNCTION, BinaryOp::And),
        "==" => (COMPARISON, BinaryOp::Eq),
        "!=" => (COMPARISON, BinaryOp::Ne),
        "<=" => (COMPARISON, BinaryOp::Le),
        ">=" => (COMPARISON, BinaryOp::Ge),
        "<" => (COMPARISON, BinaryOp::Lt),
        ">" => (COMPARISON, BinaryOp::Gt),
        "+" => (4, BinaryOp::Add),
        "-" => (4, BinaryOp::Sub),
        "*" => (5, BinaryOp::Mul),
        _ => (5, BinaryOp::Div),
    }
}

const CONJUNCTION: u8 = 2;
const COMPARISON: u8 = 3;

impl Builder<'_> {
    pub(super) fn expr(&mut self, pair: P<'_>) -> Option<Expr> {
        self.nest(|this| {
            let mut kids = pair.into_inner().peekable();
            let mut value = this.binary(&mut kids, 0)?;
            for kid in kids.filter(|kid| kid.as_rule() == Rule::named) {
                let whole = value.span.to(span(&kid));
                let (callee, mut args) = this.named(kid)?;
                args.get_or_insert_default().insert(0, Arg { name: None, value });
                value = this.fold(ExprKind::Call { callee, args: args.unwrap_or_default(), piped: true }, whole);
            }
            Some(value)
        })
    }

    /// A level on top of what was built last.
    fn fold(&mut self, kind: ExprKind, span: Span) -> Expr {
        let kind = if self.grow(span) { kind } else { ExprKind::Error };
        Expr { kind, span }
    }

    /// Operators of one flat list that bind tighter than `above`, grouped by precedence, left to right.
    fn binary(&mut self, kids: &mut Kids<'_>, above: u8) -> Option<Expr> {
        let mut left = match kids.next_if(|kid| kid.as_rule() == Rule::prefix && kid.as_str() == "not") {
            Some(not) => {
                let value = self.nest(|this| this.binary(kids, above.max(CONJUNCTION)))?;
                let whole = span(&not).to(value.span);
                self.fold(ExprKind::Unary { op: UnaryOp::Not, value: Box::new(value) }, whole)
            }
            None => self.operand(kids)?,
        };
        let mut compared: Option<Span> = None;
        while let Some(sign) = kids.next_if(|kid| kid.as_rule() == Rule::infix && operator(kid.as_str()).0 > above) {
            let (tightness, op) = operator(sign.as_str());
            let op_span = span(&sign);
            let right = self.binary(kids, tightness)?;
            let whole = left.span.to(right.span);
            if tightness == COMPARISON {
                if let Some(first) = compared {
                    self.chained(first, op_span);
                }
                compared = Some(op_span);
            }
            left = self.fold(ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) }, whole);
        }
        Some(left)
    }

    fn chained(&mut self, first: Span, second: Span) {
        let diagnostic = Diagnostic::error(Code::SyntaxError, "comparisons cannot be chained")
            .at(here(second), "a second comparison")
            .because(here(first), "the first one");
        self.diagnostics.push(diagnostic.help("join two comparisons with `and`: `a < b and b < c`"));
    }

    fn operand(&mut self, kids: &mut Kids<'_>) -> Option<Expr> {
        let mut prefixes = Vec::new();
        while let Some(prefix) = kids.next_if(|kid| kid.as_rule() == Rule::prefix) {
            let op = if prefix.as_str() == "-" { UnaryOp::Neg } else { UnaryOp::Not };
            prefixes.push((op, span(&prefix)));
        }
        let mut value = self.primary(kids.next()?)?;
        while let Some(kid) = kids.next_if(|kid| matches!(kid.as_rule(), Rule::field_of | Rule::index)) {
            let whole = value.span.to(span(&kid));
            let kind = match kid.as_rule() {
                Rule::field_of => ExprKind::Field { value: Box::new(value), field: name(&find(kid, Rule::word)?) },
                _ => {
                    let mut parts = kid.into_inner().filter(|part| part.as_rule() == Rule::expr);
                    let first = Box::new(self.expr(parts.next()?)?);
                    match parts.next() {
                        None => ExprKind::Index { value: Box::new(value), index: first },
                        Some(to) => {
                            ExprKind::Slice { value: Box::new(value), from: first, to: Box::new(self.expr(to)?) }
                        }
                    }
                }
            };
            value = self.fold(kind, whole);
        }
        for (op, at) in prefixes.into_iter().rev() {
            let whole = at.to(value.span);
            value = self.fold(ExprKind::Unary { op, value: Box::new(value) }, whole);
        }
        while let Some(kid) = kids.next_if(|kid| kid.as_rule() == Rule::in_unit) {
            let whole = value.span.to(span(&kid));
            let unit = self.unit(&find(kid, Rule::unit)?);
            value = self.fold(ExprKind::In { value: Box::new(value), unit }, whole);
        }
        Some(value)
    }

    fn primary(&mut self, pair: P<'_>) -> Option<Expr> {
        let whole = span(&pair);
        let kind = match pair.as_rule() {
            Rule::named => match self.named(pair)? {
                (callee, Some(args)) => ExprKind::Call { callee, args, piped: false },
                (name, None) => ExprKind::Name(name),
            },
            Rule::quantified => self.number(pair)?,
            Rule::text => ExprKind::Text(self.text(&pair).text),
            Rule::constant => match pair.as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                _ => ExprKind::None,
            },
            Rule::paren => {
                let inner = self.expr(find(pair, Rule::expr)?)?;
                return Some(Expr { kind: inner.kind, span: whole });
            }
            Rule::list => ExprKind::List(self.exprs(pair)?),
            Rule::record => {
                let mut kids = pair.into_inner();
                let name = name(&kids.next()?);
                let fields = kids.filter(|kid| kid.as_rule() == Rule::value_of);
                ExprKind::Record { name, fields: fields.map(|field| self.assigned(field)).collect::<Option<_>>()? }
            }
            Rule::if_expr => self.if_expr(pair)?,
            Rule::match_expr => {
                let mut kids = pair.into_inner();
                let subject = Box::new(self.expr(kids.find(|kid| kid.as_rule() == Rule::expr)?)?);
                let arms = kids.filter(|kid| kid.as_rule() == Rule::arm);
                ExprKind::Match { subject, arms: arms.map(|arm| self.arm(arm)).collect::<Option<_>>()? }
            }
            Rule::for_expr => self.for_expr(pair)?,
            Rule::scan_expr => self.scan_expr(pair)?,
            _ => return None,
        };
        Some(Expr { kind, span: whole })
    }

    fn exprs(&mut self, pair: P<'_>) -> Option<Vec<Expr>> {
        pair.into_inner().filter(|kid| kid.as_rule() == Rule::expr).map(|kid| self.expr(kid)).collect()
    }

    fn number(&mut self, pair: P<'_>) -> Option<ExprKind> {
        let mut kids = pair.into_inner();
        let number = kids.next()?;
        let literal = number.as_str();
        let value = self.decimal(literal, span(&number));
        let unit = kids.next().map(|unit| self.unit(&unit));
        Some(ExprKind::Number { value, decimal: literal.contains(['.', 'e', 'E']), unit })
    }

    /// A name, and its arguments where it has some.
    fn named(&mut self, pair: P<'_>) -> Option<(Name, Option<Vec<Arg>>)> {
        let mut kids = pair.into_inner();
        let callee = name(&kids.next()?);
        let Some(args) = kids.next() else { return Some((callee, None)) };
        let args = args.into_inner().filter(|kid| kid.as_rule() == Rule::arg);
        Some((callee, Some(args.map(|arg| self.arg(arg)).collect::<Option<_>>()?)))
    }

    fn arg(&mut self, pair: P<'_>) -> Option<Arg> {
        let mut label = None;
        let mut value = None;
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::label => {
                    let text = kid.as_str().trim_end_matches(':').trim_end();
                    let start = kid.as_span().start();
                    label = Some(Name { text: text.to_owned(), span: Span::new(start, start + text.len()) });
                }
                _ => value = Some(self.expr(kid)?),
            }
        }
        Some(Arg { name: label, value: value? })
    }

    /// `name: value` or `name = value`
    fn assigned(&mut self, pair: P<'_>) -> Option<(Name, Expr)> {
        let mut kids = pair.into_inner();
        Some((name(&kids.next()?), self.expr(kids.last()?)?))
    }

    fn if_expr(&mut self, pair: P<'_>) -> Option<ExprKind> {
        let mut condition = None;
        let mut expect = None;
        let mut branches = Vec::new();
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::expr if condition.is_none() => condition = Some(Box::new(self.expr(kid)?)),
                Rule::expr => branches.push(block_of(self.expr(kid)?)),
                Rule::block => branches.push(self.block(kid)?),
                Rule::if_expr => {
                    let at = span(&kid);
                    let kind = self.nest(|this| this.if_expr(kid))?;
                    branches.push(block_of(self.fold(kind, at)));
                }
                Rule::expectation => expect = Some(self.expectation(kid)?),
                _ => {}
            }
        }
        let mut branches = branches.into_iter();
        Some(ExprKind::If { condition: condition?, expect, then: branches.next()?, otherwise: branches.next()? })
    }

    fn expectation(&mut self, pair: P<'_>) -> Option<Decimal> {
        let number = find(pair, Rule::number)?;
        let percent = self.decimal(number.as_str(), span(&number));
        if percent > Decimal::ONE_HUNDRED {
            self.error(
                Code::BadLiteral,
                "a condition cannot hold in more than 100% of cases",
                span(&number),
                "over 100",
            );
        }
        Some((percent / Decimal::ONE_HUNDRED).normalize())
    }

    fn arm(&mut self, pair: P<'_>) -> Option<Arm> {
        let whole = span(&pair);
        let mut kids = pair.into_inner();
        let head = kids.next()?;
        let at = span(&head);
        let pattern = match head.as_rule() {
            Rule::any => Pattern::Any(at),
            Rule::none => Pattern::None(at),
            Rule::text => Pattern::Text(self.text(&head)),
            _ => {
                let mut names = head.into_inner().filter(|kid| kid.as_rule() == Rule::name);
                Pattern::Wrap { constructor: name(&names.next()?), name: name(&names.next()?) }
            }
        };
        Some(Arm { pattern, value: self.expr(kids.last()?)?, span: whole })
    }

    fn for_expr(&mut self, pair: P<'_>) -> Option<ExprKind> {
        let mut item = None;
        let mut values = Vec::new();
        let mut body = None;
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::name => item = Some(name(&kid)),
                Rule::expr => values.push(self.expr(kid)?),
                Rule::block => body = Some(self.block(kid)?),
                _ => {}
            }
        }
        let mut values = values.into_iter().map(Box::new);
        Some(ExprKind::For { name: item?, list: values.next()?, filter: values.next(), body: body? })
    }

    fn scan_expr(&mut self, pair: P<'_>) -> Option<ExprKind> {
        let mut item = None;
        let mut list = None;
        let mut states = Vec::new();
        let mut body = None;
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::name => item = Some(name(&kid)),
                Rule::expr => list = Some(Box::new(self.expr(kid)?)),
                Rule::state => states.push(self.assigned(kid)?),
                Rule::block => body = Some(self.block(kid)?),
                _ => {}
            }
        }
        Some(ExprKind::Scan { name: item?, list: list?, states, body: body? })
    }

    pub(super) fn block(&mut self, pair: P<'_>) -> Option<Block> {
        let whole = span(&pair);
        let mut stmts = Vec::new();
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::expr => stmts.push(Stmt::Expr(self.expr(kid)?)),
                Rule::let_stmt => stmts.push(self.let_stmt(kid)?),
                Rule::next_stmt => {
                    let mut kids = kid.into_inner().skip(1);
                    let name = name(&kids.next()?);
                    stmts.push(Stmt::Next { name, value: self.expr(kids.last()?)? });
                }
                Rule::assert_stmt => {
                    let at = span(&kid);
                    stmts.push(Stmt::Assert { value: self.expr(find(kid, Rule::expr)?)?, span: at });
                }
                _ => {}
            }
        }
        Some(Block { stmts, span: whole })
    }

    fn let_stmt(&mut self, pair: P<'_>) -> Option<Stmt> {
        let mut bound = None;
        let mut ty = None;
        let mut value = None;
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::name => bound = Some(name(&kid)),
                Rule::type_expr => ty = Some(self.type_expr(kid)?),
                Rule::expr => value = Some(self.expr(kid)?),
                _ => {}
            }
        }
        Some(Stmt::Let { name: bound?, ty, value: value? })
    }
}

/// A branch without braces is a block of one expression.
fn block_of(value: Expr) -> Block {
    Block { span: value.span, stmts: vec![Stmt::Expr(value)] }
}
