//! After an end: try again, or stop and leave it to the user. Networks never stop us; answers that stay the same do.
//!
//! What a profile says of a code or a status goes before the tables in here.

use std::time::Duration;

use crate::event::{By, Why};
use crate::profile::{Action, CloseRule, Profile};

/// The same end so many times in a row is no accident.
const IN_A_ROW: u32 = 3;
/// A link that lived for less did not live.
pub(super) const SHORT: Duration = Duration::from_secs(5);
/// Links that worked, and that a server ends by the same code before this age, are taken away by somebody.
const TAKEN: Duration = Duration::from_mins(1);

/// What follows from a code or a status that the profile says nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Dial again, as the attempts go.
    Again,
    /// Dial again, but not soon: the longest wait of the profile.
    Later,
    /// Dial again; three in a row, right after opening, stop the feed.
    Rejection,
}

/// Close codes (RFC 6455, section 7.4, and the registry of IANA): both ends included.
pub const CODES: &[(u16, u16, Rule)] = &[
    // Polite ends, also of proxies for idleness.
    (1000, 1001, Rule::Again),
    // What we send is not understood, and will not be the next time.
    (1002, 1003, Rule::Rejection),
    (1004, 1006, Rule::Again),
    (1007, 1010, Rule::Rejection),
    // The server's own trouble, and its restart.
    (1011, 1012, Rule::Again),
    (1013, 1013, Rule::Later),
    (1014, 2999, Rule::Again),
    // The words of the application.
    (3000, 4999, Rule::Rejection),
];

/// Statuses of an answer to the upgrade (RFC 9110, section 15).
pub const STATUSES: &[(u16, u16, Rule)] = &[
    // A page in the place of a WebSocket: often one that says that all will be back soon.
    (100, 299, Rule::Again),
    // A redirect that led nowhere: each dial asks one server after the other, and the next ends no better.
    (300, 399, Rule::Later),
    (400, 407, Rule::Rejection),
    (408, 408, Rule::Again),
    (409, 424, Rule::Rejection),
    (425, 425, Rule::Again),
    (426, 428, Rule::Rejection),
    (429, 429, Rule::Later),
    (430, 499, Rule::Rejection),
    (500, 999, Rule::Again),
];

#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Dial again. `restart`: what was kept of the session is void. `said`: a better word for the cause, where there is one.
    Retry {
        wait: Wait,
        restart: bool,
        said: Option<Why>,
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

/// A link that ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) up: Duration,
    /// It did what it is for.
    pub(super) proven: bool,
}

/// The ends that came in a row.
#[derive(Debug, Default)]
pub(super) struct Ends {
    last: Option<Rejection>,
    /// Right after opening.
    quick: u32,
    /// After having worked.
    taken: u32,
}

/// An end that the server chose, as far as it is the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rejection {
    Code(u16),
    Status(u16),
}

impl Ends {
    /// What comes after `why`; `wish` is what a message has made of it, and `life` is of the link, if there was one.
    pub(super) fn next(&mut self, profile: &Profile, why: &Why, wish: Action, life: Option<Life>) -> Next {
        let at_least = asked_wait(why);
        let lived = life.is_some_and(|life| life.up >= SHORT);
        let action = if wish == Action::None { action(profile, why) } else { wish };
        let retry = |wait, restart| Next::Retry { wait, restart, said: None };
        match action {
            Action::Stop => return Next::Stop(why.clone()),
            Action::None => {}
            Action::Retry | Action::RetryNow | Action::Rotate | Action::Resume | Action::Login => {
                *self = Self::default();
                // A server that ends every link right after it opened is not hammered, whatever the profile says.
                let now = lived && !matches!(action, Action::Retry | Action::Login);
                return retry(if now { Wait::None } else { Wait::Usual { at_least } }, false);
            }
            Action::Restart => {
                *self = Self::default();
                return retry(Wait::Usual { at_least }, true);
            }
            Action::Backoff => {
                *self = Self::default();
                return retry(Wait::Longest { at_least }, false);
            }
        }
        if let Why::Fatal { .. } | Why::Login { .. } = why {
            return Next::Stop(why.clone());
        }
        self.count(why, life);
        let storm = |times, rival| Why::Storm { times, last: Box::new(why.clone()), rival };
        let rival = self.taken >= IN_A_ROW;
        if self.quick >= IN_A_ROW {
            return Next::Stop(storm(self.quick, rival));
        }
        if rival {
            let said = Some(storm(self.taken, true));
            return Next::Retry { wait: Wait::Longest { at_least }, restart: false, said };
        }
        let later = rule(why) == Rule::Later && at_least.is_none();
        retry(if later { Wait::Longest { at_least } } else { Wait::Usual { at_least } }, false)
    }

    fn count(&mut self, why: &Why, life: Option<Life>) {
        let young = life.is_none_or(|life| life.up < TAKEN);
        let rejection = rejection(why).filter(|_| young);
        if rejection.is_none() || rejection != self.last {
            *self = Self { last: rejection, ..Self::default() };
        }
        let next = |count: u32, counts: bool| if counts && rejection.is_some() { count.saturating_add(1) } else { 0 };
        self.quick = next(self.quick, life.is_none_or(|life| life.up < SHORT));
        self.taken = next(self.taken, life.is_some_and(|life| life.proven));
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

/// What the tables say of a number; numbers in none of them are dialed again.
pub fn look_up(table: &[(u16, u16, Rule)], number: u16) -> Rule {
    table.iter().find(|(from, to, _)| (*from..=*to).contains(&number)).map_or(Rule::Again, |(_, _, rule)| *rule)
}

fn rule(why: &Why) -> Rule {
    match number(why) {
        Some(Rejection::Code(code)) => look_up(CODES, code),
        Some(Rejection::Status(status)) => look_up(STATUSES, status),
        // Networks, our own verdicts, and servers that do not keep to the protocol.
        None => Rule::Again,
    }
}

/// What the other side says no with.
fn rejection(why: &Why) -> Option<Rejection> {
    number(why).filter(|_| rule(why) == Rule::Rejection)
}

/// The number of an end that the other side chose.
fn number(why: &Why) -> Option<Rejection> {
    if let Why::Close { by: By::Peer, code: Some(code), .. } = why {
        return Some(Rejection::Code(*code));
    }
    if let Why::Http { status, .. } = why { Some(Rejection::Status(*status)) } else { None }
}

fn asked_wait(why: &Why) -> Option<Duration> {
    if let Why::Http { retry_after, .. } = why { *retry_after } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_without_holes() {
        for table in [CODES, STATUSES] {
            for pair in table.windows(2) {
                assert_eq!(pair[0].1 + 1, pair[1].0, "{pair:?}");
            }
            assert!(table.iter().all(|(from, to, _)| from <= to));
        }
        for status in (500..600).chain([408, 425, 429]) {
            assert_ne!(look_up(STATUSES, status), Rule::Rejection, "{status}");
        }
    }
}
