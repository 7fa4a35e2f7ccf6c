//! The file that diagnostics are appended to: the user's own, readable by nobody else. What is written is not known here.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::text;

/// Opens it, or says why not and what to do.
pub(super) fn open(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| wrong(path, &reason(path, &error)))?;
    if file.is_terminal() {
        // Its lines would stand across the screen.
        return Err(wrong(path, "it is a terminal"));
    }
    Ok(file)
}

fn reason(path: &Path, error: &io::Error) -> String {
    if path.is_dir() {
        return "it is a directory".to_owned();
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) => format!("there is no folder {}", folder.display()),
        None => error.to_string(),
    }
}

fn wrong(path: &Path, why: &str) -> String {
    let text = format!(
        "cannot write the log file {}: {why}; name a file in a folder that you may write to, or leave --log-file out",
        path.display()
    );
    text::clean(&text).into_owned()
}
