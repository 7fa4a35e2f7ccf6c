//! One press of a key: how it is written, how it is read, and what a terminal makes of it. What it means is in the tables.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::text::{self, nearest};

/// A key with what is held down, in the one form that all ways to send and to write it come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stroke {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Names of keys that type nothing. The first one of a key is what it is called.
const NAMES: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("del", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("ins", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("page-up", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("page-down", KeyCode::PageDown),
    ("↑", KeyCode::Up),
    ("up", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("down", KeyCode::Down),
    ("←", KeyCode::Left),
    ("left", KeyCode::Left),
    ("→", KeyCode::Right),
    ("right", KeyCode::Right),
    ("plus", KeyCode::Char('+')),
    ("minus", KeyCode::Char('-')),
];

const MODIFIERS: &[(&str, KeyModifiers)] = &[
    ("ctrl", KeyModifiers::CONTROL),
    ("control", KeyModifiers::CONTROL),
    ("c", KeyModifiers::CONTROL),
    ("alt", KeyModifiers::ALT),
    ("option", KeyModifiers::ALT),
    ("meta", KeyModifiers::ALT),
    ("a", KeyModifiers::ALT),
    ("m", KeyModifiers::ALT),
    ("shift", KeyModifiers::SHIFT),
    ("s", KeyModifiers::SHIFT),
];

/// What keyboards have, and terminals keep for themselves.
const KEPT: [&str; 6] = ["super", "cmd", "command", "win", "hyper", "fn"];

/// Terminals know more; keyboards do not.
const MOST_F: u8 = 12;

impl Stroke {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum, and this is where it is translated")]
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let ctrl = modifiers.contains(KeyModifiers::CONTROL);
        // A capital letter or a `?` comes with SHIFT on some terminals and without on others; the letter says it all.
        let plain = modifiers.difference(KeyModifiers::SHIFT);
        match code {
            KeyCode::Char(letter) => {
                let letter = half_width(letter);
                let letter = if ctrl { controlled(letter) } else { letter };
                Self { code: KeyCode::Char(letter), modifiers: plain }
            }
            KeyCode::BackTab => Self { code, modifiers: plain },
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => {
                Self { code: KeyCode::BackTab, modifiers: plain }
            }
            _ => Self { code, modifiers },
        }
    }

    /// What was pressed; letting go is nothing.
    pub fn of(event: KeyEvent) -> Option<Self> {
        (event.kind != KeyEventKind::Release).then(|| Self::new(event.code, event.modifiers))
    }

    /// The same key without what changes it on few terminals.
    pub(super) fn unshifted(self) -> Self {
        Self { modifiers: self.modifiers.difference(KeyModifiers::SHIFT), ..self }
    }

    /// Whether it is this key with nothing held down.
    pub(super) fn is(self, code: KeyCode) -> bool {
        self == Self { code, modifiers: KeyModifiers::NONE }
    }

    /// Whether it types a letter where text is typed.
    pub(super) fn types(self) -> bool {
        self.code.as_char().is_some() && self.modifiers.is_empty()
    }

    #[cfg(test)]
    pub(super) fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// The letter of it, whatever is held down.
    pub(super) fn letter(self) -> Option<char> {
        self.code.as_char()
    }

    /// Reads a key as people write it, or says what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == " " {
            return Ok(Self::new(KeyCode::Char(' '), KeyModifiers::NONE));
        }
        let text: String = text.trim_matches([' ', '\t', '\n']).chars().map(half_width).collect();
        if text.is_empty() {
            return Err("a key is a letter or a name: f, G, ctrl-f, f5; an empty list [] is no key at all".to_owned());
        }
        if text.contains(' ') {
            return Err(
                "one key for each text, without spaces: [\"g\", \"ctrl-x\"]; sequences are not known".to_owned()
            );
        }
        let (modifiers, rest) = held(&text)?;
        let shift = modifiers.contains(KeyModifiers::SHIFT);
        let ctrl = modifiers.contains(KeyModifiers::CONTROL);
        let code = code(rest)?;
        match code.as_char() {
            Some(letter) if shift && ctrl && letter.is_alphabetic() => {
                let sent = Self::new(code, modifiers);
                Err(format!("terminals send no shift with ctrl; write {sent}"))
            }
            Some(letter) if shift && letter.is_ascii_alphabetic() => {
                Ok(Self::new(KeyCode::Char(letter.to_ascii_uppercase()), modifiers))
            }
            Some(_) if shift => Err("write what it types: ? and not shift-/".to_owned()),
            Some(_) | None => Ok(Self::new(code, modifiers)),
        }
    }

    /// Why a terminal that sends it may mean another key.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the keys that nothing is wrong with are crossterm's")]
    pub fn unsure(self) -> Option<String> {
        let (code, modifiers) = (self.code, self.modifiers);
        let without = |gone: KeyModifiers| Self::new(code, modifiers.difference(gone));
        let sent = match code {
            KeyCode::Char(letter) if modifiers.contains(KeyModifiers::CONTROL) => {
                let is = |code, held| Self::new(code, held | modifiers.difference(KeyModifiers::CONTROL));
                match letter {
                    'i' => is(KeyCode::Tab, KeyModifiers::NONE),
                    'm' => is(KeyCode::Enter, KeyModifiers::NONE),
                    'h' | '8' | '?' => is(KeyCode::Backspace, KeyModifiers::NONE),
                    '[' | '3' => is(KeyCode::Esc, KeyModifiers::NONE),
                    '2' | '@' => is(KeyCode::Char(' '), KeyModifiers::CONTROL),
                    '/' => is(KeyCode::Char('_'), KeyModifiers::CONTROL),
                    'a'..='z' | ' ' | '\\' | ']' | '^' | '_' => return None,
                    _ => without(KeyModifiers::CONTROL),
                }
            }
            KeyCode::Char(letter @ ('[' | 'O')) if modifiers == KeyModifiers::ALT => {
                return Some(format!("with `alt-{letter}` terminals begin the codes of other keys"));
            }
            KeyCode::Enter | KeyCode::Backspace | KeyCode::Tab | KeyCode::BackTab
                if modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::SHIFT) =>
            {
                without(KeyModifiers::CONTROL | KeyModifiers::SHIFT)
            }
            KeyCode::Esc if !modifiers.is_empty() => without(KeyModifiers::all()),
            _ => return None,
        };
        Some(format!("terminals send `{self}` as `{sent}`"))
    }
}

