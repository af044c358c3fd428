//! Names of the language made of other names.

const RESERVED: [&str; 16] = [
    "if", "then", "else", "match", "for", "in", "scan", "with", "let", "next", "assert", "or", "and", "not", "none",
    "infer",
];

/// A word of the language: letters, digits and `_` stay, all else becomes `_`.
pub fn word(text: &str) -> String {
    let mut word: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).take(60).collect();
    if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
        word.insert(0, 'x');
    }
    if RESERVED.contains(&word.as_str()) || matches!(word.as_str(), "true" | "false" | "some" | "ok" | "err" | "file") {
        word.push('_');
    }
    word
}

/// A model's name after its file: in lower case, without `_` in a row or at the ends.
pub fn model(text: &str) -> String {
    let lower = word(&text.to_ascii_lowercase());
    let parts: Vec<&str> = lower.split('_').filter(|part| !part.is_empty()).collect();
    word(&parts.join("_"))
}

/// `iris_logreg` as `IrisLogreg`.
pub fn capital(text: &str) -> String {
    let parts = text.split('_').filter(|part| !part.is_empty());
    let name: String = parts.map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect();
    if name.starts_with(|c: char| c.is_ascii_uppercase()) { name } else { format!("X{name}") }
}

/// Whether a user's name is one of the language.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && word(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_anything() {
        assert_eq!(model("../../X-small.v2"), "x_small_v2");
        assert_eq!(model("3d"), "x3d");
        assert_eq!(word("sigmoid_0.tmp_0"), "sigmoid_0_tmp_0");
        assert_eq!(word("in"), "in_");
        assert_eq!(capital("iris_logreg"), "IrisLogreg");
        assert!(is_word("kcnn_8") && !is_word("../x") && !is_word(""));
    }
}
