//! What of a file is better not shown in an excerpt of it: passwords in addresses, values of headers, of parameters and
//! of whatever is named like a secret.
//!
//! It looks at letters, not at syntax, as most excerpts are of lines whose syntax is wrong. In doubt it hides. Placeholders
//! such as `${env.NAME}` stay, since they are there to keep the secret out of the file. It knows TOML's quotes, nothing more.

use std::ops::Range;

use crate::text::{looks_random, secret_name, secret_parts};

/// Headers whose values are no secrets.
const OPEN_HEADERS: [&str; 6] = ["origin", "user-agent", "host", "accept", "accept-language", "sec-websocket-protocol"];

/// Nothing longer is looked into; it is secret as a whole.
const LONGEST: usize = 4096;

/// Which bytes of a line (counted from 1) of `text` are secret, in order.
pub(super) fn secrets_of_line(text: &str, number: usize) -> Vec<Range<usize>> {
    let mut reading = Reading::default();
    let mut found = Vec::new();
    for line in text.split('\n').take(number) {
        found = reading.line(line);
    }
    found
}

/// A part of a line with a `*` for each secret character.
pub(super) fn hide(line: &str, secrets: &[Range<usize>], part: Range<usize>) -> String {
    let start = part.start;
    let text = line.get(part).unwrap_or_default();
    let is_secret = |at: usize| secrets.iter().any(|range| range.contains(&at));
    text.char_indices().map(|(at, c)| if is_secret(start + at) { '*' } else { c }).collect()
}

/// A sentence of ours without the secrets of the addresses that it repeats in backticks.
pub(super) fn sentence(text: &str) -> String {
    let shown = |piece: &str| {
        if !piece.contains("//") {
            return piece.to_owned();
        }
        hide(piece, &without_holes(piece, inner(piece, true)), 0..piece.len())
    };
    text.split('`').map(shown).collect::<Vec<_>>().join("`")
}

/// Where a file is being read: what the lines so far say of the next one.
#[derive(Default)]
struct Reading {
    /// Where the last `[..]` leads.
    section: Within,
    /// Where each `{` leads that is still open.
    tables: Vec<Within>,
    /// How many `[` of a list are open.
    lists: usize,
    /// A text of several lines goes on: its quotes, and whether all of it is secret.
    text: Option<(&'static str, bool)>,
    /// The names before the `=` whose value is read.
    path: Vec<String>,
    in_value: bool,
    /// All of that value is secret; or it is an address.
    secret: bool,
    address: bool,
}

/// What a table is part of.
#[derive(Clone, Copy, Default)]
struct Within {
    headers: bool,
    /// A capture keeps a pointer to a secret, not the secret.
    capture: bool,
}

impl Within {
    fn and(self, names: &[String]) -> Self {
        let has = |name: &str| names.iter().any(|known| known == name);
        Self { headers: self.headers || has("headers"), capture: self.capture || has("capture") }
    }
}

impl Reading {
    fn line(&mut self, line: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        if let Some((quotes, secret)) = self.text {
            let end = line.find(quotes).unwrap_or(line.len());
            if secret {
                found.push(0..end);
            } else {
                found = inner(&line[..end], false);
            }
            if !line.contains(quotes) {
                return without_holes(line, found);
            }
            self.text = None;
            at = end + quotes.len();
        } else if self.tables.is_empty() && self.lists == 0 {
            self.path.clear();
            self.in_value = false;
            if line.trim_start().starts_with('[') {
                let names = line.split('#').next().unwrap_or_default();
                let odd = |c: char| matches!(c, '[' | ']' | '"' | '\'' | '.') || c.is_whitespace();
                let names: Vec<_> = names.split(odd).map(str::to_lowercase).collect();
                self.section = Within::default().and(&names);
                return Vec::new();
            }
        }
        while let Some(c) = line[at..].chars().next() {
            at = match c {
                '"' | '\'' => self.quoted(line, at, &mut found),
                '#' => {
                    found.extend(shifted(inner(&line[at..], true), at));
                    line.len()
                }
                '=' => {
                    self.value();
                    at + 1
                }
                '{' => {
                    self.tables.push(self.within().and(&self.path));
                    self.next();
                    at + 1
                }
                '}' => {
                    self.tables.pop();
                    self.next();
                    at + 1
                }
                '[' if self.in_value => {
                    self.lists += 1;
                    at + 1
                }
                ']' => {
                    self.lists = self.lists.saturating_sub(1);
                    at + 1
                }
                ',' if self.lists > 0 => at + 1,
                ',' => {
                    self.next();
                    at + 1
                }
                c if c.is_whitespace() || c == '[' => at + c.len_utf8(),
                _ => self.bare(line, at, &mut found),
            };
        }
        without_holes(line, found)
    }

    fn within(&self) -> Within {
        self.tables.last().copied().unwrap_or(self.section)
    }

