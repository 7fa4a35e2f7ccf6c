//! A feed's last minutes, second by second: messages, beats, answers, ends, failed dials, injected faults, silence.
//! It draws nothing: the screen asks for cells.

use std::collections::VecDeque;

use crate::time::Ts;

/// Seconds remembered: the widest screen shows no more.
const KEPT: usize = 300;

/// What happened in one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Second {
    messages: u32,
    /// The link was open at some time in it.
    up: bool,
    marks: Marks,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks(u8);

impl Marks {
    fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u8) != 0
    }
}

/// Something that stands for itself in the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Beat,
    Answer,
    Fault,
    DialFailed,
    Ended,
}

/// What one cell of the strip shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// There was no link, or the run had not begun.
    #[default]
    Blank,
    /// The link was open, and nothing came.
    Silent,
    /// So many messages.
    Messages(u32),
    Marked(Mark),
}

#[derive(Clone, Debug, Default)]
pub struct Pulse {
    /// The number of the first second in `seconds`.
    first: u64,
    seconds: VecDeque<Second>,
    up: bool,
    /// When `up` was told.
    told: Ts,
}

impl Pulse {
    /// The link is open, or is not, from `at` on. What is told late counts for its own second only: the latest word
    /// on how the link stands is known already.
    pub fn link(&mut self, at: Ts, up: bool) {
        let late = at < self.told;
        let was = self.up && !late;
        if let Some(second) = self.reach(at) {
            second.up |= up || was;
        }
        if !late {
            self.up = up;
            self.told = at;
        }
    }

    pub fn mark(&mut self, at: Ts, mark: Mark) {
        if let Some(second) = self.reach(at) {
            second.marks.0 |= 1 << mark as u8;
        }
    }

    /// So many messages came between two looks. More than one a second is spread over the time between them.
    pub fn messages(&mut self, from: Ts, to: Ts, count: u64) {
        let seconds = (number(to) - number(from).min(number(to))).min(KEPT as u64);
        let spread = if seconds >= 2 && count >= seconds { seconds } else { 1 };
        for back in (0..spread).rev() {
            let share = count / spread + u64::from(back < count % spread);
            let at = Ts::from_millis((number(to) - back) * 1000);
            if let Some(second) = self.reach(at) {
                second.messages = second.messages.saturating_add(u32::try_from(share).unwrap_or(u32::MAX));
            }
        }
    }

    /// The strip in `width` cells, oldest first, the last one holding `now`. It covers a minute, and more where there
    /// is more room than a cell a second. Cells begin at whole multiples of their length, so that none changes twice.
    pub fn cells(&self, now: Ts, width: usize) -> impl Iterator<Item = Cell> + '_ {
        let each = each(width);
        let last = number(now) / each;
        (0..width as u64)
            .rev()
            .map(move |back| last.checked_sub(back).map_or(Cell::Blank, |n| self.cell(n * each, each)))
    }

    /// Whether there was a link in a second, by its number.
    pub fn is_up(&self, n: u64) -> bool {
        self.second(n).up
    }

    fn cell(&self, from: u64, each: u64) -> Cell {
        let mut sum = Second::default();
        for n in from..from + each {
            let second = self.second(n);
            sum.messages = sum.messages.saturating_add(second.messages);
            sum.up |= second.up;
            sum.marks.0 |= second.marks.0;
        }
        let marks = [Mark::Ended, Mark::DialFailed, Mark::Fault, Mark::Answer, Mark::Beat];
        if let Some(mark) = marks.into_iter().find(|mark| sum.marks.has(*mark)) {
            Cell::Marked(mark)
        } else if sum.messages > 0 {
            Cell::Messages(sum.messages)
        } else if sum.up {
            Cell::Silent
        } else {
            Cell::Blank
        }
    }

    fn second(&self, n: u64) -> Second {
        let known = n.checked_sub(self.first).and_then(|i| self.seconds.get(usize::try_from(i).ok()?));
        // What no news came from is as the last news left it.
        let after = n >= self.first + self.seconds.len() as u64 && !self.seconds.is_empty();
        known.copied().unwrap_or(Second { up: after && self.up, ..Second::default() })
    }

    /// The second of `at`, with all before it filled up; none for what is forgotten already.
    fn reach(&mut self, at: Ts) -> Option<&mut Second> {
        let n = number(at);
        if self.seconds.is_empty() || n >= self.first + (self.seconds.len() + KEPT) as u64 {
            self.seconds.clear();
            self.first = n;
        }
        while self.first + self.seconds.len() as u64 <= n {
            if self.seconds.len() == KEPT {
                self.seconds.pop_front();
                self.first += 1;
            }
            self.seconds.push_back(Second { up: self.up, ..Second::default() });
        }
        self.seconds.get_mut(usize::try_from(n.checked_sub(self.first)?).ok()?)
    }
}

