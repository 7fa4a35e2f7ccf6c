//! The palette: every action of the table of keys and every command, found by a few letters of either language; and the
//! line in which a command is typed with what belongs to it.

use std::borrow::Cow;
use std::time::Duration;

use super::verb::{self, Verb};
use crate::app::coming::{Errand, Trouble};
use crate::app::keymap::{Action, Mode};
use crate::app::line::Line;
use crate::app::table::Row;
use crate::app::{App, Ask, Effect, Popup};
use crate::event::{Command, FeedId, ServiceId};
use crate::fault::parse_duration;
use crate::say::{Lang, coming, control as say};
use crate::text::{looks_secret, nearest, secret_header};
use crate::time::Ts;

/// A longer line is a mistake.
const LONGEST: usize = 4096;
/// Lines that were run, remembered.
const PAST: usize = 50;
/// What the user may ask of a heartbeat.
const BEATS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_hours(1));

/// What is typed, and what is chosen.
#[derive(Debug, Default)]
pub struct Palette {
    pub line: Line,
    pub row: usize,
    /// What is wrong with it.
    pub wrong: Option<String>,
    /// The same in full, where that is more.
    pub whole: Vec<String>,
    /// What was asked for is being seen to.
    pub waiting: bool,
    past: Vec<String>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub does: Does,
    /// The key, or the command as it is typed.
    pub label: String,
    pub help: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Act(Action),
    Say(Verb),
    /// Selects it.
    Go(Row),
    /// Takes the theme of this place among the names.
    Wear(usize),
}

impl Palette {
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Line)) {
        (self.wrong, self.row, self.waiting) = (None, 0, false);
        self.whole.clear();
        change(&mut self.line);
    }

    /// The line stays, to be mended.
    pub(in crate::app) fn refuse(&mut self, trouble: Trouble) {
        self.whole = trouble.whole;
        self.wrong = Some(trouble.brief);
    }

    pub(in crate::app) fn type_in(&mut self, text: &str) {
        self.change(|line| line.type_in(text, LONGEST));
    }
}

impl App {
    /// The commands and actions that the line may mean, commands first.
    pub fn palette_entries(&self) -> Vec<Entry> {
        let lang = self.look.lang;
        let line = self.hand.palette.line.text.to_lowercase();
        if let Some((Verb::Theme, rest)) = verb::read(&line) {
            return self.theme_entries(rest);
        }
        let named = verb::read(&line).map(|(verb, _)| verb);
        let verbs = Verb::ALL.into_iter().filter(|verb| named.is_none_or(|named| named == *verb)).filter(|verb| {
            let text = [Lang::En, Lang::ZhCn].map(|lang| say::command(lang, verb.name())).join(" ");
            named.is_some() || matches(&line, &format!("{} {text}", verb.name()))
        });
        let verbs = verbs.map(|verb| Entry {
            does: Does::Say(verb),
            label: format!("{} {}", verb.name(), verb.rest()).trim_end().to_owned(),
            help: say::command(lang, verb.name()).into(),
        });
        let keys = self.keymap().told(Mode::Main).filter(|entry| named.is_none() && is_offered(entry.action));
        let rows = if named.is_none() { self.rows_meant(&line) } else { Vec::new() };
        let keys = keys.filter_map(|entry| {
            let label = entry.labels.join(" ");
            let text = Lang::ALL.map(|lang| entry.help(lang)).join(" ");
            let found = matches(&line, &format!("{label} {} {text}", entry.name));
            found.then(|| Entry { does: Does::Act(entry.action), label, help: entry.help(lang).into() })
        });
        verbs.chain(rows).chain(keys).collect()
    }

    pub(super) fn open_palette(&mut self) {
        self.hand.palette.change(|line| line.write(String::new()));
        self.popup = Some(Popup::Palette);
    }

    pub(in crate::app) fn choose_entry(&mut self, by: i64) {
        let count = self.palette_entries().len();
        let palette = &mut self.hand.palette;
        if palette.line.text.is_empty() && by == -1 && palette.row == 0 {
            // What was run last comes back.
            if let Some(last) = palette.past.last().cloned() {
                palette.line.write(last);
            }
            return;
        }
        palette.row = crate::app::act::moved(palette.row, by, count);
    }

