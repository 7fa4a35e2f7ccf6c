//! The guesses written down as a profile, each with what it rests on.

mod rules;
mod tests_of;

use std::collections::BTreeSet;

use super::super::writing::{key, quote};
use super::Options;
use super::document::Scalar;
use super::echo::Routing;
use super::read::{Conn, Form};
use super::said::{Asked, Hints, asked, captures, frame};
use super::sheet::{Block, Sheet};
use super::study::Study;
use super::talk::{Role, seconds};
use crate::event::Kind;
use crate::profile::bundled;
use crate::profile::template::Template;
use crate::text;

/// Headers of a request that a client makes by itself.
const USUAL: &[&str] = &[
    "host",
    "connection",
    "upgrade",
    "pragma",
    "cache-control",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "content-length",
    "dnt",
    "priority",
    "te",
];

/// What is known of a connection and needed in several places.
#[derive(Debug)]
pub(super) struct Known {
    asked: Asked,
    /// Values that came and were said again: message, place, value, name.
    captures: Vec<(usize, String, String, String)>,
    steps: Vec<Step>,
}

/// A step of the login: what was sent, and what came then.
#[derive(Clone, Copy, Debug)]
struct Step {
    sent: Option<usize>,
    came: Option<usize>,
}

pub(super) fn write(study: &mut Study<'_>, options: &Options<'_>, others: &[String]) -> Sheet {
    let conn = study.conn;
    let url = conn.url.as_deref().map(|url| study.secrets.address(url));
    let headers: Vec<(String, Template)> = conn
        .headers
        .iter()
        .filter(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            !lower.starts_with([':']) && !lower.starts_with("sec-") && !USUAL.contains(&&*lower)
        })
        .map(|(name, value)| (name.clone(), study.secrets.header(name, value)))
        .collect();
    let steps = steps(study);
    let captures = named_captures(study, &steps);
    let values: Vec<_> = captures.iter().map(|(_, _, value, name)| (value.clone(), name.clone())).collect();
    let known = Known { asked: asked(study, &values), captures, steps };

    let mut body = Sheet::default();
    endpoint(study, url.as_ref(), &headers, &mut body);
    codec(study, &mut body);
    if study.cutting.format.is_none() {
        login(study, &known, &mut body);
        subscribe(study, &known, &mut body);
        unsubscribe(study, &known, &mut body);
        route(study, &known, &mut body);
        rules::write(study, &known, &mut body);
        heartbeat(study, &known, &mut body);
        numbers(study, &mut body);
    }
    ends(conn, &mut body);
    if study.cutting.format.is_none() {
        services(&known, &mut body);
        tests_of::write(study, &known, &mut body);
    }
    let mut sheet = Sheet::default();
    head(study, options, others, &body, sheet.block());
    sheet.blocks.append(&mut body.blocks);
    sheet
}

