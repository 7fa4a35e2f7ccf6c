//! The screen of `proxy`: what the relay sees goes onto the board, what a key wishes goes to the desk.

use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::Failure;
use crate::app::relay::{Board, Wish};
use crate::event::FaultState;
use crate::fault::{Desk as _, parse_command};
use crate::net::play::Notice;
use crate::relay::lines::Lines;
use crate::relay::{Left, RelayDesk, Seen, Turned, What};
use crate::say::relay::{relay_left, relay_too_long, relay_turned};
use crate::term::{self, Guard, Options, Signal, Watch};
use crate::time::{Clock, Ts};
use crate::ui;

/// Drawn so often while nothing happens, as countdowns run; and at most so often.
const IDLE: Duration = Duration::from_millis(250);
const FRAME: Duration = Duration::from_millis(50);

/// Runs the screen until it is left; gives the exit code.
pub(super) async fn watch(
    mut board: Board,
    lines: &mut Lines,
    mut seen: mpsc::Receiver<Seen>,
    mut notices: mpsc::Receiver<Notice>,
    (desk, clock): (&RelayDesk, &Clock),
    signals: &mut Watch,
) -> Result<u8, Failure> {
    let guard = Guard::take(Options::default()).map_err(|error| Failure { code: 2, text: error.to_string() })?;
    let mut terminal = Terminal::new(CrosstermBackend::new(guard.pen()))?;
    let mut keys = EventStream::new();
    let mut drawn = Ts::ZERO;
    let code = loop {
        let now = clock.now();
        board.faults = desk.active().iter().map(|active| (active.fault.name().to_owned(), active.until)).collect();
        board.services = desk.services("");
        if now - drawn >= FRAME || drawn == Ts::ZERO {
            terminal.draw(|frame| ui::relay::draw(frame, &board, now))?;
            drawn = now;
        }
        tokio::select! {
            biased;
            signal = signals.next() => {
                if let Some(code) = signal.exit_code() {
                    break code;
                }
                if signal == Signal::Resume {
                    guard.resume()?;
                    term::redraw(&mut terminal)?;
                }
            }
            key = keys.next() => match key {
                Some(Ok(Event::Key(key))) => match board.key(key) {
                    Some(Wish::Quit) => break 0,
                    Some(Wish::Clear) => desk.clear(),
                    Some(Wish::Fault(line)) => begin(&mut board, desk, &line),
                    None => drawn = Ts::ZERO,
                },
                Some(Ok(_)) => drawn = Ts::ZERO,
                Some(Err(_)) | None => break 0,
            },
            Some(notice) = notices.recv() => {
                if notice.state == FaultState::On {
                    board.tell(notice.say.to_string());
                }
            }
            Some(seen) = seen.recv() => {
                let _line = lines.line(&seen, clock.anchor());
                take(&mut board, &seen);
            }
            () = sleep_until(clock.instant(drawn + IDLE)) => drawn = Ts::ZERO,
        }
    };
    guard.leave();
    term::last_words();
    Ok(code)
}

fn begin(board: &mut Board, desk: &RelayDesk, line: &str) {
    match parse_command(line) {
        Ok((fault, lasts)) => match desk.start("", &fault, lasts) {
            Ok(_) => board.tell(format!("> {line}")),
            Err(error) => board.tell(error.to_string()),
        },
        Err(text) => board.tell(text),
    }
}

fn take(board: &mut Board, seen: &Seen) {
    let now = seen.at;
    match &seen.what {
        What::Knocked { client, .. } => {
            board.dialed += 1;
            board.client(client.0, now);
        }
        What::Turned { client, how } => {
            board.gone(client.0);
            let status = match how {
                Turned::Status { status, .. } => Some(*status),
                Turned::Server { status, .. } => *status,
                Turned::Refused | Turned::Request(_) | Turned::Gone | Turned::Full => None,
            };
            board.tell(relay_turned(board.lang, client.0, status));
        }
        What::Open { client, path, .. } => {
            let one = board.client(client.0, now);
            (one.open, one.since) = (true, now);
            one.path.clone_from(path);
        }
        What::Subscribed { client, services, whole } => {
            let one = board.client(client.0, now);
            if *whole {
                one.services.clear();
            }
            for service in services {
                if !one.services.iter().any(|known| **known == **service) && one.services.len() < 100 {
                    one.services.push(service.to_string());
                }
            }
        }
        What::Unsubscribed { client, services } => {
            let one = board.client(client.0, now);
            one.services.retain(|known| !services.iter().any(|service| **service == **known));
        }
        What::Beat { client, .. } => board.client(client.0, now).beat = Some(now),
        What::Flow { client, messages, .. } => board.client(client.0, now).count(now, *messages),
        What::Left { client, how } => {
            let code = if let Left::Close { code, .. } = how { *code } else { None };
            board.tell(relay_left(board.lang, client.0, code));
        }
        What::ServerLeft { client, why } => {
            let why = crate::say::why(board.lang, why);
            board.tell(format!("#{} {why}", client.0));
        }
        What::TooLong { client, sent } => {
            let why = relay_too_long(board.lang, *sent);
            board.tell(format!("#{} {why}", client.0));
        }
        What::Over { client, .. } => board.gone(client.0),
        What::Answered { .. } | What::Kept { .. } | What::Garbage { .. } | What::Fault { .. } | What::Missed { .. } => {
        }
    }
}
