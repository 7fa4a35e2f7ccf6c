//! What a feed that is gone gives back: its messages, their share of the budget, and the places of its panes. What makes
//! room while a feed is there is the history's.

use super::History;
use crate::event::FeedId;

impl History {
    /// Gives back all that is kept of a feed.
    pub fn forget(&mut self, feed: FeedId) {
        let left: Vec<_> = self.names.extract_if(.., |(of, _), _| *of == feed).map(|(_, index)| index).collect();
        for index in &left {
            if let Some(pane) = self.panes.get_mut(*index as usize).map(std::mem::take) {
                let cost = pane.lines().map(|(_, line)| line.cost()).sum::<usize>();
                self.used -= cost.min(self.used);
            }
        }
        self.order.retain(|index| !left.contains(index));
        self.order.shrink_to_fit();
        self.free.extend(left);
        self.sought = self.sought.filter(|(of, _)| *of != feed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    fn push(history: &mut History, feed: u32, service: u16, text: &str) {
        let stream = Stream::Service(ServiceId(service));
        let (kind, dir, form) = (Kind::Data, Dir::In, Form::Text);
        let arrival = Arrival { feed: FeedId(feed), stream, at: Ts::ZERO, kind, dir, form, body: text.as_bytes() };
        history.push(&arrival, &Filter::default(), "a service");
    }

    fn texts(history: &History, feed: u32) -> Vec<String> {
        let lines = history.streams(FeedId(feed)).flat_map(|(_, pane)| pane.lines());
        lines.map(|(_, line)| String::from_utf8_lossy(&line.body).into_owned()).collect()
    }

    #[test]
    fn what_a_feed_had_is_given_back_and_its_places_are_used_again() {
        let mut history = History::new(1 << 20);
        push(&mut history, 0, 0, "a");
        let before = history.used();
        for round in 1..50 {
            for n in 0..20 {
                push(&mut history, round, n % 3, "b");
            }
            push(&mut history, 0, 0, "a");
            history.forget(FeedId(round));
            assert_eq!(history.used(), before + before * usize::try_from(round).unwrap());
            assert_eq!(texts(&history, round), Vec::<String>::new());
        }
        assert_eq!(texts(&history, 0).len(), 50);
        assert!(
            history.panes.len() <= 4 && history.order.len() == 50,
            "{} {}",
            history.panes.len(),
            history.order.len()
        );
    }

    #[test]
    fn room_is_made_by_those_who_are_left() {
        let mut history = History::new(6 * (OVERHEAD + 1));
        for text in ["0", "1", "2"] {
            push(&mut history, 0, 0, text);
            push(&mut history, 1, 0, text);
        }
        history.forget(FeedId(0));
        for text in ["3", "4", "5", "6", "7"] {
            push(&mut history, 2, 0, text);
        }
        assert_eq!((texts(&history, 1), texts(&history, 2).len()), (vec!["2".to_owned()], 5));
    }

    #[test]
    fn a_search_in_a_feed_that_is_gone_is_over() {
        let mut history = History::new(1 << 20);
        push(&mut history, 0, 0, "x");
        history.search(FeedId(0), &Filter::new("x").unwrap(), true, |_| String::new());
        history.forget(FeedId(0));
        assert!(!history.is_searching());
        push(&mut history, 1, 0, "y");
        assert_eq!(history.pane(FeedId(1), Stream::Service(ServiceId(0))).unwrap().found(), None);
    }
}
