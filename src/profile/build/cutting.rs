//! How a frame is cut into messages.

use super::matching::{any_pointer, pointer, regex};
use crate::profile::codec::{Codec, Compression, Format};
use crate::profile::diagnostic::{Origin, Problems};
use crate::profile::pointer::Pointer;
use crate::profile::reader::{self, Reader};
use crate::profile::tree::Node;

const COMPRESSIONS: [(&str, Compression); 6] = [
    ("none", Compression::None),
    ("gzip", Compression::Gzip),
    ("zlib", Compression::Zlib),
    ("deflate", Compression::Deflate),
    ("auto", Compression::Auto),
    ("zlib-stream", Compression::ZlibStream),
];

const FORMATS: [(&str, Format); 6] = [
    ("json", Format::Json),
    ("stomp", Format::Stomp),
    ("nats", Format::Nats),
    ("irc", Format::Irc),
    ("mqtt", Format::Mqtt),
    ("msgpack", Format::Msgpack),
];

pub(super) fn codec(mut table: Reader<'_>) -> Codec {
    let problems = table.problems;
    table.hints(&[("compression", "it is called `decompress`"), ("suffix", "it is called `tx_suffix`")]);
    let compression = table.choice("decompress", &COMPRESSIONS).unwrap_or_default();
    let format = table.choice("format", &FORMATS).unwrap_or_default();
    let prefix = table.get("prefix").and_then(|node| {
        let prefix = regex(problems, node)?;
        if !prefix.as_str().starts_with('^') {
            let help = "it is cut off the beginning of a text: prefix = '^(?P<type>[0-9])'";
            problems.tell_help(node.origin, "a prefix begins with `^`", help);
        }
        Some(prefix)
    });
    let split = table.get("split").and_then(|node| separator(problems, node));
    let batch = table.bool("batch").unwrap_or_default();
    let nested = table.texts("nested").unwrap_or_default();
    let members = table.bool("members").unwrap_or_default();
    let (outer, each) = table.get("each").and_then(|node| each(problems, node)).unwrap_or_default();
    // Members without a place are those of the message itself.
    let each = each.or_else(|| members.then(Pointer::default));
    let has_items = each.is_some() || table.get("each").is_some();
    let nested = nested.into_iter().filter_map(|(text, at)| inside(problems, text, at, has_items)).collect();
    let tx_suffix = table.text("tx_suffix").map(str::to_owned);
    table.finish();
    Codec { compression, format, prefix, split, batch, nested, each, outer, members, tx_suffix }
}

/// The place of a string that holds JSON, in the message or in an item.
fn inside(problems: &Problems, text: &str, at: Origin, has_items: bool) -> Option<Pointer> {
    if let Some((list, in_item)) = text.split_once("/*") {
        let help = format!("a string in each item: each = \"{list}\" and nested = [\"@{in_item}\"]");
        problems.tell_help(at, format!("`{text}` has a `*`"), help);
        return None;
    }
    let place = any_pointer(problems, text, at)?;
    if place.item && !has_items {
        let help = "`@` is an item of the array at codec.each, and there is none: each = \"/pointer\"";
        problems.tell_help(at, "there are no items to look into", help);
    }
    Some(place)
}

fn separator(problems: &Problems, node: &Node) -> Option<String> {
    let text = reader::text(problems, node)?;
    if text.is_empty() {
        problems.tell_help(node.origin, "an empty separator", "name what stands between two messages: \"\\n\"");
    }
    Some(text.to_owned())
}

/// `/items`, or `/updates/*/values` for the arrays inside of the items of another.
fn each(problems: &Problems, node: &Node) -> Option<(Option<Pointer>, Option<Pointer>)> {
    let text = reader::text(problems, node)?;
    let stars = text.split('/').filter(|segment| *segment == "*").count();
    let (outer, inner) = match text.find("/*/") {
        Some(star) => (&text[..star], &text[star + 2..]),
        None => (text.strip_suffix("/*").unwrap_or_default(), ""),
    };
    match stars {
        0 => Some((None, Some(pointer(problems, text, node.origin)?))),
        1 if !inner.is_empty() => {
            let outer = pointer(problems, outer, node.origin)?;
            Some((Some(outer), Some(any_pointer(problems, inner, node.origin)?)))
        }
        1 => {
            let help = format!("the items of an array are meant by its own place: each = \"{outer}\"");
            problems.tell_help(node.origin, "nothing follows the `*`", help);
            None
        }
        _ => {
            let help = "an array, or the arrays inside of its items: each = \"/updates/*/values\"";
            problems.tell_help(node.origin, "more than one `*`", help);
            None
        }
    }
}
