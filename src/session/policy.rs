//! After an end: try again, or stop and leave it to the user. Networks never stop us; answers that stay the same do.

use std::time::Duration;

use crate::event::Why;
use crate::profile::{Action, CloseRule, Profile};

/// The same end so many times in a row is no accident.
const IN_A_ROW: u32 = 3;
/// A link that lived for less did not live.
const SHORT: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Dial again, and not before what the server asked for.
    Retry {
        at_least: Option<Duration>,
    },
    Stop(Why),
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
    /// What comes after `why`; `up` is how long the link lived, if there was one.
    pub(super) fn next(&mut self, profile: &Profile, why: &Why, up: Option<Duration>) -> Next {
        if let Why::Fatal { .. } | Why::Login { .. } = why {
            return Next::Stop(why.clone());
        }
        if let Why::Close { code: Some(code), .. } = why {
            let within = |rule: &&CloseRule| rule.codes.iter().any(|&(a, b)| (a..=b).contains(code));
            match profile.close.codes.iter().find(within).map(|rule| rule.action) {
                Some(Action::Stop) => return Next::Stop(why.clone()),
                Some(
                    Action::Retry
                    | Action::RetryNow
                    | Action::Backoff
                    | Action::Rotate
                    | Action::Resume
                    | Action::Restart
                    | Action::Login,
                ) => {
                    *self = Self::default();
                    return Next::Retry { at_least: None };
                }
                Some(Action::None) | None => {}
            }
        }
        let rejection = rejection(why).filter(|_| up.is_none_or(|up| up < SHORT));
        self.times = if rejection.is_some() && rejection == self.last { self.times + 1 } else { 1 };
        self.last = rejection;
        if rejection.is_some() && self.times >= IN_A_ROW {
            return Next::Stop(Why::Storm { times: self.times, last: Box::new(why.clone()) });
        }
        Next::Retry { at_least: asked_wait(why) }
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