    pub(super) fn complete(&mut self) {
        if let Some(Entry { does: Does::Say(verb), .. }) = self.chosen_entry()
            && verb::read(&self.hand.palette.line.text).is_none()
        {
            let text = format!("{} ", verb.name());
            self.hand.palette.change(|line| line.write(text));
        }
    }

    pub(super) fn run_palette(&mut self, now: Ts) -> Option<Effect> {
        if self.hand.palette.waiting {
            return None;
        }
        let line = self.hand.palette.line.text.trim().to_owned();
        if let Some(Entry { does: Does::Wear(place), .. }) = self.chosen_entry() {
            self.popup = None;
            let line = self.wear(place);
            self.remember(line);
            return None;
        }
        if let Some((verb, rest)) = verb::read(&line) {
            if rest.is_empty() && !verb.stands_alone() {
                self.hand.palette.wrong = Some(say::lacks(self.look.lang, verb.name(), verb.rest()));
                return None;
            }
            return self.run_verb(verb, rest);
        }
        match self.chosen_entry().map(|entry| entry.does) {
            Some(Does::Act(action)) => {
                self.popup = None;
                self.act(action, now)
            }
            Some(Does::Go(row)) => {
                self.popup = None;
                self.go(row);
                None
            }
            Some(Does::Say(verb)) if verb.rest().is_empty() => self.run_verb(verb, ""),
            Some(Does::Say(_) | Does::Wear(_)) => {
                self.complete();
                None
            }
            None => {
                let word = line.split_whitespace().next().unwrap_or_default();
                let near = nearest(word, Verb::ALL.map(Verb::name));
                self.hand.palette.wrong = Some(say::no_command(self.look.lang, word, near));
                None
            }
        }
    }

    fn run_verb(&mut self, verb: Verb, rest: &str) -> Option<Effect> {
        match self.say_verb(verb, rest) {
            // It is closed when the feed is there.
            Ok(effect) if self.hand.palette.waiting => effect,
            Ok(effect) => {
                self.leave_palette();
                effect
            }
            Err(wrong) => {
                self.hand.palette.wrong = Some(wrong);
                None
            }
        }
    }

    /// What was typed there is done.
    pub(in crate::app) fn leave_palette(&mut self) {
        self.remember(self.hand.palette.line.text.trim().to_owned());
        self.hand.palette.waiting = false;
        if self.popup == Some(Popup::Palette) {
            self.popup = None;
        }
    }

    /// A line with a secret in it does not come back by a key.
    pub(in crate::app) fn remember(&mut self, line: String) {
        if holds_secret(&line) {
            return;
        }
        let past = &mut self.hand.palette.past;
        past.retain(|known| *known != line);
        past.push(line);
        let surplus = past.len().saturating_sub(PAST);
        past.drain(..surplus);
    }

    pub(super) fn chosen_entry(&self) -> Option<Entry> {
        self.palette_entries().into_iter().nth(self.hand.palette.row)
    }

