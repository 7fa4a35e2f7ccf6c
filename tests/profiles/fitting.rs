//! Broken profiles whose parts are right one by one and do not fit each other, and what is told of each.

use std::time::Duration;

use wirebeat::profile::build::check;
use wirebeat::profile::diagnostic::Severity;
use wirebeat::profile::{Interval, bundled};

use super::broken::tells;
use super::{file, read};

const ACK: &str = "[[rule]]\nwhen={'/type'='ok'}\nkind='ack'\n";

#[test]
fn acks_are_known_in_one_way_that_can_work() {
    let sub = |rest: &str| format!("{ACK}[subscribe]\nframe='{{\"s\":\"${{s.name}}\",\"id\":${{id}}}}'\n{rest}\n");
    tells(&sub("ack={id='/id',order=true}"), 7, "known in one way", "{ order = true }");
    tells(&sub("ack={}"), 7, "known in one way", "");
    tells(&sub("ack='id'"), 7, "unknown ack `id`", "{ id = \"/id\" }");
    tells(&sub("ack={id='${/id}'}"), 7, "no JSON pointer", "");
    tells(&sub("ack={id='#prefix.ack'}"), 7, "the prefix has no group `ack`", "[codec] prefix");
    tells(&sub("ack={key='${s.name}'}"), 7, "is not known in the key of an ack", "${/pointer}");
    tells(&sub("ack={id='/id',sid='/x'}"), 7, "unknown key `sid`", "stands beside");
    tells(&sub("ack={contains={item='${@}'}}"), 7, "`list` is missing", "/channels");
    tells(&sub("ack={contains={list='/l'}}"), 7, "`item` is missing", "${@/name}");
    tells(&sub("ack={contains={list='/l',item='${s.name}'}}"), 7, "not known in an item of an ack", "${@key}");
    tells(&sub("sid='/result'"), 7, "no ack to take", "ack = { id");
    tells(&sub("ack_timeout='5s'"), 7, "no ack is waited for", "ack = { id");
    tells(&sub("live_on='ready'"), 7, "unknown live_on `ready`", "sent, ack, data");
    tells("[subscribe]\nframe='[${id}]'\nack={id='/id'}\n", 4, "no rule makes one", "kind = \"ack\"");
    tells(&format!("{ACK}[subscribe]\nframe='1'\nack={{id='/id'}}\n"), 7, "no request number is sent", "${id}");
    tells(&sub("id='string'"), 7, "unknown id `string`", "number, text, uuid");
    assert!(read(file(&sub("ack={contains={list='/l',item='${@/n}:${@}',items='/of'}}")), &[]).is_ok());
    assert!(read(file(&sub("ack={key='${/channel}'}\nsid='/chan'")), &[]).is_ok());
}

#[test]
fn shares_stand_in_a_frame_for_several() {
    let sub = |rest: &str| format!("[subscribe]\n{rest}\n");
    tells(&sub("frame='[${args}]'"), 3, "there is no `arg`", "what one service's share");
    tells(&sub("frame='[1]'\narg='\"${s.name}\"'"), 4, "the frame does not use it", "${args}");
    tells(&sub("frame='[1]'\nbatch=5"), 4, "has no `${args}`", "`arg`");
    tells(&sub("frame='[${args}]'\narg='${s.name'"), 4, "never closed", "");
    tells(&sub("frame='[${args}]'\narg='{${s.name}}'"), 4, "not JSON", "");
    tells(&sub("frame='[${args}]'\narg='${args}'"), 4, "not known in the share", "${s.PARAM}");
    tells(&sub("frame='[\"${s.name}\"]'\nwhole=true"), 4, "there is no `arg`", "${args}");
    tells(&sub("frame='[${args}]'\narg='1'\nbatch=0"), 5, "out of range", "1 to 10000");
    // What is joined as text need not be JSON.
    let joined = read(file(&sub("frame='{\"s\":\"${args}\"}'\narg='T.${s.name}'\njoin=','\nbatch=50")), &[]).unwrap();
    assert!(!joined.subscribe.unwrap().arg.unwrap().json);
}

