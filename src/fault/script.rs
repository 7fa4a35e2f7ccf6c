//! Scripts of faults: the TOML that `serve`, `demo`, `proxy` and `drill` share, read into steps with moments. It plays
//! none.
//!
//! ```toml
//! repeat = true            # or a number of rounds; without it: once
//! rest = "8s"              # between the end of the last step and the next round
//!
//! [[step]]
//! at = "12s"               # since the start of the round; or `after = "3s"`: since the end of the step before
//! feed = "/market"         # without it: every feed
//! fault = "gap"            # and what belongs to it, here `service` and `count`
//! service = "业务1"
//! count = 37
//! for = "4s"               # how long it lasts; of what is done at once: how long it is shown
//! warn = "3s"              # so long before, it is announced
//! say = "37 numbers of 业务1 will never come"
//! say_zh = "业务1 将跳过 37 个序号"
//! ```

mod fields;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Cut, Desk, Edit, Fault, Garbage};
use fields::{Fields, nearest};

const TEXT: usize = 1 << 20;
const STEPS: usize = 1_000;
const WARN: Duration = Duration::from_secs(3);
/// How long a fault is shown that is done at once.
const SHOWN: Duration = Duration::from_secs(3);
const REST: Duration = Duration::from_secs(5);
/// Later than this nothing arrives, or a link would have to keep too much.
const LATEST: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// In the order of the file.
    pub steps: Vec<Step>,
    /// `None`: without end.
    pub rounds: Option<u32>,
    pub rest: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Since the start of the round.
    pub at: Duration,
    pub lasts: Duration,
    pub warn: Duration,
    /// `None`: every feed.
    pub feed: Option<Arc<str>>,
    pub fault: Fault,
    pub say: Arc<str>,
    pub say_zh: Arc<str>,
    /// Where it stands in the file, counted from 1.
    pub line: usize,
}

/// What is wrong with a script, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    pub line: usize,
    pub column: usize,
    /// In bytes of the text.
    pub span: Range<usize>,
    pub text: String,
    pub help: Option<String>,
}

/// Everything that is wrong with a script: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptErrors {
    pub name: String,
    pub errors: Vec<ScriptError>,
}

impl fmt::Display for ScriptErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}:{}: {}", self.name, error.line, error.column, error.text)?;
            if let Some(help) = &error.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ScriptErrors {}

impl Script {
    /// Reads a script; `name` is the file's, for the errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScriptErrors> {
        let mut reader = Reader { text, errors: Vec::new() };
        let script = reader.script();
        let mut errors = reader.errors;
        if let (Some(script), true) = (script, errors.is_empty()) {
            return Ok(script);
        }
        errors.sort_by_key(|error| error.span.start);
        Err(ScriptErrors { name: name.to_owned(), errors })
    }

    /// Holds it against the feeds and services that there are.
    pub fn check(&self, name: &str, desk: &impl Desk) -> Result<(), ScriptErrors> {
        let feeds = desk.feeds();
        let mut errors = Vec::new();
        for step in &self.steps {
            let mut wrong = |text: String, help: Option<String>| {
                errors.push(ScriptError { line: step.line, column: 1, span: 0..0, text, help });
            };
            let found: Vec<&String> = match &step.feed {
                None => feeds.iter().collect(),
                Some(feed) => feeds.iter().filter(|known| same_feed(known, feed)).collect(),
            };
            if let (Some(feed), true) = (&step.feed, found.is_empty()) {
                wrong(format!("there is no feed {feed:?}"), nearest(feed, feeds.iter().map(String::as_str)));
            }
            if !desk.can(&step.fault) {
                wrong(format!("{} cannot be done here", step.fault.name()), None);
            }
            for feed in found {
                let services = desk.services(feed);
                if let Some(service) = step.fault.service().filter(|name| !services.iter().any(|known| known == name)) {
                    let help = nearest(service, services.iter().map(String::as_str));
                    wrong(format!("{feed} has no service {service:?}"), help);
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ScriptErrors { name: name.to_owned(), errors }) }
    }

    /// When the last step of a round is over.
    pub fn length(&self) -> Duration {
        self.steps.iter().map(|step| step.at.saturating_add(step.lasts)).max().unwrap_or_default()
    }
}

/// The slash in front may be left out.
pub fn same_feed(one: &str, other: &str) -> bool {
    one.trim_start_matches('/') == other.trim_start_matches('/')
}

