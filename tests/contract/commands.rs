//! The commands of the palette that the reference has are those of the program.

use wirebeat::app::control::verb::Verb;
use wirebeat::cli;

use crate::page::{self, REFERENCE};

#[test]
fn the_commands_are_those_of_the_palette() {
    let section = page::sections(REFERENCE, "##").into_iter().find(|(name, _)| *name == "Commands").unwrap().1;
    let lines = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let told: Vec<_> = lines.map(|(command, _)| command.replace("\\|", "|")).collect();
    let known = Verb::ALL.map(|verb| format!("{} {}", verb.name(), verb.rest()).trim_end().to_owned());
    assert_eq!(told, known);
}

#[test]
fn the_lines_that_pages_add_feeds_by_are_taken() {
    let mut count = 0;
    for page in [REFERENCE, page::README, page::README_ZH] {
        for line in page.split(":add ").skip(1).filter_map(|rest| rest.split(['`', '\n']).next()) {
            cli::targets(line).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}
