//! The built program against servers that mean it no good: each line of a catalogue is one. It does not crash, hang, spin or
//! hoard, does not hammer, says what is wrong by its right name, and prints nothing that a terminal would obey.
//!
//! The catalogue is in the files of this folder, one for each layer that a server can break. What is done to single
//! parts of a handshake, in library calls, is in `tests/handshake.rs`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may")]

mod deflate;
mod flood;
mod framing;
mod handshake;
mod liveness;
mod payload;
mod scene;
mod secure;
mod watch;

use scene::Scene;

/// So many at once: nearly all of them wait.
const AT_ONCE: usize = 40;

fn catalogue() -> Vec<Scene> {
    let all = [
        handshake::scenes(),
        secure::scenes(),
        framing::scenes(),
        deflate::scenes(),
        payload::scenes(),
        liveness::scenes(),
    ];
    all.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_server_of_the_catalogue_does_harm() {
    let scenes = catalogue();
    let mut names: Vec<_> = scenes.iter().map(|scene| scene.name.clone()).collect();
    let count = names.len();
    assert!(count >= 100, "{count} scenes");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "two of one name");
    let only = std::env::var("WIREBEAT_SCENE").unwrap_or_default();
    let scenes = scenes.into_iter().filter(|scene| scene.name.contains(&only));
    let wrong = watch::all(scenes, AT_ONCE).await;
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// These need more of the machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_flood_does_harm() {
    let wrong = watch::all(flood::scenes().into_iter(), 3).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
