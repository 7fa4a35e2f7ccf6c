//! What is wrong, in one line: for where there is room for no more. The long form is in the words themselves.

use super::Wrong;
use crate::text;

impl Wrong {
    /// The first thing that is wrong, with its place and its remedy, and how many more there are.
    pub fn brief(&self) -> String {
        let lines: Vec<_> = self.0.lines().map(str::trim_end).collect();
        let starts: Vec<_> = (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| is_error(line))).collect();
        let Some(first) = starts.first().copied() else {
            return text::clean(&lines.join("; ")).into_owned();
        };
        let end = starts.get(1).copied().unwrap_or(lines.len());
        let told = lines.get(first..end).unwrap_or_default();
        let mut words = told.first().map_or("", |line| line.trim_start_matches(ERROR)).to_owned();
        let place = told.iter().find_map(|line| line.trim_start().strip_prefix("--> "));
        if let Some(place) = place {
            // The whole path has no room, and which file it is its name says.
            let file = place.rsplit(['/', '\\']).next().unwrap_or(place);
            words = format!("{file}: {words}");
        }
        let help = told.iter().position(|line| line.trim_start().starts_with(HELP));
        let help = help.and_then(|at| told.get(at..)).unwrap_or_default().iter();
        for line in help.map(|line| line.trim_start().trim_start_matches(HELP)) {
            words = format!("{words}; {line}");
        }
        match starts.len() - 1 {
            0 => {}
            more => words = format!("{words} (and {more} more)"),
        }
        text::clean(&words).into_owned()
    }

    /// All of it, line by line.
    pub fn whole(&self) -> Vec<String> {
        self.0.lines().map(|line| text::clean(line).into_owned()).collect()
    }
}

const ERROR: &str = "error: ";
const HELP: &str = "= help: ";

fn is_error(line: &str) -> bool {
    line.starts_with(ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::plan::files::told;
    use crate::profile::diagnostic::Source;

    fn brief(toml: &str) -> String {
        let errors = Config::parse(Source::new("/home/me/.config/wirebeat/config.toml", toml)).err().unwrap();
        told(&errors).brief()
    }

    #[test]
    fn the_first_mistake_has_place_and_remedy() {
        assert_eq!(
            brief("[feed.a]\nurl = 'ws://h'\nprofil = 'raw'\n"),
            "config.toml:3:1: unknown key `profil`; did you mean `profile`?"
        );
        let two = brief("[feed.a]\nurl = 'ws://h'\nprofil = 'raw'\n[ui]\nlang = 'de'\n");
        assert_eq!(two, "config.toml:3:1: unknown key `profil`; did you mean `profile`? (and 1 more)");
        let broken = brief("[feed\u{1b}[2J");
        assert!(broken.starts_with("config.toml:1:") && !broken.contains(['\n', '\u{1b}']), "{broken}");
    }

    #[test]
    fn other_words_become_one_line() {
        let wrong = Wrong("no such target: x\ndid you mean ws://x?".to_owned());
        assert_eq!(wrong.brief(), "no such target: x; did you mean ws://x?");
        assert_eq!(wrong.whole(), ["no such target: x", "did you mean ws://x?"]);
    }
}
