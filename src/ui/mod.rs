//! The screen as a function.
pub fn draw(_: &mut ratatui::Frame<'_>, _: &crate::app::App, _: crate::time::Ts) {}
