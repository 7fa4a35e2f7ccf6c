//! What letters look like, as a terminal is told (ECMA-48 8.3.117, "select graphic rendition"; the bright colours are
//! aixterm's, the colours by number and by red, green and blue xterm's). It knows no place and no letter.

use std::io::Write;

/// Colours and attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    letters: Colour,
    ground: Colour,
    line: Colour,
    /// Which of [`ATTRIBUTES`] are on.
    on: [bool; ATTRIBUTES.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Colour {
    #[default]
    Own,
    Number(u8),
    Rgb([u8; 3]),
}

/// The numbers that switch an attribute on and off. One number may end several.
const ATTRIBUTES: [(u8, u8); 9] = [(1, 22), (2, 22), (3, 23), (4, 24), (5, 25), (6, 25), (7, 27), (8, 28), (9, 29)];

impl Style {
    /// Takes in the numbers of one sequence. Says whether all of it was understood; if not, nothing has changed.
    pub(super) fn hear(&mut self, params: &[u8]) -> bool {
        let Some(numbers) = numbers(params) else { return false };
        let mut heard = self.clone();
        let mut rest = numbers.as_slice();
        while let [number, after @ ..] = rest {
            rest = after;
            match number {
                0 => heard = Self::default(),
                30..=37 => heard.letters = Colour::Number(number - 30),
                90..=97 => heard.letters = Colour::Number(number - 90 + 8),
                39 => heard.letters = Colour::Own,
                40..=47 => heard.ground = Colour::Number(number - 40),
                100..=107 => heard.ground = Colour::Number(number - 100 + 8),
                49 => heard.ground = Colour::Own,
                59 => heard.line = Colour::Own,
                38 | 48 | 58 => {
                    let (colour, after) = match rest {
                        [5, number, after @ ..] => (Colour::Number(*number), after),
                        [2, red, green, blue, after @ ..] => (Colour::Rgb([*red, *green, *blue]), after),
                        _ => return false,
                    };
                    rest = after;
                    match number {
                        38 => heard.letters = colour,
                        48 => heard.ground = colour,
                        _ => heard.line = colour,
                    }
                }
                _ => {
                    let mut known = false;
                    for (on, (begins, ends)) in heard.on.iter_mut().zip(ATTRIBUTES) {
                        known |= *number == begins || *number == ends;
                        *on = (*on || *number == begins) && *number != ends;
                    }
                    if !known {
                        return false;
                    }
                }
            }
        }
        *self = heard;
        true
    }

    /// Says it to a terminal that is in another, or in one that is not known.
    pub(super) fn say(&self, from: Option<&Self>, out: &mut Vec<u8>) {
        // All anew is the shortest way where little is on.
        let anew = self.words(&Self::default());
        let mut said = if anew.is_empty() { anew } else { format!("0;{anew}") };
        if let Some(from) = from {
            let change = self.words(from);
            if !change.is_empty() && change.len() < said.len() {
                said = change;
            }
        }
        // Writing to memory does not fail.
        let _always = write!(out, "\x1b[{said}m");
    }

    /// What is to be said to make this of `from`.
    fn words(&self, from: &Self) -> String {
        let mut said = String::new();
        let mut word = |text: String| {
            if !said.is_empty() {
                said.push(';');
            }
            said.push_str(&text);
        };
        let mut real = from.on;
        for (n, (_, ends)) in ATTRIBUTES.into_iter().enumerate() {
            if real[n] && !self.on[n] {
                word(ends.to_string());
                for (on, (_, other)) in real.iter_mut().zip(ATTRIBUTES) {
                    *on &= other != ends;
                }
            }
        }
        for ((wanted, real), (begins, _)) in self.on.iter().zip(real).zip(ATTRIBUTES) {
            if *wanted && !real {
                word(begins.to_string());
            }
        }
        for (wanted, real, base) in
            [(self.letters, from.letters, 30), (self.ground, from.ground, 40), (self.line, from.line, 50)]
        {
            if wanted != real {
                word(wanted.words(base));
            }
        }
        said
    }
}

impl Colour {
    /// `base` is 30 for letters, 40 for the ground, 50 for the line under them, which has no short forms.
    fn words(self, base: u8) -> String {
        match self {
            Self::Own => format!("{}", base + 9),
            Self::Number(number @ 0..8) if base != 50 => format!("{}", base + number),
            Self::Number(number @ 8..16) if base != 50 => format!("{}", base + 60 + number - 8),
            Self::Number(number) => format!("{};5;{number}", base + 8),
            Self::Rgb([red, green, blue]) => format!("{};2;{red};{green};{blue}", base + 8),
        }
    }
}

/// Numbers between semicolons; one that is missing is 0.
fn numbers(params: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(params).ok()?;
    text.split(';').map(|number| if number.is_empty() { Some(0) } else { number.parse().ok() }).collect()
}
