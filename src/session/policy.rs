//! After an end: try again, or stop and leave it to the user. Networks never stop us; answers that stay the same do.

use std::time::Duration;

use crate::event::Why;
use crate::profile::{Action, CloseRule, Profile};

/// The same end so many times in a row is no accident.
const IN_A_ROW: u32 = 3;
/// A link that lived for less did not live.
pub(super) const SHORT: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Dial again. `restart`: what was kept of the session is void.
    Retry {
        wait: Wait,
        restart: bool,
    },
    Stop(Why),
}

#[derive(Debug, PartialEq)]
pub(super) enum Wait {
    /// As the attempts go, and not before what the server asked for.
    Usual {
        at_least: Option<Duration>,
    },
    Longest {
        at_least: Option<Duration>,
    },
    None,
}

/// The ends that came in a row.
#[derive(Debug, Default)]
pub(super) struct Ends {
    last: Option<Rejection>,
    times: u32,
}

/// An end that the server chose, as far as it is the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rejection {
    Code(u16),
    Status(u16),
}

impl Ends {
    /// What comes after `why`; `wish` is what a message has made of it, and `up` how long the link lived, if there was one.
    pub(super) fn next(&mut self, profile: &Profile, why: &Why, wish: Action, up: Option<Duration>) -> Next {
        let at_least = asked_wait(why);
        let lived = up.is_some_and(|up| up >= SHORT);
        let action = if wish == Action::None { action(profile, why) } else { wish };
        match action {
            Action::Stop => return Next::Stop(why.clone()),
            Action::None => {}
            Action::Retry | Action::RetryNow | Action::Rotate | Action::Resume | Action::Login => {
                *self = Self::default();
                // A server that ends every link right after it opened is not hammered, whatever the profile says.
                let now = lived && !matches!(action, Action::Retry | Action::Login);
                return Next::Retry { wait: if now { Wait::None } else { Wait::Usual { at_least } }, restart: false };
            }
            Action::Restart => {
                *self = Self::default();
                return Next::Retry { wait: Wait::Usual { at_least }, restart: true };
            }
            Action::Backoff => {
                *self = Self::default();
                return Next::Retry { wait: Wait::Longest { at_least }, restart: false };
            }
        }
        if let Why::Fatal { .. } | Why::Login { .. } = why {
            return Next::Stop(why.clone());
        }
        let rejection = rejection(why).filter(|_| !lived);
        self.times = if rejection.is_some() && rejection == self.last { self.times + 1 } else { 1 };
        self.last = rejection;
        if rejection.is_some() && self.times >= IN_A_ROW {
            return Next::Stop(Why::Storm { times: self.times, last: Box::new(why.clone()) });
        }
        Next::Retry { wait: Wait::Usual { at_least }, restart: false }
    }
}

/// What the profile makes of a close frame, or of a refused upgrade. A link without a close frame has the code that
/// RFC 6455 (section 7.4.1) has for it; a network that fails is no reason to stop.
fn action(profile: &Profile, why: &Why) -> Action {
    let first = |rules: &[CloseRule], code: u16| {
        let within = |rule: &&CloseRule| rule.codes.iter().any(|&(a, b)| (a..=b).contains(&code));
        rules.iter().find(within).map_or(Action::None, |rule| rule.action)
    };
    match why {
        Why::Close { code, .. } => first(&profile.close.codes, code.unwrap_or(1005)),
        Why::Eof | Why::Reset { .. } => {
            let action = first(&profile.close.codes, 1006);
            if action == Action::Stop { Action::None } else { action }
        }
        Why::Http { status, .. } => first(&profile.close.statuses, *status),
        Why::HalfOpen { .. }
        | Why::Silent { .. }
        | Why::WriteStalled { .. }
        | Why::Dns { .. }
        | Why::Refused { .. }
        | Why::Program { .. }
        | Why::Unreachable { .. }
        | Why::DialTimeout { .. }
        | Why::Proxy { .. }
        | Why::Tls { .. }
        | Why::Handshake { .. }
        | Why::Protocol { .. }
        | Why::TooBig { .. }
        | Why::AckTimeout { .. }
        | Why::Login { .. }
        | Why::Dismissed { .. }
        | Why::ConnectLimit { .. }
        | Why::Asked
        | Why::Planned
        | Why::Slept { .. }
        | Why::Storm { .. }
        | Why::Fatal { .. } => Action::None,
    }
}

/// What the application says no with: its own close codes (RFC 6455, section 7.4.2) and 1008 (policy violation), and
/// the 4xx of HTTP except those that mean "later".
fn rejection(why: &Why) -> Option<Rejection> {
    if let Why::Close { code: Some(code @ (1008 | 3000..=4999)), .. } = why {
        return Some(Rejection::Code(*code));
    }
    if let Why::Http { status: status @ 400..=499, .. } = why {
        return (![408, 425, 429].contains(status)).then_some(Rejection::Status(*status));
    }
    None
}

fn asked_wait(why: &Why) -> Option<Duration> {
    if let Why::Http { retry_after, .. } = why { *retry_after } else { None }
}
