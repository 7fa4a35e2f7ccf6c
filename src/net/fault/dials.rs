//! Dials under faults: not answered, or refused. To whoever dials it looks like the real thing. It dials nothing itself.

use std::future::Future;
use std::time::Duration;

use tokio::time::sleep_until;

use super::Faults;
use crate::event::{DialPhase, Phases, Why};
use crate::net::{NotOpened, Opened};

/// How long an answer is waited for, as in a real dial.
const PATIENCE: Duration = Duration::from_secs(5);

impl Faults {
    /// A dial, once it is not held up any more, unless it is given up or refused before. `place`: where it goes to.
    pub async fn dial<S>(
        &self,
        place: String,
        dial: impl Future<Output = Result<Opened<S>, NotOpened>>,
    ) -> Result<Opened<S>, NotOpened> {
        let clock = &self.shared.clock;
        let give_up = clock.now() + PATIENCE;
        let failed = |why| NotOpened { why, phases: Phases::default() };
        loop {
            // Before the look, so that what begins in between is heard of.
            let changed = self.shared.changed.notified();
            let now = clock.now();
            let Some(until) = self.standing().hung(now) else { break };
            if now >= give_up {
                let why = Why::DialTimeout { phase: DialPhase::Upgrade, address: place, limit: PATIENCE };
                return Err(failed(why));
            }
            tokio::select! {
                () = changed => {}
                () = sleep_until(clock.instant(until.min(give_up))) => {}
            }
        }
        match self.standing().refusal(clock.now()) {
            None => dial.await,
            Some((None, _)) => Err(failed(Why::Refused { address: place })),
            Some((Some(status), retry_after)) => {
                Err(failed(Why::Http { status, text: "an injected fault".to_owned(), retry_after }))
            }
        }
    }
}
