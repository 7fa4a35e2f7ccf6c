//! The words for a terminal's clipboard (OSC 52): one way, and no answer, so that nothing is known of what became of them.
//! Who asks for it, and how much, is decided elsewhere.

use data_encoding::BASE64;

/// What puts a text into the clipboard. tmux keeps it for itself, or passes on what is wrapped for the terminal outside,
/// each if its user lets it: so it is told both.
pub fn copy(text: &str, in_tmux: bool) -> String {
    let plain = format!("\x1b]52;c;{}\x1b\\", BASE64.encode(text.as_bytes()));
    if in_tmux { format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")) } else { plain }
}

/// Whether tmux stands between us and the terminal.
pub fn in_tmux() -> bool {
    std::env::var_os("TMUX").is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_acts() {
        assert_eq!(copy("业\x1b", false), "\x1b]52;c;5LiaGw==\x1b\\");
    }

    #[test]
    fn tmux_is_told_twice() {
        assert_eq!(copy("a", true), "\x1b]52;c;YQ==\x1b\\\x1bPtmux;\x1b\x1b]52;c;YQ==\x1b\x1b\\\x1b\\");
    }
}