#[test]
fn ids_are_learned_before_they_are_used() {
    let unsub = "[unsubscribe]\nframe='[${sub.sid}]'\n";
    tells(&format!("[subscribe]\nframe='1'\n{unsub}"), 5, "is nowhere learned", "sid = \"/result\"");
    tells("[subscribe]\nframe='[${sub.sid}]'\n", 3, "not known in [subscribe]", "");
    tells("[route]\nvia='sid'\nmessage='${/0}'\n", 3, "is nowhere learned", "sid = \"/result\"");
    tells("[route]\nvia='id'\nmessage='${/id}'\n", 3, "no request number is sent", "${id}");
    tells("[route]\nvia='id'\n", 2, "`message` is missing", "${/id}");
    let good = format!(
        "{ACK}[subscribe]\nframe='[${{id}}]'\nack={{id='/id'}}\nsid='/sid'\n[route]\nvia='sid'\nmessage='${{/0}}'\n{unsub}"
    );
    assert!(read(file(&good), &[]).is_ok());
}

#[test]
fn values_are_captured_before_they_are_used() {
    let steps = "[[handshake]]\nexpect={'/op'=10}\n[[handshake]]\nsend='[${v.a}]'\nexpect={'/op'=0}\n";
    tells(&format!("{steps}capture={{a='/a'}}\n"), 5, "not captured when this is sent", "the steps before it");
    tells(steps, 5, "no rule or step captures `a`", "capture = { a");
    let resumed =
        "[[handshake]]\nsend='1'\nresume='[${v.seq}]'\nexpect={'/op'=0}\n[[rule]]\nwhen={'/op'=0}\nkind='data'\n";
    tells(&format!("{resumed}capture={{seq='/s'}}\n"), 4, "not captured when", "lasting = true");
    assert!(read(file(&format!("{resumed}capture={{seq={{at='/s',lasting=true}}}}\n")), &[]).is_ok());
    let url = |url: &str, capture: &str| {
        format!("[endpoint]\n{url}\n[[rule]]\nwhen={{'/x'=1}}\nkind='data'\ncapture={capture}\n")
    };
    let lasting = "{c={at='/c',lasting=true}}";
    tells(&url("url='wss://h/?c=${v.c}'", "{c='/c'}"), 3, "not captured when", "forgotten with its link");
    tells(&url("url='wss://h/?c=${v.c}'", lasting), 3, "before the first dial", "${v.c|..}");
    assert!(read(file(&url("url='wss://h/?c=${v.c|0}'", lasting)), &[]).is_ok());
    assert!(read(file(&url("resume_url='${v.c}'", lasting)), &[]).is_ok());
    tells("[heartbeat]\nafter='${v.ms} ms'\nws_ping=true\n", 3, "no rule or step captures `ms`", "");
    tells(
        "[receive]\ntimeout='${v.a}+${v.b} s'\n[[rule]]\nwhen={'/a'=1}\nkind='hello'\ncapture={a='/a'}\n",
        3,
        "`b`",
        "",
    );
    // A program says under which names it answers only when it is run.
    let run =
        "commands=['x']\n[[handshake]]\nrun=['x']\nsend='${v.key}'\n[heartbeat]\nafter='${v.ms} ms'\nws_ping=true\n";
    assert!(read(file(run), &[]).is_ok());
}

#[test]
fn intervals_are_sums_with_a_unit() {
    let beat = |after: &str| {
        format!(
            "[[rule]]\nwhen={{'/a'=1}}\nkind='hello'\ncapture={{a='/a',b='/b'}}\n[heartbeat]\nws_ping=true\nafter='{after}'\n"
        )
    };
    for after in [
        "${v.a}",
        "${v.a} min",
        "${v.a} + x s",
        "${v.a} + 8d s",
        "${v.a}-${v.b} s",
        "${v.a}${v.b} s",
        "${a} s",
        "${v.a|5} s",
        "5s ${v.a}",
        "${v.a s",
    ] {
        tells(&beat(after), 8, "is no length of time", "${v.interval} ms");
    }
    assert!(read(file(&beat("${v.a} + ${v.b} ms")), &[]).is_ok());
    assert!(read(file(&beat("${v.a}s")), &[]).is_ok());
    for more in ["${v.a}+1500 ms", "1.5+${v.a} s", "${v.a}+1+0.5 s"] {
        let beat = read(file(&beat(more)), &[]).unwrap().heartbeats.remove(0);
        let Interval::Captured { names, more, .. } = beat.after else { panic!() };
        assert_eq!((names.len(), more), (1, Duration::from_millis(1500)));
    }
}

