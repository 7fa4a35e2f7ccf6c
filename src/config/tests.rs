//! Files, and what is read from them or said of them.

use super::*;

fn read(text: &str) -> Config {
    Config::parse(Source::new("config.toml", text)).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(errors: &[Diagnostic]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn errors(text: &str) -> Vec<Diagnostic> {
    match Config::parse(Source::new("config.toml", text)) {
        Ok(_) => panic!("nothing is wrong with {text}"),
        Err(errors) => errors,
    }
}

/// The only error of a text: its line, what it says and its help.
#[track_caller]
fn tells(text: &str, line: usize, message: &str, help: &str) {
    let errors = errors(text);
    let [error] = errors.as_slice() else { panic!("{}", shown(&errors)) };
    assert_eq!(error.line_and_column().0, line, "{error}");
    assert!(error.message.contains(message), "{error}");
    assert!(error.help.as_deref().unwrap_or_default().contains(help), "{error}");
}

const WHOLE: &str = r#"
[feed.market]
url = "wss://example.org/stream?token=${env.TOKEN}"
profile = "sub-heartbeat"
services = ["业务1", "业务2"]
set = { "heartbeat.after" = "20s" }
headers = { Origin = "https://example.org", Authorization = "Bearer ${file.~/token}" }
subprotocols = "v1"
group = "prices"
ca_file = "ca.pem"
client_cert = "me.pem"
client_key = "me.key"
server_name = "other.example"
proxy = "http://u:${env.PW}@proxy:3128"
insecure = true
enabled = false
[feed.market.service."业务1"]
stale = "5s"
depth = 10
key = "${env.KEY}"
[feed."second feed"]
url = "ws://h"
[ui]
color = "never"
ascii = true
fps = 10
lang = "zh-CN"
utc = true
"#;

#[test]
fn everything_is_read() {
    let config = read(WHOLE);
    let names: Vec<_> = config.feeds.iter().map(|feed| feed.name.value.as_str()).collect();
    assert_eq!(names, ["market", "second feed"]);
    let feed = config.feed("market").unwrap();
    assert_eq!(feed.url.as_ref().unwrap().value.to_string(), "wss://example.org/stream?token=${env.TOKEN}");
    assert_eq!(feed.profile.as_ref().unwrap().value, "sub-heartbeat");
    let services: Vec<_> = feed.services.iter().flatten().map(|service| service.value.to_string()).collect();
    assert_eq!(services, ["业务1", "业务2"]);
    assert_eq!(feed.sets[0].text, "heartbeat.after=\"20s\"");
    assert_eq!(feed.headers[1].0, "Authorization");
    assert_eq!(feed.headers[1].1.value.to_string(), "Bearer ${file.~/token}");
    assert_eq!(feed.subprotocols, ["v1"]);
    assert_eq!(feed.group.as_deref(), Some("prices"));
    assert_eq!(feed.ca_file.as_ref().unwrap().value, "ca.pem");
    assert_eq!(feed.client_cert.as_ref().unwrap().value, "me.pem");
    assert_eq!(feed.client_key.as_ref().unwrap().value, "me.key");
    assert_eq!(feed.server_name.as_ref().unwrap().value, "other.example");
    assert_eq!(feed.proxy.as_ref().unwrap().value.to_string(), "http://u:${env.PW}@proxy:3128");
    assert!(feed.insecure && !feed.enabled);
    let table = &feed.specs[0];
    assert_eq!((table.name.value.as_str(), table.enabled, table.stale.is_some()), ("业务1", None, true));
    let params: Vec<_> = table.params.iter().map(|(name, _)| name.value.as_str()).collect();
    assert_eq!(params, ["depth", "key"]);
    let ui = Ui {
        color: Some(When::Never),
        ascii: Some(true),
        fps: Some(10),
        lang: Some(Lang::ZhCn),
        utc: true,
        ..Ui::default()
    };
    assert_eq!(config.ui, ui);
    let second = config.feed("second feed").unwrap();
    assert!(second.enabled && !second.insecure && second.services.is_none());
}

#[test]
fn an_empty_file_is_a_configuration() {
    assert!(read("").feeds.is_empty());
    assert_eq!(read("# nothing\n").ui, Ui::default());
}

#[test]
fn defaults_stand_in_where_a_feed_is_silent() {
    let config = read(
        "[defaults]\nprofile='raw'\ngroup='g'\ninsecure=true\nservices=['x']\nset={'a.b'=1,c=2}\n\
         headers={Origin='o',X='x'}\n[defaults.service.x]\nstale='1s'\n\
         [feed.a]\nurl='ws://h'\n[feed.b]\nurl='ws://h'\nprofile='demo'\ninsecure=false\nservices=[]\nset={a={b=3}}\n\
         headers={origin='p'}\n",
    );
    let [a, b] = config.feeds.as_slice() else { panic!("two feeds") };
    let profiles: Vec<_> = [a, b].iter().map(|feed| feed.profile.as_ref().unwrap().value.as_str()).collect();
    assert_eq!(profiles, ["raw", "demo"]);
    assert_eq!((a.insecure, b.insecure), (true, false));
    assert_eq!(a.services.as_ref().unwrap().len(), 1);
    assert_eq!(b.services.as_ref().unwrap().len(), 0);
    let sets: Vec<_> = b.sets.iter().map(|set| set.text.as_str()).collect();
    assert_eq!(sets, ["a.b=1", "c=2", "a.b=3"], "the last word is the feed's");
    let headers: Vec<_> = b.headers.iter().map(|(name, value)| (name.as_str(), value.value.to_string())).collect();
    assert_eq!(headers, [("X", "x".to_owned()), ("origin", "p".to_owned())]);
    assert_eq!(b.group.as_deref(), Some("g"));
    assert_eq!(a.specs.len(), 1);
}

/// The key of another certificate would be nobody's.
#[test]
fn a_key_goes_with_its_certificate() {
    let config = read(
        "[defaults]\nclient_cert='all.pem'\nclient_key='all.key'\nproxy='none'\n[feed.a]\nurl='ws://h'\n\
         [feed.b]\nurl='ws://h'\nclient_cert='own.pem'\nproxy='http://p'\n[feed.c]\nurl='ws://h'\nclient_key='own.key'\n",
    );
    let value = |spot: &Option<Spot<String>>| spot.as_ref().map(|spot| spot.value.clone());
    let both: Vec<_> = config.feeds.iter().map(|feed| (value(&feed.client_cert), value(&feed.client_key))).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(both, [(some("all.pem"), some("all.key")), (some("own.pem"), None), (some("all.pem"), some("own.key"))]);
    let proxies: Vec<_> = config.feeds.iter().map(|feed| feed.proxy.as_ref().unwrap().value.to_string()).collect();
    assert_eq!(proxies, ["none", "http://p", "none"]);
}

#[test]
fn what_is_set_may_be_written_in_several_ways() {
    let sets = |value: &str| {
        let config = read(&format!("[feed.a]\nurl='ws://h'\n{value}\n"));
        config.feeds[0].sets.iter().map(|set| set.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(sets("set = ['heartbeat.after=20s', \"x=1\"]"), ["heartbeat.after=20s", "x=1"]);
    assert_eq!(sets("set = 'a=1'"), ["a=1"]);
    assert_eq!(sets("set.heartbeat.after = '20s'"), ["heartbeat.after='20s'"]);
    assert_eq!(sets("set = { 'a.b' = [1, 2], c = { d = true } }"), ["a.b=[1, 2]", "c.d=true"]);
    assert_eq!(sets("[feed.a.set.service.'a.b']\nstale='5s'"), ["service.\"a.b\".stale='5s'"]);
    tells("[feed.a]\nurl='ws://h'\nset=5\n", 3, "expected a table", "heartbeat.after");
    tells("[feed.a]\nurl='ws://h'\n[[feed.a.set.rule]]\nkind='x'\n", 3, "tables of its own", "one value");
}

#[test]
fn a_wrong_set_is_shown_where_it_stands() {
    let text = "[feed.a]\nurl='ws://h'\nset={ 'heartbeat.aftre' = '20s', \"reconnect.base\" = 'x y' }\n";
    let config = read(text);
    let feed = &config.feeds[0];
    let sets: Vec<_> = feed.sets.iter().map(|set| set.text.clone()).collect();
    let raw = crate::profile::bundled::find("raw").unwrap();
    let errors = crate::profile::build::load(raw, &crate::profile::bundled::find, &sets).unwrap_err();
    let told: Vec<_> = errors.into_iter().map(|error| config.retold(error, &feed.sets)).collect();
    let places: Vec<_> = told.iter().map(|error| (error.source.name.as_str(), &text[error.span.clone()])).collect();
    assert_eq!(places, [("config.toml", "aftre"), ("config.toml", "'x y'")]);
    assert_eq!(told[0].help.as_deref(), Some("did you mean `after`?"));
}

#[test]
fn every_error_is_told_at_once() {
    let errors = errors("[feed.a]\nulr='x'\n[feed.b]\nurl=5\ninsecure='yes'\n[ui]\nfps=0\nlang='de'\n[fed]\n");
    let lines: Vec<_> = errors.iter().map(|error| error.line_and_column().0).collect();
    assert_eq!(lines, [1, 2, 4, 5, 7, 8, 9], "{}", shown(&errors));
}

#[test]
fn errors_say_what_to_do() {
    let feed = |rest: &str| format!("[feed.a]\nurl='ws://h'\n{rest}\n");
    tells("[feed.a]\n", 1, "`url` is missing", "wss://HOST/PATH");
    tells("[feed.a]\nulr='ws://h'\nprofile='raw'\n", 2, "unknown key `ulr`", "`url`");
    tells("[feed.a]\nurl='h:80'\n", 2, "no WebSocket address", "ws://");
    tells("[feed.a]\nurl=['ws://h']\n", 2, "expected text, found a list", "");
    tells("[feed.'']\nurl='ws://h'\n", 1, "the name of a feed", "");
    tells("[feed]\na='ws://h'\n", 2, "expected a table", "");
    tells(&feed("url='ws://h'"), 3, "duplicate key", "");
    tells(&feed("services=[1]"), 3, "expected text, found an integer", "");
    tells(&feed("services=['']"), 3, "a service has 1 to", "");
    tells(&feed("services=['${s.name}']"), 3, "`${s.name}` is not known in the configuration", "${env.NAME}");
    tells(&feed("headers={Upgrade='x'}"), 3, "part of the WebSocket handshake", "");
    tells(&feed("headers={'a b'='x'}"), 3, "no name of a header", "");
    tells(&feed("headers={X='${id}'}"), 3, "`${id}` is not known", "");
    tells(&feed("headers={X='${env.X'}"), 3, "never closed", "");
    tells(&feed("subprotocols='a b'"), 3, "no name of a subprotocol", "");
    tells(&feed("heartbeat={after='5s'}"), 3, "unknown key `heartbeat`", "set = ");
    tells(&feed("proxies='x'"), 3, "unknown key `proxies`", "called `proxy`");
    tells(&feed("no_proxy='x'"), 3, "unknown key `no_proxy`", "proxy = \"none\"");
    tells(&feed("cert='x'"), 3, "unknown key `cert`", "`client_cert`");
    tells(&feed("proxy='http://${id}'"), 3, "`${id}` is not known in the configuration", "${env.NAME}");
    tells(&feed("server_name=''"), 3, "`server_name` is empty", "");
    tells(&feed("profile=''"), 3, "`profile` is empty", "");
    tells(&feed("[feed.a.service.x]\nstale=5"), 4, "a duration needs a unit", "5s");
    tells(&feed("[feed.a.service.x]\nname='y'"), 4, "called like its table", "");
    tells(&feed("[feed.a.service.x]\np=[1]"), 4, "no parameter", "");
    tells("[defaults]\nurl='ws://h'\n", 2, "unknown key `url`", "each feed has its own");
    tells("[defaults]\nkeys='x'\n", 2, "unknown key `keys`", "a table of their own: [keys]");
    tells("[feeds.a]\n", 1, "unknown key `feeds`", "[feed.NAME]");
    tells("url='ws://h'\n", 1, "unknown key `url`", "[feed.NAME]");
    tells("[ui]\ncolour='never'\n", 2, "unknown key `colour`", "`color`");
    tells("[ui]\ncolor='nevr'\n", 2, "unknown color", "`never`");
    tells("[ui]\nfps=61\n", 2, "out of range", "1 to 60");
}

/// Wherever a secret may stand in a file that is wrong, no error repeats it.
#[test]
fn no_error_tells_a_secret() {
    let canary = "CANARY77";
    for text in [
        "[feed.a]\nurl = 'wsx://h/?token=CANARY77'\n",
        "[feed.a]\nurl = 'wss//u:CANARY77@h'\n",
        "[feed.a]\nurl = 'CANARY77:80/?token=CANARY77'\n".replacen("CANARY77", "h", 1).as_str(),
        "[feed.a]\nurl = \"wss://h/?token=CANARY77\n",
        "[feed.a]\nurl = wss://h/?token=CANARY77\n",
        "[feed.a]\nurl = ['wss://h/?api_key=CANARY77']\n",
        "[feed.a]\nurl = 'wss://u:CANARY77@h' 'x'\n",
        "[feed.a]\nurl = 'wss://h/?token=CANARY77&x=${s.name}'\n",
        "[feed.a]\nurl = 'wss://h/?token=${env.T|CANARY77}&x=${s.name}'\n",
        "[feed.a]\nurl = 'ws://h'\nheaders = { X-Any = 'CANARY77', Upgrade = 'CANARY77' }\n",
        "[feed.a]\nurl = 'ws://h'\nheaders = { X-Any = 'CANARY77', }}\n",
        "[feed.a]\nurl = 'ws://h'\n[feed.a.headers]\n'a b' = 'CANARY77'\n",
        "[feed.a]\nurl = 'ws://h'\n[feed.a.headers]\nX = CANARY77\n",
        "[feed.a]\nurl = 'ws://h'\n[feed.a.headers]\nX = \"\"\"CANARY77\nCANARY77\"\"\"\n",
        "[feed.a]\nurl = 'ws://h'\nheaders = 'Authorization: Bearer CANARY77'\n",
        "[feed.a]\nurl = 'ws://h'\nheader = { Authorization = 'CANARY77' }\n",
        "[feed.a]\nurl = 'ws://h'\ntoken = 'CANARY77'\n",
        "[feed.a]\nurl = 'ws://h'\nservices = ['x:token=CANARY77,${id}']\n",
        "[feed.a]\nurl = 'ws://h'\nset = { 'endpoint.headers.X' = CANARY77 }\n",
        "[feed.a]\nurl = 'ws://h'\n[feed.a.service.x]\npassword = 'CANARY77${id}'\n",
        "[feed.a]\nurl = 'ws://h'\nproxi = 'http://u:CANARY77@h'\n",
        "[feed.a]\nurl = 'ws://h'\nproxy = ['http://u:CANARY77@h']\n",
        "[feed.a]\nurl = 'ws://h'\nproxy = 'http://u:CANARY77@h/${id}'\n",
    ] {
        let told = shown(&errors(text));
        assert!(!told.contains(canary), "{text}\n{told}");
    }
}

#[test]
fn what_is_wrong_is_still_seen_beside_a_secret() {
    let text = "[feed.a]\nurl = \"wss://h/?token=abc&x=${evn.X}\"\n";
    let told = shown(&errors(text));
    assert!(told.contains("url = \"wss://h/?token=***&x=${evn.X}\""), "{told}");
    assert!(told.contains("did you mean `${env.X}`?"), "{told}");
    assert!(told.contains("--> config.toml:2:29"), "{told}");
}

#[test]
fn filters_have_names_and_columns_are_chosen() {
    let config =
        read("[ui]\ncolumns = ['size', 'time']\n[filter]\nbuys = '.side = buy !@noise'\nnoise = 'kind:ack | hello'\n");
    let names: Vec<_> = config.filters.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(names, [("buys", ".side = buy !@noise"), ("noise", "kind:ack | hello")]);
    assert_eq!(config.ui.columns, Some(Columns::of(&[Column::Time, Column::Size])));
}

#[test]
fn a_wrong_filter_is_told_where_it_stands() {
    let text = "[ui]\ncolumns = ['tme']\n[filter]\na = 'x kind:dta'\n'b c' = 'x'\nd = '@none'\ne = 5\n";
    let Err(told) = Config::parse(Source::new("config.toml", text)) else { panic!("it was taken") };
    let told: Vec<_> = told.iter().map(|one| (one.line_and_column(), one.message.as_str())).collect();
    assert_eq!(told[0], ((2, 12), "unknown columns `tme`"));
    assert_eq!(told[1].0, (4, 13));
    assert!(told[1].1.starts_with("this is no filter: one of data"), "{told:?}");
    assert_eq!(told[2], ((5, 1), "`b c` cannot be the name of a filter"));
    assert_eq!(told[3], ((6, 6), "this is no filter: no saved filter has this name"));
    assert_eq!(told[4], ((7, 5), "expected text, found an integer"));
}

#[test]
fn alarms_are_what_the_user_says() {
    use crate::event::alarm::{Cause, Quiet};
    let text = "[alarm]\non = [\"gap\"]\nafter = \"3s\"\nbell = false\ncommand = \"beep\"\nquiet = \"22:00-07:00\"\n";
    let rules = Config::parse(Source::new("c.toml", text)).unwrap().alarm.unwrap();
    assert_eq!((rules.on.as_slice(), rules.after.as_secs(), rules.bell), (&[Cause::Gap][..], 3, false));
    assert_eq!((rules.command, rules.quiet), (vec!["beep".to_owned()], vec![Quiet { from: 1320, to: 420 }]));
    assert!(Config::parse(Source::new("c.toml", "[ui]\n")).unwrap().alarm.is_none());
    for wrong in ["on = [\"up\"]", "quiet = \"22-7\"", "command = []", "bel = true"] {
        assert!(Config::parse(Source::new("c.toml", format!("[alarm]\n{wrong}\n"))).is_err(), "{wrong}");
    }
}

#[test]
fn themes_are_read_and_chosen() {
    use crate::app::theme::bundled;
    use crate::app::tint::{Rgb, Tint};

    let config = read("[ui]\ntheme = 'mine'\n[theme.mine]\nlike = 'day'\ngood = '#010203'\n");
    let mine = config.themes.chosen().unwrap();
    let day = bundled().into_iter().find(|theme| theme.name == "day").unwrap();
    assert_eq!(mine.tints, day.tints.with(Tint::Good, Rgb(1, 2, 3)));
    // What is not said follows the ground.
    let config = read("[theme.a]\nground = '#fefefe'\n[theme.b]\nground = '#020202'\n[theme.night]\ndead = '#ff0000'");
    let tints = |name: &str| config.themes.all.iter().find(|theme| theme.name == name).unwrap().tints;
    assert_eq!(tints("a").of(Tint::Plain), day.tints.of(Tint::Plain));
    assert!(tints("b").is_dark() && config.themes.chosen().is_none());
    assert_eq!(tints("night").of(Tint::Dead), Rgb(255, 0, 0));
    assert_eq!(config.themes.all.iter().filter(|theme| theme.name == "night").count(), 1);
    assert_eq!(read("").themes.all, bundled());
}

#[test]
fn wrong_themes_are_told() {
    tells("[ui]\ntheme = 'nihgt'\n", 2, "unknown theme `nihgt`", "`night`");
    tells("theme = 'night'\n", 1, "chosen in [ui]", "theme = \"night\"");
    tells("[theme.x]\ngood = 'red'\n", 2, "`red` is no colour", "#rrggbb");
    tells("[theme.x]\ngodo = '#000000'\n", 2, "unknown key `godo`", "`good`");
    tells("[theme.x]\nlike = 'nite'\n", 2, "unknown like `nite`", "");
    tells("[theme.terminal]\n", 1, "no theme can be called `terminal`", "");
    tells("[themes.x]\n", 1, "unknown key `themes`", "[theme.NAME]");
    tells("[ui]\ncolors = 1\n", 2, "unknown key `colors`", "[theme.NAME]");
}
