//! What is kept, what makes room, and what is on view.

use super::*;

const A: Stream = Stream::Service(ServiceId(0));
const B: Stream = Stream::Service(ServiceId(1));

fn push(history: &mut History, feed: u32, stream: Stream, text: &str, filter: &Filter) {
    let (kind, dir, form) = (Kind::Data, Dir::In, Form::Text);
    let arrival = Arrival { feed: FeedId(feed), stream, at: Ts::ZERO, kind, dir, form, body: text.as_bytes() };
    history.push(&arrival, filter, "a service");
}

fn shown(history: &History, feed: u32, stream: Stream, rows: usize) -> String {
    let lines = history.pane(FeedId(feed), stream).map(|pane| pane.window(rows)).unwrap_or_default();
    let texts: Vec<_> = lines.iter().map(|(_, line)| String::from_utf8_lossy(&line.body)).collect();
    texts.join(" ")
}

#[test]
fn a_view_that_samples_goes_on_when_it_is_told() {
    let mut history = History::new(1 << 20);
    let all = Filter::default();
    (0..3).for_each(|n| push(&mut history, 0, A, &n.to_string(), &all));
    history.show_newest();
    (3..6).for_each(|n| push(&mut history, 0, A, &n.to_string(), &all));
    assert_eq!(shown(&history, 0, A, 9), "0 1 2");
    // What is frozen is what was seen.
    history.freeze(true);
    history.show_newest();
    assert_eq!((shown(&history, 0, A, 9).as_str(), history.pane(FeedId(0), A).unwrap().unseen()), ("0 1 2", 3));
    history.freeze(false);
    assert_eq!(shown(&history, 0, A, 9), "0 1 2 3 4 5");
    // So is what is selected.
    push(&mut history, 0, A, "6", &all);
    history.pane_mut(FeedId(0), A).unwrap().select_by(-1);
    assert_eq!(history.pane(FeedId(0), A).unwrap().selected().unwrap().1.body.as_ref(), b"5");
    assert_eq!(shown(&history, 0, A, 2), "4 5");
}

#[test]
fn a_view_that_was_left_behind_goes_on() {
    let mut history = History::new(100 * OVERHEAD);
    let all = Filter::default();
    (0..9).for_each(|n| push(&mut history, 0, A, &n.to_string(), &all));
    history.show_newest();
    (0..500).for_each(|n| push(&mut history, 0, A, &n.to_string(), &all));
    assert_eq!(shown(&history, 0, A, 2), "498 499");
}

#[test]
fn the_oldest_make_room_whosever_they_are() {
    let none = Filter::default();
    let mut history = History::new(4 * (OVERHEAD + 2));
    push(&mut history, 0, A, "a0", &none);
    push(&mut history, 1, A, "b0", &none);
    for n in 1..4 {
        push(&mut history, 0, B, &format!("c{n}"), &none);
        assert!(history.used() <= 4 * (OVERHEAD + 2));
    }
    assert_eq!(shown(&history, 0, A, 9), "");
    assert_eq!(shown(&history, 1, A, 9), "b0");
    assert_eq!(shown(&history, 0, B, 9), "c1 c2 c3");
    assert_eq!(shown(&history, 0, B, 2), "c2 c3");
    let streams: Vec<_> = history.streams(FeedId(0)).map(|(stream, pane)| (stream, pane.len())).collect();
    assert_eq!(streams, [(A, 0), (B, 3)]);
}

#[test]
fn a_frozen_view_stays_and_counts_what_waits() {
    let none = Filter::default();
    let mut history = History::new(1 << 20);
    push(&mut history, 0, A, "1", &none);
    push(&mut history, 0, A, "2", &none);
    history.freeze(true);
    push(&mut history, 0, A, "3", &none);
    push(&mut history, 0, B, "new", &none);
    assert_eq!(shown(&history, 0, A, 9), "1 2");
    assert_eq!(shown(&history, 0, B, 9), "");
    assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 1);
    assert_eq!(history.pane(FeedId(0), B).unwrap().unseen(), 1);
    history.freeze(false);
    assert_eq!(shown(&history, 0, A, 2), "2 3");
    assert_eq!(shown(&history, 0, B, 2), "new");
}

#[test]
fn scrolling_holds_the_lines_and_finds_back() {
    let none = Filter::default();
    let mut history = History::new(1 << 20);
    for n in 0..10 {
        push(&mut history, 0, A, &n.to_string(), &none);
    }
    let selected = |history: &History| {
        let pane = history.pane(FeedId(0), A).unwrap();
        pane.selected().map(|(_, line)| String::from_utf8_lossy(&line.body).into_owned())
    };
    let select = |history: &mut History, by| history.pane_mut(FeedId(0), A).unwrap().select_by(by);
    select(&mut history, -1);
    assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("7 8 9".to_owned(), Some("9")));
    // The view stands while the selection moves in it, and moves on with the selection in its middle.
    push(&mut history, 0, A, "10", &none);
    select(&mut history, -1);
    assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("7 8 9".to_owned(), Some("8")));
    select(&mut history, -3);
    assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("4 5 6".to_owned(), Some("5")));
    assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 1);
    select(&mut history, -1000);
    assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("0 1 2".to_owned(), Some("0")));
    select(&mut history, 10);
    assert_eq!((shown(&history, 0, A, 3), selected(&history).as_deref()), ("8 9 10".to_owned(), Some("10")));
    select(&mut history, 1);
    assert_eq!((shown(&history, 0, A, 3), selected(&history)), ("8 9 10".to_owned(), None));
    assert_eq!(history.pane(FeedId(0), A).unwrap().unseen(), 0);
}

