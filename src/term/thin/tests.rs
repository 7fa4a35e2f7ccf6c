//! The terminal understands the short words as it understands the long ones, and there are fewer.

use proptest::prelude::*;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use vt100::Parser;

use super::*;

const WIDTH: u16 = 20;
const HEIGHT: u16 = 4;

/// Draws one picture after another, and says what was written, plainly and in short.
fn written(pictures: &[Buffer]) -> (Vec<u8>, Vec<u8>) {
    let mut short = Thin::new(Vec::new());
    let mut plain = Vec::new();
    draw(pictures, &mut plain);
    draw(pictures, &mut short);
    (plain, short.to)
}

fn draw(pictures: &[Buffer], to: &mut dyn Write) {
    let mut backend = CrosstermBackend::new(to);
    let mut last = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
    for picture in pictures {
        backend.draw(last.diff(picture).into_iter()).unwrap();
        backend.hide_cursor().unwrap();
        Backend::flush(&mut backend).unwrap();
        last = picture.clone();
    }
}

/// Every cell as a terminal shows it: its letter, colours and attributes.
fn shown(bytes: &[u8]) -> Vec<String> {
    let mut terminal = Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
    terminal.process(bytes);
    let screen = terminal.screen();
    let places = (0..HEIGHT).flat_map(|row| (0..WIDTH).map(move |column| (row, column)));
    let cells = places.filter_map(|(row, column)| screen.cell(row, column));
    let look = |cell: &vt100::Cell| {
        let attributes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
        format!("{:?} {:?} {:?} {attributes:?}", cell.contents(), cell.fgcolor(), cell.bgcolor())
    };
    cells.map(look).chain([format!("cursor {}", !screen.hide_cursor())]).collect()
}

fn picture() -> impl Strategy<Value = Buffer> {
    let colour = prop_oneof![
        3 => Just(Color::Reset),
        3 => prop::sample::select(vec![Color::Red, Color::Cyan, Color::DarkGray, Color::LightGreen, Color::White]),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<[u8; 3]>().prop_map(|[r, g, b]| Color::Rgb(r, g, b)),
    ];
    // Bold and dim at once are one or the other to the model of a terminal, and which is a matter of order.
    let modifier = prop_oneof![
        3 => Just(Modifier::empty()),
        2 => prop::sample::select(vec![
            Modifier::BOLD,
            Modifier::DIM,
            Modifier::DIM | Modifier::CROSSED_OUT,
            Modifier::REVERSED,
            Modifier::ITALIC | Modifier::UNDERLINED,
        ]),
    ];
    let words = prop::sample::select(vec!["a", "业务1", "{\"k\":", "│", "●", "e\u{301}", "🚀x", "ＡＢ", "  ", "한글"]);
    let word = (0..WIDTH, 0..HEIGHT, words, colour.clone(), colour, modifier);
    prop::collection::vec(word, 0..12).prop_map(|words| {
        let mut picture = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        let plain = Style::new().remove_modifier(Modifier::all());
        for (x, y, word, fg, bg, modifier) in words {
            picture.set_string(x, y, word, plain.fg(fg).bg(bg).add_modifier(modifier));
        }
        picture
    })
}

proptest! {
    #[test]
    fn a_terminal_shows_the_same(pictures in prop::collection::vec(picture(), 1..5)) {
        let (plain, thin) = written(&pictures);
        for (plain, thin) in shown(&plain).into_iter().zip(shown(&thin)) {
            prop_assert_eq!(plain, thin);
        }
        prop_assert!(thin.len() <= plain.len(), "{} of {}", thin.len(), plain.len());
    }

    #[test]
    fn no_bytes_stop_it(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x1b), Just(b'['), Just(b'm')], 0..200)) {
        let mut thin = Thin::new(Vec::new());
        thin.write_all(&bytes).unwrap();
        thin.flush().unwrap();
    }

    /// However a frame is cut on its way.
    #[test]
    fn pieces_are_as_good_as_the_whole(picture in picture(), cut in 1..40_usize) {
        let (plain, whole) = written(&[picture]);
        let mut thin = Thin::new(Vec::new());
        plain.chunks(cut).for_each(|piece| thin.write_all(piece).unwrap());
        thin.flush().unwrap();
        prop_assert_eq!(thin.to, whole);
    }
}

fn short(text: &str) -> String {
    let mut thin = Thin::new(Vec::new());
    thin.write_all(b"\x1b[2J").unwrap();
    thin.flush().unwrap();
    thin.to.clear();
    thin.write_all(text.as_bytes()).unwrap();
    thin.flush().unwrap();
    String::from_utf8(thin.to).unwrap()
}

#[test]
fn what_is_so_already_is_not_said() {
    assert_eq!(short("\x1b[1;1Hab\x1b[1;3Hc"), "\x1b[1;1Habc");
    assert_eq!(short("\x1b[1;1H业\x1b[1;3H务\x1b[1;5H1"), "\x1b[1;1H业务1");
    assert_eq!(short("\x1b[39m\x1b[49m\x1b[59m\x1b[0m"), "");
    assert_eq!(short("\x1b[38;5;6;49mk\x1b[39;49m\x1b[2m:\x1b[22m\x1b[38;5;3;49m1"), "\x1b[36mk\x1b[0;2m:\x1b[0;33m1");
    assert_eq!(short("\x1b[1;2ma\x1b[22;1mb"), "\x1b[1;2ma\x1b[0;1mb", "one number ends bold and dim");
    assert_eq!(short("\x1b[?25la\x1b[?25lb\x1b[?25h"), "\x1b[?25lab\x1b[?25h");
}

/// Some terminals show them in one column, some in two: what follows is put in its place.
#[test]
fn letters_of_doubtful_width_are_followed_by_their_place() {
    assert_eq!(short("\x1b[1;1H●\x1b[1;2Hx"), "\x1b[1;1H●\x1b[1;2Hx");
    assert_eq!(short("\x1b[1;1H🚀\x1b[1;3Hx"), "\x1b[1;1H🚀\x1b[1;3Hx");
}

/// Colours that nobody knows of, such as a shell's, end before the first letter.
#[test]
fn a_cleared_screen_begins_anew() {
    let again = "\x1b[31ma\x1b[0m\x1b[2J\x1b[1;1Hb";
    assert_eq!(short(again), "\x1b[31ma\x1b[m\x1b[2J\x1b[1;1Hb");
}

#[test]
fn what_is_not_known_passes_as_it_is() {
    for text in ["\x1b[4:3m", "\x1b]52;c;QQ==\x07", "\x1b[6n", "\x1b7"] {
        assert!(short(&format!("{text}a")).starts_with(text), "{text:?}");
    }
}
