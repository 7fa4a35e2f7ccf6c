//! The grader: observations with their times in, a verdict for each fault out. No clock, no socket, no words.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::case::{Case, Expect, Hold};
use super::finding::Finding;
use super::rules::Rules;
use super::timing::beats;
use super::world::{Link, Mark, World};
use crate::relay::{ClientId, Seen};
use crate::time::Ts;

/// Grades one client, fault by fault.
#[derive(Debug)]
pub struct Grader {
    rules: Rules,
    world: World,
    run: Option<Run>,
    exited: Option<(Ts, Option<i32>)>,
}

/// A case under way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) case: Case,
    pub(super) began: Ts,
    open: bool,
    /// When the fault began, what was hit, and what it was subscribed to.
    pub(super) hit: Option<Hit>,
}

#[derive(Debug)]
pub(super) struct Hit {
    at: Ts,
    link: Option<ClientId>,
    wanted: BTreeSet<Arc<str>>,
    had_data: bool,
}

/// What came out of one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Graded {
    pub findings: Vec<Finding>,
    pub measured: Measured,
    /// When the fault began, when the case began and ended, and what happened in between.
    pub fault_at: Option<Ts>,
    pub from: Ts,
    pub until: Ts,
    /// A link was open as it began.
    pub open: bool,
    pub marks: Vec<(Ts, Mark)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    pub noticed: Option<Duration>,
    pub redialed: Option<Duration>,
    pub reopened: Option<Duration>,
    pub dials: u32,
    pub most_links: u32,
    /// Services asked for again, of those that had been asked for.
    pub restored: Option<(u32, u32)>,
    pub data: Option<Duration>,
    pub beats: u32,
    pub answered: u32,
    pub lost: Option<u64>,
}

/// A link is in order after that long.
const SETTLED: Duration = Duration::from_millis(300);
/// Two links are none if the old one is left so soon after the new one is open.
pub(super) const GRACE: Duration = Duration::from_millis(250);
/// What a dial may take.
const DIAL: Duration = Duration::from_secs(5);

