//! Pick a verb, build the runtime, turn an error into one line and an exit code. What a verb does is in the library.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use wirebeat::cli::Cli;
use wirebeat::verbs::{self, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind());
            let code = if asked { 0 } else { 2 };
            // A closed pipe is nobody's loss.
            let _printed = error.print();
            return ExitCode::from(code);
        }
    };
    match verbs::run(&cli, io::stdout().is_terminal()) {
        Ok(code) => ExitCode::from(code),
        Err(Failure { code, text }) => {
            // Standard error may be gone with the terminal.
            let _printed = writeln!(io::stderr().lock(), "wirebeat: {}", text.trim_end());
            ExitCode::from(code)
        }
    }
}