const OF_SCRIPT: &[&str] = &["repeat", "rest", "step"];
const OF_STEP: &[&str] = &["at", "after", "feed", "fault", "for", "warn", "say", "say_zh"];
/// Each fault, what belongs to it, and whether it lasts.
pub(super) const FAULTS: [(&str, &[&str], bool); 23] = [
    ("close", &["code", "reason"], false),
    ("reset", &[], false),
    ("fin", &[], false),
    ("half_close", &[], false),
    ("truncate", &[], false),
    ("freeze", &[], true),
    ("blackhole", &[], true),
    ("hang", &[], true),
    ("refuse", &["status", "retry_after", "times", "cut", "code", "reason"], true),
    ("drop_answers", &["quiet"], true),
    ("drop_pongs", &[], true),
    ("latency", &["delay", "jitter"], true),
    ("bandwidth", &["bytes"], true),
    ("bytewise", &[], true),
    ("drop_nth", &["nth", "service"], true),
    ("repeat_nth", &["nth", "service"], true),
    ("reorder_nth", &["nth", "service"], true),
    ("refuse_subscriptions", &["service"], true),
    ("mute", &["service"], true),
    ("gap", &["service", "count"], false),
    ("repeat", &["service", "count"], false),
    ("reorder", &["service", "count"], false),
    ("garbage", &["kinds", "every", "service"], true),
];

struct Reader<'t> {
    text: &'t str,
    errors: Vec<ScriptError>,
}

impl Reader<'_> {
    fn script(&mut self) -> Option<Script> {
        if self.text.len() > TEXT {
            self.wrong(0..0, "the file is too large for a script", None);
            return None;
        }
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.wrong(error.span().unwrap_or_default(), error.message(), None);
        }
        if !errors.is_empty() {
            return None;
        }
        let mut fields = Fields::new(self, root.get_ref(), root.span());
        fields.known(OF_SCRIPT, "a script");
        let rounds = match fields.take("repeat") {
            None => Some(1),
            Some((_, DeValue::Boolean(on))) => (!on).then_some(1),
            Some((span, value)) => Some(fields.whole(&span, value, 1, 1_000_000)),
        };
        let rest = fields.duration("rest").unwrap_or(REST);
        let tables = fields.tables("step");
        if tables.len() > STEPS {
            self.wrong(0..0, "a script has a thousand steps at the most", None);
            return None;
        }
        let mut steps: Vec<Step> = Vec::new();
        for (span, table) in tables {
            let before = steps.last().map_or(Duration::ZERO, |step| step.at.saturating_add(step.lasts));
            if let Some(step) = self.step(span, table, before) {
                steps.push(step);
            }
        }
        if steps.is_empty() && self.errors.is_empty() {
            self.wrong(0..0, "a script has at least one [[step]]", None);
        }
        Some(Script { steps, rounds, rest })
    }

    fn step(&mut self, span: Range<usize>, table: &DeTable<'_>, before: Duration) -> Option<Step> {
        let line = self.place(span.start).0;
        let mut fields = Fields::new(self, table, span);
        let (name_at, name) = fields.required_text("fault")?;
        let Some((name, keys, lasting)) = FAULTS.iter().find(|(known, ..)| *known == name) else {
            let help = nearest(&name, FAULTS.iter().map(|(known, ..)| *known));
            fields.wrong(name_at, &format!("there is no fault {name:?}"), help);
            return None;
        };
        let keys: Vec<&str> = OF_STEP.iter().chain(*keys).copied().collect();
        fields.known(&keys, &format!("a step with fault = {name:?}"));
        let fault = fields.fault(name)?;
        let lasts = match (fields.duration("for"), &fault) {
            (Some(lasts), _) => lasts,
            (None, Fault::Garbage { kinds, every, .. }) => {
                every.saturating_mul(u32::try_from(kinds.len()).unwrap_or(u32::MAX))
            }
            (None, _) if *lasting => {
                fields.wrong(name_at, &format!("{name} lasts, so \"for\" has to say how long"), None);
                SHOWN
            }
            (None, _) => SHOWN,
        };
        let at = match (fields.span("at"), fields.span("after")) {
            (Some(_), Some(second)) => {
                fields.wrong(second, "\"at\" and \"after\" exclude each other", None);
                None
            }
            (Some(_), None) => fields.duration("at"),
            (None, _) => Some(before.saturating_add(fields.duration("after").unwrap_or_default())),
        };
        let warn = fields.duration("warn").unwrap_or(WARN);
        let feed = fields.text("feed").map(|(_, feed)| feed.into());
        let (_, say) = fields.required_text("say")?;
        let say_zh = fields.text("say_zh").map_or_else(|| say.clone(), |(_, text)| text);
        Some(Step { at: at?, lasts, warn, feed, fault, say: say.into(), say_zh: say_zh.into(), line })
    }

    fn wrong(&mut self, span: Range<usize>, text: &str, help: Option<String>) {
        let (line, column) = self.place(span.start);
        self.errors.push(ScriptError { line, column, span, text: text.to_owned(), help });
    }

    /// Line and column of a byte, counted from 1, in characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

