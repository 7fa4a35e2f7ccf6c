//! A program of the profile: run without a shell, bounded in time and output, gone with the link that wanted it.
//! What it prints is secret and goes to the session alone; what is told of a failure repeats none of it.

use std::env;
use std::future::{pending, poll_fn};
use std::process::Stdio;
use std::task::Poll;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::event::Gen;
use crate::session::Program;
use crate::text::{size, span};

/// A program under way.
pub(super) struct Running {
    pub(super) link: Gen,
    done: BoxFuture<'static, Result<String, String>>,
}

/// The most that one may print.
const MOST: u64 = 64 << 10;
/// What any program may see of our environment; secrets are named by the profile.
const HARMLESS: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "TEMP",
];

/// Starts it.
pub(super) fn run(link: Gen, program: Program) -> Running {
    Running { link, done: output(program).boxed() }
}

/// Waits for the first of them to end, and takes it out.
pub(super) async fn done(running: &mut Vec<Running>) -> (Gen, Result<String, String>) {
    if running.is_empty() {
        return pending().await;
    }
    poll_fn(|cx| {
        for at in 0..running.len() {
            if let Poll::Ready(result) = running[at].done.poll_unpin(cx) {
                return Poll::Ready((running.remove(at).link, result));
            }
        }
        Poll::Pending
    })
    .await
}

async fn output(program: Program) -> Result<String, String> {
    let Some((name, args)) = program.command.split_first() else {
        return Err("the program has no name".to_owned());
    };
    let seen = HARMLESS.iter().map(|name| (*name).to_owned()).chain(program.env);
    let seen: Vec<_> = seen.filter_map(|name| env::var_os(&name).map(|value| (name, value))).collect();
    let mut child = Command::new(name)
        .args(args)
        .env_clear()
        .envs(seen)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the program {name} did not start: {error}"))?;
    let stdout = child.stdout.take();
    let work = async {
        let printed = read(stdout).await?;
        let status = child.wait().await.map_err(|error| format!("the program {name} was lost: {error}"))?;
        if status.success() { Ok(printed) } else { Err(format!("the program {name} failed: {status}")) }
    };
    timeout(program.timeout, work)
        .await
        .unwrap_or_else(|_| Err(format!("the program {name} took longer than {}", span(program.timeout))))
}

async fn read(stdout: Option<impl AsyncRead + Unpin>) -> Result<String, String> {
    let mut printed = Vec::new();
    if let Some(stdout) = stdout {
        let read = stdout.take(MOST + 1).read_to_end(&mut printed).await;
        read.map_err(|error| format!("the program could not be read: {error}"))?;
    }
    if printed.len() as u64 > MOST {
        return Err(format!("the program printed more than {}", size(MOST)));
    }
    String::from_utf8(printed).map_err(|_| "the program printed something that is not text".to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn sh(script: &str, env: &[&str], limit: u64) -> Result<String, String> {
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let env = env.iter().map(|name| (*name).to_owned()).collect();
        let mut running = vec![run(Gen(7), Program { command, env, timeout: Duration::from_millis(limit) })];
        let (link, result) = done(&mut running).await;
        assert!(link == Gen(7) && running.is_empty());
        result
    }

    #[tokio::test]
    async fn what_it_prints_is_what_is_said() {
        assert_eq!(sh("printf '{\"a\":1}'", &[], 10_000).await.as_deref(), Ok("{\"a\":1}"));
    }

    #[tokio::test]
    async fn it_sees_what_is_named_and_nothing_else() {
        // Cargo sets these for its tests.
        let script = "echo $CARGO_PKG_NAME/$CARGO_PKG_VERSION";
        assert_eq!(sh(script, &["CARGO_PKG_NAME"], 10_000).await.as_deref(), Ok("wirebeat/\n"));
    }

    #[tokio::test]
    async fn it_is_bounded_in_time_and_output_and_its_words_stay_secret() {
        let late = sh("exec sleep 60", &[], 50).await.unwrap_err();
        assert!(late.contains("took longer than 50ms"), "{late}");
        let long = sh("yes secret | head -c 70000", &[], 10_000).await.unwrap_err();
        assert_eq!(long, "the program printed more than 64 KiB");
        let failed = sh("echo secret; echo secret >&2; exit 3", &[], 10_000).await.unwrap_err();
        assert!(failed.contains("failed") && failed.contains('3') && !failed.contains("secret"), "{failed}");
        let command = vec!["/no/such/program".to_owned(), "secret".to_owned()];
        let none = Program { command, env: Vec::new(), timeout: Duration::from_secs(1) };
        let (_, none) = done(&mut vec![run(Gen(1), none)]).await;
        assert!(none.is_err_and(|text| text.contains("did not start") && !text.contains("secret")));
    }
}
