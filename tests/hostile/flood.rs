//! Servers that send as fast as they can for as long as they may. What is shown of it may be busy, and has to stay small.

use tokio::io::AsyncWriteExt as _;

use crate::scene::{Scene, frame, opened, pass};

/// Two seconds of them, and a silence that is noticed.
const WHILE: std::time::Duration = std::time::Duration::from_secs(2);

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        flood("small messages", frame(0x81, br#"{"service":"a","n":1}"#)),
        flood("names that are all new", Vec::new()),
        flood("pings", frame(0x89, b"are you there?")),
        flood("pongs", frame(0x8A, b"")),
        flood("empty messages", frame(0x81, b"")),
        flood("garbage", frame(0x81, b"\x1b[31m\x07 not JSON")),
    ]
}

fn flood(name: &str, one: Vec<u8>) -> Scene {
    opened(format!("a flood of {name}"), &["", "half_open", "write_stalled", "reset"], move |mut tcp| {
        let one = one.clone();
        async move {
            let mut number = 0_u64;
            let many = async {
                loop {
                    let bytes = if one.is_empty() {
                        let names =
                            (0..200).map(|n| frame(0x81, format!(r#"{{"service":"name {}"}}"#, number + n).as_bytes()));
                        names.collect::<Vec<_>>().concat()
                    } else {
                        one.repeat(200)
                    };
                    number += 200;
                    if tcp.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            };
            let _over = tokio::time::timeout(WHILE, many).await;
            pass(60_000).await;
        }
    })
    .takes(12, 96)
    .with(&["--events", "start,open,closed,reconnecting,outage,summary,backpressure"])
}
