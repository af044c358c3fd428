//! Finds speech in a recording with a net that remembers what it heard.

use std.audio
use catalog.silero

slot ear: voice_activity_detection {
    require accuracy on spoken >= 94% as claimed
    require license == MIT
}

record Talk {
    /// How long the recording is.
    length: f64<s>
    /// How much of it is speech.
    speech: f64<s>
    /// The first frame of 32 ms with speech in it.
    start: Option<i64>
}

/// The probability of speech in each frame of 32 ms.
fn listen(audio: Audio) -> List<f32, 8192> {
    ear(audio)
}

/// How much of a recording is speech.
fn talk(audio: Audio) -> Talk {
    let heard = listen(audio)
    let voiced = for p in heard if p >= 0.5 { p }
    let marks = scan p in heard with before = 0.0 {
        next before = max(before, p)
        if p >= 0.5 and before < 0.5 then 1.0 else 0.0
    }
    let mark = largest(marks, 1) |> get(0)
    Talk {
        length: duration(audio)
        speech: to_f64(count(voiced)) * 0.032 s
        start: match mark {
            some(m) -> if m.score > 0.5 then some(m.index) else none
            none -> none
        }
    }
}

deploy talk {
    target   local
    minimize size
}

test "speech is heard after a silence" {
    let result = talk(file("../sounds/words.wav"))
    assert result.speech > 1 s
    assert result.speech < result.length
    assert is_some(result.start)
}

test "silence is silent" {
    assert talk(file("../sounds/silence.wav")).start == none
}
