//! The user's file: feeds, what they have in common, and how the screen looks.
//!
//! Pure: text in, a checked [`Config`] out, or everything that is wrong with it at once, each with its place and a remedy.
//! Nothing is read besides: placeholders stay [`Template`]s, paths stay texts, and profiles stay names. [`crate::plan`] makes
//! feeds of them, and finds the place of its own complaints by [`Config::blame`].

mod alarm;
mod feed;
mod filters;
mod keys;
mod sets;
mod theme;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::Value as Json;

pub use self::sets::Set;

use crate::app::columns::{Column, Columns};
use crate::app::keymap::Keymap;
use crate::app::theme::Themes;
use crate::event::alarm::Rules;
use crate::profile::diagnostic::{Diagnostic, Origin, Problems, Severity, Source};
use crate::profile::reader::{self, Reader};
use crate::profile::template::Template;
use crate::profile::{Stale, tree};
use crate::say::Lang;

/// A configuration in which nothing is wrong by itself.
#[derive(Clone, Default)]
pub struct Config {
    /// In the order of the file.
    pub feeds: Vec<Feed>,
    pub ui: Ui,
    pub themes: Themes,
    pub alarm: Option<Rules>,
    /// The names of filters and their texts.
    pub filters: Vec<(String, String)>,
    /// The defaults, where it does not say otherwise.
    pub keys: Keymap,
    /// What its relative paths are relative to.
    pub dir: PathBuf,
    source: Option<Arc<Source>>,
}

/// A value, and which bytes of the file it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot<T> {
    pub value: T,
    pub at: Range<usize>,
}

/// One `[feed.NAME]`, with what `[defaults]` says where it is silent.
#[derive(Clone)]
pub struct Feed {
    pub name: Spot<String>,
    /// Where there is none, the profile must have one.
    pub url: Option<Spot<Template>>,
    pub profile: Option<Spot<String>>,
    /// `NAME` or `NAME:KEY=VALUE,..` each; nothing: those that the profile switches on.
    pub services: Option<Vec<Spot<Template>>>,
    /// What the tables of services say.
    pub specs: Vec<ServiceTable>,
    pub sets: Vec<Set>,
    pub headers: Vec<(String, Spot<Template>)>,
    pub subprotocols: Vec<String>,
    pub group: Option<String>,
    pub ca_file: Option<Spot<String>>,
    pub client_cert: Option<Spot<String>>,
    pub client_key: Option<Spot<String>>,
    pub server_name: Option<Spot<String>>,
    pub proxy: Option<Spot<Template>>,
    pub insecure: bool,
    /// One that is off is watched only when it is named.
    pub enabled: bool,
}

/// One `[feed.NAME.service."NAME"]`.
#[derive(Clone)]
pub struct ServiceTable {
    pub name: Spot<String>,
    /// Each name with the place of that name.
    pub params: Vec<(Spot<String>, Param)>,
    pub stale: Option<Stale>,
    pub enabled: Option<bool>,
}

/// A parameter of a service. Text may have placeholders.
#[derive(Clone)]
pub enum Param {
    Text(Spot<Template>),
    Plain(Json),
}

/// How the screen is to look, as far as the file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ui {
    pub color: Option<When>,
    /// Marks and frames in ASCII, or not, whatever the locale says.
    pub ascii: Option<bool>,
    /// The most frames a second.
    pub fps: Option<u8>,
    pub lang: Option<Lang>,
    /// Times in UTC instead of the user's zone.
    pub utc: bool,
    /// What stands before a message.
    pub columns: Option<Columns>,
    /// Clicks and the wheel are taken from the terminal.
    pub mouse: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// The most frames a second that may be asked for.
pub const MOST_FPS: u8 = 60;

/// What is not known here, and what to do instead.
const HINTS: &[(&str, &str)] = &[
    ("filters", "filters have a table of their own: [filter] with a line NAME = \"TEXT\" for each"),
    ("themes", "each theme has a table of its own: [theme.NAME]"),
    ("feeds", "each feed has a table of its own: [feed.NAME]"),
    ("url", "it stands in the table of its feed: [feed.NAME]"),
    ("profile", "it stands in the table of its feed, [feed.NAME], or in [defaults]"),
    ("service", "services belong to a feed: [feed.NAME.service.\"NAME\"]"),
    ("services", "services belong to a feed: [feed.NAME]"),
    ("headers", "headers belong to a feed: [feed.NAME]"),
];

