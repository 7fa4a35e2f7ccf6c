//! A template read backwards: whether a frame is one that the template makes, and what stood in its holes. It fills
//! none in, and does not know what a frame is for.

use serde_json::Value;

use crate::profile::template::{Part, Source, Template};
use crate::profile::{Ask, Join};

/// What frames of a template look like.
#[derive(Clone, Debug)]
pub(super) struct Form {
    shape: Shape,
    /// How the share of one service looks, where the frame is about several.
    share: Option<(Box<Form>, Join)>,
}

#[derive(Clone, Debug)]
enum Shape {
    Json(Node),
    Text(Vec<Piece>),
}

#[derive(Clone, Debug)]
enum Node {
    /// Any value.
    Hole(Source),
    Text(Vec<Piece>),
    Plain(Value),
    List(Vec<Node>),
    Object(Vec<(Vec<Piece>, Node)>),
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Hole { source: Source, quoted: bool },
}

/// What stood in a hole, strings without their quotes.
pub(super) type Filled = Vec<(Source, String)>;

/// Stands for a hole while the template is read as JSON. Not a character of any text.
const STAND_IN: u32 = 0x0010_0000;
/// Longer frames are none that ask for anything.
const LONGEST: usize = 1 << 20;

impl Form {
    pub(super) fn of(template: &Template) -> Self {
        Self { shape: shape(template), share: None }
    }

    pub(super) fn ask(ask: &Ask) -> Self {
        let share = ask.arg.as_ref().map(|arg| (Box::new(Self::of(arg)), ask.join.clone()));
        Self { share, ..Self::of(&ask.frame) }
    }

    /// What stood in the holes, once for each service that the frame is about. `None`: it is no such frame.
    pub(super) fn read(&self, frame: &[u8]) -> Option<Vec<Filled>> {
        if frame.len() > LONGEST {
            return None;
        }
        let mut filled = Filled::new();
        match &self.shape {
            Shape::Json(node) => fits(node, &serde_json::from_slice(frame).ok()?, &mut filled).then_some(())?,
            Shape::Text(pieces) => take(pieces, std::str::from_utf8(frame).ok()?, &mut filled).then_some(())?,
        }
        let Some((share, join)) = &self.share else { return Some(vec![filled]) };
        let args = filled.iter().find_map(|(source, text)| (*source == Source::Args).then_some(text))?;
        let shares: Vec<String> = match join {
            Join::List => {
                let list = serde_json::from_str::<Value>(args).ok()?;
                let items = list.as_array().map_or(std::slice::from_ref(&list), Vec::as_slice);
                items.iter().map(|item| share.spell(item)).collect()
            }
            Join::Text(separator) => args.split(separator.as_str()).map(str::to_owned).collect(),
        };
        let each = shares.iter().map(|text| Some([filled.clone(), share.read(text.as_bytes())?.concat()].concat()));
        each.collect::<Option<Vec<_>>>().filter(|each| !each.is_empty())
    }

    /// An item as this form reads it: text without its quotes, where it is made of text.
    fn spell(&self, item: &Value) -> String {
        match (&self.shape, item) {
            (Shape::Text(_), Value::String(text)) => text.clone(),
            (Shape::Text(_) | Shape::Json(_), other) => other.to_string(),
        }
    }
}

fn shape(template: &Template) -> Shape {
    let holes: Vec<_> = template.holes().cloned().collect();
    if template.json {
        let mut text = String::new();
        let mut marks = (STAND_IN..).filter_map(char::from_u32);
        for part in &template.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Hole(hole) => {
                    let mark = marks.next().unwrap_or_default();
                    if hole.quoted { text.push(mark) } else { text.extend(['"', mark, '"']) }
                }
            }
        }
        let quoted =
            |mark: char| place(mark).and_then(|at| holes.get(at)).map(|hole| (hole.source.clone(), hole.quoted));
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            return Shape::Json(node(value, &quoted));
        }
    }
    let pieces = template.parts.iter().map(|part| match part {
        Part::Text(text) => Piece::Text(text.clone()),
        Part::Hole(hole) => Piece::Hole { source: hole.source.clone(), quoted: hole.quoted },
    });
    Shape::Text(pieces.collect())
}

fn place(mark: char) -> Option<usize> {
    u32::from(mark).checked_sub(STAND_IN).and_then(|at| usize::try_from(at).ok())
}

type Holes<'a> = &'a dyn Fn(char) -> Option<(Source, bool)>;

