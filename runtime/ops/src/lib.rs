//! The operations of the runtime, each on whole values.
//!
//! What an operation does is written where it is declared, in `stdlib/`. [`run`] carries one out; [`result_type`] says whether
//! one may stand in a plan; [`check_image`] and [`check_audio`] hold inputs at the boundary, so that no operation fails to read
//! them later. The same values give the same bits on every machine: nothing here asks the clock, the environment or a
//! mathematical library.

pub mod approx;
mod audio;
mod call;
mod context;
mod encode;
mod error;
mod image;
mod label;
mod list;
mod number;
mod reduce;
mod rules;
mod tensor;
mod text;
mod view;

pub use audio::check_audio;
pub use context::{Context, Tokenizers};
pub use encode::{as_files, decoded};
pub use error::{ErrorKind, OpError};
pub use image::check_image;
pub use rules::result_type;

use call::Call;
use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::types::Type;
use mu_format::value::Value;

/// Carries out one operation.
///
/// `attrs` are the constant arguments in the order of the declaration, `args` the others, `arg_types` their types, and `result`
/// the type of the result. Where [`result_type`] agrees to these and the values are of their types, an error is of kind
/// `BadInput`; it is `Internal` where the plan does not keep its promise.
pub fn run(
    op: Op,
    attrs: &[Attr],
    args: &[Value],
    arg_types: &[&Type],
    result: &Type,
    cx: &mut Context,
) -> Result<Value, OpError> {
    let call = &Call { op, attrs, args, types: arg_types, result };
    match op {
        Op::Add => number::add(call),
        Op::Sub => number::sub(call),
        Op::Mul => number::mul(call),
        Op::Div => number::div(call),
        Op::Neg => number::neg(call),
        Op::Lt => number::lt(call),
        Op::Le => number::le(call),
        Op::Gt => number::gt(call),
        Op::Ge => number::ge(call),
        Op::Eq => number::eq(call),
        Op::Ne => number::ne(call),
        Op::And => number::and(call),
        Op::Or => number::or(call),
        Op::Not => number::not(call),

        Op::Rank => label::rank(call, cx),
        Op::Top => label::top(call),
        Op::TopK => label::top_k(call),
        Op::Score => label::score(call),
        Op::Hit => label::hit(call),
        Op::Class => label::class(call),
        Op::Otherwise => label::otherwise(call),
        Op::IsSome => label::is_some(call),
        Op::Finite => number::finite(call),
        Op::ParseLabel => label::parse_label(call, cx),
        Op::LabelText => label::label_text(call, cx),

        Op::Count => list::count(call),
        Op::Get => list::get(call),
        Op::Take => list::take(call),
        Op::Chain => list::chain(call),
        Op::Largest => list::largest(call),
        Op::Total => tensor::total(call),
        Op::All => list::all(call),
        Op::Any => list::any(call),
        Op::Elements => tensor::elements(call),
        Op::Stack => tensor::stack(call),

        Op::ToF32 => number::to_f32(call),
        Op::ToF64 => number::to_f64(call),
        Op::ToI64 => number::to_i64(call),
        Op::ToI32 => number::to_i32(call),
        Op::Abs => number::abs(call),
        Op::Square => number::square(call),
        Op::Sqrt => number::sqrt(call),
        Op::Exp => number::exp(call),
        Op::Log => number::log(call),
        Op::Tanh => number::tanh(call),
        Op::Sigmoid => number::sigmoid(call),
        Op::Floor => number::floor(call),
        Op::Round => number::round(call),
        Op::Min => number::min(call),
        Op::Max => number::max(call),
        Op::Clamp => number::clamp(call),
        Op::Scale => number::scale(call),
        Op::Normalize => number::normalize(call),

        Op::Batch => tensor::batch(call),
        Op::First => tensor::first(call),
        Op::Reshape => tensor::reshape(call),
        Op::Concat => tensor::concat(call),
        Op::ConcatLast => tensor::concat_last(call),
        Op::Slice => tensor::slice(call),
        Op::SliceLast => tensor::slice_last(call),
        Op::Transpose => tensor::transpose(call),
        Op::Hwc => tensor::hwc(call),
        Op::Chw => tensor::chw(call),
        Op::Flip => tensor::flip(call),
        Op::Zeros => tensor::zeros(call),
        Op::OnesLike => tensor::ones_like(call),
        Op::ZerosLike => tensor::zeros_like(call),
        Op::Sum => tensor::sum(call),
        Op::Mean => tensor::mean(call),
        Op::MeanFirst => tensor::mean_first(call),
        Op::LargestOf => tensor::largest_of(call),
        Op::SmallestOf => tensor::smallest_of(call),
        Op::Argmax => tensor::argmax(call),
        Op::Softmax => tensor::softmax(call),
        Op::UnitLength => tensor::unit_length(call),
        Op::Dot => tensor::dot(call),
        Op::Cosine | Op::Similarity => tensor::cosine(call),
        Op::Features => tensor::features(call),

        Op::Gray => image::gray(call, cx),
        Op::Rgb => image::rgb(call, cx),
        Op::Resize => image::resize(call),
        Op::Fit => image::fit(call),
        Op::ResizePad => image::resize_pad(call),
        Op::CenterCrop => image::center_crop(call),
        Op::Crop => image::crop(call, cx),
        Op::Width => image::width(call),
        Op::Height => image::height(call),
        Op::NonMaximumSuppression => image::non_maximum_suppression(call),
        Op::Regions => image::regions(call),
        Op::Matched => image::matched(call),
        Op::Found | Op::Entities => list::count(call),

        Op::Lower => text::lower(call),
        Op::Upper => text::upper(call),
        Op::Trim => text::trim(call),
        Op::Split => text::split(call),
        Op::Join => text::join(call),
        Op::Head => text::head(call),
        Op::Length => text::length(call),
        Op::Contains => text::contains(call),
        Op::StartsWith => text::starts_with(call),
        Op::Replace => text::replace(call),
        Op::ParseF64 => text::parse_f64(call),
        Op::HashWords => text::hash_words(call),
        Op::HashNgrams => text::hash_ngrams(call),
        Op::Tokenize => text::tokenize(call, cx),
        Op::Agreeing => text::agreeing(call),

        Op::Resample => audio::resample(call),
        Op::Frames => audio::frames(call),
        Op::Duration => audio::duration(call),
        Op::FramesRight => audio::right(call),
        Op::FramesAlarmed => audio::alarmed(call),
        Op::FramesSilent => audio::silent(call),
    }
}
