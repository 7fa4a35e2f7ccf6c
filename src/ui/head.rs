//! The first line: the verdict of the whole, and the clock. A fault on purpose takes its place.

use ratatui::layout::Rect;

use super::View;
use super::layout::Size;
use super::sheet::Sheet;
use super::theme::{Role, rank_mark};
use crate::app::feed::Feed;
use crate::app::keymap::{Action, Mode};
use crate::app::standing::{Standing, Trouble};
use crate::app::verdict::{Blame, Verdict};
use crate::event::{Phase, ServiceState};
use crate::say::{self, Ill, Label};
use crate::text;

pub fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, area: Rect, verdict: &Verdict, size: Size) {
    if area.is_empty() {
        return;
    }
    if let Some((fault, _)) = view.app.banner(view.now) {
        let style = sheet.style(Role::Fault);
        sheet.buffer.set_style(area, style);
        let text = say::fault(view.lang(), fault, view.now);
        sheet.put(area.x + 1, area.y, area.width.saturating_sub(2), &text, style);
        return;
    }
    let (mark, role) = mark(verdict);
    let separator = " · ";
    // From everything to the least that still answers: is anything wrong, and why?
    let first = usize::from(size != Size::Wide);
    let mut parts = Vec::new();
    let mut tail = Vec::new();
    for terse in TERSE.iter().skip(first) {
        parts = said(view, verdict, terse);
        tail = aside(view, verdict, terse);
        // The mark before, and a gap between the two and a column after the tail where there is one.
        let columns = 3 + wide(&parts, separator) + if tail.is_empty() { 0 } else { 2 + wide(&tail, GAP) + 1 };
        if columns <= usize::from(area.width) {
            break;
        }
    }
    let mut pen = sheet.line(area, area.y);
    pen.skip(1).text(mark, role).skip(1);
    for (i, part) in parts.iter().enumerate() {
        let lead = if i == 0 { "" } else { separator };
        pen.text(lead, Role::Muted).text(part, if i == 0 { Role::Strong } else { Role::Plain });
    }
    let right = tail.join(GAP);
    if usize::from(pen.left()) > text::width(&right) + 1 {
        let end = area.right().saturating_sub(1);
        let style = sheet.style(Role::Muted);
        sheet.put_right(end, area.y, area.width, &right, style);
    }
}

/// Between what stands at the end.
const GAP: &str = "  ";

fn wide(parts: &[String], between: &str) -> usize {
    let texts: usize = parts.iter().map(|part| text::width(part)).sum();
    texts + text::width(between) * parts.len().saturating_sub(1)
}

fn mark(verdict: &Verdict) -> (&'static str, Role) {
    match verdict.worst {
        Some((_, trouble)) => rank_mark(trouble.rank),
        None if verdict.live > 0 => ("●", Role::Good),
        None if verdict.paused > 0 && verdict.paused == verdict.feeds => ("‖", Role::Off),
        None => ("○", Role::Accent),
    }
}

/// How much is said of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Much {
    None,
    Short,
    Full,
}

/// What is said in which words: how many need the user, what is wrong with the worst, whether it is us, what was waved
/// aside, the time.
struct Terse {
    count: Much,
    ill: Much,
    blame: Much,
    aside: Much,
    clock: bool,
}

/// From the most to the least. Why the worst is sick goes last of all.
const TERSE: [Terse; 8] = {
    use Much::{Full, None, Short};
    const fn terse(count: Much, ill: Much, blame: Much, aside: Much, clock: bool) -> Terse {
        Terse { count, ill, blame, aside, clock }
    }
    [
        terse(Full, Full, Full, Full, true),
        terse(Short, Full, Short, Short, true),
        terse(Short, Full, Short, Short, false),
        terse(Short, Short, Short, Short, true),
        terse(Short, Short, Short, Short, false),
        terse(Short, Short, None, None, false),
        terse(None, Short, None, None, false),
        terse(None, None, None, None, false),
    ]
};

fn said(view: &View<'_>, verdict: &Verdict, terse: &Terse) -> Vec<String> {
    let lang = view.lang();
    let Some((index, trouble)) = verdict.worst else { return vec![calm(view, verdict)] };
    let together = verdict.together.as_ref().map(|(extent, _)| extent).filter(|_| terse.ill != Much::None);
    let word = |extent| {
        if terse.blame == Much::Full { say::together(lang, extent) } else { say::together_short(lang, extent) }
    };
    if let Some(extent) = together.filter(|extent| extent.lost >= verdict.need) {
        // It says how many need the user, too.
        return std::iter::once(word(extent)).chain(blamed(view, verdict, terse.blame)).collect();
    }
    let mut parts = Vec::new();
    match terse.count {
        // One alone is not counted.
        _ if verdict.feeds == 1 => {}
        Much::Full => parts.push(say::feeds_need_you(lang, verdict.need, verdict.feeds)),
        Much::Short => parts.push(say::feeds_need_you_short(lang, verdict.need, verdict.feeds)),
        Much::None => {}
    }
    if let Some(extent) = together {
        parts.push(word(extent));
    } else if let Some(feed) = view.app.feeds.get(index) {
        let say = if terse.ill == Much::Full { say::layered } else { say::layered_short };
        // Where there is no other, it needs no name.
        let name = Some(&*feed.info.name).filter(|_| verdict.feeds > 1 || terse.ill != Much::None);
        parts.extend(ill(view, feed, trouble).map(|ill| say(lang, name, ill)));
    }
    if terse.count == Much::None && terse.ill == Much::Short && verdict.need > 1 {
        parts.push(say::and_more(lang, verdict.need - 1));
    }
    parts.extend(blamed(view, verdict, terse.blame));
    parts
}

