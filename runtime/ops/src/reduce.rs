//! Sums in one stated order, so that machine code can give the same bits.
//!
//! The elements are cut into blocks of 128. Within a block, lane `j` of 8 starts at 0 and adds the elements `j`, `j + 8`,
//! `j + 16` and so on; the lanes are added as `((0+4) + (2+6)) + ((1+5) + (3+7))`. The sums of the blocks are then added in
//! pairs, neighbour with neighbour, a last one without a neighbour being carried over, until one is left. Every addition is
//! rounded to the element type; nothing is fused. The rounding error grows with the logarithm of the count.

use std::ops::{Add, Mul};

const LANES: usize = 8;
const BLOCK: usize = 128;

/// f32 and f64, as far as sums need them.
pub trait Summand: Copy + Default + Add<Output = Self> + Mul<Output = Self> {}
impl Summand for f32 {}
impl Summand for f64 {}

/// The sum; 0 where there is nothing to add.
pub fn sum<T: Summand>(x: &[T]) -> T {
    pairwise(x.chunks(BLOCK).map(|block| {
        let mut lanes = [T::default(); LANES];
        let mut rows = block.chunks_exact(LANES);
        for row in &mut rows {
            for (lane, x) in lanes.iter_mut().zip(row) {
                *lane = *lane + *x;
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rows.remainder()) {
            *lane = *lane + *x;
        }
        fold(lanes)
    }))
}

/// The sum of the products, each rounded before it is added. Both slices have one length.
pub fn dot<T: Summand>(a: &[T], b: &[T]) -> T {
    pairwise(a.chunks(BLOCK).zip(b.chunks(BLOCK)).map(|(a, b)| {
        let mut lanes = [T::default(); LANES];
        let mut rows = a.chunks_exact(LANES).zip(b.chunks_exact(LANES));
        for (a, b) in &mut rows {
            for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *lane = *lane + *a * *b;
            }
        }
        let done = a.len() / LANES * LANES;
        for ((lane, a), b) in lanes.iter_mut().zip(&a[done..]).zip(&b[done..]) {
            *lane = *lane + *a * *b;
        }
        fold(lanes)
    }))
}

fn fold<T: Summand>(l: [T; LANES]) -> T {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

fn pairwise<T: Summand>(blocks: impl Iterator<Item = T>) -> T {
    let mut sums: Vec<T> = blocks.collect();
    while sums.len() > 1 {
        let half = sums.len().div_ceil(2);
        for i in 0..half {
            sums[i] = match sums.get(2 * i + 1) {
                Some(right) => sums[2 * i] + *right,
                None => sums[2 * i],
            };
        }
        sums.truncate(half);
    }
    sums.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_sum_exactly_at_every_length() {
        for n in 0..1500u32 {
            let x: Vec<f32> = (0..n).map(|i| (i % 97) as f32).collect();
            let exact: u32 = (0..n).map(|i| i % 97).sum();
            assert_eq!(sum(&x), exact as f32, "{n} elements");
            let ones = vec![1.0; x.len()];
            assert_eq!(dot(&x, &ones), exact as f32, "{n} elements");
        }
    }

    #[test]
    fn the_order_within_a_block_is_the_stated_one() {
        let x: Vec<f32> = (0..11).map(|i| 0.1 * (i as f32) * 1.7f32.powi(i)).collect();
        let lane = |j: usize| if j < 3 { x[j] + x[j + 8] } else { x[j] };
        let expected = ((lane(0) + lane(4)) + (lane(2) + lane(6))) + ((lane(1) + lane(5)) + (lane(3) + lane(7)));
        assert_eq!(sum(&x).to_bits(), expected.to_bits());
    }

    #[test]
    fn the_order_of_blocks_is_the_stated_one() {
        let x: Vec<f32> = (0..128 * 5).map(|i| 1.0 / (i as f32 + 0.3)).collect();
        let block = |k: usize| sum(&x[128 * k..128 * (k + 1)]);
        let expected = ((block(0) + block(1)) + (block(2) + block(3))) + block(4);
        assert_eq!(sum(&x).to_bits(), expected.to_bits());
    }

    #[test]
    fn a_million_small_numbers_lose_little() {
        let x = vec![0.1f32; 1_000_000];
        assert!((f64::from(sum(&x)) - 100_000.0).abs() < 0.05);
    }
}
