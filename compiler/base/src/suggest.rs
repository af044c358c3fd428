//! Did you mean: the known name nearest to a wrong one.

/// The nearest of `known` to `wrong`, where near enough to be a slip: at most a third of the letters differ.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    let limit = length.max(3) / 3;
    known
        .into_iter()
        // The distance is at least the difference in length; so a word of a megabyte costs nothing.
        .filter(|name| name.chars().count().abs_diff(length) <= limit)
        .map(|name| (strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