fn head(study: &Study<'_>, options: &Options<'_>, others: &[String], body: &Sheet, block: &mut Block) {
    let conn = study.conn;
    let from = if options.from == "-" { "standard input" } else { options.from };
    let file = from.rsplit(['/', '\\']).next().unwrap_or(from);
    let told =
        |out: bool| conn.frames.iter().filter(|f| f.out == out && matches!(f.form, Form::Text | Form::Binary)).count();
    let (first, last) = (conn.frames.first().map_or(0, |f| f.at), conn.frames.last().map_or(0, |f| f.at));
    block.remark(&format!(
        "Drafted from {file}, connection {}: {} frames received and {} sent in {}.",
        conn.name,
        told(false),
        told(true),
        seconds(last.saturating_sub(first))
    ));
    block.remark("Each guess says what it rests on; what is uncertain is commented out. Read it, then: wirebeat profile check FILE");
    if conn.skipped > 0 {
        block
            .remark(&format!("{} frames were not looked at: there are too many, or they are too large.", conn.skipped));
    }
    if conn.rows {
        block.remark("It was drafted from what another profile had cut out of frames: lists in a frame, prefixes and separators are not seen in that.");
    }
    if !others.is_empty() {
        let shown: Vec<_> = others.iter().take(8).cloned().collect();
        block.remark(&format!("Other connections in the file (--conn NAME): {}", shown.join(", ")));
    }
    if let Some(name) = spoken(study) {
        block.remark(&format!(
            "The bundled profile {name} speaks this protocol: try it first, or extend it (extends = \"{name}\")."
        ));
    }
    let variables: BTreeSet<String> = study.secrets.variables().into_iter().collect();
    let used: Vec<String> = variables
        .into_iter()
        .filter(|name| body.blocks.iter().any(|block| block.text.contains(&format!("${{env.{name}}}"))))
        .collect();
    if !used.is_empty() {
        block.remark(&format!("Secrets are taken from the environment: set {} before you use it.", used.join(", ")));
    }
    let host = conn.url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    let name = options.name.map_or_else(|| plain_name(host), str::to_owned);
    let title =
        if host.is_empty() { format!("Drafted from {file}") } else { format!("Drafted from a session with {host}") };
    block.line("schema = 1").line(format!("name = {}", quote(&name))).line(format!("title = {}", quote(&title)));
    if !used.is_empty() {
        let list: Vec<_> = used.iter().map(|name| quote(name)).collect();
        block.line(format!("env = [{}]", list.join(", ")));
    }
}

fn plain_name(host: &str) -> String {
    let name: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "draft".to_owned() } else { name }
}

