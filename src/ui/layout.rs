//! Where everything stands, by the size of the screen and what there is to show: numbers in, rectangles out.

use ratatui::layout::Rect;

/// What there is to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants<'a> {
    /// Rows of the table of feeds.
    pub feeds: usize,
    /// There is one feed, which needs no table.
    pub alone: bool,
    /// A group is selected, and no feed.
    pub group: bool,
    pub troubles: usize,
    /// Services of the selected feed.
    pub services: usize,
    /// How wide the longest name of them is.
    pub names: u16,
    /// Message panes of the selected feed.
    pub panes: usize,
    /// Which of them is selected.
    pub here: usize,
    pub zoom: bool,
    pub wish: Wish<'a>,
}

/// What the user wants of it all. As much of it is given as leaves every pane its least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish<'a> {
    pub feeds: Option<u16>,
    pub detail: Option<u16>,
    pub strip: Option<u16>,
    /// Of each message pane.
    pub heights: &'a [Option<u16>],
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
    /// Its figures, right below them.
    Figures,
    /// The n-th message pane.
    Pane(usize),
    /// The selected group, in the place of all that is of one feed.
    Group,
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
/// The same of what stands on either side of the divider.
const SIDE: u16 = 30;
/// The rows of the vitals of the only feed beside those of its services.
const VITALS: u16 = 5;
/// What the panes of a feed alone keep before there is room for figures.
const ENOUGH: u16 = 8;

