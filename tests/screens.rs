//! Screens, cell by cell.
#![expect(clippy::unwrap_used, reason = "a test may")]

mod support;

use support::{NOW, alone, buffer, calm, styles, text, trouble};

#[test]
fn show() {
    for (w, h) in [(118, 21), (80, 24), (40, 10)] {
        println!("{}", text(&buffer(&trouble(), NOW, w, h)));
    }
    println!("{}", text(&buffer(&calm(), NOW, 118, 24)));
    println!("{}", styles(&buffer(&trouble(), NOW, 80, 24)));
    println!("{}", text(&buffer(&alone(|_| {}), NOW + 12.0, 100, 30)));
}
