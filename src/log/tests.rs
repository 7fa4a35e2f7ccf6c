//! Lines as they stand in the file, and a file that cannot be written.

use std::fs;
use std::time::Duration;

use super::*;
use crate::event::{Event, FeedId, How, Purpose, ServiceId, ServiceNews, ServiceState, Why};

fn open(file: &Path, detail: Detail) -> Log {
    Log::open(Wish { file: Some(file), detail, screen: true }).unwrap()
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

fn info() -> FeedInfo {
    FeedInfo {
        id: FeedId(0),
        name: "market\u{1b}[2J".to_owned(),
        url: "ws://h".to_owned(),
        profile: "raw".to_owned(),
        group: None,
        services: Vec::new(),
        beat: None,
        numbered: false,
        timed: false,
        acks: false,
    }
}

#[tokio::test]
async fn events_are_lines_by_what_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let service = ServiceNews {
        service: ServiceId(0),
        name: "业务1".into(),
        state: ServiceState::Sent,
        discovered: false,
        silent: None,
        usual: None,
        text: None,
    };
    let sent = |text: &str| Event::Sent {
        purpose: Purpose::Subscribe,
        service: Some(ServiceId(0)),
        text: text.to_owned(),
        bytes: 1,
    };
    let told = [
        Event::Dialing { attempt: 1 },
        Event::Service(service),
        sent("{\"a\":1}\n\u{202e}"),
        Event::BeatSent { how: How::Ping, text: String::new() },
        Event::Closed { why: Why::Eof, up: Duration::from_secs(3), silent: Duration::ZERO },
        Event::Stopped { why: Why::Asked },
    ];
    for (detail, has) in [
        (Detail::Quiet, vec!["WARN ", "ERROR"]),
        (Detail::Usual, vec!["INFO ", "INFO ", "WARN ", "ERROR"]),
        (Detail::Verbose, vec!["INFO ", "INFO ", "DEBUG", "DEBUG", "WARN ", "ERROR"]),
    ] {
        let file = folder.path().join(format!("{detail:?}"));
        let log = open(&file, detail);
        let clock = Clock::start();
        let queue = log.reader(&info(), &clock).unwrap();
        for (n, event) in (1..).zip(told.clone()) {
            queue.send(Stamped { n, at: clock.now(), feed: FeedId(0), event }).await.unwrap();
        }
        drop(queue);
        log.drain().await;
        log.close();
        let lines = lines(&file);
        let levels: Vec<_> = lines.iter().map(|line| &line[25..30]).collect();
        assert_eq!(levels, has, "{lines:#?}");
        for line in &lines {
            let stamp = &line[..24];
            assert!(stamp.parse::<Timestamp>().is_ok() && stamp.ends_with('Z') && stamp.contains('T'), "{line}");
            assert!(line[30..].starts_with(" market"), "{line}");
            assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line:?}");
        }
        if detail == Detail::Verbose {
            assert!(lines[2].contains("subscribe 业务1: {\"a\":1}"), "{}", lines[2]);
        }
    }
}

#[test]
fn nothing_is_made_where_nothing_is_wanted() {
    let log = Log::open(Wish { detail: Detail::Verbose, screen: true, ..Wish::default() }).unwrap();
    assert!(!log.wants(Level::Error));
    let log = Log::open(Wish::default()).unwrap();
    assert!(!log.wants(Level::Error) && log.trouble().is_none());
    log.say(Level::Error, None, "x");
    log.close();
}

#[test]
fn lines_are_appended_and_a_panic_is_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    fs::write(&file, "before\n").unwrap();
    let log = open(&file, Detail::Usual);
    log.panicked("a fault\nof its own");
    assert_eq!(lines(&file).len(), 2);
    log.say(Level::Info, None, "a\nb");
    log.say(Level::Debug, None, "unwanted");
    log.close();
    let lines = lines(&file);
    assert_eq!((lines.len(), lines[0].as_str()), (3, "before"));
    assert!(lines[1].contains("ERROR -  a fault") && lines[2].contains("INFO  -  a"), "{lines:#?}");
}

#[cfg(unix)]
#[test]
fn the_file_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    open(&file, Detail::Usual).close();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_cannot_be_is_told_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = |path: &Path| Log::open(Wish { file: Some(path), ..Wish::default() }).unwrap_err();
    let told = wrong(folder.path());
    assert!(told.contains("it is a directory") && told.contains("leave --log-file out"), "{told}");
    let told = wrong(&folder.path().join("none/log"));
    assert!(told.contains("there is no folder") && told.contains("none"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once() {
    let log = open(Path::new("/dev/full"), Detail::Usual);
    for n in 0..3 {
        log.say(Level::Info, None, &n.to_string());
        log.close();
    }
    let told = log.trouble().unwrap();
    assert!(told.contains("/dev/full cannot be written: No space left"), "{told}");
    assert_eq!(log.trouble(), None);
}

/// A disk that is full for a while.
#[test]
fn missing_lines_are_counted_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let file = file::open(&path).unwrap();
    let outlets = Outlets { file: Some(file), name: String::new(), stderr: false, complains: false };
    let writer = Writer::start(outlets).unwrap();
    writer.loses(7);
    writer.write(writer::Line { bytes: b"after\n".to_vec(), file_only: false });
    writer.close(Duration::from_secs(5));
    assert_eq!(fs::read_to_string(&path).unwrap(), "(7 lines are missing here)\nafter\n");
}
