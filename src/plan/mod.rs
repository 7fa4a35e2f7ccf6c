//! From arguments and the user's file to feeds that can be started: targets resolved, profiles loaded, secrets read.
//! Everything that is wrong with any of them is said here, all at once, before anything runs.
//!
//! `targets` finds out what each TARGET is, `given` makes a feed of a URL and options, `configured` one of a table of the
//! file; both ask `dial` for where it goes, `services` for what is subscribed, `profiles`, `files` and `secrets` for what
//! is read. `roster` makes more of them, or others, while some run already.

mod brief;
mod configured;
mod dial;
mod files;
mod given;
mod profiles;
mod roster;
mod secrets;
mod services;
mod targets;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::files::{config, usual_place};
pub use self::profiles::{find_profile, load_profile};
pub use self::roster::Roster;
pub use self::services::service;

use self::secrets::Vault;
use self::targets::Choice;
use crate::cli::Targets;
use crate::config::Config;
use crate::event::{BeatRule, FeedId, FeedInfo};
use crate::launch::FeedPlan;
use crate::net::target::{Host, Target};
use crate::profile::{BeatMode, Interval, LiveOn, Profile, ServiceSpec};
use crate::session::{self, Secrets};
use crate::text;
use crate::time::WallAnchor;

/// What is wrong, in words for a person, with the remedy; it may have several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

/// A feed of which everything is known but its number.
#[derive(Clone)]
struct Made {
    name: String,
    group: Option<String>,
    /// What it is called in the user's file, if it is one of that.
    configured: Option<String>,
    target: Target,
    profile: Arc<Profile>,
    services: Vec<ServiceSpec>,
    secrets: Secrets,
}

/// The feeds that the arguments name, or else those of the file. `notes` are lines for standard error.
pub fn feeds(args: &Targets, config: &Config, seed: u64, notes: &mut Vec<String>) -> Result<Vec<FeedPlan>, Wrong> {
    let (choices, wrong) = targets::choose(args, config);
    let made = make(args, config, choices, wrong, notes)?;
    let mut taken = BTreeSet::new();
    let named = made.into_iter().map(|feed| Made { name: untaken(&feed.name, &mut taken), ..feed });
    Ok((0..).zip(named).map(|(id, feed)| plan_made(FeedId(id), feed, seed)).collect())
}

/// Makes feeds of what was chosen, or says all that is wrong with it, and before it what was `wrong` with the choice.
fn make(
    args: &Targets,
    config: &Config,
    choices: Vec<Choice<'_>>,
    mut wrong: Vec<String>,
    notes: &mut Vec<String>,
) -> Result<Vec<Made>, Wrong> {
    let mut vault = Vault::default();
    let mut made = Vec::new();
    let mut hosts = BTreeSet::new();
    for choice in choices {
        let feed = match choice {
            Choice::Feed(feed) => configured::make(args, config, feed, &mut vault, notes),
            Choice::Given(given) => given::make(args, &given, &mut vault, notes).inspect(|feed| {
                hosts.insert(feed.target.authority());
            }),
        };
        match feed {
            Ok(feed) => made.push(feed),
            Err(errors) => wrong.extend(errors),
        }
    }
    if hosts.len() > 1 && !targets::personal(args).is_empty() {
        wrong.push(format!(
            "-H, -s, --set and certificates are for one host, and these targets have {}: {}\n\
             put the feeds into the configuration file, each with its own",
            hosts.len(),
            hosts.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    if !wrong.is_empty() {
        // What is wrong with a profile is wrong for each feed that has it, and said once.
        let mut said = BTreeSet::new();
        wrong.retain(|words| said.insert(words.clone()));
        return Err(Wrong(wrong.join("\n")));
    }
    notes.extend(proxy_notes(args, &made));
    Ok(made)
}

/// What is to be said of the proxy of the command line.
fn proxy_notes(args: &Targets, made: &[Made]) -> Vec<String> {
    let Some(proxy) = args.proxy.as_deref().filter(|proxy| proxy.trim() != dial::NO_PROXY) else { return Vec::new() };
    let mut notes = Vec::new();
    if text::looks_secret(proxy) {
        let secret =
            "wirebeat: --proxy holds a secret in plain sight (shell history, process list); write ${env.NAME} instead";
        notes.push(secret.to_owned());
    }
    let near: Vec<_> =
        made.iter().filter(|feed| feed.target.host().is_local()).map(|feed| feed.target.authority()).collect();
    if !near.is_empty() {
        let near = text::clean(&near.join(", ")).into_owned();
        notes.push(format!("wirebeat: --proxy is not used for {near}: what is on this machine is dialed directly"));
    }
    notes
}

/// A feed of which everything is known.
pub fn plan(
    id: FeedId,
    name: String,
    target: Target,
    profile: Arc<Profile>,
    services: Vec<ServiceSpec>,
    seed: u64,
) -> Result<FeedPlan, Wrong> {
    let secrets = Vault::default().of_profile(&profile).map_err(|errors| files::told(&errors))?;
    Ok(plan_made(id, Made { name, group: None, configured: None, target, profile, services, secrets }, seed))
}

fn plan_made(id: FeedId, made: Made, seed: u64) -> FeedPlan {
    let Made { name, group, configured, target, profile, services, secrets } = made;
    let info = FeedInfo {
        id,
        name,
        url: target.masked(),
        profile: profile.name.clone(),
        group,
        services: services.iter().map(|service| service.name.clone()).collect(),
        beat: profile.heartbeats.first().map(|beat| BeatRule {
            idle: beat.mode == BeatMode::Idle,
            after: beat.after.known(),
            timeout: beat.timeout.as_ref().map(Interval::known).unwrap_or_default(),
        }),
        numbered: !profile.sequences.is_empty(),
        timed: profile.time.is_some(),
        acks: profile.subscribe.as_ref().is_some_and(|ask| ask.live_on == LiveOn::Ack),
    };
    // Each feed has a jitter of its own, or a restart of the server would bring them all back at once.
    let seed = seed.wrapping_add(u64::from(id.0).wrapping_mul(0x9E37_79B9));
    let session = session::Plan { profile, services, seed, wall: WallAnchor::default(), secrets };
    FeedPlan { info, configured, target, session }
}

/// What a feed without a name is called: host, port and path.
fn called(target: &Target) -> String {
    let path = target.masked_path();
    let path = path.split('?').next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let colon = if matches!(target.host(), Host::Socket(_)) && !path.is_empty() { ":" } else { "" };
    text::clean(&format!("{}{colon}{path}", target.authority())).into_owned()
}

/// The name, or the name and the first number that tells it from those before it.
fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    for number in 2_u32.. {
        if taken.insert(free.clone()) {
            break;
        }
        free = format!("{name}#{number}");
    }
    free
}

#[cfg(test)]
mod tests;
