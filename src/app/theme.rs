//! The themes: which colour each role of the screen has, as data. How a role looks beside its colour is the screen's.
//!
//! Without one of them the terminal's own sixteen colours are used, and that is no theme.

use super::tint::{Rgb, Tint};

/// Which colours the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Its own, by name.
    #[default]
    Sixteen,
    /// A fixed cube of them.
    Indexed,
    True,
}

/// A colour for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    pub tints: Tints,
    /// Its states are told apart where one kind of cone is missing.
    pub is_safe: bool,
}

/// The colours of a theme, by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tints([Rgb; Tint::ALL.len()]);

impl Tints {
    pub fn of(&self, tint: Tint) -> Rgb {
        self.0[tint as usize]
    }

    #[must_use]
    pub fn with(mut self, tint: Tint, colour: Rgb) -> Self {
        self.0[tint as usize] = colour;
        self
    }

    /// Text is lighter than what it stands on.
    pub fn is_dark(&self) -> bool {
        self.of(Tint::Ground).luminance() < self.of(Tint::Plain).luminance()
    }
}

impl Default for Tints {
    fn default() -> Self {
        tints(BUNDLED[0].1)
    }
}

/// The name that stands for the terminal's own colours.
pub const TERMINAL: &str = "terminal";

/// The themes that come with the program, in the order of [`Tint`].
#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "two digits a part, as colours are written everywhere")]
const BUNDLED: [(&str, [u32; Tint::ALL.len()]); 4] = [
    //              ground    plain     good      waiting   trouble   dead      off       muted     accent    fault     key       text      number    word
    ("night",      [0x15181e, 0xd5dae3, 0x8fce7d, 0xc9a0ff, 0xf0c05a, 0xff7b72, 0x808a98, 0x8a94a4, 0x6cc7e8, 0xff8ad8, 0x7fb8ff, 0xa8d89a, 0xf2b57c, 0xd7a6ff]),
    ("day",        [0xfbfaf6, 0x24292f, 0x1a6e35, 0x7a3fb8, 0x805300, 0xb3261e, 0x6b747e, 0x626b75, 0x005f7a, 0xa4006f, 0x0550ae, 0x2a6b2f, 0x8a4700, 0x7a3fb8]),
    // Blue and orange in place of green and red, and steps in lightness: told apart where one kind of cone is missing.
    ("safe-night", [0x10141a, 0xdfe3e8, 0x8fd3ff, 0xc06bff, 0xf2e34d, 0xec6a3c, 0x808a98, 0x8a94a4, 0x7fd6c2, 0xff9fd0, 0x8fc1ff, 0xc7d3e0, 0xf2cf8a, 0xd9b3e6]),
    ("safe-day",   [0xffffff, 0x1f252b, 0x005fd6, 0xa3127f, 0x7a7000, 0x7a2a0c, 0x6b747e, 0x626b75, 0x00645a, 0x8f0061, 0x0a4fa8, 0x38485a, 0x6b4e00, 0x6f3f8a]),
];

/// The themes that come with the program.
pub fn bundled() -> Vec<Theme> {
    let theme = |(name, colours): &(&str, _)| Theme {
        name: (*name).to_owned(),
        tints: tints(*colours),
        is_safe: name.starts_with("safe-"),
    };
    BUNDLED.iter().map(theme).collect()
}

fn tints(colours: [u32; Tint::ALL.len()]) -> Tints {
    Tints(colours.map(Rgb::of))
}

/// All that can be chosen, and what was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes {
    pub all: Vec<Theme>,
    pub depth: Depth,
    /// None: the terminal's own colours.
    chosen: Option<usize>,
}

impl Default for Themes {
    fn default() -> Self {
        Self { all: bundled(), depth: Depth::default(), chosen: None }
    }
}

