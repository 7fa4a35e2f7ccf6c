//! What a driver holds: sockets, dials, programs. It does what it is told, and decides nothing.

use std::future::{pending, poll_fn};
use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep_until;

use super::fault::{Faults, Faulty, Reset};
use super::link::Link;
use super::program::{self, Running};
use super::teller::Teller;
use super::{Dial, NotOpened, Opened};
use crate::event::Gen;
use crate::fault::Injection;
use crate::profile::Rate;
use crate::session::{Call, Output, Outputs};
use crate::time::{Clock, Ts};

/// A link that we left has so long to hear our goodbye.
const GOODBYE: Duration = Duration::from_millis(300);

/// The sockets and dials of one feed.
pub(super) struct Hands<S> {
    pub(super) link: Option<Link<Faulty<S>>>,
    /// The successor of that link, while a planned change runs.
    pub(super) successor: Option<Link<Faulty<S>>>,
    pub(super) dialing: Option<(Gen, Dial<S>)>,
    /// A link that was left, our goodbye to it, and since when.
    pub(super) closing: Option<Closing<S>>,
    /// A dial that begins when the old link is gone: there are never two.
    next: Option<Call>,
    /// A dial that asks for its place in the line of the host's.
    pub(super) booking: Option<(Gen, Rate)>,
    /// Programs, one a link.
    pub(super) running: Vec<Running>,
    /// What stands on purpose.
    pub(super) faults: Faults,
    /// Where the last link went to.
    pub(super) place: String,
}

pub(super) struct Closing<S> {
    link: Link<Faulty<S>>,
    code: u16,
    until: Ts,
}

impl<S> Hands<S> {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            link: None,
            successor: None,
            dialing: None,
            closing: None,
            next: None,
            booking: None,
            running: Vec::new(),
            faults,
            place: String::new(),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin + Send + 'static> Hands<S> {
    pub(super) fn obey(
        &mut self,
        now: Ts,
        out: &mut Outputs,
        dial: &mut impl FnMut(Call) -> Dial<S>,
        teller: &mut Teller,
    ) {
        for output in out.drain(..) {
            match output {
                Output::Book(link, rate) => self.booking = Some((link, rate)),
                Output::Dial(call) => self.next = Some(call),
                Output::Send(number, id, payload) => {
                    if let Some(link) = self.links().find(|link| link.number == number) {
                        link.queue(id, payload);
                    }
                }
                Output::CloseWith(number, code) => {
                    let left = self.let_go(number);
                    self.closing =
                        left.map(|link| Closing { link, code, until: now + GOODBYE }).or(self.closing.take());
                }
                Output::Abort(number) => drop(self.let_go(number)),
                Output::Run(link, program) => {
                    self.running.retain(|running| running.link != link);
                    self.running.push(program::run(link, program));
                }
                Output::Inject(Injection::Stands(standing)) => self.faults.stand(standing),
                Output::Inject(Injection::Cut(cut)) => self.faults.cut(&cut),
                Output::Tell(event) => teller.tell(now, event),
            }
        }
        if self.closing.is_none()
            && let Some(call) = self.next.take()
        {
            let (link, faults, place) = (call.link, self.faults.clone(), self.place.clone());
            let dial = dial(call);
            self.dialing = Some((link, async move { faults.dial(place, dial).await }.boxed()));
        }
    }

    /// A link was opened: the feed's own, or the one beside it.
    pub(super) fn hold(&mut self, link: Link<Faulty<S>>) {
        if self.link.is_some() { self.successor = Some(link) } else { self.link = Some(link) }
    }

    /// Both links, where there are two.
    pub(super) fn links(&mut self) -> impl Iterator<Item = &mut Link<Faulty<S>>> {
        self.link.iter_mut().chain(&mut self.successor)
    }

    /// Lets go of everything that has this number. What is left of two links is the feed's own.
    fn let_go(&mut self, number: Gen) -> Option<Link<Faulty<S>>> {
        self.dialing.take_if(|(link, _)| *link == number);
        self.next.take_if(|call| call.link == number);
        self.running.retain(|running| running.link != number);
        let successor = self.successor.take_if(|link| link.number == number);
        let link = self.link.take_if(|link| link.number == number);
        if self.link.is_none() {
            self.link = self.successor.take();
        }
        link.or(successor)
    }

    pub(super) fn are_empty(&self) -> bool {
        self.link.is_none() && self.successor.is_none() && self.dialing.is_none() && self.closing.is_none()
    }
}

pub(super) async fn wait_for<S>(dialing: &mut Option<(Gen, Dial<S>)>) -> (Gen, Result<Opened<S>, NotOpened>) {
    match dialing {
        Some((link, dial)) => (*link, dial.await),
        None => pending().await,
    }
}

pub(super) async fn say_goodbye<S: AsyncRead + AsyncWrite + Reset + Unpin>(
    closing: &mut Option<Closing<S>>,
    clock: &Clock,
) {
    match closing {
        Some(Closing { link, code, until }) => {
            tokio::select! {
                () = poll_fn(|cx| link.poll_close(cx, *code)) => {}
                () = sleep_until(clock.instant(*until)) => {}
            }
        }
        None => pending().await,
    }
}
