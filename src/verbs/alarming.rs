//! What makes an alarm heard: the terminal's bell and notes, and the user's own program. When it is heard is decided in
//! [`crate::event::alarm`].

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::text;

/// How long the user's program may take for one alarm.
const RUN: Duration = Duration::from_secs(10);
/// Alarms that may wait for it; more are not told to it.
const WAITING: usize = 16;

/// Runs `command` for each line that comes, one after another, without a shell; the line is what it reads. Nothing is
/// started where there is no command.
pub(super) fn program(command: Vec<String>) -> Option<mpsc::Sender<Vec<u8>>> {
    let mut words = command.into_iter();
    let name = words.next()?;
    let args: Vec<_> = words.collect();
    let (sender, mut lines) = mpsc::channel::<Vec<u8>>(WAITING);
    tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            let mut command = Command::new(&name);
            command.args(&args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            let Ok(mut child) = command.spawn() else { continue };
            let told = async {
                if let Some(mut stdin) = child.stdin.take() {
                    // One that does not read it is told by being run.
                    let _read = stdin.write_all(&line).await;
                }
                child.wait().await
            };
            let _ended = timeout(RUN, told).await;
        }
    });
    Some(sender)
}

/// The bell, and a note of the desktop in the two forms that terminals know. tmux rings the bell itself, and passes on
/// what is wrapped for the terminal outside.
pub(super) fn signal(bell: bool, note: Option<&str>, in_tmux: bool) -> String {
    let mut out = String::new();
    if let Some(note) = note {
        let note = text::clean(note).replace(';', ",");
        for osc in [format!("\x1b]9;{note}\x1b\\"), format!("\x1b]777;notify;wirebeat;{note}\x1b\\")] {
            let wrapped = in_tmux.then(|| format!("\x1bPtmux;{}\x1b\\", osc.replace('\x1b', "\x1b\x1b")));
            out.push_str(wrapped.as_ref().unwrap_or(&osc));
        }
    }
    if bell {
        out.push('\x07');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_note_acts() {
        assert_eq!(signal(true, None, true), "\x07");
        let told = signal(false, Some("a;\x1b]b"), false);
        assert_eq!(told.matches('\x1b').count(), 4, "{told:?}");
        assert!(told.starts_with("\x1b]9;a,"), "{told:?}");
        let wrapped = signal(true, Some("a"), true);
        assert!(
            wrapped.starts_with("\x1bPtmux;\x1b\x1b]9;a\x1b\x1b\\\x1b\\") && wrapped.ends_with('\x07'),
            "{wrapped:?}"
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_reads_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("heard");
        let script = format!("cat > {}.part; mv {0}.part {0}", file.display());
        let heard = program(["/bin/sh", "-c", &script].map(str::to_owned).to_vec()).unwrap();
        heard.send(b"{\"event\":\"alarm\"}\n".to_vec()).await.unwrap();
        for _ in 0..200 {
            if file.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"event\":\"alarm\"}\n");
        assert!(program(Vec::new()).is_none());
    }
}