/// The bundled profile for a protocol that gives itself away.
fn spoken(study: &Study<'_>) -> Option<&'static str> {
    let protocol = study.conn.subprotocol.as_deref().unwrap_or_default();
    let url = study.conn.url.as_deref().unwrap_or_default();
    let format = study.cutting.format.as_ref().map_or("", |(format, _)| format);
    let signs = [
        ("graphql-transport-ws", protocol == "graphql-transport-ws"),
        ("action-cable", protocol.starts_with("actioncable")),
        ("ocpp-1.6", protocol == "ocpp1.6"),
        ("wamp", protocol.starts_with("wamp.2")),
        ("socketio", url.contains("EIO=4")),
        ("mqtt", format == "mqtt"),
        ("nats", format == "nats"),
        ("stomp", format == "stomp"),
        ("irc", format == "irc"),
    ];
    signs.into_iter().filter(|(_, is)| *is).find_map(|(name, _)| {
        bundled::names().find(|known| {
            let plain = |name: &str| name.replace(['-', '.', '_'], "");
            plain(known).starts_with(&plain(name))
        })
    })
}

fn endpoint(study: &Study<'_>, url: Option<&Template>, headers: &[(String, Template)], sheet: &mut Sheet) {
    let block = sheet.block();
    block.line("[endpoint]");
    match url {
        Some(url) => block.line(format!("url = {}", quote(&url.to_string()))),
        None => block.remark("The address is not in the file: url = \"wss://..\""),
    };
    if let Some(protocol) = &study.conn.subprotocol {
        block.line(format!("subprotocols = [{}]", quote(protocol)));
    } else if !study.conn.offered.is_empty() {
        block.remark(&format!("{} was offered, and the server took none.", study.conn.offered.join(", ")));
    }
    for (name, value) in headers {
        let line = format!("headers.{} = {}", key(name), quote(&value.to_string()));
        if name.eq_ignore_ascii_case("origin") {
            block.remark("A browser says where its page is from; some servers want to hear it:");
            block.remark(&line);
        } else {
            block.line(line);
        }
    }
}

fn codec(study: &Study<'_>, sheet: &mut Sheet) {
    let cutting = &study.cutting;
    let mut lines = Block::default();
    let mut say = |line: String, evidence: &str| {
        lines.remark(evidence).line(line);
    };
    if let Some((name, evidence)) = &cutting.decompress {
        say(format!("decompress = {}", quote(name)), evidence);
    }
    if let Some((name, evidence)) = &cutting.format {
        say(format!("format = {}", quote(name)), evidence);
    }
    if let Some((pattern, evidence)) = &cutting.prefix {
        say(format!("prefix = {}", quote(pattern)), evidence);
    }
    if let Some((separator, evidence)) = &cutting.split {
        say(format!("split = {}", quote(separator)), evidence);
    }
    if let Some((suffix, evidence)) = &cutting.suffix {
        say(format!("tx_suffix = {}", quote(suffix)), evidence);
    }
    if let Some(evidence) = &cutting.batch {
        say("batch = true".to_owned(), evidence);
    }
    if !study.nested.is_empty() {
        let places: Vec<_> = study.nested.iter().map(|(place, _)| quote(place)).collect();
        let evidence: Vec<_> = study.nested.iter().map(|(_, evidence)| evidence.as_str()).collect();
        say(format!("nested = [{}]", places.join(", ")), &evidence.join("; "));
    }
    match study.routed.as_ref().map(|routed| (&routed.routing, &routed.evidence)) {
        Some((Routing::Members { at, .. }, evidence)) => {
            say("members = true".to_owned(), evidence);
            if !at.is_empty() {
                lines.line(format!("each = {}", quote(at)));
            }
        }
        Some((Routing::Values { each: Some(list), .. }, _)) => {
            say(format!("each = {}", quote(list)), "each item of this list names its service");
        }
        Some(_) | None => {}
    }
    let opaque = cutting.opaque;
    if !lines.text.is_empty() {
        let block = sheet.block();
        block.line("[codec]");
        block.text.push_str(&lines.text);
    }
    if opaque > 0 {
        sheet.block().remark(&format!(
            "{opaque} binary frames hold neither text nor a known compression; they are shown as bytes."
        ));
    }
}

/// The login: everything said before the first subscription, with what came then.
fn steps(study: &Study<'_>) -> Vec<Step> {
    const MOST: usize = 6;
    let of_role = |wanted: fn(&Role) -> bool| {
        let groups = study.said.iter().zip(&study.roles).filter(move |(_, role)| wanted(role));
        groups.flat_map(|(group, _)| group.members.iter().copied()).collect::<BTreeSet<usize>>()
    };
    let logins = of_role(|role| *role == Role::Login);
    let first_ask = study.asks.first().copied().unwrap_or(usize::MAX);
    let data = study.kinds.iter().filter(|kind| kind.data > 0).flat_map(|kind| &kind.group.members).min();
    let until = first_ask.min(data.copied().unwrap_or(usize::MAX));
    let quiet = |at: &usize| {
        let kind = study.kinds.iter().find(|kind| kind.group.members.contains(at));
        kind.is_some_and(|kind| matches!(kind.kind, Kind::Hello | Kind::Ack | Kind::Other) && kind.data == 0)
    };
    let sent: Vec<usize> = logins.into_iter().filter(|at| *at < until).take(MOST).collect();
    let mut steps = Vec::new();
    let start = sent.first().copied().unwrap_or(until);
    let greeting = study.heard.iter().copied().find(|at| *at < start && quiet(at));
    steps.extend(greeting.map(|came| Step { sent: None, came: Some(came) }));
    for (n, at) in sent.iter().enumerate() {
        let next = sent.get(n + 1).copied().unwrap_or(first_ask);
        let soon = study.messages[*at].at.saturating_add(10_000_000);
        let answer = study
            .heard
            .iter()
            .copied()
            .find(|came| came > at && *came < next && quiet(came) && study.messages[*came].at <= soon);
        steps.push(Step { sent: Some(*at), came: answer });
    }
    steps
}

fn named_captures(study: &Study<'_>, steps: &[Step]) -> Vec<(usize, String, String, String)> {
    let mut named: Vec<(usize, String, String, String)> = Vec::new();
    for (at, place, value) in captures(study) {
        // Only what a step of the login waits for is known before it is needed.
        if !steps.iter().any(|step| step.came == Some(at)) {
            continue;
        }
        let plain: String =
            super::document::last(&place).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let base = if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { "value".to_owned() };
        let taken = named.iter().filter(|(_, _, _, name)| name.starts_with(&base)).count();
        let name = if taken == 0 { base } else { format!("{base}{}", taken + 1) };
        named.push((at, place, value, name));
    }
    named
}

fn hints(study: &Study<'_>, known: &Known) -> Hints<'static> {
    let mut names: Vec<(String, String)> = Vec::new();
    for service in &known.asked.services {
        let whole = known.asked.params.iter().any(|(_, param)| param == "name");
        if whole {
            names.push((service.name.clone(), "name".to_owned()));
        }
        for (param, value) in &service.params {
            names.extend(value.word().map(|word| (word.to_owned(), param.clone())));
        }
    }
    let sub_ids = match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Id { .. }) => numbers_of_asks(study),
        _ => BTreeSet::new(),
    };
    let sids = match study.routed.as_ref().map(|routed| &routed.routing) {
        Some(Routing::Sid { .. }) => study.rows.iter().filter_map(|row| row.key.clone()).collect(),
        _ => BTreeSet::new(),
    };
    let captured = known.captures.iter().map(|(_, _, value, name)| (value.clone(), name.clone())).collect();
    Hints { names, answers: None, captured, sub_ids, sids }
}

