//! The small screen of a relay: where it is, who is connected, which faults are on and by which keys others begin.

use ratatui::Frame;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::theme;
use crate::app::relay::Board;
use crate::say::empty::no_client;
use crate::say::relay::{MENU, relay_beat, relay_clients, relay_dialing, relay_faults, relay_keys};
use crate::text::{age, clean, cut, exact_secs, fit, rate};
use crate::time::Ts;

/// Columns of one entry of the menu.
const ENTRY: usize = 32;

pub fn draw(frame: &mut Frame<'_>, board: &Board, now: Ts) {
    let area = frame.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let plain = |text: String| Line::from(cut(&text, width).into_owned());
    let strong = |text: String| Line::from(Span::styled(cut(&text, width).into_owned(), bold));
    let mut lines = vec![
        strong(format!("wirebeat proxy  {}", clean(&board.url))),
        plain(format!("  -> {}", clean(&board.target))),
        plain(String::new()),
    ];
    let below = below(board, now, width);
    let room = height.saturating_sub(lines.len() + below.len() + 2);
    let open = board.clients.iter().filter(|client| client.open).count();
    lines.push(strong(relay_clients(board.lang, open, board.dialed)));
    if board.dialed == 0 {
        lines.push(plain(format!("  {}", no_client(board.lang, &board.url))));
    }
    for client in board.clients.iter().rev().take(room.max(1)) {
        let services = client.services.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
        let state = if client.open { age(now - client.since) } else { relay_dialing(board.lang) };
        let beat = relay_beat(board.lang, client.beat.map(|at| now - at));
        let text = format!(
            "  #{} {state}  {}  {}  {beat}  {services}",
            client.id,
            clean(&client.path),
            rate(client.rate(now))
        );
        lines.push(plain(text));
    }
    lines.push(plain(String::new()));
    lines.extend(below.into_iter().map(|(text, is_strong)| if is_strong { strong(text) } else { plain(text) }));
    let room = height.saturating_sub(lines.len());
    lines.extend(board.news.iter().take(room).map(|news| plain(format!("  {}", clean(news)))));
    frame.render_widget(Paragraph::new(lines), area);
    if board.ascii {
        theme::to_ascii(frame.buffer_mut());
    }
}

/// Faults, menu and keys; which of them are strong.
fn below(board: &Board, now: Ts, width: usize) -> Vec<(String, bool)> {
    let on: Vec<_> =
        board.faults.iter().map(|(name, until)| format!("{} {}", clean(name), exact_secs(*until - now))).collect();
    let faults = relay_faults(board.lang, on.is_empty());
    let mut below = vec![(format!("{faults} {}", on.join("   ")), true)];
    let across = (width / ENTRY).clamp(1, 4);
    for row in MENU.chunks(across) {
        let cells = row.iter().map(|entry| fit(&format!("  {} {}", entry.key, entry.words(board.lang)), ENTRY));
        below.push((cells.collect(), false));
    }
    below.push((relay_keys(board.lang, board.service()), true));
    if let Some(line) = &board.line {
        below.push((format!(": {}_", clean(line)), true));
    }
    below
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::say::Lang;

    fn board(lang: Lang) -> Board {
        let mut board = Board {
            lang,
            url: "ws://127.0.0.1:9100/market".into(),
            target: "wss://example.org/market".into(),
            services: vec!["业务1".into()],
            dialed: 7,
            faults: vec![("freeze".into(), Ts::from_millis(16_200))],
            ..Board::default()
        };
        let client = board.client(7, Ts::ZERO);
        client.path = "/market\u{1b}[2J".into();
        client.open = true;
        client.services = vec!["业务1".into(), "trades".into()];
        client.count(Ts::from_millis(9_000), 50);
        client.beat = Some(Ts::from_millis(6_000));
        board.tell("#6 closed\u{202e}".into());
        board
    }

    fn screen(board: &Board, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, board, Ts::from_millis(10_000))).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn it_is_drawn_at_every_size_and_nothing_acts() {
        for lang in Lang::ALL {
            let board = board(lang);
            for width in 1..=70 {
                for height in 1..=26 {
                    let text = screen(&board, width, height);
                    assert!(!text.contains(['\u{1b}', '\u{202e}']));
                }
            }
        }
    }

    /// Words in the letters of their language stay as they are.
    #[test]
    fn ascii_is_ascii() {
        let mut cut = 0;
        for width in 1..=120 {
            let mut board = board(Lang::En);
            board.client(7, Ts::ZERO).services = vec!["trades".into()];
            board.services = vec!["trades".into()];
            cut += usize::from(screen(&board, width, 24).contains('…'));
            board.ascii = true;
            let text = screen(&board, width, 24);
            assert!(text.is_ascii(), "{width}\n{text}");
        }
        assert!(cut > 20, "{cut}");
    }

    #[test]
    fn clients_faults_and_keys_are_there() {
        let text = screen(&board(Lang::En), 100, 24);
        for part in [
            "ws://127.0.0.1:9100/market",
            "#7 10s",
            "10/s",
            "beat 4.0s ago",
            "freeze 6.2s",
            "3 TCP reset",
            "service: 业",
            "#6 closed",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(screen(&board(Lang::ZhCn), 100, 24).contains("TCP 重"));
    }
}
