//! Bars in a place of any height: what is usual in full, up to the most in a shade. It knows no unit.

use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::theme::Role;
use crate::app::figures::{Bar, Figure};

const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// How full the bars of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// By what is usual.
    Usual,
    /// By the most: where a late message is news, a mean would hide it.
    Most,
}

/// Draws as many of the latest bars as there are columns, the last one at the end. A bar of nothing is a line at the ground; an unknown one is blank.
pub fn draw(sheet: &mut Sheet<'_>, area: Rect, figure: &Figure, fill: Fill) {
    let bars = u16::try_from(figure.bars.len()).unwrap_or(u16::MAX).min(area.width);
    let skipped = figure.bars.len() - usize::from(bars);
    let tall = area.height > 1;
    for (bar, x) in figure.bars.iter().skip(skipped).zip(area.right() - bars..area.right()) {
        let Some(Bar { usual, most }) = *bar else { continue };
        let full = if fill == Fill::Most && !tall { most } else { usual };
        let [full, shade] = [full, most].map(|value| eighths(value, figure, area.height));
        // A mean that is nothing by its digits is not nothing.
        let full = full.max(u32::from(!tall && shade > 0));
        for (row, y) in (0..area.height).zip((area.top()..area.bottom()).rev()) {
            let rest = full.saturating_sub(u32::from(row) * 8);
            let (symbol, role) = match usize::try_from(rest).unwrap_or(0).min(8).checked_sub(1) {
                Some(eighth) => (EIGHTHS.get(eighth).copied().unwrap_or("█"), Role::Accent),
                None if tall && shade > u32::from(row) * 8 => ("░", Role::Muted),
                None if row == 0 => ("_", Role::Muted),
                None => break,
            };
            let style = sheet.style(role);
            sheet.put(x, y, 1, symbol, style);
        }
    }
}

/// How high a value stands, in eighths of a row. The lowest there is, other than nothing at all, has one.
fn eighths(value: i64, figure: &Figure, rows: u16) -> u32 {
    if value == 0 && figure.low == 0 {
        return 0;
    }
    let whole = i128::from(figure.high) - i128::from(figure.low);
    let above = i128::from(value) - i128::from(figure.low);
    let most = i128::from(rows) * 8;
    let eighths = (above * most + whole - 1) / whole.max(1);
    u32::try_from(eighths.clamp(1, most.max(1))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_value_says() {
        let figure = Figure { low: 0, high: 200, ..Figure::default() };
        let high = [0, 1, 25, 26, 100, 199, 200].map(|value| eighths(value, &figure, 1));
        assert_eq!(high, [0, 1, 1, 2, 4, 8, 8]);
        assert_eq!(eighths(100, &figure, 4), 16);
        let below = Figure { low: -50, high: 50, ..Figure::default() };
        assert_eq!([-50, 0, 50].map(|value| eighths(value, &below, 1)), [1, 4, 8]);
        let wild = Figure { low: i64::MIN, high: i64::MAX, ..Figure::default() };
        assert_eq!(eighths(i64::MAX, &wild, u16::MAX), u32::from(u16::MAX) * 8);
    }
}