fn node(value: Value, holes: Holes<'_>) -> Node {
    match value {
        Value::String(text) => {
            let mut chars = text.chars();
            if let (Some(mark), None) = (chars.next(), chars.next())
                && let Some((source, false)) = holes(mark)
            {
                return Node::Hole(source);
            }
            Node::Text(pieces(&text, holes))
        }
        Value::Array(items) => Node::List(items.into_iter().map(|item| node(item, holes)).collect()),
        Value::Object(members) => {
            Node::Object(members.into_iter().map(|(key, value)| (pieces(&key, holes), node(value, holes))).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => Node::Plain(plain),
    }
}

fn pieces(text: &str, holes: Holes<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        match holes(c) {
            Some((source, _)) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                // The string was opened before it is looked into.
                pieces.push(Piece::Hole { source, quoted: false });
            }
            None => plain.push(c),
        }
    }
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

fn fits(node: &Node, value: &Value, filled: &mut Filled) -> bool {
    match (node, value) {
        (Node::Hole(source), value) => {
            filled.push((source.clone(), spelled(value)));
            true
        }
        (Node::Text(pieces), Value::String(text)) => take(pieces, text, filled),
        (Node::Plain(plain), value) => plain == value,
        (Node::List(nodes), Value::Array(items)) => {
            nodes.len() == items.len() && nodes.iter().zip(items).all(|(node, item)| fits(node, item, filled))
        }
        // A client may say more than the template does.
        (Node::Object(nodes), Value::Object(members)) => nodes.iter().all(|(key, node)| {
            members.iter().any(|(name, value)| {
                let before = filled.len();
                let fine = take(key, name, filled) && fits(node, value, filled);
                if !fine {
                    filled.truncate(before);
                }
                fine
            })
        }),
        (Node::Text(_) | Node::List(_) | Node::Object(_), _) => false,
    }
}

fn spelled(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Text against pieces: a hole ends where the text behind it begins, and the last takes all that is left.
fn take(pieces: &[Piece], text: &str, filled: &mut Filled) -> bool {
    let mut rest = text;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(plain) => match rest.strip_prefix(plain.as_str()) {
                Some(left) => rest = left,
                None => return false,
            },
            Piece::Hole { source, quoted } => {
                let end = match pieces.get(at + 1) {
                    Some(Piece::Text(end)) if at + 2 == pieces.len() => rest.strip_suffix(end.as_str()).map(str::len),
                    Some(Piece::Text(end)) => rest.find(end.as_str()),
                    Some(Piece::Hole { .. }) => Some(0),
                    None => Some(rest.len()),
                };
                let Some((value, left)) = end.and_then(|end| rest.split_at_checked(end)) else { return false };
                let opened = quoted.then(|| serde_json::from_str(&format!("\"{value}\"")).ok()).flatten();
                filled.push((source.clone(), opened.unwrap_or_else(|| value.to_owned())));
                rest = left;
            }
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str, json: bool) -> Form {
        Form::of(&Template::parse(text, json).unwrap())
    }

    fn name(form: &Form, frame: &str) -> Option<String> {
        let all = form.read(frame.as_bytes())?.concat();
        Some(all.into_iter().map(|(source, text)| format!("{source}={text}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_frame_is_known_however_it_is_written() {
        let sub = form(r#"{"type":"sub","service":"${s.name}"}"#, true);
        assert_eq!(name(&sub, r#"{ "service": "业\"务1", "type":"sub", "id": 7 }"#), Some("s.name=业\"务1".into()));
        for other in
            [r#"{"type":"unsub","service":"a"}"#, r#"{"type":"sub"}"#, r#"{"type":"sub","service":1}"#, "sub", ""]
        {
            assert_eq!(name(&sub, other), None, "{other}");
        }
    }

    #[test]
    fn holes_may_be_values_and_parts_of_strings() {
        let form = form(r#"{"id":${id},"topic":"a/${s.x}/${s.y}","n":[1,null,${s.z}]}"#, true);
        let frame = r#"{"id":"u-1","topic":"a/b/c/d","n":[1,null,{"k":2}]}"#;
        assert_eq!(name(&form, frame), Some(r#"id=u-1 s.z={"k":2} s.x=b s.y=c/d"#.into()));
        assert_eq!(name(&form, &frame.replace("null", "0")), None);
    }

    #[test]
    fn text_is_taken_apart_at_what_stands_between() {
        let form = Form::of(&Template::parse(r#"42["join","${s.room}",${id}]"#, false).unwrap().with_json_inside());
        assert_eq!(name(&form, r#"42["join","a\"b",9]"#), Some("s.room=a\"b id=9".into()));
        assert_eq!(name(&form, r#"43["join","a",9]"#), None);
    }

    #[test]
    fn a_frame_for_several_is_about_each() {
        let mut ask = Ask::plain(Template::parse(r#"{"op":"subscribe","args":${args}}"#, true).unwrap());
        ask.arg = Some(Template::parse(r#"{"channel":"${s.channel}","id":"${s.id}"}"#, true).unwrap());
        let read =
            Form::ask(&ask).read(br#"{"op":"subscribe","args":[{"channel":"t","id":"1"},{"channel":"u","id":"2"}]}"#);
        let of = |filled: &Filled| filled.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>()[1..].join(":");
        assert_eq!(read.unwrap().iter().map(of).collect::<Vec<_>>(), ["t:1", "u:2"]);
        ask.arg = Some(Template::parse("${s.name}@trade", false).unwrap());
        let read = Form::ask(&ask).read(br#"{"op":"subscribe","args":["a@trade","b@trade"]}"#).unwrap();
        assert_eq!(read.iter().map(of).collect::<Vec<_>>(), ["a", "b"]);
        assert!(Form::ask(&ask).read(br#"{"op":"subscribe","args":["a@depth"]}"#).is_none());
    }
}
