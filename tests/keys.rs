//! Keys that the user chose: on every screen that tells of keys, and under the fingers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[expect(dead_code, reason = "other tests need more of it")]
mod feed_server;
#[expect(dead_code, reason = "other tests need more of it")]
mod support;
#[expect(dead_code, reason = "other tests need more of it")]
mod user;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use support::{NOW, at, buffer, text, trouble};
use wirebeat::app::App;
use wirebeat::app::keymap::{Keymap, Mode};
use wirebeat::config::Config;
use wirebeat::profile::diagnostic::Source;
use wirebeat::run::End;
use wirebeat::say::Lang;

use feed_server::{FeedServer, Manners, sub};
use user::{User, feed, sit_set};

fn keymap(text: &str) -> Keymap {
    match Config::parse(Source::new("config.toml", text)) {
        Ok(config) => config.keys,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// Every key that a screen may name, and some of other screens.
const OTHERS: &str = r#"
[keys]
open-help = "f12"
quit = "f10"
open-commands = "f9"
open-filter = "f3"
open-inspect = "f4"
freeze = "f5"
zoom = "f6"
open-outages = "f7"
dial = "f8"
sort = "ctrl-o"
acknowledge = "ctrl-a"
mute = "ctrl-t"
next-pane = "ctrl-n"
next-service = "ctrl-r"
last = "ctrl-e"
next-match = "alt-n"
previous-match = "alt-p"
[keys.inspect]
unfold = "alt-→"
[keys.question]
yes = "Y"
"#;

fn press(app: &mut App, key: KeyCode) {
    app.press(KeyEvent::from(key), at(NOW));
}

fn type_in(app: &mut App, text: &str) {
    text.chars().for_each(|letter| press(app, KeyCode::Char(letter)));
}

fn shown(app: &App, width: u16, height: u16) -> String {
    text(&buffer(app, NOW, width, height))
}

fn rebound(lang: Lang) -> App {
    let mut app = trouble();
    app.look.lang = lang;
    app.rebind(keymap(OTHERS));
    app
}

/// The words of a key in the footer, as the default and as the user has it.
fn hints(mode: Mode, lang: Lang) -> Vec<(String, String)> {
    let (default, now) = (Keymap::default(), keymap(OTHERS));
    let now: Vec<_> = now.hints(mode, lang).map(|(label, hint)| format!("{label} {hint}")).collect();
    let before = default.hints(mode, lang).map(|(label, hint)| format!("{label} {hint}"));
    before.zip(now).filter(|(before, now)| before != now).collect()
}

#[test]
fn footer_rules_and_titles_name_the_keys_of_the_user() {
    for lang in Lang::ALL {
        let app = rebound(lang);
        let wide = shown(&app, 200, 40);
        let changed = hints(Mode::Main, lang);
        assert!(changed.len() > 8, "{changed:?}");
        for (before, now) in changed {
            assert!(wide.contains(&now), "{now} in {wide}");
            for (width, height) in [(200, 40), (118, 36), (80, 24), (60, 16), (40, 10)] {
                let screen = shown(&app, width, height);
                assert!(!screen.contains(&format!(" {before} ")), "{before} at {width} in {screen}");
            }
        }
        let mut scrolled = rebound(lang);
        for key in [KeyCode::F(4), KeyCode::Esc, KeyCode::F(3)] {
            press(&mut scrolled, key);
        }
        type_in(&mut scrolled, "price");
        press(&mut scrolled, KeyCode::Tab);
        let screen = shown(&scrolled, 118, 36);
        assert!(screen.contains("alt-n alt-p"), "{screen}");
    }
}

#[test]
fn help_and_palette_tell_the_keys_of_the_user() {
    for (lang, freeze) in [(Lang::En, "freeze the view"), (Lang::ZhCn, "冻结画面")] {
        let mut app = rebound(lang);
        press(&mut app, KeyCode::Char('?'));
        let help = shown(&app, 118, 70);
        let line = help.lines().find(|line| line.contains(freeze)).unwrap_or_else(|| panic!("{help}"));
        assert!(line.contains(" f5 "), "{line}");
        assert!(help.contains("f12 ? "), "{help}");
        press(&mut app, KeyCode::F(12));
        assert_eq!(app.mode(), Mode::Main, "what opens it closes it");
        press(&mut app, KeyCode::F(9));
        type_in(&mut app, "freeze");
        let palette = shown(&app, 118, 36);
        let line = palette.lines().find(|line| line.contains(freeze)).unwrap_or_else(|| panic!("{palette}"));
        assert!(line.contains(" f5 "), "{line}");
    }
}

#[test]
fn what_has_no_key_is_in_the_palette_and_in_no_footer() {
    for lang in Lang::ALL {
        let mut app = trouble();
        app.look.lang = lang;
        app.rebind(keymap(
            "[keys]\nzoom = []\nopen-outages = []\nacknowledge = []\nmute = []\ndial = []\nsort = []\nquit = []\n\
             next-match = []\nprevious-match = []\nopen-filter = []\nlast = []\nnext-service = []\nnext-pane = []\n",
        ));
        for (width, height) in [(200, 40), (118, 36), (80, 24), (60, 16), (40, 10)] {
            let screen = shown(&app, width, height);
            for gone in ["z zoom", "z 放大", "t outages", "t 断线", "· m", "o sort", "o 排序", ": →", "：→", "  q "]
            {
                assert!(!screen.contains(gone), "{gone} at {width} in {screen}");
            }
        }
        press(&mut app, KeyCode::Char('n'));
        assert!(app.note.is_none());
        press(&mut app, KeyCode::Char(':'));
        type_in(&mut app, "zoom");
        press(&mut app, KeyCode::Enter);
        assert!(app.zoom, "an action is found by its name, with or without a key");
        app.rebind(Keymap::default());
        press(&mut app, KeyCode::Char('z'));
        assert!(!app.zoom, "keys may change while running");
    }
}

/// Freeze, switch, move and quit with keys of one's own; those of before are nothing, and letters stay text.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_drives_with_keys_of_their_own() {
    let keys = "[keys]\nfreeze = 'P'\nzoom = ['Z', 'ctrl-f']\nmute = []\ntoggle-service = 'alt-enter'\nopen-filter = 'f'\n\
                quit = 'Q'\nnext-service = ['e', 'right']\n[keys.filter]\nhide-or-mark = 'f2'\n";
    let mut server = FeedServer::start(Manners { every: None, answers: true }).await;
    let feeds = vec![feed(0, "market", &server.url(), "sub-heartbeat", &["业务1", "业务2"], &[])];
    let server = &mut server;
    let end = sit_set(
        feeds,
        (100, 30),
        |app| app.rebind(keymap(keys)),
        async move |mut user: User| {
            server.hears(&sub("业务2")).await;
            user.sees("the keys of the user", |screen| screen.contains("P freeze") && screen.contains("Q quit")).await;
            user.press("qzpm").await;
            user.press("Ｐ").await;
            user.sees_text("frozen").await;
            user.press("P").await;
            user.sees("going on, and not zoomed", |screen| !screen.contains("frozen") && screen.contains("Z zoom"))
                .await;
            user.press("e").await;
            user.does(Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT))).await;
            server.hears(&sub("业务2").replace("sub", "unsub")).await;
            user.press("fQeP").await;
            user.sees_text("/QeP").await;
            user.does(Input::Key(KeyEvent::from(KeyCode::F(2)))).await;
            user.sees_text("marks, n N jump").await;
            user.does(Input::Key(KeyEvent::from(KeyCode::Esc))).await;
            user.press("?").await;
            user.sees("the help", |screen| screen.contains("P  freeze the view") && !screen.contains("mute the")).await;
            user.press("qQ").await;
        },
    )
    .await;
    assert_eq!(end, End::Quit);
}
