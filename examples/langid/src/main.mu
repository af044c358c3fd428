//! Says in which of 25 languages a text is written.

use std.text
use catalog.languages

slot linguist: text_classification<Language> {
    require accuracy on declarations >= 89%
    require license in [MIT]
    minimize latency.p95
}

/// The language of a text, or nothing where none is likely.
fn language(text: Text) -> Option<Language> {
    let best = linguist(text) |> top
    if best.score >= 0.5 then some(best.label) else none
}

/// The three likeliest languages.
fn three(text: Text) -> List<Scored<Language>, 3> {
    linguist(text) |> top_k(3)
}

deploy language {
    target   lambda
    region   "eu-central-1"
    memory   256 MB
}

test "first articles" {
    assert language("All human beings are born free and equal in dignity and rights.") == some("English")
    assert language("Alle Menschen sind frei und gleich an Würde und Rechten geboren.") == some("German")
    assert language("Wszyscy ludzie rodzą się wolni i równi pod względem swej godności") == some("Polish")
}
