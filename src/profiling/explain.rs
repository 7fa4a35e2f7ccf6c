//! What a profile makes of a frame, and why: the pieces, the rules tried in order with each condition and the value that it
//! found, then service, number, time, captures and the answer.
//!
//! Nothing here judges a message by itself. Whether a condition holds is asked of the real router, with a profile that has
//! only that condition.

mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;

use self::words::{Condition, Explained, Tried, object, sentences, subject, test};
use super::golden::{Came, Routed, answer, route};
use super::{Answer, base, json_line, source};
use crate::cli::ExplainFrame;
use crate::plan;
use crate::profile::build::load;
use crate::profile::codec::View;
use crate::profile::matcher::{Match, Subject, Test};
use crate::profile::pointer::Pointer;
use crate::profile::{Action, Profile, Rule, ServiceSpec, TimeUnit, Via};
use crate::session::Opcode;
use crate::text;
use crate::time::Clock;

/// The largest frame that is read from a file.
const MOST: u64 = 16 << 20;
/// Messages of one frame that are explained; the others are counted.
const MOST_ROWS: usize = 50;

pub(super) fn explain(args: &ExplainFrame, clock: &Clock) -> Result<Answer, String> {
    let source = source(&args.profile)?;
    let profile = load(source, &base, &args.sets)
        .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let ids = args.ids.iter().map(|text| id(&profile, text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let services = if args.services.is_empty() {
        profile.services.clone()
    } else {
        let named = args.services.iter().map(|text| plan::service(&profile, text));
        named.collect::<Result<_, _>>().map_err(|plan::Wrong(words)| words)?
    };
    let frame = frame(&args.frame, args.binary_hex)?;
    let binary = args.binary_hex || std::str::from_utf8(&frame).is_err();
    let asked = Asked {
        profile: Arc::new(profile),
        services,
        ids,
        opcode: if binary { Opcode::Binary } else { Opcode::Text },
        frame,
        wall: clock.now().on_wall(clock.anchor()),
    };
    let (rows, more) = asked.rows();
    let text = if args.json {
        rows.iter().map(|row| json_line(&object(row))).collect()
    } else {
        sentences(&asked.profile, asked.frame.len(), binary, &rows, more)
    };
    Ok(Answer::done(text))
}

/// Reads `ID=SERVICE`.
fn id(profile: &Profile, text: &str) -> Result<(String, String), String> {
    let wrong = || format!("--id {}: it is ID=SERVICE, as in --id 17=trades", text::clean(text));
    let (id, name) = text.split_once('=').filter(|(id, name)| !id.is_empty() && !name.is_empty()).ok_or_else(wrong)?;
    if profile.route.via == Via::Key {
        let help = "its messages name their services by key; --id is for route.via = \"id\" or \"sid\"";
        return Err(format!("--id {}: {help}", text::clean(text)));
    }
    let spec = plan::service(profile, name).map_err(|plan::Wrong(words)| words)?;
    Ok((id.to_owned(), spec.name))
}

/// The bytes of a frame: the text itself, what is in `@FILE`, or what comes from standard input.
fn frame(given: &str, hex: bool) -> Result<Vec<u8>, String> {
    let read = |from: &mut dyn Read, name: &str| {
        let mut bytes = Vec::new();
        from.take(MOST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("cannot read {}: {error}", text::clean(name)))?;
        if bytes.len() as u64 > MOST {
            return Err(format!("{} is larger than a frame may be ({})", text::clean(name), text::size(MOST)));
        }
        // The line break that an editor or `echo` adds is none of the frame's.
        if bytes.ends_with(b"\n") && !bytes.ends_with(b"\r\n") {
            bytes.pop();
        }
        Ok(bytes)
    };
    let bytes = match given.strip_prefix('@') {
        _ if given == "-" => read(&mut io::stdin().lock(), "standard input")?,
        Some(path) => {
            let mut file =
                fs::File::open(path).map_err(|error| format!("cannot read {}: {error}", text::clean(path)))?;
            read(&mut file, path)?
        }
        None => given.as_bytes().to_vec(),
    };
    if !hex {
        return Ok(bytes);
    }
    let digits: Vec<u8> = bytes.into_iter().filter(|b| !b.is_ascii_whitespace() && *b != b':').collect();
    let digits = digits.strip_prefix(b"0x").unwrap_or(&digits);
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(digits)
        .map_err(|_| "this is no hex: two digits a byte, as in 1f8b0800".to_owned())
}

/// A frame and the profile that it is held against.
struct Asked {
    profile: Arc<Profile>,
    services: Vec<ServiceSpec>,
    /// Numbers of subscriptions that are known, and whose they are.
    ids: BTreeMap<String, String>,
    opcode: Opcode,
    frame: Vec<u8>,
    /// When it came, as far as delays go: now.
    wall: i64,
}

impl Asked {
    fn rows(&self) -> (Vec<Explained>, usize) {
        let came = Came { opcode: self.opcode, frame: &self.frame, wall: self.wall };
        let routed = route(&self.profile, &self.services, &self.ids, came);
        let mut matched: Vec<Option<usize>> = vec![None; routed.out.rows().len()];
        let mut tried: Vec<Vec<Tried>> = matched.iter().map(|_| Vec::new()).collect();
        for (number, rule) in self.profile.rules.iter().enumerate() {
            if matched.iter().take(MOST_ROWS).all(Option::is_some) {
                break;
            }
            let holds: Vec<Vec<bool>> = rule.when.0.iter().map(|condition| self.holds(&routed, condition)).collect();
            for row in 0..matched.len().min(MOST_ROWS) {
                if matched[row].is_some() {
                    continue;
                }
                let view = view(&routed, &self.frame, row);
                let conditions: Vec<_> = rule
                    .when
                    .0
                    .iter()
                    .zip(&holds)
                    .map(|((what, wanted), holds)| Condition {
                        wanted: format!("{} {}", subject(what), test(wanted)),
                        found: view.as_ref().and_then(|view| found(what, view)),
                        holds: holds.get(row).copied().unwrap_or_default(),
                    })
                    .collect();
                let hit = conditions.iter().all(|condition| condition.holds);
                tried[row].push(Tried { rule: number + 1, kind: rule.kind, matched: hit, conditions });
                matched[row] = hit.then_some(number);
            }
        }
        let rows = routed.out.rows().iter().enumerate().take(MOST_ROWS).zip(tried).map(|((at, row), tried)| {
            let rule = matched.get(at).copied().flatten().and_then(|rule| self.profile.rules.get(rule));
            let view = view(&routed, &self.frame, at);
            let service = routed.service(at, row).map(str::to_owned);
            let spec = row.service.and_then(|id| self.services.get(usize::from(id.0)));
            let key = spec.map(|spec| self.profile.key_of(spec)).or_else(|| routed.unknown(at).map(str::to_owned));
            Explained {
                body: text::clean_bytes(routed.out.body(at), 2000),
                form: row.form,
                part: (at + 1, routed.out.rows().len()),
                kind: row.kind,
                known: row.service.is_some(),
                service,
                key,
                seq: row.seq,
                lag: row.lag,
                untimed: row.lag.is_none().then(|| self.untimed(rule, view.as_ref())),
                time: row.lag.map(|lag| (self.wall / 1000).saturating_sub(lag)),
                tried,
                captures: rule.into_iter().flat_map(|rule| captures(rule, view.as_ref())).collect(),
                words: rule
                    .and_then(|rule| Some((rule.text.as_ref()?, view.as_ref()?)))
                    .and_then(|(at, view)| view.text(at.item, at)),
                sends: rule.and_then(|rule| self.answer(rule, view.as_ref())),
                action: rule.map_or(Action::None, |rule| rule.action),
                trouble: routed.trouble(at),
            }
        });
        (rows.collect(), routed.out.rows().len().saturating_sub(MOST_ROWS))
    }

    /// Why a message has no time.
    fn untimed(&self, rule: Option<&Rule>, view: Option<&View<'_>>) -> String {
        let Some(time) = rule.and_then(|rule| rule.time.as_ref()).or(self.profile.time.as_ref()) else {
            return "the profile has no [time]".to_owned();
        };
        let places = || time.at.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        let at = |place: &Pointer| view?.get(place.item, place).filter(|raw| **raw != *b"null");
        match time.at.iter().find_map(at) {
            _ if time.at.is_empty() => "such messages have none (time.at = [])".to_owned(),
            None => format!("nothing is at {}", places()),
            Some(raw) => {
                let unit = match time.unit {
                    TimeUnit::S => "a number of seconds",
                    TimeUnit::Ms => "a number of milliseconds",
                    TimeUnit::Us => "a number of microseconds",
                    TimeUnit::Ns => "a number of nanoseconds",
                    TimeUnit::Rfc3339 => "RFC 3339",
                    TimeUnit::Auto => "a number or RFC 3339",
                };
                format!("{} is no time between 1990 and 2100 as {unit}", text::clean_bytes(&raw, 80))
            }
        }
    }

    /// Of which rows a condition is true.
    fn holds(&self, routed: &Routed, (what, wanted): &(Subject, Test)) -> Vec<bool> {
        let condition = Match(vec![(what.clone(), wanted.clone())]);
        let holds = |(row, form)| view(routed, &self.frame, row).is_some_and(|view| condition.holds(&view, form));
        routed.out.rows().iter().map(|row| row.form).enumerate().map(holds).collect()
    }

    /// What the rule would say, or why it could not.
    fn answer(&self, rule: &Rule, view: Option<&View<'_>>) -> Option<Result<String, String>> {
        let said = answer(rule.send.as_ref()?, view?, self.wall);
        Some(said.map(|said| said.masked).map_err(|missing| missing.to_string()))
    }
}

fn view<'a>(routed: &'a Routed, frame: &'a [u8], row: usize) -> Option<View<'a>> {
    routed.origin(row).map(|origin| routed.router.view(frame, &routed.out, row, origin))
}

/// The value that a condition looks at, as it came.
fn found(what: &Subject, view: &View<'_>) -> Option<String> {
    let (item, place) = what.place()?;
    view.get(item, place).map(|raw| text::clean_bytes(&raw, 80))
}

fn captures(rule: &Rule, view: Option<&View<'_>>) -> Vec<(String, Option<String>)> {
    let value = |place: &Pointer| view?.get(place.item, place).map(|raw| text::clean_bytes(&raw, 200));
    rule.capture.iter().map(|capture| (capture.name.clone(), value(&capture.at))).collect()
}