pub fn plan(area: Rect, wants: Wants<'_>) -> Plan {
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
    /// The rows of a strip of services that are for something else.
    pub fn fixed(&self) -> u16 {
        if self.bands.iter().any(|band| band.part == Part::Vitals) { VITALS } else { 0 }
    }

    fn small(&mut self, middle: Rect, wants: Wants<'_>) {
        let mut rest = middle;
        if wants.feeds == 0 {
            self.bands.push(Band { part: Part::Feeds, rule: None, area: middle });
            return;
        }
        let mut add = |part, rows: u16| {
            let rows = rows.min(rest.height);
            let area = Rect { height: rows, ..rest };
            rest = Rect { y: rest.y + rows, height: rest.height - rows, ..rest };
            if rows > 0 {
                self.bands.push(Band { part, rule: None, area });
            }
        };
        if !wants.zoom {
            let feeds = wants.wish.feeds.map_or(u16::MAX, |wish| wish.max(1)).min(rows(wants.feeds)).max(1);
            add(Part::Feeds, feeds);
            if middle.height.saturating_sub(feeds) >= PANE && !wants.group {
                add(Part::Strip, 1);
            }
        }
        add(if wants.group { Part::Group } else { Part::Pane(0) }, u16::MAX);
    }

    fn framed(&mut self, middle: Rect, wants: Wants<'_>) {
        let inner = Rect {
            x: middle.x + 1,
            width: middle.width.saturating_sub(2),
            y: middle.y,
            height: middle.height.saturating_sub(1),
        };
        let mut rest = inner;
        if wants.feeds == 0 {
            self.band(&mut rest, Part::Feeds, u16::MAX);
            return;
        }
        if wants.zoom {
            self.band(&mut rest, if wants.group { Part::Group } else { Part::Pane(0) }, u16::MAX);
            return;
        }
        let third = (middle.height / 3).max(1);
        let trouble = rows(wants.troubles).min(third.saturating_sub(1).max(1));
        let wish = wants.wish;
        if wants.alone {
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            let all = rows(wants.services).div_ceil(beside(rest.width, wants.names));
            let most = rest.height.saturating_sub(1 + VITALS + 1 + PANE);
            let services = given(wish.strip, all.min((rest.height / 4).max(1)), all.min(most));
            // Figures come when the panes below have enough.
            let spare = rest.height.saturating_sub(1 + VITALS + services + ENOUGH);
            self.band(&mut rest, Part::Vitals, VITALS + services);
            let height = super::figures::height(rest.width, spare);
            if height > 0 {
                self.bands.push(Band { part: Part::Figures, rule: None, area: Rect { height, ..rest } });
                rest = Rect { y: rest.y + height, height: rest.height - height, ..rest };
            }
            self.panes(&mut rest, wants);
            return;
        }
        let head = u16::from(self.size == Size::Wide);
        // A table of many feeds leaves a third to what is below it.
        let below = third.max(if self.size == Size::Wide { 1 + 4 } else { 2 + 1 + PANE });
        let spare = rest.height.saturating_sub(1 + head + below + if trouble > 0 { 1 + trouble } else { 0 });
        let feeds = rows(wants.feeds).min(spare.max(1)).max(1);
        let least = if self.size == Size::Wide { 1 + PANE + 1 } else { 1 + 1 + 1 + PANE };
        let most = rest.height.saturating_sub(1 + head + least + if trouble > 0 { 1 + trouble } else { 0 });
        let feeds = given(wish.feeds, feeds, rows(wants.feeds).min(most));
        if self.size == Size::Wide {
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            self.band(&mut rest, Part::Feeds, head + feeds);
            if rest.height < 2 {
                return;
            }
            if wants.group {
                self.band(&mut rest, Part::Group, u16::MAX);
                return;
            }
            let left = wants.names.saturating_add(super::services::FIXED).clamp(44, (rest.width * 9 / 20).max(44));
            let left = wish.detail.map_or(left, |wish| wish.max(SIDE).min(rest.width.saturating_sub(1 + SIDE)));
            let top = rest.y;
            let mut detail = Rect { width: left, ..rest };
            self.band(&mut detail, Part::Detail, u16::MAX);
            self.divider = Some((rest.x + left, top, rest.bottom()));
            let mut right = Rect { x: rest.x + left + 1, width: rest.width.saturating_sub(left + 1), ..rest };
            self.panes(&mut right, wants);
        } else {
            self.band(&mut rest, Part::Feeds, feeds);
            if trouble > 0 {
                self.band(&mut rest, Part::Trouble, trouble);
            }
            if wants.group {
                self.band(&mut rest, Part::Group, u16::MAX);
                return;
            }
            let all = rows(wants.services).div_ceil(beside(rest.width, wants.names));
            let most = rest.height.saturating_sub(1 + 1 + PANE);
            let strip = given(wish.strip, all.clamp(1, (rest.height / 5).max(1)), all.min(most));
            self.band(&mut rest, Part::Strip, strip);
            self.band(&mut rest, Part::Pane(0), u16::MAX);
        }
    }

    /// As many panes as have their least, each with a rule of its own.
    fn panes(&mut self, rest: &mut Rect, wants: Wants<'_>) {
        let fit = (rest.height / (PANE + 1)).max(1);
        let count = usize::from(rows(wants.panes).clamp(1, fit));
        // The same window that shows the selected one.
        let first = (wants.here + 1).saturating_sub(count);
        let wishes: Vec<_> = (0..count).map(|n| wants.wish.heights.get(first + n).copied().flatten()).collect();
        for (n, height) in heights(rest.height, &wishes).into_iter().enumerate() {
            self.band(rest, Part::Pane(n), if n + 1 == count { u16::MAX } else { height });
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

/// What the user wants, else what is usual: at least a row, and no more than there can be.
fn given(wish: Option<u16>, usual: u16, most: u16) -> u16 {
    wish.map_or(usual, |wish| wish.min(most).max(1))
}

/// How high panes below each other are, a rule above each. What is wanted comes first; the others share the rest alike.
fn heights(room: u16, wishes: &[Option<u16>]) -> Vec<u16> {
    let mut left = room;
    let mut wanted = Vec::new();
    let mut unwanted = rows(wishes.iter().filter(|wish| wish.is_none()).count());
    for (n, wish) in wishes.iter().enumerate() {
        let after = rows(wishes.iter().skip(n + 1).filter(|wish| wish.is_some()).count());
        let least = (after + unwanted).saturating_mul(PANE + 1);
        let height = wish.map(|wish| wish.min(left.saturating_sub(1 + least)).max(PANE));
        left = left.saturating_sub(height.map_or(0, |height| height + 1));
        wanted.push(height);
    }
    let mut share = || {
        let height = (left / unwanted.max(1)).saturating_sub(1);
        left = left.saturating_sub(height + 1);
        unwanted = unwanted.saturating_sub(1);
        height
    };
    wanted.into_iter().map(|height| height.unwrap_or_else(&mut share)).collect()
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
                    let wants = Wants {
                        feeds: n,
                        alone: n == 1,
                        troubles: n / 2,
                        services: n * 3,
                        names: 7,
                        panes: n,
                        ..Wants::default()
                    };
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
        let wants = Wants { feeds: 6, troubles: 3, services: 9, names: 7, panes: 9, ..Wants::default() };
        let plan = plan(Rect::new(0, 0, 118, 40), wants);
        let panes: Vec<_> = plan.bands.iter().filter(|band| matches!(band.part, Part::Pane(_))).collect();
        assert!(panes.len() >= 5, "{panes:?}");
        assert!(panes.iter().all(|band| band.area.height >= PANE), "{panes:?}");
    }

    /// What is there without a wish is there with it, as large as it has to be; and nothing lies over anything else.
    #[test]
    fn no_wish_takes_a_pane_away() {
        let wishes = [None, Some(0), Some(5), Some(u16::MAX)];
        for (width, height) in (60..=150).step_by(13).flat_map(|width| (12..=60).map(move |height| (width, height))) {
            for n in 0..wishes.len() * wishes.len() {
                let (one, other) = (wishes[n % wishes.len()], wishes[n / wishes.len()]);
                let wants = Wants { feeds: 40, services: 9, names: 7, panes: 6, here: n % 6, ..Wants::default() };
                let wants = Wants { alone: n % 5 == 4, troubles: n % 3 * 4, ..wants };
                let heights = [one, other, None, other, one, one];
                let wish = Wish { feeds: one, detail: other, strip: one, heights: &heights };
                let area = Rect::new(0, 0, width, height);
                let (usual, wished) = (plan(area, wants), plan(area, Wants { wish, ..wants }));
                let of = |plan: &Plan, part| plan.bands.iter().find(|band| band.part == part).map(|band| band.area);
                let below = [Part::Trouble, Part::Feeds, Part::Detail, Part::Strip, Part::Vitals, Part::Pane(0)];
                for part in below {
                    let (usual, wished) = (of(&usual, part), of(&wished, part));
                    assert!(usual.is_none() || wished.is_some(), "{part:?} {width}x{height} {wish:?}");
                    let least = |area: Rect| if matches!(part, Part::Pane(_)) { area.height.min(PANE) } else { 1 };
                    let stands = wished.zip(usual).is_none_or(|(is, was)| is.height >= least(was));
                    assert!(stands, "{part:?} {width}x{height} {wish:?} {wished:?}");
                    assert!(wished.is_none_or(|area| area.width >= SIDE), "{part:?} {width}x{height} {wish:?}");
                }
                let panes = wished.bands.iter().filter(|band| matches!(band.part, Part::Pane(_)));
                let least = panes.clone().map(|band| band.area.height).min().unwrap_or(0);
                assert!(least >= PANE || panes.count() <= 1, "{width}x{height} {wish:?} {wished:?}");
                for (i, band) in wished.bands.iter().enumerate() {
                    assert_eq!(band.area.intersection(area), band.area, "{width}x{height} {wish:?}");
                    let others = wished.bands.iter().skip(i + 1);
                    assert!(others.clone().all(|other| other.area.intersection(band.area).is_empty()), "{wish:?}");
                }
            }
        }
    }
}