    /// Does it, or says what is wrong with it.
    fn say_verb(&mut self, verb: Verb, rest: &str) -> Result<Option<Effect>, String> {
        let lang = self.look.lang;
        match verb {
            Verb::Quit => {
                self.quit = true;
                return Ok(None);
            }
            Verb::Add => {
                self.hand.palette.waiting = true;
                return Ok(Some(Effect::Ask(Errand::Add(rest.to_owned()))));
            }
            Verb::Reload => {
                self.done = Some(coming::under_way(lang).to_owned());
                return Ok(Some(Effect::Ask(Errand::Reload)));
            }
            Verb::Remove if !rest.is_empty() => {
                let feed = self.feed_named(rest)?;
                self.popup = Some(Popup::Question(feed, Ask::Remove));
                return Ok(None);
            }
            Verb::Send
            | Verb::Solo
            | Verb::Service
            | Verb::Beat
            | Verb::Fault
            | Verb::Filter
            | Verb::Theme
            | Verb::Go
            | Verb::Fold
            | Verb::Unfold
            | Verb::Panes
            | Verb::Remove => {}
        }
        if let Some(done) = self.say_rows(verb, rest) {
            return done.map(|()| None);
        }
        if verb == Verb::Theme {
            return Err(self.no_theme(rest));
        }
        let Some(feed) = self.selected().map(|feed| feed.info.id) else { return Err(say::no_feed(lang).to_owned()) };
        match verb {
            Verb::Send if rest.is_empty() => {
                self.open_draft();
                Ok(None)
            }
            Verb::Send => self.send_text(feed, rest.to_owned()).map(Some),
            Verb::Solo if rest.is_empty() => Ok(self.solo_selected()),
            Verb::Solo => Ok(self.turn_solo(self.named(feed, rest)?)),
            Verb::Service => {
                let (name, on) = match rest.rsplit_once(char::is_whitespace) {
                    Some((name, "on")) => (name.trim(), true),
                    Some((name, "off")) => (name.trim(), false),
                    Some(_) | None => return Err(say::lacks(lang, verb.name(), verb.rest())),
                };
                let service = self.named(feed, name)?;
                let wants = self.feed(feed).is_some_and(|feed| feed.wants(service));
                Ok(if wants == on { None } else { self.switch(service) })
            }
            Verb::Beat => {
                let after = match rest {
                    "default" => None,
                    _ => Some(parse_duration(rest).map_err(|help| say::no_time(lang, rest, &help))?),
                };
                if self.feed(feed).is_none_or(|feed| feed.info.beat.is_none()) {
                    return Err(say::no_beat(lang).to_owned());
                }
                if after.is_some_and(|after| !(BEATS.0..=BEATS.1).contains(&after)) {
                    return Err(say::beat_bounds(lang, BEATS.0, BEATS.1));
                }
                Ok(Some(Effect::Send(feed, Command::Beat { after })))
            }
            Verb::Fault if rest.is_empty() => {
                self.popup = None;
                self.open_faults();
                Ok(None)
            }
            Verb::Fault => self.inject_line(feed, rest).map(Some),
            Verb::Filter => {
                let name = rest.strip_prefix('@').unwrap_or(rest);
                let saved = self.filter.saved.iter().position(|(known, _)| known == name);
                let Some(saved) = saved else {
                    let near = nearest(name, self.filter.saved.iter().map(|(known, _)| known.as_str()));
                    return Err(say::no_filter(lang, name, near));
                };
                self.edit(|prompt| prompt.choose_saved(saved));
                Ok(None)
            }
            Verb::Remove => {
                self.popup = Some(Popup::Question(feed, Ask::Remove));
                Ok(None)
            }
            Verb::Theme
            | Verb::Go
            | Verb::Fold
            | Verb::Unfold
            | Verb::Panes
            | Verb::Add
            | Verb::Reload
            | Verb::Quit => Ok(None),
        }
    }

    fn feed_named(&self, name: &str) -> Result<FeedId, String> {
        let named = self.feeds.iter().find(|feed| feed.info.name == name);
        named.map(|feed| feed.info.id).ok_or_else(|| {
            let near = nearest(name, self.feeds.iter().map(|feed| feed.info.name.as_str()));
            coming::no_such_feed(self.look.lang, name, near)
        })
    }

    fn named(&self, feed: FeedId, name: &str) -> Result<ServiceId, String> {
        let services = self.feed(feed).map(|feed| feed.state.services.as_slice()).unwrap_or_default();
        services.iter().find(|service| &*service.name == name).map(|service| service.id).ok_or_else(|| {
            let near = nearest(name, services.iter().map(|service| &*service.name));
            say::no_service(self.look.lang, name, near)
        })
    }
}

/// Whether a secret stands in it as it is: in a URL, or in a header.
fn holds_secret(line: &str) -> bool {
    let words = line.split(|c: char| c.is_whitespace() || "'\"".contains(c));
    words.into_iter().any(|word| {
        let url = word.split_once('=').map_or(word, |(_, url)| url);
        let name = word.split_once(':').map_or("", |(name, _)| name).trim_start_matches("--header=");
        looks_secret(word) || looks_secret(url) || secret_header(name.trim_start_matches("-H")) && !line.contains("${")
    })
}

/// Moves and the like are no help in a list.
fn is_offered(action: Action) -> bool {
    !matches!(action, Action::Move(_) | Action::Leave | Action::Toggle(_) | Action::Control(super::Control::Palette))
}

/// Every word stands somewhere in the text.
fn matches(line: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    line.split_whitespace().all(|word| text.contains(word))
}
