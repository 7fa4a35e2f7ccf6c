//! The sanitiser, cutting and numbers, against hostile text and against ratatui's own widths.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::cells::cell_width;
use super::*;

/// Characters from every corner that the sanitiser treats apart, and any others.
fn nasty() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        4 => prop::sample::select(vec![
            '\u{1b}', '\r', '\n', '\t', '\0', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{fe0f}',
            '\u{fe0e}', '\u{e0101}', '\u{e0062}', '\u{20e3}', '\u{301}', '\u{489}', '\u{1f468}', '\u{1f3fb}', '❤', '\u{1f1e9}', '1', '#',
            '\u{915}', '\u{94d}', '\u{937}', '\u{903}', '\u{1100}', '\u{1161}', '\u{11a8}', '\u{ac00}', '\u{600}', '\u{d4e}', '\u{ff9e}',
            '\u{2028}', '\u{feff}', '\u{e000}', '\u{ffff}', '业', 'a', '}', '\\', 'x', 'f', '©', '\u{17d2}', '\u{e33}', '\u{115f}', '\u{a8fa}',
        ]),
        1 => any::<char>(),
        1 => prop::char::range(' ', '~'),
    ];
    prop::collection::vec(one, 0..40).prop_map(String::from_iter)
}

static ACTING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").unwrap());

