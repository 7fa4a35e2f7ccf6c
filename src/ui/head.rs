//! The first line: the verdict of the whole, and the clock. A fault on purpose takes its place.

use ratatui::layout::Rect;

use super::View;
use super::layout::Size;
use super::sheet::Sheet;
use super::theme::{Role, rank_mark};
use crate::app::feed::Feed;
use crate::app::keymap::{Action, Mode};
use crate::app::standing::{Rank, Standing};
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
    let wide = size == Size::Wide;
    let separator = " · ";
    // From everything to the least that still answers: is anything wrong?
    let mut parts = Vec::new();
    let mut tail = Vec::new();
    for least in 0..5 {
        parts = said(view, verdict, wide && least == 0, least);
        tail = aside(view, verdict, wide && least == 0, least);
        let columns: usize = parts.iter().chain(&tail).map(|part| text::width(part) + 3).sum();
        if columns + 3 <= usize::from(area.width) {
            break;
        }
    }
    let mut pen = sheet.line(area, area.y);
    pen.skip(1).text(mark, role).skip(1);
    for (i, part) in parts.iter().enumerate() {
        let lead = if i == 0 { "" } else { separator };
        pen.text(lead, Role::Muted).text(part, if i == 0 { Role::Strong } else { Role::Plain });
    }
    let right = tail.join("  ");
    if usize::from(pen.left()) > text::width(&right) + 1 {
        let end = area.right().saturating_sub(1);
        let style = sheet.style(Role::Muted);
        sheet.put_right(end, area.y, area.width, &right, style);
    }
}

fn mark(verdict: &Verdict) -> (&'static str, Role) {
    match verdict.worst {
        Some((_, trouble)) => rank_mark(trouble.rank),
        None if verdict.live > 0 => ("●", Role::Good),
        None if verdict.paused > 0 && verdict.paused == verdict.feeds => ("‖", Role::Off),
        None => ("○", Role::Accent),
    }
}

fn said(view: &View<'_>, verdict: &Verdict, wide: bool, least: usize) -> Vec<String> {
    let lang = view.lang();
    let Some((index, trouble)) = verdict.worst else { return vec![calm(view, verdict)] };
    let together = verdict.together.as_ref().map(|(extent, _)| extent).filter(|_| least < 4);
    let word = |extent| if wide { say::together(lang, extent) } else { say::together_short(lang, extent) };
    if let Some(extent) = together.filter(|extent| extent.lost >= verdict.need) {
        // It says how many need the user, too.
        return std::iter::once(word(extent)).chain(blamed(view, verdict, wide, least)).collect();
    }
    let mut parts = vec![if wide {
        say::feeds_need_you(lang, verdict.need, verdict.feeds)
    } else {
        say::feeds_need_you_short(lang, verdict.need, verdict.feeds)
    }];
    if let Some(extent) = together {
        parts.push(word(extent));
    } else if let Some(feed) = view.app.feeds.get(index) {
        let length = view.now.since(trouble.since);
        let ill = ill(view, feed).map(|ill| {
            let say = if wide || least == 1 { say::layered } else { say::layered_short };
            say(lang, &feed.info.name, ill)
        });
        // Which it is and why goes before how many they are.
        if least == 4 {
            parts.clear();
        }
        parts.push(match (ill, trouble.rank) {
            (Some(ill), _) => ill,
            (None, Rank::Down) => say::down_for(lang, &feed.info.name, length),
            (None, Rank::Stopped | Rank::Probing | Rank::Degraded) => {
                let word = super::theme::word(lang, feed.standing(view.now), true);
                format!("{} {word} {}", text::clean(&feed.info.name), text::age(length))
            }
        });
    }
    parts.extend(blamed(view, verdict, wide, least));
    parts
}

/// What is wrong with a link that is there.
fn ill<'a>(view: &View<'a>, feed: &'a Feed) -> Option<Ill<'a>> {
    let now = view.now;
    match feed.standing(now) {
        Standing::Probing => Some(Ill::Unanswered { waited: feed.unanswered(now) }),
        Standing::Dialing { .. } if feed.state.phase == Phase::LoggingIn => {
            Some(Ill::Login { waited: now.since(feed.state.since) })
        }
        Standing::Degraded { .. } => feed.ailing(now).map(|service| {
            let name = &*service.name;
            match service.state {
                ServiceState::Refused => Ill::Refused { service: name },
                ServiceState::Stale => {
                    let silent = now.since(service.last.or(feed.state.opened).unwrap_or(feed.state.since));
                    Ill::Silent { service: name, silent, usual: service.usual }
                }
                ServiceState::Wanted
                | ServiceState::Sent
                | ServiceState::Acked
                | ServiceState::Live
                | ServiceState::Off => Ill::Unacked { service: name },
            }
        }),
        Standing::Idle
        | Standing::Dialing { .. }
        | Standing::Live
        | Standing::Retry { .. }
        | Standing::Stopped
        | Standing::Paused => None,
    }
}

/// Whether it is us or them, as far as the other hosts tell.
fn blamed(view: &View<'_>, verdict: &Verdict, wide: bool, least: usize) -> Option<String> {
    let lang = view.lang();
    match verdict.blame {
        Blame::Us(hosts @ 1..) if least < 2 => Some(say::still_answer(lang, hosts)),
        Blame::NotUs(hosts) if wide => Some(say::others_answer(lang, hosts)),
        Blame::PerhapsUs(_) if wide => Some(say::none_answers(lang)),
        Blame::NotUs(_) if least < 2 => Some(Label::NotUs.text(lang).to_owned()),
        Blame::PerhapsUs(_) if least < 2 => Some(Label::MaybeUs.text(lang).to_owned()),
        // What they have in common says it.
        Blame::Us(_) | Blame::Unknown | Blame::NotUs(_) | Blame::PerhapsUs(_) => None,
    }
}

fn calm(view: &View<'_>, verdict: &Verdict) -> String {
    let lang = view.lang();
    match verdict {
        Verdict { feeds: 0, .. } => Label::NothingYet.text(lang).to_owned(),
        Verdict { feeds, paused, .. } if feeds == paused => say::paused_by_you(lang, *paused),
        Verdict { feeds, live, paused, aside: 0, .. } if live + paused == *feeds => say::feeds_live(lang, *live),
        Verdict { feeds, live, .. } => say::screen::some_live(lang, *live, *feeds),
    }
}

fn aside(view: &View<'_>, verdict: &Verdict, wide: bool, least: usize) -> Vec<String> {
    use say::screen;
    let lang = view.lang();
    let mut parts = Vec::new();
    let alarms = view.app.alarms.raised().count();
    if alarms > 0 && least < 4 {
        parts.push(say::alarms(lang, alarms, view.label(Mode::Main, Action::Acknowledge)));
    }
    if verdict.aside > 0 && least < 3 {
        let say = if wide { screen::seen_by_you } else { screen::seen_short };
        parts.push(say(lang, verdict.aside));
    }
    if verdict.paused > 0 && verdict.paused < verdict.feeds && least < 3 {
        let say = if wide { say::paused_by_you } else { screen::paused_short };
        parts.push(say(lang, verdict.paused));
    }
    if least < 2 {
        let space = if wide { " " } else { "" };
        parts.push(format!("{}{space}{}", view.wall.clock(view.now), view.wall.zone()));
    }
    parts
}
