//! The rows of the table of feeds: first the feeds without a group, then each group under a head that folds it.
//! Rows move when the user sorts, folds, or feeds come and go, and at no other time. Of a feed it knows the number alone.

use crate::event::FeedId;

/// The number of a group. It stays the same wherever its rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(usize);

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The head of a group.
    Group(GroupId),
    Feed(FeedId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub feeds: Vec<FeedId>,
    /// Its feeds have no row.
    pub folded: bool,
}

#[derive(Debug, Default)]
pub struct Table {
    /// Feeds without a group.
    loose: Vec<FeedId>,
    /// By their numbers; one that lost its last feed keeps its number and has no row.
    groups: Vec<Group>,
    /// As they stand below each other.
    shown: Vec<GroupId>,
    rows: Vec<Row>,
}

impl Table {
    /// A feed comes last in its group, a new group last of all.
    pub fn add(&mut self, feed: FeedId, group: Option<&str>) {
        let Some(name) = group else {
            self.loose.push(feed);
            return self.lay();
        };
        let known = self.groups.iter().position(|group| group.name == name);
        let id = GroupId(known.unwrap_or(self.groups.len()));
        if known.is_none() {
            self.groups.push(Group { name: name.to_owned(), feeds: Vec::new(), folded: false });
            self.shown.push(id);
        }
        if let Some(group) = self.groups.get_mut(id.0) {
            group.feeds.push(feed);
        }
        self.lay();
    }

    pub fn remove(&mut self, feed: FeedId) {
        self.loose.retain(|known| *known != feed);
        self.groups.iter_mut().for_each(|group| group.feeds.retain(|known| *known != feed));
        self.lay();
    }

    /// Another feed stands in the row of an old one, or comes last in its group if that is another.
    pub fn replace(&mut self, old: FeedId, new: FeedId, group: Option<&str>) {
        let home = self.group_of(old).and_then(|id| self.group(id)).map(|group| group.name.as_str());
        if home != group {
            self.remove(old);
            return self.add(new, group);
        }
        let all = self.groups.iter_mut().flat_map(|group| &mut group.feeds).chain(&mut self.loose);
        all.filter(|feed| **feed == old).for_each(|feed| *feed = new);
        self.lay();
    }