/// The numbers of all requests for services, whatever their form.
fn numbers_of_asks(study: &Study<'_>) -> BTreeSet<String> {
    let asks = study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Ask);
    let docs = asks.flat_map(|(group, _)| &group.members).filter_map(|at| study.messages.get(*at)?.doc.as_ref());
    docs.flat_map(|doc| study.ids.iter().filter_map(|id| doc.leaf(id)?.value.word().map(str::to_owned))).collect()
}

fn sending(key: &str, template: &Template, json: bool) -> String {
    let key = if json { key.to_owned() } else { format!("{key}_text") };
    format!("{key} = {}", quote(&template.to_string()))
}

fn login(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    for step in &known.steps {
        let captured: Vec<_> = known.captures.iter().filter(|(at, ..)| Some(*at) == step.came).collect();
        let Some(expect) = expectation(study, step.came) else {
            // What was said, and nothing that is known to have come of it.
            if let Some(at) = step.sent {
                let hints = Hints { names: Vec::new(), ..hints(study, known) };
                let (template, json) = frame(study, at, &hints);
                let block = sheet.block();
                block.line("[[handshake]]").remark("sent before the first subscription; no answer to it was seen");
                block.line(sending("send", &template, json));
            }
            continue;
        };
        let block = sheet.block();
        block.line("[[handshake]]");
        match step.sent {
            Some(at) => {
                let hints = Hints { names: Vec::new(), ..hints(study, known) };
                let (template, json) = frame(study, at, &hints);
                block.remark("sent before the first subscription, and answered so");
                block.line(sending("send", &template, json));
            }
            None => {
                block.remark("the server speaks first");
            }
        }
        block.line(format!("expect = {expect}"));
        if !captured.is_empty() {
            let list: Vec<_> =
                captured.iter().map(|(_, place, _, name)| format!("{name} = {}", quote(place))).collect();
            block.remark("said again later, in what we send");
            block.line(format!("capture = {{ {} }}", list.join(", ")));
        }
    }
}

fn expectation(study: &Study<'_>, came: Option<usize>) -> Option<String> {
    let at = came?;
    let kind = study.kinds.iter().find(|kind| kind.group.members.contains(&at))?;
    let others: Vec<usize> = study.heard.iter().copied().filter(|other| !kind.group.members.contains(other)).collect();
    rules::conditions(study, &kind.group.members, &others).or_else(|| rules::conditions(study, &[at], &others))
}

