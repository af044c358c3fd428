//! Expressions and blocks in print.

use super::{Printer, types};
use crate::ast::{Arg, BinaryOp, Block, Expr, ExprKind, Pattern, Stmt, UnaryOp};
use std::fmt::Write;

/// A text as a literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An expression on one line, where it has no blocks.
pub(super) fn inline(expr: &Expr) -> String {
    let mut out = Printer { text: String::new(), indent: 0 };
    out.expr(expr);
    out.text
}

impl Printer {
    /// `head` and an expression, which may take more lines.
    pub(super) fn value(&mut self, head: &str, value: &Expr) {
        let _ = write!(self.text, "{:1$}{head}", "", self.indent);
        self.expr(value);
        self.text.push('\n');
    }

    pub(super) fn block_after(&mut self, head: &str, block: &Block) {
        let _ = write!(self.text, "{:1$}{head} ", "", self.indent);
        self.block(block);
        self.text.push('\n');
    }

    fn block(&mut self, block: &Block) {
        self.text.push_str("{\n");
        self.indent += 4;
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { name, ty, value } => {
                    let ty = ty.as_ref().map(|ty| format!(": {}", types::ty(ty))).unwrap_or_default();
                    self.value(&format!("let {}{ty} = ", name.text), value);
                }
                Stmt::Next { name, value } => self.value(&format!("next {} = ", name.text), value),
                Stmt::Assert { value, .. } => self.value("assert ", value),
                Stmt::Expr(value) => self.value("", value),
            }
        }
        self.indent -= 4;
        let _ = write!(self.text, "{:1$}}}", "", self.indent);
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Number { value, decimal, unit } => {
                let point = if *decimal && value.scale() == 0 { ".0" } else { "" };
                let unit = unit.as_ref().map(|unit| format!(" {}", types::unit(unit))).unwrap_or_default();
                let _ = write!(self.text, "{value}{point}{unit}");
            }
            ExprKind::Text(text) => self.put(&quoted(text)),
            ExprKind::Bool(value) => self.put(if *value { "true" } else { "false" }),
            ExprKind::None => self.put("none"),
            ExprKind::Name(name) => self.put(&name.text),
            ExprKind::List(items) => self.separated("[", items, "]", |out, item| out.expr(item)),
            ExprKind::Record { name, fields } => {
                self.put(&name.text);
                self.separated(" { ", fields, " }", |out, (name, value)| {
                    let _ = write!(out.text, "{}: ", name.text);
                    out.expr(value);
                });
            }
            ExprKind::Call { callee, args, piped } => self.call(&callee.text, args, *piped),
            ExprKind::Field { value, field } => {
                self.expr(value);
                let _ = write!(self.text, ".{}", field.text);
            }
            ExprKind::Index { value, index } => {
                self.expr(value);
                self.put("[");
                self.expr(index);
                self.put("]");
            }
            ExprKind::Slice { value, from, to } => {
                self.expr(value);
                self.put("[");
                self.expr(from);
                self.put("..");
                self.expr(to);
                self.put("]");
            }
            ExprKind::Unary { op, value } => {
                self.put(match op {
                    UnaryOp::Neg => "(-",
                    UnaryOp::Not => "(not ",
                });
                self.expr(value);
                self.put(")");
            }
            ExprKind::Binary { op, left, right, .. } => {
                self.put("(");
                self.expr(left);
                let _ = write!(self.text, " {} ", sign(*op));
                self.expr(right);
                self.put(")");
            }
            ExprKind::In { value, unit } => {
                self.put("(");
                self.expr(value);
                let _ = write!(self.text, " in {})", types::unit(unit));
            }
            ExprKind::If { condition, expect, then, otherwise } => {
                self.put("(if ");
                self.expr(condition);
                if let Some(share) = expect {
                    let _ =
                        write!(self.text, " expect {}%", (*share * mu_base::decimal::Decimal::ONE_HUNDRED).normalize());
                }
                self.put(" ");
                self.block(then);
                self.put(" else ");
                self.block(otherwise);
                self.put(")");
            }
            ExprKind::Match { subject, arms } => {
                self.put("(match ");
                self.expr(subject);
                self.put(" {\n");
                self.indent += 4;
                for arm in arms {
                    self.value(&format!("{} -> ", pattern(&arm.pattern)), &arm.value);
                }
                self.indent -= 4;
                let _ = write!(self.text, "{:1$}}})", "", self.indent);
            }
            ExprKind::For { name, list, filter, body } => {
                let _ = write!(self.text, "(for {} in ", name.text);
                self.expr(list);
                if let Some(filter) = filter {
                    self.put(" if ");
                    self.expr(filter);
                }
                self.put(" ");
                self.block(body);
                self.put(")");
            }
            ExprKind::Scan { name, list, states, body } => {
                let _ = write!(self.text, "(scan {} in ", name.text);
                self.expr(list);
                self.separated(" with ", states, " ", |out, (name, value)| {
                    let _ = write!(out.text, "{} = ", name.text);
                    out.expr(value);
                });
                self.block(body);
                self.put(")");
            }
            ExprKind::Error => self.put("/* error */"),
        }
    }

    fn call(&mut self, callee: &str, args: &[Arg], piped: bool) {
        let args = match args.split_first() {
            Some((first, rest)) if piped => {
                self.put("(");
                self.expr(&first.value);
                self.put(" |> ");
                rest
            }
            _ => args,
        };
        self.put(callee);
        self.separated("(", args, ")", |out, arg| {
            if let Some(name) = &arg.name {
                let _ = write!(out.text, "{}: ", name.text);
            }
            out.expr(&arg.value);
        });
        if piped {
            self.put(")");
        }
    }

    fn separated<T>(&mut self, open: &str, items: &[T], close: &str, print: impl Fn(&mut Self, &T)) {
        self.put(open);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.put(", ");
            }
            print(self, item);
        }
        self.put(close);
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}

fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Wrap { constructor, name } => format!("{}({})", constructor.text, name.text),
        Pattern::None(_) => "none".to_owned(),
        Pattern::Text(text) => quoted(&text.text),
        Pattern::Any(_) => "_".to_owned(),
    }
}
