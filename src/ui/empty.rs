//! Why a pane has no message: the state of its link, its service, its filter, with the key that changes it. The words are in
//! [`crate::say::empty`].

use ratatui::layout::Rect;

use super::View;
use super::popup::wrapped;
use super::sheet::Sheet;
use super::theme::Role;
use crate::app::control::Control;
use crate::app::feed::Feed;
use crate::app::history::{Pane, Stream};
use crate::app::keymap::{Action, Mode};
use crate::app::standing::{Next, Standing};
use crate::event::{Phase, ServiceState, ServiceView};
use crate::say;
use crate::say::empty::{Empty, empty};

/// Writes a sentence from the first row on, over as many as it needs.
pub(super) fn write(sheet: &mut Sheet<'_>, area: Rect, words: &str) {
    let columns = usize::from(area.width.saturating_sub(2));
    for (line, y) in wrapped(words, columns).into_iter().zip(area.top()..area.bottom()) {
        sheet.line(area, y).skip(1).text(line, Role::Muted);
    }
}

/// Why there is no message of a stream to be seen.
pub(super) fn messages(view: &View<'_>, feed: &Feed, stream: Stream) -> String {
    let lang = view.lang();
    let pane = view.app.history.pane(feed.info.id, stream);
    let hidden = pane.filter(|pane| pane.hides()).and_then(Pane::found);
    if let Some((0, of @ 1..)) = hidden {
        return empty(lang, &Empty::Hidden(of, drops(view)));
    }
    if view.app.frozen.is_some() && pane.is_some_and(|pane| pane.unseen() > 0) {
        return empty(lang, &Empty::Frozen(view.label(Mode::Main, Action::Freeze)));
    }
    let service = feed.state.services.iter().find(|service| Stream::Service(service.id) == stream);
    let why = link(view, feed).unwrap_or_else(|| match (stream, service) {
        (Stream::Service(_), Some(service)) => of_service(view, feed, service),
        (Stream::Beats, _) => Empty::NoBeat(say::beat_rule(lang, feed.info.beat.as_ref())),
        (Stream::Unrouted, _) if !feed.state.services.is_empty() => Empty::AllRouted,
        (Stream::Unrouted | Stream::Service(_), _) if feed.state.counters.messages > 0 => {
            Empty::NotKept(feed.state.counters.messages)
        }
        (Stream::Unrouted | Stream::Service(_), _) => {
            Empty::Unasked(opened(view, feed), view.label(Mode::Main, Action::Control(Control::Draft)))
        }
    });
    empty(lang, &why)
}

/// The key that drops the filter: esc does it where nothing else is to be left before.
fn drops<'a>(view: &View<'a>) -> &'a str {
    let app = view.app;
    if app.mode() == Mode::Typing {
        view.label(Mode::Typing, Action::Drop)
    } else if app.zoom || app.frozen.is_some() {
        view.label(Mode::Main, Action::Filter)
    } else {
        view.label(Mode::Main, Action::Leave)
    }
}

/// What is to be said of a link that is not there.
fn link<'a>(view: &View<'a>, feed: &Feed) -> Option<Empty<'a>> {
    let state = &feed.state;
    let since = view.now.since(state.since);
    let down = || {
        let next = match feed.next(view.now) {
            Next::Counting { due, until, .. } => say::due(view.lang(), due, state.attempt, until.since(view.now)),
            Next::Rule { .. } | Next::Away { .. } | Next::Nothing => String::new(),
        };
        let began = state.outage.as_ref().filter(|outage| !outage.over).map_or(state.since, |outage| outage.began);
        Empty::Down(view.now.since(began), next)
    };
    match feed.standing(view.now) {
        Standing::Idle => Some(Empty::Idle),
        Standing::Dialing { .. } if state.phase == Phase::LoggingIn => Some(Empty::LoggingIn(since)),
        Standing::Dialing { attempt } if attempt > 1 => Some(down()),
        Standing::Dialing { .. } => Some(Empty::Dialing(since)),
        Standing::Retry { .. } => Some(down()),
        Standing::Stopped => Some(Empty::Stopped(since, view.label(Mode::Main, Action::Dial))),
        Standing::Paused => Some(Empty::Paused(since, view.label(Mode::Main, Action::Disconnect))),
        Standing::Live | Standing::Degraded { .. } | Standing::Probing => None,
    }
}

fn of_service<'a>(view: &View<'a>, feed: &Feed, service: &'a ServiceView) -> Empty<'a> {
    let space = view.label(Mode::Main, Action::ToggleSelected);
    match service.state {
        _ if feed.is_switching(service.id) => Empty::Switching,
        _ if !feed.wants(service.id) => Empty::Off(space),
        ServiceState::Refused => Empty::Refused(service.text.as_deref(), space),
        _ if service.messages > 0 => Empty::NotKept(service.messages),
        ServiceState::Wanted | ServiceState::Off => Empty::Wanted,
        ServiceState::Sent if feed.info.acks => Empty::Asked(opened(view, feed)),
        ServiceState::Sent | ServiceState::Acked | ServiceState::Live | ServiceState::Stale => {
            Empty::Subscribed(opened(view, feed))
        }
    }
}

fn opened(view: &View<'_>, feed: &Feed) -> std::time::Duration {
    view.now.since(feed.state.opened.unwrap_or(feed.state.since))
}
