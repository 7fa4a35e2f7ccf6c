//! The profiles that come with the program, embedded in it. What is in them is data: nothing here reads it.

use super::diagnostic::Source;

const FILES: [(&str, &str); 3] = [
    ("sub-heartbeat", include_str!("../../assets/profiles/sub-heartbeat.toml")),
    ("raw", include_str!("../../assets/profiles/raw.toml")),
    ("demo", include_str!("../../assets/profiles/demo.toml")),
];

/// The text of one of them.
pub fn find(name: &str) -> Option<Source> {
    let (name, text) = FILES.into_iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("bundled:{name}"), text))
}

pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().map(|(name, _)| name)
}
