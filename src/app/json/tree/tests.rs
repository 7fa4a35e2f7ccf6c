//! Trees: what is folded, what is new, and that no message is too deep, too wide or too broken.

use proptest::prelude::*;

use super::*;

/// Rows as a person would draw them.
fn drawn(doc: &str, before: &str, rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let text = if row.change == Change::Gone { before } else { doc };
            let key = row.key.as_ref().map(|key| format!("{} ", &text[wide(key)])).unwrap_or_default();
            let index = row.index.map(|index| format!("{index} ")).unwrap_or_default();
            let value = match row.what {
                What::Open => "v".to_owned(),
                What::More(n) => format!("+{n}"),
                What::Leaf | What::Folded | What::End => text[wide(&row.value)].to_owned(),
            };
            let mark = match row.change {
                Change::Same => "",
                Change::Added => " +",
                Change::Changed => " ~",
                Change::Gone => " -",
            };
            format!("{}{key}{index}{value}{mark}", "  ".repeat(row.depth as usize))
        })
        .collect()
}

const DOC: &str = r#"{"id":12345678901234567890, "p":0.10,"a":1,"a":2,"in":{"x":[1,2],"e":{}},"last":null}"#;

#[test]
fn digits_order_and_duplicates_are_as_they_came() {
    let rows = rows(DOC.as_bytes(), &Folds::default(), None);
    let wanted = [
        "v",
        "  \"id\" 12345678901234567890",
        "  \"p\" 0.10",
        "  \"a\" 1",
        "  \"a\" 2",
        "  \"in\" v",
        "    \"x\" v",
        "      0 1",
        "      1 2",
        "    \"e\" {}",
        "  \"last\" null",
    ];
    assert_eq!(drawn(DOC, "", &rows), wanted);
    assert_eq!(path(DOC.as_bytes(), b"", &rows, 8).to_string(), ".in.x[1]");
    assert_eq!(path(DOC.as_bytes(), b"", &rows, 10).to_string(), ".last");
    assert_eq!(path(DOC.as_bytes(), b"", &rows, 0).to_string(), "");
    assert_eq!(&DOC[wide(&rows[5].value)], r#"{"x":[1,2],"e":{}}"#);
}

#[test]
fn what_is_folded_has_one_row() {
    let place = u32::try_from(DOC.find("{\"x\"").unwrap()).unwrap();
    let folds = Folds { turned: BTreeSet::from([place]), ..Folds::default() };
    let all = drawn(DOC, "", &rows(DOC.as_bytes(), &folds, None));
    assert_eq!(all[5..], ["  \"in\" {\"x\":[1,2],\"e\":{}}", "  \"last\" null"]);
    let folds = Folds { all: Some(true), ..Folds::default() };
    assert_eq!(drawn(DOC, "", &rows(DOC.as_bytes(), &folds, None)), [DOC]);
}

#[test]
fn written_out_it_has_its_brackets() {
    let doc = r#"[{"a":1},[]]"#;
    assert_eq!(drawn(doc, "", &pretty(doc.as_bytes())), ["v", "  0 v", "    \"a\" 1", "  }", "  1 []", "]"]);
}

#[test]
fn what_is_new_beside_the_message_before() {
    let before = r#"{"seq":1,"data":{"price":1,"gone":true},"tags":["a","b"],"a":1,"a":2,"t":[1]}"#;
    let doc = r#"{"seq":2,"data":{"price":1,"fee":0},"tags":["a"],"a":1,"a":3,"t":{"x":1}}"#;
    let rows = rows(doc.as_bytes(), &Folds::default(), Some(before.as_bytes()));
    let wanted = [
        "v",
        "  \"seq\" 2 ~",
        "  \"data\" v ~",
        "    \"price\" 1",
        "    \"fee\" 0 +",
        "    \"gone\" true -",
        "  \"tags\" v ~",
        "    0 \"a\"",
        "    1 \"b\" -",
        "  \"a\" 1",
        "  \"a\" 3 ~",
        "  \"t\" v ~",
        "    \"x\" 1",
    ];
    assert_eq!(drawn(doc, before, &rows), wanted);
    assert_eq!(path(doc.as_bytes(), before.as_bytes(), &rows, 5).to_string(), ".data.gone");
}

#[test]
fn of_a_wide_one_the_first_are_shown() {
    let doc = format!("{{\"list\":[{}0],\"z\":1}}", "7,".repeat(1000));
    let place = u32::try_from(doc.find('[').unwrap()).unwrap();
    let few = rows(doc.as_bytes(), &Folds::default(), None);
    assert_eq!(few.len(), 2 + FIRST + 2);
    assert_eq!(few[2 + FIRST].what, What::More(801));
    assert_eq!(few[2 + FIRST].value.start, place);
    assert_eq!(path(doc.as_bytes(), b"", &few, few.len() - 1).to_string(), ".z");
    let folds = Folds { more: BTreeMap::from([(place, 2000)]), ..Folds::default() };
    assert_eq!(rows(doc.as_bytes(), &folds, None).len(), 2 + 1001 + 1);
}

#[test]
fn no_message_is_too_deep() {
    for depth in [10_000, 300_000] {
        let doc = "[".repeat(depth) + &"]".repeat(depth);
        let unfolded = Folds { all: Some(false), ..Folds::default() };
        let rows = rows(doc.as_bytes(), &unfolded, Some(doc.as_bytes()));
        assert_eq!(rows.len(), depth.min(MOST_ROWS));
        assert!(pretty(doc.as_bytes()).len() <= MOST_ROWS + 1);
        assert_eq!(path(doc.as_bytes(), b"", &rows, 9999).0.len(), 9999);
    }
}

proptest! {
    #[test]
    fn no_bytes_stop_it(
        doc in prop::collection::vec(prop::sample::select(br#"{{}}[]"",,::a1 "#.to_vec()), 0..80),
        before in prop::collection::vec(prop::sample::select(br#"{{}}[]"",,::a1 "#.to_vec()), 0..80),
    ) {
        let rows = rows(&doc, &Folds::default(), Some(&before));
        for (n, row) in rows.iter().enumerate() {
            let bytes = if row.change == Change::Gone { &before } else { &doc };
            prop_assert!(row.value.start <= row.value.end && row.value.end as usize <= bytes.len());
            path(&doc, &before, &rows, n);
        }
        prop_assert!(pretty(&doc).len() <= 2 * doc.len() + 1);
    }

    /// Whatever serde_json makes of a document, the tree has each of its values, once.
    #[test]
    fn every_value_has_a_row(numbers in prop::collection::vec(any::<i64>(), 0..20), keys in prop::collection::btree_set("[a-z\"\\\\]{0,4}", 0..20)) {
        let inner: serde_json::Map<_, _> = keys.iter().zip(&numbers).map(|(key, n)| (key.clone(), (*n).into())).collect();
        let doc = serde_json::json!({ "n": numbers, "o": inner }).to_string();
        let rows = rows(doc.as_bytes(), &Folds::default(), None);
        let leaves = numbers.len() + inner.len() + usize::from(numbers.is_empty()) + usize::from(inner.is_empty());
        prop_assert_eq!(rows.iter().filter(|row| row.what == What::Leaf).count(), leaves);
        for (n, row) in rows.iter().enumerate().filter(|(_, row)| row.what == What::Leaf) {
            let path = path(doc.as_bytes(), b"", &rows, n);
            prop_assert_eq!(path.find(doc.as_bytes()), Some(part(doc.as_bytes(), wide(&row.value))), "{}", path);
        }
    }
}