impl Grader {
    pub fn new(rules: Rules) -> Self {
        Self { rules, world: World::default(), run: None, exited: None }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn ever_open(&self) -> bool {
        self.world.ever_open
    }

    pub fn see(&mut self, seen: &Seen) {
        self.world.see(seen);
    }

    /// The client's program has ended.
    pub fn exited(&mut self, at: Ts, code: Option<i32>) {
        self.exited.get_or_insert((at, code));
    }

    /// The program was started again.
    pub fn started(&mut self) {
        self.exited = None;
    }

    pub fn begin(&mut self, case: Case, now: Ts) {
        self.world.forget();
        let open = self.world.alive().is_some();
        self.run = Some(Run { case, began: now, open, hit: None });
    }

    /// The case is not tried after all.
    pub fn drop_case(&mut self) {
        self.run = None;
    }

    /// What the client is subscribed to now.
    pub fn wanted(&self) -> Vec<Arc<str>> {
        self.world.alive().map(|link| link.wanted.iter().cloned().collect()).unwrap_or_default()
    }

    /// Whether the client is ready for the fault.
    pub fn is_live(&self, now: Ts) -> bool {
        let asked = |link: &Link| link.asked.values().map(|(at, _)| *at).max();
        self.world.alive().is_some_and(|link| {
            let open = link.open.unwrap_or(now);
            let since = asked(link).unwrap_or(open).max(open).max(self.run.as_ref().map_or(open, |run| run.began));
            // Who subscribes to nothing is waited for a little, and goes on as it is.
            let quiet = self.rules.subscribes && link.wanted.is_empty();
            now - since >= if quiet { self.rules.budgets.restore } else { SETTLED }
        })
    }

    /// The fault begins now, whether the client is ready or not.
    pub fn hit(&mut self, now: Ts) {
        let Some(run) = &mut self.run else { return };
        let alive = self.world.alive();
        run.hit = Some(Hit {
            at: now,
            link: alive.map(|link| link.id),
            wanted: alive.map(|link| link.wanted.clone()).unwrap_or_default(),
            had_data: alive.is_some_and(|link| link.first_data.is_some()),
        });
        if run.case.expect != Expect::Calm {
            self.world.mark(now, Mark::Fault);
        }
        if run.case.cuts() {
            self.world.cut(now);
        }
    }

    /// The client has given up the link that was hit, or dialed anew.
    pub fn has_noticed(&self) -> bool {
        self.run.as_ref().and_then(|run| self.noticed(run)).is_some()
    }

    /// Whether there is nothing more to wait for.
    pub fn is_done(&self, now: Ts) -> bool {
        let Some(run) = &self.run else { return true };
        let Some(hit) = &run.hit else { return false };
        let budgets = self.rules.budgets;
        let held = match run.case.hold {
            Hold::For(time) => hit.at + time,
            Hold::Noticed | Hold::Case => hit.at,
        };
        if self.exited.is_some_and(|(at, _)| now >= at + SETTLED) {
            return true;
        }
        match run.case.expect {
            Expect::Calm => now >= held,
            Expect::Keep => now >= held + Duration::from_secs(1),
            Expect::Notice | Expect::Redial { .. } => {
                let notices = run.case.expect == Expect::Notice;
                if notices && self.noticed(run).is_none() && now >= hit.at + budgets.detect.mul_f64(1.5) + budgets.slack
                {
                    return true;
                }
                let first = self.knocks(hit.at).next();
                let back = self.world.alive().filter(|link| link.open.is_some_and(|open| open > hit.at));
                if let (Some(first), Some(back)) = (first, back) {
                    let restored = back.open.unwrap_or(now) + budgets.restore;
                    let data = back.open.unwrap_or(now) + budgets.data.unwrap_or_default();
                    // The timers of the old link may still come.
                    let timers = self.rules.beat.map_or(now, |beat| hit.at + beat.after);
                    let enough = restored.max(data).max(first + budgets.storm).max(held).max(timers);
                    return now >= enough;
                }
                let noticing = if notices { budgets.detect.mul_f64(1.5) } else { Duration::ZERO };
                now >= held + noticing + run.case.patience + budgets.redial * 2 + DIAL + budgets.restore
            }
        }
    }

    /// The verdict.
    pub fn end(&mut self, now: Ts) -> Option<Graded> {
        let run = self.run.take()?;
        let mut findings = Vec::new();
        let mut measured = Measured { lost: self.world.lost, ..Measured::default() };
        match &run.hit {
            None => findings.push(Finding::NotLive { waited: now - run.began }),
            Some(hit) => self.judge(&run, hit, now, &mut findings, &mut measured),
        }
        beats(&self.world, &self.rules, &run, now, &mut findings);
        let all = self.world.links.iter().flat_map(|link| &link.beats).filter(|beat| beat.at >= run.began);
        measured.beats = u32::try_from(all.clone().count()).unwrap_or(u32::MAX);
        measured.answered = u32::try_from(all.filter(|beat| beat.answered).count()).unwrap_or(u32::MAX);
        if let Some((_, code)) = self.exited {
            findings.push(Finding::Exited { code });
        }
        if self.world.missed > 0 {
            findings.push(Finding::Unsure);
        }
        let (marks, fault_at) = (std::mem::take(&mut self.world.marks), run.hit.as_ref().map(|hit| hit.at));
        Some(Graded { findings, measured, fault_at, from: run.began, until: now, open: run.open, marks })
    }

    fn judge(&self, run: &Run, hit: &Hit, now: Ts, findings: &mut Vec<Finding>, measured: &mut Measured) {
        let budgets = self.rules.budgets;
        let victim = hit.link.and_then(|id| self.world.get(id));
        let knocks: Vec<Ts> = self.knocks(hit.at).collect();
        measured.dials = u32::try_from(knocks.len()).unwrap_or(u32::MAX);
        self.overlaps(hit, now, findings, measured);
        if hit.link.is_none() {
            findings.push(Finding::NotLive { waited: hit.at - run.began });
        }
        match &run.case.expect {
            Expect::Calm | Expect::Keep => {
                let left = victim.and_then(|link| link.left).filter(|left| *left >= hit.at);
                let left = left.or(knocks.first().copied().filter(|_| victim.is_some_and(|link| link.ended.is_none())));
                if let Some(left) = left {
                    let garbage = victim.and_then(|link| link.garbage).filter(|(at, _)| *at >= hit.at && *at <= left);
                    findings.push(match garbage {
                        Some((_, kind)) => Finding::BrokenBy { kind },
                        None => Finding::LeftForNothing { after: left - hit.at },
                    });
                }
                if let (Expect::Calm, Some(link)) = (&run.case.expect, victim) {
                    self.subscribed(&run.case, link, findings);
                }
            }
            Expect::Notice => {
                let noticed = self.noticed(run);
                measured.noticed = noticed.map(|at| at - hit.at);
                match measured.noticed {
                    None => findings.push(Finding::NeverNoticed { within: now - hit.at }),
                    Some(after) if after > budgets.detect => {
                        findings.push(Finding::NoticedLate { after, budget: budgets.detect });
                    }
                    Some(_) => {}
                }
                if let Some(victim) = victim {
                    self.answers(victim, hit.at, noticed.unwrap_or(now), findings);
                }
                if let Some(noticed) = noticed {
                    self.returns(hit, noticed, &knocks, now, None, findings, measured);
                }
            }
            Expect::Redial { asked } => self.returns(hit, hit.at, &knocks, now, *asked, findings, measured),
        }
    }

    /// From the end of a link to a new one with everything on it.
    #[expect(clippy::too_many_arguments, reason = "one question, asked of two kinds of cases")]
    fn returns(
        &self,
        hit: &Hit,
        ended: Ts,
        knocks: &[Ts],
        now: Ts,
        asked: Option<Duration>,
        findings: &mut Vec<Finding>,
        measured: &mut Measured,
    ) {
        let budgets = self.rules.budgets;
        let Some(first) = knocks.first().copied() else {
            findings.push(Finding::NeverDialed { within: now - ended });
            return;
        };
        let redialed = first - ended;
        measured.redialed = Some(redialed);
        if redialed > budgets.redial {
            findings.push(Finding::DialedLate { after: redialed, budget: budgets.redial });
        }
        if let (Some(asked), Some(second)) = (asked, knocks.get(1))
            && *second - first + Duration::from_millis(100) < asked
        {
            findings.push(Finding::DialedEarly { after: *second - first, asked });
        }
        let most = knocks
            .iter()
            .map(|start| knocks.iter().filter(|at| *at >= start && **at - *start <= budgets.storm).count());
        let dials = u32::try_from(most.max().unwrap_or(0)).unwrap_or(u32::MAX);
        if dials > budgets.dials {
            findings.push(Finding::Storm { dials, within: budgets.storm, most: budgets.dials });
        }
        let Some(back) = self.world.alive().filter(|link| link.knocked >= hit.at) else {
            findings.push(Finding::NeverBack);
            return;
        };
        let open = back.open.unwrap_or(now);
        measured.reopened = Some(open - ended);
        measured.data = back.first_data.map(|at| at - open);
        let in_time =
            |service: &&Arc<str>| back.asked.get(*service).is_some_and(|(at, _)| *at <= open + budgets.restore);
        let again = hit.wanted.iter().filter(in_time).filter(|service| back.wanted.contains(*service)).count();
        if self.rules.subscribes {
            measured.restored = Some((count(again), count(hit.wanted.len())));
        }
        let missing: Vec<_> = hit
            .wanted
            .iter()
            .filter(|service| !(in_time(service) && back.wanted.contains(*service)))
            .cloned()
            .collect();
        let more: Vec<_> = back.wanted.difference(&hit.wanted).cloned().collect();
        let twice: Vec<_> =
            back.asked.iter().filter(|(_, (_, times))| *times > 1).map(|(name, _)| Arc::clone(name)).collect();
        findings.extend((!missing.is_empty()).then_some(Finding::NotSubscribedAgain { services: missing }));
        findings.extend((!more.is_empty()).then_some(Finding::SubscribedAnew { services: more }));
        findings.extend((!twice.is_empty()).then_some(Finding::SubscribedTwice { services: twice }));
        if let Some(budget) = budgets.data
            && hit.had_data
            && measured.data.is_none_or(|after| after > budget)
        {
            findings.push(Finding::DataLate { after: measured.data, budget });
        }
    }

    /// A client that is calm has asked for something, and for all that it was told to.
    fn subscribed(&self, case: &Case, link: &Link, findings: &mut Vec<Finding>) {
        if self.rules.subscribes && link.wanted.is_empty() {
            findings.push(Finding::NothingSubscribed);
            return;
        }
        let missing: Vec<_> = case.services.iter().filter(|name| !link.wanted.contains(*name)).cloned().collect();
        findings.extend((!missing.is_empty()).then_some(Finding::NeverSubscribed { services: missing }));
        let twice: Vec<_> =
            link.asked.iter().filter(|(_, (_, times))| *times > 1).map(|(name, _)| Arc::clone(name)).collect();
        findings.extend((!twice.is_empty()).then_some(Finding::SubscribedTwice { services: twice }));
    }

    /// What became of heartbeats that nobody answered.
    fn answers(&self, victim: &Link, hit: Ts, until: Ts, findings: &mut Vec<Finding>) {
        let Some(rule) = self.rules.beat else { return };
        let slack = self.rules.budgets.slack;
        let mute: Vec<_> = victim.beats.iter().filter(|beat| beat.at >= hit && beat.at <= until).collect();
        match (mute.first(), rule.timeout) {
            (Some(first), Some(timeout)) if until - first.at > timeout + slack => {
                let beats = u32::try_from(mute.len()).unwrap_or(u32::MAX);
                findings.push(Finding::AnswerIgnored { beats, for_so_long: until - first.at });
            }
            (None, _) => {
                let since = victim.beats.last().map_or(victim.last_in, |beat| beat.at.max(victim.last_in));
                let silent = until - since;
                if silent > rule.after + slack {
                    findings.push(Finding::NoBeat { silent, after: rule.after });
                }
            }
            (Some(_), _) => {}
        }
    }

    fn overlaps(&self, hit: &Hit, now: Ts, findings: &mut Vec<Finding>, measured: &mut Measured) {
        let mut found = false;
        for (at, link) in self.world.links.iter().enumerate() {
            let Some(open) = link.open.filter(|open| *open >= hit.at || hit.link == Some(link.id)) else { continue };
            let others = self
                .world
                .links
                .iter()
                .take(at)
                .filter(|other| other.open.is_some() && other.gone().is_none_or(|gone| gone > open + GRACE));
            let others: Vec<_> = others.collect();
            measured.most_links = measured.most_links.max(1 + count(others.len()));
            if let (Some(other), false) = (others.first(), found) {
                found = true;
                let overlap = other.gone().filter(|gone| *gone <= now).map(|gone| gone - open);
                findings.push(Finding::TwoLinks { overlap });
            }
        }
    }

    fn knocks(&self, since: Ts) -> impl Iterator<Item = Ts> + '_ {
        self.world.links.iter().map(|link| link.knocked).filter(move |at| *at >= since)
    }

    fn noticed(&self, run: &Run) -> Option<Ts> {
        let hit = run.hit.as_ref()?;
        let left = hit.link.and_then(|id| self.world.get(id)).and_then(|link| link.left);
        [left.filter(|left| *left >= hit.at), self.knocks(hit.at).next()].into_iter().flatten().min()
    }
}

pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
