//! A draft held against the real reader and the real router: what does not pass is commented out, with the reason.

use std::sync::Arc;

use super::super::golden;
use super::sheet::Sheet;
use crate::profile::build::load;
use crate::profile::bundled;
use crate::profile::diagnostic::Source;
use crate::text::clean;

/// Each round takes out at least one block.
const MOST_ROUNDS: usize = 60;
const NAME: &str = "draft.toml";

pub(super) fn proved(mut sheet: Sheet) -> String {
    for _ in 0..MOST_ROUNDS {
        let (text, lines) = sheet.text();
        let bad: Vec<(usize, String)> = match load(Source::new(NAME, text.as_str()), &bundled::find, &[]) {
            Err(wrong) => wrong
                .iter()
                .filter(|wrong| wrong.source.name == NAME)
                .map(|wrong| (wrong.line_and_column().0, format!("This cannot stand: {}", wrong.message)))
                .collect(),
            Ok(profile) => {
                let profile = Arc::new(profile);
                let wrong = |test: &crate::profile::Golden| {
                    let got = golden::fails(&profile, test)?;
                    Some((test.line, format!("A guess that does not hold; the rows are {}", golden::words(&got))))
                };
                profile.tests.iter().filter_map(wrong).collect()
            }
        };
        if bad.is_empty() {
            return text;
        }
        let before = sheet.blocks.iter().filter(|block| block.doubt.is_some()).count();
        for (line, why) in bad {
            let block = line.checked_sub(1).and_then(|line| lines.get(line)).copied();
            // What stands before the first table is needed by all the rest.
            if let Some(block) = block.filter(|block| *block > 0).and_then(|block| sheet.blocks.get_mut(block)) {
                block.doubt(&clean(&why));
            }
        }
        if sheet.blocks.iter().filter(|block| block.doubt.is_some()).count() == before {
            break;
        }
    }
    sheet.text().0
}
