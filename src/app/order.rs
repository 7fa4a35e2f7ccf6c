//! The order of the table of feeds. Rows move when the user sorts, and at no other time; groups stay together.

use std::cmp::Reverse;

use super::App;
use super::table::Group;
use crate::event::FeedId;
use crate::time::Ts;

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were given.
    #[default]
    Yours,
    /// The worst first, the longest first among equals.
    Trouble,
    /// The busiest first.
    Rate,
    Name,
}

impl Order {
    fn next(self) -> Self {
        match self {
            Self::Yours => Self::Trouble,
            Self::Trouble => Self::Rate,
            Self::Rate => Self::Name,
            Self::Name => Self::Yours,
        }
    }
}

impl App {
    pub fn sorting(&self) -> Order {
        self.sorting
    }

    /// Sorts by the next of the orders. Each sort is stable: what is equal keeps the user's order.
    pub(super) fn sort(&mut self, now: Ts) {
        self.sorting = self.sorting.next();
        let mut order: Vec<_> = self.feeds.iter().collect();
        match self.sorting {
            Order::Yours => {}
            Order::Trouble => {
                order
                    .sort_by_cached_key(|feed| Reverse(feed.trouble(now).map(|t| (Reverse(t.rank), Reverse(t.since)))));
            }
            Order::Rate => {
                let mut rated: Vec<_> =
                    order.into_iter().map(|feed| (feed.rate.per_second(now).unwrap_or(-1.0), feed)).collect();
                rated.sort_by(|(one, _), (other, _)| other.total_cmp(one));
                order = rated.into_iter().map(|(_, feed)| feed).collect();
            }
            Order::Name => order.sort_by_cached_key(|feed| feed.info.name.to_lowercase()),
        }
        let order: Vec<_> = order.into_iter().map(|feed| feed.info.id).collect();
        // A group stands where its first feed does: by the order of the file, or by its worst trouble.
        self.table.sort(order.into_iter());
        let feeds = &self.feeds;
        match self.sorting {
            Order::Yours | Order::Trouble => {}
            Order::Rate => {
                let rated = |id: &FeedId| feeds.of(*id)?.rate.per_second(now);
                let sum = |group: &Group| group.feeds.iter().filter_map(rated).reduce(|one, other| one + other);
                // In thousandths, since these can be ordered; unknown comes last.
                self.table.sort_groups(|group| Reverse(sum(group).map(thousandths)));
            }
            Order::Name => self.table.sort_groups(|group| group.name.to_lowercase()),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is no less than nothing, and saturates"
)]
fn thousandths(rate: f64) -> u64 {
    (rate * 1000.0) as u64
}
