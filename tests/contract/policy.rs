//! The tables of what follows from an end: the page has those of the program.

use wirebeat::session::policy::{CODES, Rule, STATUSES};

use crate::page::{self, REFERENCE};

#[test]
fn the_page_has_the_tables_of_the_program() {
    let tables = page::marked(REFERENCE, "policy");
    for (name, table) in [("codes", CODES), ("statuses", STATUSES)] {
        let (_, rows) = tables.iter().find(|(of, _)| *of == name).unwrap_or_else(|| panic!("no table of {name}"));
        let told: Vec<_> = rows.iter().map(|row| (row[0].clone(), first_word(&row[1]).to_owned())).collect();
        let word = |rule| match rule {
            Rule::Again => "again",
            Rule::Later => "later",
            Rule::Rejection => "rejection",
        };
        let program = table.iter().map(|(from, to, rule)| (format!("`{from}`-`{to}`"), word(*rule).to_owned()));
        assert_eq!(told, program.collect::<Vec<_>>(), "{name}");
    }
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default()
}
