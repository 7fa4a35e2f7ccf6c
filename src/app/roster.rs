//! All feeds, in the order they were given, each found by its number without looking through the others.
//! How the table shows them is in [`super::table`].

use std::collections::BTreeMap;
use std::ops::Deref;

use super::feed::Feed;
use crate::event::FeedId;

#[derive(Debug, Default)]
pub struct Roster {
    feeds: Vec<Feed>,
    places: BTreeMap<FeedId, usize>,
}

impl Roster {
    /// One that is known already is not added again.
    pub fn add(&mut self, feed: Feed) {
        let next = self.feeds.len();
        let place = *self.places.entry(feed.info.id).or_insert(next);
        if place == next {
            self.feeds.push(feed);
        }
    }

    pub fn remove(&mut self, id: FeedId) -> Option<Feed> {
        let gone = self.places.remove(&id)?;
        for place in self.places.values_mut().filter(|place| **place > gone) {
            *place -= 1;
        }
        Some(self.feeds.remove(gone))
    }

    /// Another feed takes the place of an old one.
    pub fn replace(&mut self, old: FeedId, feed: Feed) -> Option<Feed> {
        let place = self.places.remove(&old)?;
        self.places.insert(feed.info.id, place);
        self.feeds.get_mut(place).map(|kept| std::mem::replace(kept, feed))
    }

    pub fn of(&self, id: FeedId) -> Option<&Feed> {
        self.feeds.get(*self.places.get(&id)?)
    }

    pub fn of_mut(&mut self, id: FeedId) -> Option<&mut Feed> {
        self.feeds.get_mut(*self.places.get(&id)?)
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Feed> {
        self.feeds.iter_mut()
    }
}

impl<'a> IntoIterator for &'a Roster {
    type Item = &'a Feed;
    type IntoIter = std::slice::Iter<'a, Feed>;

    fn into_iter(self) -> Self::IntoIter {
        self.feeds.iter()
    }
}

impl<'a> IntoIterator for &'a mut Roster {
    type Item = &'a mut Feed;
    type IntoIter = std::slice::IterMut<'a, Feed>;

    fn into_iter(self) -> Self::IntoIter {
        self.feeds.iter_mut()
    }
}

/// Read as a list; what is written to goes by its number, so that no place is ever wrong.
impl Deref for Roster {
    type Target = [Feed];

    fn deref(&self) -> &[Feed] {
        &self.feeds
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::FeedInfo;

    fn feed(id: u32, name: &str) -> Feed {
        Feed::new(FeedInfo {
            id: FeedId(id),
            name: name.to_owned(),
            url: String::new(),
            profile: String::new(),
            group: None,
            services: Vec::new(),
            beat: None,
            numbered: false,
            timed: false,
            acks: false,
        })
    }

    #[test]
    fn the_first_of_a_number_stays() {
        let mut roster = Roster::default();
        roster.add(feed(7, "first"));
        roster.add(feed(7, "second"));
        assert_eq!(roster.len(), 1);
        assert_eq!(roster.of(FeedId(7)).map(|feed| feed.info.name.as_str()), Some("first"));
    }

    proptest! {
        /// Beside a plain list that is looked through.
        #[test]
        fn every_feed_is_found_by_its_number(steps in prop::collection::vec((any::<bool>(), 0..12_u32), 0..60)) {
            let (mut roster, mut plain) = (Roster::default(), Vec::new());
            for (adds, id) in steps {
                if adds {
                    roster.add(feed(id, &id.to_string()));
                    if !plain.contains(&id) {
                        plain.push(id);
                    }
                } else {
                    let gone = roster.remove(FeedId(id)).map(|feed| feed.info.id.0);
                    prop_assert_eq!(gone, plain.iter().position(|known| *known == id).map(|at| plain.remove(at)));
                }
                prop_assert_eq!(roster.iter().map(|feed| feed.info.id.0).collect::<Vec<_>>(), plain.clone());
                for id in 0..12 {
                    let found = roster.of(FeedId(id)).map(|feed| feed.info.name.clone());
                    prop_assert_eq!(found, plain.contains(&id).then(|| id.to_string()));
                    prop_assert_eq!(roster.of_mut(FeedId(id)).map(|feed| feed.info.id.0), plain.contains(&id).then_some(id));
                }
            }
        }
    }
}
