//! What is typed while the program runs, read as the words of a command line are. What they name is not known here.

use clap::{Command, CommandFactory as _, FromArgMatches as _, Parser};

use super::Targets;

/// The words that say what to watch, and how.
#[derive(Debug, Parser)]
#[command(name = "add", no_binary_name = true, disable_help_flag = true)]
struct Add {
    #[command(flatten)]
    targets: Targets,
}

/// Parts a line as a shell does, and reads it as the arguments of the dashboard. The error is one line.
pub fn targets(line: &str) -> Result<Targets, String> {
    let words = shlex::split(line).ok_or("a quote is never closed, or a \\ stands at the end")?;
    let matches = command().try_get_matches_from(words).map_err(|error| brief(&error.to_string()))?;
    let Add { targets } = Add::from_arg_matches(&matches).map_err(|error| brief(&error.to_string()))?;
    if targets.config.is_some() {
        return Err("--config is for the start; this run has its file, and reload reads it again".to_owned());
    }
    if targets.targets.is_empty() && targets.profile.is_none() {
        return Err("a TARGET is missing: ws://HOST/PATH, NAME=URL, a profile, or a feed of the file".to_owned());
    }
    Ok(targets)
}

/// The file was chosen when the program began, whatever the environment says.
fn command() -> Command {
    Add::command().mut_arg("config", |arg| arg.env(None::<&str>))
}

/// What is wrong, and the tip, without the usage.
fn brief(error: &str) -> String {
    let lines = error.lines().map(str::trim).take_while(|line| !line.starts_with("Usage: "));
    // That a word could be meant as it stands is no help to somebody who mistyped an option.
    let idle = |line: &&str| line.starts_with("For more information") || line.starts_with("tip: to pass ");
    let lines = lines.filter(|line| !line.is_empty() && !idle(line));
    let lines: Vec<_> = lines.map(|line| line.trim_start_matches("error: ").trim_start_matches("tip: ")).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_a_shell_and_the_program_would() {
        let line =
            r#"market=ws://h/p -p raw -s '业务 1' -s "a b" --set heartbeat.after=2s -H 'Origin: x' --allow-env T"#;
        let targets = targets(line).unwrap();
        assert_eq!(targets.targets, ["market=ws://h/p"]);
        assert_eq!((targets.profile.as_deref(), targets.services.len()), (Some("raw"), 2));
        assert_eq!(targets.services, ["业务 1", "a b"]);
        assert_eq!((targets.sets.len(), targets.headers.len()), (1, 1));
        assert_eq!(targets.allow.env, ["T"]);
        assert!(self::targets("-p kraken -s ticker:BTC/USD").unwrap().targets.is_empty());
    }

    #[test]
    fn what_is_wrong_is_one_line() {
        for (line, told) in [
            ("ws://h 'x", "a quote is never closed"),
            ("ws://h --foo", "unexpected argument '--foo' found"),
            ("ws://h --sevrice a", "unexpected argument '--sevrice' found; a similar argument exists: '--service'"),
            ("ws://h --help", "unexpected argument '--help' found"),
            ("ws://h --set", "a value is required for '--set <PATH=VALUE>' but none was supplied"),
            ("-s a", "a TARGET is missing"),
            ("ws://h --config x.toml", "--config is for the start"),
            ("", "a TARGET is missing"),
        ] {
            let error = targets(line).unwrap_err();
            assert!(error.starts_with(told) && !error.contains('\n'), "{line}: {error}");
        }
    }
}
