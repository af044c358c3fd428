//! The type rule of each operation: which attributes and argument types it takes, and what type it gives.
//!
//! A dimension that is known only at run time never makes a rule fail; [`crate::run`] holds it against the values.

mod media;
mod number;
mod shape;
mod tensor;
mod values;

use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};

/// What a rule sees. Readers fail with the reason why the call does not fit.
struct Rule<'a> {
    attrs: &'a [Attr],
    args: &'a [&'a Type],
    declared: &'a Type,
}

type Typed = Result<Type, String>;

impl<'a> Rule<'a> {
    /// The type of an argument; the number of arguments has been checked.
    fn arg(&self, i: usize) -> Result<&'a Type, String> {
        self.args.get(i).copied().ok_or_else(|| format!("argument {} is missing", i + 1))
    }

    fn wanted<T>(&self, i: usize, what: &str) -> Result<T, String> {
        Err(format!("argument {} is of type {}, not {what}", i + 1, self.arg(i)?))
    }

    /// A tensor or scalar of one of these element types.
    fn tensor(&self, i: usize, among: &[DType]) -> Result<(DType, &'a [Dim]), String> {
        match self.arg(i)? {
            Type::Tensor(dtype, dims) if among.contains(dtype) => Ok((*dtype, dims)),
            _ => self
                .wanted(i, &format!("a tensor of {}", among.iter().map(|d| d.name()).collect::<Vec<_>>().join(", "))),
        }
    }

    /// A tensor of so many dimensions.
    fn grid<const N: usize>(&self, i: usize, among: &[DType]) -> Result<(DType, [Dim; N]), String> {
        let (dtype, dims) = self.tensor(i, among)?;
        match dims.try_into() {
            Ok(dims) => Ok((dtype, dims)),
            Err(_) => self.wanted(i, &format!("a tensor of {N} dimensions")),
        }
    }

    fn is(&self, i: usize, ty: &Type) -> Result<(), String> {
        if ty.accepts(self.arg(i)?) { Ok(()) } else { self.wanted(i, &ty.to_string()) }
    }

    fn scalar(&self, i: usize, dtype: DType) -> Result<(), String> {
        self.is(i, &Type::scalar(dtype))
    }

    /// The element's type and the bound.
    fn list(&self, i: usize) -> Result<(&'a Type, u64), String> {
        match self.arg(i)? {
            Type::List(element, bound) => Ok((element, *bound)),
            _ => self.wanted(i, "a list"),
        }
    }

    fn dim(&self, k: usize) -> Result<u64, String> {
        match self.attrs.get(k) {
            Some(Attr::Int(n)) => u64::try_from(*n).map_err(|_| format!("the dimension {n} is below 0")),
            _ => Err(format!("constant argument {} is no dimension", k + 1)),
        }
    }

    /// A dimension that is not 0.
    fn some(&self, k: usize) -> Result<u64, String> {
        self.dim(k).and_then(|n| if n == 0 { Err(format!("constant argument {} is 0", k + 1)) } else { Ok(n) })
    }

    fn dims(&self, k: usize) -> Result<&'a [i64], String> {
        match self.attrs.get(k) {
            Some(Attr::Ints(dims)) => Ok(dims),
            _ => Err(format!("constant argument {} is no shape", k + 1)),
        }
    }
}

