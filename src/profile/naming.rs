//! The name of a service as a user types it, taken apart into parameters: `trade:BTC/USD` by `${channel}:${symbol}`.
//!
//! It is a [`Template`] read backwards. Which profile has one, and what becomes of the parameters, is not known here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::template::{Hole, Part, Source, Template, TemplateError};

type Params = BTreeMap<String, Value>;

/// Reads a pattern: text and `${PARAM}` in turn; `${PARAM|default}` may be left out at the end of a name.
pub fn parse(text: &str) -> Result<Template, TemplateError> {
    let wrong = |message: &str, help: &str| TemplateError {
        at: 0..text.len(),
        message: message.to_owned(),
        help: Some(help.to_owned()),
    };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(len) = rest[start..].find('}') else {
            return Err(wrong("`${` is never closed", "a parameter is ${NAME}"));
        };
        let body = &rest[start + 2..start + len];
        let (name, default) = body.split_once('|').map_or((body, None), |(name, default)| (name, Some(default)));
        let name = name.strip_prefix("s.").unwrap_or(name);
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name == "name" || !name.chars().all(plain) {
            let help = "a parameter is ${NAME}, as in \"${channel}:${symbol}\"";
            return Err(wrong(&format!("`${{{body}}}` is no parameter of a service"), help));
        }
        if start > 0 {
            parts.push(Part::Text(rest[..start].to_owned()));
        } else if matches!(parts.last(), Some(Part::Hole(_))) {
            return Err(wrong(
                "nothing separates two parameters",
                "put a separator between them: ${channel}:${symbol}",
            ));
        }
        let source = Source::Service(name.to_owned());
        parts.push(Part::Hole(Hole { source, default: default.map(str::to_owned), quoted: false }));
        rest = &rest[start + len + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    if !parts.iter().any(|part| matches!(part, Part::Hole(_))) {
        return Err(wrong("there is no parameter in it", "name the parameters: \"${channel}:${symbol}\""));
    }
    Ok(Template { parts, json: false })
}

/// The parameters in a name; nothing where it does not fit. A parameter ends where the text behind it begins, and the
/// last one takes all that is left.
pub fn take_apart(pattern: &Template, name: &str) -> Option<Params> {
    let mut params = Params::new();
    let mut rest = Some(name);
    let mut parts = pattern.parts.iter().peekable();
    while let Some(part) = parts.next() {
        match (part, rest) {
            (Part::Text(text), Some(left)) => rest = Some(left.strip_prefix(text.as_str())?),
            // Only a separator may be left out, together with what follows it.
            (Part::Text(_), None) if matches!(parts.peek(), Some(Part::Hole(_))) => {}
            (Part::Text(_), None) => return None,
            (Part::Hole(hole), left) => {
                let end = match parts.peek() {
                    Some(Part::Text(text)) => text.as_str(),
                    Some(Part::Hole(_)) | None => "",
                };
                let (value, next) = match left {
                    None => (None, None),
                    Some(left) if end.is_empty() => (Some(left), Some("")),
                    Some(left) => match left.find(end) {
                        Some(at) => (Some(&left[..at]), Some(&left[at..])),
                        // The name ends early; what is left out has to have a default.
                        None => (Some(left), None),
                    },
                };
                let value = value.filter(|value| !value.is_empty()).or(hole.default.as_deref())?;
                if let Source::Service(param) = &hole.source {
                    params.insert(param.clone(), scalar(value));
                }
                rest = next;
            }
        }
    }
    // A name that ended early fits only if nothing but defaults was left, which the loop has seen to.
    rest.is_none_or(str::is_empty).then_some(params)
}

/// What names look like, for a person: `CHANNEL:SYMBOL`, and in brackets what may be left out.
pub fn shown(pattern: &Template) -> String {
    let mut shown = String::new();
    for part in &pattern.parts {
        match part {
            Part::Text(text) => shown.push_str(text),
            Part::Hole(hole) => {
                let name = hole.source.param().unwrap_or_default().to_uppercase();
                let [open, close] = if hole.default.is_some() { ["[", "]"] } else { [""; 2] };
                shown.extend([open, &name, close]);
            }
        }
    }
    shown
}

/// An integer or a truth value where it reads as one and would be written in the same way, else text.
fn scalar(text: &str) -> Value {
    let value = serde_json::from_str(text).ok().filter(|value: &Value| value.is_number() || value.is_boolean());
    let written = value.as_ref().map(ToString::to_string);
    value.filter(|_| written.as_deref() == Some(text)).unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apart(pattern: &str, name: &str) -> Option<String> {
        take_apart(&parse(pattern).unwrap(), name).map(|params| Value::from_iter(params).to_string())
    }

    #[test]
    fn a_name_is_taken_apart() {
        let found = |json: &str| Some(json.to_owned());
        assert_eq!(apart("${channel}:${symbol}", "trade:BTC/USD"), found(r#"{"channel":"trade","symbol":"BTC/USD"}"#));
        assert_eq!(apart("${a}:${b}", "x:y:z"), found(r#"{"a":"x","b":"y:z"}"#));
        assert_eq!(apart("${a}", "业务1"), found(r#"{"a":"业务1"}"#));
        assert_eq!(apart("t/${a}/end", "t/1/end"), found(r#"{"a":1}"#));
        assert_eq!(apart("${a}:${b|10}", "x"), found(r#"{"a":"x","b":10}"#));
        assert_eq!(apart("${a}:${b|10}", "x:"), found(r#"{"a":"x","b":10}"#));
        assert_eq!(apart("${a}:${b|10}:${c|true}", "x:5"), found(r#"{"a":"x","b":5,"c":true}"#));
        assert_eq!(apart("${a}", "1e5"), found(r#"{"a":"1e5"}"#));
        assert_eq!(apart("${a}", "007"), found(r#"{"a":"007"}"#));
        for (pattern, name) in [
            ("${a}:${b}", "x"),
            ("${a}:${b}", ":y"),
            ("${a}:${b}", "x:"),
            ("t/${a}/end", "t/1"),
            ("t${a}", "x"),
            ("${a}", ""),
        ] {
            assert_eq!(apart(pattern, name), None, "{pattern} {name}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_told() {
        for text in ["", "x", "${a}${b}", "${}", "${name}", "${v.x}", "${a", "${/x}", "${s.}"] {
            assert!(parse(text).is_err(), "{text}");
        }
        let pattern = parse("${channel}:${s.symbol|x}").unwrap();
        assert_eq!(pattern.to_string(), "${s.channel}:${s.symbol|x}");
        assert_eq!(parse(&pattern.to_string()), Ok(pattern));
    }

    proptest! {
        #[test]
        fn what_is_put_together_is_taken_apart(a in "[^:]{1,8}", b in "[^:]{1,8}", c in ".{1,8}", any in ".{0,20}") {
            let pattern = parse("${a}:${b}:${c}").unwrap();
            let params = take_apart(&pattern, &format!("{a}:{b}:{c}")).unwrap();
            let text = |name: &str| params[name].as_str().map_or_else(|| params[name].to_string(), str::to_owned);
            prop_assert_eq!((text("a"), text("b"), text("c")), (a, b, c));
            if let Ok(pattern) = parse(&any) {
                take_apart(&pattern, &any);
            }
        }
    }
}