/// The seconds that a strip of `width` cells covers: about a minute, or more.
pub fn span(width: usize) -> u64 {
    each(width) * width as u64
}

/// The seconds of a cell. A strip that lacks a cell or two for a minute is as good as one.
fn each(width: usize) -> u64 {
    if width == 0 { 1 } else { 57_u64.div_ceil(width as u64).max(1) }
}

fn number(at: Ts) -> u64 {
    at.as_nanos() / 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Ts {
        Ts::from_millis(seconds * 1000)
    }

    fn text(pulse: &Pulse, now: Ts, width: usize) -> String {
        let letter = |cell| match cell {
            Cell::Blank => ' ',
            Cell::Silent => '_',
            Cell::Messages(n) => char::from_digit(n.min(9), 10).unwrap(),
            Cell::Marked(mark) => match mark {
                Mark::Beat => 'b',
                Mark::Answer => 'a',
                Mark::Fault => 'f',
                Mark::DialFailed => 'x',
                Mark::Ended => 'X',
            },
        };
        pulse.cells(now, width).map(letter).collect()
    }

    #[test]
    fn a_life_of_a_link() {
        let mut pulse = Pulse::default();
        pulse.link(at(100), true);
        pulse.messages(at(100), at(101), 3);
        pulse.mark(at(104), Mark::Beat);
        pulse.mark(at(105), Mark::Answer);
        pulse.mark(at(107), Mark::Ended);
        pulse.link(at(107), false);
        pulse.mark(at(109), Mark::DialFailed);
        pulse.link(at(111), true);
        assert_eq!(text(&pulse, at(113), 60).trim_start(), "_3__ba_X x ___");
        // Two seconds a cell, aligned to even seconds.
        assert_eq!(text(&pulse, at(113), 30).trim_start(), "3_aXx__");
    }

    #[test]
    fn time_without_news_is_as_the_last_news_left_it() {
        let mut pulse = Pulse::default();
        assert_eq!(text(&pulse, at(5), 4), "    ");
        pulse.link(at(1), true);
        assert_eq!(text(&pulse, at(3), 60).trim_start(), "___");
        assert_eq!(text(&pulse, at(9000), 60), "_".repeat(60));
        pulse.link(at(9000), false);
        assert_eq!(text(&pulse, at(9002), 60).trim_end().len(), 60 - 2);
    }

    #[test]
    fn what_is_told_late_does_not_change_how_the_link_stands() {
        let mut pulse = Pulse::default();
        pulse.link(at(100), true);
        pulse.link(at(105), false);
        pulse.link(at(103), true);
        assert_eq!(text(&pulse, at(110), 60).trim(), "______");
    }

    #[test]
    fn messages_of_a_long_look_are_spread() {
        let mut pulse = Pulse::default();
        pulse.link(at(0), true);
        pulse.messages(at(0), at(4), 10);
        assert_eq!(text(&pulse, at(4), 60).trim_start(), "_2233");
        pulse.messages(at(4), at(8), 1);
        assert_eq!(text(&pulse, at(8), 60).trim_start(), "_2233___1");
    }

    #[test]
    fn no_moment_is_too_far_away() {
        let mut pulse = Pulse::default();
        pulse.messages(Ts::ZERO, Ts::from_nanos(u64::MAX), u64::MAX);
        pulse.mark(Ts::ZERO, Mark::Beat);
        pulse.link(Ts::from_nanos(u64::MAX), true);
        assert_eq!(text(&pulse, Ts::ZERO, 3).len(), 3);
        assert_eq!(text(&pulse, Ts::ZERO, 0), "");
        assert_eq!(text(&pulse, Ts::from_nanos(u64::MAX), 600).len(), 600);
    }
}
