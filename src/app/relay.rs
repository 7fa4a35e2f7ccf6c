//! What the screen of a relay knows: its clients, the faults that are on, a line that is typed. It knows no socket, and
//! puts no fault anywhere: it says what is wished.

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::say::Lang;
use crate::say::relay::MENU;
use crate::time::Ts;

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A fault as it is typed.
    Fault(String),
    Clear,
    Quit,
}

/// One client, as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub id: u32,
    pub path: String,
    pub since: Ts,
    pub open: bool,
    pub services: Vec<String>,
    pub messages: u64,
    pub beat: Option<Ts>,
    /// Messages of the last seconds: when a second began, and how many since.
    recent: VecDeque<(Ts, u64)>,
}

/// A rate is that of so long.
const WINDOW: Duration = Duration::from_secs(5);
const MOST_CLIENTS: usize = 200;
const MOST_NEWS: usize = 50;
const LONGEST_LINE: usize = 200;

impl Client {
    pub fn count(&mut self, now: Ts, messages: u64) {
        self.messages += messages;
        match self.recent.back_mut() {
            Some((since, count)) if now - *since < Duration::from_secs(1) => *count += messages,
            Some(_) | None => self.recent.push_back((now, messages)),
        }
        while self.recent.front().is_some_and(|(since, _)| now - *since > WINDOW) {
            self.recent.pop_front();
        }
    }

    /// Messages a second, over the last few.
    pub fn rate(&self, now: Ts) -> f64 {
        let fresh = self.recent.iter().filter(|(since, _)| now - *since < WINDOW);
        let count: u64 = fresh.map(|(_, count)| count).sum();
        let over = WINDOW.min(now - self.since).max(Duration::from_secs(1));
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / over.as_secs_f64()
    }
}

/// All that is shown.
#[derive(Debug, Default)]
pub struct Board {
    pub lang: Lang,
    /// Marks in ASCII only.
    pub ascii: bool,
    pub url: String,
    pub target: String,
    pub clients: Vec<Client>,
    pub dialed: u64,
    /// Names of faults, and until when each is on.
    pub faults: Vec<(String, Ts)>,
    pub services: Vec<String>,
    /// Which of them is chosen.
    pub chosen: usize,
    /// What is typed.
    pub line: Option<String>,
    /// What happened, the latest first.
    pub news: VecDeque<String>,
}

impl Board {
    pub fn client(&mut self, id: u32, now: Ts) -> &mut Client {
        let at = self.clients.iter().position(|client| client.id == id).unwrap_or_else(|| {
            if self.clients.len() >= MOST_CLIENTS {
                self.clients.remove(0);
            }
            self.clients.push(Client { id, since: now, ..Client::default() });
            self.clients.len() - 1
        });
        &mut self.clients[at]
    }

    pub fn gone(&mut self, id: u32) {
        self.clients.retain(|client| client.id != id);
    }

    pub fn tell(&mut self, news: String) {
        self.news.push_front(news);
        self.news.truncate(MOST_NEWS);
    }

    /// The service that faults of one service are about.
    pub fn service(&self) -> Option<&str> {
        self.services.get(self.chosen % self.services.len().max(1)).map(String::as_str)
    }

    pub fn key(&mut self, key: KeyEvent) -> Option<Wish> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (key.code, &mut self.line) {
            (KeyCode::Char('c'), _) if control => Some(Wish::Quit),
            (KeyCode::Esc, line) => {
                *line = None;
                None
            }
            (KeyCode::Enter, line) => line.take().filter(|line| !line.trim().is_empty()).map(Wish::Fault),
            (KeyCode::Backspace, Some(line)) => {
                line.pop();
                None
            }
            (KeyCode::Char(c), Some(line)) => {
                if line.len() < LONGEST_LINE && !control {
                    line.push(c);
                }
                None
            }
            (KeyCode::Char(c), None) => self.command(c),
            _ => None,
        }
    }

    fn command(&mut self, c: char) -> Option<Wish> {
        match c {
            'q' => Some(Wish::Quit),
            'c' => Some(Wish::Clear),
            ':' | '：' => {
                self.line = Some(String::new());
                None
            }
            's' => {
                self.chosen = self.chosen.wrapping_add(1);
                None
            }
            c => {
                let entry = MENU.iter().find(|entry| entry.key == c)?;
                let service = self.service();
                if entry.line.contains("{s}") && service.is_none() {
                    return None;
                }
                let quoted = format!("\"{}\"", service.unwrap_or_default().replace(['"', '\\'], ""));
                Some(Wish::Fault(entry.line.replace("{s}", &quoted)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(board: &mut Board, text: &str) -> Vec<Wish> {
        let keys = text.chars().map(|c| match c {
            '\n' => KeyCode::Enter,
            c => KeyCode::Char(c),
        });
        keys.filter_map(|code| board.key(KeyEvent::new(code, KeyModifiers::NONE))).collect()
    }

    #[test]
    fn keys_are_wishes_and_typed_ones_are_none() {
        let mut board = Board { services: vec!["业务1".into(), "b c".into()], ..Board::default() };
        assert_eq!(press(&mut board, "3"), [Wish::Fault("reset".into())]);
        assert_eq!(press(&mut board, "sm"), [Wish::Fault("mute \"b c\" for 30s".into())]);
        assert_eq!(press(&mut board, ":fin q3\n"), [Wish::Fault("fin q3".into())]);
        assert_eq!(press(&mut board, "cq"), [Wish::Clear, Wish::Quit]);
        assert_eq!(press(&mut Board::default(), "mz:\n"), []);
    }

    #[test]
    fn a_rate_is_that_of_the_last_seconds() {
        let mut client = Client::default();
        for second in 0..20 {
            client.count(Ts::from_millis(second * 1000), 10);
        }
        let rate = client.rate(Ts::from_millis(19_500));
        assert!((9.0..=11.0).contains(&rate), "{rate}");
        assert!(client.rate(Ts::from_millis(60_000)) < 0.1);
    }
}
