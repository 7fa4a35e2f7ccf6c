//! An explanation as text for people, and as JSON. It knows no router.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::event::{Form, Kind};
use crate::profile::matcher::{Scalar, Subject, Test};
use crate::profile::{Action, Profile, Via};
use crate::text;

/// A row, and all that led to it.
#[derive(Debug)]
pub(super) struct Explained {
    pub(super) body: String,
    pub(super) form: Form,
    /// Which of how many, counted from 1.
    pub(super) part: (usize, usize),
    pub(super) kind: Kind,
    pub(super) service: Option<String>,
    /// The service is one that was given.
    pub(super) known: bool,
    pub(super) key: Option<String>,
    pub(super) seq: Option<u64>,
    /// In microseconds.
    pub(super) lag: Option<i64>,
    /// Why there is none.
    pub(super) untimed: Option<String>,
    /// In microseconds since the Unix epoch.
    pub(super) time: Option<i64>,
    pub(super) tried: Vec<Tried>,
    pub(super) captures: Vec<(String, Option<String>)>,
    /// The server's words to a person.
    pub(super) words: Option<String>,
    pub(super) sends: Option<Result<String, String>>,
    pub(super) action: Action,
    pub(super) trouble: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct Tried {
    pub(super) rule: usize,
    pub(super) kind: Kind,
    pub(super) matched: bool,
    pub(super) conditions: Vec<Condition>,
}

#[derive(Debug)]
pub(super) struct Condition {
    pub(super) wanted: String,
    pub(super) found: Option<String>,
    pub(super) holds: bool,
}

/// A frame is shown up to so many columns.
const SHOWN: usize = 200;

pub(super) fn sentences(profile: &Profile, bytes: usize, binary: bool, rows: &[Explained], more: usize) -> String {
    let form = if binary { "binary" } else { "text" };
    let all = rows.len() + more;
    let mut out = match all {
        0 => format!("{bytes} bytes of {form}: no message in it\n"),
        1 => format!("{bytes} bytes of {form}: one message\n"),
        _ => format!("{bytes} bytes of {form}: {all} messages\n"),
    };
    for row in rows {
        out.push('\n');
        sentence(profile, row, &mut out);
    }
    if more > 0 {
        let _written = writeln!(out, "\nand {more} more");
    }
    out
}

fn sentence(profile: &Profile, row: &Explained, out: &mut String) {
    let (part, parts) = row.part;
    let mut line = |words: std::fmt::Arguments<'_>| {
        let _written = writeln!(out, "{words}");
    };
    let form = match row.form {
        Form::Json => "JSON",
        Form::Text => "text that is not JSON",
        Form::Binary => "bytes that are not text",
    };
    line(format_args!("{part}/{parts}  {}  {}", row.kind.word(), text::cut(&row.body, SHOWN)));
    line(format_args!("     form     {form}"));
    if let Some(trouble) = row.trouble {
        line(format_args!("     trouble  {trouble}"));
    }
    for tried in &row.tried {
        let verdict = if tried.matched { "matches" } else { "does not match" };
        line(format_args!("     rule {}   {verdict} ({})", tried.rule, tried.kind.word()));
        for condition in &tried.conditions {
            let found = condition.found.as_deref().map_or(String::new(), |found| format!("; found {found}"));
            let sign = if condition.holds { "yes" } else { "no " };
            line(format_args!("              {sign}  {}{found}", text::clean(&condition.wanted)));
        }
        if tried.conditions.is_empty() {
            line(format_args!("              yes  it matches everything"));
        }
    }
    if !row.tried.iter().any(|tried| tried.matched) {
        let because = match (profile.rules.len(), row.key.is_some()) {
            _ if row.kind == Kind::Hello => "no rule matches, and a step of the login waits for it: hello",
            (0, true) => "there are no rules, and it names a service: data",
            (0, false) => "there are no rules, and it names no service: other",
            (_, true) => "no rule matches, and it names a service: data",
            (_, false) => "no rule matches, and it names no service: other",
        };
        line(format_args!("     kind     {because}"));
    }
    match (&row.service, &row.key) {
        (Some(service), Some(key)) => {
            let how = match profile.route.via {
                _ if row.known => "",
                Via::Key => ", which is not among those given: it would be discovered",
                Via::Id => ", which is known once a request has had that number",
                Via::Sid => ", which is known once an ack has brought that number",
            };
            line(format_args!("     service  {} (key {}){how}", text::clean(service), text::clean(key)));
        }
        (Some(service), None) => line(format_args!("     service  {}", text::clean(service))),
        (None, _) => line(format_args!("     service  none")),
    }
    match row.seq {
        Some(seq) => line(format_args!("     number   {seq}")),
        None if profile.sequences.is_empty() => {
            line(format_args!("     number   none: the profile has no [[sequence]]"));
        }
        None => line(format_args!("     number   none")),
    }
    match (row.time, row.lag) {
        (Some(time), Some(lag)) => {
            line(format_args!("     time     {} (had it come now: {})", moment(time), delay(lag)));
        }
        _ => match &row.untimed {
            Some(why) => line(format_args!("     time     none: {}", text::clean(why))),
            None => line(format_args!("     time     none")),
        },
    }
    for (name, value) in &row.captures {
        let value = value.as_deref().unwrap_or("nothing is there");
        line(format_args!("     capture  {} = {value}", text::clean(name)));
    }
    if let Some(words) = &row.words {
        line(format_args!("     says     {}", text::clean(words)));
    }
    match &row.sends {
        Some(Ok(said)) => line(format_args!("     sends    {}", text::clean(said))),
        Some(Err(missing)) => line(format_args!("     sends    nothing: {}", text::clean(missing))),
        None => line(format_args!("     sends    nothing")),
    }
    if row.action != Action::None {
        line(format_args!("     then     {}", action(row.action)));
    }
}

