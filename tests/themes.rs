//! Themes on the screen: every letter legible on what it stands on, in every state; chosen by option, by configuration
//! and live; and not there where there are no colours.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "made for many tests")]
mod pty;
#[expect(dead_code, reason = "other tests need more of it")]
mod support;

use std::process::Command;

use crossterm::event::{KeyCode, KeyEvent};
use pty::Pty;
use ratatui::style::{Color, Modifier};
use support::{NOW, alone, at, buffer, text, trouble};
use wirebeat::app::App;
use wirebeat::app::theme::{Depth, TERMINAL, bundled};
use wirebeat::app::tint::Rgb;
use wirebeat::event::{Due, Fault, FaultState, Phase};
use wirebeat::text::width;

fn press(app: &mut App, keys: &str) {
    for letter in keys.chars() {
        let code = match letter {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '↓' => KeyCode::Down,
            '\u{1b}' => KeyCode::Esc,
            letter => KeyCode::Char(letter),
        };
        app.press(KeyEvent::from(code), at(NOW));
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others are the terminal's own")]
fn colour(colour: Color) -> Rgb {
    match colour {
        Color::Rgb(red, green, blue) => Rgb(red, green, blue),
        Color::Indexed(index) => Rgb::indexed(index),
        other => panic!("{other:?} is no colour of a theme"),
    }
}

/// Every state of a feed, every popup, a drill, a filter.
fn scenes() -> Vec<App> {
    let mut all = vec![trouble(), alone(|snapshot| snapshot.phase = Phase::Stopped)];
    all.push(alone(|snapshot| snapshot.due = Some((Due::Beat, at(NOW - 5.0), at(NOW + 3.0)))));
    for keys in ["?", "t", "t\n", "\n", "\n\t", "v", "c", ":", "x", "s", "/price", "/price\nn", "f", "H"] {
        let mut app = trouble();
        app.faults_allowed = true;
        press(&mut app, keys);
        all.push(app);
    }
    let mut drill = trouble();
    drill.announce(Fault {
        name: "freeze".to_owned(),
        state: FaultState::On,
        text: "the server is silent".to_owned(),
        until: Some(at(NOW + 9.0)),
    });
    all.push(drill);
    all
}

#[test]
fn every_letter_is_legible_in_every_state() {
    for depth in [Depth::True, Depth::Indexed] {
        for theme in bundled() {
            let mut letters = 0;
            for mut app in scenes() {
                app.look.themes.depth = depth;
                assert!(app.look.themes.choose(&theme.name));
                let buffer = buffer(&app, NOW, 118, 30);
                for (n, cell) in buffer.content.iter().enumerate() {
                    // What lies under the second half of a wide letter is never drawn.
                    if n > 0 && width(buffer.content[n - 1].symbol()) > 1 {
                        continue;
                    }
                    assert!(
                        cell.fg != Color::Reset && cell.bg != Color::Reset,
                        "a hole at {n}: {cell:?}\n{}",
                        text(&buffer)
                    );
                    let (mut front, mut back) = (colour(cell.fg), colour(cell.bg));
                    assert!(!cell.modifier.contains(Modifier::DIM), "{}: a theme dims nothing", theme.name);
                    if cell.modifier.contains(Modifier::REVERSED) {
                        std::mem::swap(&mut front, &mut back);
                    }
                    let contrast = front.contrast(back);
                    if cell.symbol() != " " {
                        letters += 1;
                        assert!(contrast >= 3.0, "{} {:?}: {contrast:.1}\n{}", theme.name, cell, text(&buffer));
                    }
                }
            }
            assert!(letters > 10_000, "{letters}");
        }
    }
}

#[test]
fn the_text_is_the_same_in_every_theme() {
    let plain = text(&buffer(&trouble(), NOW, 100, 30));
    for theme in bundled() {
        let mut app = trouble();
        app.look.themes.depth = Depth::True;
        app.look.themes.choose(&theme.name);
        assert_eq!(text(&buffer(&app, NOW, 100, 30)), plain);
    }
}

#[test]
fn without_colours_a_theme_is_nothing() {
    let plain = |app: &App| buffer(app, NOW, 100, 30);
    let mut without = trouble();
    without.look.colour = false;
    let mut themed = trouble();
    themed.look.colour = false;
    themed.look.themes.depth = Depth::True;
    themed.look.themes.choose("day");
    assert_eq!(plain(&themed), plain(&without));
    assert!(themed.unseen_theme().unwrap().contains("colours are off"));
    let mut of_sixteen = trouble();
    of_sixteen.look.themes.choose("day");
    assert_eq!(plain(&of_sixteen), plain(&trouble()));
    assert!(of_sixteen.unseen_theme().unwrap().contains("16 colours"));
}

#[test]
fn the_palette_lists_themes_shows_each_and_takes_one() {
    let mut app = trouble();
    app.look.themes.depth = Depth::True;
    let ground = |app: &App| buffer(app, NOW, 100, 30).content[0].bg;
    let of = |name: &str| {
        let theme = bundled().into_iter().find(|theme| theme.name == name).unwrap();
        let Rgb(red, green, blue) = theme.tints.of(wirebeat::app::tint::Tint::Ground);
        Color::Rgb(red, green, blue)
    };
    press(&mut app, ":theme");
    let shown = text(&buffer(&app, NOW, 100, 30));
    for name in bundled().iter().map(|theme| theme.name.as_str()).chain([TERMINAL]) {
        assert!(shown.contains(&format!("theme {name}")), "{name}\n{shown}");
    }
    assert_eq!(ground(&app), Color::Reset);
    press(&mut app, "↓");
    assert_eq!(ground(&app), of("night"));
    press(&mut app, "↓");
    assert_eq!(ground(&app), of("day"));
    press(&mut app, "\u{1b}");
    assert_eq!(ground(&app), Color::Reset, "it was only looked at");
    press(&mut app, ":theme safe-d\n");
    assert_eq!((ground(&app), app.popup), (of("safe-day"), None));
    press(&mut app, ":theme ");
    assert_eq!(ground(&app), of("safe-day"), "the one that is worn comes first");
    press(&mut app, "dya\n");
    assert!(text(&buffer(&app, NOW, 100, 30)).contains("no theme dya; did you mean day?"));
    assert_eq!(ground(&app), of("safe-day"));
    press(&mut app, "\u{1b}:theme term\n");
    assert_eq!(ground(&app), Color::Reset);
}

fn wirebeat(args: &[&str], variables: &[(&str, &str)]) -> Pty {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wirebeat"));
    program.args(args).env("LC_ALL", "C.UTF-8").env("TERM", "xterm").env_remove("COLORTERM");
    program.env_remove("NO_COLOR").env_remove("WIREBEAT_CONFIG").env_remove("WIREBEAT_THEME");
    program.envs(variables.iter().copied());
    Pty::spawn(&program, 30, 100)
}

fn ground(screen: &vt100::Screen) -> vt100::Color {
    screen.cell(29, 99).unwrap().bgcolor()
}

#[test]
fn a_terminal_of_all_colours_gets_the_theme_and_changes_it_live() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let own = "[ui]\ntheme = \"mine\"\n[theme.mine]\nlike = \"day\"\nground = \"#0102f0\"\nplain = \"#ffffff\"\n";
    std::fs::write(&file, own).unwrap();
    let mut pty = wirebeat(&["demo", "--config", file.to_str().unwrap()], &[("COLORTERM", "truecolor")]);
    pty.wait_for("the theme of the file", |screen| {
        screen.contents().contains("LIVE") && ground(screen) == vt100::Color::Rgb(1, 2, 0xf0)
    });
    pty.send(":theme night\r");
    pty.wait_for("another theme", |screen| ground(screen) == vt100::Color::Rgb(0x15, 0x18, 0x1e));
    pty.send(":theme terminal\r");
    pty.wait_for("no theme", |screen| ground(screen) == vt100::Color::Default);
    pty.send("q");
    assert_eq!(pty.finish().status.code(), Some(0));
}

#[test]
fn fewer_colours_get_the_nearest_or_one_line() {
    let mut pty = wirebeat(&["demo", "--theme", "night"], &[("TERM", "xterm-256color")]);
    pty.wait_for("the nearest", |screen| {
        screen.contents().contains("LIVE") && ground(screen) == vt100::Color::Idx(234)
    });
    pty.send("q");
    pty.finish();
    let mut pty = wirebeat(&["demo", "--theme", "night"], &[]);
    pty.wait_for("why not", |screen| {
        screen.contents().contains("16 colours, too few for night") && ground(screen) == vt100::Color::Default
    });
    pty.send("q");
    pty.finish();
    let mut pty = wirebeat(&["demo"], &[("NO_COLOR", "1"), ("COLORTERM", "truecolor"), ("WIREBEAT_THEME", "day")]);
    pty.wait_for("no colours", |screen| screen.contents().contains("colours are off, so day is not seen"));
    pty.send("q");
    pty.finish();
    let bytes = String::from_utf8(pty.bytes()).unwrap();
    assert!(!bytes.contains("38;2;") && !bytes.contains("48;2;"));
}

#[test]
fn an_unknown_theme_ends_it_with_the_nearest_name() {
    let mut pty = wirebeat(&["demo", "--theme", "nihgt"], &[]);
    assert_eq!(pty.finish().status.code(), Some(2));
    assert!(pty.contents().contains("no theme `nihgt`; did you mean `night`?"), "{}", pty.contents());
}