/// Every grapheme is seen and short, and nothing in it acts or hides.
fn assert_safe(text: &str) {
    for grapheme in text.graphemes(true) {
        assert!(cell_width(grapheme) > 0, "invisible {grapheme:?} in {text:?}");
        assert!(grapheme.chars().count() <= 16, "endless {grapheme:?} in {text:?}");
        let kept: String = grapheme.chars().filter(|c| !matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')).collect();
        assert!(!ACTING.is_match(&kept), "{grapheme:?} in {text:?}");
        if kept.len() < grapheme.len() {
            let mut rest = grapheme.chars();
            assert!(!matches!(rest.next(), Some('\u{200d}' | '\u{fe0e}' | '\u{fe0f}')), "{grapheme:?}");
            assert_ne!(rest.next_back(), Some('\u{200d}'), "{grapheme:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_comes_out_is_safe_and_stays_as_it_is(raw in nasty()) {
        let once = clean(&raw);
        assert_safe(&once);
        prop_assert_eq!(clean(&once), once.as_ref());
        prop_assert_eq!(matches!(once, Cow::Borrowed(_)), once == raw);
    }

    #[test]
    fn cutting_while_cleaning_is_cleaning_then_cutting(raw in nasty(), columns in 0_usize..60) {
        let whole = clean(&raw);
        prop_assert_eq!(clean_bytes(raw.as_bytes(), columns), cut(&whole, columns));
    }

    #[test]
    fn bytes_of_any_kind_come_out_safe(raw in prop::collection::vec(any::<u8>(), 0..80), columns in 0_usize..100) {
        let text = clean_bytes(&raw, columns);
        assert_safe(&text);
        prop_assert!(width(&text) <= columns);
        prop_assert_eq!(clean(&text), text.as_str());
    }

    #[test]
    fn a_cut_text_fits_and_is_a_beginning(raw in nasty(), columns in 0_usize..50) {
        let whole = clean(&raw);
        let short = cut(&whole, columns);
        prop_assert!(width(&short) <= columns);
        prop_assert_eq!(short == whole, width(&whole) <= columns);
        if let Some(begin) = short.strip_suffix('…').filter(|_| short != whole) {
            prop_assert!(whole.starts_with(begin));
            prop_assert!(whole.grapheme_indices(true).any(|(at, _)| at == begin.len()), "a grapheme was split");
            let next = whole[begin.len()..].graphemes(true).next().map_or(0, cell_width);
            prop_assert!(width(begin) + 1 + next > columns, "more would have fitted");
        }
        prop_assert_eq!(width(&fit(&whole, columns)), columns);
        prop_assert_eq!(width(&fit_right(&whole, columns)), columns);
    }

    #[test]
    fn words_for_numbers_keep_their_width(n: u64, nanos in 0..1_000_000_000_u32, shift in 0..64_u32, signed: i64, f: f64) {
        let time = Duration::new(n >> shift, nanos);
        prop_assert!(width(&age(time)) <= 6, "{}", age(time));
        prop_assert!(width(&exact_secs(time)) <= 6, "{}", exact_secs(time));
        prop_assert!(width(&span(time)) <= 7, "{}", span(time));
        prop_assert!(width(&millis(time)) <= 8, "{}", millis(time));
        prop_assert!(width(&size(n >> shift)) <= 8, "{}", size(n >> shift));
        prop_assert!(width(&count(n >> shift)) <= 26);
        prop_assert_eq!(count(n >> shift).replace(',', ""), (n >> shift).to_string());
        prop_assert!(width(&lag(signed >> shift.min(63))) <= 8, "{}", lag(signed >> shift.min(63)));
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let per_second = (n >> shift) as f64 / 977.0;
        for rate in [rate(per_second), rate(f), rate(f.fract().abs())] {
            prop_assert!(width(&rate) <= 7, "{}", rate);
        }
    }

    #[test]
    fn a_masked_url_has_no_secret_left(user in "[a-z]{1,8}", secret in "[A-Z0-9]{12}", name in "(x_|)(token|apiKey|listenKey|sig|Signature|access_token|jwt)") {
        let url = format!("wss://{user}:{secret}@host/path@x?a=b&{name}={secret}&c=d#{name}={secret}");
        let masked = mask_url(&url);
        prop_assert!(!masked.contains(&secret), "{}", masked);
        prop_assert_eq!(&masked, &format!("wss://***@host/path@x?a=b&{name}=***&c=d#{name}=***"));
        prop_assert!(looks_secret(&url));
        prop_assert!(!looks_secret(&masked));
    }

    #[test]
    fn any_text_can_be_masked(url in nasty()) {
        let _ = (mask_url(&url), looks_secret(&url), secret_header(&url));
    }
}

#[test]
fn every_character_that_acts_or_hides_is_spelled_out() {
    let hidden =
        Regex::new(r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{GCB=Prepend}]").unwrap();
    let noncharacter = Regex::new(r"\p{Noncharacter_Code_Point}").unwrap();
    let mut buffer = [0; 4];
    for c in '\0'..=char::MAX {
        let raw: &str = c.encode_utf8(&mut buffer);
        let out = clean(raw);
        let shown = match c {
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).map(String::from),
            _ if hidden.is_match(raw) || noncharacter.is_match(raw) => Some(c.escape_unicode().to_string()),
            _ => None,
        };
        match shown {
            Some(shown) => assert_eq!(out, shown),
            None => {
                assert!(out == raw || cell_width(raw) == 0 && out == c.escape_unicode().to_string(), "{c:?}: {out:?}");
            }
        }
    }
}

#[test]
fn what_takes_the_fast_way_stands_alone() {
    for c in ('\0'..=char::MAX).filter(|&c| sanitise::stands_alone(c)) {
        assert!(cell_width(c.encode_utf8(&mut [0; 4])) > 0, "{c:?}");
        for before in ["a", "\u{1f600}\u{200d}", "\u{915}\u{94d}", "\u{1100}", "\u{1f1e9}", "\u{ac00}"] {
            assert_eq!(format!("{before}{c}").graphemes(true).count(), 2, "{before:?} {c:?}");
        }
        assert_eq!(format!("{c}a").graphemes(true).count(), 2, "{c:?}");
    }
}

#[test]
fn escapes_are_seen() {
    assert_eq!(clean("\u{1b}[31mred\r\n\tx\u{7}"), "␛[31mred␍␊␉x␇");
    assert_eq!(clean("\u{9b}2J\u{7f}"), "\\u{9b}2J\\u{7f}");
    assert_eq!(clean("evil\u{202e}txt.exe\u{2069}"), "evil\\u{202e}txt.exe\\u{2069}");
    assert_eq!(clean("a\u{2028}b\u{e0041}"), "a\\u{2028}b\\u{e0041}");
}

#[test]
fn real_text_stays_as_it_is() {
    for text in [
        "",
        "业务1 行情更新，价格：１０１。",
        "👨‍👩‍👧‍👦 🧑🏻‍❤️‍💋‍🧑🏿 🏳️‍🌈 1️⃣ 🇩🇪🇨🇳 ⌚︎ 👍🏽",
        "naïve cafe\u{301} Tiếng Việt ｶﾞ 한국어 \u{1112}\u{1161}\u{11ab}",
        "हिन्दी क्षत्रिय क्\u{200d}ष ไทยน้ำ שָׁלוֹם العربية བསྒྲུབས",
    ] {
        assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}: {}", clean(text));
    }
}

#[test]
fn marks_do_not_pile_up_without_end() {
    let zalgo = format!("a{}", "\u{301}".repeat(1000));
    let out = clean(&zalgo);
    assert!(out.starts_with(&format!("a{}\\u{{301}}", "\u{301}".repeat(6))), "{out}");
    let emoji = "👩\u{200d}".repeat(500);
    assert_safe(&clean(&emoji));
    assert_eq!(clean("\u{301}a"), "\\u{301}a");
}

#[test]
fn bytes_are_cut_while_they_are_cleaned() {
    assert_eq!(clean_bytes(b"ok\xff\xc3(\x1b", 40), "ok\\xff\\xc3(␛");
    assert_eq!(clean_bytes("业务业务".as_bytes(), 5), "业务…");
    assert_eq!(clean_bytes("业务业务".as_bytes(), 6), "业务…");
    assert_eq!(clean_bytes("业务业务".as_bytes(), 8), "业务业务");
    assert_eq!(clean_bytes(b"abc", 0), "");
    assert_eq!(clean_bytes(b"", 0), "");
    // Many bytes in a column, and the end of what is looked at is still not seen.
    let fat = format!("\u{10915}{}", "\u{1d167}".repeat(6)).repeat(10_000);
    for columns in 0..30 {
        assert_eq!(clean_bytes(fat.as_bytes(), columns), cut(&clean(&fat[..28 * 100]), columns));
    }
    assert_eq!(clean_bytes(&vec![b'a'; 10 << 20], usize::MAX).len(), 10 << 20);
}

#[test]
fn a_cut_never_splits() {
    assert_eq!(cut("hello", 5), "hello");
    assert_eq!(cut("hello!", 5), "hell…");
    assert_eq!(cut("业务1", 4), "业…");
    assert_eq!(cut("👨‍👩‍👧‍👦abc", 3), "👨‍👩‍👧‍👦…");
    assert_eq!(cut("业", 1), "…");
    assert_eq!(cut("业", 0), "");
    assert_eq!(fit("业务1", 4), "业… ");
    assert_eq!(fit_right("3", 4), "   3");
    assert_eq!(fit("", usize::MAX).len(), 65_535);
}

#[test]
fn times_in_words() {
    let ms = Duration::from_millis;
    for (time, words) in [
        (0, "0.0s"),
        (449, "0.4s"),
        (9_999, "9.9s"),
        (48_900, "48s"),
        (192_000, "3m12s"),
        (180_000, "3m00s"),
        (11_520_000, "3h12m"),
        (187_200_000, "2d4h"),
        (8_640_000_000, "100d"),
    ] {
        assert_eq!(age(ms(time)), words);
    }
    assert_eq!(age(Duration::MAX), ">9999d");
    for (time, words) in
        [(0, "0.0s"), (1, "0.1s"), (18_200, "18.2s"), (18_201, "18.3s"), (999_900, "999.9s"), (1_000_000, "16m40s")]
    {
        assert_eq!(exact_secs(ms(time)), words);
    }
    for (time, words) in [
        (0, "0ms"),
        (250, "250ms"),
        (10_000, "10s"),
        (2_500, "2.5s"),
        (60_000, "60s"),
        (120_000, "2m"),
        (150_000, "2m30s"),
        (3_600_000, "1h"),
        (99_999, "99.999s"),
    ] {
        assert_eq!(span(ms(time)), words);
    }
    for (micros, words) in
        [(0, "0.0 ms"), (40, "<0.1 ms"), (4_199, "4.1 ms"), (142_900, "142 ms"), (12_345_678, "12.3 s")]
    {
        assert_eq!(millis(Duration::from_micros(micros)), words);
    }
    for (micros, words) in
        [(0, "0"), (2_900, "3"), (-3_800, "-4"), (-400, "0"), (i64::MIN, "<-999999"), (i64::MAX, ">999999")]
    {
        assert_eq!(lag(micros), words);
    }
}

#[test]
fn amounts_in_words() {
    for (bytes, words) in [
        (0, "0 B"),
        (812, "812 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1434, "1.4 KiB"),
        (14 << 10, "14 KiB"),
        (16 << 20, "16 MiB"),
        (u64::MAX, "15 EiB"),
    ] {
        assert_eq!(size(bytes), words);
    }
    for (per_second, words) in [
        (0.0, "0/s"),
        (145.2, "145/s"),
        (2.5, "2.5/s"),
        (3.01, "3/s"),
        (9.97, "10/s"),
        (999.6, "1.0k/s"),
        (0.1, "6/min"),
        (0.025, "1.5/min"),
        (12_345.0, "12.3k/s"),
        (99_960.0, "100k/s"),
        (2e6, "2.0M/s"),
        (1.0 / 1800.0, "2/h"),
        (1e-9, "<1/h"),
        (f64::INFINITY, ">999G/s"),
        (f64::NAN, "?/s"),
        (-1.0, "?/s"),
    ] {
        assert_eq!(rate(per_second), words);
    }
    for (n, words) in [(0, "0"), (999, "999"), (1234, "1,234"), (1_234_567, "1,234,567")] {
        assert_eq!(count(n), words);
    }
    assert_eq!(width(&count(u64::MAX)), 26);
}

#[test]
fn urls_are_masked_by_name() {
    for (url, masked) in [
        ("wss://host/ws", "wss://host/ws"),
        ("wss://bob@host:1/x", "wss://***@host:1/x"),
        ("host:1?%74oken=a&encoding=json&v=10", "host:1?%74oken=***&encoding=json&v=10"),
        (
            "ws://h/btc@trade?author=me&code=1&design=2;X-Amz-Signature=3",
            "ws://h/btc@trade?author=me&code=***&design=2;X-Amz-Signature=***",
        ),
        ("ws://h/?token=", "ws://h/?token="),
        ("ws://h/#access_token=abc", "ws://h/#access_token=***"),
        ("wss://h/?ticket=t&app_id=1&EIO=4&sid=9", "wss://h/?ticket=***&app_id=1&EIO=4&sid=***"),
        ("wss://u:p@ss@h/业务?密码=1", "wss://***@h/业务?密码=1"),
    ] {
        assert_eq!(mask_url(url), masked);
    }
    assert_eq!(mask_url("ws://${file.a/b?c}@h?token=${env.A&B}"), "ws://***@h?token=***");
    assert!(!looks_secret("ws://${env.USER}:${file./run/pw}@h/?token=${env.T}&a=b"));
    assert!(
        !looks_secret("http://me:${env.PW}@h") && looks_secret("http://me:x${env.PW}@h") && looks_secret("ws://me@h")
    );
    assert!(looks_secret("ws://h/?token=x${env.T}"));
    assert!(looks_secret("ws://h/?token=${env.T"));
}

#[test]
fn headers_that_carry_secrets() {
    for name in [
        "Authorization",
        "cookie",
        "Set-Cookie",
        "X-MBX-APIKEY",
        "X-Api-Key",
        "Proxy-Authorization",
        "X-Auth",
        "x-session-id",
    ] {
        assert!(secret_header(name), "{name}");
    }
    for name in ["Host", "Origin", "User-Agent", "Sec-WebSocket-Key", "Author", "Content-Encoding", "Upgrade", "Date"] {
        assert!(!secret_header(name), "{name}");
    }
}

#[test]
fn what_follows_a_slip_in_a_url_is_masked_too() {
    for (url, masked) in [
        ("ws://user:pa#word@h/", "ws://***@h/"),
        ("ws://user:pa#wo:rd@h:1/x?a=1", "ws://***@h:1/x?a=1"),
        ("ws://h/?token=abc#def", "ws://h/?token=***#***"),
        ("ws://h/#def", "ws://h/#***"),
    ] {
        assert_eq!(mask_url(url), masked);
    }
}
