//! What a published version says of itself, in its description: which bundle it holds, and which version was live before it.
//! There it cannot be changed or lost, and it says the truth after a rollback too.

use std::fmt;

/// `mulambda bundle=<sha256> before=6`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNote {
    /// The sha256 of the zip.
    pub bundle: String,
    /// What the alias pointed to before; `None` for the first.
    pub before: Option<u64>,
}

impl VersionNote {
    /// Reads a version's description; `None` where it is none of ours.
    pub fn parse(text: &str) -> Option<VersionNote> {
        let mut words = text.split(' ');
        if words.next() != Some("mulambda") {
            return None;
        }
        let bundle = words.next()?.strip_prefix("bundle=")?.to_owned();
        let before = match words.next() {
            None => None,
            Some(word) => Some(word.strip_prefix("before=")?.parse().ok()?),
        };
        Some(VersionNote { bundle, before })
    }
}

impl fmt::Display for VersionNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mulambda bundle={}", self.bundle)?;
        self.before.map_or(Ok(()), |before| write!(f, " before={before}"))
    }
}

#[cfg(test)]
mod tests {
    use super::VersionNote;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for before in [None, Some(6)] {
            let note = VersionNote { bundle: "ab".repeat(32), before };
            assert_eq!(VersionNote::parse(&note.to_string()), Some(note));
        }
        for other in ["", "released by hand", "mulambda", "mulambda before=1", "mulambda bundle=ab before=x"] {
            assert_eq!(VersionNote::parse(other), None, "{other}");
        }
    }
}
