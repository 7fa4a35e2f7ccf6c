//! The table of feeds and the panes, arranged by the user: groups folded and jumped to, one row looked for by its name,
//! panes made larger and smaller. Sorting is in [`super::order`]; how much room there is the view knows.

use std::collections::BTreeMap;

use super::control::Control;
use super::feed::Feed;
use super::history::Stream;
use super::keymap::Action;
use super::looking::Look;
use super::standing::{Standing, Trouble};
use super::table::{Group, GroupId, Row};
use super::{App, Effect, Focus};
use crate::event::FeedId;
use crate::say::panes as say;
use crate::time::Ts;

/// What a key asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrange {
    /// Folds or unfolds the group of the selected row.
    Fold,
    NextGroup,
    PreviousGroup,
    /// The pane that has the focus.
    Grow,
    Shrink,
}

/// What the user wants of the sizes of panes, in rows and columns; the view gives as much of it as it can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of the table of feeds.
    pub feeds: Option<u16>,
    /// Columns of the selected feed's detail.
    pub detail: Option<u16>,
    /// Rows of services that stand beside each other.
    pub strip: Option<u16>,
    /// Rows of panes of messages.
    pub panes: BTreeMap<(FeedId, Stream), u16>,
}

/// What was in sight of the table of feeds when the user did something last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub first: usize,
    /// None where there was no look yet.
    pub rows: usize,
}

/// What a size is of, so that a rule can be pulled at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    Feeds,
    Detail,
    Strip,
    Pane(FeedId, Stream),
}

impl Sizes {
    pub fn set(&mut self, grip: Grip, size: u16) {
        match grip {
            Grip::Feeds => self.feeds = Some(size),
            Grip::Detail => self.detail = Some(size),
            Grip::Strip => self.strip = Some(size),
            Grip::Pane(feed, stream) => {
                self.panes.insert((feed, stream), size);
            }
        }
    }
}

/// A group in one look.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    pub feeds: usize,
    /// Feeds in trouble that was neither acknowledged nor muted.
    pub need: usize,
    /// Open, and nothing wrong.
    pub live: usize,
    /// In trouble, and the user waved it aside.
    pub aside: usize,
    pub paused: usize,
    /// The worst that needs the user.
    pub worst: Option<Trouble>,
    /// Messages a second; none where no feed of it was watched for long enough.
    pub rate: Option<f64>,
}

