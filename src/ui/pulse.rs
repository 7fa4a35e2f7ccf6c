//! The pulse strip: a feed's last minute, cell by cell.

use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::theme::Role;
use crate::app::pulse::{Cell, Mark, Pulse};
use crate::time::Ts;

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws the strip into the first row of `area`.
pub fn draw(sheet: &mut Sheet<'_>, area: Rect, pulse: &Pulse, now: Ts) {
    if area.is_empty() {
        return;
    }
    let cells: Vec<_> = pulse.cells(now, usize::from(area.width)).collect();
    let counts = cells.iter().filter_map(|cell| match cell {
        Cell::Messages(count) => Some(*count),
        Cell::Blank | Cell::Silent | Cell::Marked(_) => None,
    });
    let most = counts.max().unwrap_or(0);
    let top = if most <= 2 { most } else { ceiling(most) };
    for (cell, x) in cells.into_iter().zip(area.left()..) {
        let (symbol, role) = symbol(cell, top);
        let style = sheet.style(role);
        sheet.put(x, area.y, 1, symbol, style);
    }
}

fn symbol(cell: Cell, top: u32) -> (&'static str, Role) {
    match cell {
        Cell::Blank => (" ", Role::Plain),
        Cell::Silent => ("_", Role::Muted),
        // Single messages are ticks: a tall bar would make one look like many.
        Cell::Messages(1) if top <= 2 => ("╷", Role::Good),
        Cell::Messages(_) if top <= 2 => ("▄", Role::Good),
        Cell::Messages(count) => {
            let level = (u64::from(count) * 8).div_ceil(u64::from(top.max(1))).clamp(1, 8);
            (BARS.get(usize::try_from(level).unwrap_or(1) - 1).copied().unwrap_or("█"), Role::Good)
        }
        Cell::Marked(Mark::Beat) => ("♡", Role::Accent),
        Cell::Marked(Mark::Answer) => ("♥", Role::Good),
        Cell::Marked(Mark::Fault) => ("▼", Role::Waiting),
        Cell::Marked(Mark::DialFailed) => ("x", Role::Dead),
        Cell::Marked(Mark::Ended) => ("✕", Role::Dead),
    }
}

/// The next of 1, 2, 5, 10, ..: a scale that seldom changes, so that bars stay as they are.
fn ceiling(most: u32) -> u32 {
    let mut step = 1_u32;
    loop {
        for nice in [step, step.saturating_mul(2), step.saturating_mul(5)] {
            if nice >= most {
                return nice;
            }
        }
        step = step.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_every_count() {
        assert_eq!(ceiling(0), 1);
        assert_eq!(ceiling(3), 5);
        assert_eq!(ceiling(145), 200);
        assert_eq!(ceiling(u32::MAX), u32::MAX);
        assert_eq!(symbol(Cell::Messages(u32::MAX), u32::MAX).0, "█");
        assert_eq!(symbol(Cell::Messages(0), 10).0, "▁");
    }
}
