//! A message of the user's own, from the first letter until it is on its way: the box it is written in, what was sent
//! before, and whether it may go now. How it is sent the session knows.

use serde::de::IgnoredAny;

use crate::app::keymap::{Action, Mode};
use crate::app::line::Line;
use crate::app::{App, Effect, Popup};
use crate::event::{Command, FeedId};
use crate::say::control as say;

/// A longer message is a file.
pub(super) const LONGEST: usize = 64 << 10;
/// Messages that were sent, remembered.
const PAST: usize = 50;

/// The box and its history.
#[derive(Debug, Default)]
pub struct Draft {
    pub line: Line,
    /// Why it was not sent.
    pub wrong: Option<String>,
    /// Newest last.
    past: Vec<String>,
    /// Which of them is shown, and what was typed before.
    place: Option<(usize, String)>,
}

/// What a text is to the eye of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Nothing,
    Json,
    /// It begins like JSON and is none: where it goes wrong, both from 1.
    BadJson {
        row: usize,
        column: usize,
        why: String,
    },
    Text,
}

impl Draft {
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Line)) {
        (self.wrong, self.place) = (None, None);
        change(&mut self.line);
    }

    pub(in crate::app) fn type_in(&mut self, text: &str) {
        self.change(|line| line.type_in(text, LONGEST));
    }

    /// A row up or down in the text; beyond it, through what was sent before.
    pub(super) fn row(&mut self, down: bool) {
        if self.place.is_none() && self.line.row(down) {
            return;
        }
        let here = self.place.as_ref().map_or(self.past.len(), |(place, _)| *place);
        let there = if down { Some(here + 1) } else { here.checked_sub(1) };
        let Some(there) = there.filter(|there| *there <= self.past.len()) else { return };
        let typed = self.place.take().map_or_else(|| self.line.text.clone(), |(_, typed)| typed);
        match self.past.get(there).cloned() {
            Some(text) => {
                self.line.write(text);
                self.place = Some((there, typed));
            }
            None => self.line.write(typed),
        }
    }

    pub fn form(&self) -> Form {
        let text = self.line.text.trim();
        if text.is_empty() {
            return Form::Nothing;
        }
        match serde_json::from_str::<IgnoredAny>(&self.line.text) {
            Ok(_) => Form::Json,
            Err(error) if text.starts_with(['{', '[', '"']) => {
                let why = error.to_string();
                let why = why.split(" at line ").next().unwrap_or_default().to_owned();
                Form::BadJson { row: error.line(), column: error.column(), why }
            }
            Err(_) => Form::Text,
        }
    }

    fn sent(&mut self) {
        let text = std::mem::take(&mut self.line).text;
        self.place = None;
        self.past.retain(|past| *past != text);
        self.past.push(text);
        let surplus = self.past.len().saturating_sub(PAST);
        self.past.drain(..surplus);
    }
}

impl App {
    pub(super) fn open_draft(&mut self) {
        if let Some(feed) = self.selected() {
            self.popup = Some(Popup::Send(feed.info.id));
            self.hand.draft.wrong = None;
        }
    }

    pub(super) fn write_template(&mut self) {
        let Some(Popup::Send(feed)) = self.popup else { return };
        match self.hand.last.iter().find(|(of, _)| *of == feed) {
            Some((_, text)) => {
                let text = text.clone();
                self.hand.draft.change(|line| line.write(text));
            }
            None => self.hand.draft.wrong = Some(say::nothing_sent(self.look.lang).to_owned()),
        }
    }

    pub(super) fn send_draft(&mut self) -> Option<Effect> {
        let Some(Popup::Send(feed)) = self.popup else { return None };
        if self.hand.draft.line.text.is_empty() {
            return None;
        }
        match self.send_text(feed, self.hand.draft.line.text.clone()) {
            Ok(effect) => {
                self.hand.draft.sent();
                self.popup = None;
                Some(effect)
            }
            Err(wrong) => {
                self.hand.draft.wrong = Some(wrong);
                None
            }
        }
    }

    /// On its way, or why not.
    pub(super) fn send_text(&mut self, id: FeedId, text: String) -> Result<Effect, String> {
        let lang = self.look.lang;
        let feed = self.feed(id).ok_or_else(String::new)?;
        if !feed.is_open() {
            return Err(say::not_open(lang, &feed.info.name, self.keys.label(Mode::Main, Action::Dial)));
        }
        match self.hand.under_way.iter_mut().find(|(feed, _)| *feed == id) {
            Some((_, n)) => *n += 1,
            None => self.hand.under_way.push((id, 1)),
        }
        self.done = Some(say::sending(lang).to_owned());
        Ok(Effect::Send(id, Command::Send { text }))
    }
}
