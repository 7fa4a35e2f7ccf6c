//! Messages on their way into the history, and past those who watch them: the shape of a service's messages, and the table
//! of latest values while it is open. It counts nothing; counters come from snapshots.

use super::App;
use super::history::{Arrival, Stream};
use super::inspect::form_of;
use crate::event::{Batch, Dir, FeedId, Kind};
use crate::time::Ts;

impl App {
    pub(super) fn keep(&mut self, id: FeedId, batch: &Batch) {
        for row in &batch.rows {
            let stream = match row.kind {
                Kind::Ping | Kind::Pong | Kind::Heartbeat => Stream::Beats,
                Kind::Data
                | Kind::Snapshot
                | Kind::Ack
                | Kind::Nack
                | Kind::Hello
                | Kind::Notice
                | Kind::End
                | Kind::Error
                | Kind::Goodbye
                | Kind::Fatal
                | Kind::Other => row.service.map_or(Stream::Unrouted, Stream::Service),
            };
            let body = batch.body(row);
            self.arrive(&Arrival { feed: id, stream, at: row.at, kind: row.kind, dir: row.dir, form: row.form, body });
        }
    }

    /// Keeps what we sent, or what was told of without its bytes.
    pub(super) fn told(&mut self, feed: FeedId, stream: Stream, at: Ts, (kind, dir): (Kind, Dir), text: &str) {
        self.arrive(&Arrival { feed, stream, at, kind, dir, form: form_of(text), body: text.as_bytes() });
    }

    fn arrive(&mut self, arrival: &Arrival<'_>) {
        let Arrival { feed, stream, .. } = *arrival;
        self.drift.hear(arrival);
        let service = match stream {
            Stream::Service(id) if !self.filter.filter().is_empty() => {
                let services = self.feeds.of(feed).map(|feed| &feed.state.services);
                services.and_then(|all| all.iter().find(|service| service.id == id)).map(|service| &*service.name)
            }
            Stream::Service(_) | Stream::Unrouted | Stream::Beats => None,
        };
        self.history.push(arrival, self.filter.filter(), service.unwrap_or_default());
        if let Some(latest) = self.latest.as_mut().filter(|latest| latest.feed == feed && latest.stream == stream)
            && let Some((number, line)) = self.history.pane(feed, stream).and_then(|pane| pane.lines().next_back())
        {
            latest.hear(number, line);
        }
    }
}
