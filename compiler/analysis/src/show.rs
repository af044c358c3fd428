//! Types as people write them.

use crate::cx::Cx;
use crate::names::DefId;
use crate::ty::{Arg, Dim, Elem, Labels, SlotTy, Type, UnitTy};

/// Where names of declarations come from.
pub trait Named {
    fn name_of(&self, id: DefId) -> String;
}

impl Named for Cx<'_> {
    fn name_of(&self, id: DefId) -> String {
        self.names.get(id).name.clone()
    }
}

impl Named for crate::names::Names {
    fn name_of(&self, id: DefId) -> String {
        self.get(id).name.clone()
    }
}

impl Type {
    /// `Option<Digit>`, `f32<kg>[1, <= 960]`; `_` for what is not known.
    pub fn show(&self, names: &dyn Named) -> String {
        match self {
            Type::Error => "?".to_string(),
            Type::Var(_) => "_".to_string(),
            Type::Tensor(elem, unit, shape) => {
                let mut text = match elem {
                    Elem::Is(dtype) => dtype.name().to_string(),
                    Elem::Var(_) => "number".to_string(),
                };
                let unit = unit_text(unit);
                if !unit.is_empty() {
                    text.push_str(&format!("<{unit}>"));
                }
                if !shape.is_empty() {
                    let dims: Vec<String> = shape.iter().map(dim).collect();
                    text.push_str(&format!("[{}]", dims.join(", ")));
                }
                text
            }
            Type::Text => "Text".to_string(),
            Type::Bytes => "Bytes".to_string(),
            Type::Image => "Image".to_string(),
            Type::Audio => "Audio".to_string(),
            Type::Label(set) => labels(set),
            Type::Ranking(set) => format!("Ranking<{}>", labels(set)),
            Type::Option(inner) => format!("Option<{}>", inner.show(names)),
            Type::Result(inner) => format!("Result<{}>", inner.show(names)),
            Type::List(inner, bound) => format!("List<{}, {}>", inner.show(names), dim(bound)),
            Type::Record(id, args) if args.is_empty() => names.name_of(*id),
            Type::Record(id, args) => {
                let args: Vec<String> = args.iter().map(|a| arg(a, names)).collect();
                format!("{}<{}>", names.name_of(*id), args.join(", "))
            }
            Type::Outputs(fields) => {
                let fields: Vec<String> = fields.iter().map(|(n, ty)| format!("{n}: {}", ty.show(names))).collect();
                format!("({})", fields.join(", "))
            }
            Type::Embedding(SlotTy::Is(id)) => format!("Embedding<{}>", names.name_of(*id)),
            Type::Embedding(SlotTy::Var(_)) => "Embedding<_>".to_string(),
            Type::Embedding(SlotTy::Itself) => "Embedding<self>".to_string(),
        }
    }
}

pub fn arg(arg: &Arg, names: &dyn Named) -> String {
    match arg {
        Arg::Type(ty) => ty.show(names),
        Arg::Labels(set) => labels(set),
        Arg::Dim(d) => dim(d),
        Arg::Unit(unit) => {
            let text = unit_text(unit);
            if text.is_empty() { "1".to_string() } else { text }
        }
    }
}

fn labels(set: &Labels) -> String {
    match set {
        Labels::Is(set) => set.name.clone(),
        Labels::Var(_) => "_".to_string(),
    }
}

fn unit_text(unit: &UnitTy) -> String {
    match unit {
        UnitTy::Is(unit) => unit.show(),
        UnitTy::Var(..) => String::new(),
    }
}

pub fn dim(d: &Dim) -> String {
    match d {
        Dim::Is(n) => n.to_string(),
        Dim::UpTo(inner) => format!("<= {}", dim(inner)),
        Dim::Any => "_".to_string(),
        Dim::Var(_) => "N".to_string(),
        Dim::Rest(_) => "..".to_string(),
        Dim::Add(a, b) => format!("{} + {}", dim(a), dim(b)),
        Dim::Sub(a, b) => format!("{} - {}", dim(a), dim(b)),
    }
}
