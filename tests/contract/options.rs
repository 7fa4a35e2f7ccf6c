//! The options that the reference names are those that the program has, verb by verb.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory};
use wirebeat::cli::Cli;

use crate::page::{self, REFERENCE};

#[test]
fn the_reference_has_every_option_and_no_other() {
    let mut command = Cli::command();
    command.build();
    let verbs: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
    let mut named = BTreeSet::new();
    let tables = page::marked(REFERENCE, "options");
    for (of, _) in &tables {
        named.extend(of.split(", "));
    }
    assert_eq!(named, verbs.iter().copied().chain(["wirebeat"]).collect(), "the verbs of the page");

    for verb in named {
        let of = if verb == "wirebeat" { &command } else { command.find_subcommand(verb).unwrap() };
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
