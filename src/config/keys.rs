//! `[keys]`: which keys do what, read, and told with their places where they cannot be. What may be wished for is judged in
//! [`crate::app::keymap`].

use crate::app::keymap::{self, Action, Clash, Keymap, Mode, Place, Stroke, Wish, action, keys_in, named};
use crate::profile::diagnostic::{Origin, Problems, nearest};
use crate::profile::reader::{self, Reader};
use crate::profile::tree::{Entry, Value};

/// What a file wishes for, and where it stands.
struct Wishes<'a> {
    problems: &'a Problems,
    all: Vec<Wish>,
    /// The places of their keys.
    places: Vec<Vec<Origin>>,
}

pub(super) fn keys(problems: &Problems, table: &Reader<'_>) -> Keymap {
    let mut wishes = Wishes { problems, all: Vec::new(), places: Vec::new() };
    for entry in table.others() {
        match (entry.node.value.as_table(), screen(&entry.key)) {
            (Some(table), Some(mode)) => table.entries.iter().for_each(|entry| wishes.read(mode, entry)),
            (Some(_), None) => {
                let help = match action(Mode::Main, &entry.key) {
                    Some(_) => format!("an action has keys, not a table: {} = \"f5\"", entry.key),
                    None if ["main", "global", "normal"].contains(&entry.key.as_str()) => {
                        "the keys of the main screen stand in [keys] itself".to_owned()
                    }
                    None => near_or_all(&entry.key, Mode::ALL.into_iter().filter_map(Mode::name)),
                };
                problems.tell_help(entry.key_origin, format!("unknown screen `{}`", entry.key), help);
            }
            (None, _) => wishes.read(Mode::Main, entry),
        }
    }
    let Wishes { all, places, .. } = &wishes;
    match Keymap::new(all) {
        Ok(keymap) => keymap,
        Err(clashes) => {
            for clash in clashes {
                let at = clash.at();
                let Some(origin) = places.get(at.wish).and_then(|places| places.get(at.key)) else { continue };
                let (message, help) = wishes.told(&clash);
                problems.tell_help(*origin, message, help);
            }
            Keymap::default()
        }
    }
}

impl Wishes<'_> {
    fn read(&mut self, mode: Mode, entry: &Entry) {
        let name = entry.key.as_str();
        let Some(action) = action(mode, name) else {
            let message = format!("unknown action `{name}`");
            self.problems.tell_help(entry.key_origin, message, instead(mode, name));
            return;
        };
        let is_one = matches!(entry.node.value, Value::Text(_) | Value::List(_));
        let nodes = if is_one { reader::items(&entry.node) } else { std::slice::from_ref(&entry.node) };
        let (mut keys, mut places) = (Vec::new(), Vec::new());
        for node in nodes {
            let Some(text) = node.value.as_text() else {
                let help =
                    format!("keys are texts: {name} = \"f5\", or several, {name} = [\"f5\", \"ctrl-x\"]; none: []");
                self.problems.tell_help(node.origin, format!("expected a key, found {}", node.value.what()), help);
                continue;
            };
            match key(mode, action, text) {
                Ok(key) => {
                    keys.push(key);
                    places.push(node.origin);
                }
                Err((message, help)) => self.problems.tell_help(node.origin, message, help),
            }
        }
        self.all.push(Wish { mode, action, keys });
        self.places.push(places);
    }

    /// What stands against a wish, and what to do about it.
    fn told(&self, clash: &Clash) -> (String, String) {
        let at = clash.at();
        let (Some(wish), Some(key)) = (self.all.get(at.wish), self.key(at)) else { return Default::default() };
        let mine = name(wish.action);
        match *clash {
            Clash::Fixed { mode, .. } => {
                let why = match key.as_str() {
                    "ctrl-c" => "always quits".to_owned(),
                    "?" => "always shows the keys".to_owned(),
                    "esc" => "always leads out".to_owned(),
                    "enter" => format!("always ends what is typed, as in {}", table(mode)),
                    _ => "is the number of a service".to_owned(),
                };
                (format!("`{key}` {why}"), format!("take another key for {mine}"))
            }
            Clash::Letter { mode, .. } => (
                format!("`{key}` is a letter of what is typed in {}", table(mode)),
                format!("take one with ctrl or alt for {mine}, or f1 to f12"),
            ),
            Clash::Twice { first, .. } => self.twice((at, wish, &key), first),
            Clash::Last { mode, lost, free, .. } => {
                let lost = name(lost);
                let free = free.map_or_else(String::new, |free| format!("{lost} = \"{free}\", or "));
                (
                    format!("`{key}` is now {mine}, and {lost} has no key left in {}", table(mode)),
                    format!("say there what {lost} gets: {free}{lost} = [] for none"),
                )
            }
        }
    }

    fn twice(&self, (at, wish, key): (Place, &Wish, &str), first: Place) -> (String, String) {
        let mine = name(wish.action);
        let Some(other) = self.all.get(first.wish) else { return Default::default() };
        let theirs = name(other.action);
        let line = |place: Place| {
            self.places.get(place.wish).and_then(|keys| keys.get(place.key)).map_or(0, |at| self.problems.line_of(*at))
        };
        let (first, second) = (line(first), line(at));
        let message = format!("`{key}` is {theirs} on line {first} and {mine} on line {second}");
        let help = if wish.mode == other.mode {
            format!("take another key for {theirs} or for {mine}")
        } else {
            format!(
                "what stands in [keys] goes for {} too, unless the same action has keys there",
                table(if wish.mode == Mode::Main { other.mode } else { wish.mode })
            )
        };
        (message, help)
    }

    fn key(&self, at: Place) -> Option<String> {
        Some(self.all.get(at.wish)?.keys.get(at.key)?.to_string())
    }
}

