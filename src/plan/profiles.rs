//! Profiles by name or by file, with what they extend.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use super::{Wrong, files};
use crate::profile::diagnostic::{Diagnostic, Source, nearest};
use crate::profile::{Profile, build, bundled};
use crate::text;

/// Why there is no profile.
#[derive(Debug)]
pub(super) enum NoProfile {
    /// Nothing goes by that name; what to do instead.
    Unknown(String),
    Unreadable(String),
    Broken(Vec<Diagnostic>),
}

/// Loads a bundled profile, or one from a file.
pub fn load_profile(name: &str, sets: &[String]) -> Result<Arc<Profile>, Wrong> {
    load(Path::new(""), name, sets).map_err(|why| match why {
        NoProfile::Unknown(help) => Wrong(format!("no such profile: {}\n{help}", text::clean(name))),
        NoProfile::Unreadable(words) => Wrong(format!("cannot read the profile {words}")),
        NoProfile::Broken(errors) => files::told(&errors),
    })
}

/// The same, named in a file of that directory.
pub(super) fn load(dir: &Path, name: &str, sets: &[String]) -> Result<Arc<Profile>, NoProfile> {
    let main = match path_of(name) {
        None => bundled::find(name).ok_or_else(|| NoProfile::Unknown(instead_of(name)))?,
        Some(path) => read(&files::resolve(dir, path)).map_err(NoProfile::Unreadable)?,
    };
    let unread = RefCell::new(None);
    let find = |name: &str| match path_of(name) {
        None => bundled::find(name),
        Some(path) => read(&files::resolve(Path::new(""), path)).map_err(|words| unread.replace(Some(words))).ok(),
    };
    build::load(main, &find, sets).map(Arc::new).map_err(|mut errors| {
        // That there is none is told with its place; why is known here only.
        if let (Some(words), Some(last)) = (unread.take(), errors.last_mut()) {
            last.help = Some(format!("cannot read {words}"));
        }
        NoProfile::Broken(errors)
    })
}

/// Stands in for a profile that is wrong, so that the rest of its feed is looked at all the same.
pub(super) fn stand_in() -> Option<Arc<Profile>> {
    load(Path::new(""), "raw", &[]).ok()
}

/// The text of a bundled profile, or of a file: nothing where there is no such name. The error is a sentence.
pub fn find_profile(name: &str) -> Option<Result<Source, String>> {
    match path_of(name) {
        None => bundled::find(name).map(Ok),
        Some(path) => Some(read(&files::resolve(Path::new(""), path))),
    }
}

fn path_of(name: &str) -> Option<&str> {
    let is_path = name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|end| end == "toml");
    is_path.then_some(name)
}

fn read(path: &Path) -> Result<Source, String> {
    Ok(Source::new(path.display().to_string(), files::read_text(path, files::limit())?))
}

fn instead_of(name: &str) -> String {
    if Path::new(name).exists() {
        return format!("a file is named by its path: ./{}", text::clean(name));
    }
    nearest(name, bundled::names()).map_or_else(
        || format!("bundled are {}; a file is named by its path", bundled::names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near}?"),
    )
}