/// What is wrong with a feed, as far as it is known.
fn ill<'a>(view: &View<'a>, feed: &'a Feed, trouble: Trouble) -> Option<Ill<'a>> {
    let now = view.now;
    let state = &feed.state;
    Some(match feed.standing(now) {
        Standing::Probing => Ill::Unanswered { waited: feed.unanswered(now) },
        Standing::Dialing { .. } if state.phase == Phase::LoggingIn => Ill::Login { waited: now.since(state.since) },
        Standing::Degraded { .. } => {
            let service = feed.ailing(now)?;
            let name = &*service.name;
            match service.state {
                ServiceState::Refused => Ill::Refused { service: name, text: service.text.as_deref() },
                ServiceState::Stale => {
                    let silent = now.since(service.last.or(state.opened).unwrap_or(state.since));
                    Ill::Silent { service: name, silent, usual: service.usual }
                }
                ServiceState::Wanted
                | ServiceState::Sent
                | ServiceState::Acked
                | ServiceState::Live
                | ServiceState::Off => Ill::Unacked { service: name },
            }
        }
        Standing::Stopped => Ill::Stopped { lasted: now.since(trouble.since), why: state.why.as_ref() },
        Standing::Dialing { .. } | Standing::Retry { .. } => {
            let outage = state.outage.as_ref().filter(|outage| !outage.over);
            let why = outage.map(|outage| &outage.why).or(state.why.as_ref());
            // The first dial of a feed that never opened is the cause itself.
            let last = outage.and_then(|outage| outage.tries.last());
            let dial = last.map(|last| (last.to, &last.why)).filter(|(_, last)| Some(*last) != why);
            Ill::Down { lasted: now.since(trouble.since), never: state.counters.opens == 0, why, dial }
        }
        Standing::Idle | Standing::Live | Standing::Paused => return None,
    })
}

/// Whether it is us or them, as far as the other hosts tell.
fn blamed(view: &View<'_>, verdict: &Verdict, much: Much) -> Option<String> {
    let lang = view.lang();
    match (verdict.blame, much) {
        (_, Much::None) => None,
        (Blame::Us(hosts @ 1..), _) => Some(say::still_answer(lang, hosts)),
        (Blame::NotUs(hosts), Much::Full) => Some(say::others_answer(lang, hosts)),
        (Blame::PerhapsUs(_), Much::Full) => Some(say::none_answers(lang)),
        (Blame::NotUs(_), Much::Short) => Some(Label::NotUs.text(lang).to_owned()),
        (Blame::PerhapsUs(_), Much::Short) => Some(Label::MaybeUs.text(lang).to_owned()),
        // What they have in common says it.
        (Blame::Us(_) | Blame::Unknown, _) => None,
    }
}

fn calm(view: &View<'_>, verdict: &Verdict) -> String {
    let lang = view.lang();
    match verdict {
        Verdict { feeds: 0, .. } => Label::NothingYet.text(lang).to_owned(),
        Verdict { feeds, paused, .. } if feeds == paused => say::paused_by_you(lang, *paused),
        Verdict { feeds, live, paused, aside: 0, .. } if live + paused == *feeds => say::feeds_live(lang, *live),
        Verdict { feeds, live: 0, paused: 0, aside: 0, .. } => say::feeds_dialing(lang, *feeds),
        Verdict { feeds, live, .. } => say::screen::some_live(lang, *live, *feeds),
    }
}

fn aside(view: &View<'_>, verdict: &Verdict, terse: &Terse) -> Vec<String> {
    use say::screen;
    let lang = view.lang();
    let mut parts = Vec::new();
    let alarms = view.app.alarms.raised().count();
    if alarms > 0 && terse.count != Much::None {
        parts.push(say::alarms(lang, alarms, view.label(Mode::Main, Action::Acknowledge)));
    }
    let (seen, paused): (fn(_, _) -> _, fn(_, _) -> _) = match terse.aside {
        Much::Full => (screen::seen_by_you, say::paused_by_you),
        Much::Short => (screen::seen_short, screen::paused_short),
        Much::None => return parts,
    };
    if verdict.aside > 0 {
        parts.push(seen(lang, verdict.aside));
    }
    if verdict.paused > 0 && verdict.paused < verdict.feeds {
        parts.push(paused(lang, verdict.paused));
    }
    if terse.clock {
        let space = if terse.aside == Much::Full { " " } else { "" };
        parts.push(format!("{}{space}{}", view.wall.clock(view.now), view.wall.zone()));
    }
    parts
}
