//! Causes, outages and states as sentences, by language.
//!
//! Every sentence stands once, its languages side by side in one call of `both!`: a new one cannot forget a language, and
//! the placeholders of each are checked by the compiler. Single words for panes and keys are rows of [`Label`].
//! Texts and names from outside pass the sanitiser here. It decides nothing and knows no style and no layout.

/// The sentence in the language asked for, from one row with one format string a language. Both see the same variables.
macro_rules! both {
    ($lang:expr, $en:literal, $zh:literal $(,)?) => {
        match $lang {
            crate::say::Lang::En => format!($en),
            crate::say::Lang::ZhCn => format!($zh),
        }
    };
}

mod alarm;
mod cause;
mod codes;
pub mod coming;
pub mod control;
pub mod empty;
mod faults;
mod happening;
mod label;
mod layers;
mod outage;
pub mod panes;
pub mod relay;
pub mod screen;
mod state;
mod steps;
mod together;
mod verdict;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::alarm::{alarm, alarms};
pub use self::cause::{why, why_short};
pub use self::codes::{close_code, http_status};
pub use self::faults::{about_service, fault_words, for_so_long, no_service};
pub use self::happening::{fault, happening};
pub use self::label::Label;
pub use self::layers::{Ill, layered, layered_short};
pub use self::outage::{
    bars_to_now, data_back, dialed, lasted, missed_count, no_outage, noticed, outage, outages_of, tries,
};
pub use self::state::{
    beat_rule, dead_rule, dial_phase_word, due, due_lead, link_word, link_word_short, phase_word, service_word,
};
pub use self::steps::{steps, steps_together};
pub use self::together::{among, here, still_answer, together, together_short};
pub use self::verdict::{
    all_stopped, and_more, feeds_dialing, feeds_live, feeds_need_you, feeds_need_you_short, frozen, none_answers,
    others_answer, paused_by_you, probing, refused_service, retrying, sampled, stale_service, unacked_service,
};

use crate::text;

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "en")]
    En,
    #[serde(rename = "zh-CN")]
    ZhCn,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// The tag that the user writes (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// The language for a locale of the environment, such as `zh_CN.UTF-8`; English for all that are not spoken here.
    pub fn of_locale(locale: &str) -> Self {
        let locale = locale.to_ascii_lowercase();
        if locale == "zh" || locale.starts_with("zh_") || locale.starts_with("zh-") || locale.starts_with("zh.") {
            Self::ZhCn
        } else {
            Self::En
        }
    }

    const fn pick(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::ZhCn => zh,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(tag: &str) -> Result<Self, UnknownLang> {
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(tag)).ok_or(UnknownLang)
    }
}

/// Not a language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLang;

impl fmt::Display for UnknownLang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("languages: en, zh-CN")
    }
}

impl std::error::Error for UnknownLang {}

/// The columns that somebody else's words may take in a sentence of ours.
const THEIR_WORDS: usize = 240;

/// The columns that a name may take in a sentence.
const A_NAME: usize = 60;

/// What a server or the system said, safe and bounded.
fn words(raw: &str) -> String {
    text::clean_bytes(raw.trim().as_bytes(), THEIR_WORDS)
}

/// A name, safe and bounded; `?` where it is not known.
fn name(raw: &str) -> String {
    named(raw, A_NAME)
}

/// Where a dial went, and by which way, likewise.
fn place(raw: &str) -> String {
    named(raw, THEIR_WORDS)
}

fn named(raw: &str, columns: usize) -> String {
    match raw.trim() {
        "" => "?".to_owned(),
        raw => text::clean_bytes(raw.as_bytes(), columns),
    }
}

/// `: words`, or nothing where there are none.
fn after_colon(lang: Lang, raw: &str) -> String {
    let words = words(raw);
    if words.is_empty() { words } else { both!(lang, ": {words}", "：{words}") }
}

/// `, "words"`, or nothing where there are none.
fn quoted(lang: Lang, raw: &str) -> String {
    let words = words(raw);
    if words.is_empty() { words } else { both!(lang, ", \"{words}\"", "，\"{words}\"") }
}

/// The English plural.
const fn s(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests;
