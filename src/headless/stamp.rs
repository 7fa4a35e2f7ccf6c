//! When a line happened, as it begins: the wall clock and the run's own seconds. It knows nothing of events.

use jiff::Timestamp;

use super::line::Line;
use crate::time::{Ts, WallAnchor};

/// The moment that many lines share: what was read from a socket at once has one.
#[derive(Debug, Default)]
pub(super) struct StampCache {
    second: Option<i64>,
    text: String,
    /// How a line of that moment begins.
    at: Option<(Ts, WallAnchor)>,
    beginning: Vec<u8>,
}

impl StampCache {
    pub(super) fn line<'a>(&mut self, to: &'a mut Vec<u8>, at: Ts, anchor: WallAnchor) -> Line<'a> {
        if self.at != Some((at, anchor)) {
            self.at = Some((at, anchor));
            let wall = at.on_wall(anchor);
            self.see(wall);
            let micros = wall.rem_euclid(1_000_000_000) / 1000;
            self.beginning.clear();
            let mut line = Line::begin(&mut self.beginning);
            line.raw("at", format_args!("\"{}.{micros:06}Z\"", self.text));
            let micros = at.as_nanos() / 1000;
            line.raw("t", format_args!("{}.{:06}", micros / 1_000_000, micros % 1_000_000));
        }
        Line::begin_with(to, &self.beginning)
    }

    pub(super) fn clock_time(&mut self, at: Ts, anchor: WallAnchor, to: &mut Vec<u8>) {
        let wall = at.on_wall(anchor);
        self.see(wall);
        let millis = wall.rem_euclid(1_000_000_000) / 1_000_000;
        to.extend_from_slice(format!("{}.{millis:03}Z", self.text).as_bytes());
    }

    fn see(&mut self, wall: i64) {
        let second = wall.div_euclid(1_000_000_000);
        if self.second != Some(second) {
            self.second = Some(second);
            self.text = Timestamp::from_second(second)
                .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string())
                .unwrap_or_default();
        }
    }
}