fn subscribe(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let Some(template) = &known.asked.frame else {
        if !study.rows.is_empty() {
            sheet.block().remark("Nothing was sent that asks for services: they come by themselves.");
        }
        return;
    };
    let block = sheet.block();
    let places: Vec<_> = known.asked.params.iter().map(|(place, _)| place.as_str()).collect();
    let what = if places.is_empty() {
        "it is the only one".to_owned()
    } else {
        format!("they differ in {}", places.join(", "))
    };
    block.line("[subscribe]").remark(&format!("sent {}; {what}", rules::times(study.asks.len())));
    if let Some((share, most)) = &known.asked.share {
        block.line(format!("arg = {}", quote(&share.to_string())));
        if *most > 1 {
            block.line(format!("batch = {most}"));
        }
    }
    block.line(format!("frame = {}", quote(&template.to_string())));
    if let Some(id) = known.asked.id.filter(|id| *id != "number" && uses_id(known)) {
        block.line(format!("id = {}", quote(id)));
    }
    match ack(study) {
        Some((line, evidence)) => {
            block.remark(&evidence).line(line);
        }
        None => {
            block.remark("no message was seen that says yes to it").line("live_on = \"sent\"");
        }
    }
    if let Some(Routing::Sid { ack, .. }) = study.routed.as_ref().map(|routed| &routed.routing) {
        block.remark("the answer brings the number that messages have").line(format!("sid = {}", quote(ack)));
    }
    let mut forms: Vec<&str> = Vec::new();
    for (group, _) in study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Ask) {
        let odd = group.members.iter().filter(|at| !study.asks.contains(at));
        forms.extend(odd.filter_map(|at| study.messages.get(*at)).map(|message| message.text.as_str()));
    }
    if !forms.is_empty() {
        block
            .remark(&format!("sent {} in another form, which needs parameters of its own:", rules::times(forms.len())));
        for form in forms.into_iter().take(3) {
            block.remark(&text::cut(&text::clean(&study.secrets.hide(form)), 160));
        }
    }
}

fn uses_id(known: &Known) -> bool {
    let templates = known.asked.frame.iter().chain(known.asked.share.iter().map(|(share, _)| share));
    templates.into_iter().any(|template| {
        template.uses(&crate::profile::template::Source::Id) || template.uses(&crate::profile::template::Source::SubId)
    })
}

/// How an answer to a request is known.
fn ack(study: &Study<'_>) -> Option<(String, String)> {
    let mut acks = study.kinds.iter().filter(|kind| kind.kind == Kind::Ack);
    let kind = acks.clone().find(|kind| study.answered_at(&kind.group).is_some()).or_else(|| acks.next())?;
    let all = study.kinds.iter().filter(|kind| matches!(kind.kind, Kind::Ack | Kind::Nack));
    let count: usize = all.map(|kind| kind.group.members.len()).sum();
    if let Some(place) = study.answered_at(&kind.group) {
        let evidence = format!("{count} answers repeat the number of a request there");
        return Some((format!("ack = {{ id = {} }}", quote(&place)), evidence));
    }
    let named = kind.group.members.iter().filter(|at| !study.rows_of(**at).is_empty()).count();
    if named * 2 > count {
        return Some((
            "ack = { route = true }".to_owned(),
            format!("{count} answers name the service as its messages do"),
        ));
    }
    // The name may stand elsewhere in an answer.
    let names = study.names();
    let doc = study.messages.get(*kind.group.members.first()?)?.doc.as_ref()?;
    let leaf = doc.leaves.iter().find(|leaf| leaf.value.text().is_some_and(|word| names.contains(word)));
    match leaf {
        Some(leaf) => Some((
            format!("ack = {{ key = {} }}", quote(&format!("${{{}}}", leaf.path))),
            format!("{count} answers name the service there"),
        )),
        None => Some((
            "ack = { order = true }".to_owned(),
            format!("{count} answers name no service: they are taken to come in order"),
        )),
    }
}

