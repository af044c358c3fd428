//! Text: tasks on it and what adapters need.

/// Puts one label of `L` on a text.
task text_classification<L: Labels>(text: Text) -> Ranking<L> {
    hub "text-classification"
    truth L
    metric accuracy: ratio, higher is better = mean(hit(output, truth, 1))
    metric top3: ratio, higher is better = mean(hit(output, truth, 3))
}

/// A stretch of a text and its label.
record Entity<L: Labels> { label: L, score: f32, start: i64, end: i64 }

/// Finds stretches of a text and puts a label on each, in the text's order.
task token_classification<L: Labels>(text: Text) -> List<Entity<L>, 256> {
    hub "token-classification"
    truth List<Entity<L>, 256>
    metric precision: ratio, higher is better = sum(agreeing(output, truth)) / sum(entities(output))
    metric recall: ratio, higher is better = sum(agreeing(output, truth)) / sum(entities(truth))
}

/// How many entities of `output` have the same label, start and end as one of `truth`; each of `truth` counts once.
builtin fn agreeing<L: Labels, N: Dim, M: Dim>(output: List<Entity<L>, N>, truth: List<Entity<L>, M>) -> i64
/// How many entities there are.
builtin fn entities<L: Labels, N: Dim>(list: List<Entity<L>, N>) -> i64

/// A vector for a text. Vectors of two models are never comparable, so their type carries the slot that made them.
task feature_extraction(text: Text) -> Embedding<self> {
    hub "feature-extraction"
    truth Embedding<self>
    metric similarity: ratio, higher is better = mean(similarity(output, truth))
}

/// The cosine of the angle between two vectors of the same slot.
builtin fn similarity<S: Slot>(a: Embedding<S>, b: Embedding<S>) -> f32

/// How alike two texts are in meaning, from -1 to 1.
task sentence_similarity(a: Text, b: Text) -> f32 {
    hub "sentence-similarity"
    truth f32
    metric mae: ratio, lower is better = mean(abs(output - truth))
}

/// In lower case, as Unicode says.
builtin fn lower(text: Text) -> Text
/// In upper case, as Unicode says.
builtin fn upper(text: Text) -> Text
/// Without white space (as Unicode says) at both ends.
builtin fn trim(text: Text) -> Text
/// The parts between the separators, at most `at_most`; the last one holds the rest. An empty separator is an error.
builtin fn split<N: Dim>(text: Text, separator: Text, at_most: dim N) -> List<Text, N> where 1 <= N
/// The parts with the separator between them.
builtin fn join<N: Dim>(parts: List<Text, N>, separator: Text) -> Text
/// The first `n` characters (Unicode scalar values): all where there are fewer, none where `n` is below 0.
builtin fn head(text: Text, n: i64) -> Text
/// How many characters (Unicode scalar values).
builtin fn length(text: Text) -> i64
/// Whether `part` stands somewhere in the text.
builtin fn contains(text: Text, part: Text) -> bool
/// Whether the text begins with `part`.
builtin fn starts_with(text: Text, part: Text) -> bool
/// With every `part` replaced, from the left, without overlap; an empty `part` changes nothing.
builtin fn replace(text: Text, part: Text, with: Text) -> Text
/// The number a text spells in decimal (`-1.5`, `2e3`), without white space around it, or nothing; infinities and NaN are no numbers.
builtin fn parse_f64(text: Text) -> Option<f64>
/// The label spelled so, or nothing.
builtin fn parse_label<L: Labels>(text: Text) -> Option<L>
/// How the label is spelled.
builtin fn label_text<L: Labels>(label: L) -> Text

/// Words hashed to ids: each run of `[a-z0-9']` and each `!` or `?` is `1 + fnv1a32(utf8) mod buckets`; cut or filled with 0 to `length`.
builtin fn hash_words<N: Dim, B: Dim>(text: Text, length: dim N, buckets: dim B) -> i64[N] where 1 <= N, 1 <= B
/// All runs of `from` to `to` characters, shortest first, hashed to `1 + fnv1a32(utf8) mod buckets`; cut or filled with 0 to `length`.
builtin fn hash_ngrams<A: Dim, Z: Dim, N: Dim, B: Dim>(text: Text, from: dim A, to: dim Z, length: dim N, buckets: dim B) -> i64[N] where 1 <= A, A <= Z, 1 <= N, 1 <= B
/// Token ids by a Hugging Face `tokenizer.json`, special tokens included, at most `at_most`: a longer text loses its end, never its
/// special tokens. The padding and the truncation that the file asks for are left out.
builtin fn tokenize<N: Dim>(text: Text, tokenizer: const File, at_most: dim N) -> i64[<= N] where 1 <= N
