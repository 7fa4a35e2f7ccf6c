//! Where everything stands, by the size of the screen and what there is to show: numbers in, rectangles out.

use ratatui::layout::Rect;

/// What there is to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    pub feeds: usize,
    pub troubles: usize,
    /// Services of the selected feed.
    pub services: usize,
    /// How wide the longest name of them is.
    pub names: u16,
    /// Message panes of the selected feed.
    pub panes: usize,
    pub zoom: bool,
}

/// How much room there is, which decides how things are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One line a feed, no frames.
    Small,
    Medium,
    Wide,
}

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Trouble,
    Feeds,
    /// The services and the vitals of the selected feed, below each other.
    Detail,
    /// Its services alone, beside each other.
    Strip,
    /// The vitals of the only feed.
    Vitals,
    /// The n-th message pane.
    Pane(usize),
}

/// A place under a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    pub part: Part,
    /// The row of the rule; none where there are no frames.
    pub rule: Option<u16>,
    /// What is inside.
    pub area: Rect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub size: Size,
    pub verdict: Rect,
    pub footer: Rect,
    /// The outer frame.
    pub frame: Option<Rect>,
    pub bands: Vec<Band>,
    /// The column between the detail and the panes, and the rows it spans.
    pub divider: Option<(u16, u16, u16)>,
}

/// The least that a message pane is worth showing with.
const PANE: u16 = 3;

pub fn plan(area: Rect, wants: Wants) -> Plan {
    let size = match (area.width, area.height) {
        (0..60, _) | (_, 0..12) => Size::Small,
        (60..100, _) | (_, 12..20) => Size::Medium,
        _ => Size::Wide,
    };
    let foot = u16::from(area.height >= 6);
    let verdict = Rect { height: area.height.min(1), ..area };
    let footer = Rect { y: area.bottom().saturating_sub(foot), height: foot, ..area };
    let middle = Rect { y: verdict.bottom(), height: area.height.saturating_sub(1 + foot), ..area };
    let frame = (size != Size::Small).then_some(middle);
    let mut plan = Plan { size, verdict, footer, frame, bands: Vec::new(), divider: None };
    match size {
        Size::Small => plan.small(middle, wants),
        Size::Medium | Size::Wide => plan.framed(middle, wants),
    }
    plan
}

impl Plan {
    fn small(&mut self, middle: Rect, wants: Wants) {
        let mut rest = middle;
        let mut add = |part, rows: u16| {
            let rows = rows.min(rest.height);
            let area = Rect { height: rows, ..rest };
            rest = Rect { y: rest.y + rows, height: rest.height - rows, ..rest };
            if rows > 0 {
                self.bands.push(Band { part, rule: None, area });
            }
        };
        if !wants.zoom {
            let feeds = rows(wants.feeds).max(1);
            add(Part::Feeds, feeds);
            if middle.height.saturating_sub(feeds) >= PANE {
                add(Part::Strip, 1);
            }
        }
        add(Part::Pane(0), u16::MAX);
    }

    fn framed(&mut self, middle: Rect, wants: Wants) {
        let inner = Rect {
            x: middle.x + 1,
            width: middle.width.saturating_sub(2),
            y: middle.y,
            height: middle.height.saturating_sub(1),
        };
        let mut rest = inner;
        if wants.zoom {
            self.band(&mut rest, Part::Pane(0), u16::MAX);
            return;
        }
        let third = (middle.height / 3).max(1);
        let trouble = rows(wants.troubles).min(third.saturating_sub(1).max(1));
        if wants.feeds == 1 {
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            let services = rows(wants.services).div_ceil(beside(rest.width, wants.names)).min((rest.height / 4).max(1));
            self.band(&mut rest, Part::Vitals, 5 + services);
            self.panes(&mut rest, wants.panes);
            return;
        }
        let head = u16::from(self.size == Size::Wide);
        // A table of many feeds leaves a third to what is below it.
        let below = third.max(if self.size == Size::Wide { 1 + 4 } else { 2 + 1 + PANE });
        let spare = rest.height.saturating_sub(1 + head + below + if trouble > 0 { 1 + trouble } else { 0 });
        let feeds = rows(wants.feeds).min(spare.max(1)).max(1);
        if self.size == Size::Wide {
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            self.band(&mut rest, Part::Feeds, head + feeds);
            if rest.height < 2 {
                return;
            }
            let left = wants.names.saturating_add(super::services::FIXED).clamp(44, (rest.width * 9 / 20).max(44));
            let top = rest.y;
            let mut detail = Rect { width: left, ..rest };
            self.band(&mut detail, Part::Detail, u16::MAX);
            self.divider = Some((rest.x + left, top, rest.bottom()));
            let mut right = Rect { x: rest.x + left + 1, width: rest.width.saturating_sub(left + 1), ..rest };
            self.panes(&mut right, wants.panes);
        } else {
            self.band(&mut rest, Part::Feeds, feeds);
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            let strip =
                rows(wants.services).div_ceil(beside(rest.width, wants.names)).clamp(1, (rest.height / 5).max(1));
            self.band(&mut rest, Part::Strip, strip);
            self.band(&mut rest, Part::Pane(0), u16::MAX);
        }
    }

    /// As many panes as have their least, each with a rule of its own.
    fn panes(&mut self, rest: &mut Rect, wanted: usize) {
        let fit = (rest.height / (PANE + 1)).max(1);
        let count = rows(wanted).clamp(1, fit);
        for n in 0..count {
            let left = count - n;
            let height = (rest.height / left).saturating_sub(1);
            let height = if left == 1 { u16::MAX } else { height };
            self.band(rest, Part::Pane(usize::from(n)), height);
        }
    }

    /// Takes a rule and so many rows off the rest. A band without a row is none.
    fn band(&mut self, rest: &mut Rect, part: Part, rows: u16) {
        let height = rows.min(rest.height.saturating_sub(1));
        if height == 0 {
            return;
        }
        let area = Rect { y: rest.y + 1, height, ..*rest };
        self.bands.push(Band { part, rule: Some(rest.y), area });
        *rest = Rect { y: area.bottom(), height: rest.height - 1 - height, ..*rest };
    }
}

/// How many services stand beside each other in a strip: two, if that cuts no name.
pub fn beside(width: u16, names: u16) -> u16 {
    if width / 2 >= names.saturating_add(super::services::NARROW) { 2 } else { 1 }
}

fn rows(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_lies_outside() {
        for width in (0..=240).step_by(7) {
            for height in 0..=70 {
                for n in 0..8 {
                    let wants = Wants { feeds: n, troubles: n / 2, services: n * 3, names: 7, panes: n, zoom: false };
                    let area = Rect::new(0, 0, width, height);
                    let plan = plan(area, wants);
                    let mut places: Vec<_> = plan.bands.iter().map(|band| band.area).collect();
                    places.extend([plan.verdict, plan.footer]);
                    for (i, place) in places.iter().enumerate() {
                        assert_eq!(place.intersection(area), *place, "{width}x{height} {plan:?}");
                        for other in &places[i + 1..] {
                            assert!(place.intersection(*other).is_empty(), "{width}x{height} {plan:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_wide_screen_gives_each_pane_its_least() {
        let wants = Wants { feeds: 6, troubles: 3, services: 9, names: 7, panes: 9, zoom: false };
        let plan = plan(Rect::new(0, 0, 118, 40), wants);
        let panes: Vec<_> = plan.bands.iter().filter(|band| matches!(band.part, Part::Pane(_))).collect();
        assert!(panes.len() >= 5, "{panes:?}");
        assert!(panes.iter().all(|band| band.area.height >= PANE), "{panes:?}");
    }
}