/// How many arguments an operation has, and its attributes: `i` a whole number, `s` a shape, `f` a float, `t` a text, `a` a
/// file, `c` the classes of a card.
fn arity(op: Op) -> (usize, &'static str) {
    match op {
        Op::Zeros => (0, "s"),
        Op::Rank | Op::Class => (1, "c"),
        Op::TopK | Op::Take | Op::Largest | Op::Resample => (1, "i"),
        Op::Slice | Op::SliceLast | Op::Fit | Op::ResizePad | Op::HashWords | Op::Frames => (1, "ii"),
        Op::Reshape => (1, "s"),
        Op::Resize => (1, "iit"),
        Op::CenterCrop => (1, "f"),
        Op::Regions => (4, "i"),
        Op::Split => (2, "i"),
        Op::HashNgrams => (1, "iiii"),
        Op::Tokenize => (1, "ai"),
        Op::Hit | Op::Clamp | Op::Normalize | Op::Matched | Op::Replace | Op::FramesRight | Op::FramesAlarmed => {
            (3, "")
        }
        Op::Add | Op::Sub | Op::Mul | Op::Div => (2, ""),
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne | Op::And | Op::Or => (2, ""),
        Op::Score | Op::Otherwise | Op::Get | Op::Chain | Op::Min | Op::Max | Op::Concat | Op::ConcatLast => (2, ""),
        Op::Dot | Op::Cosine | Op::Similarity | Op::Crop | Op::NonMaximumSuppression => (2, ""),
        Op::Join | Op::Head | Op::Contains | Op::StartsWith | Op::Agreeing => (2, ""),
        Op::Neg | Op::Not | Op::Top | Op::IsSome | Op::Finite | Op::Count | Op::Total | Op::All | Op::Any => (1, ""),
        Op::Elements | Op::Stack | Op::ToF32 | Op::ToF64 | Op::ToI64 | Op::ToI32 | Op::Abs | Op::Square => (1, ""),
        Op::Sqrt | Op::Exp | Op::Log | Op::Tanh | Op::Sigmoid | Op::Floor | Op::Round => (1, ""),
        Op::Scale => (2, ""),
        Op::Batch | Op::First | Op::Transpose | Op::Hwc | Op::Chw | Op::Flip | Op::OnesLike | Op::ZerosLike => (1, ""),
        Op::Sum | Op::Mean | Op::MeanFirst | Op::LargestOf | Op::SmallestOf | Op::Argmax | Op::Softmax => (1, ""),
        Op::UnitLength | Op::Features | Op::Gray | Op::Rgb | Op::Width | Op::Height | Op::Found => (1, ""),
        Op::Lower | Op::Upper | Op::Trim | Op::Length | Op::ParseF64 | Op::ParseLabel | Op::LabelText => (1, ""),
        Op::Entities | Op::Duration | Op::FramesSilent => (1, ""),
    }
}

fn letter(attr: &Attr) -> char {
    match attr {
        Attr::Int(_) => 'i',
        Attr::Float(_) => 'f',
        Attr::Text(_) => 't',
        Attr::Ints(_) => 's',
        Attr::Asset(_) => 'a',
        Attr::Classes(_) => 'c',
    }
}

/// Whether an operation with these attributes and arguments gives a value of the declared type; if not, why. The reason is a
/// sentence without the operation's name, in lower case and without a full stop.
pub fn result_type(op: Op, attrs: &[Attr], args: &[&Type], declared: &Type) -> Result<(), String> {
    let (count, letters) = arity(op);
    if args.len() != count {
        return Err(format!("it takes {count} arguments, not {}", args.len()));
    }
    if !attrs.iter().map(letter).eq(letters.chars()) {
        return Err(format!("its constant arguments are not of the kinds `{letters}`"));
    }
    let given = typed(op, &Rule { attrs, args, declared })?;
    if declared.accepts(&given) { Ok(()) } else { Err(format!("it gives {}, not {}", given, declared)) }
}

