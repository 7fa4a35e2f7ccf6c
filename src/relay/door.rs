//! How a client comes in: its request read, the faults of dials asked, the server dialed in its name, and the answer
//! passed back as it is. What passes afterwards is the link's.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};

use super::desk::RelayDesk;
use super::link::{Around, Ends, relay};
use super::reader::Book;
use super::seen::{ClientId, Left, Turned, What};
use super::tap::{End, News, Tap};
use super::teller::Teller;
use crate::event::Why;
use crate::net::fault::Reset;
use crate::net::knock::{self, NoRequest};
use crate::net::refusal::{AS_IT_CAME, Answer};
use crate::net::target::Target;
use crate::net::{NotOpened, Opened};
use crate::time::Clock;

/// Dials the server in the name of a client.
pub type Dialer<S> = Arc<dyn Fn(Target) -> BoxFuture<'static, Result<Opened<S>, NotOpened>> + Send + Sync>;

/// What every client of a relay shares.
pub(super) struct House<S> {
    pub(super) clock: Clock,
    pub(super) target: Target,
    /// Where clients find us: host and port.
    pub(super) own: String,
    pub(super) book: Arc<Book>,
    pub(super) desk: RelayDesk,
    pub(super) teller: Teller,
    pub(super) dialer: Dialer<S>,
    pub(super) seed: u64,
}

const GOODBYE: Duration = Duration::from_secs(1);