pub(super) fn object(row: &Explained) -> Json {
    let tried = |tried: &Tried| {
        let condition = |condition: &Condition| json!({ "wanted": condition.wanted, "found": condition.found, "holds": condition.holds });
        json!({
            "rule": tried.rule,
            "kind": tried.kind.word(),
            "matched": tried.matched,
            "conditions": tried.conditions.iter().map(condition).collect::<Vec<_>>(),
        })
    };
    let captures: serde_json::Map<_, _> =
        row.captures.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "part": row.part.0,
        "parts": row.part.1,
        "form": match row.form { Form::Json => "json", Form::Text => "text", Form::Binary => "binary" },
        "text": row.body,
        "kind": row.kind.word(),
        "rule": row.tried.iter().find(|tried| tried.matched).map(|tried| tried.rule),
        "tried": row.tried.iter().map(tried).collect::<Vec<_>>(),
        "service": row.service,
        "known": row.known,
        "key": row.key,
        "seq": row.seq,
        "time": row.time.map(moment),
        "no_time": row.untimed,
        "delay_us": row.lag,
        "captures": captures,
        "says": row.words,
        "sends": row.sends.as_ref().and_then(|sends| sends.as_ref().ok()),
        "action": action(row.action),
        "trouble": row.trouble,
    })
}

pub(super) fn subject(what: &Subject) -> String {
    match what {
        Subject::Value(pointer) | Subject::Item(pointer) => pointer.to_string(),
        Subject::Key => "@key".to_owned(),
        Subject::Prefix(group) => format!("#prefix.{group}"),
        Subject::Text => "#text".to_owned(),
        Subject::Form => "#form".to_owned(),
    }
}

pub(super) fn test(wanted: &Test) -> String {
    match wanted {
        Test::AnyOf(scalars) => match scalars.as_slice() {
            [one] => format!("is {}", scalar(one)),
            many => format!("is one of {}", many.iter().map(scalar).collect::<Vec<_>>().join(", ")),
        },
        Test::Not(value) => format!("is not {}", scalar(value)),
        Test::Exists(true) => "is there".to_owned(),
        Test::Exists(false) => "is not there".to_owned(),
        Test::Like(regex) => format!("matches {}", regex.as_str()),
    }
}

fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Number(digits) => digits.clone(),
        Scalar::Text(text) => Json::String(text.clone()).to_string(),
    }
}

fn moment(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| format!("{micros} us"), |at| at.to_string())
}

fn delay(micros: i64) -> String {
    let age = text::age(std::time::Duration::from_micros(micros.unsigned_abs()));
    if micros < 0 { format!("{age} ahead of our clock") } else { format!("{age} late") }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::None => "none",
        Action::Retry => "retry",
        Action::RetryNow => "retry-now",
        Action::Backoff => "backoff",
        Action::Rotate => "rotate",
        Action::Resume => "resume",
        Action::Restart => "restart",
        Action::Login => "login",
        Action::Stop => "stop",
    }
}
