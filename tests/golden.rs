//! The golden frames of every profile, run through the router.

use std::sync::Arc;

use wirebeat::profile::build::{Source, load};
use wirebeat::profile::bundled;
use wirebeat::profiling::golden_fails;

#[test]
fn every_golden_frame_gives_its_rows() {
    let rows = Source::new("tests/profiles/rows.toml", include_str!("profiles/rows.toml"));
    // What docs/profiles.md builds step by step is one profile.
    let steps = include_str!("../docs/profiles.md").split("\n## What you see").next().unwrap();
    let steps = steps.split("```toml\n").skip(1).map(|step| step.split("```").next().unwrap()).collect::<String>();
    let page = Source::new("docs/profiles.md", steps);
    let reference = include_str!("../docs/reference.md").split("\n```toml profile\n").skip(1);
    let shown = reference.map(|text| Source::new("docs/reference.md", text.split("\n```").next().unwrap()));
    let all = bundled::names().map(|name| bundled::find(name).unwrap()).chain([rows, page]).chain(shown);
    for source in all {
        let file = source.name.clone();
        let profile = Arc::new(load(source, &bundled::find, &[]).unwrap());
        assert!(!profile.tests.is_empty() || file.starts_with("docs/reference"), "{file}");
        for golden in &profile.tests {
            let frame = String::from_utf8_lossy(&golden.frame);
            assert_eq!(
                golden_fails(&profile, golden),
                None,
                "{file}:{}: {frame} must give {:#?}",
                golden.line,
                golden.rows
            );
        }
    }
}
