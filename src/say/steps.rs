//! How long each step to an open link took, in one line, as curl's timings are read. What a step that failed means is the
//! cause's matter.

use std::time::Duration;

use super::{Lang, dial_phase_word};
use crate::event::{DialPhase, Phases};
use crate::text::millis;

/// The unit that the figures share.
const UNIT: &str = " ms";

/// `DNS 2.0 · TCP 11 · TLS 24 · upgrade 18 ms`: the steps that there were. Nothing where there was none.
pub fn steps(lang: Lang, phases: &Phases) -> String {
    let took: Vec<_> = all(phases)
        .into_iter()
        .filter_map(|(step, took)| took.map(|took| (dial_phase_word(lang, step), millis(took))))
        .collect();
    let alike = took.iter().all(|(_, took)| took.ends_with(UNIT));
    let bare = |took: &str| if alike { took.trim_end_matches(UNIT).to_owned() } else { took.to_owned() };
    let told: Vec<_> = took.iter().map(|(step, took)| format!("{step} {}", bare(took))).collect();
    let unit = if alike && !told.is_empty() { UNIT } else { "" };
    format!("{}{unit}", told.join(" · "))
}

/// All of them together, and the one that took longest: `55 ms, TLS 24 ms`.
pub fn steps_together(lang: Lang, phases: &Phases) -> String {
    let took = || all(phases).into_iter().filter_map(|(step, took)| Some((step, took?)));
    let whole = millis(took().map(|(_, took)| took).sum());
    match took().max_by_key(|(_, took)| *took) {
        Some((step, longest)) => format!("{whole}, {} {}", dial_phase_word(lang, step), millis(longest)),
        None => String::new(),
    }
}

fn all(phases: &Phases) -> [(DialPhase, Option<Duration>); 5] {
    [
        (DialPhase::Dns, phases.dns),
        (DialPhase::Tcp, phases.tcp),
        (DialPhase::Proxy, phases.proxy),
        (DialPhase::Tls, phases.tls),
        (DialPhase::Upgrade, phases.upgrade),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_that_there_were_are_told() {
        let ms = |ms| Some(Duration::from_millis(ms));
        let all = Phases { dns: ms(2), tcp: ms(11), proxy: ms(7), tls: ms(24), upgrade: ms(18) };
        assert_eq!(steps(Lang::En, &all), "DNS 2.0 · TCP 11 · proxy 7.0 · TLS 24 · upgrade 18 ms");
        assert_eq!(steps(Lang::ZhCn, &all), "DNS 2.0 · TCP 11 · 代理 7.0 · TLS 24 · 升级 18 ms");
        assert_eq!(steps_together(Lang::En, &all), "62 ms, TLS 24 ms");
        assert_eq!(steps_together(Lang::En, &Phases::default()), "");
        let few = Phases { tcp: Some(Duration::from_micros(40)), upgrade: ms(2), ..Phases::default() };
        assert_eq!(steps(Lang::En, &few), "TCP <0.1 · upgrade 2.0 ms");
        let slow = Phases { tcp: ms(3), tls: ms(12_345), ..Phases::default() };
        assert_eq!(steps(Lang::En, &slow), "TCP 3.0 ms · TLS 12.3 s");
        assert_eq!(steps(Lang::En, &Phases::default()), "");
    }
}
