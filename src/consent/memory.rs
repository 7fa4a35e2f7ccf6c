//! The answers of earlier runs: a file of the user's own, readable by nobody else. What they mean is not known here.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::{Need, What};

/// No file of answers is larger.
const MOST: u64 = 1 << 20;
const SCHEMA: u32 = 1;

#[derive(Debug)]
pub(super) struct Memory {
    file: Option<PathBuf>,
    given: Vec<Given>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    schema: u32,
    allowed: Vec<Given>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    host: String,
    profile: String,
    fingerprint: String,
    #[serde(flatten)]
    what: What,
}

/// Where answers are kept; nowhere on a machine without a home.
pub(super) fn place() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(state.join("wirebeat").join("consent.json"))
}

impl Memory {
    /// A file that is not there, not ours alone to write, or not understood, has no answers: they are asked for again.
    pub(super) fn open(file: Option<PathBuf>) -> Self {
        let given = file.as_deref().and_then(read).unwrap_or_default();
        Self { file, given }
    }

    pub(super) fn has(&self, need: &Need) -> bool {
        self.given.contains(&Given::of(need))
    }

    pub(super) fn add(&mut self, needs: &[&Need]) {
        for given in needs.iter().map(|need| Given::of(need)) {
            if !self.given.contains(&given) {
                self.given.push(given);
            }
        }
    }

    /// Another run may have written meanwhile: its answers stay.
    pub(super) fn save(&mut self) -> io::Result<()> {
        let file = self.file.as_deref().ok_or_else(|| io::Error::other("this machine has no place for it"))?;
        for given in read(file).unwrap_or_default() {
            if !self.given.contains(&given) {
                self.given.push(given);
            }
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(&Written { schema: SCHEMA, allowed: self.given.clone() })?;
        let fresh = file.with_extension(format!("{}.new", std::process::id()));
        // One of that name can only be left over from a run that was killed.
        let _gone = fs::remove_file(&fresh);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&fresh)?;
        let written = out.write_all(text.as_bytes()).and_then(|()| out.sync_all());
        drop(out);
        let kept = written.and_then(|()| fs::rename(&fresh, file));
        if kept.is_err() {
            let _gone = fs::remove_file(&fresh);
        }
        kept
    }
}

impl Given {
    fn of(need: &Need) -> Self {
        Self {
            host: need.host.clone(),
            profile: need.profile.clone(),
            fingerprint: need.fingerprint.clone(),
            what: need.what.clone(),
        }
    }
}

fn read(file: &Path) -> Option<Vec<Given>> {
    let open = fs::File::open(file).ok()?;
    if !ours_alone(&open.metadata().ok()?) {
        return None;
    }
    let mut text = String::new();
    open.take(MOST).read_to_string(&mut text).ok()?;
    let written: Written = serde_json::from_str(&text).ok()?;
    (written.schema == SCHEMA).then_some(written.allowed)
}

/// Whether nobody else may write it.
#[cfg(unix)]
fn ours_alone(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.is_file() && file.mode() & 0o022 == 0 && file.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn ours_alone(file: &fs::Metadata) -> bool {
    file.is_file()
}
