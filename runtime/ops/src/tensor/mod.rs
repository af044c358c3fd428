//! Tensors as a whole: their layout, sums and other single results, vectors.

mod layout;
mod summary;
mod vector;

pub(crate) use layout::{
    batch, chw, concat, concat_last, first, flip, hwc, ones_like, reshape, slice, slice_last, stack, transpose, zeros,
    zeros_like,
};
pub(crate) use summary::{argmax, largest_of, mean, mean_first, smallest_of, sum, total};
pub(crate) use vector::{cosine, dot, elements, features, softmax, unit_length};
