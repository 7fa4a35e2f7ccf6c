//! Which theme the screen has, and how many colours the terminal tells of. What the colours are is in [`crate::app::theme`].

use super::Failure;
use crate::app::theme::{Depth, Themes};
use crate::text::{clean, nearest};

/// The themes of the configuration, with the one that the command line names.
pub(super) fn dressed(mut themes: Themes, named: Option<&str>) -> Result<Themes, Failure> {
    themes.depth = depth(&|name| std::env::var(name).unwrap_or_default());
    let Some(name) = named.filter(|name| !themes.choose(name)) else { return Ok(themes) };
    let names: Vec<_> = themes.names().collect();
    let near = nearest(name, names.iter().copied());
    let help =
        near.map_or_else(|| format!("it is one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(Failure { code: 2, text: clean(&format!("there is no theme `{name}`; {help}")).into_owned() })
}

/// What the terminal says of itself: there is no other way to know that is as quick.
fn depth(variable: &dyn Fn(&str) -> String) -> Depth {
    let (colours, term) = (variable("COLORTERM").to_lowercase(), variable("TERM").to_lowercase());
    if ["truecolor", "24bit"].contains(&colours.as_str()) || term.contains("direct") {
        Depth::True
    } else if term.contains("256") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_says_how_many_colours_it_has() {
        for (colours, term, has) in [
            ("truecolor", "xterm", Depth::True),
            ("24bit", "tmux-256color", Depth::True),
            ("", "xterm-direct", Depth::True),
            ("", "xterm-256color", Depth::Indexed),
            ("yes", "screen-256color", Depth::Indexed),
            ("", "linux", Depth::Sixteen),
            ("", "", Depth::Sixteen),
        ] {
            let told = depth(&|name| if name == "TERM" { term } else { colours }.to_owned());
            assert_eq!(told, has, "{colours} {term}");
        }
    }

    #[test]
    fn an_unknown_theme_is_told_the_nearest() {
        let failure = dressed(Themes::default(), Some("nihgt")).unwrap_err();
        assert!(failure.code == 2 && failure.text.contains("`night`"), "{failure:?}");
        let failure = dressed(Themes::default(), Some("x\u{1b}[2J")).unwrap_err();
        assert!(failure.text.contains("terminal, night, day") && !failure.text.contains('\u{1b}'), "{failure:?}");
        assert_eq!(dressed(Themes::default(), Some("day")).unwrap().chosen().unwrap().name, "day");
    }
}