impl App {
    /// The rows of the table of feeds.
    pub fn table(&self) -> &[Row] {
        self.table.rows()
    }

    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.table.group(id)
    }

    /// The group whose head is selected. No feed is selected then.
    pub fn head(&self) -> Option<GroupId> {
        self.head
    }

    /// Where a row stands in the table, from 0.
    pub fn row_of(&self, row: Row) -> Option<usize> {
        self.table.place(row)
    }

    pub fn selected_row(&self) -> Option<Row> {
        self.head.map(Row::Group).or(self.selected.map(Row::Feed))
    }

    /// The selected feed's place among all, from 1, those in folded groups counted.
    pub fn feed_place(&self) -> Option<usize> {
        let selected = self.selected?;
        Some(self.table.feeds().position(|feed| *feed == selected)? + 1)
    }

    pub fn summary(&self, group: &Group, now: Ts) -> Summary {
        let mut sum = Summary::default();
        for feed in group.feeds.iter().filter_map(|id| self.feed(*id)) {
            sum.feeds += 1;
            sum.rate = match (sum.rate, feed.rate.per_second(now)) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            };
            match feed.trouble(now) {
                Some(trouble) if feed.needs_you(now) => {
                    sum.need += 1;
                    let is_worse = |worst: Trouble| (trouble.rank, trouble.since) < (worst.rank, worst.since);
                    sum.worst = if sum.worst.is_none_or(is_worse) { Some(trouble) } else { sum.worst };
                }
                Some(_) => sum.aside += 1,
                None if feed.is_open() => sum.live += 1,
                None if feed.standing(now) == Standing::Paused => sum.paused += 1,
                None => {}
            }
        }
        sum
    }

    pub(super) fn select_row(&mut self, row: Row) {
        match row {
            Row::Feed(feed) => self.select(Some(feed)),
            Row::Group(group) => {
                // The other panes are of a feed.
                (self.head, self.selected, self.focus) = (Some(group), None, Focus::Feeds);
            }
        }
    }

    pub(super) fn select_by(&mut self, by: i64) {
        let here = self.selected_row().and_then(|row| self.table.place(row)).unwrap_or(0);
        let there = super::act::moved(here, by, self.table().len());
        if let Some(row) = self.table().get(there).copied() {
            self.select_row(row);
        }
    }

    /// Folds a group or unfolds it. A selected feed of it has no row any more, so the head is selected instead.
    pub(super) fn fold(&mut self, group: GroupId, folded: bool) {
        self.table.fold(group, folded);
        self.leave_folded();
    }

    pub(super) fn fold_all(&mut self, folded: bool) {
        self.table.fold_all(folded);
        self.leave_folded();
    }

    fn leave_folded(&mut self) {
        let home = self.selected.and_then(|feed| self.table.group_of(feed));
        if let Some(group) = home.filter(|id| self.group(*id).is_some_and(|group| group.folded)) {
            self.select_row(Row::Group(group));
        }
    }

    /// Takes a feed out of the table. What was selected with it gives way to the row that comes to stand there.
    pub fn take_out(&mut self, id: FeedId) -> Option<Feed> {
        let here = self.selected_row().and_then(|row| self.table.place(row)).unwrap_or(0);
        self.table.remove(id);
        let gone = self.feeds.remove(id)?;
        if self.selected_row().and_then(|row| self.table.place(row)).is_none() {
            (self.selected, self.head) = (None, None);
            let last = self.table().len().saturating_sub(1);
            if let Some(row) = self.table().get(here.min(last)).copied() {
                self.select_row(row);
            }
        }
        Some(gone)
    }

    pub(super) fn arrange(&mut self, arrange: Arrange) -> Option<Effect> {
        match arrange {
            Arrange::Fold => match self.head.or_else(|| self.table.group_of(self.selected?)) {
                Some(group) => self.turn_fold(group),
                None => self.note = Some(say::no_group(self.look.lang).to_owned()),
            },
            Arrange::NextGroup => self.jump_group(false),
            Arrange::PreviousGroup => self.jump_group(true),
            Arrange::Grow => return Some(Effect::Grow(1)),
            Arrange::Shrink => return Some(Effect::Grow(-1)),
        }
        None
    }

    /// What the view granted of a wish for another size.
    pub fn resize_panes(&mut self, sizes: Option<Sizes>, grows: bool) {
        match sizes {
            Some(sizes) => self.sizes = sizes,
            None => self.note = Some(say::no_more_room(self.look.lang, grows).to_owned()),
        }
    }

    pub(super) fn turn_fold(&mut self, group: GroupId) {
        let folded = self.group(group).is_some_and(|group| group.folded);
        self.fold(group, !folded);
    }

    /// To the head of the next group, or the one before; from within a group its own head is the one before.
    fn jump_group(&mut self, back: bool) {
        let here = self.selected_row().and_then(|row| self.table.place(row)).unwrap_or(0);
        let is_head = |(_, row): &(usize, &Row)| matches!(row, Row::Group(_));
        let mut heads = self.table().iter().enumerate().filter(is_head);
        let there = if back { heads.rfind(|(at, _)| *at < here) } else { heads.find(|(at, _)| *at > here) };
        match there.map(|(_, row)| *row) {
            Some(row) => self.select_row(row),
            None if self.table.groups().next().is_none() => {
                self.note = Some(say::no_group(self.look.lang).to_owned());
            }
            None => {}
        }
    }

    /// What a key does to a group whose head is selected. Says whether it did something: other keys mean there what they
    /// mean elsewhere. What goes to servers needs a feed, since nobody sees whom it would reach here.
    pub(super) fn act_on_group(&mut self, group: GroupId, action: Action, now: Ts) -> bool {
        let lang = self.look.lang;
        if matches!(action, Action::ToggleSelected | Action::Look(Look::Inspect)) {
            self.turn_fold(group);
        } else if matches!(action, Action::NextService | Action::PreviousService) {
            self.fold(group, action == Action::PreviousService);
        } else if action == Action::Acknowledge {
            let seen = self.in_group(group, |feed| {
                let needed = feed.needs_you(now);
                feed.acknowledge(now);
                needed
            });
            let alarms = self.group(group).map(|group| group.feeds.clone()).unwrap_or_default();
            for feed in alarms {
                self.alarms.acknowledge(feed, now);
            }
            self.done = Some(say::acknowledged(lang, seen));
        } else if action == Action::Mute {
            let loud = self.in_group(group, |feed| !feed.muted);
            let changed = self.in_group(group, |feed| std::mem::replace(&mut feed.muted, loud > 0) != (loud > 0));
            self.done = Some(if loud > 0 { say::muted(lang, changed) } else { say::unmuted(lang, changed) });
        } else if needs_feed(action) {
            self.note = Some(say::group_selected(lang).to_owned());
        } else {
            return false;
        }
        true
    }

    /// Does something with each feed of a group, and says of how many it said yes.
    fn in_group(&mut self, group: GroupId, mut change: impl FnMut(&mut Feed) -> bool) -> usize {
        let feeds = self.table.group(group).map(|group| group.feeds.as_slice()).unwrap_or_default();
        feeds.iter().filter(|id| self.feeds.of_mut(**id).is_some_and(&mut change)).count()
    }

    /// Every feed and group with its name, as the table orders them.
    pub(super) fn named_rows(&self) -> impl Iterator<Item = (&str, Row)> {
        let feeds = self.rows().filter_map(|id| self.feed(*id));
        let feeds = feeds.map(|feed| (feed.info.name.as_str(), Row::Feed(feed.info.id)));
        self.table.groups().map(|(id, group)| (group.name.as_str(), Row::Group(id))).chain(feeds)
    }

    /// The feed or the group of exactly this name, a feed before a group; else the only one that it is the beginning of.
    pub(super) fn row_named(&self, name: &str) -> Option<Row> {
        let is_feed = |row: &Row| matches!(row, Row::Feed(_));
        let exact: Vec<_> = self.named_rows().filter(|(known, _)| *known == name).map(|(_, row)| row).collect();
        let begins = |known: &str| known.to_lowercase().starts_with(&name.to_lowercase());
        let mut begun = self.named_rows().filter(|(known, _)| begins(known));
        let only = begun.next().filter(|_| begun.next().is_none()).map(|(_, row)| row);
        exact.iter().copied().find(is_feed).or(exact.first().copied()).or(only)
    }
}

/// Whether the key acts on one feed, or goes to panes of one.
fn needs_feed(action: Action) -> bool {
    let control = matches!(action, Action::Control(Control::Draft | Control::Solo));
    let look = matches!(action, Action::Look(Look::NextMatch | Look::PreviousMatch | Look::Latest));
    let pane = matches!(action, Action::NextPane | Action::PreviousPane);
    control || look || pane || matches!(action, Action::Toggle(_) | Action::Dial | Action::Disconnect | Action::Faults)
}
