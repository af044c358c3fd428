//! Whether requests and answers of a function can fit into what AWS Lambda takes, by the types' sizes where these are bounded.

use crate::cx::Cx;
use crate::lambda::Lambda;
use crate::names::DefId;
use crate::ty::{DType, Dim, Elem, Labels, Type};
use mu_base::{Code, Diagnostic, Loc};

/// Bytes of a value as it is sent: as few and as many as there can be.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bytes {
    least: f64,
    /// `None` where no bound is known: texts, pictures, sounds, sizes that are open.
    most: Option<f64>,
}

impl Bytes {
    fn of(least: f64, most: f64) -> Bytes {
        Bytes { least, most: Some(most) }
    }

    fn and(self, other: Bytes) -> Bytes {
        Bytes { least: self.least + other.least, most: self.most.zip(other.most).map(|(a, b)| a + b) }
    }
}

/// Refuses a function that no request, or no answer, can be small enough for; warns of one where some are too large.
pub(super) fn check(cx: &mut Cx, lambda: &Lambda, id: DefId, loc: Loc) {
    let Some(function) = cx.functions.get(&id) else { return };
    let inputs = function.params.iter().map(|(name, ty)| bytes(cx, ty).and(field(name)));
    let request = inputs.fold(Bytes::of(2.0, 2.0), Bytes::and);
    let answer = bytes(cx, &function.result);
    let declared = cx.name_loc(id);
    for (what, bytes) in [("request", request), ("answer", answer)] {
        let limit = lambda.function.payload as f64;
        let mib = |bytes: f64| format!("{:.1} MiB", bytes / f64::from(1 << 20));
        let said = if bytes.least > limit {
            let message =
                format!("every {what} takes at least {}, more than the {} of AWS Lambda", mib(bytes.least), mib(limit));
            Diagnostic::error(Code::LambdaLimit, message)
        } else if let Some(most) = bytes.most.filter(|most| *most > limit) {
            let message = format!(
                "{} {what} can take up to {} as JSON, more than the {} of AWS Lambda",
                article(what),
                mib(most),
                mib(limit)
            );
            Diagnostic::warning(Code::LambdaLimit, message)
        } else {
            continue;
        };
        let help = match what {
            "request" => "take a picture, a sound or smaller tensors, and make the tensors in the function",
            _ => "answer what is needed of it: `top`, a slice, a mean",
        };
        cx.report(said.at(loc, "deployed here").because(declared, "its types are declared here").help(help));
    }
}

fn article(what: &str) -> &'static str {
    if what == "answer" { "an" } else { "a" }
}

/// The name of a field with its quotes, colon and comma.
fn field(name: &str) -> Bytes {
    let size = name.len() as f64 + 4.0;
    Bytes::of(size, size)
}

fn bytes(cx: &Cx, ty: &Type) -> Bytes {
    let open = |least: f64| Bytes { least, most: None };
    match ty {
        Type::Tensor(Elem::Is(dtype), _, dims) => {
            let (short, long) = element(*dtype);
            let (few, many) = dims
                .iter()
                .map(count)
                .fold((1.0, Some(1.0)), |(few, many), (least, most)| (few * least, many.zip(most).map(|(a, b)| a * b)));
            Bytes { least: few * short, most: many.map(|many| many * long) }
        }
        Type::Label(Labels::Is(set)) => {
            let sizes = || set.labels.iter().map(|label| label.len() as f64 + 2.0);
            Bytes::of(sizes().fold(f64::INFINITY, f64::min), sizes().fold(2.0, f64::max))
        }
        Type::Ranking(Labels::Is(set)) => {
            let each = |size: f64| set.labels.iter().map(|label| label.len() as f64 + size).sum();
            // `{"label":"x","score":0}` beside the label, and a score of full length.
            Bytes::of(each(22.0), each(22.0 + element(DType::F32).1))
        }
        Type::Option(inner) => Bytes { least: 4.0, ..bytes(cx, inner) },
        Type::List(inner, bound) => {
            let most = count(bound).1.zip(bytes(cx, inner).most);
            Bytes { least: 2.0, most: most.map(|(count, size)| count * (size + 1.0) + 2.0) }
        }
        Type::Record(id, args) => {
            let fields = cx.records.get(id).map(|record| record.fields_with(args)).unwrap_or_default();
            let each = fields.iter().map(|(name, ty)| bytes(cx, ty).and(field(name)));
            each.fold(Bytes::of(2.0, 2.0), Bytes::and)
        }
        Type::Text | Type::Bytes | Type::Image | Type::Audio | Type::Result(_) => open(2.0),
        _ => open(0.0),
    }
}

/// Bytes of an element: the least in any form (a digit and a comma, or base64 of the raw bytes), and the most as JSON.
fn element(dtype: DType) -> (f64, f64) {
    match dtype {
        DType::Bool => (4.0 / 3.0, 6.0),
        DType::U8 => (4.0 / 3.0, 4.0),
        DType::I32 => (2.0, 12.0),
        DType::I64 => (2.0, 21.0),
        DType::F32 => (2.0, 16.0),
        DType::F64 => (2.0, 25.0),
    }
}

/// The least and the most of a dimension.
fn count(dim: &Dim) -> (f64, Option<f64>) {
    match dim {
        Dim::Is(size) => (*size as f64, Some(*size as f64)),
        Dim::UpTo(bound) => (0.0, count(bound).1),
        _ => (0.0, None),
    }
}