#[test]
fn logins_say_and_wait() {
    let step = |rest: &str| format!("[[handshake]]\n{rest}\n");
    tells(&step("timeout='5s'"), 3, "without `expect`", "expect = {");
    tells(&step(""), 2, "`send` or `expect` is missing", "says something, waits for something");
    tells(&step("send='1'\ncapture={a='/a'}"), 4, "`capture` without `expect`", "");
    tells(&step("frame='1'\nsend='1'"), 3, "unknown key `frame`", "here it is called `send`");
    tells(&step("send='[${s.name}]'"), 3, "not known in [[handshake]]", "${v.CAPTURE}");
    tells(&step("expect={'/a'=1}\ncapture={a={lasting=true}}"), 4, "`at` is missing", "lasting = true");
    tells(&step("expect={'/a'=1}\ncapture={'a-b'='/a'}"), 4, "is no name", "");
    tells(&step("run=['sign']"), 3, "program `sign` is not named", "commands = [\"sign\"]");
    tells(&step("run='sign me'"), 3, "expected a list", "no shell");
    tells(&format!("commands=['sign']\n{}", step("run=['${uuid}']")), 4, "written out", "");
    tells(&step("send='1'\nrun_timeout='1s'"), 4, "nothing is run", "run = [");
}

#[test]
fn programs_are_run_where_their_values_are_used() {
    let dial = |rest: &str| format!("commands=['x']\n[endpoint]\nrun=['x']\n{rest}\n");
    // It says under which names it answers only when it is run.
    let all = "url='${v.url}'\nresume_url='${v.again}'\nheaders={A='${v.a}'}\n[[handshake]]\nsend='[${v.b}]'\n\
               [receive]\ntimeout='${v.c} s'\n[subscribe]\nframe='[${v.d}]'\n";
    assert!(read(file(&dial(all)), &[]).is_ok());
    tells("[endpoint]\nrun=['x']\n", 3, "program `x` is not named", "commands = [\"x\"]");
    tells("commands=['x']\n[endpoint]\nrun=['x','${v.a}']\n", 4, "no rule or step captures `a`", "");
    tells("commands=['x']\n[endpoint]\nrun=['x','${s.name}']\n", 4, "not known in endpoint.run", "${env.NAME}");
    tells("[endpoint]\nrun_timeout='1s'\n", 3, "nothing is run", "run = [");
    let ask = |words: &str, rest: &str| format!("commands=['x']\n[subscribe]\nrun=['x'{words}]\n{rest}\n");
    assert!(read(file(&ask(",'${s.name}','${now_ms}'", "frame='[${v.a}]'")), &[]).is_ok());
    tells(&ask(",'${id}'", "frame='[1]'"), 4, "not known in the program before a frame", "${s.name}");
    tells(&ask(",'${sub.sid}'", "frame='[1]'"), 4, "not known in the program before a frame", "${s.name}");
    tells(&ask("", "frame='[${args}]'\narg='1'\nwhole=true"), 4, "a program is run for", "did not change");
    // What it says is for the frames that it is run before.
    let elsewhere = "frame='[1]'\n[unsubscribe]\nframe='[${v.a}]'";
    tells(&ask("", elsewhere), 7, "no rule or step captures `a`", "");
    tells(&ask("", "frame='[1]'\n[heartbeat]\nafter='5s'\nsend='[${v.a}]'"), 8, "no rule or step", "");
}

#[test]
fn what_is_said_of_a_profile_is_checked() {
    tells("checked='november'\n", 2, "is no month", "2026-11");
    tells("checked='2026-13'\n", 2, "is no month", "");
    tells("proof='trust me'\n", 2, "is no proof", "server: NAME VERSION");
    tells("consume=true\n", 2, "from whom is not said", "exclusive = ");
    tells("exclusive=''\nconsume=true\n", 3, "from whom is not said", "");
}