fn unsubscribe(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let hints = hints(study, known);
    let groups = study.said.iter().zip(&study.roles).filter(|(_, role)| **role == Role::Leave).map(|(group, _)| group);
    let knows = |template: &Template| {
        template.holes().any(|hole| {
            use crate::profile::template::Source;
            matches!(hole.source, Source::Service(_) | Source::SubId | Source::SubSid)
        })
    };
    let mut found = groups.flat_map(|group| &group.members).map(|at| (*at, frame(study, *at, &hints)));
    if let Some((_, (template, json))) = found.find(|(_, (template, _))| knows(template)) {
        let block = sheet.block();
        let template = spread_list(&template, known);
        block
            .line("[unsubscribe]")
            .remark("sent for a service that had been subscribed")
            .line(sending("frame", &template, json));
        return;
    }
    if let Some(asked) = known.asked.frame.as_ref().map(ToString::to_string)
        && let Some(guess) = opposite(&asked)
    {
        let block = sheet.block();
        block.line("[unsubscribe]").line(format!("frame = {}", quote(&guess)));
        block.doubt("Leaving a service was not seen. Servers of this kind often understand:");
    }
}

/// Where shares of services stand in a list, one that is left stands in it as well.
fn spread_list(template: &Template, known: &Known) -> Template {
    let Some((share, _)) = &known.asked.share else { return template.clone() };
    let (text, share) = (template.to_string(), share.to_string());
    let replaced = text.replacen(&format!("[{share}]"), "${args}", 1);
    Template::parse(&replaced, true).unwrap_or_else(|_| template.clone())
}

fn opposite(frame: &str) -> Option<String> {
    let pairs = [
        ("\"subscribe", "\"unsubscribe"),
        ("\"SUBSCRIBE", "\"UNSUBSCRIBE"),
        ("\"sub\"", "\"unsub\""),
        ("\"SUB\"", "\"UNSUB\""),
        ("\"join", "\"leave"),
    ];
    pairs.into_iter().find(|(ask, _)| frame.contains(ask)).map(|(ask, leave)| frame.replacen(ask, leave, 1))
}

fn route(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let Some(routed) = &study.routed else {
        sheet.block().remark("How messages name their services was not found out: [route] message = \"${/..}\"");
        return;
    };
    let block = sheet.block();
    block.line("[route]").remark(&routed.evidence);
    let place =
        |place: &str, list: Option<&String>| match list.and_then(|list| place.strip_prefix(&format!("{list}/*"))) {
            Some(rest) => format!("${{@{rest}}}"),
            None => format!("${{{place}}}"),
        };
    let message = match &routed.routing {
        Routing::Members { .. } => "${@key}".to_owned(),
        Routing::Values { pairs, each } => {
            let places: Vec<_> = pairs.iter().map(|(_, heard)| place(heard, each.as_ref())).collect();
            places.join(":")
        }
        Routing::Id { heard, .. } => {
            block.line("via = \"id\"");
            format!("${{{heard}}}")
        }
        Routing::Sid { heard, .. } => {
            block.line("via = \"sid\"");
            format!("${{{heard}}}")
        }
        Routing::Seen { heard } => format!("${{{heard}}}"),
    };
    block.line(format!("message = {}", quote(&message)));
    if let Some(key) = &known.asked.key {
        block.line(format!("service = {}", quote(&key.to_string())));
    }
}

