//! Moments on the wall's calendar, as the user reads them.

use jiff::Timestamp;

use crate::app::App;
use crate::time::{Ts, WallAnchor};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// How moments are written in one frame: the zone is asked once.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    anchor: WallAnchor,
    /// Seconds east of UTC.
    offset: i64,
    utc: bool,
}

impl Wall {
    pub fn new(app: &App, now: Ts) -> Self {
        let anchor = app.look.anchor;
        let moment = Timestamp::from_nanosecond(i128::from(now.on_wall(anchor))).unwrap_or_default();
        let offset = if app.utc { 0 } else { i64::from(app.look.zone.to_offset(moment).seconds()) };
        Self { anchor, offset, utc: app.utc }
    }

    /// `12:04:31`
    pub fn clock(self, at: Ts) -> String {
        let (h, m, s, _) = self.parts(at);
        format!("{h:02}:{m:02}:{s:02}")
    }

    /// `12:04:30.998`
    pub fn millis(self, at: Ts) -> String {
        let (h, m, s, ms) = self.parts(at);
        format!("{h:02}:{m:02}:{s:02}.{ms:03}")
    }

    /// `30.998`: where the minute is plain from the rest.
    pub fn seconds(self, at: Ts) -> String {
        let (_, _, s, ms) = self.parts(at);
        format!("{s:02}.{ms:03}")
    }

    /// `+08:00`, or `UTC` where the user asked for it.
    pub fn zone(self) -> String {
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        if self.utc { "UTC".to_owned() } else { format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60) }
    }

    fn parts(self, at: Ts) -> (i64, i64, i64, i64) {
        let nanos = at.on_wall(self.anchor);
        let of_day = (nanos.div_euclid(SECOND) + self.offset).rem_euclid(DAY);
        let ms = nanos.rem_euclid(SECOND) / 1_000_000;
        (of_day / 3600, of_day / 60 % 60, of_day % 60, ms)
    }
}