/// Reads a key for an action: one that terminals send, unless it is among its keys anyway.
fn key(mode: Mode, action: Action, text: &str) -> Result<Stroke, (String, String)> {
    let key = Stroke::parse(text).map_err(|help| {
        let none = ["none", "off", "unbound", "disabled"].contains(&text.trim().to_ascii_lowercase().as_str());
        let help = if none { format!("for no key at all write {} = []", name(action)) } else { help };
        (format!("`{text}` is no key"), help)
    })?;
    let is_default = keys_in(mode).any(|row| row.action == action && Stroke::new(row.code, row.modifiers) == key);
    match key.unsure() {
        Some(why) if !is_default => Err((why, format!("take another key for {}", name(action)))),
        Some(_) | None => Ok(key),
    }
}

fn name(action: Action) -> &'static str {
    keymap::name(action).unwrap_or("switch a service")
}

fn screen(name: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.name() == Some(name))
}

/// Where the keys of a screen stand.
fn table(mode: Mode) -> String {
    mode.name().map_or_else(|| "[keys]".to_owned(), |name| format!("[keys.{name}]"))
}

/// What was meant by a name that a screen does not have.
fn instead(mode: Mode, name: &str) -> String {
    if mode == Mode::Main && screen(name).is_some() {
        let opens = format!("open-{name}");
        let opens = Mode::ALL.into_iter().find_map(|mode| named(mode).find(|(known, _)| *known == opens).map(|_| mode));
        let table = format!("`{name}` is a screen; its keys stand in [keys.{name}]");
        return match opens {
            Some(mode) => format!("{table}, and what opens it is open-{name} in {}", self::table(mode)),
            None => table,
        };
    }
    if name.starts_with("toggle") && mode == Mode::Main {
        let near = nearest(name, ["toggle-service"]).map_or("", |_| "did you mean `toggle-service`? ");
        return format!("{near}the numbers 1 to 9 cannot be changed");
    }
    let elsewhere: Vec<_> = Mode::ALL.into_iter().filter(|mode| action(*mode, name).is_some()).map(table).collect();
    if !elsewhere.is_empty() {
        return format!("`{name}` stands in {}", elsewhere.join(", "));
    }
    near_or_all(name, named(mode).map(|(name, _)| name))
}

fn near_or_all<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    let near = nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    near.unwrap_or_else(|| format!("known here: {}", known.join(", ")))
}

#[cfg(test)]
mod tests;
