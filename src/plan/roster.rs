//! The feeds that run, and what is to become of them: one more is named, or the user's file says something else now.
//! It starts and ends none; what it plans counts once it is entered.

use std::collections::{BTreeMap, BTreeSet};

use super::targets::{self, Choice};
use super::{Made, Wrong, files, make, plan_made, untaken};
use crate::cli::Targets;
use crate::config::Config;
use crate::event::{FeedId, FeedInfo};
use crate::launch::{Change, FeedPlan};
use crate::profile::Profile;
use crate::text;

/// Who runs.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Those of the command line that are for all feeds: the file, the proxy, the seed.
    args: Targets,
    /// Every feed of the file is wanted that is not switched off there.
    follows: bool,
    seed: u64,
    /// No number is given twice.
    next: u32,
    known: BTreeMap<FeedId, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    plan: FeedPlan,
    /// Somebody named it: it stays when the file has it no more.
    named: bool,
}

impl Roster {
    /// Of the feeds that the command line began with. `follows`: they are those of the file.
    pub fn new(args: &Targets, follows: bool, seed: u64, plans: &[FeedPlan]) -> Self {
        let args =
            Targets { config: args.config.clone(), proxy: args.proxy.clone(), seed: args.seed, ..Targets::default() };
        let next = plans.iter().map(|plan| plan.info.id.0 + 1).max().unwrap_or(0);
        let known = plans.iter().map(|plan| (plan.info.id, Known { plan: plan.clone(), named: !follows })).collect();
        Self { args, follows, seed, next, known }
    }

    /// What was entered and runs, as far as is known.
    pub fn plans(&self) -> impl Iterator<Item = &FeedPlan> {
        self.known.values().map(|known| &known.plan)
    }

    /// The feeds that these words name, by the rules of the command line.
    pub fn add(&self, words: &Targets, notes: &mut Vec<String>) -> Result<Vec<Change>, Wrong> {
        let args = Targets {
            config: self.args.config.clone(),
            proxy: words.proxy.clone().or_else(|| self.args.proxy.clone()),
            seed: words.seed.or(self.args.seed),
            ..words.clone()
        };
        let config = files::config(args.config.as_deref())?;
        let (choices, wrong) = targets::choose(&args, &config);
        let made = make(&args, &config, choices, wrong, notes)?;
        let seed = words.seed.unwrap_or(self.seed);
        Ok(self.start(made, &BTreeSet::new(), self.next, seed))
    }

    /// What the file says now, and what that changes. What is wrong with it changes nothing.
    pub fn reload(&self, notes: &mut Vec<String>) -> Result<(Config, Vec<Change>), Wrong> {
        let config = files::config(self.args.config.as_deref())?;
        if config.file().is_none() {
            let place = files::usual_place().map_or_else(String::new, |place| place.display().to_string());
            return Err(Wrong(format!("there is no configuration file: {}", text::clean(&place))));
        }
        let runs = |name: &str| self.known.values().any(|known| known.plan.configured.as_deref() == Some(name));
        let is_named = |name: &str| {
            let one = |known: &Known| known.named && known.plan.configured.as_deref() == Some(name);
            self.known.values().any(one)
        };
        let wanted = config.feeds.iter().filter(|feed| self.follows && feed.enabled || is_named(&feed.name.value));
        let made = make(&self.args, &config, wanted.map(Choice::Feed).collect(), Vec::new(), notes)?;
        let on = |name: &str| self.follows && config.feed(name).is_some_and(|feed| feed.enabled);

        let mut changes = Vec::new();
        let mut ended = BTreeSet::new();
        for (id, known) in &self.known {
            if known.plan.configured.as_deref().is_some_and(|name| !known.named && !on(name)) {
                changes.push(Change::End(*id));
                ended.insert(*id);
            }
        }
        let mut next = self.next;
        for (id, known) in self.known.iter().filter(|(id, _)| !ended.contains(id)) {
            let now = made.iter().find(|made| made.configured.is_some() && made.configured == known.plan.configured);
            let Some(now) = now else { continue };
            let now = Made { name: known.plan.info.name.clone(), ..now.clone() };
            let plan = plan_made(FeedId(next), now, self.seed);
            if !is_same(&plan, &known.plan) {
                changes.push(Change::Replace(*id, Box::new(plan)));
                next += 1;
            }
        }
        let new = made.into_iter().filter(|made| made.configured.as_deref().is_some_and(|name| !runs(name)));
        changes.extend(self.start(new.collect(), &ended, next, self.seed));
        Ok((config, changes))
    }

    /// What was planned happens. `named`: by somebody who named these feeds.
    pub fn enter(&mut self, changes: &[Change], named: bool) {
        for change in changes {
            let (old, plan) = match change {
                Change::Start(plan) => (None, Some(plan)),
                Change::End(old) => (Some(old), None),
                Change::Replace(old, plan) => (Some(old), Some(plan)),
            };
            let named = old.and_then(|old| self.known.remove(old)).map_or(named, |known| known.named);
            if let Some(plan) = plan {
                let id = plan.info.id;
                self.next = self.next.max(id.0 + 1);
                self.known.insert(id, Known { plan: FeedPlan::clone(plan), named });
            }
        }
    }

    /// A feed runs no more.
    pub fn strike(&mut self, id: FeedId) {
        self.known.remove(&id);
    }

    fn start(&self, made: Vec<Made>, ended: &BTreeSet<FeedId>, next: u32, seed: u64) -> Vec<Change> {
        let left = self.known.iter().filter(|(id, _)| !ended.contains(id));
        let mut taken = left.map(|(_, known)| known.plan.info.name.clone()).collect();
        let named = made.into_iter().map(|feed| Made { name: untaken(&feed.name, &mut taken), ..feed });
        (next..).zip(named).map(|(id, feed)| Change::Start(Box::new(plan_made(FeedId(id), feed, seed)))).collect()
    }
}

/// Whether a feed would be another one if it were begun anew: numbers and names aside.
fn is_same(one: &FeedPlan, other: &FeedPlan) -> bool {
    let info = |plan: &FeedPlan| FeedInfo { id: FeedId::default(), name: String::new(), ..plan.info.clone() };
    let secrets = |plan: &FeedPlan| {
        let secrets = &plan.session.secrets;
        (secrets.env.clone(), secrets.files.clone(), secrets.put.clone())
    };
    one.target == other.target
        && info(one) == info(other)
        && secrets(one) == secrets(other)
        && format!("{:?}", one.session.services) == format!("{:?}", other.session.services)
        && manners(&one.session.profile) == manners(&other.session.profile)
}

/// All of a profile that a session goes by. Patterns know no equality, and are written out in full instead.
fn manners(profile: &Profile) -> String {
    let bare = Profile { title: String::new(), doc: Vec::new(), tests: Vec::new(), ..profile.clone() };
    format!("{bare:?}")
}

#[cfg(test)]
mod tests;
