//! The report card: one row a fault, its timeline under it, and why it failed. Text for a terminal, columns by width.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::finding::Finding;
use super::grade::Graded;
use super::picture::picture;
use super::words::{finding, words};
use crate::say::Lang;
use crate::text::{clean, cut, fit, fit_right, passed, span, width};

/// Everything that a drill came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Without its secrets.
    pub target: String,
    pub profile: String,
    pub seed: u64,
    /// Our own link was graded.
    pub own: bool,
    pub detect: Duration,
    pub rows: Vec<Row>,
    /// It was ended before its end.
    pub cut_short: bool,
    pub took: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: Arc<str>,
    pub say: Arc<str>,
    pub say_zh: Arc<str>,
    /// `None`: it was not tried.
    pub graded: Option<Graded>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Skipped,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

impl Row {
    pub fn verdict(&self, own: bool) -> Verdict {
        match &self.graded {
            None => Verdict::Skipped,
            Some(graded) if graded.findings.iter().all(|finding| finding.is_note(own)) => Verdict::Pass,
            Some(_) => Verdict::Fail,
        }
    }

    pub fn findings(&self) -> &[Finding] {
        self.graded.as_ref().map(|graded| graded.findings.as_slice()).unwrap_or_default()
    }
}

impl Card {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict(self.own) == verdict).count()
    }

    pub fn has_failed(&self) -> bool {
        self.count(Verdict::Fail) > 0
    }
}

/// Columns of the table before the timeline.
const COLUMNS: [usize; 7] = [4, 13, 8, 6, 8, 6, 6];

/// The line above the rows.
pub fn head(lang: Lang) -> String {
    let words = words(lang);
    let cells = words
        .head
        .iter()
        .zip(COLUMNS)
        .enumerate()
        .map(|(at, (word, columns))| if at < 2 { fit(word, columns) } else { fit_right(word, columns) });
    format!("{}  {}", cells.collect::<Vec<_>>().join(" "), words.head.last().copied().unwrap_or_default())
}

/// One row with the sentences under it.
pub fn row(row: &Row, own: bool, lang: Lang, ascii: bool) -> String {
    let words = words(lang);
    let verdict = match row.verdict(own) {
        Verdict::Pass => words.pass,
        Verdict::Fail => words.fail,
        Verdict::Skipped => words.skipped,
    };
    let say = if lang == Lang::ZhCn { &row.say_zh } else { &row.say };
    let time = |time: Option<Duration>| time.map_or_else(|| "-".to_owned(), passed);
    let mut cells = vec![fit(verdict, COLUMNS[0]), fit(&clean(&row.name), COLUMNS[1])];
    let Some(graded) = &row.graded else {
        return format!("{}  {}\n", cells.join(" "), words.too_few);
    };
    let measured = &graded.measured;
    let restored = measured.restored.map_or_else(|| "-".to_owned(), |(again, of)| format!("{again}/{of}"));
    let lost = measured.lost.map_or_else(|| "?".to_owned(), |lost| lost.to_string());
    let texts = [time(measured.noticed), measured.dials.to_string(), time(measured.reopened), restored, lost];
    cells.extend(texts.iter().zip(&COLUMNS[2..]).map(|(text, columns)| fit_right(text, *columns)));
    let mut out = format!("{}  {}\n", cells.join(" "), picture(graded, ascii));
    let indent = " ".repeat(COLUMNS[0] + 1);
    let _written = writeln!(out, "{indent}{}", cut(&clean(say), 100));
    for found in &graded.findings {
        let mark = if found.is_note(own) { format!("{}: ", words.note) } else { "- ".to_owned() };
        let _written = writeln!(out, "{indent}{mark}{}", finding(lang, found));
    }
    out
}

/// The lines under the rows.
pub fn totals(card: &Card, lang: Lang, ascii: bool) -> String {
    let words = words(lang);
    let who = if card.own { words.own_link } else { words.your_client };
    let short = if card.cut_short { format!("  ({})", words.cut_short) } else { String::new() };
    let legend = if ascii { words.legend_ascii } else { words.legend };
    let line = format!(
        "{who}: {} {}, {} {}, {} {}  {}{short}",
        card.count(Verdict::Pass),
        words.passed,
        card.count(Verdict::Fail),
        words.failed,
        card.count(Verdict::Skipped),
        words.skipped,
        span(Duration::from_secs(card.took.as_secs())),
    );
    let rule = "-".repeat(width(&line).min(100));
    format!("{rule}\n{line}\n{legend}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::grade::Measured;
    use crate::time::Ts;

    fn graded(findings: Vec<Finding>) -> Graded {
        let measured = Measured {
            noticed: Some(Duration::from_millis(7_012)),
            dials: 1,
            restored: Some((1, 2)),
            ..Measured::default()
        };
        Graded {
            findings,
            measured,
            fault_at: Some(Ts::from_millis(2_000)),
            from: Ts::ZERO,
            until: Ts::from_millis(9_000),
            open: true,
            marks: vec![],
        }
    }

    fn made(name: &str, findings: Vec<Finding>) -> Row {
        Row { name: name.into(), say: "x".into(), say_zh: "连接半开".into(), graded: Some(graded(findings)) }
    }

    #[test]
    fn columns_stand_under_each_other_in_both_languages() {
        for lang in Lang::ALL {
            let head = head(lang);
            let at = width(head.rsplit_once("  ").unwrap().0);
            let line = row(&made("业务半开", vec![Finding::NeverBack]), false, lang, true);
            let first = line.lines().next().unwrap();
            assert_eq!(width(first) - crate::drill::picture::WIDTH - 2, at, "{head}\n{line}");
        }
    }

    #[test]
    fn a_note_is_no_failure_where_a_browser_cannot_know() {
        let early = Finding::DialedEarly { after: Duration::from_secs(1), asked: Duration::from_secs(3) };
        let one = made("http_429", vec![early]);
        assert_eq!((one.verdict(false), one.verdict(true)), (Verdict::Pass, Verdict::Fail));
        assert!(row(&one, false, Lang::En, true).contains("note: dialed again"));
    }

    #[test]
    fn what_a_client_calls_its_services_cannot_act() {
        let evil = Finding::NotSubscribedAgain { services: vec!["a\u{1b}[2J\u{202e}".into()] };
        let text = row(&made("x\u{1b}", vec![evil]), false, Lang::En, false);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}
