//! Words and runs of characters, hashed to ids.

use crate::call::Call;
use crate::error::Outcome;
use crate::view::tensor;
use mu_format::value::Value;

/// The 32-bit FNV-1a hash.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The ids of the parts, cut or filled with 0 to `length`. The id 0 is no part's.
fn ids<'a>(call: &Call, parts: impl Iterator<Item = &'a str>, length: usize, buckets: usize) -> Outcome<Value> {
    let buckets = u32::try_from(buckets).ok().filter(|n| *n > 0);
    let buckets = buckets.ok_or_else(|| call.wrong("the number of buckets is 0 or over 2^32"))?;
    let mut ids: Vec<i64> = parts.take(length).map(|part| i64::from(1 + fnv1a(part.as_bytes()) % buckets)).collect();
    ids.resize(call.affordable(&[length])?, 0);
    Ok(tensor(&[length], ids))
}

fn in_word(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '\''
}

/// Each run of `[a-z0-9']` and each `!` or `?`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(|c| in_word(c) || c == '!' || c == '?')?;
        let found = &rest[start..];
        let end = found.find(|c| !in_word(c)).unwrap_or(found.len()).max(1);
        rest = &found[end..];
        Some(&found[..end])
    })
}

pub(crate) fn hash_words(call: &Call) -> Outcome<Value> {
    ids(call, words(call.text(0)?), call.dim(0)?, call.dim(1)?)
}

pub(crate) fn hash_ngrams(call: &Call) -> Outcome<Value> {
    let text = call.text(0)?;
    let (from, to, length, buckets) = (call.dim(0)?, call.dim(1)?, call.dim(2)?, call.dim(3)?);
    if from == 0 {
        return Err(call.wrong("runs of 0 characters"));
    }
    // Where each character begins, and the end; no more of them than can matter.
    let most = length.saturating_add(to);
    let starts: Vec<usize> =
        text.char_indices().map(|(at, _)| at).chain([text.len()]).take(most.saturating_add(1)).collect();
    let starts = starts.as_slice();
    let runs = (from..=to.min(starts.len()))
        .flat_map(|n| starts.iter().zip(starts.iter().skip(n)).map(|(start, end)| &text[*start..*end]));
    ids(call, runs, length, buckets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn words_are_runs_and_single_marks() {
        let found: Vec<&str> = words("it's 9 o'clock!? Ähm-ok").collect();
        assert_eq!(found, ["it's", "9", "o'clock", "!", "?", "hm", "ok"]);
    }
}