/// As the screen calls it; [`Stroke::parse`] reads it back.
impl fmt::Display for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shift = self.modifiers.contains(KeyModifiers::SHIFT) || self.code == KeyCode::BackTab;
        for (held, word) in [
            (self.modifiers.contains(KeyModifiers::CONTROL), "ctrl-"),
            (self.modifiers.contains(KeyModifiers::ALT), "alt-"),
            (shift, "shift-"),
        ] {
            f.write_str(if held { word } else { "" })?;
        }
        let code = if self.code == KeyCode::BackTab { KeyCode::Tab } else { self.code };
        match (NAMES.iter().find(|(_, known)| *known == code), code) {
            (_, KeyCode::Char(letter)) if letter != ' ' => write!(f, "{letter}"),
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::F(n)) => write!(f, "f{n}"),
            (None, _) => f.write_str("?"),
        }
    }
}

/// What is held down, and what is left of the text.
fn held(text: &str) -> Result<(KeyModifiers, &str), String> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = text;
    if let Some(letter) = rest.strip_prefix('^').filter(|letter| letter.chars().count() == 1) {
        return Ok((KeyModifiers::CONTROL, letter));
    }
    while let Some((word, after)) =
        rest.split_once(['-', '+']).filter(|(word, after)| !word.is_empty() && !after.is_empty())
    {
        let word = word.to_ascii_lowercase();
        if KEPT.contains(&word.as_str()) {
            return Err(format!("terminals do not pass {word} on; take ctrl or alt"));
        }
        let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) else { break };
        modifiers |= *modifier;
        rest = after;
    }
    Ok((modifiers, rest))
}

fn code(name: &str) -> Result<KeyCode, String> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        let arrow = NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
        let is_shown = text::width(name) > 0 && !letter.is_control() && text::clean(name) == name;
        return arrow.or(is_shown.then_some(KeyCode::Char(letter))).ok_or_else(|| "no key types this".to_owned());
    }
    let name = name.to_lowercase();
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*code);
    }
    if let Some(n) = name.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=MOST_F).contains(n)) {
        return Ok(KeyCode::F(n));
    }
    let near = nearest(&name, NAMES.iter().map(|(known, _)| *known)).map(|near| format!("did you mean `{near}`?"));
    Err(near.unwrap_or_else(|| {
        "a key is one letter, or esc, enter, tab, space, up, pgdn, home, f5 and the like, with ctrl-, alt- or shift-"
            .to_owned()
    }))
}

/// The letter of the key that comes with ctrl: control codes know neither capitals nor digits.
fn controlled(letter: char) -> char {
    match letter {
        '4' => '\\',
        '5' => ']',
        '6' => '^',
        '7' => '_',
        letter => letter.to_ascii_lowercase(),
    }
}

