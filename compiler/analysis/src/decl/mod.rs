//! Declarations: what is known of an item before any body is looked at.

pub mod labels;
pub mod signature;
pub mod task;
pub mod types;
pub mod units;

pub use signature::{ParamInfo, ParamWant, Signature};
pub use task::{MetricInfo, TaskInfo, TraitInfo, TraitUnit};

use crate::ty::{Arg, Type};
use mu_syntax::ast;

/// What a generic stands for. Its place in the declaration is the number of its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Labels,
    Dim,
    Dims,
    Type,
    /// Any element type; `Number` leaves out bool, `Float` is f32 or f64.
    Dtype,
    Number,
    Float,
    Unit,
    Record,
    Slot,
}

impl Kind {
    pub const NAMES: [&'static str; 10] =
        ["Labels", "Dim", "Dims", "Type", "Dtype", "Number", "Float", "Unit", "Record", "Slot"];

    pub fn from_name(name: &str) -> Option<Kind> {
        Some(match name {
            "Labels" => Kind::Labels,
            "Dim" => Kind::Dim,
            "Dims" => Kind::Dims,
            "Type" => Kind::Type,
            "Dtype" => Kind::Dtype,
            "Number" => Kind::Number,
            "Float" => Kind::Float,
            "Unit" => Kind::Unit,
            "Record" => Kind::Record,
            "Slot" => Kind::Slot,
            _ => return None,
        })
    }

    pub fn is_elem(self) -> bool {
        matches!(self, Kind::Dtype | Kind::Number | Kind::Float)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenericInfo {
    pub name: String,
    pub kind: Kind,
}

/// A record: fields with `Var(i)` for generic `i`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordInfo {
    pub name: String,
    pub generics: Vec<GenericInfo>,
    pub fields: Vec<(String, Type)>,
}

impl RecordInfo {
    /// The fields with the generics replaced.
    pub fn fields_with(&self, args: &[Arg]) -> Vec<(String, Type)> {
        self.fields.iter().map(|(name, ty)| (name.clone(), crate::check::subst::with_args(ty, args))).collect()
    }
}

/// The generics of a declaration; unknown kinds are reported.
pub fn generics(cx: &mut crate::cx::Cx, at: crate::cx::At, list: &[ast::Generic]) -> Vec<GenericInfo> {
    let mut out = Vec::new();
    for generic in list {
        let kind = Kind::from_name(&generic.kind.text);
        if list.iter().take_while(|g| g.name.span != generic.name.span).any(|g| g.name.text == generic.name.text) {
            let loc = cx.loc(at, generic.name.span);
            let message = format!("the generic `{}` is declared twice", generic.name.text);
            cx.report(mu_base::Diagnostic::error(mu_base::Code::DuplicateName, message).at(loc, "declared again here"));
        }
        if kind.is_none() {
            let loc = cx.loc(at, generic.kind.span);
            cx.report(
                mu_base::Diagnostic::error(
                    mu_base::Code::NotAType,
                    format!("`{}` is no kind of generic", generic.kind.text),
                )
                .at(loc, "not known")
                .help(format!("the kinds are {}", crate::cx::list(&Kind::NAMES))),
            );
        }
        out.push(GenericInfo { name: generic.name.text.clone(), kind: kind.unwrap_or(Kind::Type) });
    }
    out
}
