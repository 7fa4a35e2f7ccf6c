//! Colours as numbers: what a theme gives one to, how far two are apart, and the nearest that a terminal of fewer has.

/// Makes the enum and its names from one row a role.
macro_rules! tints {
    ($($(#[$said:meta])* $name:ident => $word:literal;)*) => {
        /// What a theme gives a colour to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tint {
            $($(#[$said])* $name,)*
        }

        impl Tint {
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name,)*];

            /// As it is written in a configuration.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

tints! {
    /// What everything stands on.
    Ground => "ground";
    Plain => "plain";
    Good => "good";
    Waiting => "waiting";
    Trouble => "trouble";
    Dead => "dead";
    Off => "off";
    Muted => "muted";
    Accent => "accent";
    /// A fault on purpose.
    Fault => "fault";
    /// Pieces of a message.
    Key => "key";
    Text => "text";
    Number => "number";
    Word => "word";
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The steps of each colour in the cube of 216.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Rgb {
    /// `0xrrggbb`
    pub const fn of(hex: u32) -> Self {
        let [_, red, green, blue] = hex.to_be_bytes();
        Self(red, green, blue)
    }

    /// `#rrggbb`
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(digits, 16).ok().map(Self::of)
    }

    /// The nearest of the 240 that are the same on every terminal of 256 colours.
    pub fn nearest(self) -> u8 {
        (16..=255).min_by_key(|index| self.away(Self::indexed(*index))).unwrap_or(16)
    }

    /// One of the 240. The first sixteen are the user's own and not known.
    pub fn indexed(index: u8) -> Self {
        match index.checked_sub(16) {
            None => Self(0, 0, 0),
            Some(cube @ 0..216) => {
                let step = |by: u8| STEPS[usize::from(cube / by % 6)];
                Self(step(36), step(6), step(1))
            }
            Some(grey) => {
                let light = 8 + 10 * (grey - 216);
                Self(light, light, light)
            }
        }
    }

    /// How far two are apart, weighted as the eye does it.
    fn away(self, other: Self) -> i64 {
        let part = |a: u8, b: u8| (i64::from(a) - i64::from(b)).pow(2);
        let red = i64::midpoint(i64::from(self.0), i64::from(other.0));
        (512 + red) * part(self.0, other.0) + 1024 * part(self.1, other.1) + (767 - red) * part(self.2, other.2)
    }

    /// Each part as light, from 0 to 1.
    pub fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// How light it is, as WCAG 2 has it.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// From 1, which is invisible, to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        assert_eq!(Rgb::parse("#15181e"), Some(Rgb(0x15, 0x18, 0x1e)));
        assert_eq!(Rgb::parse("#FFffFF"), Some(Rgb(255, 255, 255)));
        for wrong in ["15181e", "#15181", "#15181e0", "#+5181e", "red", "#业务1", ""] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_nearest_of_256_is_the_one_itself_where_it_is_there() {
        for index in 16..=255 {
            let colour = Rgb::indexed(index);
            assert_eq!(Rgb::indexed(colour.nearest()), colour, "{index}");
        }
        assert_eq!(Rgb(255, 0, 0).nearest(), 196);
        assert_eq!(Rgb(0x15, 0x18, 0x1e).nearest(), 234);
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 0.001);
        // The lightest grey that WCAG lets stand on white.
        assert!((Rgb(0x76, 0x76, 0x76).contrast(Rgb(255, 255, 255)) - 4.54).abs() < 0.01);
        assert!((Rgb(9, 9, 9).contrast(Rgb(9, 9, 9)) - 1.0).abs() < 0.001);
    }
}
