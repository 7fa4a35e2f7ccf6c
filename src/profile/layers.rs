//! A profile laid over the one it extends, and `--set` over both. It knows `schema` and `extends`, and no other name's meaning.

use std::path::Path;

use super::diagnostic::{Origin, Problems, Source, nearest};
use super::tree::{self, Node, Table, Value};
use super::{bundled, sets};

/// The version of the format that this program reads.
const SCHEMA: i128 = 1;
const MAX_DEPTH: usize = 8;

/// Several ways to say one thing: who says it in one way takes back what a layer below said in another.
const RIVALS: &[&[&str]] = &[
    &["send", "send_text", "ws_ping"],
    &["frame", "frame_text"],
    &["after", "every"],
    &["base", "steps"],
    &["resume", "resume_text"],
];

/// What belongs to a profile itself and not to those that extend it.
const OWN: [&str; 4] = ["name", "test", "checked", "proof"];

/// Reads a profile and all that it extends, and lays them over each other. Gives the number of its own source as well.
pub fn read(
    problems: &mut Problems,
    main: Source,
    find: &dyn Fn(&str) -> Option<Source>,
    sets: &[String],
) -> Option<(usize, Table)> {
    let mut names = vec![main.name.clone()];
    let (number, table) = tree::parse(problems, main);
    let mut top = table?;
    check_schema(problems, number, &top)?;
    let mut layers = Vec::new();
    let mut base = top.remove("extends");
    while let Some(extends) = base {
        let source = found(problems, &extends.node, find, &names)?;
        names.push(source.name.clone());
        let (number, table) = tree::parse(problems, source);
        let mut table = table?;
        check_schema(problems, number, &table)?;
        base = table.remove("extends");
        for own in OWN {
            table.remove(own);
        }
        layers.push(table);
    }
    let mut merged = Table::default();
    for layer in layers.into_iter().rev().chain([top]) {
        merged.lay_over(layer, RIVALS);
    }
    for set in sets {
        sets::apply(problems, &mut merged, set, RIVALS);
    }
    Some((number, merged))
}

fn check_schema(problems: &Problems, number: usize, table: &Table) -> Option<()> {
    let Some(schema) = table.get("schema") else {
        let help = format!("begin the file with `schema = {SCHEMA}`, so that later versions know how to read it");
        problems.tell_help(Origin::new(number, 0..0), "`schema` is missing", help);
        return Some(());
    };
    match schema.node.value {
        Value::Integer(SCHEMA) => Some(()),
        Value::Integer(other) => {
            // Its names may mean something else, so there is no sense in judging them.
            let help = format!("this version of wirebeat reads schema {SCHEMA}");
            problems.tell_help(schema.node.origin, format!("the file is written for schema {other}"), help);
            None
        }
        Value::Text(_) | Value::Float(..) | Value::Bool(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => {
            problems.tell_help(schema.node.origin, "`schema` is a number", format!("write `schema = {SCHEMA}`"));
            Some(())
        }
    }
}

/// What a file names is meant from where that file lies.
fn beside(from: &str, name: &str) -> String {
    let is_path = name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|end| end == "toml");
    let folder = Path::new(from).parent().filter(|_| is_path && !name.starts_with('~'));
    folder.map_or_else(|| name.to_owned(), |folder| folder.join(name).display().to_string())
}

fn found(
    problems: &Problems,
    extends: &Node,
    find: &dyn Fn(&str) -> Option<Source>,
    names: &[String],
) -> Option<Source> {
    let name = super::reader::text(problems, extends)?;
    let place = beside(names.last().map_or("", String::as_str), name);
    let Some(source) = find(&place) else {
        let near = nearest(name, bundled::names()).map(|near| format!("did you mean `{near}`?"));
        let is_path = name.contains(['/', '\\', '.']);
        let near =
            near.or_else(|| is_path.then(|| "no such file can be read beside the one that extends it".to_owned()));
        let all = || format!("bundled are {}", bundled::names().collect::<Vec<_>>().join(", "));
        problems.tell_help(extends.origin, format!("there is no profile `{name}`"), near.unwrap_or_else(all));
        return None;
    };
    if names.contains(&source.name) {
        let circle = names.iter().chain([&source.name]).cloned().collect::<Vec<_>>().join(" -> ");
        problems.tell_help(extends.origin, "profiles extend each other in a circle", circle);
        return None;
    }
    if names.len() >= MAX_DEPTH {
        problems.tell(extends.origin, format!("more than {MAX_DEPTH} profiles extend each other"));
        return None;
    }
    Some(source)
}
