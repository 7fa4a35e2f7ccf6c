//! Lines of alarms, for `tail` and for the user's own program. It decides nothing of them.

use super::lines::Lines;
use super::stamp::StampCache;
use crate::event::alarm::{Alarm, Alarms};
use crate::say::{self, Lang};
use crate::time::{Ts, WallAnchor};

/// Alarms as they stand in a line, one after another.
#[derive(Debug, Default)]
pub struct AlarmLines(StampCache);

impl AlarmLines {
    /// Appends the line of an alarm.
    pub fn line(&mut self, alarm: &Alarm, names: (&str, Option<&str>), anchor: WallAnchor, to: &mut Vec<u8>) {
        write(&mut self.0, alarm, names, anchor, to);
    }
}

impl Lines {
    /// Alarms are told of, too.
    pub fn watch(&mut self, alarms: Alarms) {
        self.alarms = alarms;
    }

    /// Writes what is to be told of alarms by now; gives the lines that may be heard.
    pub fn alarms(&mut self, now: Ts, minute: u16, anchor: WallAnchor, to: &mut Vec<u8>) -> Vec<Vec<u8>> {
        let mut heard = Vec::new();
        for alarm in self.alarms.tick(now, minute) {
            let names = self.feeds.get(&alarm.feed);
            let service = alarm.service.and_then(|id| Some(&*names?.services.get(usize::from(id.0))?.0));
            let feed = names.map_or("", |names| names.info.name.as_str());
            let mut line = Vec::new();
            write(&mut self.stamp, &alarm, (feed, service), anchor, &mut line);
            if self.wants("alarm") && self.shape.text {
                self.stamp.clock_time(alarm.at, anchor, to);
                to.extend_from_slice(format!("  alarm: {}\n", sentence(&alarm, feed, service)).as_bytes());
            } else if self.wants("alarm") {
                to.extend_from_slice(&line);
            }
            if alarm.loud {
                heard.push(line);
            }
        }
        heard
    }
}

fn write(
    stamp: &mut StampCache,
    alarm: &Alarm,
    (feed, service): (&str, Option<&str>),
    anchor: WallAnchor,
    to: &mut Vec<u8>,
) {
    let mut line = stamp.line(to, alarm.at, anchor);
    line.text("feed", feed).word("event", "alarm").maybe("cause", Some(alarm.cause)).maybe("state", Some(alarm.state));
    line.maybe_text("service", service).seconds("since_s", Some(alarm.at.since(alarm.since)));
    line.raw("lost", alarm.lost).raw("loud", alarm.loud).text("text", &sentence(alarm, feed, service));
    line.end();
}

fn sentence(alarm: &Alarm, feed: &str, service: Option<&str>) -> String {
    let length = alarm.at.since(alarm.since);
    say::alarm(Lang::En, feed, service.unwrap_or_default(), (alarm.cause, alarm.state), length, alarm.lost)
}
