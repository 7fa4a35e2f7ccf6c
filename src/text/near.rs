//! The name that was most likely meant, by how few letters are different. It knows no list of names of its own.

/// Longer names are not compared.
const LONGEST_NAME: usize = 64;

/// The name among these that `name` was most likely meant to be.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let lower = name.to_lowercase();
    let distance = |known: &&str| strsim::damerau_levenshtein(&lower, &known.to_lowercase());
    let best = known.into_iter().min_by_key(distance)?;
    // A third of the letters may be wrong; of a short name, one.
    let allowed = (best.chars().count().max(lower.chars().count()) / 3).max(1);
    (distance(&best) <= allowed).then_some(best)
}