const UI_HINTS: &[(&str, &str)] = &[
    ("colour", "it is called `color`"),
    ("language", "it is called `lang`"),
    ("colors", "colours stand in a theme: [theme.NAME]"),
    ("colours", "colours stand in a theme: [theme.NAME]"),
];

impl Config {
    /// Reads the text of a file.
    pub fn parse(source: Source) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Problems::default();
        let kept = Arc::new(source.clone());
        let (number, table) = tree::parse(&mut problems, source);
        let config = table.map(|table| {
            let mut top = Reader::new(&problems, &table, Origin::new(number, 0..0));
            top.hints(HINTS);
            let mut themes = theme::themes(&mut top);
            let ui = top.table("ui").map(|table| ui(table, &mut themes)).unwrap_or_default();
            let filters = top.table("filter").map(|table| filters::filters(&problems, &table)).unwrap_or_default();
            let alarm = top.table("alarm").map(alarm::alarm);
            let keys = top.table("keys").map(|table| keys::keys(&problems, &table)).unwrap_or_default();
            let defaults = top.table("defaults").map(feed::defaults).unwrap_or_default();
            let feeds = top.table("feed").map(|feeds| feed::feeds(&feeds, &defaults)).unwrap_or_default();
            top.finish();
            Self { feeds, ui, themes, alarm, filters, keys, dir: PathBuf::new(), source: Some(kept) }
        });
        match config {
            Some(config) if problems.count() == 0 => Ok(config),
            Some(_) | None => Err(problems.into_diagnostics()),
        }
    }

    pub fn feed(&self, name: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.name.value == name)
    }

    /// What the file is called, if there is one.
    pub fn file(&self) -> Option<&str> {
        self.source.as_ref().map(|source| source.name.as_str())
    }

    /// Something that turned out to be wrong with a place of the file.
    pub fn blame(&self, at: &Range<usize>, message: impl Into<String>, help: Option<String>) -> Diagnostic {
        let source = self.source.clone().unwrap_or_else(|| Arc::new(Source::new("configuration", "")));
        Diagnostic { severity: Severity::Error, message: message.into(), help, source, span: at.clone() }
    }

    /// An error of a profile; one with a `set` of the file is told with its place there.
    pub fn retold(&self, error: Diagnostic, sets: &[Set]) -> Diagnostic {
        sets::told_in_file(error, sets, |at| self.blame(at, "", None))
    }

    /// The part of a text at `at` that spells `part`; the whole where it is spelled otherwise.
    pub fn part(&self, at: &Range<usize>, part: &str) -> Range<usize> {
        let written = self.source.as_ref().and_then(|source| source.text.get(at.clone())).unwrap_or_default();
        written.find(part).map_or_else(|| at.clone(), |start| at.start + start..at.start + start + part.len())
    }
}

impl<T> Spot<T> {
    fn new(value: T, at: Origin) -> Self {
        Self { value, at: at.start..at.end }
    }
}

fn ui(mut table: Reader<'_>, themes: &mut Themes) -> Ui {
    table.hints(UI_HINTS);
    theme::chosen(&mut table, themes);
    let when = [("auto", When::Auto), ("always", When::Always), ("never", When::Never)];
    let words = Column::ALL.map(|column| (column.word(), column));
    let columns = table.get("columns").map(|node| {
        let columns =
            reader::items(node).iter().filter_map(|node| reader::choice(table.problems(), node, "columns", &words));
        Columns::of(&columns.collect::<Vec<_>>())
    });
    let ui = Ui {
        columns,
        color: table.choice("color", &when),
        ascii: table.bool("ascii"),
        fps: table.integer("fps", 1, u64::from(MOST_FPS)).and_then(|fps| u8::try_from(fps).ok()),
        lang: table.choice("lang", &[("en", Lang::En), ("zh-CN", Lang::ZhCn)]),
        utc: table.bool("utc").unwrap_or_default(),
        mouse: table.bool("mouse"),
    };
    table.finish();
    ui
}

#[cfg(test)]
mod tests;