    /// The names are read, and their value comes.
    fn value(&mut self) {
        let last = self.path.last().map_or("", String::as_str);
        let within = self.within();
        self.in_value = true;
        self.address = last == "url";
        self.secret = if within.capture {
            false
        } else if within.and(&self.path).headers {
            !OPEN_HEADERS.contains(&last)
        } else {
            self.path.iter().any(|name| secret_name(name))
        };
    }

    /// The next name of a table is read.
    fn next(&mut self) {
        self.path.clear();
        self.in_value = false;
    }

    /// A text in quotes: a name, or a value. Says where it ends.
    fn quoted(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        let rest = &line[at..];
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| rest.starts_with(quotes)).unwrap_or("\"");
        let start = at + quotes.len();
        let end = text_end(&line[start..], quotes);
        let stop = start + end.unwrap_or(line.len() - start);
        let after = (stop + quotes.len()).min(line.len());
        if !self.in_value {
            self.name(&line[start..stop]);
            return after;
        }
        if end.is_none() && quotes.len() == 3 {
            self.text = Some((quotes, self.secret));
        }
        if self.secret {
            found.push(start..stop);
        } else {
            found.extend(shifted(inner(&line[start..stop], self.address), start));
        }
        after
    }

    /// A word without quotes: a name, a number, or a text that lacks its quotes and so goes on to the end of the line.
    fn bare(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        let odd = |c: char| matches!(c, '=' | ',' | '[' | ']' | '{' | '}' | '#' | '"' | '\'') || c.is_whitespace();
        let end = line[at..].find(odd).map_or(line.len(), |end| at + end);
        let word = &line[at..end];
        if !self.in_value {
            self.name(word);
            return end;
        }
        let starts_a_number = word.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit());
        if matches!(word, "true" | "false" | "inf" | "nan") || (starts_a_number && word.len() < 16) {
            return end;
        }
        if self.secret {
            found.push(at..line.len());
        } else {
            found.extend(shifted(inner(&line[at..], true), at));
        }
        line.len()
    }

    fn name(&mut self, text: &str) {
        self.path.extend(text.split('.').filter(|name| !name.is_empty()).map(str::to_lowercase));
    }
}

/// Where a text ends whose quotes were opened before it.
fn text_end(text: &str, quotes: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quotes.starts_with('"') => escaped = true,
            _ if text[at..].starts_with(quotes) => return Some(at),
            _ => {}
        }
    }
    None
}

/// The secrets within a text that is none as a whole.
fn inner(text: &str, is_address: bool) -> Vec<Range<usize>> {
    if text.len() > LONGEST {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = if is_address || text.contains("://") { address(text) } else { Vec::new() };
    for (at, sign) in text.match_indices(['=', ':']) {
        let before = text[..at].trim_end().trim_end_matches(['"', '\'', '\\']);
        let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%'));
        let name = before.rfind(odd).map_or(before, |end| before[end..].trim_start_matches(odd));
        let rest = &text[at + 1..];
        let start = at + 1 + rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
        let stops: &[char] = if sign == "=" { &['&', ';', ',', '"', '\'', ' '] } else { &['"', '\'', ',', '}'] };
        if secret_name(name) {
            let len = text[start..].find(stops).unwrap_or(text.len() - start);
            found.push(start..start + len);
        }
    }
    found
}

/// The secrets of what should be a URL, and may be written wrongly.
fn address(text: &str) -> Vec<Range<usize>> {
    let mut found = secret_parts(text);
    let start = text.find("//").map_or(0, |at| at + 2);
    let path_end = text[start..].find('?').map_or(text.len(), |at| start + at);
    // A password may hold what should have been percent-encoded.
    if let Some(user) = text[start..path_end].rfind('@') {
        found.push(start..start + user);
    }
    let mut at = start;
    for part in text[start..].split(['/', '?', '&', '=', ' ']) {
        if looks_random(part) {
            found.push(at..at + part.len());
        }
        at += part.len() + 1;
    }
    found
}

fn shifted(ranges: Vec<Range<usize>>, by: usize) -> Vec<Range<usize>> {
    ranges.into_iter().map(|range| range.start + by..range.end + by).collect()
}

/// The ranges without the names of placeholders; their defaults stay hidden.
fn without_holes(line: &str, ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if line.len() > LONGEST {
        return ranges;
    }
    let mut holes = Vec::new();
    for (start, _) in line.match_indices("${") {
        if let Some(end) = line[start..].find(['}', '|']) {
            let named = &line[start + 2..start + end];
            let plain = named.chars().all(|c| c.is_alphanumeric() || "._-~/@".contains(c));
            let last = if line[start + end..].starts_with('}') { end + 1 } else { end };
            holes.extend(plain.then_some(start..start + last));
        }
    }
    let mut cut = Vec::new();
    for range in ranges {
        let mut from = range.start;
        for hole in holes.iter().filter(|hole| hole.start < range.end && hole.end > range.start) {
            cut.push(from..hole.start.max(from));
            from = from.max(hole.end);
        }
        cut.push(from..range.end);
    }
    cut.retain(|range| range.start < range.end);
    cut
}

#[cfg(test)]
mod tests;
