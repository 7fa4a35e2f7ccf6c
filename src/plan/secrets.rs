//! `${env.NAME}` and `${file.PATH}`: read once, filled in, and never said.

use std::collections::{BTreeMap, BTreeSet};
use std::env::{self, VarError};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::files;
use crate::profile::Profile;
use crate::profile::template::{Hole, Outside, Part, Template};
use crate::session::Secrets;
use crate::text;

/// Bytes of a secret in a file.
const LONGEST: u64 = 64 << 10;

/// What was read from the environment and from files, or why it could not be.
#[derive(Default)]
pub(super) struct Vault {
    env: BTreeMap<String, Result<String, String>>,
    files: BTreeMap<PathBuf, Result<String, String>>,
    /// What was told to be missing.
    told: BTreeSet<String>,
}

/// A template without its placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) text: String,
    /// Which bytes are secret, and the placeholder that each stands for.
    pub(super) secrets: Vec<(Range<usize>, String)>,
}

/// A placeholder that cannot be filled in, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfilled {
    /// As it is written.
    pub(super) hole: String,
    pub(super) message: String,
}

impl Vault {
    /// Fills a template in; `dir` is what paths are relative to.
    pub(super) fn fill(&mut self, template: &Template, dir: &Path) -> Result<Filled, Vec<Unfilled>> {
        let (mut filled, mut missing) = (Filled::default(), Vec::new());
        for part in &template.parts {
            let hole = match part {
                Part::Text(text) => {
                    filled.text.push_str(text);
                    continue;
                }
                Part::Hole(hole) => hole,
            };
            let nothing = || Err("only ${env.NAME} and ${file.PATH} are known here".to_owned());
            let read = hole.source.outside().map_or_else(nothing, |outside| self.read(outside, dir));
            match (read, &hole.default) {
                (Ok(secret), _) => {
                    let start = filled.text.len();
                    filled.text.push_str(&secret);
                    filled.secrets.push((start..filled.text.len(), spelled(hole)));
                }
                (Err(_), Some(default)) => filled.text.push_str(default),
                (Err(message), None) => {
                    self.told.insert(message.clone());
                    missing.push(Unfilled { hole: spelled(hole), message });
                }
            }
        }
        if missing.is_empty() { Ok(filled) } else { Err(missing) }
    }

    /// What the templates of a profile read from outside. What was told to be missing before is not told again.
    pub(super) fn of_profile(&mut self, profile: &Profile) -> Result<Secrets, Vec<String>> {
        let (mut secrets, mut missing) = (Secrets::default(), Vec::new());
        for (hole, outside) in profile.templates().flat_map(Template::outside) {
            match (self.read(outside, Path::new("")), outside) {
                (Ok(secret), Outside::Env(name)) => {
                    secrets.env.insert(name.to_owned(), secret);
                }
                (Ok(secret), Outside::File(path)) => {
                    secrets.files.insert(path.to_owned(), secret);
                }
                (Err(message), _) if hole.default.is_none() => {
                    missing.push(message);
                }
                (Err(_), _) => {}
            }
        }
        if missing.is_empty() {
            return Ok(secrets);
        }
        missing.retain(|message| !self.told.contains(message));
        missing.sort();
        missing.dedup();
        let name = text::clean(&profile.name);
        Err(missing.into_iter().map(|message| format!("{message}, and the profile {name} needs it")).collect())
    }

    fn read(&mut self, outside: Outside<'_>, dir: &Path) -> Result<String, String> {
        match outside {
            Outside::Env(name) => self.env.entry(name.to_owned()).or_insert_with(|| read_env(name)).clone(),
            Outside::File(path) => {
                let path = files::resolve(dir, path);
                self.files.entry(path.clone()).or_insert_with(|| read_file(&path)).clone()
            }
        }
    }
}

impl Filled {
    /// Where its secrets are.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        self.secrets.iter().map(|(range, _)| range.clone()).collect()
    }

    /// The secrets themselves.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter_map(|(range, _)| self.text.get(range.clone())).filter(|value| !value.is_empty())
    }
}

fn spelled(hole: &Hole) -> String {
    format!("${{{}}}", hole.source)
}

fn read_env(name: &str) -> Result<String, String> {
    // What the system would panic or be puzzled at is no name.
    let found = if name.contains(['=', '\0']) { Err(VarError::NotPresent) } else { env::var(name) };
    let name = text::clean(name);
    found.map_err(|error| match error {
        VarError::NotPresent => format!("the environment variable {name} is not set"),
        VarError::NotUnicode(_) => format!("the environment variable {name} is not UTF-8"),
    })
}

fn read_file(path: &Path) -> Result<String, String> {
    let secret = files::read_text(path, LONGEST)?;
    Ok(secret.trim_end_matches(['\r', '\n']).to_owned())
}