fn heartbeat(study: &Study<'_>, known: &Known, sheet: &mut Sheet) {
    let beats = study.said.iter().zip(&study.roles).filter_map(|(group, role)| match role {
        Role::Beat(beat) => Some((group, beat)),
        Role::Answer { .. } | Role::Ask | Role::Leave | Role::Login | Role::Other => None,
    });
    let mut beats: Vec<_> = beats.collect();
    beats.sort_by_key(|(_, beat)| std::cmp::Reverse(beat.count));
    let many = beats.len() > 1;
    for (n, (group, beat)) in beats.into_iter().enumerate() {
        let Some(first) = group.members.first() else { continue };
        let (template, json) = frame(study, *first, &Hints { names: Vec::new(), ..hints(study, known) });
        let block = sheet.block();
        block.line(if many { "[[heartbeat]]" } else { "[heartbeat]" }).remark(&beat.evidence);
        block.line(format!("mode = {}", quote(if beat.idle { "idle" } else { "interval" })));
        block.line(format!("{} = {}", if beat.idle { "after" } else { "every" }, quote(&seconds(beat.after))));
        block.line(sending("send", &template, json));
        if let Some((_, count, longest)) = beat.answer {
            block.remark(&format!("answered {count} times, within {}; how long to wait is a guess", seconds(longest)));
            let timeout = (longest * 5).clamp(10_000_000, 60_000_000);
            block.line(format!("timeout = {}", quote(&seconds(timeout / 1_000_000 * 1_000_000))));
        } else {
            block.remark("no answer of its own was seen; any message counts as one, and how long to wait is a guess");
            block.line("timeout = \"10s\"");
        }
        if n > 0 {
            block.doubt("Another message that was repeated:");
        }
    }
    let told = study.roles.iter().any(|role| matches!(role, Role::Beat(_)));
    let pings = study.conn.frames.iter().filter(|frame| frame.out && frame.form == Form::Ping).count();
    let server = study.conn.frames.iter().filter(|frame| !frame.out && frame.form == Form::Ping).count();
    if server > 0 {
        sheet.block().remark(&format!("The server sent {server} WebSocket pings; they are answered by themselves."));
    }
    if !told {
        let block = sheet.block();
        block.line("[heartbeat]");
        if pings > 0 {
            block
                .remark(&format!("a WebSocket ping was sent {}; when the next is due is a guess", rules::times(pings)));
        } else {
            block.remark("none was seen; every server answers a WebSocket ping (RFC 6455, section 5.5.2)");
        }
        block.line("mode = \"idle\"").line("after = \"25s\"").line("ws_ping = true").line("timeout = \"10s\"");
    }
}

fn numbers(study: &Study<'_>, sheet: &mut Sheet) {
    if let Some(counted) = &study.counted {
        let block = sheet.block();
        block.line("[[sequence]]").remark(&counted.evidence);
        block.line(format!("at = {}", quote(&counted.at))).line("rule = \"increment\"");
        if counted.step > 1 {
            block.line(format!("step = {}", counted.step));
        }
        if counted.link {
            block.line("scope = \"link\"");
        }
        if !counted.named {
            block.doubt("A number that grows evenly, though nothing calls it one:");
        }
    }
    if let Some(timed) = &study.timed {
        let block = sheet.block();
        let places: Vec<_> = timed.at.iter().map(|place| quote(place)).collect();
        let at = if let [one] = places.as_slice() { one.clone() } else { format!("[{}]", places.join(", ")) };
        block
            .line("[time]")
            .remark(&timed.evidence)
            .line(format!("at = {at}"))
            .line(format!("unit = {}", quote(timed.unit)));
    }
}

fn ends(conn: &Conn, sheet: &mut Sheet) {
    let Some((ours, code, reason)) = &conn.closed else { return };
    let who = if *ours { "We" } else { "The server" };
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let block = sheet.block();
    if *code == 1006 {
        block.remark("It ended without a close frame.");
    } else if *ours || !(3000..5000).contains(code) {
        block.remark(&format!("{who} ended it with code {code}{reason}."));
    } else {
        block.line("[[close.rule]]").line(format!("codes = [{code}]")).line("action = \"stop\"");
        block.doubt(&format!("The server ended it with code {code}{reason}. If there is no use in trying again:"));
    }
}

fn services(known: &Known, sheet: &mut Sheet) {
    for service in &known.asked.services {
        let block = sheet.block();
        block.line(format!("[service.{}]", key(&service.name)));
        for (param, value) in &service.params {
            let value = match value {
                Scalar::Text(text) => quote(text),
                Scalar::Number(digits) => digits.clone(),
                Scalar::Bool(bool) => bool.to_string(),
                // There is none in TOML.
                Scalar::Null => continue,
            };
            block.line(format!("{} = {value}", key(param)));
        }
    }
}
