//! Where the mouse points: every place of a screen of every size is something, and nothing is touched that is not there.
#![expect(clippy::unwrap_used, reason = "a test may")]

#[expect(dead_code, reason = "the pictures are for the screens")]
mod support;

use ratatui::layout::{Position, Rect};
use support::{NOW, at, trouble};
use wirebeat::app::pointer::{Gesture, Spot};
use wirebeat::event::FeedId;
use wirebeat::ui;

#[test]
fn every_place_may_be_pointed_at() {
    for (width, height) in [(0, 0), (1, 1), (40, 10), (80, 24), (118, 36), (300, 80)] {
        let mut app = trouble();
        app.resize(width, height);
        let area = Rect::new(0, 0, width, height);
        let mut feeds = Vec::new();
        for y in 0..=height {
            for x in (0..=width).step_by(3) {
                let spot = ui::hit(&app, area, Position::new(x, y), at(NOW));
                if let Spot::Feeds(Some(feed)) = spot
                    && feeds.last() != Some(&feed)
                {
                    feeds.push(feed);
                }
                if let Spot::Mark(_) = spot {
                    app.point(spot, Gesture::WheelDown);
                } else {
                    app.point(spot, Gesture::WheelUp);
                }
            }
            if y < 8 {
                let spot = ui::hit(&app, area, Position::new(5, y), at(NOW));
                app.point(spot, Gesture::Click);
            }
        }
        assert_eq!(feeds.is_empty(), height < 2, "{width}x{height}");
    }
}

#[test]
fn a_click_on_a_row_selects_its_feed() {
    let mut app = trouble();
    let area = Rect::new(0, 0, 118, 36);
    let rows: Vec<_> = (0..36).map(|y| ui::hit(&app, area, Position::new(10, y), at(NOW))).collect();
    let feeds: Vec<_> =
        rows.iter().filter_map(|spot| if let Spot::Feeds(Some(id)) = spot { Some(*id) } else { None }).collect();
    assert_eq!(feeds, app.rows().copied().collect::<Vec<_>>());
    let third = rows.into_iter().find(|spot| *spot == Spot::Feeds(Some(FeedId(2)))).unwrap();
    app.point(third, Gesture::Click);
    assert_eq!(app.selected().unwrap().info.id, FeedId(2));
}