impl Fields<'_, '_, '_> {
    /// The fault of that name with what belongs to it.
    fn fault(&mut self, name: &str) -> Option<Fault> {
        Some(match name {
            "freeze" => Fault::Freeze,
            "blackhole" => Fault::Blackhole,
            "hang" => Fault::Hang,
            "refuse" => {
                let status = self.number("status", 400, 599).and_then(|status| u16::try_from(status).ok());
                let retry_after = self.duration("retry_after");
                let times = self.number("times", 1, 1_000_000);
                let cut = match self.text("cut") {
                    None => Some(self.cut("close")?),
                    Some((_, cut)) if cut == "none" => None,
                    Some((_, cut)) if ["close", "reset", "fin"].contains(&cut.as_str()) => Some(self.cut(&cut)?),
                    Some((span, cut)) => {
                        let help = nearest(&cut, ["close", "reset", "fin", "none"].into_iter());
                        self.wrong(span, &format!("links are not cut by {cut:?}"), help);
                        return None;
                    }
                };
                Fault::Refuse { status, retry_after, times, cut }
            }
            "drop_answers" => Fault::DropAnswers { quiet: self.flag("quiet").unwrap_or(false) },
            "latency" => {
                let delay = self.required_duration("delay")?.min(LATEST);
                Fault::Latency { delay, jitter: self.duration("jitter").unwrap_or_default().min(LATEST) }
            }
            "drop_pongs" => Fault::DropPongs,
            "bandwidth" => Fault::Bandwidth { bytes: self.number("bytes", 1, u32::MAX).unwrap_or(1_000).into() },
            "bytewise" => Fault::Bytewise,
            "drop_nth" => self.nth(Edit::Drop),
            "repeat_nth" => self.nth(Edit::Repeat),
            "reorder_nth" => self.nth(Edit::Reorder),
            "refuse_subscriptions" => {
                Fault::RefuseSubscriptions { service: self.text("service").map(|(_, name)| name) }
            }
            "mute" => Fault::Mute { service: self.required_text("service")?.1 },
            "gap" => Fault::Gap { service: self.required_text("service")?.1, count: self.count() },
            "repeat" => Fault::Repeat { service: self.required_text("service")?.1, count: self.count() },
            "reorder" => Fault::Reorder { service: self.required_text("service")?.1, count: self.count() },
            "garbage" => {
                let mut kinds = Vec::new();
                for (span, name) in self.texts("kinds") {
                    if let Some(kind) = Garbage::ALL.into_iter().find(|kind| kind.name() == name) {
                        kinds.push(kind);
                    } else {
                        let help = nearest(&name, Garbage::ALL.into_iter().map(Garbage::name));
                        self.wrong(span, &format!("there is no garbage {name:?}"), help);
                    }
                }
                if kinds.is_empty() {
                    kinds = Garbage::ALL.to_vec();
                }
                let every = self.duration("every").unwrap_or(Duration::from_millis(500));
                Fault::Garbage { kinds, every, service: self.text("service").map(|(_, name)| name) }
            }
            cut => Fault::Cut(self.cut(cut)?),
        })
    }

    fn cut(&mut self, name: &str) -> Option<Cut> {
        match name {
            "reset" => Some(Cut::Reset),
            "fin" => Some(Cut::Fin),
            "half_close" => Some(Cut::HalfClose),
            "truncate" => Some(Cut::Truncate),
            _ => {
                let code = self.number("code", 1000, 4999).and_then(|code| u16::try_from(code).ok()).unwrap_or(1012);
                let (span, reason) = self.text("reason").unwrap_or_default();
                // These never go over the wire (RFC 6455, section 7.4.1), and a control frame is short (5.5).
                if matches!(code, 1004..=1006 | 1015..=2999) {
                    let span = self.span("code").unwrap_or_default();
                    self.wrong(span, &format!("a server does not close with code {code}"), None);
                    return None;
                }
                if reason.len() > 123 {
                    self.wrong(span, "a close frame has no room for more than 123 bytes of reason", None);
                    return None;
                }
                Some(Cut::Close { code, reason })
            }
        }
    }

    fn nth(&mut self, edit: Edit) -> Fault {
        let nth = self.number("nth", 1, 1_000_000).unwrap_or(2);
        Fault::Nth { edit, nth, service: self.text("service").map(|(_, name)| name) }
    }

    fn count(&mut self) -> u32 {
        self.number("count", 1, 1_000_000).unwrap_or(1)
    }
}

/// A value and where it stands.
fn unspan<'v, 'i>(value: &'v Spanned<DeValue<'i>>) -> (Range<usize>, &'v DeValue<'i>) {
    (value.span(), value.get_ref())
}

#[cfg(test)]
mod tests;
