//! The pictures of the README, made from real screens: `cargo run --example screens` writes `assets/screens/*.svg`.
//!
//! The real program runs on a pseudo-terminal, in English and in Chinese, with a fault of its own script; a picture is
//! taken when the screen shows what is wanted. It draws nothing itself: what a cell looks like is in `svg`.

#![expect(clippy::unwrap_used, reason = "whoever makes pictures wants to see what broke")]
#![expect(clippy::panic, reason = "whoever makes pictures wants to see what broke")]

#[path = "../../tests/pty/mod.rs"]
#[expect(dead_code, reason = "the tests of the terminal ask for more than pictures do")]
mod pty;
mod svg;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use pty::Pty;
use wirebeat::app::keymap::{Keymap, Mode};
use wirebeat::event::Phase;
use wirebeat::say::{self, Lang};
use wirebeat::time::{Clock, Ts};

const ROWS: u16 = 28;
/// The help is longer.
const HELP_ROWS: u16 = 66;
const COLS: u16 = 118;
/// So much is on the pulse strips.
const MINUTE: Duration = Duration::from_secs(64);
/// The longest wait: for a minute of pulse, and for the fault behind it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A minute of calm fills the pulse strips. The fault ends soon after it was noticed, so that its banner does not hide what
/// the program says of it.
const SCRIPT: &str = r#"
[[step]]
at = "75s"
feed = "/orders"
fault = "blackhole"
for = "5s"
say = "orders goes half-open"
say_zh = "orders 半开"
"#;

fn main() {
    pty::become_program();
    let program = build();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens");
    fs::create_dir_all(&folder).unwrap();
    let script = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    fs::write(script.path(), SCRIPT).unwrap();
    thread::scope(|scope| {
        let stand = |rows, lang| Stand::new(&program, script.path(), rows, &folder, lang);
        for lang in Lang::ALL {
            scope.spawn(move || stand(ROWS, lang).day());
        }
        scope.spawn(move || stand(HELP_ROWS, Lang::En).help());
    });
}

/// The program beside this one, as new as this one.
fn build() -> PathBuf {
    let folder = env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--bin", "wirebeat", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    // What cargo told us of this package would have build scripts run again.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    assert!(cargo.status().unwrap().success(), "the program does not build");
    folder.join("wirebeat")
}

/// A camera before a screen.
struct Stand<'a> {
    pty: Pty,
    folder: &'a Path,
    lang: Lang,
}

impl<'a> Stand<'a> {
    fn new(program: &Path, script: &Path, rows: u16, folder: &'a Path, lang: Lang) -> Self {
        let mut demo = Command::new(program);
        demo.args(["demo", "--lang", lang.tag(), "--script"]).arg(script);
        demo.env("LC_ALL", "C.UTF-8").env("TZ", "Asia/Shanghai").env_remove("NO_COLOR");
        Self { pty: Pty::spawn(&demo, rows, COLS), folder, lang }
    }

    fn day(mut self) {
        let started = Clock::start();
        self.wait("three feeds live", |screen| self.lives(&rows_of(screen)) == 3);
        // What is told to someone new goes with the first key.
        self.pty.send("\x1b");
        self.wait("three feeds live for a minute", |screen| {
            let rows = rows_of(screen);
            // The feeds that beat were just answered.
            let hearts = rows.iter().filter(|row| row.contains('♥')).count();
            self.lives(&rows) == 3 && hearts == 2 && rows[0].contains('●') && started.now() - Ts::ZERO > MINUTE
        });
        self.take("calm");
        for (key, name, shown) in [("i", "figures", "p99"), ("\r", "inspect", "seq ")] {
            self.pty.send(key);
            self.wait(name, |screen| screen.contents().contains(shown));
            self.take(name);
            self.pty.send("q");
            self.wait("three feeds again", |screen| self.lives(&rows_of(screen)) == 3);
        }

        // The feed that will fail.
        self.pty.send("j");
        let retry = say::phase_word(self.lang, Phase::Waiting);
        self.wait("the dead link, and the wait for the next dial", |screen| {
            let rows = rows_of(screen);
            rows[0].contains('✕') && rows.iter().any(|row| row.contains('↻') && row.contains(retry))
        });
        self.take("outage");
        self.quit();
    }

    fn help(mut self) {
        self.wait("three feeds live", |screen| self.lives(&rows_of(screen)) == 3);
        self.pty.send("?");
        let last = Keymap::default().entries(Mode::Main, self.lang).pop().unwrap().1;
        self.wait("the whole help", |screen| screen.contents().contains(last));
        self.take("help");
        self.pty.send("q");
        self.quit();
    }

    fn quit(mut self) {
        self.pty.send("q");
        let end = self.pty.finish();
        assert!(end.status.success(), "{end:?}");
    }

    fn lives(&self, rows: &[String]) -> usize {
        let live = say::phase_word(self.lang, Phase::Open);
        rows.iter().skip(1).filter(|row| row.contains('●') && row.contains(live)).count()
    }

    fn wait(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let clock = Clock::start();
        while !self.pty.look(&wanted) {
            assert!(clock.now() - Ts::ZERO < PATIENCE, "never came: {what}\n{}", self.pty.contents());
            assert!(!self.pty.has_ended(), "ended before: {what}\n{}", self.pty.contents());
            thread::park_timeout(Duration::from_millis(10));
        }
        // The rest of the frame.
        self.pty.wait_for_quiet(Duration::from_millis(8));
    }

    fn take(&self, name: &str) {
        let name = match self.lang {
            Lang::En => format!("{name}.svg"),
            Lang::ZhCn => format!("{name}.{}.svg", self.lang),
        };
        let verdict = self.pty.look(|screen| rows_of(screen).swap_remove(0));
        let title = format!("wirebeat: {}", verdict.split("  ").next().unwrap_or_default().trim());
        fs::write(self.folder.join(name), self.pty.look(|screen| svg::picture(screen, &title))).unwrap();
    }
}

fn rows_of(screen: &vt100::Screen) -> Vec<String> {
    screen.rows(0, COLS).collect()
}
