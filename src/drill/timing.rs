//! Heartbeats against the rule: too early, too late, or on a link that was left.

use std::time::Duration;

use super::case::Expect;
use super::finding::Finding;
use super::grade::{GRACE, Run, count};
use super::rules::Rules;
use super::world::World;
use crate::time::Ts;

/// What the measure itself may be off.
const EARLY: Duration = Duration::from_millis(100);

/// Heartbeats at the wrong time, or in the wrong place.
pub(super) fn beats(world: &World, rules: &Rules, run: &Run, now: Ts, findings: &mut Vec<Finding>) {
    let Some(rule) = rules.beat else { return };
    let slack = rules.budgets.slack.max(rule.after / 10).min(rule.after / 2) + run.case.late;
    // A timer may be late, and has no reason to be early.
    let early = (rule.after / 10).max(EARLY).min(rule.after / 2) + run.case.late;
    for link in &world.links {
        let open = link.open.unwrap_or(link.knocked);
        let mut before: Option<Ts> = None;
        for beat in &link.beats {
            let idle = if rule.idle { Some(beat.idle) } else { before.map(|before| beat.at - before) };
            before = Some(beat.at);
            let Some(idle) = idle.filter(|idle| beat.at >= run.began && *idle + early < rule.after) else { continue };
            // Whoever has left a link is judged for that.
            if link.gone().is_some_and(|gone| gone <= beat.at) {
                continue;
            }
            let young = beat.at - open < rule.after;
            let after = rule.after;
            findings.push(if young { Finding::OldTimer { idle, after } } else { Finding::BeatEarly { idle, after } });
            break;
        }
        let newer = world.links.iter().filter_map(|other| other.open).filter(|other| *other > open).min();
        if let Some(newer) = newer {
            let dead = link.beats.iter().filter(|beat| beat.at > newer + GRACE).count();
            if dead > 0 {
                findings.push(Finding::BeatOnDead { beats: count(dead) });
            }
        }
    }
    // A link in order that has been silent for too long, and nobody asked.
    let hit = run.hit.as_ref().filter(|_| !matches!(run.case.expect, Expect::Notice));
    if let (Some(_), Some(link)) = (hit, world.alive()) {
        let since = link.beats.last().map_or(link.last_in, |beat| beat.at.max(link.last_in)).max(run.began);
        if now - since > rule.after + slack + rules.budgets.slack {
            findings.push(Finding::NoBeat { silent: now - since, after: rule.after });
        }
    }
}