#[test]
fn a_selected_line_that_is_evicted_gives_its_place_to_the_oldest() {
    let none = Filter::default();
    let mut history = History::new(4 * (OVERHEAD + 1));
    for n in 0..4 {
        push(&mut history, 0, A, &n.to_string(), &none);
    }
    history.pane_mut(FeedId(0), A).unwrap().select_by(-4);
    for n in 4..7 {
        push(&mut history, 0, A, &n.to_string(), &none);
    }
    let pane = history.pane(FeedId(0), A).unwrap();
    assert_eq!(pane.selected().unwrap().1.body.as_ref(), b"3");
    assert_eq!(shown(&history, 0, A, 2), "3 4");
}

#[test]
fn a_search_that_hides_nothing_is_jumped_through() {
    let filter = Filter::new("x").unwrap();
    let mut history = History::new(1 << 20);
    for text in ["x0", "y1", "x2", "y3"] {
        push(&mut history, 0, A, text, &filter);
    }
    history.search(FeedId(0), &filter, false, |_| String::new());
    assert_eq!(shown(&history, 0, A, 9), "x0 y1 x2 y3");
    push(&mut history, 0, A, "x4", &filter);
    let jumped = |history: &mut History, back| {
        let pane = history.pane_mut(FeedId(0), A).unwrap();
        let there = pane.jump(back);
        there.then(|| String::from_utf8_lossy(&pane.selected().unwrap().1.body).into_owned())
    };
    assert_eq!(jumped(&mut history, false), None);
    assert_eq!(jumped(&mut history, true).as_deref(), Some("x4"));
    assert_eq!(jumped(&mut history, true).as_deref(), Some("x2"));
    assert_eq!(jumped(&mut history, true).as_deref(), Some("x0"));
    assert_eq!(jumped(&mut history, true), None);
    assert_eq!(jumped(&mut history, false).as_deref(), Some("x2"));
}

#[test]
fn a_filter_is_kept_up_as_lines_come_and_go() {
    let filter = Filter::new("x").unwrap();
    let mut history = History::new(5 * (OVERHEAD + 2));
    for text in ["x0", "y1", "x2", "y3"] {
        push(&mut history, 0, A, text, &Filter::default());
    }
    history.search(FeedId(0), &filter, true, |_| String::new());
    assert_eq!(shown(&history, 0, A, 9), "x0 x2");
    for text in ["x4", "y5", "x6"] {
        push(&mut history, 0, A, text, &filter);
    }
    assert_eq!(shown(&history, 0, A, 9), "x2 x4 x6");
    assert_eq!(history.pane(FeedId(0), A).unwrap().found(), Some((3, 5)));
    history.pane_mut(FeedId(0), A).unwrap().select_by(-2);
    assert_eq!(shown(&history, 0, A, 1), "x4");
    history.pane_mut(FeedId(0), A).unwrap().follow();
    history.search(FeedId(0), &Filter::default(), true, |_| String::new());
    assert_eq!(shown(&history, 0, A, 9), "x2 y3 x4 y5 x6");
}

#[test]
fn a_search_begins_with_the_newest_and_comes_to_the_oldest() {
    let mut history = History::new(64 << 20);
    let long = "x".repeat(A_SLICE / 10);
    for n in 0..20 {
        push(&mut history, 0, A, &format!("{n} {long}"), &Filter::default());
    }
    let filter = Filter::new("x").unwrap();
    history.search(FeedId(0), &filter, true, |_| String::new());
    let (found, of) = history.pane(FeedId(0), A).unwrap().found().unwrap();
    assert!(history.is_searching() && found == of && found < 5, "{found} of {of}");
    assert!(shown(&history, 0, A, 1).starts_with("19 "));
    // What comes meanwhile stands behind, and what goes is not waited for.
    push(&mut history, 0, A, "x new", &filter);
    let mut turns = 0;
    while history.is_searching() {
        history.look_back(&filter);
        turns += 1;
    }
    assert!(turns > 3);
    assert_eq!(history.pane(FeedId(0), A).unwrap().found(), Some((21, 21)));
    let numbers: Vec<_> = history.pane(FeedId(0), A).unwrap().window(99).iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..21).collect::<Vec<_>>());
}

#[test]
fn a_stream_that_comes_later_is_filtered_too() {
    let filter = Filter::new("x").unwrap();
    let mut history = History::new(1 << 20);
    history.search(FeedId(0), &filter, true, |_| String::new());
    for text in ["x0", "y1"] {
        push(&mut history, 0, A, text, &filter);
        push(&mut history, 1, A, text, &filter);
    }
    assert_eq!((shown(&history, 0, A, 9), shown(&history, 1, A, 9)), ("x0".to_owned(), "x0 y1".to_owned()));
}

#[test]
fn a_giant_does_not_drive_out_everything() {
    let mut history = History::new(8000);
    push(&mut history, 0, A, "small", &Filter::default());
    push(&mut history, 0, A, &"g".repeat(100_000), &Filter::default());
    assert_eq!(history.pane(FeedId(0), A).unwrap().len(), 2);
    assert_eq!(history.pane(FeedId(0), A).unwrap().window(1)[0].1.len, 100_000);
    let mut none = History::new(0);
    push(&mut none, 0, A, "x", &Filter::default());
    assert!(none.pane(FeedId(0), A).is_none_or(Pane::is_empty));
}