impl<S: AsyncRead + AsyncWrite + Reset + Unpin + Send> House<S> {
    /// One client from its first byte to its last.
    pub(super) async fn receive<C>(&self, id: ClientId, stream: C, mut stop: watch::Receiver<bool>)
    where
        C: AsyncRead + AsyncWrite + Reset + Unpin,
    {
        let mut tap = Tap::new(stream);
        let turned = |how| self.teller.tell(self.clock.now(), What::Turned { client: id, how });
        let request = tokio::select! {
            _ = stop.changed() => return,
            request = knock::read(&mut tap) => request,
        };
        let request = match request {
            Ok(request) => request,
            Err(none) => {
                turned(if none == NoRequest::Nothing { Turned::Gone } else { Turned::Request("no HTTP request") });
                return refuse(&mut tap, 400, None, &[], "this is not an HTTP request for a WebSocket\n").await;
            }
        };
        // Those that begin from here on reach this link.
        let mut standing = self.desk.standing.subscribe();
        let orders = self.desk.orders.subscribe();
        let held = async {
            loop {
                let Some(until) = standing.borrow_and_update().hung(self.clock.now()) else { break };
                tokio::select! {
                    () = sleep_until(self.clock.instant(until)) => {}
                    changed = standing.changed() => if changed.is_err() { break },
                }
            }
        };
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            how = leaves(&mut tap) => return self.left(id, how),
            () = held => {}
        }
        let refusal = self.desk.standing.borrow().refusal(self.clock.now());
        match refusal {
            None => {}
            Some((None, _)) => {
                turned(Turned::Refused);
                return tap.reset();
            }
            Some((Some(status), retry_after)) => {
                turned(Turned::Status { status, retry_after });
                let after = retry_after.map(|after| format!("Retry-After: {}", after.as_millis().div_ceil(1000)));
                let extra: Vec<_> = after.into_iter().collect();
                return refuse(&mut tap, status, None, &extra, "refused on purpose: a fault is on\n").await;
            }
        }
        let Some(key) = &request.key else {
            turned(Turned::Request(request.wrong));
            let extra = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"].map(str::to_owned);
            return refuse(&mut tap, 426, None, &extra, &format!("{}\n", request.wrong)).await;
        };
        let target = match self.target.through(&request.target, &request.headers, &self.own) {
            Ok(target) => target,
            Err(error) => {
                turned(Turned::Request("a header or path that is not fit for a request"));
                return refuse(&mut tap, 400, None, &[], &format!("{error}\n")).await;
            }
        };
        let path = target.masked_path();
        let dial = AS_IT_CAME.scope(RefCell::new(None), async {
            let dialed = (self.dialer)(target).await;
            (dialed, AS_IT_CAME.with(RefCell::take))
        });
        let (dialed, answer) = tokio::select! {
            biased;
            _ = stop.changed() => return,
            how = leaves(&mut tap) => return self.left(id, how),
            dialed = dial => dialed,
        };
        let opened = match dialed {
            Ok(opened) => opened,
            Err(failed) => return self.pass_back(id, &mut tap, failed.why, answer).await,
        };
        if !knock::send(&mut tap, &knock::welcome(key, opened.subprotocol.as_deref())).await {
            return self.left(id, Left::Reset);
        }
        // What the client said behind its request comes first, and was not seen yet.
        tap.put_back(&request.rest);
        let mark = self.desk.mark();
        let client = self.desk.bytes.link(tap);
        let now = self.clock.now();
        self.teller.tell(now, What::Open { client: id, path, subprotocol: opened.subprotocol.clone() });
        let around = Around {
            id,
            clock: self.clock.clone(),
            book: Arc::clone(&self.book),
            teller: self.teller.clone(),
            desk: self.desk.clone(),
            standing,
            orders,
            stop,
            mark,
            seed: self.seed ^ u64::from(id.0),
        };
        relay(Ends { client, server: opened.io, leftover: opened.leftover }, around).await;
    }

    fn left(&self, id: ClientId, how: Left) {
        let now = self.clock.now();
        self.teller.tell(now, What::Left { client: id, how });
        self.teller.tell(now, What::Turned { client: id, how: Turned::Gone });
    }

    /// The server's no as it is; where there is none in HTTP, one that says why.
    async fn pass_back<C>(&self, id: ClientId, tap: &mut Tap<C>, why: Why, answer: Option<Answer>)
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        let status = if let Why::Http { status, .. } = &why { Some(*status) } else { None };
        let late = matches!(why, Why::DialTimeout { .. });
        let text = if late {
            "the server did not answer in time\n"
        } else if matches!(why, Why::Handshake { .. } | Why::Http { .. }) {
            "the server's answer was no WebSocket's\n"
        } else if matches!(why, Why::Tls { .. }) {
            "TLS with the server failed\n"
        } else if matches!(why, Why::Proxy { .. }) {
            "the proxy on the way to the server failed\n"
        } else {
            "the server cannot be reached\n"
        };
        self.teller.tell(self.clock.now(), What::Turned { client: id, how: Turned::Server { status, why } });
        match (status, answer) {
            (Some(status), Some(answer)) => {
                let own = ["content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive"];
                let kept = answer.headers.iter().filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()));
                let extra: Vec<_> = kept.map(|(name, value)| format!("{name}: {value}")).collect();
                refuse(tap, status, Some(&answer.reason), &extra, &answer.body).await;
            }
            (Some(status), None) => refuse(tap, status, None, &[], "").await,
            (None, _) => {
                refuse(tap, if late { 504 } else { 502 }, None, &[], text).await;
            }
        }
    }
}

async fn refuse<C>(tap: &mut Tap<C>, status: u16, reason: Option<&str>, extra: &[String], body: &str)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    if knock::send(tap, &knock::answer(status, reason, extra, body)).await {
        let parted = async {
            let _ = tap.shutdown().await;
            let _gone = leaves(tap).await;
        };
        // After that the socket is dropped, as it would have been.
        let _ = timeout(GOODBYE, parted).await;
    }
}

/// Waits until the client leaves. What it says meanwhile is kept.
fn leaves<C: AsyncRead + Unpin>(tap: &mut Tap<C>) -> impl Future<Output = Left> {
    let mut said = bytes::BytesMut::new();
    poll_fn(move |cx| {
        loop {
            match tap.poll_news(cx) {
                Poll::Ready(News::Bytes(bytes)) => said.extend_from_slice(&bytes),
                Poll::Ready(News::End(End::Fin)) => return Poll::Ready(Left::Fin),
                Poll::Ready(News::End(End::Error(_))) => return Poll::Ready(Left::Reset),
                Poll::Pending => {
                    // The link looks at it again.
                    tap.not_seen(&mut said);
                    return Poll::Pending;
                }
            }
        }
    })
}
