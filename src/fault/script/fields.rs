//! The fields of one table of a script, each read once with its place for the errors. It knows no fault.

use std::ops::Range;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::{Reader, unspan};

const LONGEST_TEXT: usize = 500;
const LONGEST_TIME: Duration = Duration::from_hours(24);

pub(super) struct Fields<'r, 't, 'v> {
    reader: &'r mut Reader<'t>,
    table: &'v DeTable<'v>,
    /// Where the table stands, for what is missing in it.
    place: Range<usize>,
}

impl<'r, 't, 'v> Fields<'r, 't, 'v> {
    pub(super) fn new(reader: &'r mut Reader<'t>, table: &'v DeTable<'v>, place: Range<usize>) -> Self {
        Self { reader, table, place }
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, text: &str, help: Option<String>) {
        self.reader.wrong(span, text, help);
    }

    /// Complains of every other key.
    pub(super) fn known(&mut self, keys: &[&str], owner: &str) {
        for (key, _) in self.table.iter().filter(|(key, _)| !keys.contains(&key.get_ref().as_ref())) {
            let help = nearest(key.get_ref(), keys.iter().copied());
            self.reader.wrong(key.span(), &format!("{owner} has no {:?}", key.get_ref()), help);
        }
    }

    pub(super) fn take(&self, key: &str) -> Option<(Range<usize>, &'v DeValue<'v>)> {
        self.table.get(key).map(unspan)
    }

    pub(super) fn span(&self, key: &str) -> Option<Range<usize>> {
        self.take(key).map(|(span, _)| span)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<(Range<usize>, String)> {
        let (span, value) = self.take(key)?;
        self.as_text(key, span, value)
    }

    pub(super) fn required_text(&mut self, key: &str) -> Option<(Range<usize>, String)> {
        self.require(key)?;
        self.text(key)
    }

    /// One text or a list of them.
    pub(super) fn texts(&mut self, key: &str) -> Vec<(Range<usize>, String)> {
        let Some((span, value)) = self.take(key) else { return Vec::new() };
        let Some(list) = value.as_array() else { return self.as_text(key, span, value).into_iter().collect() };
        let values: Vec<_> = list.iter().map(unspan).collect();
        values.into_iter().filter_map(|(span, value)| self.as_text(key, span, value)).collect()
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let (span, value) = self.take(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.wrong(span, &format!("{key:?} is true or false"), None);
        }
        flag
    }

    pub(super) fn number(&mut self, key: &str, least: u32, most: u32) -> Option<u32> {
        let (span, value) = self.take(key)?;
        Some(self.whole(&span, value, least, most))
    }

    /// A whole number between two others; the least of them if it is none.
    pub(super) fn whole(&mut self, span: &Range<usize>, value: &DeValue<'_>, least: u32, most: u32) -> u32 {
        let number = value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
            self.wrong(span.clone(), &format!("a whole number from {least} to {most} belongs here"), None);
            least
        })
    }

    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        let (span, text) = self.text(key)?;
        let duration = duration(&text).filter(|duration| *duration <= LONGEST_TIME);
        if duration.is_none() {
            let text = format!("{text:?} is no time of up to 24h, like 250ms, 2s, 5m, 1h");
            self.wrong(span, &text, None);
        }
        duration
    }

    pub(super) fn required_duration(&mut self, key: &str) -> Option<Duration> {
        self.require(key)?;
        self.duration(key)
    }

    /// A list of tables.
    pub(super) fn tables(&mut self, key: &str) -> Vec<(Range<usize>, &'v DeTable<'v>)> {
        let Some((span, value)) = self.take(key) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            self.wrong(span, &format!("it is written [[{key}]]"), None);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (span, value) in list.iter().map(unspan) {
            match value.as_table() {
                Some(table) => tables.push((span, table)),
                None => self.wrong(span, &format!("it is written [[{key}]]"), None),
            }
        }
        tables
    }

    fn require(&mut self, key: &str) -> Option<()> {
        if self.table.contains_key(key) {
            return Some(());
        }
        let place = self.place.clone();
        self.wrong(place, &format!("{key:?} is missing"), None);
        None
    }

    fn as_text(&mut self, key: &str, span: Range<usize>, value: &DeValue<'_>) -> Option<(Range<usize>, String)> {
        match value.as_str() {
            Some(text) if text.len() <= LONGEST_TEXT => Some((span, text.to_owned())),
            Some(_) => {
                self.wrong(span, &format!("{key:?} is longer than {LONGEST_TEXT} bytes"), None);
                None
            }
            None => {
                self.wrong(span, &format!("{key:?} is a text in quotes"), None);
                None
            }
        }
    }
}

/// `250ms`, `1.5s`, `5m`, `1h`.
fn duration(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(end);
    let scale: f64 = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let millis = (number.parse::<f64>().ok()? * scale * 1000.0).round();
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

/// The one that was probably meant, or all that there are if they are few.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let close = known.clone().map(|other| (strsim::jaro_winkler(name, other), other));
    let best = close.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.75);
    match best {
        Some((_, other)) => Some(format!("did you mean {other:?}?")),
        None if known.clone().count() <= 16 => Some(format!("there are {}", known.collect::<Vec<_>>().join(", "))),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_exactly() {
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1_500)));
        assert_eq!(duration("5m"), Some(Duration::from_mins(5)));
        assert_eq!(duration("1h"), Some(Duration::from_hours(1)));
        for bad in ["", "5", "s", "-1s", "5 s", "1.2.3s", "5d", "1e3s", "99999999999999999999h", "五s"] {
            assert_eq!(duration(bad).filter(|time| *time <= LONGEST_TIME), None, "{bad}");
        }
    }

    #[test]
    fn a_near_name_is_offered_else_all() {
        let known = ["close", "reset", "freeze"];
        assert_eq!(nearest("frezze", known.into_iter()).as_deref(), Some("did you mean \"freeze\"?"));
        assert_eq!(nearest("xyz", known.into_iter()).as_deref(), Some("there are close, reset, freeze"));
    }
}
