//! What passes between the ends of a link, message by message: read by the profile, sifted by the faults, told. It moves
//! no bytes.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Link;
use crate::event::{By, How, Kind, Why};
use crate::net::fault::Reset;
use crate::profile::Life;
use crate::relay::frame::Unit;
use crate::relay::reader::{Book, Said};
use crate::relay::seen::{Left, What};
use crate::relay::sieve::{Fate, refuses};
use crate::session::Opcode;
use crate::time::Ts;

impl<C, S> Link<C, S>
where
    C: AsyncRead + AsyncWrite + Reset + Unpin,
    S: AsyncRead + AsyncWrite + Reset + Unpin,
{
    /// What the client sent is taken down, whether it passes or not.
    pub(super) fn witness(&mut self, bytes: &[u8], now: Ts) {
        if self.tapped.feed(bytes).is_err() {
            return;
        }
        while let Some(unit) = self.tapped.next() {
            self.flow.tell(&self.teller, now);
            let (client, idle) = (self.id, now - self.last);
            let what = match unit.opcode() {
                Some(opcode @ (Opcode::Text | Opcode::Binary)) => {
                    match self.witness.said(opcode == Opcode::Binary, &unit.payload()) {
                        Said::Beat => What::Beat { client, how: How::App, idle },
                        Said::Subscribe { services, whole } => {
                            for service in &services {
                                self.desk.meet(service);
                            }
                            What::Subscribed { client, services, whole }
                        }
                        Said::Unsubscribe { services } => What::Unsubscribed { client, services },
                        Said::Other => continue,
                    }
                }
                Some(Opcode::Ping) if self.book.pings => What::Beat { client, how: How::Ping, idle },
                Some(Opcode::Ping | Opcode::Pong) => continue,
                None => match unit.closes() {
                    Some((code, reason)) if !self.close_seen => {
                        self.close_seen = true;
                        What::Left { client, how: Left::Close { code, reason } }
                    }
                    Some(_) | None => continue,
                },
            };
            self.teller.tell(now, what);
        }
    }

    /// Passes on what the client says.
    pub(super) fn say(&mut self, unit: &Unit, now: Ts) {
        let data = matches!(unit.opcode(), Some(Opcode::Text | Opcode::Binary));
        // Both readers learn what is asked for; of the numbers of subscriptions this one needs to know.
        let said = data.then(|| self.reader.said(unit.opcode() == Some(Opcode::Binary), &unit.payload()));
        if self.server_over || said.is_some_and(|said| refuses(&said, &self.standing, now)) {
            return;
        }
        for frame in &unit.frames {
            let mask = self.next_mask();
            frame.write(Some(mask), &mut self.to_server);
        }
    }

    pub(super) fn hear(&mut self, bytes: &[u8]) {
        if self.heard.feed(bytes).is_err() {
            self.too_long(false);
        }
        self.drain(self.clock.now());
    }

    /// What the server said, through the faults.
    pub(super) fn drain(&mut self, now: Ts) {
        while let Some(unit) = self.heard.next() {
            if self.cut {
                return;
            }
            if let Some((code, reason)) = unit.closes() {
                if !self.close_seen {
                    let why = Why::Close { by: By::Peer, code, reason };
                    self.flow.tell(&self.teller, now);
                    self.teller.tell(now, What::ServerLeft { client: self.id, why });
                }
                self.close_seen = true;
                self.pass(&unit);
                continue;
            }
            let opcode = unit.opcode().unwrap_or(Opcode::Ping);
            let data = matches!(opcode, Opcode::Text | Opcode::Binary);
            let payload = unit.payload();
            let heard = if data { self.reader.hear(now, self.clock.anchor(), opcode, &payload) } else { Vec::new() };
            match self.sieve.sift(unit, &heard, &self.standing, self.book.pings, now) {
                Fate::Keep => self.flow.kept(now),
                Fate::Pass(units) => {
                    for unit in &units {
                        self.pass(unit);
                    }
                    if self.frozen(now) {
                        self.flow.kept(now);
                        continue;
                    }
                    let answered =
                        heard.iter().any(|one| one.kind == Kind::Pong) || (self.book.pings && opcode == Opcode::Pong);
                    if self.book.restarts(data, answered) {
                        self.last = now;
                    }
                    if data {
                        let bytes: usize = units.iter().map(Unit::len).sum();
                        self.flow.passed(now, &heard, bytes as u64, self.book.counted);
                    }
                    if answered {
                        self.flow.tell(&self.teller, now);
                        self.teller.tell(now, What::Answered { client: self.id });
                    }
                }
            }
        }
    }

    pub(super) fn pass(&mut self, unit: &Unit) {
        for frame in &unit.frames {
            frame.write(None, &mut self.to_client);
        }
    }

    pub(super) fn next_mask(&mut self) -> [u8; 4] {
        self.mask = self.mask.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.mask.to_be_bytes()
    }
}

/// Whether a unit of the server restarts the countdown to the client's next heartbeat.
impl Book {
    fn restarts(&self, data: bool, answered: bool) -> bool {
        match self.restart_on {
            Life::Any => true,
            Life::Message => data,
            Life::Answer => answered,
        }
    }
}
