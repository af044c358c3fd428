//! Sorts what customers write: the language, and for English text the mood. Two slots, one budget.

use std.text
use catalog.languages
use catalog.moods

slot linguist: text_classification<Language> {
    require accuracy on declarations >= 89% as claimed
}

slot critic: text_classification<Mood> {
    require accuracy on snippets >= 74% as claimed
}

record Verdict {
    language: Language
    /// Only for English text.
    mood: Option<Scored<Mood>>
}

/// The language of a text, and its mood where it is English.
fn judge(text: Text) -> Verdict {
    let spoken = linguist(text) |> top
    Verdict {
        language: spoken.label
        mood: if spoken.label == "English" expect 60% then some(critic(text) |> top) else none
    }
}

/// How many of the texts are English and in a bad mood.
fn complaints(texts: List<Text, 100>) -> i64 {
    let angry = for text in texts if complains(judge(text)) { text }
    count(angry)
}

fn complains(verdict: Verdict) -> bool {
    match verdict.mood {
        some(mood) -> mood.label == "negative"
        none -> false
    }
}

deploy judge {
    target   lambda
    region   "eu-central-1"
    memory   256 MB
    budget   latency.p95 <= 1 ms
    budget   size <= 1 MB
    minimize size
}

test "English has a mood" {
    assert judge("What a wonderful, moving and funny film this was!").mood |> is_some
    assert complaints(["This was the worst and most boring film of the year.", "Das war der schlechteste Film."]) == 1
}
