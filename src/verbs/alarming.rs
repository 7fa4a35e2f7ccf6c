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
/// started where there is no command. `tell` is told what becomes of it if that is not good, the same only once in a row.
pub(super) fn program(
    command: Vec<String>,
    tell: impl Fn(String) + Send + Sync + 'static,
) -> Option<mpsc::Sender<Vec<u8>>> {
    let mut words = command.into_iter();
    let name = words.next()?;
    let args: Vec<_> = words.collect();
    let (sender, mut lines) = mpsc::channel::<Vec<u8>>(WAITING);
    tokio::spawn(async move {
        let mut told = String::new();
        while let Some(line) = lines.recv().await {
            let mut command = Command::new(&name);
            command.args(&args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) => {
                    told_once(&mut told, format!("cannot be run: {error}; see [alarm] command"), &name, &tell);
                    continue;
                }
            };
            let ran = async {
                if let Some(mut stdin) = child.stdin.take() {
                    // One that does not read it is told by being run.
                    let _read = stdin.write_all(&line).await;
                }
                child.wait().await
            };
            match timeout(RUN, ran).await {
                Ok(Ok(status)) if status.success() => told = String::new(),
                Ok(Ok(status)) => told_once(&mut told, format!("ended with {status}"), &name, &tell),
                Ok(Err(error)) => told_once(&mut told, format!("was lost: {error}"), &name, &tell),
                Err(_) => told_once(&mut told, format!("took over {}s and was ended", RUN.as_secs()), &name, &tell),
            }
        }
    });
    Some(sender)
}

fn told_once(told: &mut String, what: String, name: &str, tell: &impl Fn(String)) {
    if *told != what {
        tell(text::clean(&format!("the alarm command {name} {what}")).into_owned());
    }
    *told = what;
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
        let heard = program(["/bin/sh", "-c", &script].map(str::to_owned).to_vec(), |wrong| panic!("{wrong}")).unwrap();
        heard.send(b"{\"event\":\"alarm\"}\n".to_vec()).await.unwrap();
        for _ in 0..200 {
            if file.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"event\":\"alarm\"}\n");
        assert!(program(Vec::new(), |_| {}).is_none());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_fails_is_told_of_once_in_a_row() {
        for (command, says) in [
            (vec!["/no/such/program"], "the alarm command /no/such/program cannot be run: "),
            (vec!["/bin/sh", "-c", "exit 3"], "the alarm command /bin/sh ended with exit status: 3"),
        ] {
            let (told, mut tells) = futures::channel::mpsc::unbounded();
            let command = command.into_iter().map(str::to_owned).collect();
            let heard = program(command, move |wrong| told.unbounded_send(wrong).unwrap()).unwrap();
            heard.send(b"1\n".to_vec()).await.unwrap();
            heard.send(b"2\n".to_vec()).await.unwrap();
            drop(heard);
            let first = futures::StreamExt::next(&mut tells).await.unwrap();
            assert!(first.starts_with(says), "{first}");
            assert_eq!(futures::StreamExt::next(&mut tells).await, None);
        }
    }
}