impl Themes {
    /// The names, the terminal's own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(TERMINAL).chain(self.all.iter().map(|theme| theme.name.as_str()))
    }

    /// The one of a place among [`Themes::names`].
    pub fn at(&self, place: usize) -> Option<&Theme> {
        self.all.get(place.checked_sub(1)?)
    }

    /// Takes one by its name. Says whether there is such a one.
    pub fn choose(&mut self, name: &str) -> bool {
        let found = self.all.iter().position(|theme| theme.name == name);
        if found.is_some() || name == TERMINAL {
            self.chosen = found;
        }
        found.is_some() || name == TERMINAL
    }

    /// The one that was taken.
    pub fn chosen(&self) -> Option<&Theme> {
        self.all.get(self.chosen?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TELLING: [Tint; 4] = [Tint::Good, Tint::Waiting, Tint::Trouble, Tint::Dead];

    #[test]
    fn every_role_is_legible_on_the_ground() {
        for theme in bundled() {
            for depth in [Depth::True, Depth::Indexed] {
                let shown = |tint| {
                    let colour = theme.tints.of(tint);
                    if depth == Depth::True { colour } else { Rgb::indexed(colour.nearest()) }
                };
                for tint in Tint::ALL.into_iter().filter(|tint| *tint != Tint::Ground) {
                    let least = if matches!(tint, Tint::Muted | Tint::Off) { 3.0 } else { 4.5 };
                    let contrast = shown(tint).contrast(shown(Tint::Ground));
                    assert!(contrast >= least, "{} {depth:?} {}: {contrast:.2}", theme.name, tint.name());
                }
            }
        }
    }

    #[test]
    fn there_are_dark_ones_and_light_ones() {
        let dark: Vec<_> = bundled().iter().map(|theme| (theme.name.clone(), theme.tints.is_dark())).collect();
        let told = |name: &str| dark.iter().find(|(known, _)| known == name).unwrap().1;
        assert!(told("night") && told("safe-night") && !told("day") && !told("safe-day"));
    }

    /// As they look to whoever lacks one kind of cone.
    #[test]
    fn the_safe_ones_tell_states_apart_for_every_eye() {
        let mut far_from_safe = 0;
        for theme in bundled() {
            let mut least = f64::MAX;
            for cones in [Cones::All, Cones::NoRed, Cones::NoGreen, Cones::NoBlue] {
                for (n, a) in TELLING.into_iter().enumerate() {
                    for b in TELLING.into_iter().skip(n + 1) {
                        let apart = apart(theme.tints.of(a), theme.tints.of(b), cones);
                        least = least.min(apart);
                        if theme.is_safe {
                            assert!(apart >= 18.0, "{} {cones:?} {a:?} {b:?}: {apart:.1}", theme.name);
                        }
                    }
                }
            }
            far_from_safe += usize::from(least < 18.0);
        }
        // Else the measure measures nothing.
        assert!(far_from_safe > 0);
    }

    #[derive(Clone, Copy, Debug)]
    enum Cones {
        All,
        NoRed,
        NoGreen,
        NoBlue,
    }

    /// The distance in CIELAB, after Machado, Oliveira and Fernandes (2009) for the missing cone.
    fn apart(one: Rgb, other: Rgb, cones: Cones) -> f64 {
        let matrix = match cones {
            Cones::All => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Cones::NoRed => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Cones::NoGreen => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Cones::NoBlue => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        };
        let lab = |colour: Rgb| {
            let linear = colour.linear();
            let seen =
                matrix.map(|row: [f64; 3]| row.iter().zip(linear).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0));
            let xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
                .map(|row: [f64; 3]| row.iter().zip(seen).map(|(a, b)| a * b).sum::<f64>());
            let bent = |part: f64| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 };
            let [x, y, z] = [bent(xyz[0] / 0.9505), bent(xyz[1]), bent(xyz[2] / 1.089)];
            [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
        };
        lab(one).iter().zip(lab(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn a_name_takes_a_theme_and_another_name_takes_none() {
        let mut themes = Themes::default();
        assert_eq!(themes.chosen(), None);
        assert!(themes.choose("day") && !themes.choose("dya"));
        assert_eq!(themes.chosen().unwrap().name, "day");
        assert_eq!(themes.at(2), themes.chosen());
        assert!(themes.choose(TERMINAL) && themes.chosen().is_none() && themes.at(0).is_none());
    }
}
