//! Where the panes write: text into columns, frames and their joints. Nothing it is told can reach beyond its place.
//! It trusts its texts; what a server sent was cleaned by whoever brings it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::{Role, Theme};
use crate::text;

pub struct Sheet<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: Theme,
}

impl<'b> Sheet<'b> {
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Writes into at most `columns` from `x` on, with `…` where that is too few. Says where it ended.
    pub fn put(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return x;
        }
        let columns = usize::from(columns.min(area.right() - x));
        let cut = text::cut(text, columns);
        self.buffer.set_stringn(x, y, cut, columns, style).0
    }

    /// The same, ending before `end`.
    pub fn put_right(&mut self, end: u16, y: u16, columns: u16, text: &str, style: Style) {
        let width = u16::try_from(text::width(text)).unwrap_or(u16::MAX).min(columns);
        self.put(end.saturating_sub(width), y, columns, text, style);
    }

    /// A line to write from left to right.
    pub fn line<'s>(&'s mut self, area: Rect, y: u16) -> Pen<'s, 'b> {
        Pen { x: area.left(), y, end: area.right(), sheet: self }
    }

    fn symbol(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// The outer frame: its rules are drawn by [`Sheet::rule`].
    pub fn frame(&mut self, area: Rect) {
        let style = self.style(Role::Muted);
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
        for y in top..=bottom {
            self.symbol(left, y, "│", style);
            self.symbol(right, y, "│", style);
        }
        for (y, from, to) in [(top, "╭", "╮"), (bottom, "╰", "╯")] {
            for x in left..=right {
                self.symbol(x, y, "─", style);
            }
            self.symbol(left, y, from, style);
            self.symbol(right, y, to, style);
        }
    }

    /// A rule from border to border (both included in `from..=to`), with a title at each end. At the top of the frame
    /// it keeps the corners.
    pub fn rule(&mut self, y: u16, from: u16, to: u16, top: bool, title: &[(&str, Role)], end: &str) {
        let style = self.style(Role::Muted);
        if !top {
            for x in from..=to {
                self.symbol(x, y, "─", style);
            }
            self.symbol(from, y, "├", style);
            self.symbol(to, y, "┤", style);
        }
        // A rule begins with a dash after its joint and ends with one before it.
        let room = to.saturating_sub(from).saturating_sub(3);
        let end_width = u16::try_from(text::width(end)).unwrap_or(u16::MAX).saturating_add(2);
        let title_width: usize = title.iter().map(|(text, _)| text::width(text)).sum();
        let title_width = u16::try_from(title_width).unwrap_or(u16::MAX).saturating_add(3);
        let fits = !end.is_empty() && title_width.saturating_add(end_width) <= room;
        if fits {
            let x = to.saturating_sub(end_width).saturating_sub(1);
            self.put(x, y, 1, " ", style);
            self.put(x + 1, y, end_width - 1, end, style);
            self.put(x + end_width - 1, y, 1, " ", style);
        }
        if title.is_empty() || room < 4 {
            return;
        }
        let mut x = self.put(from + 2, y, 1, " ", style);
        let last = from + room + if fits { 1 - end_width.min(1) } else { 0 };
        for (text, role) in title {
            let style = self.style(*role);
            x = self.put(x, y, last.saturating_add(1).saturating_sub(x), text, style);
        }
        self.put(x, y, to.saturating_sub(x).min(1), " ", style);
    }

    /// A divider between two panes, from the rule above to the border below.
    pub fn divider(&mut self, x: u16, top: u16, bottom: u16) {
        let style = self.style(Role::Muted);
        for y in top..=bottom {
            let right = self.buffer.cell((x.saturating_add(1), y)).is_some_and(|cell| cell.symbol() == "─");
            let symbol = match y {
                _ if y == top => "┬",
                _ if y == bottom => "┴",
                _ if right => "├",
                _ => "│",
            };
            self.symbol(x, y, symbol, style);
        }
    }

    /// Empties a place, and what it would cut a wide character of at its left edge.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            if let Some(before) = area.left().checked_sub(1)
                && let Some(cell) = self.buffer.cell_mut((before, y))
                && text::width(cell.symbol()) > 1
            {
                cell.reset();
            }
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }
}

/// Writes columns one after another, never beyond the end of its line.
pub struct Pen<'s, 'b> {
    sheet: &'s mut Sheet<'b>,
    pub x: u16,
    y: u16,
    pub end: u16,
}

impl Pen<'_, '_> {
    pub fn left(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    pub fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// As wide as it is.
    pub fn text(&mut self, text: &str, role: Role) -> &mut Self {
        let style = self.sheet.style(role);
        self.x = self.sheet.put(self.x, self.y, self.left(), text, style);
        self
    }

    /// The same in a style of its own.
    pub fn styled(&mut self, text: &str, style: Style) -> &mut Self {
        self.x = self.sheet.put(self.x, self.y, self.left(), text, style);
        self
    }

    pub fn style(&self, role: Role) -> Style {
        self.sheet.style(role)
    }

    /// Reverses what was written from a column on.
    pub fn reverse(&mut self, from: u16) -> &mut Self {
        let style = self.sheet.style(Role::Chosen);
        let area = Rect { x: from, y: self.y, width: self.x.saturating_sub(from).max(1), height: 1 };
        let area = area.intersection(self.sheet.buffer.area);
        self.sheet.buffer.set_style(area, style);
        self
    }

    /// In a column of its own, cut where it does not fit.
    pub fn column(&mut self, columns: u16, text: &str, role: Role) -> &mut Self {
        let style = self.sheet.style(role);
        self.sheet.put(self.x, self.y, columns.min(self.left()), text, style);
        self.skip(columns)
    }

    /// The same, as numbers stand.
    pub fn number(&mut self, columns: u16, text: &str, role: Role) -> &mut Self {
        let style = self.sheet.style(role);
        let columns = columns.min(self.left());
        self.sheet.put_right(self.x + columns, self.y, columns, text, style);
        self.skip(columns)
    }
}
