//! Files that the user names: found, read within bounds, and if not, why not.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy as _, choose_base_strategy, home_dir};

use super::Wrong;
use crate::config::Config;
use crate::profile::diagnostic::Source;
use crate::profile::tree::MAX_TEXT;
use crate::text;

/// The user's configuration: the file that is named, else the one at the usual place, if there is one.
pub fn config(named: Option<&Path>) -> Result<Config, Wrong> {
    let Some(path) = named.map(Path::to_owned).or_else(usual_place) else { return Ok(Config::default()) };
    let read = match read_within(&path, limit()) {
        Err(Unread::Io(error)) if named.is_none() && is_absent(&error) => return Ok(Config::default()),
        read => read.map_err(|why| Wrong(format!("cannot read the configuration: {}", why.words(&path))))?,
    };
    let mut config = Config::parse(Source::new(path.display().to_string(), read)).map_err(|errors| told(&errors))?;
    path.parent().unwrap_or(Path::new("")).clone_into(&mut config.dir);
    Ok(config)
}

/// Where the configuration is looked for when none is named.
pub fn usual_place() -> Option<PathBuf> {
    // Someone without a home has no configuration.
    choose_base_strategy().ok().map(|base| base.config_dir().join("wirebeat").join("config.toml"))
}

/// Errors in files, as lines for a person.
pub(super) fn told(errors: &[impl std::fmt::Display]) -> Wrong {
    Wrong(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// A path as it is written in a file of that directory; `~/` is the home of the user.
pub(super) fn resolve(dir: &Path, path: &str) -> PathBuf {
    match path.strip_prefix("~/").zip(home_dir().ok()) {
        Some((rest, home)) => home.join(rest),
        None => dir.join(path),
    }
}

/// The text of a profile or a configuration may be so long.
pub(super) fn limit() -> u64 {
    u64::try_from(MAX_TEXT).unwrap_or(u64::MAX)
}

/// Reads a file of at most so many bytes. The words name the file.
pub(super) fn read_text(path: &Path, most: u64) -> Result<String, String> {
    read_within(path, most).map_err(|why| why.words(path))
}

enum Unread {
    Io(io::Error),
    Directory,
    TooLong(u64),
    NotText { line: usize },
}

impl Unread {
    fn words(&self, path: &Path) -> String {
        let path = path.display().to_string();
        let path = text::clean(&path);
        match self {
            Self::Io(error) => format!("{path}: {error}"),
            Self::Directory => format!("{path}: it is a directory, and a file is needed"),
            Self::TooLong(most) => format!("{path}: it is longer than {}", text::size(*most)),
            Self::NotText { line } => format!("{path}:{line}: it is not UTF-8 text"),
        }
    }
}

fn read_within(path: &Path, most: u64) -> Result<String, Unread> {
    let file = File::open(path).map_err(Unread::Io)?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Unread::Directory);
    }
    let mut bytes = Vec::new();
    // One byte more tells that there is more; devices and pipes do not say how long they are.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(Unread::Io)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > most) {
        return Err(Unread::TooLong(most));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        Unread::NotText { line: good.split(|byte| *byte == b'\n').count() }
    })
}

/// There is nothing at the usual place.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
