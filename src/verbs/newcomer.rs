//! Whether someone new sits before the screen: an empty file remembers that keys were told once. Where it cannot be
//! written, they are told in each run until the first key, and nothing is said about it.

use std::fs;
use std::path::PathBuf;

use etcetera::{BaseStrategy as _, choose_base_strategy};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Newcomer {
    /// In every run, and nothing is remembered.
    Always,
    /// The file that will remember, if there is a place for one.
    First(Option<PathBuf>),
    No,
}

impl Newcomer {
    pub(super) fn of_this_machine() -> Self {
        let base = choose_base_strategy().ok();
        let state = base.map(|base| base.state_dir().unwrap_or_else(|| base.data_dir()));
        Self::of(state.map(|state| state.join("wirebeat").join("greeted")))
    }

    fn of(file: Option<PathBuf>) -> Self {
        if file.as_ref().is_some_and(|file| file.exists()) { Self::No } else { Self::First(file) }
    }

    pub(super) fn is_greeted(&self) -> bool {
        match self {
            Self::Always | Self::First(_) => true,
            Self::No => false,
        }
    }

    /// A key was pressed.
    pub(super) fn remember(&self) {
        match self {
            Self::First(Some(file)) => {
                // Who cannot be remembered is greeted again.
                let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
                let _kept = folder.and_then(|()| fs::write(file, ""));
            }
            Self::Always | Self::First(None) | Self::No => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_remembered_where_it_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/wirebeat/greeted");
        let first = Newcomer::of(Some(file.clone()));
        assert!(first.is_greeted() && !file.exists());
        first.remember();
        assert_eq!(Newcomer::of(Some(file)), Newcomer::No);
        let place = folder.path().join("a file");
        fs::write(&place, "").unwrap();
        let nowhere = Newcomer::of(Some(place.join("wirebeat/greeted")));
        nowhere.remember();
        assert!(nowhere.is_greeted());
        Newcomer::Always.remember();
        Newcomer::of(None).remember();
    }
}
