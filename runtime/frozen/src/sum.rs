//! The checksum of a frozen file: XXH3 of the XXH3s of its blocks, so that more than one processor can take it. It is the part of a start
//! that grows with the weights, and waits for memory.

use std::num::NonZero;
use std::thread;
use xxhash_rust::xxh3::xxh3_64;

const BLOCK: usize = 1 << 20;
/// Fewer blocks than this are summed sooner than a thread is started.
const FEW: usize = 4;
/// Two were measured, and halve the time; memory is soon no faster for more.
const MOST: usize = 4;

pub(crate) fn of(bytes: &[u8]) -> u64 {
    let blocks = bytes.len().div_ceil(BLOCK);
    let threads = match blocks < FEW {
        true => 1,
        false => thread::available_parallelism().map_or(1, NonZero::get).min(MOST),
    };
    shared(bytes, blocks.div_ceil(threads).max(1) * BLOCK)
}

/// The checksum, by a thread for each so many bytes, which are whole blocks.
fn shared(bytes: &[u8], share: usize) -> u64 {
    let (own, others) = bytes.split_at(share.min(bytes.len()));
    let mut sums = Vec::new();
    thread::scope(|scope| {
        let start = |part| (part, thread::Builder::new().spawn_scoped(scope, move || blocks(part)));
        let others: Vec<_> = others.chunks(share).map(start).collect();
        sums = blocks(own);
        for (part, thread) in others {
            // Where the system gives no more threads, this one does it all.
            let done = thread.ok().and_then(|thread| thread.join().ok());
            sums.extend(done.unwrap_or_else(|| blocks(part)));
        }
    });
    xxh3_64(&sums.concat())
}

fn blocks(bytes: &[u8]) -> Vec<[u8; 8]> {
    bytes.chunks(BLOCK).map(|block| xxh3_64(block).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_threads_share_it_the_sum_is_the_same() {
        for length in [0, 1, BLOCK, 7 * BLOCK, 7 * BLOCK + 5] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            let alone = shared(&bytes, bytes.len().next_multiple_of(BLOCK).max(BLOCK));
            for share in 1..9 {
                assert_eq!(shared(&bytes, share * BLOCK), alone);
            }
            assert_eq!(of(&bytes), alone);
            for at in (0..length).step_by(BLOCK / 2) {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert_ne!(of(&flipped), alone);
            }
        }
    }
}
