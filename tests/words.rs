//! What `text` says of a width is what ratatui draws. The rest of `text` is tested beside it.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;
use wirebeat::text;

fn drawn(s: &str) -> usize {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 4096, 1));
    usize::from(buffer.set_stringn(0, 0, s, 4096, Style::new()).0)
}

proptest! {
    #[test]
    fn a_width_is_what_is_drawn(raw in prop::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter)) {
        let line = text::clean(&raw);
        prop_assert_eq!(text::width(&raw), drawn(&raw), "as it came");
        prop_assert_eq!(text::width(&line), drawn(&line), "cleaned");
    }

    #[test]
    fn a_fitted_text_leaves_its_neighbours_alone(raw: String, columns in 0_u16..40) {
        let cell = text::fit(&text::clean(&raw), usize::from(columns));
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns + 1, 1));
        Line::from(format!("{cell}|")).render(buffer.area, &mut buffer);
        prop_assert_eq!(buffer[(columns, 0)].symbol(), "|");
    }
}

#[test]
fn known_widths() {
    for (s, columns) in [("业务1", 5), ("👨‍👩‍👧‍👦", 2), ("e\u{301}", 1), ("─·…●", 4), ("🇩🇪", 2), ("1️⃣", 2)]
    {
        assert_eq!((text::width(s), drawn(s)), (columns, columns), "{s}");
    }
    // Ratatui and the width table both count the sound mark: three columns are kept free, two are filled.
    assert_eq!(text::width("ｶﾞ"), drawn("ｶﾞ"));
}
