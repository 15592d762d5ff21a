//! "Did you mean …": the nearest of the names that would have been right.

/// The candidates nearest to `wrong`, best first, at most `most`; none that is too far to be meant.
pub fn nearest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let limit = (wrong.chars().count() / 2).max(2);
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|it| (distance(&wrong.to_lowercase(), &it.to_lowercase()), it))
        .filter(|(score, _)| *score <= limit)
        .collect();
    scored.sort();
    scored.dedup();
    scored.into_iter().take(most).map(|(_, it)| it).collect()
}

/// Whether `wrong` is `right` with a slip of the pen: another case, or a letter or two of several.
pub fn is_slip(wrong: &str, right: &str) -> bool {
    let most = if right.chars().count() < 6 { 1 } else { 2 };
    distance(&wrong.to_lowercase(), &right.to_lowercase()) <= most
}

/// What to say of a name that is not among those known: the one that was meant, and all of them after `lead`.
pub fn known<'a>(
    wrong: &str,
    lead: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let meant = nearest(wrong, names.clone(), 1);
    let meant = meant.first().map(|it| format!("did you mean `{it}`? ")).unwrap_or_default();
    format!("{meant}{lead} {}", quoted(names))
}

/// A list of names as a sentence wants it: `a`, `b`, `c`.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// Insertions, deletions, substitutions and neighbours that changed places, from one to the other.
fn distance(a: &str, b: &str) -> usize {
    // A long name is never a slip of the pen, and the table grows with the product.
    const LONGEST: usize = 200;
    let short = |it: &str| it.chars().take(LONGEST).collect::<String>();
    strsim::osa_distance(&short(a), &short(b))
}