    /// What is in sight, as far as there is room.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// All feeds in their order, those of folded groups too.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedId> {
        self.loose.iter().chain(self.groups().flat_map(|(_, group)| &group.feeds))
    }

    /// Those that have feeds, in their order.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = (GroupId, &Group)> {
        let all = self.shown.iter().filter_map(|id| Some((*id, self.groups.get(id.0)?)));
        all.filter(|(_, group)| !group.feeds.is_empty())
    }

    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(id.0).filter(|group| !group.feeds.is_empty())
    }

    pub fn group_of(&self, feed: FeedId) -> Option<GroupId> {
        self.groups().find(|(_, group)| group.feeds.contains(&feed)).map(|(id, _)| id)
    }

    /// Where a row stands, from 0.
    pub fn place(&self, row: Row) -> Option<usize> {
        self.rows.iter().position(|known| *known == row)
    }

    pub fn fold(&mut self, id: GroupId, folded: bool) {
        if let Some(group) = self.groups.get_mut(id.0) {
            group.folded = folded;
            self.lay();
        }
    }

    pub fn fold_all(&mut self, folded: bool) {
        self.groups.iter_mut().for_each(|group| group.folded = folded);
        self.lay();
    }

    /// Takes over the order of `feeds`, group by group; a group stands where its first feed does.
    pub fn sort(&mut self, feeds: impl Iterator<Item = FeedId>) {
        let home: std::collections::BTreeMap<_, _> =
            self.groups().flat_map(|(id, group)| group.feeds.iter().map(move |feed| (*feed, id))).collect();
        self.loose.clear();
        self.shown.clear();
        self.groups.iter_mut().for_each(|group| group.feeds.clear());
        for feed in feeds {
            match home.get(&feed).and_then(|id| Some((*id, self.groups.get_mut(id.0)?))) {
                Some((id, group)) => {
                    if group.feeds.is_empty() {
                        self.shown.push(id);
                    }
                    group.feeds.push(feed);
                }
                None => self.loose.push(feed),
            }
        }
        // What has no feed now may have one again.
        let empty = (0..self.groups.len()).map(GroupId).filter(|id| !self.shown.contains(id)).collect::<Vec<_>>();
        self.shown.extend(empty);
        self.lay();
    }

    /// Orders the groups, and leaves their feeds where they are. What is equal stays as it is.
    pub fn sort_groups<K: Ord>(&mut self, key: impl Fn(&Group) -> K) {
        let groups = &self.groups;
        self.shown.sort_by_cached_key(|id| groups.get(id.0).map(&key));
        self.lay();
    }

    fn lay(&mut self) {
        let mut rows: Vec<_> = self.loose.iter().copied().map(Row::Feed).collect();
        for (id, group) in self.groups() {
            rows.push(Row::Group(id));
            rows.extend(group.feeds.iter().copied().map(Row::Feed).filter(|_| !group.folded));
        }
        self.rows = rows;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `-name` is the head of an open group, `+name` that of a folded one.
    fn shown(table: &Table) -> String {
        let word = |row: &Row| match row {
            Row::Feed(feed) => feed.0.to_string(),
            Row::Group(id) => {
                let group = table.group(*id).unwrap();
                format!("{}{}", if group.folded { '+' } else { '-' }, group.name)
            }
        };
        table.rows().iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn table(feeds: &[(u32, &str)]) -> Table {
        let mut table = Table::default();
        for (feed, group) in feeds {
            table.add(FeedId(*feed), Some(*group).filter(|group| !group.is_empty()));
        }
        table
    }

    const MIXED: &[(u32, &str)] = &[(0, "b"), (1, ""), (2, "a"), (3, "b"), (4, ""), (5, "业务")];

    #[test]
    fn groups_stand_in_the_order_they_appear_below_feeds_of_none() {
        let mut table = table(MIXED);
        assert_eq!(shown(&table), "1 4 -b 0 3 -a 2 -业务 5");
        let b = table.group_of(FeedId(3)).unwrap();
        table.fold(b, true);
        assert_eq!(shown(&table), "1 4 +b -a 2 -业务 5");
        table.add(FeedId(6), Some("b"));
        table.add(FeedId(7), Some("c"));
        assert_eq!(shown(&table), "1 4 +b -a 2 -业务 5 -c 7", "what comes into a folded group has no row");
        table.fold_all(true);
        assert_eq!(shown(&table), "1 4 +b +a +业务 +c");
        table.fold(b, false);
        assert_eq!(shown(&table), "1 4 -b 0 3 6 +a +业务 +c");
        assert_eq!(table.feeds().map(|feed| feed.0).collect::<Vec<_>>(), [1, 4, 0, 3, 6, 2, 5, 7]);
    }

    #[test]
    fn a_group_without_feeds_has_no_head_until_one_comes_again() {
        let mut table = table(MIXED);
        table.remove(FeedId(2));
        table.remove(FeedId(1));
        assert_eq!(shown(&table), "4 -b 0 3 -业务 5");
        table.sort([5, 4, 3, 0].map(FeedId).into_iter());
        assert_eq!(shown(&table), "4 -业务 5 -b 3 0");
        table.add(FeedId(8), Some("a"));
        assert_eq!(shown(&table), "4 -业务 5 -b 3 0 -a 8");
    }

    #[test]
    fn another_feed_stands_in_the_row_or_in_its_own_group() {
        let mut table = table(MIXED);
        table.replace(FeedId(0), FeedId(6), Some("b"));
        table.replace(FeedId(1), FeedId(7), None);
        assert_eq!(shown(&table), "7 4 -b 6 3 -a 2 -业务 5");
        table.replace(FeedId(6), FeedId(8), Some("a"));
        table.replace(FeedId(5), FeedId(9), None);
        assert_eq!(shown(&table), "7 4 9 -b 3 -a 2 8");
    }

    #[test]
    fn sorting_keeps_groups_together_and_folded() {
        let mut table = table(MIXED);
        table.fold(table.group_of(FeedId(3)).unwrap(), true);
        table.sort([5, 4, 3, 2, 1, 0].map(FeedId).into_iter());
        assert_eq!(shown(&table), "4 1 -业务 5 +b -a 2");
        assert_eq!(table.feeds().map(|feed| feed.0).collect::<Vec<_>>(), [4, 1, 5, 3, 0, 2]);
        table.sort_groups(|group| group.name.clone());
        assert_eq!(shown(&table), "4 1 -a 2 +b -业务 5");
    }

    proptest! {
        /// Whatever is done, every feed has its row under the head of its own group, or under none.
        #[test]
        fn no_feed_is_lost(
            feeds in prop::collection::vec(0..4_usize, 1..20),
            steps in prop::collection::vec((0..5_u8, 0..20_u32), 0..30),
        ) {
            let names = [None, Some("a"), Some("b"), Some("c")];
            let mut table = Table::default();
            let mut left: Vec<u32> = Vec::new();
            for (id, group) in (0..).zip(&feeds) {
                table.add(FeedId(id), names[*group]);
                left.push(id);
            }
            for (what, id) in steps {
                match what {
                    0 => {
                        table.remove(FeedId(id));
                        left.retain(|known| *known != id);
                    }
                    1 => table.fold_all(id % 2 == 0),
                    2 => {
                        let by = usize::try_from(id).unwrap() % left.len().max(1);
                        left.rotate_left(by);
                        table.sort(left.iter().copied().map(FeedId));
                    }
                    3 => table.sort_groups(|group| std::cmp::Reverse(group.name.clone())),
                    _ => if let Some(group) = table.group_of(FeedId(id)) {
                        table.fold(group, id % 3 == 0);
                    },
                }
                let mut seen: Vec<_> = table.feeds().map(|feed| feed.0).collect();
                seen.sort_unstable();
                let mut want = left.clone();
                want.sort_unstable();
                prop_assert_eq!(seen, want);
                let mut head = None;
                let mut rows = 0;
                for row in table.rows() {
                    match row {
                        Row::Group(id) => head = Some(*id),
                        Row::Feed(feed) => {
                            rows += 1;
                            prop_assert_eq!(table.group_of(*feed), head);
                            prop_assert!(head.is_none_or(|id| !table.group(id).unwrap().folded));
                        }
                    }
                }
                let folded: usize = table.groups().filter(|(_, g)| g.folded).map(|(_, g)| g.feeds.len()).sum();
                prop_assert_eq!(rows + folded, left.len());
            }
        }
    }
}
