//! How a feed stood over the hours: up, down, or neither because it was not wanted. It draws nothing.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Ts;

/// Changes remembered; before the oldest of them nothing is known.
const KEPT: usize = 2000;
/// The minutes that a bar may cover, from the fewest.
const SPANS: [u64; 14] = [1, 5, 10, 20, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 14_400];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Not begun, paused, or forgotten.
    #[default]
    Off,
    Up,
    Down,
}

/// When it changed, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Uptime(VecDeque<(Ts, Health)>);

impl Uptime {
    /// It stands so from `at` on. What is told late counts from the latest that is known.
    pub fn turn(&mut self, at: Ts, health: Health) {
        let (last, was) = self.0.back().copied().unwrap_or_default();
        if was == health {
            return;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((at.max(last), health));
    }

    /// The worst in each of `width` cells that end at `now` and cover `span`; oldest first.
    pub fn cells(&self, now: Ts, span: Duration, width: usize) -> Vec<Health> {
        let whole = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        let each = (whole / (width.max(1) as u64)).max(1);
        let mut cells = vec![Health::Off; width];
        for (i, (from, health)) in self.0.iter().enumerate() {
            let to = self.0.get(i + 1).map_or(now, |(to, _)| *to).min(now);
            // Cells begin at whole multiples of their length, so that none changes twice; they are counted back from now.
            let number = |at: Ts| at.as_nanos() / each;
            let back = |at: Ts| usize::try_from(number(now).saturating_sub(number(at))).unwrap_or(usize::MAX);
            // What ends at the border of a cell is not in the next one.
            let end = Ts::from_nanos(to.as_nanos().saturating_sub(u64::from(to > *from && to < now)));
            let (first, last) = (back(*from).min(width.saturating_sub(1)), back(end));
            if *from > now || last >= width {
                continue;
            }
            for cell in last..=first {
                if let Some(known) = width.checked_sub(cell + 1).and_then(|at| cells.get_mut(at)) {
                    *known = (*known).max(*health);
                }
            }
        }
        cells
    }
}

/// The shortest span that holds the run so far.
pub fn span(now: Ts) -> Duration {
    let run = now.since(Ts::ZERO);
    let mut spans = SPANS.into_iter().map(Duration::from_mins);
    let longest = spans.clone().next_back().unwrap_or(run);
    spans.find(|span| *span >= run).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Ts {
        Ts::from_millis(seconds * 1000)
    }

    fn text(uptime: &Uptime, now: u64, span: u64, width: usize) -> String {
        let letter = |health| match health {
            Health::Off => ' ',
            Health::Up => '=',
            Health::Down => 'x',
        };
        uptime.cells(at(now), Duration::from_secs(span), width).into_iter().map(letter).collect()
    }

    #[test]
    fn the_worst_of_each_cell_shows() {
        let mut uptime = Uptime::default();
        assert_eq!(text(&uptime, 100, 100, 10), " ".repeat(10));
        uptime.turn(at(20), Health::Up);
        uptime.turn(at(55), Health::Down);
        uptime.turn(at(56), Health::Up);
        uptime.turn(at(80), Health::Off);
        uptime.turn(at(91), Health::Up);
        assert_eq!(text(&uptime, 99, 100, 10), "  ===x== =");
    }

    #[test]
    fn no_moment_is_too_far_away() {
        let mut uptime = Uptime::default();
        for n in 0..5000 {
            uptime.turn(at(n), if n % 2 == 0 { Health::Up } else { Health::Down });
        }
        assert_eq!(uptime.0.len(), KEPT);
        uptime.turn(Ts::from_nanos(u64::MAX), Health::Up);
        for now in [Ts::ZERO, at(4999), Ts::from_nanos(u64::MAX)] {
            for width in [0, 1, 80] {
                assert_eq!(uptime.cells(now, span(now), width).len(), width);
            }
        }
        assert_eq!(span(at(1)), Duration::from_mins(1));
        assert_eq!(span(at(3601)), Duration::from_hours(2));
        assert_eq!(span(at(1 << 30)), Duration::from_hours(240));
    }
}
