//! A fault in one line, as a user types it: `latency 200ms jitter 50ms for 30s`. It is read as a step of a script is.

use std::fmt::Write as _;
use std::time::Duration;

use super::script::{FAULTS, Script};
use super::{Fault, ScriptError};

/// How long a fault lasts where the line does not say.
const LASTS: Duration = Duration::from_secs(10);

/// Reads the name of a fault, then what belongs to it: the first value may stand without its key (`mute 业务1`,
/// `refuse 503`, `latency 200ms`), and `for 30s` is how long it lasts. Names with spaces stand in quotes.
pub fn parse_command(line: &str) -> Result<(Fault, Duration), String> {
    let mut words = split(line)?.into_iter();
    let name = words.next().ok_or_else(|| "a fault, and what belongs to it: latency 200ms for 30s".to_owned())?;
    let name = name.replace('-', "_");
    let known = FAULTS.iter().find(|(known, ..)| *known == name);
    let lasting = known.is_some_and(|(_, _, lasting)| *lasting);
    let keys = known.map_or(&[][..], |(_, keys, _)| keys);
    // Of a name that nobody knows, what follows is not the trouble.
    let mut words = words.take(if known.is_some() { usize::MAX } else { 0 }).peekable();
    let mut step = format!("[[step]]\nat = \"0s\"\nsay = \"x\"\nfault = {}\n", text(&name));
    let mut told = false;
    if let (Some(main), Some(first)) = (main_key(&name), words.peek())
        && *first != "for"
        && !keys.contains(&first.as_str())
    {
        field(&mut step, main, &words.next().unwrap_or_default());
    }
    while let Some(key) = words.next() {
        let value = words.next().ok_or_else(|| format!("{key:?} needs a value"))?;
        told |= key == "for";
        field(&mut step, &key, &value);
    }
    if lasting && !told {
        field(&mut step, "for", &format!("{}s", LASTS.as_secs()));
    }
    let script = Script::parse("", &step).map_err(|errors| {
        let said = |error: &ScriptError| match &error.help {
            Some(help) => format!("{} ({help})", error.text),
            None => error.text.clone(),
        };
        errors.errors.first().map_or_else(String::new, said)
    })?;
    let step = script.steps.into_iter().next().ok_or_else(|| "no fault".to_owned())?;
    Ok((step.fault, step.lasts))
}

/// What the first value of a line is, where it has no key.
fn main_key(fault: &str) -> Option<&'static str> {
    match fault {
        "close" => Some("code"),
        "refuse" => Some("status"),
        "latency" => Some("delay"),
        "bandwidth" => Some("bytes"),
        "drop_nth" | "repeat_nth" | "reorder_nth" => Some("nth"),
        "mute" | "gap" | "repeat" | "reorder" | "garbage" | "refuse_subscriptions" => Some("service"),
        _ => None,
    }
}

fn field(step: &mut String, key: &str, value: &str) {
    let value = match key {
        "code" | "status" | "times" | "bytes" | "nth" | "count" if value.parse::<u64>().is_ok() => value.to_owned(),
        "quiet" if value == "true" || value == "false" => value.to_owned(),
        "kinds" => {
            let kinds: Vec<_> = value.split(',').map(text).collect();
            format!("[{}]", kinds.join(", "))
        }
        _ => text(value),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(step, "{} = {value}", text(key));
}

/// A text as TOML has it: JSON's escapes are some of its own.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// Words, with quotes around those that have spaces.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| "a quote has no end".to_owned())?,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Cut, Edit, Garbage};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_line_says_what_a_step_says() {
        let latency = Fault::Latency { delay: Duration::from_millis(200), jitter: Duration::from_millis(50) };
        let lines = [
            ("latency 200ms jitter 50ms for 30s", latency.clone(), 30),
            ("  latency delay 200ms  jitter 50ms", latency, 10),
            ("freeze", Fault::Freeze, 10),
            ("mute \"a b\" for 1m", Fault::Mute { service: "a b".into() }, 60),
            ("close 4001 reason \"go away\"", Fault::Cut(Cut::Close { code: 4001, reason: "go away".into() }), 3),
            ("half-close", Fault::Cut(Cut::HalfClose), 3),
            (
                "refuse 429 retry_after 6s times 2 cut none for 20s",
                Fault::Refuse { status: Some(429), retry_after: Some(6 * SECOND), times: Some(2), cut: None },
                20,
            ),
            ("drop_nth 10", Fault::Nth { edit: Edit::Drop, nth: 10, service: None }, 10),
            ("gap 业务1 count 5", Fault::Gap { service: "业务1".into(), count: 5 }, 3),
            ("drop_answers quiet true for 5s", Fault::DropAnswers { quiet: true }, 5),
            (
                "garbage kinds bidi,deep for 5s",
                Fault::Garbage {
                    kinds: vec![Garbage::Bidi, Garbage::Deep],
                    every: Duration::from_millis(500),
                    service: None,
                },
                5,
            ),
        ];
        for (line, fault, secs) in lines {
            assert_eq!(parse_command(line), Ok((fault, Duration::from_secs(secs))), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, hint) in [
            ("", "latency 200ms"),
            ("freze", "freeze"),
            ("latencyy 200ms", "latency"),
            ("nonsense 3", "nonsense"),
            ("freeze for", "needs a value"),
            ("latency", "delay"),
            ("latency soon", "no time"),
            ("mute \"a", "quote"),
            ("freeze count 3", "count"),
            ("refuse 200", "400"),
        ] {
            let error = parse_command(line).unwrap_err();
            assert!(error.contains(hint), "{line}: {error}");
        }
    }
}
