//! Messages looked into, in each shape: what is on view, what is copied, and that size does not matter.

use proptest::prelude::*;

use super::*;
use crate::event::{Dir, Kind};
use crate::time::Ts;

fn line(body: &[u8], form: Form) -> Line {
    let len = u32::try_from(body.len()).unwrap();
    Line { at: Ts::ZERO, kind: Kind::Data, dir: Dir::In, form, len, body: body.into() }
}

fn inspect(body: &str, shape: Shape) -> Inspect {
    Inspect::new((FeedId(0), Stream::Unrouted, 0), line(body.as_bytes(), Form::Json), None, shape, 20)
}

#[test]
fn folding_keeps_the_row() {
    let mut it = inspect(r#"{"a":{"b":[1,2]},"c":3}"#, Shape::Tree);
    assert_eq!(it.len(), 6);
    it.step(4);
    assert_eq!(it.path().to_string(), ".a.b[1]");
    assert_eq!(it.value().text, "2");
    it.fold(Fold::In);
    assert_eq!(it.path().to_string(), ".a.b");
    it.fold(Fold::In);
    assert_eq!((it.len(), it.path().to_string().as_str(), it.value().text.as_str()), (4, ".a.b", "[1,2]"));
    it.fold(Fold::Out);
    it.fold(Fold::Out);
    assert_eq!(it.path().to_string(), ".a.b[0]");
    it.fold(Fold::AllIn);
    assert_eq!((it.len(), it.at), (1, 0));
    assert_eq!(it.value().text, r#"{"a":{"b":[1,2]},"c":3}"#);
    it.fold(Fold::Turn);
    assert_eq!(it.len(), 3);
    it.fold(Fold::AllOut);
    assert_eq!((it.len(), it.at), (6, 0));
}

#[test]
fn more_of_a_wide_one_comes_when_asked_for() {
    let mut it = inspect(&format!("[{}0]", "1,".repeat(999)), Shape::Tree);
    assert_eq!(it.len(), 1 + tree::FIRST + 1);
    it.step(i64::MAX);
    it.fold(Fold::Out);
    assert_eq!((it.len(), it.at), (1001, tree::FIRST + 1));
    assert_eq!(it.path().to_string(), ".[200]");
}

#[test]
fn only_json_has_a_tree() {
    let made = |body: &[u8], form| Inspect::new((FeedId(0), Stream::Beats, 0), line(body, form), None, Shape::Tree, 20);
    let text = made(b"pong", Form::Text);
    assert_eq!((text.shape, text.next_shape(false), text.next_shape(true)), (Shape::Raw, Shape::Hex, Shape::Hex));
    let binary = made(&[1, 2, 3], Form::Binary);
    assert_eq!((binary.shape, binary.len(), binary.value().text.as_str()), (Shape::Hex, 1, "010203"));
    assert_eq!(inspect("{}", Shape::Tree).next_shape(true), Shape::Hex);
    assert_eq!(form_of(" {\"a\":1}"), Form::Json);
    assert_eq!(form_of("{\"a\":1"), Form::Text);
    assert_eq!(form_of("1"), Form::Text);
}

#[test]
fn a_text_is_broken_where_it_is_full() {
    let mut it = inspect("0123456789\n业务业务业务业务业务业务", Shape::Raw);
    let lines =
        |it: &Inspect| (0..it.len()).map(|at| String::from_utf8_lossy(it.raw(at)).into_owned()).collect::<Vec<_>>();
    assert_eq!(lines(&it), ["0123456789\n", "业务业务业务业务业务", "业务"]);
    it.resize(5);
    assert_eq!(lines(&it)[..3], ["01234", "56789", "\n"]);
}

#[test]
fn a_large_message_is_no_burden() {
    let item = r#"{"id":12345678901234567890,"name":"业务","tags":["a","b"],"price":"101.25"},"#;
    let mut body = item.repeat(10_000_000 / item.len());
    body.pop();
    let body = format!("{{\"list\":[{body}]}}");
    let mut it = inspect(&body, Shape::Tree);
    assert_eq!(it.len(), 2);
    it.step(1);
    it.fold(Fold::Out);
    assert!(it.len() < 300, "{}", it.len());
    it.fold(Fold::AllOut);
    assert!(it.len() < 300_000);
    for shape in Shape::ALL {
        it.look_at(shape);
        it.step(i64::MAX);
        assert_eq!(it.window(40).len(), 40, "{shape:?}");
        assert!(it.value().text.len() <= crate::app::copy::MOST);
    }
}

proptest! {
    #[test]
    fn every_byte_is_on_some_line(body in prop::collection::vec(any::<u8>(), 0..300), columns in 1..40_usize) {
        let mut it = Inspect::new((FeedId(0), Stream::Unrouted, 0), line(&body, Form::Binary), None, Shape::Raw, columns);
        let text: Vec<u8> = (0..it.len()).flat_map(|at| it.raw(at).to_vec()).collect();
        prop_assert_eq!(&text, &body);
        for at in 0..it.len() {
            let wide = text::width(&text::clean_bytes(it.raw(at), 1000));
            prop_assert!(wide <= columns || it.raw(at).len() <= 4, "{} columns: {:?}", wide, it.raw(at));
        }
        it.look_at(Shape::Hex);
        let bytes: Vec<u8> = (0..it.len()).flat_map(|at| it.hex(at).1.to_vec()).collect();
        prop_assert_eq!(&bytes, &body);
    }
}