#[test]
fn frames_are_cut_in_ways_that_can_work() {
    let codec = |rest: &str| format!("[codec]\n{rest}\n");
    tells(&codec("decompress='gz'"), 3, "unknown decompress `gz`", "gzip");
    tells(&codec("format='jsn'"), 3, "unknown format `jsn`", "`json`");
    tells(&codec("prefix='([0-9'"), 3, "no regular expression", "");
    tells(&codec("prefix='(?P<a>[0-9])'"), 3, "begins with `^`", "");
    tells(&codec("each='/a/*/b/*/c'"), 3, "more than one `*`", "/updates/*/values");
    tells(&codec("each='/a/*'"), 3, "nothing follows the `*`", "each = \"/a\"");
    tells(&codec("each='@/a'"), 3, "into the whole message", "");
    tells("[route]\nmessage='${/a/*/b}'\n", 3, "has a `*`", "codec.each only");
    tells("[time]\nat='/a/*/b'\n", 3, "has a `*`", "codec.each only");
    tells("[[rule]]\nkind='data'\nwhen={'/a/*'=1}\n", 4, "has a `*`", "codec.each only");
    tells("[codec]\neach='/a'\n[time]\nat='@/../t'\n", 5, "no item is around", "/updates/*/values");
    assert!(read(file("[codec]\neach='/a/*/b'\n[time]\nat='@/../t'\n"), &[]).is_ok());
    tells("[[rule]]\nkind='data'\nwhen={'@type'=1}\n", 4, "is no JSON pointer", "/type");
    tells("[route]\nmessage='${@key}'\n", 3, "no members that have a name", "members = true");
    tells("[route]\nmessage='${#prefix.ns}'\n", 3, "the prefix has no group `ns`", "[codec] prefix");
    tells("[codec]\nprefix='^(?P<ns>.)'\n[route]\nmessage='${#prefix.nz}'\n", 5, "no group `nz`", "`#prefix.ns`");
    let root = read(file(&codec("members=true")), &[]).unwrap().codec;
    assert!(root.members && root.each.unwrap().segments.is_empty());
    let keyed = "[codec]\nprefix='^(?P<ns>.)'\nmembers=true\n[route]\nmessage='${#prefix.ns}:${@key}'\n";
    assert!(read(file(keyed), &[]).is_ok());
}

#[test]
fn names_of_services_fit_their_pattern() {
    let route = |name: &str| format!("[route]\nservice_name='{name}'\n");
    tells(&route("${a}${b}"), 3, "nothing separates", "${channel}:${symbol}");
    tells(&route("all"), 3, "no parameter in it", "");
    tells(&route("${v.a}"), 3, "is no parameter of a service", "");
    let sub = "[subscribe]\nframe='[\"${s.channel}\"]'\n[service.'trade:BTC']\n";
    let found = read(file(&format!("{}{sub}", route("${channel}:${symbol}"))), &[]).unwrap();
    assert_eq!(found.services[0].params["channel"], "trade");
    tells(sub, 4, "has no `channel`", "");
    tells("[[rule]]\nwhen={'/a'=1}\nkind='data'\nroute={service='x'}\n", 5, "unknown key `service`", "[route] service");
    tells("[route.map.'type']\na='b'\n", 2, "no JSON pointer", "is `/type` meant?");
    tells("[route.map.'/type']\na=1\n", 3, "expected text, found an integer", "");
}

#[test]
fn numbers_have_the_places_of_their_rule() {
    let sequence = |rest: &str| format!("[[sequence]]\n{rest}\n");
    tells(&sequence("rule='range'\nfirst='/U'"), 2, "`first` or `last` is missing", "first = \"/U\" and last");
    tells(&sequence("rule='link'\nat='/u'"), 2, "`prev` or `at` is missing", "prev = \"/pu\"");
    tells(&sequence("at='/n'\nprev='/p'"), 4, "this rule has no `prev`", "");
    tells(&sequence("rule='range'\nfirst='/U'\nlast='/u'\nat='/n'"), 6, "this rule has no `at`", "");
    tells(&sequence("at='/n'\nscope='connection'"), 4, "unknown scope `connection`", "\"link\"");
    tells(&sequence("at='/n'\nscope='${s.name}'"), 4, "not known in the scope", "${/pointer}");
    tells(&sequence("at='/n'\nkey='/x'"), 4, "unknown key `key`", "scope = ");
    tells(&sequence("at='/n'\nrule='incremnt'"), 4, "unknown rule `incremnt`", "`increment`");
}

