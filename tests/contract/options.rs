//! The options that the reference names are those that the program has, verb by verb.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory};
use wirebeat::cli::Cli;

use crate::page::{self, REFERENCE};

#[test]
fn the_reference_has_every_option_and_no_other() {
    let mut command = Cli::command();
    command.build();
    let nested = |verb: &Command| {
        let name = verb.get_name().to_owned();
        verb.get_subcommands().map(|below| format!("{name} {}", below.get_name())).collect::<Vec<_>>()
    };
    let verbs: Vec<String> =
        command.get_subcommands().flat_map(|verb| [vec![verb.get_name().to_owned()], nested(verb)].concat()).collect();
    let mut named = BTreeSet::new();
    let tables = page::marked(REFERENCE, "options");
    for (of, _) in &tables {
        named.extend(of.split(", "));
    }
    assert_eq!(named, verbs.iter().map(String::as_str).chain(["wirebeat"]).collect(), "the verbs of the page");

    for verb in named {
        let below = verb.split(' ').filter(|word| *word != "wirebeat");
        let of = below.fold(&command, |of, word| of.find_subcommand(word).unwrap());
        let has: BTreeSet<_> = of.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(spelled).collect();
        let told = tables.iter().filter(|(names, _)| names.split(", ").any(|name| name == verb));
        let told: BTreeSet<_> = told.flat_map(|(_, table)| table.iter().map(|row| row[0].clone())).collect();
        assert_eq!(told, has, "the options of {verb}");
    }
}

#[test]
fn the_reference_has_every_variable_of_an_option() {
    let command = Cli::command();
    let all = command.get_subcommands().chain([&command]).flat_map(Command::get_arguments);
    for variable in all.filter_map(Arg::get_env) {
        let variable = format!("| `{}` |", variable.to_str().unwrap());
        assert!(REFERENCE.contains(&variable), "{variable}");
    }
}

/// An option as the page writes it.
fn spelled(arg: &Arg) -> Option<String> {
    let long = arg.get_long()?;
    let short = arg.get_short().map_or_else(String::new, |short| format!("`-{short}`, "));
    let takes_value = arg.get_action().takes_values();
    let value =
        arg.get_value_names().filter(|_| takes_value).map_or_else(String::new, |names| format!(" {}", names[0]));
    Some(format!("{short}`--{long}{value}`"))
}
