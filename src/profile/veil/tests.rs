//! Lines of files, and what is seen of them.

use super::*;

/// The last line of a text as it is shown.
fn shown(text: &str) -> String {
    let (number, line) = text.split('\n').enumerate().last().unwrap();
    hide(line, &secrets_of_line(text, number + 1), 0..line.len())
}

#[test]
fn addresses_lose_their_secrets() {
    for (line, masked) in [
        (r#"url = "wss://h/p?token=ab&x=1""#, r#"url = "wss://h/p?token=**&x=1""#),
        (r#"url = "wss://me:pa/ss@h/p""#, r#"url = "wss://********@h/p""#),
        ("url = wss//u:p@h/?key=ab # why", "url = wss//***@h/?key=***# why"),
        ("url = 'h/?key=ab", "url = 'h/?key=**"),
        (r#"url = "wss://h/?token=${env.A}""#, r#"url = "wss://h/?token=${env.A}""#),
        (r#"url = "wss://h/?token=${env.A|dflt}x""#, r#"url = "wss://h/?token=${env.A*******""#),
        (r#"url = "wss://h/a1b2c3d4e5f6a7b8c9d0e1f2/x""#, r#"url = "wss://h/************************/x""#),
        ("a = 1 # wss://u:p@h", "a = 1 # wss://***@h"),
    ] {
        assert_eq!(shown(line), masked);
    }
}

#[test]
fn headers_are_secret_unless_they_are_known_not_to_be() {
    assert_eq!(shown("[feed.a.headers]\nX-Any = 'abc' # x"), "X-Any = '***' # x");
    assert_eq!(shown("[feed.a.headers]\n[feed.b]\nany = 'abc'"), "any = 'abc'");
    assert_eq!(shown("headers = { Origin = 'https://h', X = 'abc' }"), "headers = { Origin = 'https://h', X = '***' }");
    assert_eq!(shown("headers = {\n X = 'abc',"), " X = '***',");
    assert_eq!(shown("headers.'X-Y' = \"Bearer ${env.T}\""), "headers.'X-Y' = \"*******${env.T}\"");
    assert_eq!(shown("headers = ['Authorization: Bearer ab']"), "headers = ['************************']");
    assert_eq!(shown("endpoint.headers.X=Bearer abc"), "endpoint.headers.X=**********");
}

#[test]
fn what_is_named_like_a_secret_is_one() {
    assert_eq!(shown("token = 'a\\\\' # 'b'"), "token = '***' # 'b'");
    assert_eq!(shown("token = \"a\\\"b\" # x"), "token = \"****\" # x");
    assert_eq!(shown("token = abc def"), "token = *******");
    assert_eq!(shown("tokens = ['a', \"b\"]"), "tokens = ['*', \"*\"]");
    assert_eq!(shown("services = [\n  'x:token=ab,n=1',"), "  'x:token=**,n=1',");
    assert_eq!(shown("set = { 'a.password' = 'x', b = 'x' }"), "set = { 'a.password' = '*', b = 'x' }");
    assert_eq!(shown("frame = '{\"token\":\"ab\",\"x\":1}'"), "frame = '{\"token\":\"**\",\"x\":1}'");
    assert_eq!(shown("secret = \"\"\"a\nb\nc\"\"\" # x"), "*\"\"\" # x");
    assert_eq!(shown("secret = \"\"\"a\nb"), "*");
    assert_eq!(shown("secret = '''a'''\nname = 'b'"), "name = 'b'");
    assert_eq!(shown("secret = 'never closed\nname = 'b'"), "name = 'b'");
}

#[test]
fn what_is_no_secret_stays() {
    for line in [
        "profile = 'sub-hartbeat'",
        "when = { '/code' = 4001, '/type' = 'auth' }",
        "services = ['业务1', 'trade:BTC/USD', 'btc@trade']",
        "capture = { token = '/token', session = 'session_id' }",
        "retry = [1006, 4000]",
        "message = '${/service}'",
        "insecure = yes",
        "don't",
    ] {
        assert_eq!(shown(line), line);
    }
}

#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    for text in ["token=", "${", "a.", "{a=", "'x',", "a='''", "[", "\\", "业:", "token=''\n"] {
        for before in ["", "a = ", "a = [", "a = '", "token.a.a = ["] {
            let text = format!("{before}{}", text.repeat(100_000));
            secrets_of_line(&text, usize::MAX);
            sentence(&text);
        }
    }
}

#[test]
fn a_sentence_repeats_no_secret() {
    assert_eq!(sentence("`wss://u:p@h` is odd: `a//b@c` too"), "`wss://***@h` is odd: `a//*@c` too");
    assert_eq!(sentence("it begins with ws:// or wss://"), "it begins with ws:// or wss://");
    assert_eq!(sentence("unknown `btc@trade`"), "unknown `btc@trade`");
}
