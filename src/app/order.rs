//! The order of the table of feeds. Rows move when the user sorts, and at no other time.

use std::cmp::Reverse;

use super::App;
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
        self.order = order.into_iter().map(|feed| feed.info.id).collect();
    }
}
