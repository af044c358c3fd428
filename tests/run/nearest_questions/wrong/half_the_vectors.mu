// wrong: list-too-long
use std.text
use catalog.minilm

slot embed: feature_extraction {
    require license in [Apache-2.0, MIT]
    require size <= 50 MB
}

record Faq { question: Text, answer: Text }

record Hit { question: Text, answer: Text, score: f32 }

const faq: List<Faq, 16> = file("faq.csv")

/// One vector for each question, made when the program is built.
const vectors: List<Embedding<embed>, 8> = for entry in faq { embed(entry.question) }

/// The three questions most like the one asked, with their answers, best first; fewer where less is alike.
fn nearest(question: Text) -> List<Hit, 3> {
    let asked = embed(question)
    let alike = for v in vectors { similarity(v, asked) }
    for found in largest(alike, 3) if found.score >= 0.4 {
        let entry = get(faq, found.index) |> otherwise(Faq { question: "", answer: "" })
        Hit { question: entry.question, answer: entry.answer, score: found.score }
    }
}

/// The answer to a question, where one is known.
fn answer(question: Text) -> Option<Text> {
    match get(nearest(question), 0) {
        some(hit) -> some(hit.answer)
        none -> none
    }
}

deploy answer {
    target   local
    minimize size
}

test "other words, same question" {
    assert answer("I forgot my login credentials") == some("Follow the link \"Forgot password\" below the login form.")
}

test "a question nobody asked" {
    assert answer("What is the boiling point of tungsten?") == none
}
