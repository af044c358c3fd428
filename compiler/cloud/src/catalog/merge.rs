//! Two states of a catalog and what both came from: what each side changed is kept, what both changed is a conflict.

use std::collections::{BTreeMap, BTreeSet};

/// What a path is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merged {
    /// As it is here, also where it is nowhere.
    Here,
    /// As it is there.
    There,
    /// Both sides changed it, and not alike.
    Conflict,
}

/// Decides one path by the hashes here, there, and when both were last the same.
fn merge(here: Option<&String>, there: Option<&String>, seen: Option<&String>) -> Merged {
    match () {
        _ if here == there => Merged::Here,
        _ if there == seen => Merged::Here,
        _ if here == seen => Merged::There,
        _ => Merged::Conflict,
    }
}

type Hashes = BTreeMap<String, String>;

/// Decides every path of either side.
pub(crate) fn all<'a>(here: &'a Hashes, there: &'a Hashes, seen: &Hashes) -> BTreeMap<&'a str, Merged> {
    let paths: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    let decide = |path: &'a String| (path.as_str(), merge(here.get(path), there.get(path), seen.get(path)));
    paths.into_iter().map(decide).collect()
}

/// The paths that both sides changed, some of them, for a message.
pub(crate) fn conflicts(merged: &BTreeMap<&str, Merged>) -> Option<String> {
    const SHOWN: usize = 5;
    let paths: Vec<&str> =
        merged.iter().filter(|(_, merged)| **merged == Merged::Conflict).map(|(path, _)| *path).collect();
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = paths.len().saturating_sub(SHOWN);
    match (shown.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(shown.join(", ")),
        _ => Some(format!("{} and {more} more", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_may_change_a_file_both_may_not() {
        let [a, b, c] = ["a", "b", "c"].map(str::to_owned);
        let [a, b, c] = [Some(&a), Some(&b), Some(&c)];
        let cases = [
            (a, a, a, Merged::Here),
            (b, b, a, Merged::Here),
            (b, a, a, Merged::Here),
            (a, b, a, Merged::There),
            (b, c, a, Merged::Conflict),
            // New on one side, on both.
            (a, None, None, Merged::Here),
            (None, a, None, Merged::There),
            (a, b, None, Merged::Conflict),
            // Removed on one side; removed here and changed there.
            (None, a, a, Merged::Here),
            (a, None, a, Merged::There),
            (None, b, a, Merged::Conflict),
        ];
        for (here, there, seen, want) in cases {
            assert_eq!(merge(here, there, seen), want, "{here:?} {there:?} {seen:?}");
        }
    }

    #[test]
    fn conflicts_are_named_up_to_five() {
        let hashes = |content: &str| (0..7).map(|i| (format!("{i}.mu"), content.to_owned())).collect::<Hashes>();
        let (here, there, seen) = (hashes("a"), hashes("b"), hashes("c"));
        let merged = all(&here, &there, &seen);
        let said = conflicts(&merged).unwrap();
        assert!(said.starts_with("`0.mu`, ") && said.ends_with("`4.mu` and 2 more"), "{said}");
        assert_eq!(conflicts(&all(&here, &here, &seen)), None);
    }
}
