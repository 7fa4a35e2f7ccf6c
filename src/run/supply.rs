//! Where feeds come from while the loop runs, and what the loop does with what it gets: the fleet and the screen change
//! together, so that none of them knows a feed that the other does not.

use std::io;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;

use super::Stage;
use super::fleet::Fleet;
use crate::app::App;
use crate::app::coming::{Errand, Outcome, Tally};
use crate::app::ringing::Ring;
use crate::event::FeedId;
use crate::launch::Change;
use crate::say::coming;
use crate::time::Ts;

/// Whoever knows where feeds come from.
pub trait Supplier {
    /// Takes an errand on. It does not wait.
    fn send(&mut self, errand: Errand);
    /// What came of the next one. Cancel-safe; without an errand it waits for ever.
    fn next(&mut self) -> impl Future<Output = Delivery>;
    /// A feed is gone.
    fn gone(&mut self, feed: FeedId);
}

/// What came of an errand, and what is to be done for it first.
pub struct Delivery {
    pub changes: Vec<Change>,
    /// Makes the screen what the file says.
    pub dress: Option<Dress>,
    /// The least time between two frames from now on.
    pub frame: Option<Duration>,
    pub outcome: Outcome,
}

/// Changes how the screen looks, and what it heeds.
pub type Dress = Box<dyn FnOnce(&mut App, Ts) + Send>;

/// Takes a delivery in.
pub(super) fn take_in<B: Backend>(
    delivery: Delivery,
    now: Ts,
    app: &mut App,
    fleet: &mut Fleet,
    supplier: &mut impl Supplier,
    (stage, terminal): (&mut impl Stage<B>, &mut Terminal<B>),
) -> io::Result<()> {
    let Delivery { changes, dress, frame: _, mut outcome } = delivery;
    let mut tally = Tally { untouched: fleet.running.len(), ..Tally::default() };
    for change in changes {
        let (rings, kind) = match change {
            Change::Start(plan) => {
                app.add_feed(plan.info.clone());
                fleet.start(*plan);
                (Vec::new(), &mut tally.added)
            }
            Change::End(id) if fleet.running.contains_key(&id) => {
                fleet.end(id);
                tally.untouched -= 1;
                (app.remove_feed(id, now), &mut tally.removed)
            }
            Change::Replace(old, plan) if fleet.running.contains_key(&old) => {
                let rings = app.replace_feed(old, plan.info.clone(), now);
                fleet.replace(old, *plan);
                tally.untouched -= 1;
                (rings, &mut tally.replaced)
            }
            // The user was quicker.
            Change::End(_) => continue,
            Change::Replace(_, plan) => {
                supplier.gone(plan.info.id);
                continue;
            }
        };
        *kind += 1;
        ring(&rings, stage, terminal)?;
    }
    if let Some(dress) = dress {
        let (mouse, rules) = (app.hand.mouse, app.alarms.rules.clone());
        dress(app, now);
        if app.hand.mouse != mouse {
            stage.mouse(terminal, app.hand.mouse)?;
        }
        if app.alarms.rules != rules {
            stage.heed(&app.alarms.rules);
        }
    }
    if let Outcome::Reloaded { tally: told, .. } = &mut outcome {
        *told = tally;
    }
    app.answered(outcome);
    Ok(())
}

/// Ends a feed by the user's wish.
pub(super) fn remove<B: Backend>(
    id: FeedId,
    now: Ts,
    app: &mut App,
    fleet: &mut Fleet,
    supplier: &mut impl Supplier,
    (stage, terminal): (&mut impl Stage<B>, &mut Terminal<B>),
) -> io::Result<()> {
    let Some(name) = app.feed(id).map(|feed| feed.info.name.clone()) else { return Ok(()) };
    fleet.end(id);
    supplier.gone(id);
    let rings = app.remove_feed(id, now);
    app.done = Some(coming::removed(app.look.lang, &name));
    ring(&rings, stage, terminal)
}

fn ring<B: Backend>(rings: &[Ring], stage: &mut impl Stage<B>, terminal: &mut Terminal<B>) -> io::Result<()> {
    rings.iter().try_for_each(|ring| stage.ring(terminal, ring))
}
