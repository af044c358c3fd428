//! The mood of an English text, by its words.

use std.text

labels Mood = "negative", "positive"

/// 4,000 snippets of reviews that no model of this catalog was trained on.
dataset snippets: text_classification<Mood> {
    file     "holdout.npz"
    sha256   "384dfe6e13ee6c8dd9f4bc6e6f65fe38ed96403c9a71453d614d7b5e7bb297b3"
    revision "1"
    license  MIT
}

/// Logistic regression on hashed words.
model hash_logreg: text_classification<Mood> {
    net     "hash-logreg.onnx" sha256 "34d4ac3b046695f930bd2aa10f3c2db162471dad9278a1f233c76d9155e85600"
            (input: i64[N, 48]) -> (probs: f32[N, 2])
    classes "negative", "positive"
    license MIT
    origin  "own weights, trained on the review snippets of vaderSentiment 0.5"
    claim   accuracy on snippets = 75.5% (n 4000)
    claim   latency.p95 = 21.3 us
    adapt {
        let ids = hash_words(lower(text), 48, 8191) |> batch
        infer(input: ids).probs |> first |> rank
    }
}

/// A bag of words and one linear layer.
model bow_linear: text_classification<Mood> {
    net     "bow-linear.onnx" sha256 "6326ebd6fce1ce1d34533ae6d6e67087a898a8bb5bebfc66d1596d19c3e55245"
            (input: i64[N, 48]) -> (probs: f32[N, 2])
    classes "negative", "positive"
    license MIT
    origin  "own weights, trained on the review snippets of vaderSentiment 0.5"
    claim   accuracy on snippets = 72.4% (n 4000)
    claim   latency.p95 = 24.1 us
    adapt {
        let ids = hash_words(lower(text), 48, 8191) |> batch
        infer(input: ids).probs |> first |> rank
    }
}