#[test]
fn ends_and_bounds_are_checked() {
    tells("[close]\ndead_code=1006\n", 3, "no code to close a link with", "3000 to 4999");
    tells("[[close.http]]\nstatus=[200]\naction='stop'\n", 3, "no statuses of a refusal", "300 to 599");
    tells("[[close.http]]\naction='stop'\n", 2, "`status` is missing", "");
    tells("[[close.rule]]\ncodes='*'\naction='retry now'\n", 4, "unknown action", "`retry-now`");
    tells("[reconnect]\nbase='1s'\nsteps=['1s']\n", 3, "both given", "keep one");
    tells("[limits]\nsend='5'\n", 3, "is no rate", "\"5/1s\"");
    tells("[limits]\nsend='0/1s'\n", 3, "is no rate", "");
    tells("[limits]\nsend_counts_ping=true\n", 3, "nothing is counted", "send = ");
    tells("[limits]\nlifetime='1h'\nlifetime_margin='2h'\n", 4, "as long as the life", "3600s");
    tells("[heartbeat]\nmode='listen'\n", 3, "unknown mode `listen`", "[receive] timeout");
    tells("[[test]]\nframe_base64='?'\nrows=[]\n", 3, "not base64", "");
    tells("[[test]]\nframe='x'\nrows=[{kind='ignore'}]\n", 4, "unknown kind `ignore`", "nothing is hidden");
    tells("[[test]]\nframe='x'\nrows=[{kind='data',time='noon'}]\n", 4, "this is no time", "milliseconds");
    tells("[endpoint]\nwithhold=['Upgrade']\n", 3, "no header that may be left out", "Origin");
    tells(
        "[endpoint]\nwithhold=['Sec-WebSocket-Extensions']\n",
        3,
        "no header that may be left out",
        "compression = false",
    );
}

/// What `check` tells of a file that can be loaded.
fn warnings(text: &str) -> Vec<(usize, String)> {
    let (profile, told) = check(file(text), &bundled::find, &[]);
    assert!(profile.is_some());
    assert!(told.iter().all(|one| one.severity == Severity::Warning && one.to_string().starts_with("warning: ")));
    assert!(read(file(text), &[]).is_ok());
    told.into_iter().map(|one| (one.line_and_column().0, one.message)).collect()
}

#[test]
fn rules_that_no_message_comes_to_are_told() {
    let rules = |whens: &[&str]| {
        whens.iter().fold(String::new(), |text, when| text + &format!("[[rule]]\nwhen={when}\nkind='data'\n"))
    };
    let late = |whens: &[&str]| -> Vec<usize> { warnings(&rules(whens)).into_iter().map(|(line, _)| line).collect() };
    for whens in [
        ["{}", "{'/a'=1}"],
        ["{'/a'=1}", "{'/a'=1,'/b'=2}"],
        ["{'/a'=[1,2]}", "{'/a'=2}"],
        ["{'/a'={exists=true}}", "{'/a'='x'}"],
        ["{'/a'={exists=true}}", "{'/a'={re='x'}}"],
        ["{'/a'={not=1}}", "{'/a'=2}"],
        ["{'/a'={not=1}}", "{'/a'={exists=false}}"],
        ["{'/a'={re='^p'}}", "{'/a'=['ping','pong']}"],
        ["{'/a'={null=true}}", "{'/a'={null=true},'/b'=1}"],
    ] {
        assert_eq!(late(&whens), [5], "{whens:?}");
    }
    for whens in [
        ["{'/a'=1,'/b'=2}", "{'/a'=1}"],
        ["{'/a'=1}", "{'/b'=1}"],
        ["{'/a'=1}", "{'/a'='1'}"],
        ["{'/a'=1}", "{'/a'=[1,2]}"],
        ["{'/a'={not=1}}", "{'/a'=[1,2]}"],
        ["{'/a'={re='^p'}}", "{'/a'=['ping','x']}"],
        ["{'/a'={exists=false}}", "{'/a'={not=1}}"],
        ["{'/a'='x'}", "{'@/a'='x'}"],
        ["{'#text'='x'}", "{'#text'={re='x'}}"],
    ] {
        let each = format!("[codec]\neach='/l'\n{}", rules(&whens));
        assert!(warnings(&each).is_empty(), "{whens:?}");
    }
    let told = warnings(&rules(&["{'/a'=1}", "{'/b'=1}", "{'/b'=1,'/a'=3}", "{'/a'=1}"]));
    assert_eq!(told.len(), 2);
    assert!(told[0].0 == 8 && told[0].1.ends_with("the one on line 5 matches all that it does"), "{told:?}");
    assert!(told[1].0 == 11 && told[1].1.contains("line 2"));
}

#[test]
fn a_secret_on_an_open_link_is_told() {
    let url = |url: &str| format!("env=['T']\n[endpoint]\nurl='{url}/?t=${{env.T}}'\n");
    let told = warnings(&url("ws://example.org"));
    assert_eq!((told[0].0, told.len()), (4, 1));
    assert!(warnings(&url("wss://example.org")).is_empty() && warnings(&url("ws://127.0.0.1:9")).is_empty());
}
