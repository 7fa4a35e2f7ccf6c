//! A day of made-up time on a link that is not well and alive: bursts, silences just shorter than the rule, answers just in
//! time, behind data and late, a wall clock that is set, a reader that is slow. Not one false word, and nothing grows.

use std::sync::Arc;
use std::time::Duration;

use wirebeat::event::{Phase, ServiceState, course};
use wirebeat::profile::Profile;
use wirebeat::time::Ts;

use crate::play::{base, profile};
use crate::world::World;

const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

/// A profile, and the lengths of its heartbeat.
fn live(profile: &Arc<Profile>, after: Duration, timeout: Duration, seed: u64) {
    let mut world = World::new(profile, seed);
    world.until(Ts::ZERO + SECOND);
    let mut sizes = Vec::new();
    while world.now < Ts::ZERO + DAY {
        // A quarter of an hour of each kind of weather, as chance has it.
        let end = world.now + Duration::from_mins(15);
        let (gap, delay) = match world.below(4) {
            0 => ((after / 10, after), (Duration::ZERO, timeout / 3)),
            // Silences that call for a beat, and answers just in time.
            1 => ((after + after / 2, after * 3), (timeout.saturating_sub(SECOND / 10), SECOND / 20)),
            2 => ((SECOND / 2, 4 * SECOND), (Duration::ZERO, SECOND)),
            _ => ((after.saturating_sub(SECOND / 2), SECOND), (SECOND / 10, timeout / 2)),
        };
        (world.gap, world.delay) = (gap, delay);
        while world.now < end {
            match world.below(12) {
                0 => {
                    // A burst: the next messages come at once, and an answer behind them.
                    world.gap = (Duration::ZERO, SECOND / 50);
                    let length = world.within((SECOND / 10, SECOND / 5));
                    world.until(world.now + length);
                    world.gap = gap;
                }
                1 => {
                    let hours = i64::try_from(world.below(3)).unwrap() - 1;
                    world.wall((1_700_000_000 + hours * 3600) * 1_000_000_000);
                }
                2 => {
                    let length = world.within((SECOND / 4, 2 * timeout));
                    world.hold(length);
                }
                3 => world.midway(),
                _ => {}
            }
            let pause = world.within((Duration::ZERO, after * 2));
            world.until(world.now + pause);
        }
        sizes.push(format!("{:?}", world.session).len());
    }
    let snapshot = world.snapshot();
    assert!(matches!(snapshot.phase, Phase::Open | Phase::Probing), "seed {seed}: {:?}", snapshot.phase);
    let told = &world.told;
    assert_eq!((told.dials, told.opens, told.closes), (1, 1, 0), "seed {seed}: {:?}", told.why);
    assert_eq!((told.outages, told.gaps, told.repeats), ((0, 0), 0, 0), "seed {seed}");
    assert!(told.beats.0 > 100 && told.beats.0 - told.beats.1 <= 1, "seed {seed}: {:?}", told.beats);
    assert!(told.frames > 1000);
    assert_eq!(snapshot.counters.messages, told.frames, "seed {seed}");
    assert!(
        snapshot.services.iter().all(|service| service.state != ServiceState::Off && service.lost.unwrap_or(0) == 0)
    );
    // What came in the last minutes is kept, however much came before.
    let courses = &snapshot.courses;
    for course in courses.services.iter().chain([&courses.feed]) {
        assert!(course.between(0, u64::MAX).count() as u64 <= course::KEPT, "seed {seed}");
    }
    assert!(courses.trips.len() <= course::TRIPS && courses.gaps.len() <= course::GAPS, "seed {seed}");
    // What it has learned by the first hour is all that it keeps.
    let (first, last) = (sizes[4..12].iter().max().unwrap(), sizes.iter().max().unwrap());
    assert!(*last < first + first / 10, "seed {seed}: it grows from {first} to {last}");
}

#[test]
fn of_the_seeds_protocol() {
    for seed in 0..3 {
        live(&profile("sub-heartbeat", &[]), 30 * SECOND, 10 * SECOND, seed);
    }
}

#[test]
fn of_the_demos_protocol_with_its_numbers() {
    for seed in 0..2 {
        live(&profile("demo", &[]), 5 * SECOND, 2 * SECOND, seed);
    }
}

/// WebSocket pings, and answers that are theirs alone: data does not help.
#[test]
fn of_pings_that_only_their_pongs_answer() {
    let mut strict = base("sub-heartbeat");
    let beat = &mut strict.heartbeats[0];
    beat.send = wirebeat::profile::Beat::Ping;
    (beat.alive_on, beat.mode) = (wirebeat::profile::Life::Answer, wirebeat::profile::BeatMode::Interval);
    live(&Arc::new(strict), 30 * SECOND, 10 * SECOND, 7);
}
