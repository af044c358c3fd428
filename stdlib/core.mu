//! Values every program works with: rankings, options, lists, numbers and tensors. Always in scope.
//!
//! A `builtin fn` is declared here and carried out by the runtime. In its generics, `T: Dtype` stands for an element type,
//! `N: Dim` for one dimension, `D: Dims` for any number of them (written `..D` in a shape), `L: Labels` for a label set,
//! `A: Type` for any type, `U: Unit` for a unit and `R: Record` for a record. A parameter of type `dim N` takes a constant
//! that becomes the dimension `N`; `const T` takes a literal.
//!
//! Numbers. Floats follow IEEE 754, one rounding an operation, nothing fused. Whole numbers never wrap: where `+ - * /`, `abs`
//! or a sum does not fit, and on division by zero, the call fails; `/` goes towards zero. Of two operands one may be a scalar,
//! which goes with every element of the other. A sum of floats is taken in blocks of 128 elements: lane `j` of 8 adds the
//! elements `j`, `j + 8` and so on from the left, the lanes are added as `((0+4) + (2+6)) + ((1+5) + (3+7))`, and the blocks in
//! pairs, neighbour with neighbour, until one is left. `exp` and `log` are off by 1.5 units of the last place at most, `tanh`
//! and `sigmoid` by 3, with the same bits on every machine.

/// A label and how sure the model is of it, between 0 and 1.
record Scored<L: Labels> { label: L, score: f32 }

/// Where something was found in a list, and its value.
record Found { index: i64, score: f32 }

// ---- rankings
/// All labels with their scores, best first; equal scores in the order of the card's classes, NaN last. Element `i` of `scores`
/// belongs to class `i` of the card.
builtin fn rank<L: Labels, N: Dim>(scores: f32[N]) -> Ranking<L>
/// The best label and its score.
builtin fn top<L: Labels>(ranking: Ranking<L>) -> Scored<L>
/// The best `k` labels with their scores, best first; all where there are fewer.
builtin fn top_k<L: Labels, K: Dim>(ranking: Ranking<L>, k: dim K) -> List<Scored<L>, K>
/// The score of one label.
builtin fn score<L: Labels>(ranking: Ranking<L>, label: L) -> f32
/// Whether `truth` is among the best `k` labels.
builtin fn hit<L: Labels>(ranking: Ranking<L>, truth: L, k: i64) -> bool
/// The label of class `index` of the card, or nothing where there is no such class.
builtin fn class<L: Labels>(index: i64) -> Option<L>

// ---- options
/// The value inside, or `default` where there is none.
builtin fn otherwise<A: Type>(option: Option<A>, default: A) -> A
/// Whether there is a value.
builtin fn is_some<A: Type>(option: Option<A>) -> bool
/// The value where it is a number that is neither infinite nor NaN.
builtin fn finite<T: Float, U: Unit>(x: T<U>) -> Option<T<U>>

// ---- lists
/// How many elements the list has.
builtin fn count<A: Type, N: Dim>(list: List<A, N>) -> i64
/// The element at `index`, counted from 0, or nothing where there is none.
builtin fn get<A: Type, N: Dim>(list: List<A, N>, index: i64) -> Option<A>
/// The first `k` elements, or all where there are fewer.
builtin fn take<A: Type, N: Dim, K: Dim>(list: List<A, N>, k: dim K) -> List<A, K>
/// Both lists, one after the other.
builtin fn chain<A: Type, N: Dim, M: Dim>(a: List<A, N>, b: List<A, M>) -> List<A, N + M>
/// The `k` largest values with their places, largest first; equal ones in the list's order, NaN last.
builtin fn largest<N: Dim, K: Dim>(values: List<f32, N>, k: dim K) -> List<Found, K>
/// The sum of a list; 0 where it is empty.
builtin fn total<T: Number, U: Unit, N: Dim>(values: List<T<U>, N>) -> T<U>
/// Whether every element is true; so it is of an empty list.
builtin fn all<N: Dim>(values: List<bool, N>) -> bool
/// Whether an element is true.
builtin fn any<N: Dim>(values: List<bool, N>) -> bool
/// The vector's elements as a list.
builtin fn elements<T: Number, N: Dim>(x: T[N]) -> List<T, N>
/// Tensors of one shape, stacked along a new first axis.
builtin fn stack<T: Dtype, N: Dim, D: Dims>(list: List<T[..D], N>) -> T[<= N, ..D]