fn typed(op: Op, rule: &Rule) -> Typed {
    match op {
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Min | Op::Max => number::arithmetic(rule),
        Op::Neg => number::signed(rule),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => number::order(rule),
        Op::Eq | Op::Ne => number::equality(rule),
        Op::And | Op::Or => number::logic(rule),
        Op::Not => number::not(rule),
        Op::ToF32 => number::converted(rule, DType::F32),
        Op::ToF64 => number::converted(rule, DType::F64),
        Op::ToI64 => number::converted(rule, DType::I64),
        Op::ToI32 => number::converted(rule, DType::I32),
        Op::Abs => number::kept(rule, number::NUMBERS),
        Op::Square | Op::Sqrt | Op::Exp | Op::Log | Op::Tanh | Op::Sigmoid | Op::Floor | Op::Round | Op::Softmax => {
            number::kept(rule, number::FLOATS)
        }
        Op::Clamp => number::clamp(rule),
        Op::Scale => number::scale(rule),
        Op::Normalize => number::normalize(rule),
        Op::Finite => number::finite(rule),

        Op::Batch => tensor::batch(rule),
        Op::First => tensor::first(rule),
        Op::Reshape => tensor::reshape(rule),
        Op::Concat => tensor::concat(rule),
        Op::ConcatLast => tensor::concat_last(rule),
        Op::Slice => tensor::slice(rule),
        Op::SliceLast => tensor::slice_last(rule),
        Op::Transpose => tensor::transpose(rule),
        Op::Hwc => tensor::hwc(rule),
        Op::Chw => tensor::chw(rule),
        Op::Flip => tensor::flip(rule),
        Op::Zeros => tensor::zeros(rule),
        Op::OnesLike | Op::ZerosLike => number::kept(rule, &DType::ALL),
        Op::Sum | Op::LargestOf | Op::SmallestOf => tensor::single(rule, number::NUMBERS),
        Op::Mean => tensor::single(rule, number::FLOATS),
        Op::MeanFirst => tensor::mean_first(rule),
        Op::Argmax => tensor::argmax(rule),
        Op::UnitLength => tensor::unit_length(rule),
        Op::Dot | Op::Cosine | Op::Similarity => tensor::product(rule),
        Op::Features => tensor::features(rule),
        Op::Elements => tensor::elements(rule),
        Op::Stack => tensor::stack(rule),

        Op::Rank => values::rank(rule),
        Op::Top => values::top(rule),
        Op::TopK => values::top_k(rule),
        Op::Score => values::score(rule),
        Op::Hit => values::hit(rule),
        Op::Class => values::class(rule),
        Op::ParseLabel => values::parse_label(rule),
        Op::LabelText => values::label_text(rule),
        Op::Otherwise => values::otherwise(rule),
        Op::IsSome => values::is_some(rule),
        Op::Count => values::count(rule),
        Op::Get => values::get(rule),
        Op::Take => values::take(rule),
        Op::Chain => values::chain(rule),
        Op::Largest => values::largest(rule),
        Op::Total => values::total(rule),
        Op::All | Op::Any => values::truths(rule),

        Op::Gray => media::decoded(rule, 1),
        Op::Rgb => media::decoded(rule, 3),
        Op::Resize => media::resize(rule),
        Op::ResizePad => media::resize_pad(rule),
        Op::Fit => media::fit(rule),
        Op::CenterCrop => media::center_crop(rule),
        Op::Crop => media::crop(rule),
        Op::Width | Op::Height => media::side(rule),
        Op::NonMaximumSuppression => media::non_maximum_suppression(rule),
        Op::Regions => media::regions(rule),
        Op::Matched => media::matched(rule),
        Op::Found => media::found(rule),
        Op::Lower | Op::Upper | Op::Trim => media::texts(rule, 1, Type::Text),
        Op::Replace => media::texts(rule, 3, Type::Text),
        Op::Contains | Op::StartsWith => media::texts(rule, 2, Type::scalar(DType::Bool)),
        Op::Length => media::texts(rule, 1, Type::scalar(DType::I64)),
        Op::ParseF64 => media::texts(rule, 1, Type::Option(Box::new(Type::scalar(DType::F64)))),
        Op::Split => media::split(rule),
        Op::Join => media::join(rule),
        Op::Head => media::head(rule),
        Op::HashWords => media::hash_words(rule),
        Op::HashNgrams => media::hash_ngrams(rule),
        Op::Tokenize => media::tokenize(rule),
        Op::Agreeing => media::agreeing(rule),
        Op::Entities => media::entities(rule),
        Op::Resample => media::resample(rule),
        Op::Frames => media::frames(rule),
        Op::Duration => media::duration(rule),
        Op::FramesRight | Op::FramesAlarmed => media::frame_pairs(rule),
        Op::FramesSilent => values::truths(rule).map(|_| Type::scalar(DType::I64)),
    }
}