/// What a Chinese input method types where the key is meant.
fn half_width(letter: char) -> char {
    match letter {
        '、' | '／' => '/',
        '　' => ' ',
        // The full-width forms of ASCII lie in the same order.
        '！'..='～' => u8::try_from(letter as u32 - '！' as u32).map_or(letter, |n| (b'!' + n) as char),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes() -> impl Strategy<Value = KeyCode> {
        let named: Vec<_> = NAMES.iter().map(|(_, code)| *code).collect();
        prop_oneof![
            any::<char>()
                .prop_filter("what a key types", |letter| code(&letter.to_string()).is_ok())
                .prop_map(KeyCode::Char),
            prop::char::range('!', '~').prop_map(KeyCode::Char),
            prop::sample::select(named),
            (1..=MOST_F).prop_map(KeyCode::F),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(code in codes(), held in 0_u8..8) {
            let stroke = Stroke::new(code, KeyModifiers::from_bits_truncate(held));
            prop_assert_eq!(Stroke::parse(&stroke.to_string()), Ok(stroke));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}") {
            if let Ok(stroke) = Stroke::parse(&text) {
                prop_assert_eq!(Stroke::parse(&stroke.to_string()), Ok(stroke), "{}", text);
            }
        }
    }

    #[test]
    fn keys_are_written_in_many_ways() {
        for (written, called) in [
            ("f", "f"),
            ("F", "F"),
            ("shift-f", "F"),
            ("Ctrl+X", "ctrl-x"),
            ("^x", "ctrl-x"),
            ("^", "^"),
            ("C-x", "ctrl-x"),
            ("M-x", "alt-x"),
            ("alt-ctrl-x", "ctrl-alt-x"),
            ("option-X", "alt-X"),
            ("Shift-Tab", "shift-tab"),
            ("backtab", "shift-tab"),
            ("Return", "enter"),
            ("ESC", "esc"),
            ("PageUp", "pgup"),
            ("ctrl-page-down", "ctrl-pgdn"),
            ("left", "←"),
            ("shift-↓", "shift-↓"),
            ("F5", "f5"),
            (" ", "space"),
            ("-", "-"),
            ("+", "+"),
            ("alt--", "alt--"),
            ("minus", "-"),
            ("ctrl-4", "ctrl-\\"),
            ("？", "?"),
            ("ｃｔｒｌ－ｘ", "ctrl-x"),
            ("、", "/"),
            ("键", "键"),
        ] {
            assert_eq!(Stroke::parse(written).map(|stroke| stroke.to_string()), Ok(called.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_is_no_key_is_told_with_what_to_write() {
        for (written, help) in [
            ("", "[] is no key"),
            ("g g", "sequences"),
            ("gg", "one letter"),
            ("entr", "did you mean `enter`?"),
            ("f13", "one letter"),
            ("ctrl-", "one letter"),
            ("super-x", "do not pass super on"),
            ("cmd-s", "do not pass cmd on"),
            ("shift-/", "write what it types"),
            ("ctrl-shift-x", "write ctrl-x"),
            ("\u{200b}", "no key types this"),
        ] {
            let told = Stroke::parse(written).unwrap_err();
            assert!(told.contains(help), "{written}: {told}");
        }
    }

    #[test]
    fn what_terminals_send_alike_is_known() {
        for (written, sent) in [
            ("ctrl-i", "tab"),
            ("ctrl-m", "enter"),
            ("ctrl-[", "esc"),
            ("ctrl-h", "backspace"),
            ("ctrl-/", "ctrl-_"),
            ("ctrl-@", "ctrl-space"),
            ("ctrl-;", ";"),
            ("ctrl-1", "1"),
            ("ctrl-alt-i", "alt-tab"),
            ("ctrl-enter", "enter"),
            ("shift-enter", "enter"),
            ("ctrl-tab", "tab"),
            ("alt-esc", "esc"),
        ] {
            let told = Stroke::parse(written).unwrap().unsure();
            assert_eq!(told.as_deref(), Some(&*format!("terminals send `{written}` as `{sent}`")));
        }
        assert!(Stroke::parse("alt-[").unwrap().unsure().unwrap().contains("begin the codes"));
        for sure in ["ctrl-x", "ctrl-\\", "ctrl-space", "alt-x", "alt-enter", "shift-tab", "shift-↓", "ctrl-pgup", "F5"]
        {
            assert_eq!(Stroke::parse(sure).unwrap().unsure(), None, "{sure}");
        }
    }
}