// ---- numbers and tensors, element by element
/// To the nearest f32; true is 1.
builtin fn to_f32<T: Dtype, U: Unit, D: Dims>(x: T<U>[..D]) -> f32<U>[..D]
/// To the nearest f64; true is 1.
builtin fn to_f64<T: Dtype, U: Unit, D: Dims>(x: T<U>[..D]) -> f64<U>[..D]
/// Towards zero; what is out of range becomes the nearest value, NaN becomes 0.
builtin fn to_i64<T: Dtype, U: Unit, D: Dims>(x: T<U>[..D]) -> i64<U>[..D]
/// As `to_i64`, in the range of i32.
builtin fn to_i32<T: Dtype, D: Dims>(x: T[..D]) -> i32[..D]
/// Without its sign.
builtin fn abs<T: Number, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U>[..D]
/// `x * x`, element by element.
builtin fn square<T: Float, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U^2>[..D]
/// The square root; NaN of what is below 0.
builtin fn sqrt<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// e to the `x`.
builtin fn exp<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// The natural logarithm; minus infinity of 0, NaN of what is below.
builtin fn log<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// The hyperbolic tangent.
builtin fn tanh<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// `1 / (1 + exp(-x))`.
builtin fn sigmoid<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// Down to a whole number.
builtin fn floor<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// To the nearest whole number, ties to even.
builtin fn round<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// The smaller of two, element by element; NaN where either is NaN.
builtin fn min<T: Number, U: Unit, D: Dims>(a: T<U>[..D], b: T<U>[..D]) -> T<U>[..D]
/// The larger of two, element by element; NaN where either is NaN.
builtin fn max<T: Number, U: Unit, D: Dims>(a: T<U>[..D], b: T<U>[..D]) -> T<U>[..D]
/// Each element limited to `low` to `high`: the smaller of `high` and the larger of `low` and `x`. NaN stays NaN.
builtin fn clamp<T: Number, U: Unit, D: Dims>(x: T<U>[..D], low: T<U>, high: T<U>) -> T<U>[..D]
/// Each element as f32, times `by`.
builtin fn scale<T: Dtype, D: Dims>(x: T[..D], by: f32) -> f32[..D]
/// `(x - mean[c]) / std[c]` in f32, where `c` is the place on the first axis.
builtin fn normalize<T: Dtype, C: Dim, D: Dims>(x: T[C, ..D], mean: f32[C], std: f32[C]) -> f32[C, ..D]

// ---- tensors, as a whole
/// A new first axis of size 1.
builtin fn batch<T: Dtype, D: Dims>(x: T[..D]) -> T[1, ..D]
/// The first slice along the first axis, which must not be empty.
builtin fn first<T: Dtype, N: Dim, D: Dims>(x: T[N, ..D]) -> T[..D] where 1 <= N
/// The same elements, in the same order, in another shape.
builtin fn reshape<T: Dtype, D: Dims, E: Dims>(x: T[..D], shape: dims E) -> T[..E] where size(D) == size(E)
/// One after the other along the first axis.
builtin fn concat<T: Dtype, N: Dim, M: Dim, D: Dims>(a: T[N, ..D], b: T[M, ..D]) -> T[N + M, ..D]
/// One after the other along the last axis.
builtin fn concat_last<T: Dtype, N: Dim, M: Dim, D: Dims>(a: T[..D, N], b: T[..D, M]) -> T[..D, N + M]
/// Rows `from` to `to` (not included) of the first axis. `x[2..5]` is short for `slice(x, 2, 5)`.
builtin fn slice<T: Dtype, N: Dim, D: Dims, A: Dim, B: Dim>(x: T[N, ..D], from: dim A, to: dim B) -> T[B - A, ..D] where B <= N
/// Columns `from` to `to` (not included) of the last axis.
builtin fn slice_last<T: Dtype, N: Dim, D: Dims, A: Dim, B: Dim>(x: T[..D, N], from: dim A, to: dim B) -> T[..D, B - A] where B <= N
/// The last two axes exchanged.
builtin fn transpose<T: Dtype, N: Dim, M: Dim, D: Dims>(x: T[..D, N, M]) -> T[..D, M, N]
/// Channels first to channels last.
builtin fn hwc<T: Dtype, C: Dim, H: Dim, W: Dim>(x: T[C, H, W]) -> T[H, W, C]
/// Channels last to channels first.
builtin fn chw<T: Dtype, C: Dim, H: Dim, W: Dim>(x: T[H, W, C]) -> T[C, H, W]
/// The first axis back to front, as from RGB to BGR.
builtin fn flip<T: Dtype, N: Dim, D: Dims>(x: T[N, ..D]) -> T[N, ..D]
/// Nothing but zeros.
builtin fn zeros<E: Dims>(shape: dims E) -> f32[..E] where size(E) <= 268435456
/// As many ones as `x` has elements, in its shape.
builtin fn ones_like<T: Dtype, D: Dims>(x: T[..D]) -> T[..D]
/// As many zeros as `x` has elements, in its shape.
builtin fn zeros_like<T: Dtype, D: Dims>(x: T[..D]) -> T[..D]
/// The sum of all elements; 0 where there are none.
builtin fn sum<T: Number, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U>
/// The sum divided by the count; NaN where there are no elements.
builtin fn mean<T: Float, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U>
/// The mean over the first axis: rows are added from the first to the last, then divided by their count.
builtin fn mean_first<T: Float, N: Dim, D: Dims>(x: T[N, ..D]) -> T[..D]
/// The largest element; NaN where one is NaN; an error where there are none.
builtin fn largest_of<T: Number, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U>
/// The smallest element; NaN where one is NaN; an error where there are none.
builtin fn smallest_of<T: Number, U: Unit, D: Dims>(x: T<U>[..D]) -> T<U>
/// Where the largest element is; the first of equal ones, the first NaN where there is one, an error where there are none.
builtin fn argmax<T: Number, N: Dim>(x: T[N]) -> i64
/// Over the last axis: `exp` of each element less the largest, divided by their sum.
builtin fn softmax<T: Float, D: Dims>(x: T[..D]) -> T[..D]
/// `x` divided by its Euclidean length; zeros stay zeros.
builtin fn unit_length<N: Dim>(x: f32[N]) -> f32[N]
/// The sum of the products.
builtin fn dot<N: Dim>(a: f32[N], b: f32[N]) -> f32
/// The cosine of the angle between two vectors; 0 where one has no length.
builtin fn cosine<N: Dim>(a: f32[N], b: f32[N]) -> f32
/// The fields of a record of numbers, in their order, each in its own unit.
builtin fn features<R: Record, N: Dim>(record: R) -> f32[N] where N == fields(R)

