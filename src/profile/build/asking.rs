//! How services are asked for, and how the server's yes or no is known.

use super::about::run;
use super::checks::{Check, Maker, Need, Place};
use super::frames::{Given, json_or_text};
use super::matching::{any_pointer, place, pointer};
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader, Zero};
use crate::profile::template::{Source, Template};
use crate::profile::tree::Node;
use crate::profile::{Ack, Ask, IdAt, IdForm, Join, LiveOn};

const MAX_BATCH: u64 = 10_000;

pub(super) fn subscribe(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Ask> {
    let problems = table.problems;
    table.hints(&[
        ("send", "here it is called `frame`"),
        ("send_text", "here it is called `frame_text`"),
        ("sub_timeout", "it is called `ack_timeout`"),
    ]);
    let usual = Ask::plain(Template { parts: Vec::new(), json: false });
    let asked = asked(&mut table, Place::Subscribe, &usual, check);
    let id = table.choice("id", &[("number", IdForm::Number), ("text", IdForm::Text), ("uuid", IdForm::Uuid)]);
    let ack_node = table.get("ack");
    let ack = ack_node.and_then(|node| ack(problems, node, check));
    let sid = table.get("sid").and_then(|node| place(problems, reader::text(problems, node)?, node.origin, check));
    let ack_timeout = table.duration("ack_timeout", Zero::Refused);
    let live_node = table.get("live_on");
    let words = [("sent", LiveOn::Sent), ("ack", LiveOn::Ack), ("data", LiveOn::Data)];
    let has_ack = ack.as_ref().is_some_and(|ack| *ack != Ack::None);
    let usual = if has_ack { LiveOn::Ack } else { LiveOn::Sent };
    let live_on = table.choice("live_on", &words).unwrap_or(usual);
    let whole = table.bool("whole").unwrap_or_default();
    if asked.is_none() && table.get("frame").is_none() && table.get("frame_text").is_none() {
        let help = "what is sent: frame = '{\"type\":\"sub\",\"service\":\"${s.name}\"}', or frame_text; where nothing is \
                    sent, leave out [subscribe]";
        table.missing("`frame`", help);
    }
    // An ack that is not said how to recognise names its service like any other message.
    let ack = match (ack, live_on) {
        (Some(ack), _) => ack,
        (None, LiveOn::Ack) => Ack::Route,
        (None, LiveOn::Sent | LiveOn::Data) => Ack::None,
    };
    if let Some(node) = live_node.filter(|_| live_on == LiveOn::Ack).or(ack_node.filter(|_| has_ack)) {
        check.need(node.origin, Need::Ack);
    }
    if let (Some(node), Ack::None) = (table.get("sid"), &ack) {
        let help = "the ack brings it, so say how that is known: ack = { id = \"/id\" }";
        problems.tell_help(node.origin, "there is no ack to take the server's id from", help);
    }
    if let (Some(node), Ack::None, LiveOn::Sent) = (table.get("ack_timeout"), &ack, live_on) {
        problems.tell_help(node.origin, "no ack is waited for", "say how it is known: ack = { id = \"/id\" }");
    }
    if let (true, Some(node), Some(Ask { arg: None, .. })) = (whole, table.get("whole"), &asked) {
        let help = "name each service's share: arg = '\"${s.name}\"', and ${args} in the frame";
        problems.tell_help(node.origin, "all that is wanted is said by ${args}, and there is no `arg`", help);
    }
    if let (true, Some(node)) = (whole, table.get("run")) {
        let help = "with `whole` a frame names services that did not change, too";
        problems.tell_help(node.origin, "a program is run for the services that a frame is about", help);
    }
    table.finish();
    let asked = asked?;
    check.request_id(&asked);
    Some(Ask { id: id.unwrap_or_default(), ack, sid, ack_timeout, live_on, whole, ..asked })
}

/// What it does not say itself of shares and acks is as in [subscribe].
pub(super) fn unsubscribe(mut table: Reader<'_>, subscribe: Option<&Ask>, check: &mut Check<'_>) -> Option<Ask> {
    let problems = table.problems;
    table.hints(&[
        ("send", "here it is called `frame`"),
        ("send_text", "here it is called `frame_text`"),
        ("sid", "the ack of [subscribe] brings it"),
        ("id", "it is as in [subscribe]"),
    ]);
    let nothing = Ask::plain(Template { parts: Vec::new(), json: false });
    let usual = subscribe.unwrap_or(&nothing);
    let asked = asked(&mut table, Place::Unsubscribe, usual, check);
    let own = table.get("ack").and_then(|node| ack(problems, node, check));
    let ack_timeout = table.duration("ack_timeout", Zero::Refused);
    if asked.is_none() && table.get("frame").is_none() && table.get("frame_text").is_none() {
        table.missing(
            "`frame`",
            "what is sent: frame = '{\"type\":\"unsub\",\"service\":\"${s.name}\"}', or frame_text",
        );
    }
    table.finish();
    let asked = asked?;
    let numbered = asked.frame.uses(&Source::Id) || asked.arg.as_ref().is_some_and(|arg| arg.uses(&Source::Id));
    let ack = match (own, &usual.ack) {
        (Some(ack), _) => ack,
        // An answer cannot name a number that was not sent.
        (None, Ack::Id(_)) if !numbered => Ack::None,
        (None, usual) => usual.clone(),
    };
    Some(Ask { id: usual.id, ack, ack_timeout, ..asked })
}

/// The frame, and how it holds several services.
fn asked(table: &mut Reader<'_>, place: Place, usual: &Ask, check: &mut Check<'_>) -> Option<Ask> {
    let problems = table.problems;
    let before = if place == Place::Subscribe { Place::BeforeSubscribe } else { Place::BeforeUnsubscribe };
    let run = run(table, before, check);
    if run.is_some() {
        check.runs(Maker::Ask(place));
    }
    let frame = json_or_text(table, "frame", "frame_text");
    let join = table.get("join").and_then(|node| reader::text(problems, node)).map(|text| Join::Text(text.to_owned()));
    let is_json = matches!(&frame, Given::Good(frame, _) if frame.json);
    let as_json = is_json && join.as_ref().unwrap_or(&usual.join) == &Join::List;
    let arg = table.get("arg").and_then(|node| {
        let (arg, at) = reader::template(problems, node, as_json)?;
        let arg = if as_json { arg } else { arg.with_json_inside() };
        check.template(&arg, at, if place == Place::Subscribe { Place::SubscribeArg } else { Place::UnsubscribeArg });
        Some(arg)
    });
    let arg_at = table.get("arg").map(|node| node.origin);
    let batch = table.integer("batch", 1, MAX_BATCH).and_then(|batch| usize::try_from(batch).ok());
    let batch_at = table.get("batch").map(|node| node.origin);
    let gap = table.duration("gap", Zero::Allowed);
    let Given::Good(frame, at) = frame else { return None };
    if frame.parts.is_empty() {
        problems.tell(at, "an empty frame");
    }
    check.template(&frame, at, place);
    let uses_args = frame.uses(&Source::Args);
    let known = arg_at.is_some() || usual.arg.is_some();
    if uses_args && !known {
        let help = "say what one service's share of it is: arg = '\"${s.name}\"'";
        check.at_hole(
            &frame,
            &Source::Args,
            at,
            "`${args}` stands for the shares of services, and there is no `arg`",
            help,
        );
    }
    if let (false, Some(arg_at)) = (uses_args, arg_at) {
        let help = "put `${args}` where the list of them goes";
        problems.tell_help(arg_at, "the frame does not use it", help);
    }
    if let (Some(2..), Some(batch_at), false) = (batch, batch_at, uses_args) {
        let help = "say one service's share in `arg`, and put `${args}` where the list of them goes";
        problems.tell_help(batch_at, "a frame for several services has no `${args}`", help);
    }
    let arg = arg.or_else(|| usual.arg.clone()).filter(|_| uses_args);
    let batch = if uses_args { batch.unwrap_or(usual.batch) } else { 1 };
    let join = join.unwrap_or_else(|| usual.join.clone());
    Some(Ask { run, arg, join, batch, gap: gap.unwrap_or(usual.gap), ..Ask::plain(frame) })
}

fn ack(problems: &Problems, node: &Node, check: &mut Check<'_>) -> Option<Ack> {
    const HELP: &str = "one of { id = \"/id\" }, { key = \"${/channel}\" }, { order = true }, { route = true } and \
                        { contains = { list = \"/channels\", item = \"${@/name}\" } }, or \"none\"";
    if let Some(text) = node.value.as_text() {
        if text == "none" {
            return Some(Ack::None);
        }
        problems.tell_help(node.origin, format!("unknown ack `{text}`"), HELP);
        return None;
    }
    let mut table = Reader::of(problems, node)?;
    table.hints(&[("sid", "it stands beside `ack`: sid = \"/result\"")]);
    let before = problems.count();
    let yes = |given: Option<bool>, ack: Ack| given.map(|given| if given { ack } else { Ack::None });
    let id = table.get("id").and_then(|node| {
        check.need(node.origin, Need::Id);
        let text = reader::text(problems, node)?;
        match text.strip_prefix("#prefix.") {
            Some(group) => {
                check.group(group, node.origin);
                Some(Ack::Id(IdAt::Prefix(group.to_owned())))
            }
            None => place(problems, text, node.origin, check).map(|at| Ack::Id(IdAt::Value(at))),
        }
    });
    let key = table.template("key", false).map(|(key, at)| {
        check.template(&key, at, Place::AckKey);
        Ack::Key(key)
    });
    let order = yes(table.bool("order"), Ack::Order);
    let route = yes(table.bool("route"), Ack::Route);
    let contains = table.table("contains").and_then(|table| contains(table, check));
    let given = ["id", "key", "order", "route", "contains"].into_iter().filter(|key| table.get(key).is_some()).count();
    let at = table.origin;
    table.finish();
    if given != 1 && problems.count() == before {
        problems.tell_help(at, "an ack is known in one way", HELP);
        return None;
    }
    id.or(key).or(order).or(route).or(contains)
}

fn contains(mut table: Reader<'_>, check: &mut Check<'_>) -> Option<Ack> {
    let problems = table.problems;
    table.hints(&[("channel", "the key of a service is made in `item`: item = \"${@/name}:${@}\"")]);
    let list = table.get("list");
    if list.is_none() {
        table.missing("`list`", "say where the message lists what is subscribed: list = \"/channels\"");
    }
    let list = list.and_then(|node| pointer(problems, reader::text(problems, node)?, node.origin));
    let item = table.template("item", false);
    if item.is_none() && table.get("item").is_none() {
        table.missing("`item`", "say what key an item of the list stands for: item = \"${@/name}\", or \"${@}\"");
    }
    if let Some((item, at)) = &item {
        check.template(item, *at, Place::AckItem);
    }
    let items = table.get("items").and_then(|node| inner(problems, node));
    table.finish();
    Some(Ack::Contains { list: list?, item: item?.0, items })
}

/// A place in an item, so that the `@` goes without saying.
fn inner(problems: &Problems, node: &Node) -> Option<Pointer> {
    let at: Origin = node.origin;
    let pointer = any_pointer(problems, reader::text(problems, node)?, at)?;
    Some(Pointer { item: true, ..pointer })
}
